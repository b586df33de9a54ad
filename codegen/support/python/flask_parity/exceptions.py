"""HTTP errors by Werkzeug's names, as Starlette exceptions (werkzeug.exceptions).

Every class says its status in ``code`` and its page's sentence in ``description``; an app's own
subclasses do the same. Starlette's and FastAPI's handlers see ``status_code``, ``detail`` and
``headers``, which follow from them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NoReturn

from markupsafe import Markup, escape

from .foreign import delegated
from .ground import HTTPException as BaseHTTPException
from .ground import Response as BaseResponse
from .statuses import NAMES


class HTTPException(BaseHTTPException):
    """An error with a status and a page, or with a response that is the answer as it is."""

    code: int | None = None
    description: str | None = None

    def __init__(self, description: str | None = None, response: Any = None) -> None:
        # Not Starlette's: it wants the status first, and keeps what is said by the class here.
        Exception.__init__(self)
        if description is not None:
            self.description = description
        self.response = response

    @property
    def status_code(self) -> int:  # type: ignore[override]
        if self.code is None:
            return self.response.status_code if self.response is not None else 500
        return self.code

    @property
    def detail(self) -> str:  # type: ignore[override]
        return self.description or ""

    @property
    def headers(self) -> dict[str, str] | None:  # type: ignore[override]
        """What there is beside the page's own type."""
        return dict(self.get_headers()[1:]) or None

    @property
    def name(self) -> str:
        return NAMES.get(self.code, "Unknown Error")  # type: ignore[arg-type]

    def get_description(self, environ: Any = None, scope: Any = None) -> str:
        """The description as a paragraph of the page."""
        text = "" if self.description is None else self.description
        return f"<p>{escape(text).replace(chr(10), Markup('<br>'))}</p>"

    def get_body(self, environ: Any = None, scope: Any = None) -> str:
        """The page."""
        return (
            "<!doctype html>\n<html lang=en>\n"
            f"<title>{self.code} {escape(self.name)}</title>\n"
            f"<h1>{escape(self.name)}</h1>\n{self.get_description()}\n"
        )

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        return [("Content-Type", "text/html; charset=utf-8")]

    def get_response(self, environ: Any = None, scope: Any = None) -> Any:
        """The page as a response that a handler may change, or the response it was made with."""
        if self.response is not None:
            return self.response
        from .responses import Response

        return Response(self.get_body(), self.code, self.get_headers())

    def __str__(self) -> str:
        code = self.code if self.code is not None else "???"
        return f"{code} {self.name}: {self.description}"

    def __repr__(self) -> str:
        code = self.code if self.code is not None else "???"
        return f"<{type(self).__name__} '{code}: {self.name}'>"


class BadRequest(HTTPException):
    code = 400
    description = "The browser (or proxy) sent a request that this server could not understand."


