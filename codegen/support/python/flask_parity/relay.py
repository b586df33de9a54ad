"""Views that stay Flask code: an embedded Flask app answers them in this process.

``relayed`` puts a route in the router at the place that the view had, and the view on the embedded
app. Whoever serves a request runs its hooks, once: the lifecycle gives a relayed request away
before it begins. Which requests those are is told by Flask's own URL map, which knows the native
routes too; so precedence, 405, OPTIONS and redirects stay. When the last view is ported,
delete this module with ``embedding.py``.
"""

import asyncio
import io
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import flask
from a2wsgi import WSGIMiddleware
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Route
from werkzeug.exceptions import HTTPException, NotFound

from . import foreign
from .embedding import EmbeddedFlask, flask_rule, mirror, routes_of, starlette_path, to_flask
from .embedding import to_native as to_native

#: Relayed requests that run at the same time, unless ``embedded`` is told the server's number.
WORKERS = 40

#: What an anchor keeps unquoted (flask.Flask.url_for).
_ANCHOR = "%!#$&'()*+,/:;=?@"


class Handover(foreign.Handover):
    """The ASGI endpoint of a relayed route."""

    def __init__(self, rule: str, endpoint: str, view: Any, options: dict[str, Any]) -> None:
        self.rule, self.endpoint, self.view, self.options = rule, endpoint, view, options

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Flask's requests are taken before the lifecycle; its map knows no rule for this one.
        raise StarletteHTTPException(404)


def relayed(owner: Any, rule: str, **options: Any) -> Callable[[Any], Any]:
    """Leaves a view to Flask: ``rule`` and ``options`` are those of ``route`` there, and
    ``endpoint`` is the full name with the blueprint's."""

    def register(view: Any) -> Any:
        relay_rule(owner, rule, options.pop("endpoint", None), view, **options)
        return view

    return register


def relay_rule(
    owner: Any, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
) -> None:
    """``add_url_rule`` for a view that is left to Flask."""
    name = endpoint or view_func.__name__
    methods = options.get("methods") or getattr(view_func, "methods", None) or ["GET"]
    router = getattr(owner, "router", owner)
    path = getattr(owner, "prefix", "") + starlette_path(rule)
    handover = Handover(rule, name, view_func, options)
    # Starlette has no empty path; that of a blueprint is its prefix.
    made = Route(path or "/", handover, methods=list(methods), name=name, include_in_schema=False)
    made.path = path
    router.routes.append(made)


def embedded(app: Any, workers: int | None = None) -> EmbeddedFlask:
    """The Flask app inside, made at the first use: for extensions that need one.

    ``workers`` is the number of threads that the Flask app's server had.
    """
    relay = relay_of(app)
    if workers is not None:
        relay.workers = workers
    return relay.flask


def relay_of(app: Any) -> "Relay":
    found = getattr(app.state, "relay", None)
    if not found:
        found = app.state.relay = Relay(app)
    return found


def _relay_in(app: Any) -> "Relay | None":
    """The relay of an app that leaves something to Flask; looked for once."""
    found = getattr(app.state, "relay", None)
    if found is None:
        leaves = any(isinstance(handler, Handover) for *_, handler in routes_of(app))
        found = app.state.relay = Relay(app) if leaves else False
    return found or None


class _Chunked(io.RawIOBase):
    """A body without a length: the server knows where it ends."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self.source.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


class Relay:
    """Tells which requests are Flask's, and has them answered."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.flask = EmbeddedFlask(app)
        self.workers = WORKERS
        self.native: set[str] = set()
        self._started = False
        self._lock = threading.Lock()
        self._server: WSGIMiddleware | None = None
        self._known: dict[tuple[str, str], bool] = {}
        self._size = 0

    def start(self) -> None:
        """Shares routes, hooks and handlers, once, when all of them are registered."""
        with self._lock:
            if self._started:
                return
            inner = self.flask
            own = {rule.rule for rule in inner.url_map.iter_rules()}
            for name, path, methods, handler in routes_of(self.app):
                if isinstance(handler, Handover):
                    prefix = path.removesuffix(starlette_path(handler.rule))
                    rule = flask_rule(prefix, inner.url_map) + handler.rule
                    inner.add_url_rule(rule, handler.endpoint, handler.view, **handler.options)
                else:
                    rule = flask_rule(path, inner.url_map)
                    if rule in own:
                        continue
                    self.native.add(name)
                    inner.add_url_rule(rule, name, None, methods=list(methods or ["GET"]))
            for name, path in getattr(self.app.state, "extra_urls", ()):
                rule = flask_rule(path, inner.url_map)
                inner.url_map.add(inner.url_rule_class(rule, endpoint=name, build_only=True))
            mirror(inner, self.app)
            self._server = WSGIMiddleware(self._wsgi, workers=self.workers)
            self._started = True

    def takes(self, method: str, path: str, host: str) -> bool:
        """Whether Flask answers: its map finds a rule that is not one of the port's, or knows why
        there is none for this method or this spelling of the URL."""
        rules = self.flask.url_map
        if rules.host_matching or self.flask.subdomain_matching:
            return self._look_up(method, path, host)
        if self._size != len(rules._rules):
            self._known.clear()
            self._size = len(rules._rules)
        key = (method, path)
        found = self._known.get(key)
        if found is None:
            if len(self._known) > 4096:
                self._known.clear()
            found = self._known[key] = self._look_up(method, path, "localhost")
        return found

    def _look_up(self, method: str, path: str, host: str) -> bool:
        try:
            endpoint, _ = self.flask.url_map.bind(host or "localhost").match(path, method)
        except NotFound:
            return False
        except HTTPException:
            return True
        return endpoint not in self.native

    async def answer(self, scope: Any, receive: Any, send: Any) -> None:
        """Has Flask answer, and stops its stream when the client has gone."""
        self.start()
        assert self._server is not None
        self.app.state.relay_loop = asyncio.get_running_loop()
        early: deque[Any] = deque()
        turn = asyncio.Lock()
        gone = threading.Event()
        watcher: asyncio.Task[None] | None = None

        async def take() -> Any:
            async with turn:
                return early.popleft() if early else await receive()

        async def watch() -> None:
            async with turn:
                while (message := await receive())["type"] != "http.disconnect":
                    early.append(message)
            gone.set()

        async def give(message: Any) -> None:
            nonlocal watcher
            await send(message)
            if watcher is None and message.get("more_body") and message.get("body"):
                watcher = asyncio.create_task(watch())

        try:
            inner = {**scope, "relay.gone": gone}
            await self._server(inner, take, foreign.traced(give, "relay"))
        finally:
            if watcher is not None:
                watcher.cancel()

    def _wsgi(self, environ: Any, start_response: Any) -> Any:
        gone = environ["asgi.scope"]["relay.gone"]
        environ["wsgi.errors"] = sys.stderr
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input"] = io.BufferedReader(_Chunked(environ["wsgi.input"]))
            environ["wsgi.input_terminated"] = True
        chunks = self.flask(environ, start_response)
        try:
            for chunk in chunks:
                if gone.is_set():
                    return
                if chunk:
                    yield chunk
        finally:
            getattr(chunks, "close", lambda: None)()


