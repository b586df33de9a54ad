"""The response that views, helpers and hooks read and change (werkzeug.wrappers.Response).

It is a Starlette response: what a view returns is sent as it is. Its headers stay text in one list
until it is sent; only then they become bytes.
"""

import json as standard_json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Self

from . import jsontext
from .attributes import HeaderAttributes
from .conditions import ConditionalBody
from .context import current
from .exceptions import HTTPException
from .foreign import delegated
from .ground import Response as BaseResponse
from .headers import Headers, Pairs
from .statuses import clean_status
from .wire import content_type as full_type
from .wire import location_header, redirect_page

_ENTITY = {
    "allow",
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-range",
    "content-type",
    "last-modified",
}


class PlainResponse(HeaderAttributes, ConditionalBody, BaseResponse):
    """Status, headers and a body of text, bytes, or an iterable of them, which is streamed.

    Werkzeug's own, which is plain text unless it is told otherwise.
    """

    default_status: int | str = 200
    default_mimetype: str | None = "text/plain"
    json_module: Any = standard_json
    #: ``Location`` is sent as it was given, not as an absolute URL.
    autocorrect_location_header = False
    automatically_set_content_length = True
    #: Whether ``get_data`` may read a stream into a list.
    implicit_sequence_conversion = True
    background: Any = None
    media_type = None

    def __init__(
        self,
        response: Any = None,
        status: int | str | HTTPStatus | None = None,
        headers: Pairs | None = None,
        mimetype: str | None = None,
        content_type: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        # Not Starlette's constructor: it makes bytes of the body and the headers at once.
        self.headers = found = headers if isinstance(headers, Headers) else Headers(headers or None)
        if content_type is None:
            if mimetype is None and not (found and "content-type" in found):
                mimetype = self.default_mimetype
            if mimetype is not None:
                content_type = full_type(mimetype)
        if content_type is not None:
            found.set("Content-Type", content_type)
        self._status, self._status_code = clean_status(
            self.default_status if status is None else status
        )
        self.direct_passthrough = direct_passthrough
        self._on_close: list[Callable[[], Any]] = []
        self.response: Any
        if response is None:
            self.response = []
        elif isinstance(response, (str, bytes, bytearray)):
            self.set_data(response)
        else:
            self.response = response

    def __repr__(self) -> str:
        if self.is_sequence:
            body = f"{sum(map(len, self.iter_encoded()))} bytes"
        else:
            body = "streamed" if self.is_streamed else "likely-streamed"
        return f"<{type(self).__name__} {body} [{self.status}]>"

    @classmethod
    def force_type(cls, response: Any, environ: Any = None) -> "PlainResponse":
        """A response as one of this class."""
        if isinstance(response, HTTPException):
            response = response.get_response()
        if not isinstance(response, PlainResponse):
            raise TypeError("cannot convert WSGI application into response objects")
        response.__class__ = cls
        return response

    # ---- status

    @property
    def status_code(self) -> int:  # type: ignore[override]
        return self._status_code

    @status_code.setter
    def status_code(self, code: int) -> None:
        self._status, self._status_code = clean_status(code)

    @property
    def status(self) -> str:
        """``404 NOT FOUND``."""
        return self._status

    @status.setter
    def status(self, value: int | str) -> None:
        self._status, self._status_code = clean_status(value)

    # ---- body

    def get_data(self, as_text: bool = False) -> Any:
        """The whole body; a stream is read and kept."""
        self._ensure_sequence()
        data = b"".join(self.iter_encoded())
        return data.decode() if as_text else data

    def set_data(self, value: str | bytes) -> None:
        """Another body, and its ``Content-Length``."""
        if isinstance(value, str):
            value = value.encode()
        self.response = [value]
        if self.automatically_set_content_length:
            self.headers["Content-Length"] = str(len(value))

    data = property(get_data, set_data)
    #: Starlette's name for it.
    body = property(get_data, set_data)

    def calculate_content_length(self) -> int | None:
        try:
            self._ensure_sequence()
        except RuntimeError:
            return None
        return sum(len(x) for x in self.iter_encoded())

    def _ensure_sequence(self, mutable: bool = False) -> None:
        if self.is_sequence:
            if mutable and not isinstance(self.response, list):
                self.response = list(self.response)
            return
        if self.direct_passthrough:
            raise RuntimeError(
                "Attempted implicit sequence conversion but the"
                " response object is in direct passthrough mode."
            )
        if not self.implicit_sequence_conversion:
            raise RuntimeError(
                "The response object required the iterable to be a"
                " sequence, but the implicit conversion was disabled."
                " Call make_sequence() yourself."
            )
        self.make_sequence()

    def make_sequence(self) -> None:
        """Reads a stream into a list."""
        if not self.is_sequence:
            close = getattr(self.response, "close", None)
            self.response = list(self.iter_encoded())
            if close is not None:
                self.call_on_close(close)

    def iter_encoded(self) -> Iterator[bytes]:
        return (item.encode() if isinstance(item, str) else item for item in self.response)

    @property
    def is_streamed(self) -> bool:
        """Whether the body has no length."""
        return not hasattr(self.response, "__len__")

    @property
    def is_sequence(self) -> bool:
        return isinstance(self.response, (list, tuple))

    def freeze(self) -> None:
        """Reads the body, whatever it is; sets its length and its tag."""
        self.response = list(self.iter_encoded())
        self.headers["Content-Length"] = str(sum(map(len, self.response)))
        self.add_etag()

    def call_on_close(self, func: Callable[[], Any]) -> Callable[[], Any]:
        """Calls ``func`` when the response has been sent."""
        self._on_close.append(func)
        return func

    def close(self) -> None:
        if hasattr(self.response, "close"):
            self.response.close()
        for function in self._on_close:
            function()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    @property
    def stream(self) -> Any:
        """The body as a file that is written to (Werkzeug's own, imported when it is used)."""
        from werkzeug.wrappers.response import ResponseStream

        return ResponseStream(self)  # type: ignore[arg-type]

    # ---- JSON

    @property
    def json(self) -> Any:
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False) -> Any:
        """The body as JSON, None if it is of another type."""
        if not (force or self.is_json):
            return None
        try:
            return self.json_module.loads(self.get_data())
        except ValueError:
            if not silent:
                raise
            return None

    # ---- conditional requests

    def add_etag(self, overwrite: bool = False, weak: bool = False) -> None:
        """A tag made of the body, unless there is one."""
        if overwrite or "etag" not in self.headers:
            from hashlib import sha1

            self.set_etag(sha1(self.get_data()).hexdigest(), weak)

    # ---- sending

    def sent_headers(self) -> list[tuple[str, str]]:
        """The headers as they go out (werkzeug.wrappers.Response.get_wsgi_headers)."""
        status = self._status_code
        found: list[tuple[str, str]] = []
        measured = False
        # The attribute may have been set to a mapping.
        headers = self.headers if isinstance(self.headers, Headers) else Headers(self.headers)
        for pair in headers:
            name = pair[0].lower()
            if name == "content-length":
                measured = True
                if status == 204 or 100 <= status < 200:
                    continue
            elif name in ("location", "content-location"):
                pair = (pair[0], location_header(pair[1]))
            if status == 304 and name in _ENTITY:
                continue
            found.append(pair)
        if (
            not measured
            and self.automatically_set_content_length
            and self.is_sequence
            and status not in (204, 304)
            and not 100 <= status < 200
        ):
            found.append(("Content-Length", str(sum(len(x) for x in self.iter_encoded()))))
        return found

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:  # type: ignore[override]
        """The same for ASGI, where a file that the server in front is to send (``X-Sendfile``) has
        no length: a server would miss the body."""
        found = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in self.sent_headers()
        ]
        if any(name == b"x-sendfile" for name, _ in found):
            found = [pair for pair in found if pair[0] != b"content-length"]
        return found

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from .sending import declared_length, finish, stream  # what only ASGI needs

        status = self._status_code
        start = {"type": "http.response.start", "status": status, "headers": self.raw_headers}
        bodyless = scope["method"] == "HEAD" or status in (204, 304) or 100 <= status < 200
        if bodyless or self.is_sequence:
            body = b"" if bodyless else b"".join(self.iter_encoded())[: declared_length(start)]
            try:
                await send(start)
                await send({"type": "http.response.body", "body": body})
            finally:
                if self._on_close or hasattr(self.response, "close"):
                    await finish(self.close)
        else:
            await stream(self, start, receive, send)
        if self.background is not None:
            await self.background()


