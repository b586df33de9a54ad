"""The cookies that a test client keeps between its requests (werkzeug.test.Client)."""

import dataclasses
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .wire import dump_cookie, parse_cookies


@dataclasses.dataclass
class Cookie:
    """A cookie as the client has it; ``decoded_value`` is without quotes and escapes."""

    key: str
    value: str
    decoded_key: str
    decoded_value: str
    expires: datetime | None
    max_age: int | None
    domain: str
    origin_only: bool
    path: str
    secure: bool | None
    http_only: bool | None
    same_site: str | None

    @classmethod
    def parse(cls, header: str, host: str, path: str) -> "Cookie":
        """From a ``Set-Cookie`` header of an answer to ``path`` at ``host``."""
        pair, _, rest = header.partition(";")
        key, _, value = pair.partition("=")
        settings: dict[str, str | None] = {}
        for part in rest.split(";"):
            name, equals, setting = part.partition("=")
            settings[name.strip().lower()] = setting.strip() if equals else None
        decoded = parse_cookies(f"{key}={value}").get(key.strip(), "")
        expires = settings.get("expires")
        max_age = settings.get("max-age")
        # Without a path of its own a cookie is for the folder of the request (RFC 6265, 5.1.4).
        own_path = settings.get("path") or path.rpartition("/")[0] or "/"
        return cls(
            key=key.strip(),
            value=value.strip(),
            decoded_key=key.strip(),
            decoded_value=decoded,
            expires=parsedate_to_datetime(expires) if expires else None,
            max_age=int(max_age or 0) if "max-age" in settings else None,
            domain=(settings.get("domain") or host).lstrip("."),
            origin_only="domain" not in settings,
            path=own_path,
            secure="secure" in settings,
            http_only="httponly" in settings,
            same_site=settings.get("samesite"),
        )

    @property
    def is_over(self) -> bool:
        """Whether it asks to be forgotten."""
        if self.max_age is not None and self.max_age <= 0:
            return True
        return self.expires is not None and self.expires.timestamp() <= time.time()

    def fits(self, host: str, path: str) -> bool:
        """Whether a request to ``path`` at ``host`` carries it."""
        if host != self.domain and (self.origin_only or not host.endswith(f".{self.domain}")):
            return False
        return path.startswith(self.path) and (
            len(path) == len(self.path)
            or self.path.endswith("/")
            or path[len(self.path) :].startswith("/")
        )


class CookieJar:
    """Cookies by domain, path and name."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], Cookie] = {}

    def get(self, key: str, domain: str, path: str) -> Cookie | None:
        return self._cookies.get((domain, path, key))

    def set(self, key: str, value: str, domain: str, origin_only: bool, **options: Any) -> None:
        """Keeps a cookie as if an answer of ``domain`` had set it."""
        header = dump_cookie(key, value, domain=None if origin_only else domain, **options)
        self.take([header], domain, options.get("path") or "/")

    def delete(self, key: str, domain: str, path: str) -> None:
        self._cookies.pop((domain, path, key), None)

    def take(self, headers: list[str], host: str, path: str) -> None:
        """Follows the ``Set-Cookie`` headers of an answer."""
        for header in headers:
            cookie = Cookie.parse(header, host, path)
            place = (cookie.domain, cookie.path, cookie.decoded_key)
            if cookie.is_over:
                self._cookies.pop(place, None)
            else:
                self._cookies[place] = cookie

    def header(self, host: str, path: str) -> str:
        """The ``Cookie`` header of a request; empty without cookies."""
        fitting = [cookie for cookie in self._cookies.values() if cookie.fits(host, path)]
        return "; ".join(f"{cookie.key}={cookie.value}" for cookie in fitting)
