"""Serves a Robyn app in one process that can be replaced: ``python -m flask_parity.serve pkg:app``.

Robyn's own ``app.start`` has no end that keeps its promises: SIGTERM leaves a process that neither
accepts nor exits, SIGINT cuts what is in flight, a taken port makes it ask standard input for
another for ever. Here SIGTERM stops accepting, lets the requests in flight finish, runs the app's
shutdown handler and exits 0, so that a supervisor (circus, systemd) can recycle processes under
load. Several processes share a port by SO_REUSEPORT or, better, by a socket that the supervisor
owns (``--fd``): see :func:`_Service._stop_accepting` for the difference.

To recycle, let processes end by themselves (``--lifetime``). While circus ends one for its
``max_age``, it neither replaces another that has died nor obeys a SIGTERM of its own.
"""

import argparse
import ast
import asyncio
import atexit
import ctypes
import importlib
import os
import random
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn

from . import inflight
from .listeners import (
    descriptors,
    into_robyn,
    is_listener,
    is_ours,
    listen,
    pinned,
    refuse_new,
    waiting,
)

#: The signals that end a process. Actix takes all three for itself as well.
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)

#: Seconds that SIGINT and SIGQUIT leave to the requests in flight.
_QUICK = 1.0

#: Seconds for which only connections that are quiet are hung up, and how long quiet is. A client
#: that sends one request after the other would most likely have the next one on its way.
_PATIENCE, _QUIET = 1.0, 0.05

#: Seconds in which handshakes that have begun on a listener of our own are completed.
_HANDSHAKE = 0.02


#: Looks at an idle process before it is believed: the end of a connection may have work of its own.
_CALM = 3


class _Failure(Exception):
    """What is told in one line instead of a traceback."""


class Options(argparse.Namespace):
    """What the command line says."""

    app: str
    host: str
    port: int
    fd: int | None
    backlog: int
    workers: int
    graceful_timeout: float
    lifetime: float
    lifetime_jitter: float


# ---- the app


def load(spec: str) -> Any:
    """The app of ``module:name`` or ``module:factory("literal", key=1)``, as gunicorn names it."""
    name, _, text = spec.partition(":")
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise _Failure(f"there is no module {name!r}") from None
        raise
    try:
        expression: ast.expr | None = ast.parse((text or "app").strip(), mode="eval").body
    except SyntaxError:
        expression = None
    call = expression if isinstance(expression, ast.Call) else None
    target = call.func if call else expression
    if not isinstance(target, ast.Name):
        raise _Failure(f"{text!r} is neither a name nor the call of one")
    try:
        found = getattr(module, target.id)
    except AttributeError:
        raise _Failure(f"module {name!r} has no attribute {target.id!r}") from None
    if call:
        try:
            args = [ast.literal_eval(argument) for argument in call.args]
            kwargs = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords if k.arg}
        except ValueError:
            raise _Failure(f"the arguments in {text!r} are not literals") from None
        found = found(*args, **kwargs)
    elif not _is_app(found) and callable(found):
        found = found()
    if not _is_app(found):
        raise _Failure(f"{spec!r} is no Robyn app but {type(found).__name__}")
    return found


def _is_app(value: Any) -> bool:
    from robyn import Robyn

    return isinstance(value, Robyn)


# ---- the process


