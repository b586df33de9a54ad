"""Flask's ways to test an app, over the port: a client, contexts and a runner of commands.

A request runs in the process, without a server. Its coroutines run on an event loop in a thread
of its own; all synchronous code of the app (hooks, views, templates, teardown) runs in the thread
that called the client, as under Flask's client, so that what belongs to that thread (a sqlite3
connection, a thread-local session) can be shared between a test and the app.
"""

import asyncio
import atexit
import contextvars
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from click.testing import CliRunner, Result

from .cli import commands
from .context import State, _state, app_context
from .ground import HTTPException, Match
from .request import CurrentRequest
from .responses import Response
from .sessions import NullSession, open_session, save_session
from .testing_cookies import Cookie, CookieJar
from .testing_requests import TestRequest
from .testing_responses import ResponseHeaders, TestResponse

__all__ = ["Client", "CommandRunner", "app_context", "test_cli_runner", "test_client"]
__all__ += ["test_request_context"]

Job = Callable[[], None]


# ---- where coroutines run


class _Loop:
    """An event loop in a daemon thread, started when it is needed and shared by all clients."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._lifespans: dict[int, tuple[Any, asyncio.Queue[Any], Any]] = {}

    def get(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="loop", daemon=True).start()
                atexit.register(self._shut_down)
        return self._loop

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Runs a coroutine that calls no synchronous code of the app."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.get()).result()

    def start(self, app: Any) -> None:
        """Runs the startup of the app's lifespan, once; its shutdown runs at the end."""
        if id(app) in self._lifespans or not _has_lifespan(app):
            return
        self._lifespans[id(app)] = self.run(_start_lifespan(app))

    def _shut_down(self) -> None:
        for _, messages, task in self._lifespans.values():
            self.run(_stop_lifespan(messages, task))


def _has_lifespan(app: Any) -> bool:
    context = getattr(app.router, "lifespan_context", None)
    events = [*getattr(app.router, "on_startup", ()), *getattr(app.router, "on_shutdown", ())]
    return bool(events) or not type(context).__name__.startswith("_DefaultLifespan")


async def _start_lifespan(app: Any) -> tuple[Any, asyncio.Queue[Any], Any]:
    messages: asyncio.Queue[Any] = asyncio.Queue()
    started = asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        if message["type"] == "lifespan.startup.complete" and not started.done():
            started.set_result(None)
        elif message["type"] == "lifespan.startup.failed" and not started.done():
            started.set_exception(RuntimeError(message.get("message") or "startup failed"))

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, messages.get, send))
    await messages.put({"type": "lifespan.startup"})
    await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
    if task.done() and (error := task.exception()) is not None:
        raise error
    return app, messages, task


async def _stop_lifespan(messages: "asyncio.Queue[Any]", task: Any) -> None:
    await messages.put({"type": "lifespan.shutdown"})
    await asyncio.wait([task], timeout=5)


_loop = _Loop()


# ---- where synchronous code runs


class CallerThread:
    """The thread that called the client, in the place of the request's own thread."""

    def __init__(self, context: contextvars.Context, jobs: "queue.SimpleQueue[Job | None]") -> None:
        self._context, self._jobs = context, jobs

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Calls ``function`` there, in the request's own contextvars context."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def settle(result: Any, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        def job() -> None:
            result, error = None, None
            try:
                result = self._context.run(function, *args, **kwargs)
            except StopIteration as stop:  # a future cannot carry it
                error = RuntimeError(f"StopIteration: {stop.value}")
            except BaseException as exc:
                error = exc
            loop.call_soon_threadsafe(settle, result, error)

        self._jobs.put(job)
        return await future

    def release(self) -> None:
        """The thread is the caller's: there is nothing to give back."""


