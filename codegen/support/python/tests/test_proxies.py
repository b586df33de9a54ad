"""What the app sees behind proxies, compared with Werkzeug's middleware."""

import asyncio
import itertools

import pytest
from starlette._utils import get_route_path
from werkzeug.middleware.proxy_fix import ProxyFix as Theirs
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from flask_parity.proxies import ProxyFix

HEADERS = [
    [],
    [("X-Forwarded-For", "1.1.1.1")],
    [("X-Forwarded-For", "1.1.1.1, 2.2.2.2"), ("X-Forwarded-Proto", "http, https")],
    [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "2.2.2.2,3.3.3.3")],
    [("X-Forwarded-For", '"a, b", c'), ("X-Forwarded-Proto", "")],
    [("X-Forwarded-For", "2001:db8::1")],
    [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "example.org")],
    [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.org, example.org:8443")],
    [("X-Forwarded-Host", "example.org:8443"), ("X-Forwarded-Port", "9000")],
    [("X-Forwarded-Host", "[::1]"), ("X-Forwarded-Port", "9000, 9001")],
    [("X-Forwarded-Host", "[::1]:80"), ("X-Forwarded-Port", "9000")],
    [("X-Forwarded-Port", "443"), ("X-Forwarded-Proto", "https")],
    [("X-Forwarded-Prefix", "/api")],
    [("X-Forwarded-Prefix", "/api/")],
    [("X-Forwarded-Prefix", "/a, /b c")],
    [("X-Forwarded-Prefix", "/")],
]
COUNTS = [
    {},
    *({f"x_{k}": n for k in ("for", "proto", "host", "port", "prefix")} for n in (0, 1, 2)),
]
HOSTS = ["localhost", "localhost:5000", "[::2]:5000"]
PATHS = [("", "/"), ("", "/users"), ("", "/api/users"), ("/old", "/users"), ("/old", "/old/x")]


def asgi(headers, counts, host, root, path, kind="http"):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    scope = {
        "type": kind,
        "scheme": "ws" if kind == "websocket" else "http",
        "path": root + path,
        "raw_path": (root + path).encode(),
        "root_path": root,
        "query_string": b"",
        "client": ("10.0.0.7", 4000),
        "server": ("127.0.0.1", 8000),
        "headers": [(k.lower().encode(), v.encode()) for k, v in [("Host", host), *headers]],
    }
    before = {**scope, "headers": list(scope["headers"])}
    asyncio.run(ProxyFix(app, **counts)(scope, None, None))
    assert scope == before
    return seen[0]


def wsgi(headers, counts, host, root, path):
    seen = []
    environ = EnvironBuilder(path, environ_base={"REMOTE_ADDR": "10.0.0.7"}).get_environ()
    environ.update(SCRIPT_NAME=root, HTTP_HOST=host, SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
    for name, value in headers:
        key = "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    Theirs(lambda environ, start: seen.append(environ), **counts)(environ, None)
    return seen[0]


@pytest.mark.parametrize("headers", HEADERS)
def test_as_werkzeug(headers):
    for counts, host, (root, path) in itertools.product(COUNTS, HOSTS, PATHS):
        theirs = wsgi(headers, counts, host, root, path)
        ours = asgi(headers, counts, host, root, path)
        found = {
            "REMOTE_ADDR": ours["client"][0],
            "wsgi.url_scheme": ours["scheme"],
            "HTTP_HOST": dict(ours["headers"])[b"host"].decode(),
            "SERVER_NAME": ours["server"][0],
            "SERVER_PORT": str(ours["server"][1]),
            "PATH_INFO": get_route_path(ours),
        }
        assert found == {key: theirs[key] for key in found}, (counts, host, root, path)
        assert ours["root_path"] == Request(theirs).script_root
        assert [k for k, _ in ours["headers"]].count(b"host") == 1
        assert ours["client"][1] == 4000


def test_raw_path_and_sockets():
    headers = [("X-Forwarded-Prefix", "/b c"), ("X-Forwarded-Proto", "https")]
    scope = asgi(headers, {"x_prefix": 1}, "localhost", "/old", "/x", "websocket")
    assert scope["raw_path"] == b"/b%20c/x" and scope["scheme"] == "wss"


def test_other_scopes_pass():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    asyncio.run(ProxyFix(app)({"type": "lifespan"}, None, None))
    assert seen == [{"type": "lifespan"}]
