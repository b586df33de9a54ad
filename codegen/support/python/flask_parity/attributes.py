"""Headers of a response as attributes (werkzeug.sansio.response.Response).

What is rare has Werkzeug's own types, and needs Werkzeug when it is used: ``content_range``,
``www_authenticate``, ``content_security_policy`` and its report-only sibling,
``cross_origin_opener_policy``, ``cross_origin_embedder_policy``, ``mimetype_params``.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .conditions import parse_date, quote_etag, unquote_etag
from .context import current
from .fields import CacheControl, HeaderSet, dump_list, parse_directives, parse_list
from .headers import Headers
from .wire import content_type as full_type
from .wire import dump_cookie, http_date


def _attribute(name: str, load: Callable[..., Any] | None = None, dump: Any = None) -> Any:
    """A header; None if it is not there or not readable."""

    def read(self: Any) -> Any:
        value = self.headers.get(name)
        if value is None or load is None:
            return value
        try:
            return load(value)
        except (ValueError, TypeError):
            return None

    def write(self: Any, value: Any) -> None:
        self.headers[name] = value if dump is None else dump(value)

    def remove(self: Any) -> None:
        self.headers.pop(name, None)

    return property(read, write, remove)


def _names(name: str) -> Any:
    """A header of names, written back when the set changes."""

    def read(self: Any) -> HeaderSet:
        def write_back(names: HeaderSet) -> None:
            if names:
                self.headers[name] = names.to_header()
            else:
                self.headers.remove(name)

        return _set(self.headers.get(name), write_back)

    def write(self: Any, value: Any) -> None:
        if not value:
            del self.headers[name]
        else:
            self.headers[name] = value if isinstance(value, str) else dump_list(value)

    return property(read, write)


def _set(value: str | None, on_update: Any = None) -> HeaderSet:
    return HeaderSet(parse_list(value) if value else None, on_update)


def _parse_age(value: str) -> timedelta | None:
    seconds = int(value)
    return timedelta(seconds=seconds) if seconds >= 0 else None


def _dump_age(value: timedelta | int | None) -> str | None:
    if value is None:
        return None
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < 0:
        raise ValueError("age cannot be negative")
    return str(seconds)


def _werkzeug(name: str, header: str) -> Any:
    """An attribute as Werkzeug has it, on our headers."""

    def theirs() -> Any:
        from werkzeug.sansio.response import Response

        return getattr(Response, name)

    def read(self: Any) -> Any:
        return theirs().__get__(self, type(self))

    def write(self: Any, value: Any) -> None:
        theirs().__set__(self, value)

    def remove(self: Any) -> None:
        self.headers.pop(header, None)

    return property(read, write, remove)


class HeaderAttributes:
    """The attributes; the class that has them gives ``headers``."""

    # A plain attribute, in place of the property that Starlette has.
    headers: Headers = None  # type: ignore[assignment]

    location = _attribute("Location")
    age = _attribute("Age", _parse_age, _dump_age)
    content_type = _attribute("Content-Type")
    content_length = _attribute("Content-Length", int, str)
    content_location = _attribute("Content-Location")
    content_encoding = _attribute("Content-Encoding")
    content_md5 = _attribute("Content-MD5")
    date = _attribute("Date", parse_date, http_date)
    expires = _attribute("Expires", parse_date, http_date)
    last_modified = _attribute("Last-Modified", parse_date, http_date)
    accept_ranges = _attribute("Accept-Ranges")
    vary = _names("Vary")
    content_language = _names("Content-Language")
    allow = _names("Allow")
    access_control_allow_headers = _attribute("Access-Control-Allow-Headers", _set, dump_list)
    access_control_allow_methods = _attribute("Access-Control-Allow-Methods", _set, dump_list)
    access_control_allow_origin = _attribute("Access-Control-Allow-Origin")
    access_control_expose_headers = _attribute("Access-Control-Expose-Headers", _set, dump_list)
    access_control_max_age = _attribute("Access-Control-Max-Age", int, str)
    content_range = _werkzeug("content_range", "Content-Range")
    www_authenticate = _werkzeug("www_authenticate", "WWW-Authenticate")
    content_security_policy = _werkzeug("content_security_policy", "Content-Security-Policy")
    content_security_policy_report_only = _werkzeug(
        "content_security_policy_report_only", "Content-Security-Policy-Report-Only"
    )
    cross_origin_opener_policy = _werkzeug(
        "cross_origin_opener_policy", "Cross-Origin-Opener-Policy"
    )
    cross_origin_embedder_policy = _werkzeug(
        "cross_origin_embedder_policy", "Cross-Origin-Embedder-Policy"
    )
    mimetype_params = _werkzeug("mimetype_params", "Content-Type")

    # ---- the type of the body

    @property
    def mimetype(self) -> str | None:
        """``Content-Type`` without its parameters; text gets a charset when it is set."""
        value = self.headers.get("content-type")
        return value.partition(";")[0].strip() if value else None

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.headers["Content-Type"] = full_type(value)

    @property
    def is_json(self) -> bool:
        kind = self.mimetype or ""
        return kind == "application/json" or (
            kind.startswith("application/") and kind.endswith("+json")
        )

    # ---- caching

    @property
    def cache_control(self) -> CacheControl:
        """The directives; changing them changes the header."""

        def write_back(directives: CacheControl) -> None:
            if directives:
                self.headers["Cache-Control"] = directives.to_header()
            else:
                self.headers.remove("cache-control")

        value = self.headers.get("cache-control")
        return CacheControl(parse_directives(value) if value else (), write_back)

    def set_etag(self, etag: str, weak: bool = False) -> None:
        self.headers["ETag"] = quote_etag(etag, weak)

    def get_etag(self) -> tuple[str, bool] | tuple[None, None]:
        """The tag and whether it is weak."""
        return unquote_etag(self.headers.get("ETag"))

    @property
    def retry_after(self) -> datetime | None:
        """A date, also if the header says seconds."""
        value = self.headers.get("retry-after")
        if value is None:
            return None
        try:
            return datetime.now(UTC) + timedelta(seconds=int(value))
        except ValueError:
            return parse_date(value)

    @retry_after.setter
    def retry_after(self, value: datetime | int | str | None) -> None:
        if value is None:
            self.headers.remove("retry-after")
            return
        self.headers["Retry-After"] = http_date(value) if isinstance(value, datetime) else value

    # ---- cookies

    #: What a cookie may have without a warning; ``MAX_COOKIE_SIZE`` of the app's configuration.
    @property
    def max_cookie_size(self) -> int:
        try:
            return current().app.state.config["MAX_COOKIE_SIZE"]
        except (RuntimeError, AttributeError, KeyError):
            return 4093

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: timedelta | int | None = None,
        expires: Any = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Adds a ``Set-Cookie`` header."""
        cookie = dump_cookie(
            key,
            value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
            max_size=self.max_cookie_size,
        )
        self.headers.add("Set-Cookie", cookie)

    def delete_cookie(
        self,
        key: str,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Tells the client to forget it, by a date in the past."""
        self.set_cookie(
            key,
            expires=0,
            max_age=0,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    # ---- CORS

    @property
    def access_control_allow_credentials(self) -> bool:
        return "Access-Control-Allow-Credentials" in self.headers

    @access_control_allow_credentials.setter
    def access_control_allow_credentials(self, value: bool | None) -> None:
        if value is True:
            self.headers["Access-Control-Allow-Credentials"] = "true"
        else:
            self.headers.remove("Access-Control-Allow-Credentials")
