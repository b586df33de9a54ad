"""Paths in Robyn's spelling, with converters: ``/posts/:id(int)``, ``/files/*path``.

Inside the package they are spelled as everywhere (``/posts/{id:int}``).
"""

import re
from typing import Any

from .ground import CONVERTOR_TYPES
from .rules import path as of_rule

_VARIABLE = re.compile(
    r":(?P<name>[a-zA-Z_]\w*)(?:\((?P<kind>\w+)(?:\((?P<arguments>[^()]*)\))?\))?"
    r"|\*(?P<rest>[a-zA-Z_]\w*)"
    r"|(?P<literal>::|\*\*)"
)


_RULE = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<arguments>.*?)\))?:)?(?P<name>\w+)>|(?P<text>[:*])")


def canonical(path: str) -> str:
    """A path as the package has it. ``::`` and ``**`` stand for ``:`` and ``*`` themselves."""

    def variable(match: re.Match[str]) -> str:
        if match["literal"]:
            return match["literal"][0]
        if match["rest"]:
            return f"<path:{match['rest']}>"
        kind, arguments = match["kind"], match["arguments"]
        if kind is None:
            return f"<{match['name']}>"
        return f"<{kind}{'' if arguments is None else f'({arguments})'}:{match['name']}>"

    return of_rule(_VARIABLE.sub(variable, path))


def path(rule: str) -> str:
    """A rule of Flask's in this spelling: where it is known only when the app runs."""

    def variable(match: re.Match[str]) -> str:
        if match["text"]:
            return match["text"] * 2
        kind, arguments = match["kind"] or "string", match["arguments"]
        inside = kind if arguments is None else f"{kind}({arguments})"
        return f":{match['name']}({inside})"

    return _RULE.sub(variable, rule)


def native(path: str) -> str | None:
    """The path as Robyn's own router takes it, names left out, or None if it can not.

    It knows segments of text and of one value, and one with slashes at the end. Text that a client
    may spell in another way is left to the routing by pattern.
    """
    found = []
    segments = path.strip("/").split("/") if path != "/" else []
    for place, segment in enumerate(segments):
        whole = re.fullmatch(r"{(\w+)(?::(\w+))?}", segment)
        if whole is None:
            if not re.fullmatch(r"[\w.~@!$&'()+,;=-]+", segment, re.ASCII):
                return None
            found.append(segment)
        elif not takes_slashes(segment):
            found.append(f":p{place}")
        elif place == len(segments) - 1:
            found.append(f"*p{place}")
        else:
            return None
    return "/" + "/".join(found)


def takes_slashes(segment: str) -> bool:
    """Whether a value in a segment may have slashes in it."""
    kinds = re.findall(r"{\w+(?::(\w+))?}", segment)
    found = (CONVERTOR_TYPES.get(kind or "str") for kind in kinds)
    return not all(getattr(convertor, "part_isolating", True) for convertor in found)


class Varying:
    """A segment that varies: one value, or values and text."""

    def __init__(self, segment: str) -> None:
        whole = re.fullmatch(r"{\w+(?::(\w+))?}", segment)
        #: The converter, where the segment is one value and nothing else.
        self.convertor = CONVERTOR_TYPES.get(whole[1] or "str") if whole else None

    def may_be(self, text: str) -> bool:
        return self.convertor is None or bool(re.fullmatch(self.convertor.regex, text))

    @property
    def is_any(self) -> bool:
        """Whether it takes any text."""
        return self.convertor is not None and self.convertor.regex in ("[^/]+", "[^/]{1,}")


#: A segment of a path: text, what varies, or ``...`` where slashes may be part of the value.
Segment = Any


def segments(path: str) -> list[Segment]:
    """The segments of a path, as far as it is known how many there are."""
    found: list[Segment] = []
    for segment in path.strip("/").split("/"):
        if "{" in segment and takes_slashes(segment):
            return [*found, ...]
        found.append(Varying(segment) if "{" in segment else segment)
    return found


def overlap(ours: list[Segment], theirs: list[Segment]) -> bool:
    """Whether a URL may fit both paths, as far as their segments tell."""
    for a, b in zip(ours, theirs, strict=False):
        if a is ... or b is ...:
            return True
        if isinstance(a, str) and isinstance(b, str):
            if a != b:
                return False
        elif isinstance(a, str) and not b.may_be(a) or isinstance(b, str) and not a.may_be(b):
            return False
    return len(ours) == len(theirs) or ... in ours or ... in theirs
