"""What is FastAPI's own in a port: its routes as rules of Flask's, and the app set up."""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, Unpack

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from . import foreign
from .asgi import surround
from .exceptions import BadRequest
from .hooks import adopt_hooks
from .injection import is_injected
from .precedence import sort_routes as sort
from .rules import FlaskRule, RuleOptions, register
from .setup import Options, RouterOptions, furnish, furnish_router, static_view


class FlaskRoute(FlaskRule, APIRoute):
    """A route that runs Flask's hooks between the routing and its dependencies."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = self.take(path, endpoint, options.pop("methods", None))
        # What a view returns is sent as it is; an annotation of it is no schema.
        options["response_model"] = None
        if options.get("name") is None:
            options["name"] = getattr(endpoint, "__name__", None)
        self._options = options
        super().__init__(path, self._as_coroutine(endpoint, path), methods=methods, **options)

    def at(self, path: str) -> "FlaskRoute":
        """The same route at another path."""
        made = type(self)(path, self.view, methods=self.given, **self._options)
        made.take_after(self)
        return made

    def get_route_handler(self) -> Callable[[Request], Any]:
        """FastAPI's handler with what Flask does before and after it."""
        inner = super().get_route_handler()
        return functools.partial(self.answer, inner=inner)

    def _as_coroutine(self, view: Callable[..., Any], path: str) -> Callable[..., Any]:
        """The view as a coroutine whose parameters are those that FastAPI is to fill."""

        @functools.wraps(view)
        async def run(*args: Any, **kwargs: Any) -> Any:
            return await self.call(*args, **{**self.defaults, **kwargs})

        run.__signature__ = _parameters(view, path)  # type: ignore[attr-defined]
        return run


def _parameters(view: Callable[..., Any], path: str) -> inspect.Signature:
    """Path parameters, the request and dependencies; a default of the view's own stays its own.

    FastAPI would take any other parameter from the query. A view behind a wrapper that hides its
    signature (``**kwargs``) gets the path parameters by name.
    """
    try:
        signature = inspect.signature(view, eval_str=True)
    except NameError:  # an annotation that only a type checker can resolve
        signature = inspect.signature(view)
    in_path = re.findall(r"{(\w+)", path)
    kept, generic = [], False
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            generic = True
        elif parameter.name in in_path or is_injected(parameter):
            kept.append(parameter.replace(kind=parameter.KEYWORD_ONLY))
    if generic:
        names = {parameter.name for parameter in kept}
        kept += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
            for name in in_path
            if name not in names
        ]
    return signature.replace(parameters=kept, return_annotation=signature.empty)


def rule(
    owner: Any,
    path: str,
    *,
    methods: Any = None,
    name: str | None = None,
    **options: Unpack[RuleOptions],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a view with the options of a Flask rule that FastAPI has no word for."""
    router = getattr(owner, "router", owner)

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        def add(path: str, answer: Callable[..., Any]) -> Any:
            router.add_api_route(path, answer, methods=methods, name=name or view.__name__)
            return router.routes[-1]

        register(add, path, view, **options)
        return view

    return decorate


# ---- the app


def prepare(
    app: FastAPI,
    import_name: str,
    *,
    sort_routes: bool = False,
    trace: bool = False,
    **options: Unpack[Options],
) -> None:
    """Call it right after ``FastAPI(...)`` with the arguments that ``Flask(...)`` had.

    With ``sort_routes`` the routes are put in Werkzeug's order before the first request: of two
    that fit a URL the more specific one answers, whichever was registered first.

    With ``trace`` every answer says in ``x-served-by`` whether its route is ported or relayed.
    """
    foreign.trace = foreign.trace or trace
    static = furnish(app, import_name, **options)
    surround(app, app.state.dialect, _sort if sort_routes else None)
    app.state.register_rule = rule
    app.router.route_class = FlaskRoute
    app.add_exception_handler(RequestValidationError, _bad_request)
    if static is not None:
        _serve_static(app, *static, "static")


def new_app(import_name: str, **options: Unpack[Options]) -> FastAPI:
    """``Flask(import_name, ...)`` as an expression."""
    app = FastAPI(openapi_url=None, default_response_class=HTMLResponse)
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
    """Gives an app, or another router, the routes and the hooks of a router that was prepared,
    under its own name."""
    owner.include_router(router)
    if name := router.__dict__.get("parity_own_name"):
        adopt_hooks(owner, router, name)


def _serve_static(owner: Any, folder: str, path: str, name: str) -> None:
    owner.get(path, name=name, include_in_schema=False)(static_view(folder))


def _sort(app: FastAPI) -> None:
    sort(app)
    app.router._mark_routes_changed()


async def _bad_request(request: Request, error: Exception) -> Any:
    raise BadRequest() from error
