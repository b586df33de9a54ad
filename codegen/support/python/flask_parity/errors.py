"""``abort`` and error handlers, looked up as Flask does."""

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from . import exceptions
from .context import current
from .exceptions import abort as abort
from .multidict import MissingKey
from .responses import reply
from .routing import allowed_methods
from .wire import error_page


def HTTPError(status_code: int, detail: str = "", headers: Any = None) -> exceptions.HTTPException:
    """The error of a status, with a sentence and headers of its own if they are given."""
    return exceptions.from_starlette(HTTPException(status_code, detail, headers))


def errorhandler(owner: Any, key: int | type[Exception]) -> Callable[..., Any]:
    """Registers a handler for a status or an exception class on the app or a router."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        owner.__dict__.setdefault("parity_errors", {})[key] = function
        return function

    return register


def app_errorhandler(router: Any, key: int | type[Exception]) -> Callable[..., Any]:
    """From a router: a handler for the whole app."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        router.__dict__.setdefault("parity_app_errors", {})[key] = function
        return function

    return register


def _normal(error: Exception) -> Exception:
    """Starlette's own errors with Flask's attributes; a missing key as the 400 that it is."""
    if isinstance(error, MissingKey):
        return HTTPError(400)
    return exceptions.from_starlette(error) if isinstance(error, HTTPException) else error


async def answer(request: Request, error: Exception) -> Response:
    """The response to an error: blueprint before app, status before class, nearest class first."""
    error = _normal(error)
    if isinstance(error, exceptions.HTTPException) and error.code is None:
        return error.get_response()  # of abort(response)
    state = current()
    app = request.app
    code = getattr(error, "status_code", None)
    if code == 405:
        methods = allowed_methods(app, request.scope)
        allow = ", ".join(sorted(methods | {"OPTIONS"}))
        if request.method == "OPTIONS":
            return HTMLResponse("", 200, {"allow": allow})
        error = exceptions.MethodNotAllowed(allow.split(", "), error.description)  # type: ignore[attr-defined]
    endpoint = getattr(request.scope.get("route"), "name", None) or ""
    blueprint = endpoint.rpartition(".")[0]
    tables = [app.__dict__.get("parity_errors", {})]
    if blueprint and code != 405:
        tables.insert(0, app.state.hooks.errors.get(blueprint, {}))
    classes = [c for c in type(error).__mro__ if issubclass(c, Exception)]
    for keys in ([code] if code else [], classes):
        for table in tables:
            for key in keys:
                if handler := table.get(key):
                    return await _call(state, handler, error)
    if code:
        return error.get_response()  # type: ignore[attr-defined]
    # Not an HTTP error and nobody's: a 500, which handlers of 500 still see.
    for table in tables:
        if handler := table.get(500):
            wrapped = exceptions.InternalServerError(original_exception=error)
            return await _call(state, handler, wrapped)
    return HTMLResponse(error_page(500), 500)


async def _call(state: Any, handler: Callable[..., Any], error: Exception) -> Response:
    result = await state.call(handler, error)
    return result if isinstance(result, Response) else reply(result)
