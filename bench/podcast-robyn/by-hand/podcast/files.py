"""Files of the static folder, with the headers that Quart gives them."""

import mimetypes
import os
import posixpath
import re
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from time import time
from urllib.parse import unquote
from zlib import adler32

from robyn import Response

from .web import Answer, NotFound, Site, headers, plain_page

FOLDER = Path(__file__).parent / "static"
AGE = 12 * 60 * 60
TAG = re.compile(r'([Ww]/)?"([^"]*)"')
RANGE = re.compile(r"(\w+)\s*=\s*(\d*)\s*-\s*(\d*)\s*(,.*)?", re.ASCII)

site = Site()


def below(name):
    """The file that a path names, never one outside of the folder."""
    name = posixpath.normpath(name)
    file = FOLDER / name
    if name.startswith(("/", "..")) or not file.is_file():
        raise NotFound
    return file


@site.get("/static/*name", name=unquote)
async def static(visit, name):
    file = below(name)
    about = file.stat()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    tag = f"{about.st_mtime}-{about.st_size}-{adler32(os.fsencode(file))}"
    sent = headers(
        kind,
        cache_control=f"public, max-age={AGE}",
        etag=f'"{tag}"',
        expires=formatdate(time() + AGE, usegmt=True),
        last_modified=formatdate(int(about.st_mtime), usegmt=True),
    )
    asked, body = visit.request.headers, file.read_bytes()
    wanted = asked.get("range")
    if wanted and still(asked.get("if-range"), tag, about.st_mtime):
        start, end = span(wanted, len(body))
        sent.set("accept-ranges", "bytes")
        sent.set("content-range", f"bytes {start}-{end - 1}/{len(body)}")
        return Response(206, sent, body[start:end])
    status = condition(asked, tag, about.st_mtime)
    # Robyn would send the body of a 304.
    return Response(status, sent, b"" if status == 304 else body)


def date(text):
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None


def still(condition, tag, modified):
    """Whether `If-Range` holds."""
    if not condition:
        return True
    since = date(condition)
    return condition.strip('"') == tag if since is None else int(modified) <= since


def condition(asked, tag, modified):
    """The status that `If-Match`, `If-None-Match` and `If-Modified-Since` lead to."""
    if match := asked.get("if-match"):
        # As werkzeug has it: neither a weak tag nor a star is a match.
        return 200 if ("", tag) in TAG.findall(match) else 412
    if match := asked.get("if-none-match"):
        return 304 if match == "*" or tag in (t for _, t in TAG.findall(match)) else 200
    since = date(asked.get("if-modified-since"))
    return 304 if since is not None and int(modified) <= since else 200


def span(text, size):
    """Start and end of the one range that is asked for."""

    def refuse(**more):
        name = "Requested Range Not Satisfiable"
        text = "The server cannot provide the requested range."
        raise Answer(plain_page(416, name, text, **more))

    found = RANGE.fullmatch(text)
    if not found or found[2] == "" and int(found[3] or 0) == 0:
        refuse(content_range=f"bytes */{size}")
    unit, first, last, others = found.groups()
    if first and last and int(first) > int(last):
        refuse(content_range=f"bytes */{size}")
    start = int(first) if first else size - int(last)
    end = min(int(last) + 1, size) if first and last else size
    if unit.lower() != "bytes" or others or not 0 <= start < end:
        refuse()
    return start, end
