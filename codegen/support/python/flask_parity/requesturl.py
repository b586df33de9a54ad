"""The host and the URLs of a request (werkzeug.sansio.utils, werkzeug.urls.uri_to_iri)."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from .failures import failure

_HOST = re.compile(
    r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+])(?::([1-9][0-9]{,4}))?", re.ASCII | re.IGNORECASE
)
_UNSAFE = bytes((*range(0x21), 0x25, 0x7F)).decode()
_PLAIN_HOST = re.compile(r"(?!.*xn--)[a-z0-9.-]+(:[1-9][0-9]*)?", re.ASCII)
_PLAIN_QUERY = re.compile(rb"[\w&=,.:;/~*+-]*", re.ASCII)
_PLAIN_PATH = re.compile(r"[\w!$&'()*+,/:;=@.~-]*", re.ASCII)


def _unquoter(kept: str) -> Callable[[str], str]:
    """Decodes what is percent-encoded, but for ``kept`` and what is not UTF-8."""
    choices = "|".join(f"{ord(char):02X}" for char in sorted(kept))
    pattern = re.compile(f"((?:%(?:{choices}))+)", re.IGNORECASE)

    def decode(value: str) -> str:
        parts = pattern.split(value)
        parts[::2] = (unquote(part, "utf-8", "flask_parity.percent") for part in parts[::2])
        return "".join(parts)

    return decode


_path, _query = _unquoter(_UNSAFE + "/?#"), _unquoter(_UNSAFE + "&=+#")


def _trusted(host: str, trusted: Any) -> bool:
    match = _HOST.fullmatch(host)
    if match is None or (match[2] and int(match[2]) > 65535):
        return False
    if not trusted:
        return True
    name = match[1]
    for reference in [trusted] if isinstance(trusted, str) else trusted:
        suffix = reference.startswith(".")
        try:
            known = reference.removeprefix(".").partition(":")[0].encode("idna").decode("ascii")
        except UnicodeEncodeError:
            return False
        if known == name or (suffix and name.endswith(f".{known}")):
            return True
    return False


def request_host(scheme: str, header: str | None, server: Any, trusted: Any = None) -> str:
    """Host and, unless it is the usual one, port; empty when malformed, 400 when not trusted."""
    if header is not None:
        host = header
    elif server is not None and server[1] is not None:
        name = f"[{server[0]}]" if ":" in server[0] and server[0][0] != "[" else server[0]
        host = f"{name}:{server[1]}"
    else:
        return ""
    if scheme in ("http", "ws"):
        host = host.removesuffix(":80")
    elif scheme in ("https", "wss"):
        host = host.removesuffix(":443")
    if _trusted(host, trusted):
        return host
    if trusted:
        raise failure("SecurityError", f"Host {host!r} is not trusted.")
    return ""


def _decoded_domain(domain: str) -> str:
    try:
        raw = domain.encode("ascii")
    except UnicodeEncodeError:
        return domain
    try:
        return raw.decode("idna")
    except UnicodeDecodeError:
        pass
    parts = []
    for part in raw.split(b"."):
        try:
            parts.append(part.decode("idna"))
        except UnicodeDecodeError:
            parts.append(part.decode("ascii"))
    return ".".join(parts)


def current_url(
    scheme: str, host: str, root: str = "", path: str | None = None, query: bytes = b""
) -> str:
    """An IRI: non-ASCII letters as they are, what is reserved percent-encoded."""
    root = root.rstrip("/")
    path = "" if path is None else path.lstrip("/")
    plain = _PLAIN_QUERY.fullmatch(query) and _PLAIN_HOST.fullmatch(host)
    if plain and _PLAIN_PATH.fullmatch(root + path):
        url = f"{scheme}://{host}{root}/{path}"
        return f"{url}?{query.decode()}" if query else url
    safe = "!$&'()*+,/:;=@%"
    url = f"{scheme}://{host}{quote(root, safe=safe)}/{quote(path, safe=safe)}"
    if query:
        url += "?" + quote(query, safe=safe + "?")
    parts = urlsplit(url)
    netloc = _decoded_domain(parts.hostname) if parts.hostname else ""
    if ":" in netloc:
        netloc = f"[{netloc}]"
    if parts.port is not None:
        netloc = f"{netloc}:{parts.port}"
    return urlunsplit((parts.scheme, netloc, _path(parts.path), _query(parts.query), ""))


def url_host(config: Any, request: Any) -> str:
    """SERVER_NAME, also in a request, else the request's host (werkzeug.routing.Map.bind)."""
    host = config["SERVER_NAME"]
    if request is None:
        host = host.lower()
    elif host is None:
        host = request.host.lower()
    else:
        standard = ":443" if request.scheme in ("https", "wss") else ":80"
        host = host.lower().removesuffix(standard)
    return host if host.isascii() else host.encode("idna").decode("ascii")
