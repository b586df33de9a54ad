"""Werkzeug's routing answers on FastAPI's router: HEAD, OPTIONS, 308, Allow, options of rules."""

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.convertors import CONVERTOR_TYPES, register_url_convertor
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response as StarletteResponse
from starlette.routing import Match, Mount
from starlette.websockets import WebSocketClose

from .context import current
from .converters import BaseConverter, converter
from .exceptions import RequestRedirect
from .injection import is_injected
from .responses import Response, reply
from .stages import begin, finish

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

# ---- routes


class FlaskRoute(APIRoute):
    """A route that runs Flask's hooks around its view, in the request's thread.

    It answers HEAD where it answers GET, and OPTIONS by itself.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        given = {method.upper() for method in options.pop("methods", None) or ["GET"]}
        #: The view as the app has it.
        self.view = endpoint
        #: Methods as they were registered.
        self.given = given
        #: Values for the view that are no part of the URL.
        self.defaults: dict[str, Any] = {}
        self.answers_options = "OPTIONS" not in given
        methods = given | {"OPTIONS"} | ({"HEAD"} if "GET" in given else set())
        # What a view returns is sent as it is; an annotation of it is no schema.
        options["response_model"] = None
        if options.get("name") is None:
            options["name"] = getattr(endpoint, "__name__", None)
        self._options = options
        for _, kind in _PATH.findall(path):
            # A converter of a blueprint's rule may come with the app: included, the path is
            # compiled again, before the first request.
            if kind and kind not in CONVERTOR_TYPES:
                register_url_convertor(kind, BaseConverter())
        super().__init__(path, self._as_coroutine(endpoint, path), methods=methods, **options)

    def at(self, path: str) -> "FlaskRoute":
        """The same route at another path."""
        made = type(self)(path, self.view, methods=self.given, **self._options)
        made.defaults, made.answers_options = self.defaults, self.answers_options
        made.methods = set(self.methods)
        return made

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """A value that a converter refuses is a 404 where the method fits, else a 405: Werkzeug
        looks at the method first (werkzeug.routing.matcher.StateMachineMatcher.match)."""
        try:
            return super().matches(scope)
        except HTTPException:
            if scope["method"] in (self.methods or ()):
                raise
            return Match.PARTIAL, {"route": self, "endpoint": self.endpoint, "path_params": {}}

    def get_route_handler(self) -> Callable[[Request], Any]:
        """FastAPI's handler with what Flask does before and after it."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Any:
            state = current()
            state.route = self
            if self.defaults:
                request.scope["path_params"] = {**self.defaults, **request.scope["path_params"]}
            response = await begin(state)
            if response is None:
                if request.method == "OPTIONS" and self.answers_options:
                    allowed = allowed_methods(state.app, request.scope)
                    response = Response(headers={"Allow": ", ".join(sorted(allowed))})
                else:
                    response = await inner(request)
            return await finish(state, response)

        return handle

    def _as_coroutine(self, view: Callable[..., Any], path: str) -> Callable[..., Any]:
        """The view as a coroutine whose parameters are those that FastAPI is to fill."""

        @functools.wraps(view)
        async def run(*args: Any, **kwargs: Any) -> Any:
            if self.defaults:
                kwargs = {**self.defaults, **kwargs}
            state = current()
            result = await state.call(view, *args, **kwargs)
            if inspect.isawaitable(result):
                result = await result
            return result if isinstance(result, StarletteResponse) else reply(result)

        run.__signature__ = _parameters(view, path)  # type: ignore[attr-defined]
        return run


