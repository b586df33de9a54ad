"""Serves an app on Robyn: which of its routes answer where, and what a request goes through.

Robyn's router finds most routes by itself. What it cannot tell apart (converters, two values in a
segment, percent signs) and what no route answers is looked up by pattern, in Werkzeug's order.
"""

import asyncio
import contextlib
import contextvars
import functools
import inspect
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from robyn.robyn import FunctionInfo, HttpMethod
from robyn.router import Route as NativeRoute

from . import foreign, inflight
from .context import State, _state, at_once
from .errors import find_handler, is_expected
from .exceptions import NotFound, RequestRedirect
from .ground import HTTPException, Match, Request
from .precedence import order
from .recovery import recovered
from .robynexchange import NO_FORM, ArrivedHeaders, blank_scope, ended, receiving, scope_of, sent
from .robynpaths import Segment, native, overlap, segments
from .robynslashes import redirect_missing, refuse_extra
from .robynwsgi import answered, environ_of
from .routing import METHODS, fits, moved
from .sessions import open_session, session_of

#: Every method that Robyn hands over.
_ALL = (*METHODS, "CONNECT")


def install(app: Any, host: str, port: int) -> None:
    """Puts the routes into Robyn's own router, before it starts."""
    state = app.state
    app.server = (host, port)
    routes = app.routes
    routes[:] = _sorted(routes)
    state.awaits = state.dialect.awaits
    # Robyn takes a multipart body apart, and loses most of it, when the last Content-Type says that
    # it is one; a global header comes last. Those of responses are put on requests (0.88).
    app.set_request_header("content-type", NO_FORM)
    app.set_response_header("content-type", NO_FORM)
    table = app.router.routes
    for path, rules in _shapes(routes).items():
        _register(table, path, _handler(app, rules))
    everything(table, _handler(app, []))
    redirect_missing(app)
    refuse_extra(app, functools.partial(_page_of_none, app))
    if state.awaits:
        _live(app)


def _sorted(routes: list[Any]) -> list[Any]:
    found = list(routes)
    for i, route in enumerate(found):
        route.parity_place = i
    return [found[i] for i in order([route.path for route in found])]


def _register(table: Any, path: str, handler: Any) -> None:
    awaits = inspect.iscoroutinefunction(handler)
    for method in _ALL:
        info = FunctionInfo(handler, awaits, 1, {"request": None}, {})
        table.append(NativeRoute(getattr(HttpMethod, method), path, info, False, False, "", []))


def everything(table: Any, handler: Any) -> None:
    """Has a handler answer whatever no pattern of the table does."""
    taken = {route.route for route in table}
    for path in sorted({*_rest(taken), *_beginnings(taken)} - taken):
        _register(table, path, handler)


def _rest(taken: set[str]) -> Iterator[str]:
    """Patterns for every URL that nothing else takes.

    Robyn's router (matchit 0.7) has either a value or a rest in one place, and neither is empty.
    """
    prefix = ""
    yield "/"
    while any(path.startswith(f"{prefix}/:") for path in taken):
        yield from (f"{prefix}//", f"{prefix}//*path")
        prefix += f"/:p{prefix.count('/')}"
        yield from (prefix, f"{prefix}/")
    if all(not path.startswith(f"{prefix}/*") for path in taken):
        yield f"{prefix}/*path"


def _beginnings(taken: set[str]) -> Iterator[str]:
    """Where a URL ends that follows a longer pattern so far: the router does not go back then.

    With a slash: of two at the end, Robyn leaves one.
    """
    for path in taken:
        names = [name for name in path.split("/") if name and name[0] != "*"]
        for end in range(1, len(names) + 1):
            beginning = "/" + "/".join(names[:end])
            yield from (beginning, f"{beginning}/")


# ---- what Robyn's router can find


def _shapes(routes: list[Any]) -> dict[str, list[Any]]:
    """Rules by the pattern under which Robyn finds them.

    Left out is what Robyn would answer by another rule than Werkzeug: where one that comes first
    for Werkzeug is none of these, or is not the one that Robyn takes of two that fit; and what its
    router refuses, a rest beside a value.
    """
    found: dict[str, list[Any]] = {}
    for route in routes:
        if (path := native(route.path)) is not None:
            found.setdefault(path, []).append(route)
    for path in [path for path in found if "*" in path]:
        before = path[: path.index("*")]
        if any(other.startswith(f"{before}:") for other in found):
            del found[path]
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
    ours = segments(rules[-1].path)
    for other in routes[:last]:
        theirs = segments(other.path)
        if id(other) in own or not overlap(ours, theirs):
            continue
        if id(other) not in kept or not _is_plainer(theirs, ours):
            return True
    return False


def _is_plainer(first: list[Segment], second: list[Segment]) -> bool:
    """Whether Robyn takes the first of two that fit: text before a value, a value before a rest."""
    ranks = [[_rank(segment) for segment in path] for path in (first, second)]
    return ranks[0] < ranks[1]


def _rank(segment: Segment) -> int:
    return 0 if isinstance(segment, str) else 2 if segment is ... else 1


# ---- a request

#: The coroutines that are begun as soon as there is a task for them.
_own: set[Any] = set()


