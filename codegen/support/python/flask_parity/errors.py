"""``abort`` and error handlers, looked up as Flask does."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .context import current
from .multidict import MissingKey
from .responses import reply
from .routing import allowed_methods
from .wire import DESCRIPTIONS, error_page, status_name


class HTTPError(HTTPException):
    """An error with a page; has the attributes that handlers read."""

    def __init__(self, status_code: int, detail: str = "", headers: Any = None) -> None:
        # Starlette would put the phrase of the status where Flask has a sentence of its own.
        super().__init__(status_code, detail, headers)

    @property
    def code(self) -> int:
        return self.status_code

    @property
    def name(self) -> str:
        return status_name(self.status_code)

    @property
    def description(self) -> str:
        return self.detail or DESCRIPTIONS.get(self.status_code, "")

    def __str__(self) -> str:
        return f"{self.code} {self.name}: {self.description}"


class _Answer(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response


def abort(status: int | Response, description: str | None = None) -> NoReturn:
    """Ends the request with a status and its page, or with a response."""
    if isinstance(status, Response):
        raise _Answer(status)
    raise HTTPError(status, description or "")


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
    if isinstance(error, HTTPException) and not isinstance(error, HTTPError):
        phrase = HTTPStatus(error.status_code).phrase
        detail = "" if error.detail == phrase else str(error.detail)
        return HTTPError(error.status_code, detail, error.headers)
    return error


async def answer(request: Request, error: Exception) -> Response:
    """The response to an error: blueprint before app, status before class, nearest class first."""
    if isinstance(error, _Answer):
        return error.response
    error = _normal(error)
    state = current()
    app = request.app
    code = getattr(error, "status_code", None)
    if code == 405:
        methods = allowed_methods(app, request.scope)
        allow = ", ".join(sorted(methods | {"OPTIONS"}))
        if request.method == "OPTIONS":
            return HTMLResponse("", 200, {"allow": allow})
        error.headers = {"allow": allow}  # type: ignore[attr-defined]
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
        headers = getattr(error, "headers", None)
        return HTMLResponse(error_page(code, getattr(error, "detail", "") or None), code, headers)
    # Not an HTTP error and nobody's: a test sees it (flask.Flask.handle_exception).
    test = request.scope.get("flask_parity.test")
    if test is not None and test.propagates:
        raise error
    # Otherwise a 500, which handlers of 500 still see.
    for table in tables:
        if handler := table.get(500):
            wrapped = HTTPError(500)
            wrapped.original_exception = error  # type: ignore[attr-defined]
            return await _call(state, handler, wrapped)
    return HTMLResponse(error_page(500), 500)


async def _call(state: Any, handler: Callable[..., Any], error: Exception) -> Response:
    result = await state.call(handler, error)
    return result if isinstance(result, Response) else reply(result)
