"""The Flask app inside a port: shares configuration, templates, URLs and hooks with it."""

import asyncio
import functools
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import flask
import werkzeug.exceptions
import werkzeug.routing

from .ground import (
    Convertor,
    HTTPException,
    Mount,
    Response,
    StringConvertor,
    compile_path,
    register_url_convertor,
)
from .responses import PlainResponse
from .routing import registered

#: Converters that mean the same in both routings.
_SAME = ("int", "float", "path", "uuid")


class EmbeddedFlask(flask.Flask):
    """Takes what the port's code returns and raises, beside what Flask code does."""

    def __init__(self, port: Any) -> None:
        state = port.state
        self._port_config = state.config
        super().__init__(
            state.import_name,
            static_folder=None,
            instance_path=state.instance_path,
            root_path=state.root_path,
        )
        #: What the port's code reaches through ``current_app.state``.
        self.state = state
        self.port = port
        self.__dict__["jinja_env"] = state.templates
        if (extensions := getattr(state, "extensions", None)) is not None:
            self.extensions = extensions
        if (logger := getattr(state, "logger", None)) is not None:
            self.__dict__["logger"] = logger
        if (ours := getattr(state, "json", None)) is not None:
            for name in ("sort_keys", "ensure_ascii", "compact", "mimetype"):
                if hasattr(ours, name):
                    setattr(self.json, name, getattr(ours, name))

    def make_config(self, instance_relative: bool = False) -> Any:
        for key, value in self.default_config.items():
            self._port_config.setdefault(key, value)
        return self._port_config

    def make_response(self, rv: Any) -> Any:
        if isinstance(rv, Response):
            rv = to_flask(rv)
        elif isinstance(rv, tuple) and rv and isinstance(rv[0], Response):
            rv = (to_flask(rv[0]), *rv[1:])
        return super().make_response(rv)

    def handle_user_exception(self, e: Exception) -> Any:
        if (answer := getattr(e, "response", None)) is not None and isinstance(answer, Response):
            return to_flask(answer)
        if isinstance(e, HTTPException):
            handler = self._find_error_handler(e, flask.request.blueprints)
            if handler is not None:
                return self.ensure_sync(handler)(e)
            e = to_werkzeug(e)
        return super().handle_user_exception(e)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Coroutines run on the port's loop, where the port's own do."""
        loop = getattr(self.state, "relay_loop", None)
        if loop is None or not inspect.iscoroutinefunction(func):
            return super().ensure_sync(func)

        @functools.wraps(func)
        def run(*args: Any, **kwargs: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(func(*args, **kwargs), loop).result()

        return run

    def process_response(self, response: Any) -> Any:
        response = super().process_response(response)
        return to_flask(response) if isinstance(response, Response) else response


def to_werkzeug(error: HTTPException) -> werkzeug.exceptions.HTTPException:
    """An error of the port as Werkzeug's of the same status."""
    found = werkzeug.exceptions.default_exceptions.get(error.status_code)
    description = getattr(error, "description", None) or None
    if found is None:
        made = werkzeug.exceptions.HTTPException(description)
        made.code = error.status_code
        return made
    return found(description=description)


def to_flask(response: Response) -> flask.Response:
    """A response of the port as one of Flask."""
    body: Any = getattr(response, "body", None)
    if body is None or hasattr(response, "body_iterator"):
        body = _collect(response)
    made = flask.Response(body, response.status_code)
    made.headers.clear()
    for key, value in response.raw_headers:
        made.headers.add(key.decode("latin1").title(), value.decode("latin1"))
    return made


