"""``request.cookies`` (werkzeug.sansio.http.parse_cookie)."""

import re

from .multidict import ImmutableMultiDict

_PAIR = re.compile(
    r"""
    [ \t]*
    ([^ \t=";]+)  # key
    (?:[ \t]*=[ \t]*
        (
            "(?:[^\\"]|\\.)*"  # quoted, with backslashes
        |
            [^ \t";]*
        )
    )?
    [ \t]*
    (?:;|\Z)
    """,
    re.ASCII | re.VERBOSE,
)
_ESCAPE = re.compile(rb"\\([0-3][0-7]{2}|.)")


def _unescape(match: re.Match[bytes]) -> bytes:
    found = match[1]
    return found if len(found) == 1 else int(found, 8).to_bytes(1, "big")


def parse_cookie_header(header: str | None) -> ImmutableMultiDict:
    """All cookies; of repeated ones the first counts. What is malformed is skipped."""
    if not header:
        return ImmutableMultiDict()
    pairs = []
    position = 0
    while True:
        match = _PAIR.match(header, position)
        if match is None:
            position = header.find(";", position) + 1
            if position == 0:
                break
            continue
        key, value = match[1], match[2] or ""
        position = match.end()
        if value.startswith('"') and value.endswith('"'):
            value = _ESCAPE.sub(_unescape, value[1:-1].encode()).decode(errors="replace")
        pairs.append((key, value))
    return ImmutableMultiDict(pairs)
