"""Werkzeug's converters with arguments and of one's own, as Starlette convertors.

Starlette's path syntax has a name and no arguments, so every set of arguments gets its own name:
``converter("int_1_9", "int", min=1, max=9)``, then ``{x:int_1_9}``. The names are Starlette's,
hence of the whole process; both calls come before the routes that use them.
"""

import re
import uuid
from typing import Any, ClassVar
from urllib.parse import quote

from .ground import Convertor, HTTPException, register_url_convertor


class ValidationError(ValueError):
    """From ``to_python``: the URL is a 404 and no further rule is tried."""


class BaseConverter(Convertor[Any]):
    """Text of one segment (werkzeug.routing.converters.BaseConverter).

    Subclasses give ``regex``, ``to_python`` and ``to_url``, which returns quoted text. ``weight``
    and ``part_isolating`` say where Werkzeug sorts the rule and whether slashes may match.
    """

    regex: ClassVar[str] = "[^/]+"
    weight: ClassVar[int] = 100
    part_isolating: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "regex" in cls.__dict__ and "part_isolating" not in cls.__dict__:
            cls.part_isolating = "/" not in cls.regex

    def __init__(self, map: Any = None, *args: Any, **kwargs: Any) -> None:
        self.map = map

    def to_python(self, value: str) -> Any:
        return value

    def to_url(self, value: Any) -> str:
        return quote(str(value), safe="!$&'()*+,/:;=@")

    def convert(self, value: str) -> Any:
        try:
            return self.to_python(value)
        except ValidationError:
            # Starlette answers 500 to any other error of a convertor.
            raise HTTPException(404) from None

    def to_string(self, value: Any) -> str:
        return self.to_url(value)


class UnicodeConverter(BaseConverter):
    """``<string(length=2):x>``, ``<string(minlength=1, maxlength=5):x>``."""

    def __init__(
        self,
        map: Any = None,
        minlength: int = 1,
        maxlength: int | None = None,
        length: int | None = None,
    ) -> None:
        super().__init__(map)
        most = "" if maxlength is None else int(maxlength)
        count = f"{int(length)}" if length is not None else f"{int(minlength)},{most}"
        self.regex = f"[^/]{{{count}}}"  # type: ignore[misc]


class AnyConverter(BaseConverter):
    """``<any(a, b):x>``: one of these words."""

    def __init__(self, map: Any = None, *items: str) -> None:
        super().__init__(map)
        self.items = set(items)
        self.regex = f"(?:{'|'.join(re.escape(item) for item in items)})"  # type: ignore[misc]

    def to_url(self, value: Any) -> str:
        if value in self.items:
            return str(value)
        valid = ", ".join(f"'{item}'" for item in sorted(self.items))
        raise ValueError(f"'{value}' is not one of {valid}")


class PathConverter(BaseConverter):
    """Not empty, no slash at the front."""

    regex = "[^/].*?"
    weight = 200
    part_isolating = False


class NumberConverter(BaseConverter):
    """What integers and floats share: bounds and a sign."""

    weight = 50
    number: ClassVar[Any] = int

    def __init__(
        self,
        map: Any = None,
        fixed_digits: int = 0,
        min: float | None = None,
        max: float | None = None,
        signed: bool = False,
    ) -> None:
        super().__init__(map)
        if signed:
            self.regex = f"-?{self.regex}"  # type: ignore[misc]
        self.fixed_digits, self.min, self.max = fixed_digits, min, max

    def to_python(self, value: str) -> Any:
        if self.fixed_digits and len(value) != self.fixed_digits:
            raise ValidationError()
        found = self.number(value)
        if self.min is not None and found < self.min or self.max is not None and found > self.max:
            raise ValidationError()
        return found

    def to_url(self, value: Any) -> str:
        text = str(self.number(value))
        return text.zfill(self.fixed_digits) if self.fixed_digits else text


class IntegerConverter(NumberConverter):
    """Digits of any script."""

    regex = r"\d+"


class FloatConverter(NumberConverter):
    """A dot is needed."""

    regex = r"\d+\.\d+"
    number = float

    def __init__(
        self,
        map: Any = None,
        min: float | None = None,
        max: float | None = None,
        signed: bool = False,
    ) -> None:
        super().__init__(map, min=min, max=max, signed=signed)


class UUIDConverter(BaseConverter):
    """Dashes are needed."""

    regex = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"

    def to_python(self, value: str) -> uuid.UUID:
        return uuid.UUID(value)

    def to_url(self, value: Any) -> str:
        return str(value)


_classes: dict[str, type[BaseConverter]] = {
    "default": UnicodeConverter,
    "string": UnicodeConverter,
    "any": AnyConverter,
    "path": PathConverter,
    "int": IntegerConverter,
    "float": FloatConverter,
    "uuid": UUIDConverter,
}


def register_converter(app: Any, name: str, cls: type[BaseConverter]) -> None:
    """``app.url_map.converters[name] = cls``; a class that needs arguments gets its names later."""
    _classes[name] = cls
    try:
        made = cls(app)
    except TypeError:  # arguments are required: only `converter` makes names of it
        return
    register_url_convertor(name, made)


def converter(name: str, kind: str, *args: Any, **kwargs: Any) -> None:
    """Names the converter ``kind`` with these arguments: ``<kind(args):x>`` is ``{x:name}``."""
    if not re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", name):
        raise ValueError(f"{name!r} is no name that a path may use.")
    register_url_convertor(name, _classes[kind](None, *args, **kwargs))


for _name in ("int", "float", "path", "uuid"):
    # In place of Starlette's of the same names, which take signs and empty paths.
    register_url_convertor(_name, _classes[_name]())