def _collect(response: Any) -> Iterator[bytes]:
    """The body of a response that makes it while it is sent: a stream or a file."""
    loop = flask.current_app.state.relay_loop  # type: ignore[attr-defined]
    chunks: asyncio.Queue[Any] = asyncio.Queue(4)
    scope = flask.request.environ["asgi.scope"]

    async def send(message: Any) -> None:
        await chunks.put(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def run() -> None:
        try:
            await response(scope, receive, send)
        finally:
            await chunks.put(None)

    task = asyncio.run_coroutine_threadsafe(run(), loop)

    def produce() -> Iterator[bytes]:
        try:
            while True:
                chunk = asyncio.run_coroutine_threadsafe(chunks.get(), loop).result()
                if chunk is None:
                    task.result()
                    return
                if chunk:
                    yield chunk
        finally:
            task.cancel()

    return produce()


def to_native(response: Any) -> Any:
    """A response of Werkzeug as one of the port; anything else as it is."""
    if not isinstance(response, werkzeug.Response):
        return response
    return PlainResponse(response.get_data(), response.status_code, list(response.headers))


# ---- routing


class _Never(Convertor[str]):
    """Matches nothing: what native routing sees of a relayed parameter.

    Flask's map has already told that the request is not Flask's, so that a relayed route may not
    come before the native one that it is for.
    """

    regex = "(?!)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return str(value)


register_url_convertor("relayed", _Never())


def never(rule: str) -> str:
    """A path like the rule's, with values that fit nothing."""
    return re.sub(r"<(?:\w+(?:\([^>]*\))?:)?(\w+)>", r"{\1:relayed}", rule)


class _Borrowed(werkzeug.routing.BaseConverter):
    """One of Starlette's convertors in Flask's map."""

    def __init__(self, map: Any, key: str) -> None:
        super().__init__(map)
        self.theirs = map.borrowed[key]
        self.regex = self.theirs.regex
        self.part_isolating = "/" not in self.regex and self.regex != ".*"

    def to_python(self, value: str) -> Any:
        return value

    def to_url(self, value: Any) -> str:
        return super().to_url(self.theirs.to_string(value))


def flask_rule(path: str, url_map: Any) -> str:
    """Starlette's path in Flask's form."""
    convertors = compile_path(path)[2]

    def parameter(match: re.Match[str]) -> str:
        name, kind = match[1], match[2]
        if kind is None or isinstance(convertors[name], StringConvertor):
            return f"<{name}>"
        if kind in _SAME:
            return f"<{kind}:{name}>"
        if not hasattr(url_map, "borrowed"):
            url_map.borrowed = {}
            url_map.converters["borrowed"] = _Borrowed
        url_map.borrowed[kind] = convertors[name]
        return f"<borrowed({kind!r}):{name}>"

    return re.sub(r"{(\w+)(?::(\w+))?}", parameter, path)


def routes_of(app: Any) -> Iterator[tuple[str, str, Any, Any]]:
    """Endpoint, full path, methods and handler of every route, in order."""
    for path, route in registered(app.routes):
        if path and not isinstance(route, Mount):
            yield route.name, path, route.methods, route.endpoint


# ---- hooks and handlers


def mirror(inner: EmbeddedFlask, app: Any) -> None:
    """Gives Flask the hooks and error handlers of the port: they run for relayed requests there."""
    hooks = app.state.hooks
    tables = {None: hooks, **getattr(hooks, "_own", {})}
    for name, table in tables.items():
        for kind, theirs in (
            ("before", inner.before_request_funcs),
            ("after", inner.after_request_funcs),
            ("teardown", inner.teardown_request_funcs),
            ("context", inner.template_context_processors),
            ("url_defaults", inner.url_default_functions),
            ("url_value_preprocessors", inner.url_value_preprocessors),
        ):
            found = [*getattr(table, kind, ())]
            if found:
                if kind == "after":
                    found = [_after(function) for function in found]
                theirs[name] = [*theirs.get(name, ()), *found]
    inner.teardown_appcontext_funcs += getattr(hooks, "teardown_app", [])
    errors = {None: app.__dict__.get("parity_errors", {}), **getattr(hooks, "errors", {})}
    for name, handlers in errors.items():
        for key, handler in handlers.items():
            for found in _keys(key):
                code = getattr(found, "code", None) if key is not found else None
                inner.error_handler_spec[name][code].setdefault(found, handler)


def _keys(key: Any) -> list[type[Exception]]:
    """The classes that a handler's key means under Flask: Werkzeug's, and the port's own."""
    if isinstance(key, tuple):  # a status and the class that it means
        key = key[1]
    if isinstance(key, int):
        return [werkzeug.exceptions.default_exceptions[key]]
    if issubclass(key, HTTPException):
        name = "HTTPException" if key.__name__ == "HTTPError" else key.__name__
        theirs = getattr(werkzeug.exceptions, name, None)
        return [key, theirs] if theirs else [key]
    return [key]


def _after(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(response: Any) -> Any:
        result = flask.current_app.ensure_sync(function)(response)
        if result is None:
            return response
        return to_flask(result) if isinstance(result, Response) else result

    return run
