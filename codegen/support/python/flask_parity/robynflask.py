"""Views that stay Flask code under Robyn: an embedded Flask app answers them in this process.

``relayed`` puts a route at the place that the view had, and the view on the embedded app. Whoever
serves a request runs its hooks, once: a relayed request is given away before it begins. Which
requests those are is told by Flask's own URL map, which knows the native routes too.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import werkzeug.routing
from robyn import Robyn
from werkzeug.exceptions import HTTPException as FlaskError
from werkzeug.exceptions import NotFound

from . import foreign, handover, inflight
from .embedding import never
from .ground import HTTPException, Route
from .handover import Bridge, relay_in
from .handover import embedded as embedded
from .robynexchange import NO_FORM, receiving, scope_of
from .robynserving import everything
from .robynwsgi import answered, environ_of


class RelayedRoute(Route):
    """A route whose requests never come to it: Flask takes them before."""

    is_spelling = False

    def __init__(self, path: str, endpoint: Any, methods: list[str], name: str) -> None:
        self.path, self.endpoint, self.name = path, endpoint, name
        self.methods = {*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}
        self.compile()

    def at(self, path: str) -> "RelayedRoute":
        """The same route at another path."""
        return type(self)(path, self.endpoint, sorted(self.methods), self.name)

    async def answer(self, request: Any, inner: Any) -> Any:
        raise HTTPException(404)  # Flask's map knows no rule for this one

    called = None


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
    taken = handover.Handover(rule, name, view_func, options)
    owner.routes.append(RelayedRoute(never(rule), taken, list(methods), name))


class _Spelling:
    """Puts back the slash that Robyn has cut off, where the rule that answers wants it."""

    def __init__(self, flask: Any) -> None:
        self._flask = flask
        self._known: dict[tuple[str, str], bool] = {}

    def of(self, scope: Any) -> Any:
        key = (scope["method"], scope["path"])
        wants = self._known.get(key)
        if wants is None:
            if len(self._known) > 4096:
                self._known.clear()
            wants = self._known[key] = self._wants(*key)
        if not wants:
            return scope
        return {**scope, "path": f"{key[1]}/", "raw_path": scope["raw_path"] + b"/"}

    def _wants(self, method: str, path: str) -> bool:
        if path.endswith("/"):
            return False
        path = "/" + path.lstrip("/")  # as Werkzeug reads it
        found = self._found(method, path)
        if isinstance(found, werkzeug.routing.RequestRedirect):
            return urlsplit(found.new_url).path == quote(f"{path}/", safe="!$&'()*+,/:;=@%")
        if isinstance(found, NotFound):
            return not isinstance(self._found(method, f"{path}/"), NotFound)
        return False

    def _found(self, method: str, path: str) -> Exception | None:
        """What Flask's map has against a path."""
        try:
            self._flask.url_map.bind("localhost").match(path, method)
        except (FlaskError, werkzeug.routing.RoutingException) as error:
            return error
        return None


class _Bridge(Bridge):
    def answer(self, app: Any, scope: Any, receive: Any) -> Any:
        """The answer to a request that is Flask's, else None."""
        relay = relay_in(app)
        if relay is None:
            return None
        if relay.server is None:
            relay.start()
            relay.server = _Spelling(relay.flask)
        scope = relay.server.of(scope)
        if self.taker(app, scope) is None:
            return None
        return answered(relay.wsgi, environ_of(scope, receive), "relay")


foreign.bridge = _Bridge()


class FlaskOnRobyn(Robyn):
    """Serves a Flask app as a whole: no route of it is Robyn's yet."""

    def __init__(self, file_object: str, flask: Any) -> None:
        super().__init__(file_object)
        self.config.disable_openapi = True
        self.flask = flask
        self._spelling = _Spelling(flask)
        self.layers: list[Any] = []

    def start(self, host: str = "127.0.0.1", port: int = 8080, *args: Any, **kwargs: Any) -> None:
        self.server = (host, port)
        self.set_request_header("content-type", NO_FORM)
        self.set_response_header("content-type", NO_FORM)
        everything(self.router.routes, self._respond)
        super().start(host, port, *args, **kwargs)

    def _respond(self, asked: Any) -> Any:
        inflight.enter()
        scope = self._spelling.of(scope_of(self, asked))
        return answered(self.flask, environ_of(scope, receiving(asked)), "relay")