class BadRequestKeyError(BadRequest, KeyError):
    """A key that is not there, of ``request.form["x"]``: a 400 unless the code catches it."""

    _description: str | None = BadRequest.description

    #: Whether the page tells the key (in debug mode it does).
    show_exception = False

    def __init__(self, arg: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if arg is None:
            KeyError.__init__(self)
        else:
            KeyError.__init__(self, arg)

    @property
    def description(self) -> str | None:  # type: ignore[override]
        if self.show_exception:
            return f"{self._description}\n{KeyError.__name__}: {KeyError.__str__(self)}"
        return self._description

    @description.setter
    def description(self, value: str | None) -> None:
        self._description = value


class ClientDisconnected(BadRequest):
    pass


class SecurityError(BadRequest):
    pass


class BadHost(BadRequest):
    pass


class Unauthorized(HTTPException):
    code = 401
    description = (
        "The server could not verify that you are authorized to access the URL requested. You"
        " either supplied the wrong credentials (e.g. a bad password), or your browser doesn't"
        " understand how to supply the credentials required."
    )

    def __init__(
        self,
        description: str | None = None,
        response: Any = None,
        www_authenticate: Any = None,
    ) -> None:
        super().__init__(description, response)
        if www_authenticate is not None and not isinstance(www_authenticate, (list, tuple)):
            www_authenticate = (www_authenticate,)
        self.www_authenticate = www_authenticate

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers()
        headers.extend(("WWW-Authenticate", str(x)) for x in self.www_authenticate or ())
        return headers


class Forbidden(HTTPException):
    code = 403
    description = (
        "You don't have the permission to access the requested resource. It is either"
        " read-protected or not readable by the server."
    )


class NotFound(HTTPException):
    code = 404
    description = (
        "The requested URL was not found on the server. If you entered the URL manually please"
        " check your spelling and try again."
    )


class MethodNotAllowed(HTTPException):
    """The methods that are allowed come first: ``MethodNotAllowed(["GET"])``."""

    code = 405
    description = "The method is not allowed for the requested URL."

    def __init__(
        self,
        valid_methods: Iterable[str] | None = None,
        description: str | None = None,
        response: Any = None,
    ) -> None:
        super().__init__(description, response)
        self.valid_methods = valid_methods

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers()
        if self.valid_methods:
            headers.append(("Allow", ", ".join(self.valid_methods)))
        return headers


class NotAcceptable(HTTPException):
    code = 406
    description = (
        "The resource identified by the request is only capable of generating response entities"
        " which have content characteristics not acceptable according to the accept headers sent"
        " in the request."
    )


class RequestTimeout(HTTPException):
    code = 408
    description = (
        "The server closed the network connection because the browser didn't finish the request"
        " within the specified time."
    )


class Conflict(HTTPException):
    code = 409
    description = (
        "A conflict happened while processing the request. The resource might have been modified"
        " while the request was being processed."
    )


class Gone(HTTPException):
    code = 410
    description = (
        "The requested URL is no longer available on this server and there is no forwarding"
        " address. If you followed a link from a foreign page, please contact the author of this"
        " page."
    )


class LengthRequired(HTTPException):
    code = 411
    description = "A request with this method requires a valid <code>Content-Length</code> header."


class PreconditionFailed(HTTPException):
    code = 412
    description = "The precondition on the request for the URL failed positive evaluation."


class RequestEntityTooLarge(HTTPException):
    code = 413
    description = "The data value transmitted exceeds the capacity limit."


class RequestURITooLarge(HTTPException):
    code = 414
    description = (
        "The length of the requested URL exceeds the capacity limit for this server. The request"
        " cannot be processed."
    )


class UnsupportedMediaType(HTTPException):
    code = 415
    description = "The server does not support the media type transmitted in the request."


class RequestedRangeNotSatisfiable(HTTPException):
    """The length of what there is comes first."""

    code = 416
    description = "The server cannot provide the requested range."

    def __init__(
        self,
        length: int | None = None,
        units: str = "bytes",
        description: str | None = None,
        response: Any = None,
    ) -> None:
        super().__init__(description, response)
        self.length = length
        self.units = units

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers()
        if self.length is not None:
            headers.append(("Content-Range", f"{self.units} */{self.length}"))
        return headers


class ExpectationFailed(HTTPException):
    code = 417
    description = "The server could not meet the requirements of the Expect header"


class ImATeapot(HTTPException):
    code = 418
    description = "This server is a teapot, not a coffee machine"


class MisdirectedRequest(HTTPException):
    code = 421
    description = "The server is not able to produce a response."


class UnprocessableEntity(HTTPException):
    code = 422
    description = (
        "The request was well-formed but was unable to be followed due to semantic errors."
    )


class Locked(HTTPException):
    code = 423
    description = "The resource that is being accessed is locked."


class FailedDependency(HTTPException):
    code = 424
    description = (
        "The method could not be performed on the resource because the requested action depended"
        " on another action and that action failed."
    )


class PreconditionRequired(HTTPException):
    code = 428
    description = (
        'This request is required to be conditional; try using "If-Match" or "If-Unmodified-Since".'
    )


class _RetryAfter(HTTPException):
    """``retry_after`` is in seconds or a datetime."""

    def __init__(
        self,
        description: str | None = None,
        response: Any = None,
        retry_after: datetime | int | None = None,
    ) -> None:
        super().__init__(description, response)
        self.retry_after = retry_after

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        headers = super().get_headers()
        if self.retry_after:
            value = str(self.retry_after)
            if isinstance(self.retry_after, datetime):
                from .wire import http_date

                value = http_date(self.retry_after)
            headers.append(("Retry-After", value))
        return headers


class TooManyRequests(_RetryAfter):
    code = 429
    description = "This user has exceeded an allotted request count. Try again later."


class RequestHeaderFieldsTooLarge(HTTPException):
    code = 431
    description = "One or more header fields exceeds the maximum size."


class UnavailableForLegalReasons(HTTPException):
    code = 451
    description = "Unavailable for legal reasons."


class InternalServerError(HTTPException):
    """What a handler of 500 gets; ``original_exception`` is the error that nobody handled."""

    code = 500
    description = (
        "The server encountered an internal error and was unable to complete your request. Either"
        " the server is overloaded or there is an error in the application."
    )

    def __init__(
        self,
        description: str | None = None,
        response: Any = None,
        original_exception: BaseException | None = None,
    ) -> None:
        self.original_exception = original_exception
        super().__init__(description, response)


class NotImplemented(HTTPException):
    code = 501
    description = "The server does not support the action requested by the browser."


class BadGateway(HTTPException):
    code = 502
    description = "The proxy server received an invalid response from an upstream server."


class ServiceUnavailable(_RetryAfter):
    code = 503
    description = (
        "The server is temporarily unable to service your request due to maintenance downtime or"
        " capacity problems. Please try again later."
    )


class GatewayTimeout(HTTPException):
    code = 504
    description = "The connection to an upstream server timed out."


class HTTPVersionNotSupported(HTTPException):
    code = 505
    description = "The server does not support the HTTP protocol version used in the request."


#: The class of each status: the first that has it.
default_exceptions: dict[int, type[HTTPException]] = {}
for _class in list(globals().values()):
    if isinstance(_class, type) and issubclass(_class, HTTPException) and _class.code is not None:
        default_exceptions.setdefault(_class.code, _class)
del _class


class RequestRedirect(HTTPException):
    """The router's redirect to another URL (werkzeug.routing.RequestRedirect)."""

    code = 308

    def __init__(self, new_url: str) -> None:
        super().__init__(new_url)
        self.new_url = new_url

    def get_response(self, environ: Any = None, scope: Any = None) -> Any:
        from .responses import redirect

        return redirect(self.new_url, self.code)


class Aborter:
    """Raises the class of a status, with what it is given; a response is raised as it is."""

    def __init__(self, mapping: Any = None, extra: Any = None) -> None:
        self.mapping = dict(default_exceptions if mapping is None else mapping)
        if extra is not None:
            self.mapping.update(extra)

    def __call__(self, code: Any, *args: Any, **kwargs: Any) -> NoReturn:
        if isinstance(code, BaseResponse):
            raise HTTPException(response=code)
        if code not in self.mapping:
            raise LookupError(f"no exception for {code!r}")
        raise self.mapping[code](*args, **kwargs)


_abort = Aborter()


@delegated
def abort(code: Any, /, *args: Any, **kwargs: Any) -> NoReturn:
    """Ends the request with a status and its page, or with a response (flask.abort)."""
    _abort(code, *args, **kwargs)


def from_starlette(error: BaseHTTPException) -> HTTPException:
    """An error of Starlette's or FastAPI's own with the page and the attributes of ours.

    The phrase that Starlette puts where nothing was said gives way to the class's sentence.
    """
    if isinstance(error, HTTPException):
        return error
    from http import HTTPStatus

    detail: str | None = str(error.detail)
    try:
        if detail == HTTPStatus(error.status_code).phrase:
            detail = None
    except ValueError:  # a status of the app's own
        pass
    found = default_exceptions.get(error.status_code, HTTPException)
    made = found.__new__(found)
    HTTPException.__init__(made, detail or None)
    for name in ("www_authenticate", "valid_methods", "length", "retry_after"):
        made.__dict__.setdefault(name, None)
    made.__dict__.setdefault("original_exception", None)
    if made.code is None:
        made.code = error.status_code
    if error.headers:
        extra = list(error.headers.items())
        own = made.get_headers
        made.get_headers = lambda *_: own() + extra  # type: ignore[method-assign]
    return made
