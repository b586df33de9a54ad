"""Files as Flask sends them: ETag, 304, ranges, Content-Disposition (werkzeug.utils.send_file)."""

import io
import mimetypes
import os
import posixpath
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import time
from typing import IO, Any
from urllib.parse import quote
from zlib import adler32

from .context import current, current_app
from .exceptions import NotFound, RequestedRangeNotSatisfiable
from .fields import dump_options
from .foreign import delegated
from .responses import response_class


def content_disposition(name: str, attachment: bool) -> str:
    """``inline; filename=name``; a name outside of ASCII is there twice."""
    names = {"filename": name}
    if not name.isascii():
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
        encoded = quote(name, safe="!#$&+-.^_`|~")
        names = {"filename": plain, "filename*": f"UTF-8''{encoded}"}
    return dump_options("attachment" if attachment else "inline", names)


def safe_join(directory: str, *untrusted: str) -> str | None:
    """The path, or None when it leaves the directory (werkzeug.security.safe_join)."""
    parts = [directory or "."]
    for part in untrusted:
        if not part:
            continue
        part = posixpath.normpath(part)
        if os.path.isabs(part) or part == ".." or part.startswith("../"):
            return None
        if os.sep != "/" and os.sep in part:
            return None
        parts.append(part)
    return posixpath.join(*parts)


class FileBody:
    """An open file as a body (werkzeug.wsgi.FileWrapper), in larger pieces: each is a hop to the
    request's thread."""

    SIZE = 65536

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def close(self) -> None:
        if hasattr(self.file, "close"):
            self.file.close()

    def seekable(self) -> bool:
        if hasattr(self.file, "seekable"):
            return self.file.seekable()
        return hasattr(self.file, "seek")

    def seek(self, *args: Any) -> None:
        if hasattr(self.file, "seek"):
            self.file.seek(*args)

    def tell(self) -> int | None:
        return self.file.tell() if hasattr(self.file, "tell") else None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if data := self.file.read(self.SIZE):
            return data
        raise StopIteration


def _max_age(given: Any, path: str | None) -> int | None:
    """Seconds: as given, or ``SEND_FILE_MAX_AGE_DEFAULT`` (flask.Flask.get_send_file_max_age)."""
    if callable(given):
        return given(path)
    if given is None:
        given = current_app.state.config["SEND_FILE_MAX_AGE_DEFAULT"]
        if isinstance(given, timedelta):
            return int(given.total_seconds())
    return given


@delegated
def send_file(
    path_or_file: Any,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | float | None = None,
    max_age: int | Callable[[str | None], int | None] | None = None,
) -> Any:
    """A file by its path, relative to the app's folder, or an open binary file."""
    state = current()
    path: str | None = None
    file: Any = None
    size: int | None = None
    changed: float | None = None
    if isinstance(path_or_file, str) or hasattr(path_or_file, "__fspath__"):
        path = os.path.join(state.app.state.root_path, path_or_file)
        stat = os.stat(path)
        size, changed = stat.st_size, stat.st_mtime
    else:
        file = path_or_file
    if download_name is None and path is not None:
        download_name = os.path.basename(path)
    headers: list[tuple[str, str]] = []
    if mimetype is None:
        if download_name is None:
            raise TypeError(
                "Unable to detect the MIME type because a file name is not available. Either set"
                " 'download_name', pass a path instead of a file, or set 'mimetype'."
            )
        mimetype, encoding = mimetypes.guess_type(download_name)
        mimetype = mimetype or "application/octet-stream"
        # A browser would unpack what it is to keep.
        if encoding is not None and not as_attachment:
            headers.append(("Content-Encoding", encoding))
    if download_name is not None:
        disposition = content_disposition(download_name, as_attachment)
        headers.append(("Content-Disposition", disposition))
    elif as_attachment:
        raise TypeError(
            "No name provided for attachment. Either set 'download_name' or pass a path instead of"
            " a file."
        )
    body = None
    if path is not None and state.app.state.config.get("USE_X_SENDFILE"):
        headers.append(("X-Sendfile", path))
    else:
        if path is not None:
            file = open(path, "rb")
        elif isinstance(file, io.BytesIO):
            size = file.getbuffer().nbytes
        elif isinstance(file, io.TextIOBase):
            raise ValueError("Files must be opened in binary mode or use BytesIO.")
        body = FileBody(file)

    made = response_class()(body, mimetype=mimetype, headers=headers, direct_passthrough=True)
    if size is not None:
        made.content_length = size
    if last_modified is not None:
        made.last_modified = last_modified
    elif changed is not None:
        made.last_modified = changed
    control = made.cache_control
    control.no_cache = True
    seconds = _max_age(max_age, path)
    if seconds is not None:
        if seconds > 0:
            control.no_cache = None
            control.public = True
        control.max_age = seconds
        made.expires = int(time() + seconds)
    if isinstance(etag, str):
        made.set_etag(etag)
    elif etag and path is not None:
        made.set_etag(f"{changed}-{size}-{adler32(path.encode()) & 0xFFFFFFFF}")
    if conditional:
        try:
            made.make_conditional(state.request, accept_ranges=True, complete_length=size)
        except RequestedRangeNotSatisfiable:
            if file is not None:
                file.close()
            raise
        # Some servers send the file whatever the status is.
        if made.status_code == 304:
            made.headers.pop("x-sendfile", None)
    return made


@delegated
def send_from_directory(directory: Any, path: Any, **options: Any) -> Any:
    """A file below a directory, which is relative to the app's folder; 404 when it leaves it."""
    found = safe_join(os.fspath(directory), os.fspath(path))
    if found is None:
        raise NotFound()
    found = os.path.join(current_app.state.root_path, found)
    if not os.path.isfile(found):
        raise NotFound()
    return send_file(found, **options)


def send_static_file(filename: str, app: Any = None) -> Any:
    """A file of the app's static folder (flask.Flask.send_static_file)."""
    folder = getattr((app or current_app).state, "static_folder", None)
    if folder is None:
        raise RuntimeError("'static_folder' must be set to serve static_files.")
    return send_from_directory(folder, filename)