class Response(PlainResponse):
    """Flask's own: HTML unless it is told otherwise."""

    default_mimetype = "text/html"
    json_module = jsontext


class SortedJSONResponse(Response):
    """A value as JSON by the app's provider: sorted keys, ASCII, HTTP dates, a line end."""

    def __init__(
        self, content: Any, status_code: int | None = None, headers: Pairs | None = None
    ) -> None:
        text, mimetype = jsontext.written(content)
        super().__init__(text, status_code, headers, mimetype=mimetype)


jsonify = jsontext.jsonify


def response_class() -> type[Response]:
    """The class of new responses: ``app.state.response_class`` if the app has its own."""
    try:
        app = current().app
    except RuntimeError:
        return Response
    return getattr(app.state, "response_class", Response) if app is not None else Response


@delegated
def redirect(location: str, code: int = 302, Response: Any = None) -> Any:
    """302 unless told otherwise, with a page that names the target (werkzeug.utils.redirect)."""
    made = (Response or response_class())(redirect_page(location), code, mimetype="text/html")
    made.headers["Location"] = location
    return made


@delegated
def make_response(*args: Any) -> Any:
    """A response of what a view may return, to be changed before it is returned."""
    if not args:
        return response_class()()
    return reply(args[0] if len(args) == 1 else args)


