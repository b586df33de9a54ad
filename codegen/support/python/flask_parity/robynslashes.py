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
from .robynpaths import native, overlap, segments
from .routing import METHODS

#: Converters whose expressions Robyn's matcher may read otherwise than Python.
_UNSURE = re.compile(r"\(\?[^:]|\\[ABDSWZbdsw](?<!\\d)")


def redirect_missing(app: Any) -> None:
    """Has URLs without their slash sent to the one with it, where no other rule takes them."""
    routes = app.routes
    leaves = [segments(route.path) for route in routes if not route.path.endswith("/")]
    found = []
    for route in routes:
        if route.path == "/" or not route.path.endswith("/") or "GET" not in route.methods:
            continue
        ours = segments(route.path)
        pattern = _pattern(route)
        if pattern is not None and not any(overlap(ours, theirs) for theirs in leaves):
            found.append(pattern)
    if found:
        folder = Path(__file__).parent  # any that has the file: nothing of it is ever sent
        mount = f"/{{slash:(?:{'|'.join(sorted(set(found)))})$}}"
        app.serve_directory(mount, str(folder), index_file=Path(__file__).name)


def _pattern(route: Any) -> str | None:
    pattern, place = "", 1
    text = route.path_format[:-1]
    for name, convertor in route.param_convertors.items():
        if _UNSURE.search(convertor.regex):
            return None
        start = text.index(f"{{{name}}}")
        pattern += f"{re.escape(text[place:start])}(?:{convertor.regex})"
        place = start + len(name) + 2
    return pattern + re.escape(text[place:])


def refuse_extra(app: Any, answer: Callable[[str], Any]) -> None:
    """Has URLs with a slash too many answered with the app's 404, made once.

    ``answer`` gives it for a path. What it shows of the path, the moment or the visitor would be
    another's; such a page is left to the handler of the URL without the slash.
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
    is_same = first.description == again.description
    # Robyn adds what all have, so that the page's own type has to be that.
    kind = first.headers.get("content-type") or NO_FORM
    app.set_response_header("content-type", kind)
    for path, example in sorted(paths.items()):
        page = first if is_same else None if ":" in path else answer(example)
        if page is not None and page.headers.get("content-type") == kind:
            _keep(app, path, page)


def _keep(app: Any, path: str, page: Any) -> None:
    headers = {k: v for k, v in page.headers.get_headers().items() if k != "content-type"}
    kept = Response(page.status_code, Headers(headers), page.description)

    def refuse() -> Response:
        return kept

    for method in METHODS:
        info = FunctionInfo(refuse, False, 0, {}, {})
        kind = getattr(HttpMethod, method)
        app.router.routes.append(Route(kind, path, info, True, False, "", []))
