"""Files as Quart sends them: a length, a tag, twelve hours in caches (quart.helpers)."""

import mimetypes
import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import adler32

from .context import current_app, request
from .exceptions import NotFound
from .fields import dump_options
from .files import safe_join
from .quart_response import Part
from .responses import response_class


class FilePart(Part):
    """A file on disk."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(size)
        self.path = path

    def read(self, start: int, size: int) -> bytes:
        with open(self.path, "rb") as file:
            file.seek(start)
            return file.read(size)


class MemoryPart(Part):
    """A file in memory."""

    def __init__(self, file: BytesIO) -> None:
        super().__init__(file.getbuffer().nbytes)
        self.file = file

    def read(self, start: int, size: int) -> bytes:
        return bytes(self.file.getbuffer()[start : start + size])


def _max_age(config: Any) -> int | None:
    found = config["SEND_FILE_MAX_AGE_DEFAULT"]
    return int(found.total_seconds()) if isinstance(found, timedelta) else found


async def send_file(
    filename_or_io: Any,
    mimetype: str | None = None,
    as_attachment: bool = False,
    attachment_filename: str | None = None,
    add_etags: bool = True,
    cache_timeout: int | None = None,
    conditional: bool = False,
    last_modified: Any = None,
) -> Any:
    """A file by its path, relative to where the server was started, or one in memory."""
    etag = None
    if isinstance(filename_or_io, BytesIO):
        part: Part = MemoryPart(filename_or_io)
    else:
        path = Path(os.fsdecode(filename_or_io))
        stat = path.stat()
        part = FilePart(path, stat.st_size)
        if attachment_filename is None:
            attachment_filename = path.name
        if last_modified is None:
            last_modified = stat.st_mtime
        if cache_timeout is None:
            cache_timeout = _max_age(current_app.state.config)
        etag = f"{stat.st_mtime}-{stat.st_size}-{adler32(bytes(path))}"
    if mimetype is None and attachment_filename is not None:
        mimetype = mimetypes.guess_type(attachment_filename)[0] or "application/octet-stream"
    if mimetype is None:
        raise ValueError(
            "The mime type cannot be inferred, please set it manually via the mimetype argument."
        )
    made = response_class()(part, mimetype=mimetype)
    made.content_length = part.size
    if as_attachment:
        named = dump_options("attachment", {"filename": attachment_filename})
        made.headers.add("Content-Disposition", named)
    if last_modified is not None:
        made.last_modified = last_modified
    control = made.cache_control
    control.public = True
    if cache_timeout is not None:
        control.max_age = cache_timeout
        made.expires = datetime.now(UTC) + timedelta(seconds=cache_timeout)
    if add_etags and etag is not None:
        made.set_etag(etag)
    if conditional:
        await made.make_conditional(request, accept_ranges=True, complete_length=part.size)
    return made


async def send_from_directory(directory: Any, file_name: str, **options: Any) -> Any:
    """A file below a directory; 404 when it leaves it."""
    found = safe_join(str(directory), file_name)
    if found is None or not os.path.isfile(found):
        raise NotFound()
    return await send_file(Path(found), **{"conditional": True, **options})