def rule(
    owner: Any,
    path: str,
    *,
    methods: Any = None,
    name: str | None = None,
    defaults: dict[str, Any] | None = None,
    strict_slashes: bool = True,
    redirect_to: Any = None,
    provide_automatic_options: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a view with the options of a Flask rule that FastAPI has no word for.

    Without ``strict_slashes`` the rule answers with and without a slash at the end. ``redirect_to``
    is a path (with ``<name>`` for values) or a function of the values.
    """
    router = getattr(owner, "router", owner)

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        answer = view if redirect_to is None else _redirecting(redirect_to)
        paths = [path]
        if not strict_slashes and path != "/":
            paths.append(path[:-1] if path.endswith("/") else path + "/")
        for one in paths:
            router.add_api_route(one, answer, methods=methods, name=name or view.__name__)
            made = router.routes[-1]
            made.defaults = dict(defaults or {})
            if not provide_automatic_options:
                made.answers_options = False
                made.methods = made.methods - ({"OPTIONS"} - made.given)
        return view

    return register


def _redirecting(target: Any) -> Callable[..., Any]:
    def redirecting(**values: Any) -> Any:
        url = target(None, **values) if callable(target) else target
        for key, value in values.items():
            url = re.sub(rf"<(?:\w+:)?{key}>", lambda _, v=value: quote(str(v)), url)  # type: ignore[misc]
        raise RequestRedirect(current().request.host_url.rstrip("/") + "/" + url.lstrip("/"))  # type: ignore[union-attr]

    return redirecting


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
        elif parameter.name in in_path or is_injected(parameter.annotation):
            kept.append(parameter.replace(kind=parameter.KEYWORD_ONLY))
    if generic:
        names = {parameter.name for parameter in kept}
        kept += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
            for name in in_path
            if name not in names
        ]
    return signature.replace(parameters=kept, return_annotation=signature.empty)


# ---- rules of Flask


_RULE = re.compile(r"<(?:(\w+)(?:\((.*?)\))?:)?(\w+)>")
_ARGUMENT = re.compile(r"\s*(?:(\w+)\s*=\s*)?(\"[^\"]*\"|'[^']*'|[^,]+?)\s*(?:,|$)")
_PATH = re.compile(r"{(\w+)(?::(\w+))?}")


def path(rule: str) -> str:
    """A rule of Flask's as FastAPI has it: where it is known only when the app runs, or where a
    converter has arguments (``<int(min=1):page>``), for which there is no word in FastAPI."""

    def variable(match: re.Match[str]) -> str:
        kind, arguments, name = match.groups()
        if arguments:
            kind = _named(kind, arguments)
        return f"{{{name}}}" if kind in (None, "string", "default") else f"{{{name}:{kind}}}"

    return _RULE.sub(variable, rule)


def _named(kind: str, arguments: str) -> str:
    """A converter of its own for these arguments (werkzeug.routing.rules.parse_converter_args)."""
    name = kind + "".join(c if c.isalnum() else f"_{ord(c):x}_" for c in arguments)
    if name not in CONVERTOR_TYPES:
        positional, keywords = [], {}
        for key, text in _ARGUMENT.findall(arguments):
            value: Any = text
            if text in ("True", "False", "None"):
                value = {"True": True, "False": False, "None": None}[text]
            elif re.fullmatch(r"-?\d+", text):
                value = int(text)
            elif re.fullmatch(r"-?\d*\.\d+", text):
                value = float(text)
            elif text[0] in "\"'":
                value = text[1:-1]
            if key:
                keywords[key] = value
            else:
                positional.append(value)
        converter(name, kind, *positional, **keywords)
    return name


def flask_rule(path: str) -> str:
    """The other way round."""
    return _PATH.sub(lambda m: f"<{m[2]}:{m[1]}>" if m[2] else f"<{m[1]}>", path)


# ---- URLs that no route matches


def flat(routes: Any) -> Iterator[tuple[str, Any]]:
    """Every route with its full path, also of included routers, in order."""
    for context in iter_route_contexts(routes):
        route = getattr(context, "starlette_route", None) or context
        yield route.path or "", getattr(context, "original_route", None) or route


def _matches(routes: Any, scope: Any) -> bool:
    for route in routes:
        try:
            match, child = route.matches(dict(scope))
        except HTTPException:  # a converter refused the value, which Werkzeug asks last
            return True
        if match is Match.FULL:
            if not isinstance(route, Mount):
                return True
            if route.routes and _matches(route.routes, {**scope, **child}):
                return True
    return False


def allowed_methods(app: Any, scope: Any) -> set[str]:
    """Methods that some rule answers at this URL."""
    root = scope.get("app_root_path", scope.get("root_path", ""))
    # Nothing that a route has left in the scope may take part.
    plain = {k: v for k, v in scope.items() if k not in ("fastapi", "path_params", "route")}
    return {m for m in METHODS if _matches(app.routes, {**plain, "method": m, "root_path": root})}


def unmatched(app: Any) -> Callable[..., Any]:
    """The router's answer to a URL without a route: slashes are merged and added with a 308."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith("//"):  # Werkzeug drops extra slashes at the front before it matches
            scope["path"] = "/" + path.lstrip("/")
            await app.router(scope, receive, send)
            return
        merged = re.sub("/{2,}", "/", path)
        for other in (path + "/", merged, merged + "/"):
            if other == path or (other != merged and path.endswith("/")):
                continue
            if _matches(app.routes, {**scope, "path": other}):
                raise RequestRedirect(_moved(scope, other))
        if merged != path:
            if any(_matches(app.routes, {**scope, "path": merged, "method": m}) for m in METHODS):
                scope["path"] = merged
                raise HTTPException(405)
        raise HTTPException(404)

    return answer


def _moved(scope: Any, path: str) -> str:
    base = str(URL(scope={**scope, "path": "/", "query_string": b""})).rstrip("/")
    query = scope["query_string"].decode("latin1")
    return base + quote(path, safe="!$&'()*+,/:;=@%") + (f"?{query}" if query else "")