class _Service:
    """The running server, from its signals to its exit."""

    def __init__(self, listener: socket.socket, options: Options) -> None:
        self._options = options
        self._inode = os.fstat(listener.fileno()).st_ino
        self._port = listener.getsockname()[1]
        self._startup: Any = None
        self._shutdown: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deadline: float | None = None
        self._signals = 0
        self._told: set[int] = set()
        self._unknown: socket.socket | None = None

    def begin(self, startup: Any, shutdown: Any) -> None:
        """Takes the signals, and the app's handlers (Robyn's FunctionInfo, or None)."""
        self._startup, self._shutdown = startup, shutdown
        self._claim()

    async def started(self) -> None:
        """Robyn's startup handler: the app's own, and our signals kept from Actix."""
        self._loop = asyncio.get_running_loop()
        if self._startup is not None:
            try:
                result = self._startup.handler()
                if self._startup.is_async:
                    await result
            except BaseException:  # Rust would abort
                traceback.print_exc()
                _leave(1)
        self._keep(signal_addresses())
        if self._options.lifetime:
            age = self._options.lifetime + random.uniform(0, self._options.lifetime_jitter)
            self._loop.call_later(age, self._end_within, self._options.graceful_timeout)

    def _claim(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, self._signalled)

    def _keep(self, ours: list[int | None], tries: int = 1500) -> None:
        """Takes the signals back once Actix, which starts after this, has taken them.

        It would stop accepting with connections still queued, drop what its workers have not begun,
        and leave the process alive. It registers once only.
        """
        if self._deadline is not None or self._loop is None:
            return
        if all(mine != now for mine, now in zip(ours, signal_addresses(), strict=True)):
            self._claim()
        elif tries:
            self._loop.call_later(0.02, self._keep, ours, tries - 1)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        if self._signals > 1:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        graceful = self._options.graceful_timeout
        self._end_within(graceful if number == signal.SIGTERM else min(graceful, _QUICK))

    def _end_within(self, limit: float) -> None:
        """Has the process end after so many seconds at the latest, or when it was to end anyway."""
        deadline = time.monotonic() + limit
        if self._deadline is not None:
            self._deadline = min(self._deadline, deadline)
            return
        self._deadline = deadline
        # A thread, as the loop may be held by a handler that blocks.
        threading.Thread(target=self._end, name="end", daemon=True).start()

    def _end(self) -> None:
        code = 0
        try:
            self._drain()
            if self._shutdown is not None and self._loop is not None:
                future = asyncio.run_coroutine_threadsafe(self._finish(), self._loop)
                future.result(max(self._left(), _QUICK))
        except BaseException:
            traceback.print_exc()
            code = 1
        _leave(code)

    def _left(self) -> float:
        """The seconds until the process has to end."""
        assert self._deadline is not None
        return self._deadline - time.monotonic()

    async def _finish(self) -> None:
        result = self._shutdown.handler()
        if self._shutdown.is_async:
            await result

    def _drain(self) -> None:
        patience = time.monotonic() + min(_PATIENCE, self._left() / 2)
        self._stop_accepting()
        idle = 0
        while True:
            began = time.monotonic()
            connections = self._hang_up(_QUIET if began < patience else 0)
            requests = inflight.count()
            idle = 0 if connections or requests else idle + 1
            if idle > _CALM:
                return
            if self._left() <= 0:
                told = f"{connections} connections and {requests} requests in flight are cut"
                print(f"flask_parity.serve: {told}", file=sys.stderr)
                return
            pause = max(0.02, 5 * (time.monotonic() - began))
            time.sleep(max(min(pause, self._left()), 0))

    def _stop_accepting(self) -> None:
        """Ends this process's part of the listener.

        A socket that the supervisor owns stays: what waits in its queue is accepted by the other
        processes, or by the next one. One of our own takes its queue with it, and clients see a
        reset; so it is emptied first while the kernel lets nobody new in.
        """
        if self._options.fd is None and sys.platform == "linux":
            with self._listener() as listener:
                refuse_new(listener)
                end = time.monotonic() + _HANDSHAKE
                while time.monotonic() < end or waiting(listener):
                    time.sleep(0.005)
                    if time.monotonic() > end + _QUICK:  # no worker is free to accept
                        break
        self._replace_listener()

    def _listener(self) -> socket.socket:
        for descriptor, inode in descriptors().items():
            if inode == self._inode and (found := pinned(descriptor)):
                return found
        raise RuntimeError("the listener is gone")

    def _replace_listener(self) -> None:
        """Puts a listener that nobody knows in the place of all handles of ours.

        To close them under Actix would have it accept from whatever gets the number next.
        """
        if self._unknown is None:
            self._unknown = socket.create_server(("127.0.0.1", 0))
            self._unknown.setblocking(False)
        for descriptor, inode in descriptors().items():
            if inode == self._inode:
                os.dup2(self._unknown.fileno(), descriptor, inheritable=False)

    def _connections(self) -> Iterator[tuple[int, socket.socket]]:
        for descriptor, inode in descriptors().items():
            handle = pinned(descriptor)
            if handle is None:
                continue
            with handle:
                try:
                    name = handle.getsockname()
                    if isinstance(name, tuple) and name[1] == self._port:
                        if not is_listener(handle):
                            yield inode, handle
                except OSError:
                    continue

    def _hang_up(self, quiet: float) -> int:
        """Ends the connections on which this side spoke last; the number of those that are open.

        With the reading side shut, Actix finds the end of the input: it closes an idle connection,
        and one with an answer under way when that is sent. A request that is being received, or
        whose handler runs, is left alone: the client spoke last. Actix 3.11 sends no
        ``Connection: close`` of a handler's, so a close cannot be announced.
        """
        if sys.platform != "linux":
            return 0
        found = 0
        for inode, connection in self._connections():
            found += 1
            if inode in self._told:
                continue
            try:
                if is_ours(connection, quiet):
                    connection.shutdown(socket.SHUT_RD)
                    self._told.add(inode)
            except OSError:  # closed by the client
                continue
        return found


