"""The original podcast site and its ports as processes, for `measure` and `locust`."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ORIGINAL = HERE.parents[1] / "fixtures/podcast"
HAND = HERE / "by-hand"
HOST = "127.0.0.1"
PAGES = ["/", "/episodes/", "/episodes/7", "/episodes/tag/rust", "/episodes/search?q=ada"]
PAGES += ["/feed.xml", "/about", "/nope"]
GRANIAN = "granian --interface asgi --workers 1 --runtime-threads 1 --loop uvloop".split()
ADDRESS = ["--host", "{host}", "--port", "{port}"]


class Side:
    """A server in a folder of its own. It counts with all processes that it has started."""

    def __init__(self, name, source, command, folder, port):
        self.name, self.port, self.peak = name, port, 0
        copy = folder / str(port)
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("data", "__pycache__"))
        words = [word.format(host=HOST, port=port) for word in command]
        # The first word is a program of the interpreter's environment.
        beside = Path(sys.executable).parent / words[0]
        self.log = copy / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [beside if beside.exists() else words[0], *words[1:]],
                cwd=copy,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.connection = http.client.HTTPConnection(HOST, port, timeout=30)

    def wait(self):
        for _ in range(150):
            if self.process.poll() is not None:
                break
            try:
                return self.connection.connect()
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.name} does not listen:\n{self.log.read_text()}")

    def ask(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def cpu(self):
        return cpu_of(self.process.pid)

    def sample_memory(self):
        """Keeps the highest PSS of the tree, in KiB: a page that n processes share counts 1/n."""
        total = 0
        for pid in tree(self.process.pid):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        self.peak = max(self.peak, total)

    def stop(self):
        """Robyn does not end on SIGTERM, and leaves nothing to be ended in order."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def free_port():
    """Servers share a port silently where another one has it, so it must be free."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


def tree(root):
    """A process and all its descendants."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text().rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_of(root):
    """Seconds of CPU so far, user and system, of a whole process tree.

    utime and stime in /proc/PID/stat come in steps of 10 ms. This is their sum without the steps,
    also with the threads that have ended (clock_getcpuclockid(3)).
    """
    total = 0
    for pid in tree(root):
        with contextlib.suppress(OSError):
            total += time.clock_gettime(~pid << 3 | 2)
    return total


def chosen(ports):
    """Name, folder and command of each side."""
    yield "original", ORIGINAL, [*GRANIAN, *ADDRESS, "podcast:app"]
    yield "by-hand", HAND, ["python", "serve.py", *ADDRESS]
    for number, port in enumerate(map(Path, ports), 1):
        record = json.loads((port / ".migrate/port.json").read_text())
        name = port.resolve().name if len(ports) == 1 else f"{number}: {port.resolve().name}"
        yield name, port, record["run"]["port"]["serve"]


@contextlib.contextmanager
def running(ports):
    """All sides, ready to be asked, and gone at the end."""
    sides = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, source, command in chosen(ports):
                sides.append(Side(name, source, command, Path(folder), free_port()))
            for side in sides:
                side.wait()
            yield sides
        finally:
            for side in sides:
                side.stop()


def check(sides):
    """All sides must give the same answers, or there is nothing to compare."""
    for path in PAGES:
        answers = []
        for side in sides:
            status, body = side.ask(path)
            # The feed names the address that it was asked at.
            answers.append((status, body.replace(str(side.port).encode(), b"PORT")))
        for side, answer in zip(sides, answers, strict=True):
            if answer != answers[0]:
                raise SystemExit(
                    f"{path}: {side.name} answers {answer[0]} with {len(answer[1])} bytes,"
                    f" the original {answers[0][0]} with {len(answers[0][1])}"
                )


def told(sides):
    """Memory of all sides, as lines to print."""
    for side in sides:
        yield f"{side.name}: {side.peak / 1024:.1f} MiB peak PSS"
