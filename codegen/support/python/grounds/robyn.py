"""What the package stands on under Robyn, which has none of these: errors, converters, patterns.

In a port this is ``flask_parity/ground.py``, in the place of what Starlette gives to a port on
ASGI; the names, the spelling of paths (``/posts/{id:int}``) and what they do are Starlette's.
"""

import re
from enum import Enum
from http import HTTPStatus
from typing import Any, ClassVar, Generic, TypeVar

from robyn import Robyn as Application

T = TypeVar("T")

__all__ = [
    "CONVERTOR_TYPES",
    "Application",
    "Convertor",
    "HTTPException",
    "Match",
    "Mount",
    "Request",
    "Response",
    "Route",
    "StringConvertor",
    "compile_path",
    "register_url_convertor",
]


class HTTPException(Exception):
    """An error that is an answer: its status, a sentence, and headers of its own."""

    def __init__(self, status_code: int, detail: str | None = None, headers: Any = None) -> None:
        self.status_code = status_code
        self.detail = HTTPStatus(status_code).phrase if detail is None else detail
        self.headers = headers


class Response:
    """What every response is."""


class Request:
    """One request as the routing sees it."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope
        self.method: str = scope["method"]

    @property
    def app(self) -> Any:
        return self.scope["app"]

    @property
    def path_params(self) -> dict[str, Any]:
        return self.scope["path_params"]  # type: ignore[no-any-return]


# ---- converters


class Convertor(Generic[T]):
    """Text of a URL as a value, and back."""

    regex: ClassVar[str] = ""

    def convert(self, value: str) -> T:
        raise NotImplementedError()

    def to_string(self, value: T) -> str:
        raise NotImplementedError()


class StringConvertor(Convertor[str]):
    """Text of one segment."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        value = str(value)
        assert "/" not in value, "May not contain path separators"
        assert value, "Must not be empty"
        return value


#: By the name that a path says.
CONVERTOR_TYPES: dict[str, Convertor[Any]] = {"str": StringConvertor()}


def register_url_convertor(key: str, convertor: Convertor[Any]) -> None:
    """Makes a converter known to paths that are compiled from now on."""
    CONVERTOR_TYPES[key] = convertor


# ---- patterns

_VARIABLE = re.compile(r"{([a-zA-Z_]\w*)(:[a-zA-Z_]\w*)?}")


def compile_path(path: str) -> tuple[re.Pattern[str], str, dict[str, Convertor[Any]]]:
    """A pattern, the path with the names alone, and the converters by name."""
    pattern, template, place = "^", "", 0
    convertors: dict[str, Convertor[Any]] = {}
    for match in _VARIABLE.finditer(path):
        name, kind = match.groups("str")
        convertor = CONVERTOR_TYPES[kind.lstrip(":")]
        if name in convertors:
            raise ValueError(f"Duplicated param name {name} at path {path}")
        text = path[place : match.start()]
        pattern += f"{re.escape(text)}(?P<{name}>{convertor.regex})"
        template += f"{text}{{{name}}}"
        convertors[name] = convertor
        place = match.end()
    rest = path[place:]
    return re.compile(f"{pattern}{re.escape(rest)}$"), template + rest, convertors


class Match(Enum):
    """Whether a route answers: no, another method, yes."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


class Route:
    """A path with the methods that it answers."""

    path: str
    methods: set[str]
    endpoint: Any

    def compile(self) -> None:
        self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)

    def matches(self, scope: Any) -> tuple[Match, dict[str, Any]]:
        """Whether it answers a request, with the values of the URL."""
        path = scope["path"].removeprefix(scope["root_path"])
        found = self.path_regex.match(path)
        if found is None:
            return Match.NONE, {}
        values = found.groupdict()
        for name, text in values.items():
            values[name] = self.param_convertors[name].convert(text)
        child = {"endpoint": self.endpoint, "path_params": values}
        return (Match.FULL if scope["method"] in self.methods else Match.PARTIAL), child


class Mount:
    """An application below a path: there is none under Robyn."""

    path: str
    routes: list[Any]
