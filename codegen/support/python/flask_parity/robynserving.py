"""Serves an app on Robyn: which of its routes answer where, and what a request goes through.

Robyn's router finds most routes by itself. What it cannot tell apart (converters, two values in a
segment, percent signs) and what no route answers is looked up by pattern, in Werkzeug's order.
"""

import contextlib
import contextvars
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from robyn.robyn import FunctionInfo, HttpMethod
from robyn.router import Route as NativeRoute

from . import inflight
from .context import State, _state, at_once
from .errors import is_expected
from .exceptions import RequestRedirect
from .ground import HTTPException, Match, Request
from .precedence import order
from .recovery import recovered
from .robynexchange import FAKE_TYPE, ended, receiving, scope_of, sent
from .robynpaths import native, takes_slashes
from .routing import METHODS, fits, moved
from .sessions import open_session
from .thread import RequestThread

#: Every method that Robyn hands over.
_ALL = (*METHODS, "CONNECT")


def install(app: Any, host: str, port: int) -> None:
    """Puts the routes into Robyn's own router, before it starts."""
    state = app.state
    state.server = (host, port)
    routes = app.routes
    routes[:] = _sorted(routes)
    state.awaits = state.dialect.awaits
    # Robyn takes a multipart body apart, and loses most of it, when the last Content-Type says that
    # it is one; a global header comes last. Those of responses are put on requests (0.88).
    app.set_request_header("content-type", FAKE_TYPE)
    app.set_response_header("content-type", FAKE_TYPE)
    table = app.router.routes
    for path, rules in _shapes(routes).items():
        _register(table, path, _handler(app, rules))
    general = _handler(app, [])
    taken = {route.route for route in table}
    for path in sorted({"/", "/*path", *_doubled(taken)} - taken):
        _register(table, path, general)
    if state.dialect.lifespan is not None:
        _live(app)


def _sorted(routes: list[Any]) -> list[Any]:
    found = list(routes)
    for i, route in enumerate(found):
        route.parity_place = i
    return [found[i] for i in order([route.path for route in found])]


def _register(table: Any, path: str, handler: Any) -> None:
    awaits = handler.__code__.co_flags & 0x80 != 0  # a coroutine function
    for method in _ALL:
        info = FunctionInfo(handler, awaits, 1, {"request": None}, {})
        table.append(NativeRoute(getattr(HttpMethod, method), path, info, False, False, "", []))


def _doubled(paths: Iterable[str]) -> Iterator[str]:
    """Patterns for URLs with two slashes at the end, of which Robyn cuts one off.

    Where its router (matchit 0.7) follows the text of a longer pattern that far, it does not go
    back for ``/*path``.
    """
    for path in paths:
        names = [name for name in path.split("/") if name and name[0] != "*"]
        for end in range(1, len(names) + 1):
            yield "/" + "/".join(names[:end]) + "/"


# ---- what Robyn's router can find


def _shapes(routes: list[Any]) -> dict[str, list[Any]]:
    """Rules by the pattern under which Robyn finds them.

    Left out is what Robyn would answer by another rule than Werkzeug: where one that comes first
    for Werkzeug is none of these, or is not the one that Robyn takes of two that fit.
    """
    found: dict[str, list[Any]] = {}
    for route in routes:
        if (path := native(route.path)) is not None:
            found.setdefault(path, []).append(route)
    is_settled = False
    while not is_settled:
        kept = {id(route) for rules in found.values() for route in rules}
        wrong = [path for path, rules in found.items() if _is_outrun(routes, rules, kept)]
        for path in wrong:
            del found[path]
        is_settled = not wrong
    return found


def _is_outrun(routes: list[Any], rules: list[Any], kept: set[int]) -> bool:
    own = {id(rule) for rule in rules}
    last = max(place for place, route in enumerate(routes) if id(route) in own)
    ours = _segments(rules[-1].path)
    for other in routes[:last]:
        theirs = _segments(other.path)
        if id(other) in own or not _overlap(ours, theirs):
            continue
        if id(other) not in kept or not _is_plainer(theirs, ours):
            return True
    return False