def begin_at_once(loop: asyncio.AbstractEventLoop) -> None:
    """Has the loop begin a request in the turn in which Robyn hands it over.

    Robyn makes two tasks of a request, of which the second one would wait for the next turn; those
    of the app are left as they are. Python 3.12 has the means.
    """
    if sys.version_info >= (3, 12):

        def task(loop: Any, coroutine: Any, **options: Any) -> Any:
            own = getattr(coroutine, "cr_code", None) in _own
            return asyncio.Task(coroutine, loop=loop, eager_start=own, **options)

        loop.set_task_factory(task)


def _handler(app: Any, rules: list[Any]) -> Any:
    """Robyn's handler for a pattern: the first of its rules that fits, or what the patterns say."""
    if app.state.awaits:

        async def respond(request: Any) -> Any:
            return await _served(app, rules, request)

        _own.add(respond.__code__)
        return respond

    def respond_at_once(request: Any) -> Any:
        return at_once(_served(app, rules, request))

    return respond_at_once


async def _served(app: Any, rules: list[Any], asked: Any) -> Any:
    """A request of Robyn's, through what stands around the app."""
    scope, receive = scope_of(app, asked), receiving(asked)
    layer = app.state.wsgi_layer
    if layer is not None and (outside := app.state.wsgi_app) is not layer:
        inflight.enter()
        return answered(outside, environ_of(scope, receive))
    if foreign.bridge is not None:
        inflight.enter()
        if (answer := foreign.bridge.answer(app, scope, receive)) is not None:
            return answer
        inflight.leave()
    return await exchange(app, rules, scope, receive, sent)


def _page_of_none(
    app: Any, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Any:
    """The app's answer to a URL that it does not know; None if it may be another for somebody."""
    scope = blank_scope(app, method, path)
    for name, value in {"host": "localhost", **(headers or {})}.items():
        scope["headers"].append((name.encode(), value.encode()))
    found: list[Any] = []

    async def send(state: State, response: Any) -> tuple[Any, bool]:
        found[:] = [state, response]
        return await sent(state, response)

    asked = exchange(app, [], scope, receiving(None), send)
    logger = app.state.logger
    was, logger.disabled = logger.disabled, True  # what fails here is nobody's request
    try:
        run = asyncio.run if app.state.awaits else at_once
        page = contextvars.copy_context().run(run, asked)
    except Exception:
        return None
    finally:
        logger.disabled = was
    state, response = found
    is_own = find_handler(app, state, NotFound(), 404) is not None
    if (
        response.status_code != 404
        or not response.is_sequence
        or (is_own and state.session.accessed)
    ):
        return None
    return page


async def exchange(
    app: Any, rules: list[Any], scope: Any, receive: Any, send: Callable[[State, Any], Any]
) -> Any:
    """One request from its session to its teardown, in Flask's order (flask.Flask.wsgi_app).

    ``send`` makes of a response what the server takes, and tells whether it goes on after this.
    """
    inflight.enter()
    state = State(app, scope, receive)
    _state.set(state)  # in a context that Robyn made for this request
    state.threads = app.state.threads if app.state.awaits else 0
    headers, config = scope["headers"], app.state.config
    if isinstance(headers, ArrivedHeaders):
        state.session = session_of(config, headers.cookie())
    else:
        state.session = open_session(config, headers)
    scope["session"] = state.session
    request = Request(scope)
    error: Exception | None = None
    streams = False
    try:
        try:
            rule = _route(app, rules, scope)
            made, streams = await send(state, await rule.answer(request, rule.called))
        except Exception as exc:
            error = None if is_expected(exc) else exc
            if state.route is None:  # none that answers: what was tried tells nothing
                for key in ("route", "path_params"):
                    scope.pop(key, None)
            made, streams = await send(state, await recovered(state, request, exc))
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
    inside = path.removeprefix(scope["root_path"])
    for rule in app.routes:
        if rule.path_regex.match(_spelled(rule, inside)) and _takes(rule, scope, path):
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
        for target in (merged, merged + "/"):
            if any(fits(app.routes, {**scope, "path": target, "method": m}) for m in METHODS):
                scope["path"] = target
                raise HTTPException(405)
    raise HTTPException(404)


def _spelled(rule: Any, path: str) -> str:
    """The path as the rule wants it: Robyn cuts the slash off, so that both spellings are one."""
    return path + "/" if rule.path[-1:] == "/" and path != "/" else path


def _takes(rule: Any, scope: Any, path: str) -> bool:
    """Whether the URL fits a rule."""
    scope["path"] = _spelled(rule, path)
    match, child = rule.matches(scope)
    if match is Match.NONE:
        return False
    scope.update(child)
    scope["route"] = rule
    return True


def _live(app: Any) -> None:
    """Has Robyn run what is to run when serving begins and ends."""
    app.router.lifespan_context = _nothing
    lifespan = app.state.dialect.lifespan
    serving = (lifespan(app) if lifespan is not None else _nothing)(app)

    async def begin() -> None:
        begin_at_once(asyncio.get_running_loop())
        await serving.__aenter__()

    async def end() -> None:
        await serving.__aexit__(None, None, None)

    app.startup_handler(begin)
    app.shutdown_handler(end)


@contextlib.asynccontextmanager
async def _nothing(app: Any) -> AsyncIterator[None]:
    yield
