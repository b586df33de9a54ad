"""The current request with Flask's attributes, for views, helpers and templates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

from .body import Body
from .cookies import parse_cookie_header
from .environ import wsgi_environ
from .headervalues import Authorization, UserAgent, parse_date, parse_list
from .matchedrule import MatchedRule, matched_rule
from .multidict import ImmutableList, ImmutableMultiDict
from .requestheaders import EnvironHeaders
from .requesturl import current_url, request_host


class _Cached:
    """A property that is computed once; it can be assigned to."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function, self.__doc__ = function, function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, request: Any, owner: type | None = None) -> Any:
        if request is None:
            return self
        value = request.__dict__[self.name] = self.function(request)
        return value


class _Live(_Cached):
    """A property that follows the routing, until it is assigned to."""

    def __get__(self, request: Any, owner: type | None = None) -> Any:
        return self if request is None else self.function(request)


class _OfBody:
    """A property that the body has, limits with their assignment."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, request: Any, owner: type | None = None) -> Any:
        return self if request is None else getattr(request.body, self.name)

    def __set__(self, request: Any, value: Any) -> None:
        setattr(request.body, self.name, value)


def _header(name: str, load: Callable[[str], Any] | None = None) -> Any:
    def get(request: Any) -> Any:
        return request.headers.get(name, type=load)

    return property(get, doc=f"The header ``{name}``.")


def _parsed(name: str, parser: str, kind: str | None = None, default: str | None = None) -> Any:
    """A header that Werkzeug takes apart; it is imported when somebody asks."""

    def get(request: Any) -> Any:
        from werkzeug import datastructures, http

        parse = getattr(http, parser)
        value = request.headers.get(name, default)
        if kind is None:
            return parse(value)
        if parser == "parse_cache_control_header":
            return parse(value, None, getattr(datastructures, kind))
        return parse(value, getattr(datastructures, kind))

    return _Cached(get)


def _date(name: str) -> Any:
    def get(request: Any) -> datetime | None:
        return parse_date(request.headers.get(name))

    return _Cached(get)


class CurrentRequest:
    """One request, seen as Flask code expects it (flask.Request, werkzeug.wrappers.Request).

    Attributes that an app sets stay on it. ``scope`` and ``body`` are those of ASGI.
    """

    body_class = Body
    is_multithread = False
    is_multiprocess = False
    is_run_once = False
    remote_user: str | None = None
    shallow = False
    user_agent_class = UserAgent
    #: The error of the routing, when no route matched.
    routing_exception: Exception | None = None

    def __init__(self, scope: Any, body: Body) -> None:
        self.scope = scope
        self.body = body

    def __repr__(self) -> str:
        try:
            url = self.url
        except Exception as error:
            url = f"(invalid URL: {error})"
        return f"<Request {url!r} [{self.method}]>"

    # ---- the body

    stream = _OfBody()
    input_stream = _OfBody()
    data = _OfBody()
    form = _OfBody()
    files = _OfBody()
    args = _OfBody()
    values = _OfBody()
    json = _OfBody()
    is_json = _OfBody()
    mimetype = _OfBody()
    mimetype_params = _OfBody()
    content_type = _OfBody()
    content_length = _OfBody()
    want_form_data_parsed = _OfBody()
    max_content_length = _OfBody()
    max_form_memory_size = _OfBody()
    max_form_parts = _OfBody()

    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> Any:
        return self.body.get_data(cache, as_text, parse_form_data)

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        return self.body.get_json(force, silent, cache)

    def on_json_loading_failed(self, error: ValueError | None) -> Any:
        return self.body.on_json_loading_failed(error)

    def close(self) -> None:
        self.body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---- the request line

    @_Cached
    def method(self) -> str:
        return self.scope["method"].upper()

    @_Cached
    def root_path(self) -> str:
        # A mount moves `root_path` on; what the server gave stays in `app_root_path`.
        root = self.scope.get("app_root_path", self.scope.get("root_path", ""))
        return root.rstrip("/")

    @property
    def script_root(self) -> str:
        return self.root_path

    @_Cached
    def path(self) -> str:
        """Without the root path, which ASGI servers leave in front."""
        path, root = self.scope["path"], self.root_path
        if root and (path == root or path.startswith(root + "/")):
            path = path[len(root) :]
        return "/" + path.lstrip("/")

    @_Cached
    def query_string(self) -> bytes:
        return self.scope["query_string"]

    @_Cached
    def full_path(self) -> str:
        return f"{self.path}?{self.query_string.decode()}"

    @_Cached
    def scheme(self) -> str:
        return self.scope["scheme"]

    @property
    def is_secure(self) -> bool:
        return self.scheme in ("https", "wss")

    @_Cached
    def server(self) -> tuple[str, int | None] | None:
        found = self.scope.get("server")
        return None if found is None else (found[0], found[1])

    @_Cached
    def trusted_hosts(self) -> list[str] | None:
        state = getattr(self.scope.get("app"), "state", None)
        return getattr(state, "config", {}).get("TRUSTED_HOSTS")

    @_Cached
    def host(self) -> str:
        header = self.headers.get("host")
        return request_host(self.scheme, header, self.server, self.trusted_hosts)

    @_Cached
    def host_url(self) -> str:
        return current_url(self.scheme, self.host)

    @_Cached
    def root_url(self) -> str:
        return current_url(self.scheme, self.host, self.root_path)

    @_Cached
    def url_root(self) -> str:
        return self.root_url

    @_Cached
    def base_url(self) -> str:
        return current_url(self.scheme, self.host, self.root_path, self.path)

    @_Cached
    def url(self) -> str:
        return current_url(self.scheme, self.host, self.root_path, self.path, self.query_string)

    @_Cached
    def remote_addr(self) -> str | None:
        return (self.scope.get("client") or (None,))[0]

    @_Cached
    def access_route(self) -> ImmutableList:
        forwarded = self.headers.get("x-forwarded-for")
        if forwarded is not None:
            return ImmutableList(parse_list(forwarded))
        return ImmutableList([] if self.remote_addr is None else [self.remote_addr])

    @_Cached
    def environ(self) -> dict[str, Any]:
        return wsgi_environ(self)

    # ---- headers

    @_Cached
    def headers(self) -> EnvironHeaders:
        return self.body.headers

    @_Cached
    def cookies(self) -> ImmutableMultiDict:
        return parse_cookie_header(self.headers.get("cookie"))

    @_Cached
    def authorization(self) -> Authorization | None:
        return Authorization.from_header(self.headers.get("authorization"))

    @_Cached
    def user_agent(self) -> Any:
        return self.user_agent_class(self.headers.get("user-agent", ""))

    content_encoding = _header("content-encoding")
    content_md5 = _header("content-md5")
    referrer = _header("referer")
    origin = _header("origin")
    max_forwards = _header("max-forwards", int)
    access_control_request_method = _header("access-control-request-method")
    date = _date("date")
    if_modified_since = _date("if-modified-since")
    if_unmodified_since = _date("if-unmodified-since")
    pragma = _parsed("pragma", "parse_set_header", default="")
    accept_mimetypes = _parsed("accept", "parse_accept_header", "MIMEAccept")
    accept_charsets = _parsed("accept-charset", "parse_accept_header", "CharsetAccept")
    accept_encodings = _parsed("accept-encoding", "parse_accept_header")
    accept_languages = _parsed("accept-language", "parse_accept_header", "LanguageAccept")
    cache_control = _parsed("cache-control", "parse_cache_control_header", "RequestCacheControl")
    if_match = _parsed("if-match", "parse_etags")
    if_none_match = _parsed("if-none-match", "parse_etags")
    if_range = _parsed("if-range", "parse_if_range_header")
    range = _parsed("range", "parse_range_header")

    @_Cached
    def access_control_request_headers(self) -> Any:
        from werkzeug.http import parse_set_header

        value = self.headers.get("access-control-request-headers")
        return None if value is None else parse_set_header(value)

    # ---- the route

    @_Live
    def url_rule(self) -> MatchedRule | None:
        return matched_rule(self.scope.get("route"))

    @_Live
    def endpoint(self) -> str | None:
        if "url_rule" in self.__dict__:
            return getattr(self.url_rule, "endpoint", None)
        return getattr(self.scope.get("route"), "name", None)

    @property
    def path_params(self) -> dict[str, Any]:
        """The values of the URL, as Starlette's requests have them."""
        return self.scope.get("path_params", {})  # type: ignore[no-any-return]

    @_Live
    def view_args(self) -> dict[str, Any] | None:
        return self.scope.get("path_params")

    @property
    def blueprint(self) -> str | None:
        """The registered name; a nested one has dots in it."""
        return (self.endpoint or "").rpartition(".")[0] or None

    @property
    def blueprints(self) -> list[str]:
        """The blueprint, then those around it."""
        name, found = self.blueprint or "", []
        while name:
            found.append(name)
            name = name.rpartition(".")[0]
        return found
