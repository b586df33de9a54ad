"""The current request with Flask's attributes, for helpers and templates."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from .body import Body
from .multidict import MultiDict, parse_query
from .wire import parse_cookies


class RequestHeaders:
    """Case-insensitive headers; repeated ones are joined by a comma, as WSGI does."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, str] = {}
        for key, value in raw:
            name, text = key.decode("latin1").lower(), value.decode("latin1")
            known = self._values.get(name)
            joiner = "; " if name == "cookie" else ","
            self._values[name] = text if known is None else f"{known}{joiner}{text}"

    def get(self, name: str, default: Any = None, type: Any = None) -> Any:
        value = self._values.get(name.lower())
        if value is None:
            return default
        try:
            return value if type is None else type(value)
        except (ValueError, TypeError):
            return default

    def getlist(self, name: str) -> list[str]:
        value = self._values.get(name.lower())
        return [] if value is None else [value]

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.items())

    def __len__(self) -> int:
        return len(self._values)

    def items(self) -> list[tuple[str, str]]:
        return [(k.title(), v) for k, v in self._values.items()]

    def keys(self) -> list[str]:
        return [k.title() for k in self._values]


class Authorization:
    """``request.authorization`` of Basic and token schemes."""

    def __init__(self, type: str, username: str | None, password: str | None, token: str | None):
        self.type, self.username, self.password, self.token = type, username, password, token


class CurrentRequest:
    """One request, seen as Flask code expects it (werkzeug.wrappers.Request, the part in use)."""

    def __init__(self, scope: Any, body: Body) -> None:
        self.scope = scope
        self.body = body

    def __getattr__(self, name: str) -> Any:
        # form, files, values, data, json, get_json, get_data, mimetype, content_type, is_json
        return getattr(self.body, name)

    @property
    def method(self) -> str:
        return self.scope["method"]

    @property
    def path(self) -> str:
        return self.scope["path"]

    @property
    def script_root(self) -> str:
        return self.scope.get("root_path", "")

    @property
    def query_string(self) -> bytes:
        return self.scope["query_string"]

    @property
    def args(self) -> MultiDict:
        return parse_query(self.scope["query_string"])

    @property
    def headers(self) -> RequestHeaders:
        return RequestHeaders(self.scope["headers"])

    @property
    def cookies(self) -> MultiDict:
        return parse_cookies(self.headers.get("cookie", ""))

    @property
    def scheme(self) -> str:
        return self.scope["scheme"]

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def host(self) -> str:
        return self.headers.get("host", "")

    @property
    def host_url(self) -> str:
        return f"{self.scheme}://{self.host}/"

    url_root = root_url = host_url

    @property
    def full_path(self) -> str:
        return f"{self.path}?{self.query_string.decode()}"

    @property
    def base_url(self) -> str:
        # Non-ASCII letters stay as they are (werkzeug.sansio.utils.get_current_url is an IRI).
        path = "".join(
            c if ord(c) > 127 else quote(c, safe="!$&'()*+,/:;=@%") for c in self.path.lstrip("/")
        )
        return self.host_url + path

    @property
    def url(self) -> str:
        query = self.query_string.decode()
        return f"{self.base_url}?{query}" if query else self.base_url

    @property
    def remote_addr(self) -> str | None:
        return (self.scope.get("client") or (None,))[0]

    @property
    def referrer(self) -> str | None:
        return self.headers.get("referer")

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")

    @property
    def content_length(self) -> int | None:
        return self.headers.get("content-length", type=int)

    @property
    def endpoint(self) -> str | None:
        return getattr(self.scope.get("route"), "name", None)

    @property
    def blueprint(self) -> str | None:
        return (self.endpoint or "").rpartition(".")[0] or None

    @property
    def view_args(self) -> dict[str, Any]:
        return self.scope.get("path_params", {})

    @property
    def authorization(self) -> Authorization | None:
        kind, _, rest = self.headers.get("authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() == "basic":
            try:
                user, _, password = base64.b64decode(rest).decode().partition(":")
            except ValueError:
                return None
            return Authorization("basic", user, password, None)
        return Authorization(kind.lower(), None, None, rest.strip())
