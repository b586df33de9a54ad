"""What is Robyn's own in a port: its routes as rules of Flask's, and the app set up."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, Unpack

from robyn import Robyn, SubRouter

from . import foreign, urls
from .ground import Route
from .hooks import adopt_hooks
from .robynpaths import canonical
from .robynserving import install
from .rules import RuleOptions, ViewRule, register
from .setup import Options, RouterOptions, furnish, furnish_router, static_view


class _NoSlashes:
    """Robyn cuts the slash off a URL: nobody can be sent to the one that has it."""

    def target(self, scope: Any) -> None:
        return None


class FlaskRoute(ViewRule, Route):
    """A route that runs Flask's hooks around its view."""

    _slashes: Any = _NoSlashes()

    def __init__(
        self, path: str, view: Callable[..., Any], methods: Iterable[str], name: str | None
    ) -> None:
        self.methods = self.take(path, view, methods)
        self.path, self.endpoint = path, view
        self.name = name or view.__name__
        self.look_at(view)
        self.compile()

    def at(self, path: str) -> "FlaskRoute":
        """The same route at another path."""
        made = type(self)(path, self.view, self.given, self.name)
        made.take_after(self)
        return made

    def extend(self, methods: Iterable[str]) -> None:
        """More methods for the same path and view: a second decorator."""
        self.methods |= self.take(self.path, self.view, self.given | set(methods))


class _Routes:
    """Decorators with Robyn's names that keep what they register as rules of Flask's.

    ``name`` is the endpoint, the view's own name unless it is given. ``:id(int)`` is a value that a
    converter takes, ``*rest`` one with slashes in it.
    """

    routes: list[FlaskRoute]

    def add_route(  # Robyn's, with Flask's words
        self,
        route_type: Any,
        endpoint: str,
        handler: Callable[..., Any],
        *,
        name: str | None = None,
    ) -> Callable[..., Any]:
        """Registers a view for a method, or for several of them."""
        methods = [route_type] if isinstance(route_type, str) else [str(m) for m in route_type]
        self._add(canonical(endpoint), handler, methods, name)
        return handler

    def _add(
        self, path: str, view: Callable[..., Any], methods: Iterable[str], name: str | None
    ) -> FlaskRoute:
        last = self.routes[-1] if self.routes else None
        if last and (last.path, last.view, last.name) == (path, view, name or view.__name__):
            last.extend(methods)
            return last
        self.routes.append(FlaskRoute(path, view, methods, name))
        return self.routes[-1]

    def _verb(self, method: str, endpoint: str, name: str | None) -> Callable[..., Any]:
        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            return self.add_route(method, endpoint, view, name=name)

        return decorate

    def get(self, endpoint: str, *, name: str | None = None) -> Callable[..., Any]:
        return self._verb("GET", endpoint, name)

    def post(self, endpoint: str, *, name: str | None = None) -> Callable[..., Any]:
        return self._verb("POST", endpoint, name)

    def put(self, endpoint: str, *, name: str | None = None) -> Callable[..., Any]:
        return self._verb("PUT", endpoint, name)

    def delete(self, endpoint: str, *, name: str | None = None) -> Callable[..., Any]:
        return self._verb("DELETE", endpoint, name)

    def patch(self, endpoint: str, *, name: str | None = None) -> Callable[..., Any]:
        return self._verb("PATCH", endpoint, name)

    def head(self, endpoint: str, *, name: str | None = None) -> Callable[..., Any]:
        return self._verb("HEAD", endpoint, name)

    def options(self, endpoint: str, *, name: str | None = None) -> Callable[..., Any]:
        return self._verb("OPTIONS", endpoint, name)

    def include_router(self, router: Any, prefix: str | None = None) -> None:
        """Gives it the routes of another one, below ``prefix`` or the router's own."""
        start = (router.prefix if prefix is None else prefix).rstrip("/")
        for route in router.routes:
            path = f"{start}/{route.path.lstrip('/')}" if route.path else start or "/"
            self.routes.append(route.at(path))


class FlaskRobyn(_Routes, Robyn):  # type: ignore[misc]
    """A Robyn app whose routes answer as rules of Flask's do."""

    def __init__(self, file_object: str) -> None:
        super().__init__(file_object)
        self.config.disable_openapi = True  # /docs and /openapi.json would hide the app's own URLs
        self.routes = []
        self.state = SimpleNamespace(wsgi_layer=None)
        self.debug = False
        #: Where it is served.
        self.server = ("127.0.0.1", 80)
        #: What changes requests before anybody sees them.
        self.layers: list[Callable[[Any], Any]] = []

    def add_middleware(self, kind: Any, **options: Any) -> None:
        """``ProxyFix`` with its numbers: what a proxy in front tells is believed."""
        self.layers.append(kind(None, **options).fixed)

    def __getattr__(self, name: str) -> Any:
        relay = getattr(self.__dict__.get("state"), "relay", None)
        if relay:  # a view that is left to Flask knows the app by the port's name of it
            return getattr(relay.flask, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def start(self, host: str = "127.0.0.1", port: int = 8080, *args: Any, **kwargs: Any) -> None:
        """Serves the app; after that no route can be added."""
        install(self, host, port)
        super().start(host, port, *args, **kwargs)


class FlaskSubRouter(_Routes, SubRouter):  # type: ignore[misc]
    """A Robyn router whose routes answer as rules of Flask's do."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.routes = []


def add_url(app: Any, path: str, endpoint: str) -> None:
    """Names a URL that another route answers, so that ``url_for(endpoint)`` finds it."""
    urls.add_url(app, canonical(path), endpoint)


def rule(
    owner: Any,
    path: str,
    *,
    methods: Iterable[str] | None = None,
    name: str | None = None,
    **options: Unpack[RuleOptions],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a view with the options of a Flask rule that Robyn has no word for."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        def add(path: str, answer: Callable[..., Any]) -> Any:
            made = FlaskRoute(path, answer, methods or ["GET"], name or view.__name__)
            owner.routes.append(made)
            return made

        register(add, canonical(path), view, **options)
        return view

    return decorate


# ---- the app


def prepare(
    app: FlaskRobyn, import_name: str, *, trace: bool = False, **options: Unpack[Options]
) -> None:
    """Call it right after ``FlaskRobyn(...)`` with the arguments that ``Flask(...)`` had.

    With ``trace`` every answer says in ``x-served-by`` whether its route is ported or relayed.
    """
    foreign.trace = foreign.trace or trace
    static = furnish(app, import_name, **options)
    app.state.register_rule = rule
    if static is not None:
        _serve_static(app, *static, "static")


def new_app(import_name: str, **options: Unpack[Options]) -> FlaskRobyn:
    """``Flask(import_name, ...)`` as an expression."""
    app = FlaskRobyn("")
    prepare(app, import_name, **options)
    return app


def prepare_router(
    router: Any, name: str, import_name: str, **folders: Unpack[RouterOptions]
) -> None:
    """Gives a router the folders that its blueprint had."""
    static = furnish_router(router, name, import_name, **folders)
    if static is not None:
        _serve_static(router, *static, f"{name}.static")


def include(owner: Any, router: Any) -> None:
    """Gives an app, or another router, what a prepared router has, under its own name."""
    owner.include_router(router, router.__dict__.get("parity_prefix"))
    if name := router.__dict__.get("parity_own_name"):
        adopt_hooks(owner, router, name)


def _serve_static(owner: Any, folder: str, path: str, name: str) -> None:
    owner.routes.append(FlaskRoute(path, static_view(folder), ["GET"], name))
