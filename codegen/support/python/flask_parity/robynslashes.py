"""A slash too many or too few at the end of a URL, as far as Robyn lets it be told.

It cuts the slash off before a handler sees the URL. Two tables look at the URL as it was sent:
files that are served, which send a GET to the URL with a slash (302, without the query, where Flask
has a 308), and answers that never change, which are looked up while Robyn has no middleware.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from robyn.robyn import FunctionInfo, Headers, HttpMethod, Response
from robyn.router import Route

from .robynexchange import NO_FORM
from .robynpaths import Segment, native, overlap, segments
from .routing import METHODS

#: What Robyn's matcher (Rust's regex) has not, or reads otherwise.
_UNSURE = re.compile(r"\(\?[^:]|\\[ABZbz]")


def redirect_missing(app: Any) -> None:
    """Has URLs without their slash sent to the one with it, where no other rule takes them."""
    leaves = [segments(route.path) for route in app.routes if not route.path.endswith("/")]
    found = set()
    for route in app.routes:
        is_branch = route.path.endswith("/") and route.path != "/"
        if is_branch and "GET" in route.methods and (pattern := _pattern(route, leaves)):
            found.add(pattern)
    if found:
        folder = Path(__file__).parent  # any that has the file: nothing of it is ever sent
        mount = f"/{{slash:(?:{'|'.join(sorted(found))})$}}"
        app.serve_directory(mount, str(folder), index_file=Path(__file__).name)


def _pattern(route: Any, leaves: list[list[Segment]]) -> str | None:
    """An expression for the URL without its slash that leaves other rules theirs."""
    ours = segments(route.path)
    refused: dict[int, set[str]] = {}
    for theirs in leaves:
        if overlap(ours, theirs):
            pairs = enumerate(zip(ours, theirs, strict=False))
            at = (i for i, (a, b) in pairs if isinstance(b, str) and getattr(a, "is_any", False))
            if (place := next(at, None)) is None:
                return None
            refused.setdefault(place, set()).add(theirs[place])
    found = []
    for place, segment in enumerate(ours):
        if isinstance(segment, str):
            found.append(re.escape(segment))
        elif segment is ... or segment.convertor is None:
            return None
        elif words := refused.get(place):
            found.append(_none_of(sorted(words)))
        elif _UNSURE.search(segment.convertor.regex):
            return None
        else:
            found.append(f"(?:{segment.convertor.regex})")
    return "/".join(found)


def _none_of(words: list[str]) -> str:
    """An expression for a segment that is none of these words, without looking ahead."""
    by_letter: dict[str, list[str]] = {}
    for word in words:
        if word:
            by_letter.setdefault(word[0], []).append(word[1:])
    letters = "".join(re.escape(letter) for letter in by_letter)
    found = [f"[^/{letters}][^/]*"]
    for letter, rests in by_letter.items():
        more = _none_of(rests) if any(rests) else "[^/]+"
        found.append(re.escape(letter) + (more if "" in rests else f"(?:{more})?"))
    return f"(?:{'|'.join(found)})"


#: What a page may hang on: the method, where a script comes from, what is accepted.
_OTHERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("OPTIONS", {}),
    ("POST", {}),
    ("GET", {"origin": "https://a.example", "accept": "application/json", "cookie": "a=b"}),
)


def refuse_extra(app: Any, answer: Callable[..., Any]) -> None:
    """Has URLs with a slash too many answered with the app's 404, made once.

    ``answer`` gives it for a path, a method and headers. What it shows of the path, the request or
    the visitor would be another's; such a page is left to the handler of the URL without the slash.
    """
    paths = {}
    branches = [segments(route.path) for route in app.routes if route.path.endswith("/")]
    for route in app.routes:
        path = native(route.path)
        if path is None or "*" in path or route.path.endswith("/"):
            continue
        if not any(overlap(segments(route.path), theirs) for theirs in branches):
            paths[f"{path}/"] = f"{route.path}/"
    if not paths:
        return
    first, again = answer("/a-page-that-is-not-here"), answer("/another-page-that-is-not-here")
    if first is None or again is None:
        return
    for method, headers in _OTHERS:
        other = answer("/a-page-that-is-not-here", method, headers)
        if other is None or _parts(other) != _parts(first):
            return
    is_same = first.description == again.description
    # Robyn adds what all have, so that the page's own type has to be that.
    kind = first.headers.get("content-type") or NO_FORM
    app.set_response_header("content-type", kind)
    for path, example in sorted(paths.items()):
        page = first if is_same else None if ":" in path else answer(example)
        if page is not None and page.headers.get("content-type") == kind:
            _keep(app, path, page)


def _parts(page: Any) -> Any:
    return page.status_code, page.headers.get_headers(), page.description


def _keep(app: Any, path: str, page: Any) -> None:
    headers = {k: v for k, v in page.headers.get_headers().items() if k != "content-type"}
    kept = Response(page.status_code, Headers(headers), page.description)

    def refuse() -> Response:
        return kept

    for method in METHODS:
        info = FunctionInfo(refuse, False, 0, {}, {})
        kind = getattr(HttpMethod, method)
        app.router.routes.append(Route(kind, path, info, True, False, "", []))
