"""Cross-origin headers as Flask-CORS 6 sends them (flask_cors.core, extension, decorator).

Starlette's own middleware answers differently: it refuses preflights with a 400, sends ``*`` where
the origin is to be echoed, and has another ``Vary``.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import unquote

from .context import current, request
from .ground import Response
from .hooks import after_request
from .responses import reply, response_class
from .routing import allowed_methods

Pattern = str | re.Pattern[str]

_DEFAULTS: dict[str, Any] = {
    "origins": "*",
    "methods": ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"],
    "allow_headers": "*",
    "expose_headers": None,
    "supports_credentials": False,
    "max_age": None,
    "send_wildcard": False,
    "automatic_options": True,
    "vary_header": True,
    "resources": r"/*",
    "intercept_exceptions": True,
    "always_send": True,
    "allow_private_network": False,
}


@dataclass(frozen=True)
class Options:
    """The options of one resource, ready to be compared with requests."""

    origins: list[Pattern]
    allow_headers: list[Pattern]
    any_origin: bool
    methods: str | None
    expose_headers: str | None
    max_age: str | int | None
    supports_credentials: bool
    send_wildcard: bool
    automatic_options: bool
    vary_header: bool
    always_send: bool
    allow_private_network: bool


def _merge(config: Mapping[str, Any], *given: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults, then ``CORS_*`` settings, then what was given; the last one wins."""
    merged = dict(_DEFAULTS)
    for key in _DEFAULTS:
        if (value := config.get(f"CORS_{key.upper()}")) is not None:
            merged[key] = value
    for options in given:
        merged.update(options)
    return merged


def _options(merged: Mapping[str, Any]) -> Options:
    origins = _patterns(merged["origins"])
    any_origin = ".*" in origins
    credentials, wildcard = bool(merged["supports_credentials"]), bool(merged["send_wildcard"])
    if any_origin and credentials and wildcard:
        raise ValueError(
            "Cannot use supports_credentials in conjunction with an origin string of '*'."
        )
    methods, age = _joined(merged["methods"]), merged["max_age"]
    return Options(
        origins=[_compiled(pattern, re.IGNORECASE) for pattern in origins],
        allow_headers=[
            _compiled(pattern, re.IGNORECASE) for pattern in _patterns(merged["allow_headers"])
        ],
        any_origin=any_origin,
        methods=methods and methods.upper(),
        expose_headers=_joined(merged["expose_headers"]),
        max_age=str(int(age.total_seconds())) if isinstance(age, timedelta) else age,
        supports_credentials=credentials,
        send_wildcard=wildcard,
        automatic_options=bool(merged["automatic_options"]),
        vary_header=bool(merged["vary_header"]),
        always_send=bool(merged["always_send"]),
        allow_private_network=bool(merged["allow_private_network"]),
    )


def _joined(value: Any) -> str | None:
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return None if value is None else str(value)
    return ", ".join(str(item) for item in sorted(value))


def _patterns(value: Any) -> list[Pattern]:
    is_one = isinstance(value, str) or not isinstance(value, Iterable)
    return [_fixed(pattern) for pattern in ([value] if is_one else value)]


def _fixed(pattern: Pattern) -> Pattern:
    return ".*" if pattern == "*" else pattern


def _is_regex(pattern: Pattern) -> bool:
    """A string with any of the usual characters is taken for a regular expression."""
    return isinstance(pattern, re.Pattern) or bool(set("*\\]?$^[]()") & set(pattern))


def _compiled(pattern: Pattern, flags: int = 0) -> Pattern:
    if isinstance(pattern, re.Pattern) or not _is_regex(pattern):
        return pattern
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise ValueError(
            f"Invalid regular expression in CORS configuration: {pattern!r}"
        ) from error


def _matches(value: str, pattern: Pattern) -> bool:
    if isinstance(pattern, re.Pattern):
        return bool(pattern.match(value))
    return value.casefold() == pattern.casefold()


def _resources(spec: Any) -> list[tuple[Pattern, dict[str, Any]]]:
    """Patterns of paths with their options; of a dictionary, the most specific first."""
    if isinstance(spec, dict):
        pairs = sorted(((_fixed(key), value) for key, value in spec.items()), key=_specificity)
    elif isinstance(spec, (str, re.Pattern)):
        pairs = [(_fixed(spec), {})]
    elif isinstance(spec, Iterable):
        pairs = [(_fixed(pattern), {}) for pattern in spec]
    else:
        raise ValueError("Unexpected value for resources argument.")
    return [(_compiled(pattern), options) for pattern, options in pairs]


def _specificity(pair: tuple[Pattern, Any]) -> tuple[int, int, int, int]:
    pattern = pair[0]
    if isinstance(pattern, re.Pattern):
        return (1, 0, -pattern.pattern.count("/"), -len(pattern.pattern))
    regex = _is_regex(pattern)
    return (int(regex), int(regex), -pattern.count("/"), -len(pattern))


