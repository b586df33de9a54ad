"""Requests of a test client, from the arguments that Flask takes (werkzeug.test.EnvironBuilder)."""

import base64
import mimetypes
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from .wire import dumps

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def pairs_of(values: Any) -> Iterator[tuple[str, Any]]:
    """Keys and values of a dict with lists, of a multi-dict, or of pairs; ``None`` is left out."""
    if hasattr(values, "lists"):
        items: Any = ((key, item) for key, found in values.lists() for item in found)
    elif isinstance(values, Mapping) or hasattr(values, "items"):
        items = (
            (key, item)
            for key, value in values.items()
            for item in (value if isinstance(value, (list, tuple, set)) else [value])
        )
    else:
        items = values
    return ((key, item) for key, item in items if item is not None)


def query_of(values: Any) -> str:
    """A query string; text and bytes are one already."""
    if isinstance(values, bytes):
        return values.decode("latin1")
    if isinstance(values, str):
        return values
    return urlencode([(k, v) for k, v in pairs_of(values)], safe="!$'()*,/:;?@")


class FilePart:
    """A file of a form: ``(stream, name)``, ``(stream, name, type)``, an open file or storage."""

    def __init__(self, value: Any) -> None:
        stream, name, kind = (
            (*value, None, None)[:3]
            if isinstance(value, tuple)
            else (value,)
            + (
                getattr(value, "filename", None),
                getattr(value, "content_type", None),
            )
        )
        name = name or getattr(stream, "name", None)
        self.content: bytes = stream.read() if hasattr(stream, "read") else bytes(stream)
        self.filename = (
            os.path.basename(str(name)) if name and not isinstance(value, tuple) else name
        )
        guessed = mimetypes.guess_type(str(name))[0] if name else None
        self.content_type: str = kind or guessed or "application/octet-stream"


def _form_of(data: Any) -> tuple[list[tuple[str, str]], list[tuple[str, FilePart]]]:
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, FilePart]] = []
    if hasattr(data, "lists"):
        entries: Any = ((key, value) for key, found in data.lists() for value in found)
    else:
        entries = data.items()
    for key, value in entries:
        # A tuple is one file, a list is several values (werkzeug.test._iter_data).
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, (tuple, FilePart)) or hasattr(item, "read"):
                files.append((key, item if isinstance(item, FilePart) else FilePart(item)))
            elif item is not None:
                fields.append((key, str(item)))
    return fields, files


def _multipart(
    fields: list[tuple[str, str]], files: list[tuple[str, FilePart]]
) -> tuple[str, bytes]:
    boundary = f"---------------{uuid.uuid4().hex}"
    out = bytearray()
    for key, value in fields:
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'.encode()
        out += value.encode() + b"\r\n"
    for key, part in files:
        name = f'; filename="{part.filename}"' if part.filename else ""
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"{name}\r\n'.encode()
        out += f"Content-Type: {part.content_type}\r\n\r\n".encode() + part.content + b"\r\n"
    out += f"--{boundary}--\r\n".encode()
    return f'{_MULTIPART}; boundary="{boundary}"', bytes(out)


