"""What helpers reach without a parameter: the current request, session, ``g`` and application."""

import asyncio
import contextvars
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from .foreign import delegated
from .ground import Application
from .request import CurrentRequest
from .thread import RequestThread

_state: contextvars.ContextVar["State"] = contextvars.ContextVar("flask_parity.state")


class Globals:
    """The namespace of one request or app context (flask.ctx._AppCtxGlobals)."""

    def get(self, name: str, default: Any = None) -> Any:
        return self.__dict__.get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        return self.__dict__.pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)


class State:
    """All that belongs to one request, or to one app context outside of requests."""

    #: Whether ``globals`` and the teardown of the app context are those of a context around it.
    is_inner = False
    session: Any = None
    flashes: list[tuple[str, str]] | None = None
    request: CurrentRequest | None = None
    thread: RequestThread | None = None
    #: How many threads there may be, where the request gets its own only when it needs one.
    threads = 0
    #: None where requests are served without one: each in a thread of the server's.
    loop: asyncio.AbstractEventLoop | None = None
    #: The matched route, once it is known.
    route: Any = None
    #: Whether the hooks before the view ran, whether the context outlives the response, and
    #: whether it has ended.
    began = kept = ended = False
    #: Whether what handles an error raised one itself.
    failed = False

    def __init__(self, app: Application, scope: Any = None, receive: Any = None) -> None:
        self.app = app
        self.scope = scope
        self.globals = Globals()
        self.after: list[Callable[..., Any]] = []
        if scope is not None:
            limit = app.state.config["MAX_CONTENT_LENGTH"]
            made = app.state.request_class
            self.request = made(scope, made.body_class(scope, receive, limit, self.fetch))
            self.loop = asyncio._get_running_loop()

    async def call(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Calls the app's own code: coroutines on the loop, the rest in the request's thread."""
        if is_coroutine_function(function):
            return await self.settled(function(*args, **kwargs))
        if self.thread is None:
            if not self.threads:  # of an app context, nobody waits for it
                return function(*args, **kwargs)
            self.thread = RequestThread(contextvars.copy_context(), self.threads)
        if self.app.state.dialect.copies_context:
            context = contextvars.copy_context()
            return await self.thread.run_in(context, function, *args, **kwargs)
        return await self.thread.run(function, *args, **kwargs)

    async def settled(self, awaitable: Any) -> Any:
        """What an awaitable of the app's gives; on a loop of its own where there is none, as Flask
        has it (flask.Flask.async_to_sync)."""
        if asyncio._get_running_loop() is None:
            return asyncio.run(_awaited(awaitable))
        return await awaitable

    def reply(self, value: Any) -> Any:
        """A response of whatever a view or a hook may return."""
        return self.app.state.make_response(value)

    def fetch(self, coroutine: Any) -> Any:
        """Waits for a coroutine from the request's thread."""
        if self.loop is None:
            return at_once(coroutine)
        if asyncio._get_running_loop() is self.loop:  # it would wait for itself
            coroutine.close()
            raise RuntimeError("A coroutine cannot wait for the body: await request.body.load().")
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()


_seen = functools.lru_cache(4096)(inspect.iscoroutinefunction)


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    """The same as of ``inspect``, which takes its time and is asked several times a request."""
    try:
        return _seen(function)
    except TypeError:  # without a hash
        return inspect.iscoroutinefunction(function)


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def at_once(coroutine: Any) -> Any:
    """What a coroutine gives that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("Code that waits ran where nothing can be waited for.")


def current() -> State:
    """The state of this request or app context."""
    try:
        return _state.get()
    except LookupError:
        raise RuntimeError("Working outside of application context.") from None


class _Proxy:
    """An object that is looked up anew at every use (of werkzeug.local.LocalProxy)."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[], Any]) -> None:
        object.__setattr__(self, "_find", find)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._find(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._find(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._find()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._find()[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._find()[key]

    def __contains__(self, key: Any) -> bool:
        return key in self._find()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._find())

    def __len__(self) -> int:
        return len(self._find())

    def __bool__(self) -> bool:
        try:
            return bool(self._find())
        except RuntimeError:
            return False

    def __eq__(self, other: object) -> bool:
        return self._find() == other

    def __ne__(self, other: object) -> bool:
        return self._find() != other

    def __hash__(self) -> int:
        return hash(self._find())

    def __repr__(self) -> str:
        return repr(self._find())

    def _get_current_object(self) -> Any:
        return self._find()


@delegated
def _request() -> CurrentRequest:
    request = current().request
    if request is None:
        raise RuntimeError("Working outside of request context.")
    return request


@delegated
def _session() -> Any:
    found = current().session
    if found is None:
        raise RuntimeError("Working outside of request context.")
    # Reaching for the session is what adds `Vary: Cookie` (flask.ctx.RequestContext.session).
    found.accessed = True
    return found


@delegated
def _globals() -> Any:
    return current().globals


@delegated
def _application() -> Any:
    return current().app


g: Any = _Proxy(_globals)
request: Any = _Proxy(_request)
session: Any = _Proxy(_session)
current_app: Any = _Proxy(_application)


@delegated
def has_request_context() -> bool:
    state = _state.get(None)
    return state is not None and state.request is not None


@delegated
def has_app_context() -> bool:
    return _state.get(None) is not None


@contextmanager
def activate(state: State) -> Iterator[State]:
    """Makes ``state`` the current one."""
    token = _state.set(state)
    try:
        yield state
    finally:
        _state.reset(token)


@delegated
@contextmanager
def app_context(app: Application) -> Iterator[State]:
    """``with app.app_context():``, its teardown functions included."""
    error = None
    with activate(State(app)) as state:
        try:
            yield state
        except Exception as exc:
            error = exc
            raise
        finally:
            for function in app.state.hooks.ending():
                function(error)


@delegated
def stream_with_context(generator: Any) -> Any:
    """A stream that may use the request while it is sent (flask.helpers.stream_with_context)."""
    if callable(generator) and not isinstance(generator, Iterator):

        @functools.wraps(generator)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            return stream_with_context(generator(*args, **kwargs))

        return decorated
    current().kept = True
    return iter(generator)


@delegated
def copy_current_request_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` in this request's context, for another thread."""
    state = current()

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with activate(state):
            return function(*args, **kwargs)

    return run


@delegated
def after_this_request(function: Callable[..., Any]) -> Callable[..., Any]:
    """Runs ``function`` with this request's response."""
    current().after.append(function)
    return function


def open_resource(app: Any, name: str, mode: str = "rb", encoding: str = "utf-8") -> IO[Any]:
    """A file below the package's folder."""
    path = f"{app.state.root_path}/{name}"
    return open(path, mode) if mode == "rb" else open(path, mode, encoding=encoding)
