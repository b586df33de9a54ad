"""Werkzeug's routing answers on FastAPI's router: converters, HEAD, 308, Allow."""

import functools
import inspect
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.websockets import WebSocketClose

from .context import current
from .responses import redirect, reply

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


# ---- converters (werkzeug.routing.converters), in place of Starlette's of the same names


class IntConverter(Convertor[int]):
    """Digits of any script, no sign."""

    regex = r"\d+"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(int(value))


class FloatConverter(Convertor[float]):
    """A dot is needed."""

    regex = r"\d+\.\d+"

    def convert(self, value: str) -> float:
        return float(value)

    def to_string(self, value: float) -> str:
        return str(float(value))


class PathConverter(Convertor[str]):
    """Not empty, no slash at the front."""

    regex = "[^/].*?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return str(value)


class UUIDConverter(Convertor[uuid.UUID]):
    """Dashes are needed."""

    regex = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"

    def convert(self, value: str) -> uuid.UUID:
        return uuid.UUID(value)

    def to_string(self, value: uuid.UUID) -> str:
        return str(value)


register_url_convertor("int", IntConverter())
register_url_convertor("float", FloatConverter())
register_url_convertor("path", PathConverter())
register_url_convertor("uuid", UUIDConverter())


# ---- routes


class FlaskRoute(APIRoute):
    """A route that answers HEAD where it answers GET and runs its view in the request's thread."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = set(options.pop("methods", None) or ["GET"])
        if "GET" in methods:
            methods.add("HEAD")
        # What a view returns is sent as it is; an annotation of it is no schema.
        options["response_model"] = None
        options.setdefault("name", getattr(endpoint, "__name__", None))
        if options["name"] is None:
            options["name"] = getattr(endpoint, "__name__", None)
        super().__init__(path, _as_coroutine(endpoint, path), methods=methods, **options)


def _as_coroutine(view: Callable[..., Any], path: str) -> Callable[..., Any]:
    """The view as a coroutine whose parameters are those that FastAPI is to fill."""

    @functools.wraps(view)
    async def run(*args: Any, **kwargs: Any) -> Any:
        state = current()
        blueprint = (state.request.blueprint or "") if state.request else ""
        for hook in state.app.state.hooks.own_before(blueprint):
            early = await state.call(hook)
            if early is not None:
                return early if isinstance(early, Response) else reply(early)
        result = await state.call(view, *args, **kwargs)
        if inspect.isawaitable(result):
            result = await result
        # What FastAPI would serialise in its own way: tuples, dicts, None.
        return result if isinstance(result, (str, Response)) else reply(result)

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
        elif parameter.name in in_path or _is_injected(parameter.annotation):
            kept.append(parameter.replace(kind=parameter.KEYWORD_ONLY))
    if generic:
        names = {parameter.name for parameter in kept}
        kept += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
            for name in in_path
            if name not in names
        ]
    return signature.replace(parameters=kept, return_annotation=signature.empty)


def _is_injected(annotation: Any) -> bool:
    return annotation is Request or hasattr(annotation, "__metadata__")


# ---- URLs that no route matches


def _matches(routes: Any, scope: Any) -> bool:
    for route in routes:
        try:
            match, child = route.matches(scope)
        except HTTPException:  # a converter refused the value
            continue
        if match is Match.FULL:
            if not isinstance(route, Mount):
                return True
            if route.routes and _matches(route.routes, {**scope, **child}):
                return True
    return False


def allowed_methods(app: Any, scope: Any) -> set[str]:
    """Methods that some rule answers at this URL."""
    root = scope.get("app_root_path", scope.get("root_path", ""))
    return {m for m in METHODS if _matches(app.routes, {**scope, "method": m, "root_path": root})}


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
        methods = METHODS if scope["method"] == "OPTIONS" else (scope["method"],)
        for other in (path + "/", merged, merged + "/"):
            if other == path or (other != merged and path.endswith("/")):
                continue
            if any(_matches(app.routes, {**scope, "path": other, "method": m}) for m in methods):
                await _redirect(scope, other)(scope, receive, send)
                return
        if merged != path:
            if any(_matches(app.routes, {**scope, "path": merged, "method": m}) for m in METHODS):
                scope["path"] = merged
                raise HTTPException(405)
        raise HTTPException(404)

    return answer


def _redirect(scope: Any, path: str) -> Response:
    base = str(URL(scope={**scope, "path": "/", "query_string": b""})).rstrip("/")
    query = scope["query_string"].decode("latin1")
    url = base + quote(path, safe="!$&'()*+,/:;=@%") + (f"?{query}" if query else "")
    return redirect(url, 308)