class TestRequest:
    """One request to the port, as an ASGI scope and a body."""

    __test__ = False  # for pytest, which looks for classes of this name

    def __init__(
        self,
        app: Any,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *,
        method: str = "GET",
        query_string: Any = None,
        data: Any = None,
        json: Any = None,
        input_stream: Any = None,
        content_type: str | None = None,
        content_length: int | None = None,
        mimetype: str | None = None,
        headers: Any = None,
        auth: Any = None,
        environ_base: Mapping[str, Any] | None = None,
        environ_overrides: Mapping[str, Any] | None = None,
        **ignored: Any,
    ) -> None:
        if base_url and (subdomain or url_scheme):
            raise AssertionError('Cannot pass "subdomain" or "url_scheme" with "base_url".')
        split = urlsplit(path)
        if base_url is None:
            host = app.state.config["SERVER_NAME"] or "localhost"
            host = f"{subdomain}.{host}" if subdomain else host
            scheme = split.scheme or url_scheme or app.state.config["PREFERRED_URL_SCHEME"]
            root = app.state.config["APPLICATION_ROOT"] or "/"
            base_url = f"{scheme}://{split.netloc or host}/{root.lstrip('/')}"
        base = urlsplit(base_url)
        self.method = method.upper()
        self.scheme, self.netloc, self.root = base.scheme, base.netloc, base.path.rstrip("/")
        self.path = split.path
        self.query = split.query if query_string is None else query_of(query_string)
        self.environ = {**(environ_base or {}), **(environ_overrides or {})}
        self.headers: list[tuple[str, str]] = []
        self._take_headers(headers, auth)
        content_type = content_type or mimetype or self.header("content-type")
        if json is not None:
            if data is not None:
                raise TypeError("can't provide both json and data")
            provider = getattr(app.state, "json", None)
            data = provider.dumps(json) if provider is not None else dumps(json)
            content_type = content_type or "application/json"
        if input_stream is not None:
            data = input_stream.read()
        self.content_type, self.body = self._encoded(data, content_type)
        self.content_length = len(self.body) if content_length is None else content_length

    def _take_headers(self, headers: Any, auth: Any) -> None:
        # Headers in `environ_base` and `environ_overrides` are HTTP_NAME (PEP 3333).
        for key, value in self.environ.items():
            if key.startswith("HTTP_"):
                self.headers.append((key[5:].replace("_", "-").title(), str(value)))
        for key, value in pairs_of(headers or ()):
            if self._from_environ(key):
                self.drop_header(key)
            self.headers.append((key, str(value)))
        if auth is not None:
            if isinstance(auth, tuple):
                auth = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
            elif hasattr(auth, "to_header"):
                auth = auth.to_header()
            self.drop_header("authorization")
            self.headers.append(("Authorization", str(auth)))

    def _from_environ(self, name: str) -> bool:
        return "HTTP_" + name.upper().replace("-", "_") in self.environ

    @staticmethod
    def _encoded(data: Any, content_type: str | None) -> tuple[str | None, bytes]:
        if data is None:
            return content_type, b""
        if isinstance(data, str):
            return content_type, data.encode()
        if isinstance(data, (bytes, bytearray)):
            return content_type, bytes(data)
        if hasattr(data, "read"):
            return content_type, data.read()
        fields, files = _form_of(data)
        mimetype = (content_type or "").partition(";")[0].strip().lower()
        if mimetype == _MULTIPART or (files and not mimetype):
            return _multipart(fields, files)
        if fields and mimetype in ("", _FORM):
            return content_type or _FORM, urlencode(fields, safe="!$'()*,/:;?@").encode()
        return content_type, b""

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    def drop_header(self, name: str) -> None:
        self.headers = [(k, v) for k, v in self.headers if k.lower() != name.lower()]

    @property
    def host(self) -> str:
        """Name of the host, without its port."""
        return self.netloc.partition(":")[0]

    def redirected(self, location: str, status: int) -> "TestRequest":
        """The request that follows a redirect (werkzeug.test.Client.resolve_redirect)."""
        target = urlsplit(location)
        following = object.__new__(TestRequest)
        following.__dict__.update(self.__dict__)
        following.headers = list(self.headers)
        name = target.netloc.partition(":")[0]
        if name:
            if name != self.host:
                if name.endswith(f".{self.host}"):
                    raise RuntimeError("Following subdomain redirects is not enabled.")
                raise RuntimeError("Following external redirects is not supported.")
            following.scheme, following.netloc = target.scheme or self.scheme, target.netloc
        path = target.path
        if self.root and (path == self.root or path.startswith(f"{self.root}/")):
            path = path[len(self.root) :]
        elif self.root:
            following.root = ""
        following.path, following.query = path, target.query
        if status not in (307, 308):
            following.method = "HEAD" if self.method == "HEAD" else "GET"
            following.content_type, following.body, following.content_length = None, b"", 0
            for header in ("content-type", "content-length", "transfer-encoding"):
                following.drop_header(header)
        return following

    def scope(self, cookies: str | None = None) -> dict[str, Any]:
        """The ASGI scope, as a server makes it; ``cookies`` of a jar replace the request's own."""
        apart = ("content-type", "host") if cookies is None else ("content-type", "host", "cookie")
        joined: dict[str, list[str]] = {}
        for key, value in self.headers:
            joined.setdefault(key.lower(), []).append(value)
        headers = [(k, ", ".join(values)) for k, values in joined.items() if k not in apart]
        if self.header("content-length") is None:
            headers.append(("content-length", str(self.content_length)))
        if self.content_type:
            headers.append(("content-type", self.content_type))
        if cookies:
            headers.append(("cookie", cookies))
        host = self.header("host") or self.netloc
        path = self.root + "/" + unquote(self.path).lstrip("/") if self.root else unquote(self.path)
        path = path or "/"
        port = self.netloc.rpartition(":")[2]
        default = 443 if self.scheme == "https" else 80
        client = self.environ.get("REMOTE_ADDR")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": str(self.environ.get("wsgi.url_scheme", self.scheme)),
            "path": path,
            "raw_path": quote(path, safe="!$&'()*+,/:;=@%~").encode(),
            "query_string": quote(self.query, safe="!$&'()*+,/:;=?@%[]~").encode("latin1"),
            "root_path": self.root,
            "headers": [
                (k.lower().encode("latin1"), v.encode("latin1"))
                for k, v in [("host", host), *headers]
            ],
            "client": (client, int(self.environ.get("REMOTE_PORT", 0))) if client else None,
            "server": (self.host, int(port) if port.isdecimal() else default),
            "state": {},
        }
