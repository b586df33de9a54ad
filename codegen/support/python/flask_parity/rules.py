"""A rule of Flask's as a route: what it is registered with, how it is spelled, what it answers."""

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

from .context import State, current
from .converters import BaseConverter, converter
from .errors import answer
from .exceptions import RequestRedirect
from .ground import CONVERTOR_TYPES, HTTPException, Match, Request, register_url_convertor
from .ground import Response as BaseResponse
from .responses import response_class
from .routing import allowed_methods
from .slashes import Slashes
from .stages import begin, finish


class FlaskRule:
    """What a route has beside its framework's own, to answer as a rule of Flask's.

    It answers HEAD where it answers GET, and OPTIONS by itself. Hooks run around its view, all in
    the request's thread.
    """

    #: The view as the app has it.
    view: Callable[..., Any]
    #: Methods as they were registered.
    given: set[str]
    #: Values for the view that are no part of the URL.
    defaults: dict[str, Any]
    answers_options: bool
    #: Whether it is another spelling of a URL, which is never built.
    is_spelling = False
    #: Rules before it that want a slash, once the routes are in their order.
    _slashes: Slashes | None = None

    # Of the framework's route.
    name: str
    methods: Any

    def at(self, path: str) -> "FlaskRule":
        """The same route at another path."""
        raise NotImplementedError()

    def take(self, path: str, view: Callable[..., Any], methods: Any) -> set[str]:
        """Keeps what was registered; the methods that the route answers."""
        self.view, self.given = view, {method.upper() for method in methods or ["GET"]}
        self.defaults = {}
        self.answers_options = "OPTIONS" not in self.given
        for _, kind in _PATH.findall(path):
            # A converter of a blueprint's rule may come with the app: included, the path is
            # compiled again, before the first request.
            if kind and kind not in CONVERTOR_TYPES:
                register_url_convertor(kind, BaseConverter())
        return self.given | {"OPTIONS"} | ({"HEAD"} if "GET" in self.given else set())

    def take_after(self, other: "FlaskRule") -> None:
        """What was set on another route after it was made."""
        self.defaults, self.answers_options = other.defaults, other.answers_options
        self.is_spelling = other.is_spelling
        self.methods = set(other.methods)

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """A value that a converter refuses is a 404 where the method fits, else a 405: Werkzeug
        looks at the method first (werkzeug.routing.matcher.StateMachineMatcher.match)."""
        try:
            return super().matches(scope)  # type: ignore[misc, no-any-return]
        except HTTPException:
            if scope["method"] in (self.methods or ()):
                raise
            return Match.PARTIAL, {"route": self, "endpoint": self.view, "path_params": {}}

    async def answer(
        self, request: Request, inner: Callable[[Request], Awaitable[BaseResponse]]
    ) -> BaseResponse:
        """What ``inner``, the framework's own, answers, with Flask's hooks before and after it."""
        state = current()
        if self._slashes is None:
            self._slashes = Slashes(state.app, self)
        if (target := self._slashes.target(request.scope)) is not None:
            raise RequestRedirect(target)
        state.route = self
        if self.defaults:
            request.scope["path_params"] = {**self.defaults, **request.scope["path_params"]}
        response = await begin(state)
        if response is None:
            if request.method == "OPTIONS" and self.answers_options:
                allowed = allowed_methods(state.app, request.scope)
                headers = {"Allow": ", ".join(sorted(allowed))}
                empty = state.app.state.dialect.options_body
                response = response_class()(empty, headers=headers)
            else:
                response = await self._asked(state, request, inner)
        return await finish(state, response)  # type: ignore[no-any-return]

    async def _asked(
        self,
        state: State,
        request: Request,
        inner: Callable[[Request], Awaitable[BaseResponse]],
    ) -> BaseResponse:
        try:
            return await inner(request)
        except HTTPException as error:
            # Answered here: on its way out it would pass every layer of the framework.
            try:
                return await answer(request, error)
            except Exception:
                state.failed = True
                raise

    async def call(self, *args: Any, **kwargs: Any) -> BaseResponse:
        """Calls the view; whatever it returns becomes a response."""
        state = current()
        result = await state.call(self.view, *args, **kwargs)
        if inspect.isawaitable(result):
            result = await state.settled(result)
        return result if isinstance(result, BaseResponse) else state.reply(result)


