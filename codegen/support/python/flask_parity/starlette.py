"""What is Starlette's own in a port: its routes as rules of Flask's, and the app set up."""

import copy
from collections.abc import Callable, Iterable
from typing import Any, Unpack

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route, compile_path

from . import foreign
from .asgi import surround
from .hooks import adopt_hooks
from .precedence import sort_routes as sort
from .rules import RuleOptions, ViewRule, register
from .setup import Options, RouterOptions, furnish, furnish_router, static_view


class FlaskRoute(ViewRule, Route):
    """A route that runs Flask's hooks around its view.

    An endpoint as Starlette has it, ``def show(request)``, finds the values of the URL in
    ``request.path_params``. A view that names them as parameters gets them, as under Flask.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Iterable[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        answered = self.take(path, endpoint, methods)
        # Starlette has no empty path; that of a blueprint is its prefix.
        super().__init__(
            path or "/",
            endpoint,
            methods=answered,
            name=name,
            include_in_schema=include_in_schema,
        )
        self.path = path
        self.app = self._serve
        self.look_at(endpoint)

    def at(self, path: str) -> "FlaskRoute":
        """The same route at another path."""
        made = type(self)(
            path,
            self.view,
            methods=self.given,
            name=self.name,
            include_in_schema=self.include_in_schema,
        )
        made.take_after(self)
        return made

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        scope["route"] = self
        response = await self.answer(Request(scope, receive, send), self.called)
        await response(scope, receive, send)


def at(prefix: str, routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes of a blueprint for a flat list, with its prefix before their paths.

    A ``Mount`` would take every request below the prefix, also those of other routes.
    """

    def moved(route: Any) -> BaseRoute:
        path = f"{prefix.rstrip('/')}/{route.path.lstrip('/')}" if route.path else prefix
        if isinstance(route, FlaskRoute):
            return route.at(path)
        made = copy.copy(route)
        made.path = path
        whole = path.rstrip("/") + "/{path:path}" if isinstance(route, Mount) else path
        made.path_regex, made.path_format, made.param_convertors = compile_path(whole)
        return made  # type: ignore[no-any-return]

    return [moved(route) for route in routes]


def rule(
    owner: Any,
    path: str,
    *,
    methods: Iterable[str] | None = None,
    name: str | None = None,
    **options: Unpack[RuleOptions],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a view where it stands, with the options of a Flask rule that Starlette has no word
    for."""
    router = getattr(owner, "router", owner)

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        def add(path: str, answer: Callable[..., Any]) -> Any:
            made = FlaskRoute(path, answer, methods=methods, name=name or view.__name__)
            router.routes.append(made)
            return made

        register(add, path, view, **options)
        return view

    return decorate


# ---- the app


def prepare(
    app: Starlette,
    import_name: str,
    *,
    sort_routes: bool = False,
    trace: bool = False,
    **options: Unpack[Options],
) -> None:
    """Call it right after ``Starlette(...)`` with the arguments that ``Flask(...)`` had.

    With ``sort_routes`` the routes are put in Werkzeug's order before the first request: of two
    that fit a URL the more specific one answers, whichever stands first in the list.

    With ``trace`` every answer says in ``x-served-by`` whether its route is ported or relayed.
    """
    foreign.trace = foreign.trace or trace
    static = furnish(app, import_name, **options)
    surround(app, app.state.dialect, sort if sort_routes else None)
    app.state.register_rule = rule
    if static is not None:
        _serve_static(app.router, *static, "static")


def new_app(import_name: str, **options: Unpack[Options]) -> Starlette:
    """``Flask(import_name, ...)`` as an expression."""
    app = Starlette()
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
    """Gives an app, or another router, the routes and the hooks of a router that was prepared, with
    its own prefix and name."""
    prefix = router.__dict__.get("parity_prefix")
    routes = at(prefix, router.routes) if prefix else router.routes
    getattr(owner, "router", owner).routes += routes
    if name := router.__dict__.get("parity_own_name"):
        adopt_hooks(owner, router, name)


def _serve_static(router: Any, folder: str, path: str, name: str) -> None:
    router.routes.append(FlaskRoute(path, static_view(folder), name=name, include_in_schema=False))
