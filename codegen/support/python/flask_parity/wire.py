"""Bytes on the wire as Flask writes them: JSON, dates, HTML error and redirect pages, cookies."""

import dataclasses
import decimal
import json
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from email.utils import format_datetime
from http import HTTPStatus
from time import time
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from .multidict import MultiDict


def http_date(value: date | datetime | float) -> str:
    """``Tue, 02 Jan 2024 00:00:00 GMT``; naive datetimes are UTC (werkzeug.http.http_date)."""
    if isinstance(value, (int, float)):
        value = datetime.fromtimestamp(value, UTC)
    elif not isinstance(value, datetime):
        value = datetime.combine(value, clock(), UTC)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return format_datetime(value.astimezone(UTC), usegmt=True)


# ---- JSON (flask.json.provider.DefaultJSONProvider)


def _default(value: Any) -> Any:
    if isinstance(value, date):
        return http_date(value)
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def dumps(value: Any, **options: Any) -> str:
    """Sorted keys, ASCII only, dates as HTTP dates."""
    options.setdefault("default", _default)
    options.setdefault("sort_keys", True)
    return json.dumps(value, **options)


def json_body(value: Any) -> bytes:
    """What ``jsonify`` sends outside debug mode: no blanks, a newline at the end."""
    return (dumps(value, separators=(",", ":")) + "\n").encode()


# ---- pages (werkzeug.exceptions, werkzeug.utils.redirect)

_NAMES = {
    203: "Non Authoritative Information",
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    416: "Requested Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
    449: "Retry With",
    505: "HTTP Version Not Supported",
}

DESCRIPTIONS = {
    400: "The browser (or proxy) sent a request that this server could not understand.",
    401: "The server could not verify that you are authorized to access the URL requested."
    " You either supplied the wrong credentials (e.g. a bad password), or your browser doesn't"
    " understand how to supply the credentials required.",
    403: "You don't have the permission to access the requested resource. It is either"
    " read-protected or not readable by the server.",
    404: "The requested URL was not found on the server. If you entered the URL manually please"
    " check your spelling and try again.",
    405: "The method is not allowed for the requested URL.",
    406: "The resource identified by the request is only capable of generating response entities"
    " which have content characteristics not acceptable according to the accept headers sent in"
    " the request.",
    408: "The server closed the network connection because the browser didn't finish the request"
    " within the specified time.",
    409: "A conflict happened while processing the request. The resource might have been modified"
    " while the request was being processed.",
    410: "The requested URL is no longer available on this server and there is no forwarding"
    " address. If you followed a link from a foreign page, please contact the author of this"
    " page.",
    411: "A request with this method requires a valid <code>Content-Length</code> header.",
    412: "The precondition on the request for the URL failed positive evaluation.",
    413: "The data value transmitted exceeds the capacity limit.",
    414: "The length of the requested URL exceeds the capacity limit for this server. The request"
    " cannot be processed.",
    415: "The server does not support the media type transmitted in the request.",
    416: "The server cannot provide the requested range.",
    417: "The server could not meet the requirements of the Expect header",
    418: "This server is a teapot, not a coffee machine",
    421: "The server is not able to produce a response.",
    422: "The request was well-formed but was unable to be followed due to semantic errors.",
    423: "The resource that is being accessed is locked.",
    424: "The method could not be performed on the resource because the requested action depended"
    " on another action and that action failed.",
    428: 'This request is required to be conditional; try using "If-Match" or'
    ' "If-Unmodified-Since".',
    429: "This user has exceeded an allotted request count. Try again later.",
    431: "One or more header fields exceeds the maximum size.",
    451: "Unavailable for legal reasons.",
    500: "The server encountered an internal error and was unable to complete your request. Either"
    " the server is overloaded or there is an error in the application.",
    501: "The server does not support the action requested by the browser.",
    502: "The proxy server received an invalid response from an upstream server.",
    503: "The server is temporarily unable to service your request due to maintenance downtime or"
    " capacity problems. Please try again later.",
    504: "The connection to an upstream server timed out.",
    505: "The server does not support the HTTP protocol version used in the request.",
}


def status_name(code: int) -> str:
    return _NAMES.get(code) or HTTPStatus(code).phrase


def error_page(code: int, description: str | None = None) -> str:
    """The page of ``abort(code, description)``."""
    name = escape(status_name(code))
    text = DESCRIPTIONS.get(code, "") if description is None else description
    body = escape(text).replace("\n", Markup("<br>"))
    return (
        f"<!doctype html>\n<html lang=en>\n<title>{code} {name}</title>\n"
        f"<h1>{name}</h1>\n<p>{body}</p>\n"
    )


def redirect_page(location: str) -> str:
    url = escape(location)
    return (
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n"
        "<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: "
        f'<a href="{url}">{url}</a>. If not, click the link.\n'
    )


def location_header(url: str) -> str:
    """A ``Location`` value in ASCII (werkzeug.urls.iri_to_uri)."""
    return quote(url, safe=":/%#?=@[]!$&'()*+,;~")


_WITH_CHARSET = {
    "application/ecmascript",
    "application/javascript",
    "application/sql",
    "application/xml",
    "application/xml-dtd",
    "application/xml-external-parsed-entity",
}


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
) -> str:
    """A ``Set-Cookie`` value; ``max_age`` is in seconds and sets ``Expires`` too."""
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
        ("Secure", secure),
        ("HttpOnly", httponly),
        ("Path", quote(path, safe="%!$&'()*+,/:=@") if path is not None else None),
        ("SameSite", samesite and samesite.title()),
    ]
    out = f"{key}={value}"
    for name, setting in attributes:
        if setting is True:
            out += f"; {name}"
        elif setting is not None and setting is not False:
            out += f"; {name}={setting}"
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