class ViewRule(FlaskRule):
    """A rule whose view is called as it is.

    A view finds the values of the URL in ``request.path_params``, or names them as parameters and
    gets them, as under Flask; ``request`` is the request.
    """

    def look_at(self, view: Callable[..., Any]) -> None:
        """Reads what the view wants, once."""
        try:
            self._parameters = inspect.signature(view).parameters
        except ValueError:  # a builtin
            self._parameters = {}  # type: ignore[assignment]
        self._generic = any(p.kind is p.VAR_KEYWORD for p in self._parameters.values())

    async def called(self, request: Request) -> BaseResponse:
        """What the view answers."""
        values = request.path_params
        asks = "request" in self._parameters and "request" not in values
        if not asks or self._generic:
            arguments = dict(values)
        else:
            arguments = {k: v for k, v in values.items() if k in self._parameters}
        if asks:
            arguments["request"] = current().request
        return await self.call(**arguments)


class RuleOptions(TypedDict, total=False):
    """The options of a Flask rule for which routes have no word.

    Without ``strict_slashes`` the rule answers with and without a slash at the end. ``redirect_to``
    is a path (with ``<name>`` for values) or a function of the values.
    """

    defaults: dict[str, Any] | None
    strict_slashes: bool
    redirect_to: Any
    provide_automatic_options: bool


def register(
    add: Callable[[str, Callable[..., Any]], Any],
    path: str,
    view: Callable[..., Any],
    **options: Unpack[RuleOptions],
) -> None:
    """Has ``add`` make the routes of a rule, and gives them its options."""
    target = options.get("redirect_to")
    answer = view if target is None else _redirecting(target)
    paths = [path]
    if not options.get("strict_slashes", True) and path != "/":
        paths.append(path[:-1] if path.endswith("/") else path + "/")
    for one in paths:
        made = add(one, answer)
        made.defaults = dict(options.get("defaults") or {})
        made.is_spelling = one is not path
        if not options.get("provide_automatic_options", True):
            made.answers_options = False
            made.methods = made.methods - ({"OPTIONS"} - made.given)


def _redirecting(target: Any) -> Callable[..., Any]:
    def redirecting(**values: Any) -> Any:
        url = target(None, **values) if callable(target) else target
        for key, value in values.items():
            url = re.sub(rf"<(?:\w+:)?{key}>", lambda _, v=value: quote(str(v)), url)  # type: ignore[misc]
        raise RequestRedirect(current().request.host_url.rstrip("/") + "/" + url.lstrip("/"))  # type: ignore[union-attr]

    return redirecting


# ---- spelling


_RULE = re.compile(r"<(?:(\w+)(?:\((.*?)\))?:)?(\w+)>")
_ARGUMENT = re.compile(r"\s*(?:(\w+)\s*=\s*)?(\"[^\"]*\"|'[^']*'|[^,]+?)\s*(?:,|$)")
_PATH = re.compile(r"{(\w+)(?::(\w+))?}")


def path(rule: str) -> str:
    """A rule of Flask's in Starlette's spelling: where it is known only when the app runs, or where
    a converter has arguments (``<int(min=1):page>``), for which there is no word in it."""

    def variable(match: re.Match[str]) -> str:
        kind, arguments, name = match.groups()
        if arguments:
            kind = _named(kind, arguments)
        return f"{{{name}}}" if kind in (None, "string", "default") else f"{{{name}:{kind}}}"

    return _RULE.sub(variable, rule)


def _named(kind: str, arguments: str) -> str:
    """A converter of its own for these arguments (werkzeug.routing.rules.parse_converter_args)."""
    name = kind + "".join(c if c.isalnum() else f"_{ord(c):x}_" for c in arguments)
    if name not in CONVERTOR_TYPES:
        positional, keywords = [], {}
        for key, text in _ARGUMENT.findall(arguments):
            value: Any = text
            if text in ("True", "False", "None"):
                value = {"True": True, "False": False, "None": None}[text]
            elif re.fullmatch(r"-?\d+", text):
                value = int(text)
            elif re.fullmatch(r"-?\d*\.\d+", text):
                value = float(text)
            elif text[0] in "\"'":
                value = text[1:-1]
            if key:
                keywords[key] = value
            else:
                positional.append(value)
        converter(name, kind, *positional, **keywords)
    return name


def flask_rule(path: str) -> str:
    """The other way round."""
    return _PATH.sub(lambda m: f"<{m[2]}:{m[1]}>" if m[2] else f"<{m[1]}>", path)