class _Bridge:
    """What :mod:`flask_parity.foreign` asks."""

    in_request: dict[str, Any] = {
        "_request": lambda: flask.request._get_current_object(),  # type: ignore[attr-defined]
        "_session": lambda: flask.session._get_current_object(),  # type: ignore[attr-defined]
        "after_this_request": flask.after_this_request,
        "copy_current_request_context": flask.copy_current_request_context,
        "flash": flask.flash,
        "get_flashed_messages": flask.get_flashed_messages,
        "has_request_context": lambda: True,
        "send_file": flask.send_file,
        "send_from_directory": flask.send_from_directory,
        "stream_with_context": flask.stream_with_context,
    }
    in_app: dict[str, Any] = {
        "_globals": lambda: flask.g._get_current_object(),  # type: ignore[attr-defined]
        "_application": lambda: flask.current_app._get_current_object(),  # type: ignore[attr-defined]
        "app_context": lambda app: relay_of(getattr(app, "port", app)).flask.app_context(),
        "get_template_attribute": flask.get_template_attribute,
        "has_app_context": lambda: True,
        "jsonify": flask.jsonify,
        "make_response": flask.make_response,
        "redirect": flask.redirect,
        "render_template": flask.render_template,
        "render_template_string": flask.render_template_string,
        "stream_template": flask.stream_template,
        "stream_template_string": flask.stream_template_string,
        "url_for": flask.url_for,
    }

    def counterpart(self, name: str) -> Any:
        """Flask's own, where the context that it needs is active."""
        if (theirs := self.in_request.get(name)) is not None:
            return theirs if flask.has_request_context() else None
        return self.in_app.get(name) if flask.has_app_context() else None

    async def serve(self, app: Any, scope: Any, receive: Any, send: Any) -> bool:
        """Answers the request if it is Flask's."""
        relay = _relay_in(app)
        if relay is None:
            return False
        if not relay._started:
            relay.start()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        host = next((v.decode("latin1") for k, v in scope["headers"] if k == b"host"), "")
        if not relay.takes(scope["method"], path, host):
            return False
        await relay.answer(scope, receive, send)
        return True

    def url_for(self, state: Any, endpoint: str, values: dict[str, Any]) -> str | None:
        """The URL of a relayed endpoint, asked for by native code."""
        relay = _relay_in(state.app)
        if relay is None:
            return None
        relay.start()
        if endpoint in relay.native or endpoint not in relay.flask.url_map._rules_by_endpoint:
            return None
        # No Flask context is pushed: leaving it would run the teardown functions.
        config, request = state.app.state.config, state.request
        options = {name: values.pop(name, None) for name in ("_anchor", "_method", "_scheme")}
        external = values.pop("_external", None)
        if request is None:
            host, scheme = config["SERVER_NAME"], config["PREFERRED_URL_SCHEME"]
            root = config["APPLICATION_ROOT"]
            external = True if external is None else external
        else:
            host, scheme, root = request.host, request.scheme, request.script_root
            external = options["_scheme"] is not None if external is None else external
        relay.flask.inject_url_defaults(endpoint, values)
        url = relay.flask.url_map.bind(host or "localhost", root, url_scheme=scheme).build(
            endpoint,
            values,
            method=options["_method"],
            url_scheme=options["_scheme"],
            force_external=external,
        )
        anchor = options["_anchor"]
        return url if anchor is None else url + "#" + quote(anchor, safe=_ANCHOR)


def _abort(code: Any, *args: Any, **kwargs: Any) -> Any:
    from starlette.responses import Response

    flask.abort(to_flask(code) if isinstance(code, Response) else code, *args, **kwargs)


_Bridge.in_app["abort"] = _abort
_Bridge.to_native = staticmethod(to_native)  # type: ignore[attr-defined]
foreign.bridge = _Bridge()
