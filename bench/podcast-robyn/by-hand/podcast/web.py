"""What Robyn leaves to the site: all methods of a path, errors as pages, forms and queries decoded.

Nothing here is a middleware of Robyn's: these copy request and response between Rust and Python,
and with one Rust no longer answers const routes alone. What stands before and after each view is in
`Visit` and `headers`.
"""

import codecs
import logging
from collections import defaultdict
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, unquote_plus

from chameleon import PageTemplateLoader
from robyn import Headers, HttpMethod, Response
from robyn.robyn import FunctionInfo
from robyn.router import Route

from . import session

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
HTML = "text/html; charset=utf-8"

log = logging.getLogger(__name__)
templates = PageTemplateLoader(str(Path(__file__).parent / "templates"), auto_reload=False)

# Bytes of a query that are not UTF-8 stay quoted, as werkzeug leaves them.
codecs.register_error("quoted", lambda e: (quote(e.object[e.start : e.end], safe=""), e.end))


def headers(content_type, **more):
    """Headers of a response. They can be shared: Rust copies them for each answer."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return Headers({"content-type": content_type, "x-content-type-options": "nosniff", **named})


def page(template, status=200):
    """Renders a template, found once: call it with the template's names."""
    render, shared = templates[template].render, headers("text/html")
    return lambda **model: Response(status, shared, render(**model))


def plain_page(status, name, text, **more):
    """The page that werkzeug has for a status."""
    body = (
        f"<!doctype html>\n<html lang=en>\n<title>{status} {name}</title>\n"
        f"<h1>{name}</h1>\n<p>{text}</p>\n"
    )
    return Response(status, headers(HTML, **more), body)


def redirect(location, status=302, **more):
    # werkzeug's escape, unlike Python's, writes quotes as numbers.
    link = escape(location).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    body = (
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n"
        "<p>You should be redirected automatically to the target URL: "
        f'<a href="{link}">{link}</a>. If not, click the link.\n'
    )
    return Response(status, headers(HTML, location=location, **more), body)


gone = page("errors/gone.pt", 404)()
bad_request = plain_page(
    400,
    "Bad Request",
    "The browser (or proxy) sent a request that this server could not understand.",
)
server_error = plain_page(
    500,
    "Internal Server Error",
    "The server encountered an internal error and was unable to complete your request. Either the"
    " server is overloaded or there is an error in the application.",
)
_not_found = page("errors/404.pt", 404)


def not_found(path):
    return _not_found(path=unquote(path))


class NotFound(Exception):
    """Answered with the site's page for it."""


class Answer(Exception):
    """Carries the response out of the middle of a view."""


class Visit:
    """A request with what the site wants to know before any view runs."""

    __slots__ = ("query", "request", "user")

    def __init__(self, request):
        self.request = request
        self.user = session.user(request)
        self.query = self.argument("q")

    def argument(self, name, default=""):
        value = self.request.query_params.get_first(name)
        return default if value is None else unquote_plus(value, errors="quoted")

    def form(self):
        """Robyn parses multipart forms only, and gives a repeated field's last value for them."""
        request = self.request
        kind = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            return Form(request.form_data)
        if kind != "application/x-www-form-urlencoded" or isinstance(request.body, bytes):
            return Form()
        # The first of a repeated field counts.
        return Form(reversed(parse_qsl(request.body, keep_blank_values=True)))


class Form(dict):
    def __missing__(self, name):
        raise Answer(bad_request)


def number(text):
    """What matches `<int:number>`."""
    digits = unquote(text)
    if not digits.isdecimal():
        raise NotFound
    return int(digits)


def word(text):
    """What matches `<name>`. Robyn has split the path before `%2F` became a slash."""
    name = unquote(text)
    if "/" in name:
        raise NotFound
    return name


class Site:
    """Routes of a part of the site; a parameter's converter has the name of the parameter."""

    def __init__(self):
        self.views = defaultdict(dict)
        self.converters = {}
        self.const = set()

    def get(self, path, const=False, **converter):
        """`const` is a page that never changes: it is made once, and Rust answers it alone."""
        if const:
            self.const.add(path)
        return self.on(path, "GET", "HEAD", **converter)

    def post(self, path, **converter):
        return self.on(path, "POST", **converter)

    def on(self, path, *methods, **converter):
        def add(view):
            self.views[path].update(dict.fromkeys(methods, view))
            self.converters[path] = next(iter(converter.items()), None)
            return view

        return add


def handler(view, converter):
    """The view as Robyn calls it."""
    name, convert = converter or (None, None)

    async def answer(request):
        try:
            if name is None:
                return await view(Visit(request))
            return await view(Visit(request), convert(request.path_params[name]))
        except NotFound:
            return not_found(request.url.path)
        except Answer as instead:
            return instead.args[0]
        except Exception:
            log.exception("%s %s", request.method, request.url.path)
            return server_error

    return answer


async def missing(visit):
    raise NotFound


def always(answer):
    """A view whose answer is known, for paths whose parameter fits."""

    async def view(visit=None, parameter=None):
        return answer

    return view


def refusals(methods):
    """Answers to the methods that a path has no view for."""
    allow = ", ".join(sorted([*methods, "OPTIONS"]))
    text = "The method is not allowed for the requested URL."
    refusal = always(plain_page(405, "Method Not Allowed", text, allow=allow))
    return dict.fromkeys(METHODS, refusal) | {
        "OPTIONS": always(Response(200, headers(HTML, allow=allow), ""))
    }


def install(app, sites):
    """Gives Robyn each path with each method. What it has no route for, it answers as plain text.

    Not with app.add_route: its wrapper collects all parts of a request at each call, needed or not,
    and a slash at the end is lost.
    """

    def add(method, path, function, const=False):
        # What is const is called once, when the server starts, and without a request.
        info = FunctionInfo(function, True, 0 if const else 1, {}, {})
        route = Route(getattr(HttpMethod, method), path, info, const, False, "", [])
        app.router.routes.append(route)

    def add_path(path, views, converter, const):
        for method, view in (refusals(views) | views).items():
            # Robyn cuts the slash off what is asked for, so a route with one is never found.
            inner = path.rstrip("/") or "/"
            if const if method in views else not converter:
                add(method, inner, partial(view, None), const=True)
            else:
                add(method, inner, handler(view, converter))
            # Const routes alone see it. Without them /about/ would be /about.
            if not converter and not path.endswith("/"):
                add(method, f"{path}/", always(not_found(f"{path}/")), const=True)

    for site in sites:
        for path, views in site.views.items():
            add_path(path, views, site.converters[path], path in site.const)
    for method in METHODS:
        add(method, "/*path", handler(missing, None))
