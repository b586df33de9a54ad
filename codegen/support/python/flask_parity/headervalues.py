"""Header values taken apart: options, lists, credentials (werkzeug.http 3.1, RFC 9110)."""

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import unquote

_CHARSETS = {"ascii", "us-ascii", "utf-8", "iso-8859-1"}
_KEY = re.compile(r"([\w!#$%&'*+\-.^`|~]+)=", re.ASCII)
_MARK = re.compile(r"(?:\*(\d+))?(\*)?$", re.ASCII)
_TOKEN = re.compile(r"[\w!#$%&'*+\-.^`|~]+", re.ASCII)
_CHARSET_VALUE = re.compile(
    r"([\w!#$%&*+\-.^`|~]*)'[\w!#$%&*+\-.^`|~]*'([\w!#$%&'*+\-.^`|~]+)$", re.ASCII
)
_DELIMITER = re.compile(r";[ \t]*")
_ESCAPE = re.compile(r"\\(.)", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_ALL_TOKEN = re.compile(r"[\w!#$%&'*+\-.^`|~]+", re.ASCII)


def plain_int(text: str) -> int:
    """``int`` of ASCII digits and nothing else (no ``1_0``, no blanks)."""
    if _INTEGER.fullmatch(text) is None:
        raise ValueError(text)
    return int(text)


def unquoted(value: str) -> str:
    """Without its double quotes and backslashes."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return _ESCAPE.sub(r"\g<1>", value[1:-1])
    return value


def quoted(value: Any) -> str:
    """In double quotes, unless it is a token."""
    text = str(value)
    if _ALL_TOKEN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _raw_options(rest: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    position, length = 0, len(rest)
    while position < length:
        if (key := _KEY.match(rest, position)) is not None:
            position = key.end()
            if (token := _TOKEN.match(rest, position)) is not None:
                parts.append((key[1].lower(), token[0]))
            elif rest.startswith('"', position):
                end = position + 1
                while end < length:
                    if rest.startswith(("\\\\", '\\"'), end):
                        end += 2
                    elif rest.startswith('"', end):
                        end += 1
                        parts.append((key[1].lower(), rest[position:end]))
                        position = end
                        break
                    else:
                        end += 1
                else:  # no closing quote
                    break
        delimiter = _DELIMITER.search(rest, position)
        if delimiter is None:
            break
        position = delimiter.end()
    return parts


def parse_options(value: str | None) -> tuple[str, dict[str, str]]:
    """``text/html; charset=utf-8`` as value and options, RFC 2231 forms decoded."""
    if value is None:
        return "", {}
    value, _, rest = value.partition(";")
    value, rest = value.strip(" \t"), rest.strip(" \t")
    if not value or not rest:
        return value, {}
    options: dict[str, str] = {}
    continued: dict[str, list[str]] = {}
    encodings: dict[str, str] = {}
    for key, text in _raw_options(rest):
        encoding: str | None = None
        numbered = marked = False
        mark = _MARK.search(key)
        if mark is not None and mark.end() > mark.start():
            numbered, marked = mark[1] is not None, mark[2] is not None
            key = key[: mark.start()]
        if marked:
            if (found := _CHARSET_VALUE.match(text)) is not None:
                encoding, text = found[1].lower(), found[2]
            if not encoding and numbered:
                encoding = encodings.get(key)
            if encoding in _CHARSETS:
                text = unquote(text, encoding=encoding)
        else:
            text = unquoted(text).replace("%22", '"')
        if numbered:
            options.pop(key, None)
            continued.setdefault(key, []).append(text)
            if encoding:
                encodings[key] = encoding
        else:
            continued.pop(key, None)
            encodings.pop(key, None)
            options[key] = text
    options.update((key, "".join(texts)) for key, texts in continued.items())
    return value, options


def parse_list(value: str) -> list[str]:
    """Comma-separated items; commas in double quotes do not count."""
    items, item = [], ""
    escape = inside = False
    for char in value:
        if escape:
            escape = False
        elif inside:
            if char == "\\":
                escape = True
            elif char == '"':
                inside = False
        elif char == ",":
            items.append(item)
            item = ""
            continue
        elif char == '"':
            inside = True
        item += char
    if inside:
        return []
    items.append(item)
    return [unquoted(text) for text in (item.strip(" \t") for item in items) if text]


def parse_dict(value: str) -> dict[str, str | None]:
    """``key=value`` items; one without a value is None."""
    found: dict[str, str | None] = {}
    for item in parse_list(value):
        key, equals, text = item.partition("=")
        key, text = key.strip(" \t"), text.strip(" \t")
        if not key:
            continue
        if not equals:
            found[key] = None
            continue
        if key.endswith("*"):
            key = key[:-1]
            encoding = None
            if (match := _CHARSET_VALUE.match(text)) is not None:
                encoding, text = match[1].lower(), match[2]
            if encoding in _CHARSETS:
                text = unquote(text, encoding=encoding)
        found[key] = unquoted(text)
    return found


def parse_date(value: str | None) -> datetime | None:
    """An HTTP date, with its time zone; None when it is none."""
    if value is None:
        return None
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def content_length(length: str | None, transfer_encoding: str | None) -> int | None:
    """None for a chunked body, 0 for what is no number (werkzeug.sansio.utils)."""
    if length is None:
        return None
    if transfer_encoding and "chunked" in (t.lower() for t in parse_list(transfer_encoding)):
        return None
    try:
        return max(0, plain_int(length))
    except ValueError:
        return 0


class Authorization:
    """``request.authorization``: parameters (``username``, ...), or a token."""

    def __init__(
        self, auth_type: str, data: dict[str, str | None] | None = None, token: str | None = None
    ) -> None:
        self.type = auth_type
        self.parameters = {} if data is None else data
        self.token = token

    @classmethod
    def from_header(cls, value: str | None) -> Self | None:
        """None without a header, or with credentials that are no base64."""
        if not value:
            return None
        scheme, _, rest = value.partition(" ")
        scheme, rest = scheme.lower(), rest.strip(" \t")
        if scheme == "basic":
            try:
                decoded = base64.b64decode(rest, validate=True).decode()
            except (binascii.Error, UnicodeError):
                return None
            username, _, password = decoded.partition(":")
            return cls(scheme, {"username": username, "password": password})
        if "=" in rest.rstrip("="):
            return cls(scheme, parse_dict(rest), None)
        return cls(scheme, None, rest)

    def __getattr__(self, name: str) -> str | None:
        if name.startswith("__") or name == "parameters":  # copying asks before it fills
            raise AttributeError(name)
        return self.parameters.get(name)

    def __getitem__(self, name: str) -> str | None:
        return self.parameters.get(name)

    def get(self, key: str, default: Any = None) -> Any:
        return self.parameters.get(key, default)

    def __contains__(self, key: str) -> bool:
        return key in self.parameters

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Authorization):
            return NotImplemented
        mine, theirs = vars(self), vars(other)
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]

    def to_header(self) -> str:
        if self.type == "basic":
            pair = f"{self.username}:{self.password}".encode()
            return f"Basic {base64.b64encode(pair).decode('ascii')}"
        if self.token is not None:
            return f"{self.type.title()} {self.token}"
        items = (k if v is None else f"{k}={quoted(v)}" for k, v in self.parameters.items())
        return f"{self.type.title()} {', '.join(items)}"

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.to_header()}>"


class UserAgent:
    """``request.user_agent``: Werkzeug parses nothing of it since 2.1, and has no truth then."""

    platform: str | None = None
    browser: str | None = None
    version: str | None = None
    language: str | None = None

    def __init__(self, string: str) -> None:
        self.string = string

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.browser}/{self.version}>"

    def __str__(self) -> str:
        return self.string

    def __bool__(self) -> bool:
        return bool(self.browser)

    def to_header(self) -> str:
        return self.string