def signal_addresses() -> list[int | None]:
    """What the kernel calls for our signals; Python only knows what it has set itself."""
    found = []
    for number in _SIGNALS:
        action = (ctypes.c_void_p * 64)()  # sa_handler is the first member
        ctypes.CDLL(None).sigaction(int(number), None, action)
        found.append(action[0])
    return found


def _leave(code: int) -> NoReturn:
    """Exits without taking the interpreter down: Actix's threads may be in it."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    os._exit(code)


def serve(app: Any, listener: socket.socket, options: Options) -> None:
    """Serves until a signal ends the process.

    ``app.start`` is what an app may have made its own: it is called, and what it calls at last is
    replaced.
    """
    import robyn
    from robyn.events import Events
    from robyn.processpool import spawn_process
    from robyn.robyn import FunctionInfo

    host, port = listener.getsockname()[:2]
    service = _Service(listener, options)
    try:
        held = into_robyn(listener)
    except RuntimeError as error:
        raise _Failure(str(error)) from None
    listener.close()

    def run_processes(*given: Any) -> None:
        table, headers, routes, everywhere, middlewares, sockets, handlers = given[2:9]
        service.begin(handlers.get(Events.STARTUP), handlers.get(Events.SHUTDOWN))
        spawn_process(
            table,
            headers,
            routes,
            everywhere,
            middlewares,
            sockets,
            {Events.STARTUP: FunctionInfo(service.started, True, 0, {}, {})},
            held,
            options.workers,
            *given[11:13],  # what is put on responses
        )

    module: Any = robyn
    module.run_processes = run_processes
    app.config.disable_openapi = True
    app.start(host, port, _check_port=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m flask_parity.serve", description="Serve the app.")
    parser.add_argument("app", metavar="MODULE:ATTR", help="an app, or a factory or its call")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--fd", type=int, help="a listening socket to use instead, inherited")
    parser.add_argument("--backlog", type=int, default=2048)
    parser.add_argument("--workers", type=int, default=1, help="threads")
    seconds: Any = {"type": float, "metavar": "SECONDS"}
    parser.add_argument(
        "--graceful-timeout", default=30.0, help="for requests in flight at the end", **seconds
    )
    parser.add_argument(
        "--lifetime", default=0.0, help="end by itself after that long (never)", **seconds
    )
    parser.add_argument(
        "--lifetime-jitter", default=0.0, help="and up to that much more", **seconds
    )
    return parser


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments, Options())
    # Robyn parses sys.argv when it is imported; the app is to see none of these.
    sys.argv = [sys.argv[0], "--log-level", "WARN", "--disable-openapi"]
    sys.argv += ["--workers", str(options.workers)]
    importlib.import_module("robyn")
    sys.argv = sys.argv[:1]
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())
    where = f"{options.host}:{options.port}" if options.fd is None else f"fd {options.fd}"
    try:
        app = load(options.app)
        try:
            if options.fd is None:
                listener = listen(options.host, options.port, options.backlog)
            else:
                listener = socket.socket(fileno=options.fd)
                if listener.family == socket.AF_UNIX or not is_listener(listener):
                    raise _Failure(f"{where} is no TCP socket that listens")
        except OSError as error:
            raise _Failure(f"cannot listen on {where}: {error.strerror}") from None
        serve(app, listener, options)
    except _Failure as failure:
        print(f"flask_parity.serve: {failure}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