def _is_plainer(first: list[Any], second: list[Any]) -> bool:
    """Whether Robyn takes the first of two that fit: text before a value, a value before a rest."""
    ranks = [[1 if x is None else 2 if x is ... else 0 for x in path] for path in (first, second)]
    return ranks[0] < ranks[1]


def _overlap(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether a URL may fit both paths, as far as their text tells."""
    for a, b in zip(ours, theirs, strict=False):
        if a is ... or b is ...:
            return True
        if a is not None and b is not None and a != b:
            return False
    return len(ours) == len(theirs) or ... in ours or ... in theirs


def _segments(path: str) -> list[Any]:
    """Text, None for what varies, and ``...`` from where slashes may be part of it."""
    found: list[Any] = []
    for segment in path.strip("/").split("/"):
        if "{" in segment and takes_slashes(segment):
            return [*found, ...]
        found.append(None if "{" in segment else segment)
    return found


# ---- a request


def _handler(app: Any, rules: list[Any]) -> Any:
    """Robyn's handler for a pattern: the first of its rules that fits, or what the patterns say."""
    if app.state.awaits:

        async def respond(request: Any) -> Any:
            return await _served(app, rules, request)

        return respond

    def respond_at_once(request: Any) -> Any:
        return at_once(_served(app, rules, request))

    return respond_at_once


async def _served(app: Any, rules: list[Any], asked: Any) -> Any:
    """One request from its session to its teardown, in Flask's order (flask.Flask.wsgi_app)."""
    inflight.enter()
    scope = scope_of(app, asked)
    state = State(app, scope, receiving(asked))
    _state.set(state)  # in a context that Robyn made for this request
    if app.state.awaits:
        state.thread = RequestThread(contextvars.copy_context(), app.state.threads)
    state.session = scope["session"] = open_session(app.state.config, scope["headers"])
    request = Request(scope)
    error: Exception | None = None
    streams = False
    try:
        try:
            rule = _route(app, rules, scope)
            made, streams = await sent(state, await rule.answer(request, rule.called))
        except Exception as exc:
            error = None if is_expected(exc) else exc
            if state.route is None:  # none that answers: what was tried tells nothing
                for key in ("route", "path_params"):
                    scope.pop(key, None)
            made, streams = await sent(state, await recovered(state, request, exc))
        return made
    finally:
        if not streams:
            await ended(state, error)


def _route(app: Any, rules: list[Any], scope: Any) -> Any:
    """The rule that answers; the values of the URL are in the scope."""
    path, method = scope["path"], scope["method"]
    if b"%" not in scope["raw_path"]:
        for rule in rules:
            if method in rule.methods and _takes(rule, scope, path):
                return rule
    if path.startswith("//"):  # Werkzeug drops extra slashes at the front before it matches
        path = "/" + path.lstrip("/")
    other = None
    for rule in app.routes:
        if _takes(rule, scope, path):
            if method in rule.methods:
                return rule
            other = other or scope["path"]
    if other is not None:
        scope["path"] = other
        raise HTTPException(405)
    scope["path"] = path
    merged = re.sub("/{2,}", "/", path)
    if merged != path:
        for target in (merged, merged + "/"):
            if fits(app.routes, {**scope, "path": target}):
                raise RequestRedirect(moved(scope, target))
    raise HTTPException(404)


def _takes(rule: Any, scope: Any, path: str) -> bool:
    """Whether the URL fits a rule. Robyn cuts the slash off, so that both spellings are one."""
    scope["path"] = path + "/" if rule.path.endswith("/") and path != "/" else path
    match, child = rule.matches(scope)
    if match is Match.NONE:
        return False
    scope.update(child)
    scope["route"] = rule
    return True


def _live(app: Any) -> None:
    """Has Robyn run what is to run when serving begins and ends."""
    app.router.lifespan_context = _nothing
    serving = app.state.dialect.lifespan(app)(app)

    async def begin() -> None:
        await serving.__aenter__()

    async def end() -> None:
        await serving.__aexit__(None, None, None)

    app.startup_handler(begin)
    app.shutdown_handler(end)


@contextlib.asynccontextmanager
async def _nothing(app: Any) -> AsyncIterator[None]:
    yield