def _origins(options: Options, origin: str | None) -> list[str]:
    """What ``Access-Control-Allow-Origin`` is to say."""
    if origin:
        if options.any_origin and options.send_wildcard:
            return ["*"]
        return [origin] if any(_matches(origin, p) for p in options.origins) else []
    if not options.always_send:
        return []
    if options.any_origin:
        return [] if options.supports_credentials else ["*"]
    return sorted(pattern for pattern in options.origins if isinstance(pattern, str))


def _headers(options: Options, asked: Any, method: str) -> list[tuple[str, str]]:
    origins = _origins(options, asked.get("Origin"))
    if not origins:
        return []
    found: list[tuple[str, Any]] = [("Access-Control-Allow-Origin", origins[0])]
    found.append(("Access-Control-Expose-Headers", options.expose_headers))
    if options.supports_credentials:
        found.append(("Access-Control-Allow-Credentials", "true"))
    if asked.get("Access-Control-Request-Private-Network") == "true":
        allowed = "true" if options.allow_private_network else "false"
        found.append(("Access-Control-Allow-Private-Network", allowed))
    if method == "OPTIONS":
        wanted = asked.get("Access-Control-Request-Method", "").upper()
        # `wanted` is looked for in the joined text, as the original does: "GE" passes too.
        if wanted and options.methods and wanted in options.methods:
            found += [
                ("Access-Control-Allow-Headers", _allowed(options, asked)),
                ("Access-Control-Max-Age", options.max_age),
                ("Access-Control-Allow-Methods", options.methods),
            ]
    if options.vary_header and origins[0] != "*":
        several = len(options.origins) > 1 or len(origins) > 1
        if several or any(isinstance(pattern, re.Pattern) for pattern in options.origins):
            found.append(("Vary", "Origin"))
    return [(name, str(value)) for name, value in found if value]


def _allowed(options: Options, asked: Any) -> str | None:
    names = asked.get("Access-Control-Request-Headers")
    if not names:
        return None
    stripped = [name.strip() for name in names.split(",")]
    matching = [n for n in stripped if any(_matches(n, p) for p in options.allow_headers)]
    return ", ".join(sorted(matching))


def _add(response: Any, options: Options) -> None:
    for name, value in _headers(options, request.headers, request.method):
        _append(response.headers, name, value)


def _append(headers: Any, name: str, value: str) -> None:
    (headers.append if hasattr(headers, "append") else headers.add)(name, value)


class CORS:
    """Adds the headers to the app's answers, by their paths."""

    def __init__(self, app: Any = None, **kwargs: Any) -> None:
        self._options = kwargs
        if app is not None:
            self.init_app(app, **kwargs)

    def init_app(self, app: Any, **kwargs: Any) -> None:
        """``app`` is an app, or a router: then only its own answers get the headers."""
        config = getattr(getattr(app, "state", None), "config", {})
        merged = _merge(config, self._options, kwargs)
        _options(merged)  # refuses what is wrong in options that no resource uses
        resources = [
            (pattern, _options({**merged, **own}))
            for pattern, own in _resources(merged["resources"])
        ]

        @after_request(app)
        def add_cors_headers(response: Any) -> Any:
            if response.headers.get("Access-Control-Allow-Origin") or _evaluated():
                return response
            path = unquote(request.path)
            for pattern, options in resources:
                regex = isinstance(pattern, re.Pattern)
                if pattern.match(path) if regex else path == pattern:
                    _add(response, options)
                    break
            return response


def _evaluated() -> bool:
    return bool(current().__dict__.get("cors_evaluated"))


def cross_origin(*args: Any, **kwargs: Any) -> Callable[..., Any]:
    """Adds the headers to a view's answers; its rule then answers OPTIONS by itself.

    The view's ``required_methods`` and ``provide_automatic_options`` say so to who registers it.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        if kwargs.get("automatic_options", True):
            known: set[str] = getattr(view, "required_methods", set())
            view.required_methods = {*known, "OPTIONS"}  # type: ignore[attr-defined]
            view.provide_automatic_options = False  # type: ignore[attr-defined]

        @wraps(view)
        def answer(*args: Any, **values: Any) -> Any:
            options = _options(_merge(current().app.state.config, kwargs))
            if options.automatic_options and request.method == "OPTIONS":
                return _finish(_methods(), options)
            result = view(*args, **values)
            if inspect.isawaitable(result):
                return _finish_later(result, options)
            return _finish(reply(result), options)

        return answer

    return decorate


def _finish(response: Response, options: Options) -> Response:
    _add(response, options)
    current().__dict__["cors_evaluated"] = True
    return response


async def _finish_later(result: Any, options: Options) -> Response:
    return _finish(reply(await result), options)


def _methods() -> Response:
    """The answer to OPTIONS: the methods of the URL."""
    state = current()
    allow = allowed_methods(state.app, state.scope) | {"OPTIONS"}
    return response_class()("", headers={"Allow": ", ".join(sorted(allow))})
