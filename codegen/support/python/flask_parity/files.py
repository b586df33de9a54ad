"""Files as Flask sends them: ETag, 304, ranges, Content-Disposition (werkzeug.utils.send_file)."""

import mimetypes
import os
import re
import unicodedata
from email.utils import parsedate_to_datetime
from time import time
from typing import Any
from urllib.parse import quote
from zlib import adler32

import anyio
from starlette.responses import Response

from .context import current_app, request
from .errors import HTTPError, abort
from .foreign import delegated
from .wire import content_type, http_date


def content_disposition(name: str, attachment: bool) -> str:
    kind = "attachment" if attachment else "inline"
    extra = ""
    if not name.isascii():
        extra = "; filename*=UTF-8''" + quote(name, safe="!#$&+-.^_`|~")
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    if not re.fullmatch(r"[\w!#$%&'*+\-.^`|~]+", name, re.ASCII):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{kind}; filename={name}{extra}"


def safe_join(directory: str, name: str) -> str | None:
    """The path, or None when it leaves the directory (werkzeug.security.safe_join)."""
    path = os.path.normpath(name) if name else ""
    if os.path.isabs(path) or path == ".." or path.startswith("../"):
        return None
    if "\0" in path or "\\" in path:
        return None
    return os.path.join(directory, path)


class FileReply(Response):
    """A file, the part of it that a range asks for, or a 304."""

    def __init__(
        self,
        path: str,
        *,
        mimetype: str | None = None,
        as_attachment: bool = False,
        download_name: str | None = None,
        conditional: bool = True,
        max_age: int | None = None,
    ) -> None:
        if not os.path.isfile(path):
            abort(404)
        self.path, self.background = path, None
        stat = os.stat(path)
        self.size, self.modified = stat.st_size, stat.st_mtime
        name = download_name or os.path.basename(path)
        guessed, encoding = mimetypes.guess_type(name)
        checksum = adler32(os.fspath(path).encode()) & 0xFFFFFFFF
        self.etag = f'"{self.modified}-{self.size}-{checksum}"'
        self.status_code, self.start, self.length = 200, 0, self.size
        headers = {
            "content-disposition": content_disposition(name, as_attachment),
            "content-type": content_type(mimetype or guessed or "application/octet-stream"),
            "content-length": str(self.size),
            "last-modified": http_date(self.modified),
            "cache-control": "no-cache" if max_age is None else f"public, max-age={max_age}",
            "etag": self.etag,
        }
        if max_age:
            headers["expires"] = http_date(int(time()) + max_age)
        if encoding and not as_attachment:
            headers["content-encoding"] = encoding
        if conditional:
            headers["accept-ranges"] = "bytes"
            self._apply_conditions(headers)
        self.raw_headers = [(k.encode(), v.encode("latin1")) for k, v in headers.items()]

    def _unmodified_since(self, date: str | None) -> bool:
        try:
            return int(self.modified) <= parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError):
            return False

    def _apply_conditions(self, headers: dict[str, str]) -> None:
        asked = request.headers
        span, if_range = asked.get("range"), asked.get("if-range")
        if span is not None and (
            not if_range or if_range.strip() == self.etag or self._unmodified_since(if_range)
        ):
            self._take_range(span, headers)
            return
        none_match = asked.get("if-none-match")
        if none_match:
            tags = [tag.strip().removeprefix("W/") for tag in none_match.split(",")]
            fresh = none_match.strip() == "*" or self.etag in tags
        else:
            fresh = self._unmodified_since(asked.get("if-modified-since"))
        if fresh:
            self.status_code, self.length = 304, 0
            for name in ("content-type", "content-length", "last-modified", "content-encoding"):
                headers.pop(name, None)

    def _take_range(self, span: str, headers: dict[str, str]) -> None:
        """A range is a 206 or a 416, it is never ignored."""
        match = re.fullmatch(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", span)
        first, last = -1, -1
        if match and match[1]:
            first, last = int(match[1]), min(int(match[2] or self.size - 1), self.size - 1)
        elif match and match[2]:
            first, last = self.size - int(match[2]), self.size - 1
        if first < 0 or first >= self.size or last < first:
            raise HTTPError(416, headers={"content-range": f"bytes */{self.size}"})
        self.status_code, self.start, self.length = 206, first, last - first + 1
        headers["content-range"] = f"bytes {first}-{last}/{self.size}"
        headers["content-length"] = str(self.length)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        if scope["method"] == "HEAD" or not self.length:
            await send({"type": "http.response.body", "body": b""})
            return
        async with await anyio.open_file(self.path, "rb") as file:
            await file.seek(self.start)
            left = self.length
            while left:
                chunk = await file.read(min(65536, left))
                left -= len(chunk)
                if not chunk:
                    break
                await send({"type": "http.response.body", "body": chunk, "more_body": bool(left)})


def _max_age(max_age: int | None) -> int | None:
    default = current_app.state.config["SEND_FILE_MAX_AGE_DEFAULT"] if max_age is None else max_age
    return int(default.total_seconds()) if hasattr(default, "total_seconds") else default


@delegated
def send_file(path_or_file: Any, mimetype: str | None = None, **options: Any) -> FileReply:
    """A file by its path, relative to the app's folder."""
    path = os.path.join(current_app.state.root_path, os.fspath(path_or_file))
    options["max_age"] = _max_age(options.get("max_age"))
    return FileReply(path, mimetype=mimetype, **options)


@delegated
def send_from_directory(directory: Any, path: Any, **options: Any) -> FileReply:
    """A file below a directory; 404 when the path leaves it."""
    found = safe_join(os.fspath(directory), os.fspath(path))
    if found is None:
        abort(404)
    return send_file(found, **options)
