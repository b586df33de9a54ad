"""What a proxy tells about the request it passes on (werkzeug.middleware.proxy_fix)."""

from typing import Any
from urllib.parse import quote

from .fields import parse_list


class ProxyFix:
    """ASGI middleware: takes client, scheme, host, port and prefix from ``X-Forwarded-*``.

    Each argument is the number of proxies that add to the header, so that value is taken, counted
    from the right; with fewer values in it, and with 0, the header is not believed. Add it last,
    ``app.add_middleware(ProxyFix, x_for=1)``, so that everything else sees what it made.
    """

    def __init__(
        self,
        app: Any,
        x_for: int = 1,
        x_proto: int = 1,
        x_host: int = 0,
        x_port: int = 0,
        x_prefix: int = 0,
    ) -> None:
        self.app = app
        self.x_for, self.x_proto = x_for, x_proto
        self.x_host, self.x_port, self.x_prefix = x_host, x_port, x_prefix

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self.fixed(scope)
        await self.app(scope, receive, send)

    def fixed(self, scope: Any) -> Any:
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        changed: dict[str, Any] = {}
        if client := _value(headers, b"x-forwarded-for", self.x_for):
            changed["client"] = (client, (scope.get("client") or (None, 0))[1])
        if scheme := _value(headers, b"x-forwarded-proto", self.x_proto):
            changed["scheme"] = _SOCKETS.get(scheme, scheme) if _is_socket(scope) else scheme
        name, port = scope.get("server") or ("", None)
        host = _joined(headers, b"host")
        if x_host := _value(headers, b"x-forwarded-host", self.x_host):
            host = name = x_host
            if _has_port(x_host):
                name, _, given = x_host.rpartition(":")
                port = int(given) if given.isdecimal() else port
        x_port = _value(headers, b"x-forwarded-port", self.x_port)
        if x_port:
            if host:
                host = f"{host.rpartition(':')[0] if _has_port(host) else host}:{x_port}"
            port = int(x_port) if x_port.isdecimal() else port
        if x_host or x_port:
            changed["server"] = (name, port)
            if host:
                headers = [pair for pair in headers if pair[0] != b"host"]
                changed["headers"] = [(b"host", host.encode("latin1")), *headers]
        if prefix := _value(headers, b"x-forwarded-prefix", self.x_prefix):
            changed.update(_moved(scope, prefix.rstrip("/")))
        return {**scope, **changed} if changed else scope


_SOCKETS = {"http": "ws", "https": "wss"}


def _is_socket(scope: Any) -> bool:
    return bool(scope["type"] == "websocket")


def _has_port(host: str) -> bool:
    """An IPv6 address without one ends with its bracket."""
    return ":" in host and not host.endswith("]")


def _joined(headers: list[tuple[bytes, bytes]], name: bytes) -> str:
    """The header as WSGI servers give it: several are one, with commas between them."""
    return b",".join(value for key, value in headers if key == name).decode("latin1")


def _value(headers: list[tuple[bytes, bytes]], name: bytes, trusted: int) -> str | None:
    text = _joined(headers, name) if trusted else ""
    values = parse_list(text) if text else []
    return values[-trusted] if len(values) >= trusted > 0 else None


def _moved(scope: Any, prefix: str) -> dict[str, Any]:
    """``SCRIPT_NAME`` becomes the prefix while ``PATH_INFO`` stays.

    ASGI paths have the root path in front of them, so it is exchanged there too.
    """
    root, path = scope.get("root_path", "").rstrip("/"), scope["path"]
    if root and (path == root or path.startswith(root + "/")):
        path = path[len(root) :]
    changed = {"root_path": prefix, "path": prefix + path}
    raw = scope.get("raw_path")
    if raw is not None:
        old = quote(root).encode("ascii")
        if old and (raw == old or raw.startswith(old + b"/")):
            raw = raw[len(old) :]
        changed["raw_path"] = quote(prefix).encode("ascii") + raw
    return changed
