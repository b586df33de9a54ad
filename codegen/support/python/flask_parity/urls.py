"""``url_for``: relative, quoted, extra values in the query (werkzeug.routing.MapAdapter.build)."""

from typing import Any
from urllib.parse import quote, urlencode

from starlette.convertors import StringConvertor
from starlette.routing import Mount, compile_path

from . import foreign
from .context import current
from .foreign import delegated


class BuildError(LookupError):
    """No rule of that endpoint takes these values."""


def add_url(app: Any, path: str, endpoint: str) -> None:
    """Names a URL that another route answers, so that ``url_for(endpoint)`` finds it."""
    app.state.extra_urls.append((endpoint, path))


def _rules(app: Any) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    table = getattr(app.state, "url_rules", None)
    if table is None:
        table = {}
        for name, path in [*_walk(app.routes), *app.state.extra_urls]:
            _, template, converters = compile_path(path)
            table.setdefault(name, []).append((template, converters))
        for rules in table.values():
            rules.sort(key=lambda rule: -len(rule[1]))
        app.state.url_rules = table
    return table


def _walk(routes: Any, prefix: str = "") -> Any:
    for route in routes:
        if hasattr(route, "effective_route_contexts"):  # included routers stay nested in FastAPI
            for context in route.effective_route_contexts():
                yield context.name, context.path
        elif isinstance(route, Mount):
            yield from _walk(route.routes, prefix + route.path)
        elif isinstance(getattr(route, "endpoint", None), foreign.Handover):
            continue  # Flask builds the URLs of relayed views
        elif getattr(route, "name", None) and hasattr(route, "path"):
            yield route.name, prefix + route.path


@delegated
def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _external: bool | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    **values: Any,
) -> str:
    """The URL of an endpoint; ``.name`` is one of the current blueprint."""
    state = current()
    request = state.request
    if endpoint.startswith("."):
        blueprint = request.blueprint if request else None
        endpoint = f"{blueprint}{endpoint}" if blueprint else endpoint[1:]
    for template, converters in _rules(state.app).get(endpoint, ()):
        if any(values.get(name) is None for name in converters):
            continue
        parts = {}
        for name, converter in converters.items():
            value = values[name]
            if hasattr(converter, "to_url"):  # one of `converters`: its text is quoted
                parts[name] = converter.to_url(value)
                continue
            text = (
                str(value) if isinstance(converter, StringConvertor) else converter.to_string(value)
            )
            parts[name] = quote(text, safe="!$&'()*+,/:;=@")
        url = (request.script_root if request else "") + template.format(**parts)
        extra = [
            (key, item)
            for key, value in values.items()
            if key not in converters
            for item in (value if isinstance(value, (list, tuple)) else [value])
            if item is not None
        ]
        if extra:
            url += "?" + urlencode(extra, safe="!$'()*,/:;?@")
        if _anchor:
            url += "#" + quote(_anchor, safe="%!#$&'()*+,/:;=?@")
        if _external or _scheme:
            host = request.host if request else state.app.state.config["SERVER_NAME"]
            scheme = _scheme or (request.scheme if request else "http")
            url = f"{scheme}://{host}{url}"
        return url
    if foreign.bridge is not None:
        options = {"_anchor": _anchor, "_method": _method, "_scheme": _scheme}
        values.update(options, _external=_external)
        if (url := foreign.bridge.url_for(state, endpoint, values)) is not None:
            return url
    raise BuildError(
        f"Could not build url for endpoint {endpoint!r} with values {sorted(values)!r}."
    )
