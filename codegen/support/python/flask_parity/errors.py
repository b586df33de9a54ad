"""``abort`` and error handlers, looked up as Flask does."""

from collections.abc import Callable
from typing import Any

from . import exceptions
from .context import current
from .exceptions import abort as abort
from .ground import HTTPException, Request, Response
from .routing import allowed_methods, with_slash


def HTTPError(status_code: int, detail: str = "", headers: Any = None) -> exceptions.HTTPException:
    """The error of a status, with a sentence and headers of its own if they are given."""
    return exceptions.from_starlette(HTTPException(status_code, detail, headers))


def errorhandler(owner: Any, key: int | type[Exception]) -> Callable[..., Any]:
    """Registers a handler for a status or an exception class on the app or a router."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        owner.__dict__.setdefault("parity_errors", {})[_key(key)] = function
        return function

    return register


def app_errorhandler(router: Any, key: int | type[Exception]) -> Callable[..., Any]:
    """From a router: a handler for the whole app."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        router.__dict__.setdefault("parity_app_errors", {})[_key(key)] = function
        return function

    return register


def register_error_handler(
    owner: Any, key: int | type[Exception], function: Callable[..., Any]
) -> None:
    """The same as a call."""
    errorhandler(owner, key)(function)


def _key(key: Any) -> Any:
    """A status means its own class of errors; classes of a status are looked up by it."""
    if isinstance(key, int):
        return (key, exceptions.default_exceptions[key])
    code = getattr(key, "code", None)
    return (code, key) if isinstance(code, int) else key


def is_expected(error: Exception) -> bool:
    """Whether an error is an HTTP error, an answer of its own."""
    return isinstance(error, HTTPException)


def _normal(error: Exception) -> Exception:
    """Starlette's own errors with Flask's attributes; a missing key as the 400 that it is."""
    return exceptions.from_starlette(error) if isinstance(error, HTTPException) else error


async def answer(request: Request, error: Exception, last: bool = False) -> Response:
    """The response to an error: status before class, blueprint before app, nearest class first.

    An error that nobody handles is raised; with ``last`` it is a 500, which handlers still see.
    """
    state = current()
    error = _normal(error)
    if isinstance(error, exceptions.RequestRedirect):
        return error.get_response()  # type: ignore[no-any-return]
    if isinstance(error, exceptions.HTTPException) and error.code is None:
        return error.get_response()  # type: ignore[no-any-return]
    code = getattr(error, "status_code", None) if isinstance(error, HTTPException) else None
    if code == 405 and state.route is None:
        if (target := with_slash(request.app, request.scope)) is not None:
            return exceptions.RequestRedirect(target).get_response()  # type: ignore[no-any-return]
        allow = sorted(allowed_methods(request.app, request.scope) | {"OPTIONS"})
        error = exceptions.MethodNotAllowed(allow, error.description)  # type: ignore[attr-defined]
    if not last:
        handler = find_handler(request.app, state, error, code)
        if handler is not None:
            return await _call(state, handler, error)
        if code:
            return error.get_response()  # type: ignore[attr-defined, no-any-return]
        raise error
    wrapped = exceptions.InternalServerError(original_exception=error)
    handler = find_handler(request.app, state, wrapped, 500)
    if handler is not None:
        return await _call(state, handler, wrapped)
    return wrapped.get_response()  # type: ignore[no-any-return]


def find_handler(app: Any, state: Any, error: Exception, code: int | None) -> Any:
    """What handles an error, None if nothing does (flask.sansio.app.App._find_error_handler)."""
    tables = []
    name = state.route.name.rpartition(".")[0] if state.route is not None else ""
    while name:
        if (table := app.state.hooks.errors.get(name)) is not None:
            tables.append(table)
        name = name.rpartition(".")[0]
    tables.append(app.__dict__.get("parity_errors", {}))
    classes = type(error).__mro__
    if code:
        for table in tables:
            for cls in classes:
                if (code, cls) in table:
                    return table[(code, cls)]
    for table in tables:
        for cls in classes:
            if cls in table:
                return table[cls]
    return None


async def _call(state: Any, handler: Callable[..., Any], error: Exception) -> Response:
    result = await state.call(handler, error)
    return result if isinstance(result, Response) else state.reply(result)
