"""Responses with Flask's bytes: redirects, JSON, and values of any kind."""

from collections.abc import Iterator
from typing import Any

from starlette.responses import HTMLResponse, Response, StreamingResponse

from . import foreign
from .foreign import delegated
from .wire import content_type, dump_cookie, json_body, location_header, redirect_page


class PageResponse(Response):
    """A body with Flask's rule for the charset; HTML unless told otherwise."""

    def __init__(
        self,
        content: Any = "",
        status_code: int = 200,
        headers: Any = None,
        mimetype: str = "text/html",
        content_type: str | None = None,
    ) -> None:
        super().__init__(content, status_code, dict(headers or {}))
        if "content-type" not in self.headers:
            self.headers["content-type"] = content_type or _content_type(mimetype)

    def set_cookie(self, key: str, value: str = "", **options: Any) -> None:  # type: ignore[override]
        cookie = dump_cookie(key, value, **options)
        self.raw_headers.append((b"set-cookie", cookie.encode("latin1")))

    def delete_cookie(self, key: str, path: str = "/", **options: Any) -> None:  # type: ignore[override]
        epoch = "Thu, 01 Jan 1970 00:00:00 GMT"
        self.set_cookie(key, "", expires=epoch, max_age=0, path=path, **options)


_content_type = content_type


class SortedJSONResponse(PageResponse):
    """Sorted keys, ASCII, HTTP dates, a newline at the end."""

    def __init__(self, content: Any, status_code: int = 200, headers: Any = None) -> None:
        super().__init__(json_body(content), status_code, headers, mimetype="application/json")


@delegated
def jsonify(*args: Any, **kwargs: Any) -> SortedJSONResponse:
    """A JSON response of one value, a list of values, or keywords."""
    if args and kwargs:
        raise TypeError("jsonify() takes either args or kwargs, not both")
    if len(args) == 1:
        return SortedJSONResponse(args[0])
    return SortedJSONResponse((list(args) or None) if not kwargs else kwargs)


class RedirectPage(HTMLResponse):
    """A redirect with a page that names its target."""

    def __init__(self, location: str, code: int = 302) -> None:
        super().__init__(redirect_page(location), code, {"location": location_header(location)})


@delegated
def redirect(location: str, code: int = 302) -> RedirectPage:
    """302 unless told otherwise (werkzeug.utils.redirect)."""
    return RedirectPage(location, code)


def reply(value: Any, *rest: Any) -> Response:
    """A response from whatever a Flask view may return (flask.Flask.make_response).

    ``rest`` is a status, headers, or both, in Flask's order.
    """
    status: Any = None
    headers: Any = None
    if len(rest) == 2:
        status, headers = rest
    elif len(rest) == 1:
        if isinstance(rest[0], (dict, list, tuple)):
            headers = rest[0]
        else:
            status = rest[0]
    response = _from_value(value)
    if status is not None:
        response.status_code = int(str(status).split(None, 1)[0])
    if headers:
        pairs = headers.items() if isinstance(headers, dict) else headers
        for key, item in pairs:
            response.headers[key] = str(item)
    return response


def _from_value(value: Any) -> Response:
    if foreign.bridge is not None:
        value = foreign.bridge.to_native(value)
    if isinstance(value, Response):
        return value
    if isinstance(value, (str, bytes, bytearray)):
        return PageResponse(bytes(value) if isinstance(value, bytearray) else value)
    if isinstance(value, (dict, list)):
        return SortedJSONResponse(value)
    if isinstance(value, Iterator):
        return StreamingResponse(value, media_type="text/html; charset=utf-8")
    if isinstance(value, tuple):
        return reply(*value)
    raise TypeError(
        f"The view function did not return a valid response: it was a {type(value).__name__}."
    )
