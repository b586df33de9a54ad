"""The names of HTTP statuses (werkzeug.http.HTTP_STATUS_CODES).

They differ from Python's own in nine places, and which statuses have a name depends on Python's
version there.
"""

from functools import lru_cache

NAMES = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi Status",
    208: "Already Reported",
    226: "IM Used",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    306: "Switch Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a teapot",
    421: "Misdirected Request",
    422: "Unprocessable Entity",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    449: "Retry With",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Failed",
}


@lru_cache(256, typed=True)
def clean_status(value: int | str) -> tuple[str, int]:
    """``201``, ``"201"`` and ``"201 Made"`` as the whole status and its number.

    A text without a number in front is status 0 (werkzeug.sansio.response.Response._clean_status).
    """
    if isinstance(value, int):
        code = int(value)
    else:
        value = value.strip()
        if not value:
            raise ValueError("Empty status argument")
        number, blank, _ = value.partition(" ")
        try:
            code = int(number)
        except ValueError:
            return f"0 {value}", 0
        if blank:
            return value, code
    return f"{code} {NAMES.get(code, 'unknown').upper()}", code
