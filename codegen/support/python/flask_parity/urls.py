"""``url_for`` as Flask and Werkzeug build URLs (flask.app.Flask.url_for, werkzeug.routing)."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from . import foreign
from .context import current
from .converters import ValidationError
from .foreign import delegated
from .ground import Mount, StringConvertor, compile_path
from .requesturl import url_host
from .routing import place

#: https://url.spec.whatwg.org/#url-path-segment-string, as Werkzeug has it.
_SEGMENT = "!$&'()*+,/:;=@"
_QUERY = "!$'()*,/:;?@"
_FRAGMENT = "%!#$&'()*+,/:;=?@"
_PARAMETER = re.compile(r"{(\w+)}")


def _writer(converter: Any) -> Callable[[Any], str]:
    """What makes quoted text of a value."""
    if (to_url := getattr(converter, "to_url", None)) is not None:  # its text is quoted
        return lambda value: str(to_url(value))
    if isinstance(converter, StringConvertor):
        return lambda value: quote(str(value), safe=_SEGMENT)
    return lambda value: quote(converter.to_string(value), safe=_SEGMENT)


class Rule:
    """The path of one route, ready to be filled (werkzeug.routing.Rule)."""

    def __init__(
        self,
        endpoint: str,
        path: str,
        methods: Iterable[str] | None,
        defaults: dict[str, Any] | None,
    ) -> None:
        _, template, self._converters = compile_path(re.sub("/{2,}", "/", path))
        self.endpoint = endpoint
        #: None for any.
        self.methods = None if methods is None else set(methods)
        self.defaults = defaults or {}
        self.arguments = {*self._converters, *self.defaults}
        # Text and names in turn; what has a default is text.
        self._parts = _PARAMETER.split(template)
        self._parts[::2] = [quote(text, safe=_SEGMENT) for text in self._parts[::2]]
        for i in range(1, len(self._parts), 2):
            if (name := self._parts[i]) in self.defaults:
                self._parts[i - 1] += _writer(self._converters[name])(self.defaults[name])
                self._parts[i] = ""

        self._slots = [
            (i, name, _writer(self._converters[name]))
            for i, name in enumerate(self._parts)
            if i % 2 and name
        ]

    def suits(self, values: dict[str, Any], method: str | None) -> bool:
        """Whether nothing is missing and no default is contradicted."""
        if method is not None and self.methods is not None and method not in self.methods:
            return False
        defaults = self.defaults
        for name in self.arguments:
            if name not in values and name not in defaults:
                return False
        for name, default in defaults.items():
            if name in values and values[name] != default:
                return False
        return True

    def build(self, values: dict[str, Any]) -> str | None:
        """Path and query; None if a converter refuses its value."""
        parts = self._parts.copy()
        try:
            for i, name, text in self._slots:
                parts[i] = text(values[name])
        except ValidationError:
            return None
        url = "".join(parts)
        if values.keys() <= self.arguments:
            return url
        items = []
        for key, value in values.items():
            if key not in self.arguments:
                if isinstance(value, (list, tuple, set)):
                    items += [(key, item) for item in value if item is not None]
                else:
                    items.append((key, value))
        return f"{url}?{urlencode(items, safe=_QUERY)}" if items else url


class BuildError(LookupError):
    """No rule of that endpoint takes these values (werkzeug.routing.BuildError)."""

    def __init__(
        self, endpoint: str, values: dict[str, Any], method: str | None, rules: Iterable[Rule] = ()
    ) -> None:
        super().__init__(endpoint, values, method)
        self.endpoint, self.values, self.method = endpoint, values, method
        self._rules = list(rules)

    @property
    def suggested(self) -> Rule | None:
        """The rule that was perhaps meant."""
        return max(self._rules, key=self._score, default=None)

    def _score(self, rule: Rule) -> float:
        alike = difflib.SequenceMatcher(None, rule.endpoint, self.endpoint).ratio()
        fits = bool(set(self.values) <= rule.arguments)
        answers = bool(rule.methods and self.method in rule.methods)
        return sum([0.98 * alike, 0.01 * fits, 0.01 * answers])

    def __str__(self) -> str:
        text = f"Could not build url for endpoint {self.endpoint!r}"
        if self.method:
            text += f" ({self.method!r})"
        if self.values:
            text += f" with values {sorted(self.values)!r}"
        text += "."
        rule = self.suggested
        if rule is None:
            return text
        if rule.endpoint != self.endpoint:
            return f"{text} Did you mean {rule.endpoint!r} instead?"
        if self.method and rule.methods is not None and self.method not in rule.methods:
            text += f" Did you mean to use methods {sorted(rule.methods)!r}?"
        if missing := rule.arguments - set(self.values):
            text += f" Did you forget to specify values {sorted(missing)!r}?"
        return text


class _Table:
    """The rules by endpoint, until a route is added."""

    def __init__(self, app: Any) -> None:
        extra = app.state.extra_urls
        self._seen = [(found, len(found)) for found in [*_lists(app.routes), extra]]
        self.rules: dict[str, list[Rule]] = {}
        told = getattr(app.state, "url_defaults", None) or {}
        walked = sorted(_walk(app.routes), key=lambda found: place(found[2]))
        for name, path, route in walked:
            if getattr(route, "is_spelling", False):
                continue
            same = self.rules.setdefault(name, [])
            defaults = getattr(route, "defaults", None)
            if not defaults and len(given := told.get(name, ())) > len(same):
                defaults = given[len(same)]
            same.append(Rule(name, path, getattr(route, "methods", None), defaults))
        for name, path in extra:
            self.rules.setdefault(name, []).append(Rule(name, path, None, None))
        for same in self.rules.values():  # Rule.build_compare_key
            same.sort(key=lambda rule: (-len(rule.arguments), -len(rule.defaults)))

    def is_current(self) -> bool:
        for found, count in self._seen:
            if len(found) != count:
                return False
        return True


def _lists(routes: Any) -> Iterator[Any]:
    """Every list that a new route could be put into."""
    yield routes
    for route in routes:
        if (included := getattr(route, "original_router", None)) is not None:
            yield from _lists(included.routes)
        elif isinstance(route, Mount):
            yield from _lists(route.routes)


def _walk(routes: Any, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    for route in routes:
        if hasattr(route, "effective_route_contexts"):  # included routers stay nested in FastAPI
            for context in route.effective_route_contexts():
                if context.name:
                    yield context.name, prefix + context.path, context.original_route
        elif isinstance(route, Mount):
            yield from _walk(route.routes, prefix + route.path)
        elif isinstance(getattr(route, "endpoint", None), foreign.Handover):
            continue  # Flask builds the URLs of relayed views
        elif getattr(route, "name", None) and hasattr(route, "path"):
            yield route.name, prefix + route.path, route


def _rules(app: Any) -> dict[str, list[Rule]]:
    table: _Table | None = getattr(app.state, "url_rules", None)
    if table is None or not table.is_current():
        table = app.state.url_rules = _Table(app)
    return table.rules


def add_url(app: Any, path: str, endpoint: str) -> None:
    """Names a URL that another route answers, so that ``url_for(endpoint)`` finds it."""
    app.state.extra_urls.append((endpoint, path))


def _first(rules: list[Rule], values: dict[str, Any], method: str | None) -> str | None:
    for rule in rules:
        if rule.suits(values, method) and (url := rule.build(values)) is not None:
            return url
    return None


def _inject_defaults(app: Any, endpoint: str, values: dict[str, Any]) -> None:
    """Calls the app's ``url_defaults`` functions, then those of the endpoint's blueprints."""
    if not app.state.hooks.has_url_defaults:
        return
    functions = app.state.hooks.url_default_functions
    names: list[str | None] = [None]
    if "." in endpoint:
        parts = endpoint.split(".")[:-1]
        names += [".".join(parts[: i + 1]) for i in range(len(parts))]
    for name in names:
        for function in functions.get(name, ()):
            function(endpoint, values)


@delegated
def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: Any,
) -> str:
    """The URL of an endpoint; ``.name`` is one of the current blueprint.

    In a request it is relative unless it has to be ``_external`` or of a ``_scheme``. Outside of
    requests it is external, and the configuration must tell ``SERVER_NAME``. ``_method`` chooses
    among the endpoint's rules; values that no rule needs go into the query, None is dropped.
    """
    state = current()
    app, request = state.app, state.request
    config = app.state.config
    if request is not None:
        if endpoint[:1] == ".":
            blueprint = request.blueprint
            endpoint = f"{blueprint}{endpoint}" if blueprint is not None else endpoint[1:]
        if _external is None:
            _external = _scheme is not None
    else:
        if config["SERVER_NAME"] is None:
            raise RuntimeError(
                "Unable to build URLs outside an active request without 'SERVER_NAME' configured."
                " Also configure 'APPLICATION_ROOT' and 'PREFERRED_URL_SCHEME' as needed."
            )
        if _external is None:
            _external = True
    if _scheme is not None and not _external:
        raise ValueError("When specifying '_scheme', '_external' must be True.")
    given = values.copy() if foreign.bridge is not None else values
    _inject_defaults(app, endpoint, values)
    if None in values.values():
        values = {key: value for key, value in values.items() if value is not None}
    table = _rules(app)
    rules, path = table.get(endpoint, []), None
    if _method is None:
        path = _first(rules, values, request.method if request is not None else "GET")
    if path is None:
        path = _first(rules, values, _method)
    if path is None and foreign.bridge is not None:
        options = {"_anchor": _anchor, "_method": _method, "_scheme": _scheme}
        asked = {**given, **options, "_external": _external}
        if (url := foreign.bridge.url_for(state, endpoint, asked)) is not None:
            return str(url)
    if path is None:
        known = [rule for same in table.values() for rule in same]
        raise BuildError(endpoint, values, _method, known)
    root: str = request.script_root if request is not None else config["APPLICATION_ROOT"]
    if _external:
        own = request.scheme if request is not None else config["PREFERRED_URL_SCHEME"]
        scheme = own if _scheme is None else _scheme
        if scheme:
            scheme = "https:" if scheme in ("https", "wss") else "http:"
        root = root.removesuffix("/")
        url = f"{scheme}//{url_host(config, request)}{root}/{path.lstrip('/')}"
    else:
        url = f"{root.rstrip('/')}/{path.lstrip('/')}"
    return url if _anchor is None else f"{url}#{quote(_anchor, safe=_FRAGMENT)}"
