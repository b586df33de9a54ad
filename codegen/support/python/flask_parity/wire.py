"""Bytes on the wire as Flask writes them: JSON, dates, HTML error and redirect pages, cookies."""

import dataclasses
import decimal
import json
import re
import uuid
import warnings
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from email.utils import format_datetime
from functools import cache
from time import mktime, struct_time, time
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from markupsafe import escape

from .exceptions import default_exceptions
from .multidict import MultiDict
from .statuses import NAMES


def http_date(value: date | datetime | float | struct_time | None = None) -> str:
    """``Tue, 02 Jan 2024 00:00:00 GMT``, of now unless told otherwise (werkzeug.http.http_date).

    Naive datetimes are UTC; a ``struct_time`` is local.
    """
    if value is None:
        value = time()
    elif isinstance(value, struct_time):
        value = mktime(value)
    if isinstance(value, (int, float)):
        value = datetime.fromtimestamp(value, UTC)
    elif not isinstance(value, datetime):
        value = datetime.combine(value, clock(), UTC)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return format_datetime(value.astimezone(UTC), usegmt=True)


# ---- JSON (flask.json.provider)


def json_default(value: Any) -> Any:
    """What ``json`` cannot write itself (flask.json.provider._default)."""
    if isinstance(value, date):
        return http_date(value)
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)  # type: ignore[arg-type]
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def dumps(value: Any, **options: Any) -> str:
    """Sorted keys, ASCII only, dates as HTTP dates."""
    options.setdefault("default", json_default)
    options.setdefault("sort_keys", True)
    return json.dumps(value, **options)


def json_body(value: Any) -> bytes:
    """What ``jsonify`` sends outside debug mode: no blanks, a newline at the end."""
    return (dumps(value, separators=(",", ":")) + "\n").encode()


# ---- pages (werkzeug.exceptions, werkzeug.utils.redirect)

#: The sentence of each error's page.
DESCRIPTIONS = {code: error.description or "" for code, error in default_exceptions.items()}


def status_name(code: int) -> str:
    return NAMES.get(code, "Unknown Error")


def error_page(code: int, description: str | None = None) -> str:
    """The page of ``abort(code, description)``."""
    return default_exceptions[code](description=description).get_body()


def redirect_page(location: str) -> str:
    url = escape(location)
    return (
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n"
        "<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: "
        f'<a href="{url}">{url}</a>. If not, click the link.\n'
    )


_PLAIN_URL = re.compile(r"/(?!/)[\w.~\-/%!$&'()*+,:;=@]*(\?[\w.~\-/%!$&'()*+,:;=?@]+)?", re.ASCII)


def location_header(url: str) -> str:
    """A ``Location`` value in ASCII (werkzeug.urls.iri_to_uri)."""
    if _PLAIN_URL.fullmatch(url):
        return url
    parts = urlsplit(url)
    host = parts.hostname.encode("idna").decode("ascii") if parts.hostname else ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None:
        host = f"{host}:{parts.port}"
    if parts.username is not None:
        user = quote(parts.username, safe="%!$&'()*+,;=")
        if parts.password is not None:
            password = quote(parts.password, safe="%!$&'()*+,;=")
            user = f"{user}:{password}"
        host = f"{user}@{host}"
    path = quote(parts.path, safe="%!$&'()*+,/:;=@")
    query = quote(parts.query, safe="%!$&'()*+,/:;=?@")
    fragment = quote(parts.fragment, safe="%!#$&'()*+,/:;=?@")
    return urlunsplit((parts.scheme, host, path, query, fragment))


_WITH_CHARSET = {
    "application/ecmascript",
    "application/javascript",
    "application/sql",
    "application/xml",
    "application/xml-dtd",
    "application/xml-external-parsed-entity",
}


@cache
def content_type(mimetype: str) -> str:
    """With a charset where it is text (werkzeug.utils.get_content_type)."""
    if mimetype.startswith("text/") or mimetype in _WITH_CHARSET or mimetype.endswith("+xml"):
        return f"{mimetype}; charset=utf-8"
    return mimetype


# ---- cookies (werkzeug.http.dump_cookie, parse_cookie)

_TO_QUOTE = re.compile(rb"[\x00-\x19\",;\\\x7f-\xff]")
_PLAIN = re.compile(r"[\w!#$%&'()*+\-./:<=>?@\[\]^`{|}~]*", re.ASCII)


def _octal(match: re.Match[bytes]) -> bytes:
    return b"\\" + match[0] if match[0] in b'"\\' else b"\\%03o" % ord(match[0])


def dump_cookie(
    key: str,
    value: str = "",
    *,
    max_age: timedelta | int | None = None,
    expires: str | datetime | float | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: str | None = None,
    partitioned: bool = False,
    max_size: int = 4093,
) -> str:
    """A ``Set-Cookie`` value; ``max_age`` is in seconds and sets ``Expires`` too.

    More than ``max_size`` bytes (0 for no limit) are a warning: browsers may ignore the cookie.
    """
    if domain:
        domain = domain.partition(":")[0].lstrip(".").encode("idna").decode("ascii")
    if samesite is not None:
        samesite = samesite.title()
        if samesite not in {"Strict", "Lax", "None"}:
            raise ValueError("SameSite must be 'Strict', 'Lax', or 'None'.")
    if not _PLAIN.fullmatch(value):
        value = '"' + _TO_QUOTE.sub(_octal, value.encode()).decode() + '"'
    if isinstance(max_age, timedelta):
        max_age = int(max_age.total_seconds())
    if expires is None and max_age is not None:
        expires = http_date(time() + max_age)
    elif expires is not None and not isinstance(expires, str):
        expires = http_date(expires)
    attributes: list[tuple[str, Any]] = [
        ("Domain", domain),
        ("Expires", expires),
        ("Max-Age", max_age),
        ("Secure", secure or partitioned),
        ("HttpOnly", httponly),
        ("Path", quote(path, safe="%!$&'()*+,/:=@") if path is not None else None),
        ("SameSite", samesite),
        ("Partitioned", partitioned),
    ]
    out = f"{key.encode().decode('latin1')}={value}"
    for name, setting in attributes:
        if setting is True:
            out += f"; {name}"
        elif setting is not None and setting is not False:
            out += f"; {name}={setting}"
    if max_size and len(out) > max_size:
        warnings.warn(
            f"The '{key}' cookie is too large: the value was {len(value)} bytes but the header"
            f" required {len(out) - len(value)} extra bytes. The final size was {len(out)} bytes"
            f" but the limit is {max_size} bytes. Browsers may silently ignore cookies larger"
            " than this.",
            stacklevel=3,
        )
    return out


def _unquote_octal(match: re.Match[bytes]) -> bytes:
    return match[1] if len(match[1]) == 1 else int(match[1], 8).to_bytes(1, "big")


def parse_cookies(header: str) -> MultiDict:
    """The first of repeated cookies wins."""
    pairs = []
    for part in header.split(";"):
        key, _, value = part.partition("=")
        key, value = key.strip(), value.strip()
        if not key:
            continue
        if len(value) >= 2 and value[0] == value[-1] == '"':
            raw = value[1:-1].encode("latin1")
            value = re.sub(rb"\\([0-3][0-7]{2}|.)", _unquote_octal, raw).decode("utf-8", "replace")
        pairs.append((key, value))
    return MultiDict(pairs)