_ADVICE = (
    "The view function did not return a valid response. The return type must be a string, dict,"
    " list, tuple with headers or status, Response instance, or WSGI callable, but it was a {}."
)


def reply(value: Any, *rest: Any) -> Any:
    """A response from whatever a view may return (flask.Flask.make_response).

    ``rest`` is a status, headers, or both, in Flask's order. A response of Starlette's own is
    passed through.
    """
    if rest:
        value = (value, *rest)
    status: Any = None
    headers: Any = None
    if isinstance(value, tuple):
        if len(value) == 3:
            value, status, headers = value
        elif len(value) == 2:
            if isinstance(value[1], (Headers, dict, tuple, list)):
                value, headers = value
            else:
                value, status = value
        else:
            raise TypeError(
                "The view function did not return a valid response tuple. The tuple must have the"
                " form (body, status, headers), (body, status), or (body, headers)."
            )
    if isinstance(value, BaseResponse):
        made: Any = value
        wanted = response_class()
        if isinstance(made, PlainResponse) and not isinstance(made, wanted):
            made = wanted.force_type(made)
    elif isinstance(value, (str, bytes, bytearray)) or isinstance(value, Iterator):
        made = response_class()(value, status=status, headers=headers)
        status = headers = None
    elif isinstance(value, (dict, list)):
        made = jsonify(value)
    elif value is None:
        request = current().request
        endpoint = request.endpoint if request is not None else None
        raise TypeError(
            f"The view function for {endpoint!r} did not return a valid response. The function"
            " either returned None or ended without a return statement."
        )
    elif isinstance(value, HTTPException):
        made = value.get_response()
    elif hasattr(value, "iter_encoded"):  # Werkzeug's own, of an extension
        made = Response(value.response, value.status, list(value.headers))
        made.direct_passthrough = value.direct_passthrough
        made._on_close.append(value.close)
    else:
        raise TypeError(_ADVICE.format(type(value).__name__))
    if status is not None:
        if isinstance(made, PlainResponse):
            made.status = status
        else:
            made.status_code = clean_status(status)[1]
    if headers:
        if isinstance(made, PlainResponse):
            made.headers.update(headers)
        else:
            for name, item in Headers(headers):
                made.headers[name] = item
    return made
