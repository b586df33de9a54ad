"""Which requests are Flask's: those of views that stay Flask code, on an app inside the port.

What is the server's own in this is in ``relay.py`` (ASGI) or ``robynflask.py``. When the last view
is ported, delete them with this module and ``embedding.py``.
"""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import flask
from werkzeug.exceptions import HTTPException, NotFound

from . import foreign
from .embedding import EmbeddedFlask, flask_rule, mirror, never, routes_of, to_flask
from .embedding import to_native as to_native
from .ground import Response

#: Relayed requests that run at the same time, unless ``embedded`` is told the server's number.
WORKERS = 40

#: What an anchor keeps unquoted (flask.Flask.url_for).
_ANCHOR = "%!#$&'()*+,/:;=?@"


class Handover(foreign.Handover):
    """The endpoint of a relayed route."""

    def __init__(self, rule: str, endpoint: str, view: Any, options: dict[str, Any]) -> None:
        self.rule, self.endpoint, self.view, self.options = rule, endpoint, view, options


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


def relay_in(app: Any) -> "Relay | None":
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
    """Tells which requests are Flask's, and answers them as WSGI."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.flask = EmbeddedFlask(app)
        self.workers = WORKERS
        self.native: set[str] = set()
        self.is_started = False
        #: What serves its answers, of the relay's own.
        self.server: Any = None
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], bool] = {}
        self._size = 0

    def start(self) -> None:
        """Shares routes, hooks and handlers, once, when all of them are registered."""
        with self._lock:
            if self.is_started:
                return
            inner = self.flask
            own = {rule.rule for rule in inner.url_map.iter_rules()}
            for name, path, methods, handler in routes_of(self.app):
                if isinstance(handler, Handover):
                    prefix = path.removesuffix(never(handler.rule))
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
            self.is_started = True

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

    def wsgi(
        self, environ: Any, start_response: Any, is_gone: Callable[[], bool] = lambda: False
    ) -> Iterator[bytes]:
        """Flask's answer, until the client is gone."""
        environ["wsgi.errors"] = sys.stderr
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input"] = io.BufferedReader(_Chunked(environ["wsgi.input"]))
            environ["wsgi.input_terminated"] = True
        chunks = self.flask(environ, start_response)
        try:
            for chunk in chunks:
                if is_gone():
                    return
                if chunk:
                    yield chunk
        finally:
            getattr(chunks, "close", lambda: None)()


class Bridge:
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

    def taker(self, app: Any, scope: Any) -> Relay | None:
        """The relay, if the request is Flask's."""
        relay = relay_in(app)
        if relay is None:
            return None
        if not relay.is_started:
            relay.start()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        host = next((v.decode("latin1") for k, v in scope["headers"] if k == b"host"), "")
        return relay if relay.takes(scope["method"], path, host) else None

    def url_for(self, state: Any, endpoint: str, values: dict[str, Any]) -> str | None:
        """The URL of a relayed endpoint, asked for by native code."""
        relay = relay_in(state.app)
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
    flask.abort(to_flask(code) if isinstance(code, Response) else code, *args, **kwargs)


Bridge.in_app["abort"] = _abort
Bridge.to_native = staticmethod(to_native)  # type: ignore[attr-defined]
