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


def overlap(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether a URL may fit both paths, as far as their text tells."""
    for a, b in zip(ours, theirs, strict=False):
        if a is ... or b is ...:
            return True
        if a is not None and b is not None and a != b:
            return False
    return len(ours) == len(theirs) or ... in ours or ... in theirs


def segments(path: str) -> list[Any]:
    """Text, None for what varies, and ``...`` from where slashes may be part of it."""
    found: list[Any] = []
    for segment in path.strip("/").split("/"):
        if "{" in segment and takes_slashes(segment):
            return [*found, ...]
        found.append(None if "{" in segment else segment)
    return found