class Exchange:
    """One request of a test, as :class:`flask_parity.lifecycle.Lifecycle` finds it in its scope.

    Inside ``with app_context(app):`` a request uses that context's ``g`` and leaves its teardown
    to it, as in Flask (flask.ctx.RequestContext.push).
    """

    #: Key of the scope.
    KEY = "flask_parity.test"

    def __init__(self, app: Any) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._app = app
        outer = _state.get(None)
        self._outer = outer if outer is not None and outer.app is app else None
        #: The request's state, once it has begun.
        self.state: State | None = None
        #: Runs the request's teardown functions again.
        self.teardown: Callable[..., Coroutine[Any, Any, None]] | None = None

    @property
    def propagates(self) -> bool:
        """Whether an error that nobody handles is raised out of the client."""
        config = self._app.state.config
        chosen = config["PROPAGATE_EXCEPTIONS"]
        return bool(config["TESTING"] or config["DEBUG"]) if chosen is None else bool(chosen)

    def begin(self, state: State, teardown: Callable[..., Coroutine[Any, Any, None]]) -> None:
        """Takes the state of the request that begins."""
        self.state, self.teardown = state, teardown
        if self._outer is not None:
            state.globals, state.is_inner = self._outer.globals, True

    def thread(self, context: contextvars.Context) -> CallerThread:
        return CallerThread(context, self._jobs)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Waits for a coroutine and meanwhile does what it asks of this thread."""
        future = asyncio.run_coroutine_threadsafe(coroutine, _loop.get())
        future.add_done_callback(lambda _: self._jobs.put(None))
        while (job := self._jobs.get()) is not None:
            job()
        return future.result()


def _receiver(body: bytes) -> Callable[[], Coroutine[Any, Any, Any]]:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await asyncio.get_running_loop().create_future()  # a client that stays connected

    return receive


# ---- the client


class Client:
    """Flask's test client (flask.testing.FlaskClient) over a port.

    ``with client:`` keeps the context of the last request, so that a test can read ``request``,
    ``session`` and ``g``.
    """

    def __init__(self, app: Any, use_cookies: bool = True, **ignored: Any) -> None:
        self.application = app
        self.environ_base: dict[str, Any] = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": "flask_parity",
        }
        self.preserve_context = False
        self._jar = CookieJar() if use_cookies else None
        self._kept: list[tuple[Exchange, contextvars.Token[State]]] = []

    # -- cookies

    def _cookies(self) -> CookieJar:
        if self._jar is None:
            raise TypeError("Cookies are disabled. Create a client with 'use_cookies=True'.")
        return self._jar

    def get_cookie(self, key: str, domain: str = "localhost", path: str = "/") -> Cookie | None:
        return self._cookies().get(key, domain, path)

    def set_cookie(
        self,
        key: str,
        value: str = "",
        *,
        domain: str = "localhost",
        origin_only: bool = True,
        path: str = "/",
        **options: Any,
    ) -> None:
        self._cookies().set(key, value, domain, origin_only, path=path, **options)

    def delete_cookie(
        self, key: str, *, domain: str = "localhost", path: str = "/", **ignored: Any
    ) -> None:
        self._cookies().delete(key, domain, path)

    # -- requests

    def open(
        self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **options: Any
    ) -> TestResponse:
        """Sends a request; arguments as in :class:`flask_parity.testing_requests.TestRequest`."""
        request = args[0] if args and isinstance(args[0], TestRequest) else None
        if request is None:
            request = self._request(*args, **options)
        response = self._send(request)
        if not follow_redirects:
            return response
        seen: set[tuple[str | None, int]] = set()
        history: list[TestResponse] = []
        while response.status_code in (301, 302, 303, 305, 307, 308):
            entry = (response.location, response.status_code)
            if entry in seen:
                raise RuntimeError(
                    f"Loop detected: A {entry[1]} redirect to {entry[0]} was already made."
                )
            seen.add(entry)
            response.history = tuple(history)
            history.append(response)
            request = request.redirected(response.location or "", response.status_code)
            response = self._send(request)
        response.history = tuple(history)
        return response

    def get(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "GET"})

    def post(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "POST"})

    def put(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "PUT"})

    def patch(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "PATCH"})

    def delete(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "DELETE"})

    def head(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "HEAD"})

    def options(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "OPTIONS"})

    def trace(self, *args: Any, **options: Any) -> TestResponse:
        return self.open(*args, **{**options, "method": "TRACE"})

    def _request(self, *args: Any, **options: Any) -> TestRequest:
        options["environ_base"] = {**self.environ_base, **(options.get("environ_base") or {})}
        return TestRequest(self.application, *args, **options)

    def _send(self, request: TestRequest) -> TestResponse:
        self._leave()
        app = self.application
        _loop.start(app)
        path = f"{request.root}{request.path}" or "/"
        scope = request.scope(self._jar and self._jar.header(request.host, path))
        exchange = Exchange(app)
        scope[Exchange.KEY] = exchange
        head: dict[str, Any] = {}
        body = bytearray()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            elif message["type"] == "http.response.body" and request.method != "HEAD":
                body.extend(message.get("body", b""))

        try:
            exchange.run(app(scope, _receiver(request.body), send))
        except Exception:
            if not head or exchange.propagates:
                raise
        finally:
            if self.preserve_context and exchange.state is not None:
                self._kept.append((exchange, _state.set(exchange.state)))
        headers = ResponseHeaders(list(head.get("headers", ())))
        if self._jar is not None:
            self._jar.take(headers.getlist("set-cookie"), request.host, path)
        seen = exchange.state.request if exchange.state else CurrentRequest(scope, None)  # type: ignore[arg-type]
        return TestResponse(head["status"], headers, bytes(body), seen)

    # -- contexts

    def _leave(self) -> None:
        """Ends the context that was kept; its teardown functions run again, as in Flask."""
        while self._kept:
            exchange, token = self._kept.pop()
            if exchange.teardown is not None:
                exchange.run(exchange.teardown(None))
            _state.reset(token)

    def __enter__(self) -> "Client":
        if self.preserve_context:
            raise RuntimeError("Cannot nest client invocations")
        self.preserve_context = True
        return self

    def __exit__(self, *error: object) -> None:
        self.preserve_context = False
        self._leave()

    @contextmanager
    def session_transaction(self, *args: Any, **options: Any) -> Iterator[Any]:
        """The session of the next request, to be read and changed; it is saved at the end."""
        jar = self._cookies()
        request = self._request(*args, **options)
        path = f"{request.root}{request.path}" or "/"
        config = self.application.state.config
        scope = request.scope(jar.header(request.host, path))
        session = open_session(config, scope["headers"])
        yield session
        if isinstance(session, NullSession):
            return
        response = Response()
        save_session(config, session, response)
        jar.take(response.headers.getlist("Set-Cookie"), request.host, path)


def test_client(app: Any, use_cookies: bool = True, **options: Any) -> Client:
    """``app.test_client()``; ``app.state.test_client_class``, where set, is its class."""
    maker = getattr(app.state, "test_client_class", None) or Client
    return maker(app, use_cookies=use_cookies, **options)


# ---- contexts without a request


async def _state_of(app: Any, scope: Any, body: bytes) -> State:
    return State(app, scope, _receiver(body))


def _match(routes: Any, scope: Any) -> None:
    """Puts the route of a request into its scope, as the router would."""
    for route in routes:
        if hasattr(route, "effective_route_contexts"):  # included routers stay nested in FastAPI
            _match(route.effective_route_contexts(), scope)
            if "route" in scope:
                return
            continue
        try:
            match, child = route.matches(scope)
        except HTTPException:  # a converter refused the value
            continue
        if match is Match.FULL:
            scope.update({"route": route, **child})
            return


@contextmanager
def test_request_context(app: Any, *args: Any, **options: Any) -> Iterator[State]:
    """``with app.test_request_context(path, ...):``; arguments as for :meth:`Client.open`."""
    request = TestRequest(app, *args, **options)
    scope = {**request.scope(), "app": app}
    exchange = Exchange(app)
    _match(app.routes, scope)
    state = _loop.run(_state_of(app, scope, request.body))
    exchange.begin(state, None)  # type: ignore[arg-type]
    state.session = open_session(app.state.config, scope["headers"])
    scope["session"] = state.session
    token = _state.set(state)
    error: BaseException | None = None
    try:
        yield state
    except Exception as exc:
        error = exc
        raise
    finally:
        state.thread = exchange.thread(contextvars.copy_context())
        exchange.run(_teardown(app, state, error))
        _state.reset(token)


async def _teardown(app: Any, state: State, error: Any) -> None:
    from .stages import tear_down

    await tear_down(state, error)


# pytest would take these two for tests wherever they are imported.
test_client.__test__ = False  # type: ignore[attr-defined]
test_request_context.__test__ = False  # type: ignore[attr-defined]


# ---- commands


class CommandRunner(CliRunner):
    """Click's runner with the app's own commands (flask.testing.FlaskCliRunner)."""

    def __init__(self, app: Any, **options: Any) -> None:
        self.app = app
        super().__init__(**options)

    def invoke(self, cli: Any = None, args: Any = None, **options: Any) -> Result:  # type: ignore[override]
        """Runs a command in an app context; without ``cli`` the app's group."""
        group = commands(self.app) if cli is None else cli
        outer = _state.get(None)
        if outer is not None and outer.app is self.app:
            return super().invoke(group, args, **options)
        with app_context(self.app):
            return super().invoke(group, args, **options)


def test_cli_runner(app: Any, **options: Any) -> CommandRunner:
    """``app.test_cli_runner()``."""
    return CommandRunner(app, **options)


test_cli_runner.__test__ = False  # type: ignore[attr-defined]
