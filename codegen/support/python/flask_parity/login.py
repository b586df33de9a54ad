"""Users of the session: Flask-Login's rules, session keys and remember cookie.

A visitor who is logged in to the original is logged in to the port, and back again. The rules are
those of flask_login 0.6.3 (``login_manager.py``, ``utils.py``), without its signals.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from hashlib import sha512
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from .context import current, current_app, g, has_request_context, request, session
from .errors import abort
from .flashing import flash
from .hooks import after_request, context_processor
from .responses import redirect
from .urls import url_for
from .users import AnonymousUserMixin as AnonymousUserMixin
from .users import UserMixin as UserMixin
from .users import UserProxy

COOKIE_NAME = "remember_token"
COOKIE_DURATION = timedelta(days=365)
COOKIE_SECURE = False
COOKIE_HTTPONLY = True
COOKIE_SAMESITE = None
LOGIN_MESSAGE = "Please log in to access this page."
LOGIN_MESSAGE_CATEGORY = "message"
REFRESH_MESSAGE = "Please reauthenticate to access this page."
REFRESH_MESSAGE_CATEGORY = "message"
ID_ATTRIBUTE = "get_id"
AUTH_HEADER_NAME = "Authorization"
#: Methods that need no login.
EXEMPT_METHODS = {"OPTIONS"}
#: What a failed protection takes out of the session.
SESSION_KEYS = ("_user_id", "_remember", "_remember_seconds", "_id", "_fresh", "next")


class LoginManager:
    """How the app loads its users and what it does with visitors who are not logged in."""

    def __init__(self, app: Any = None, add_context_processor: bool = True) -> None:
        #: Makes the user of a request that nobody is logged in to.
        self.anonymous_user: Callable[[], Any] = AnonymousUserMixin
        #: The endpoint or URL of the login page; without one, the answer is a 401.
        self.login_view: str | None = None
        #: Login pages by blueprint.
        self.blueprint_login_views: dict[str | None, str | None] = {}
        self.login_message: Any = LOGIN_MESSAGE
        self.login_message_category = LOGIN_MESSAGE_CATEGORY
        #: Where a login is made fresh again; without one, the answer is a 401.
        self.refresh_view: str | None = None
        self.needs_refresh_message: Any = REFRESH_MESSAGE
        self.needs_refresh_message_category = REFRESH_MESSAGE_CATEGORY
        #: ``basic`` makes a session of another client stale, ``strong`` ends it, None ignores it.
        self.session_protection: str | None = "basic"
        #: Translates the two messages.
        self.localize_callback: Callable[[Any], Any] | None = None
        self.unauthorized_callback: Callable[[], Any] | None = None
        self.needs_refresh_callback: Callable[[], Any] | None = None
        #: The user's method that gives its id.
        self.id_attribute = ID_ATTRIBUTE
        self.user_callback: Callable[[str], Any] | None = None
        self.request_callback: Callable[[Any], Any] | None = None
        self._header_callback: Callable[[str], Any] | None = None
        self._session_identifier_generator = _identifier
        if app is not None:
            self.init_app(app, add_context_processor)

    def init_app(self, app: Any, add_context_processor: bool = True) -> None:
        """Registers with the app; it is found at ``app.state.login_manager``."""
        app.state.login_manager = self
        after_request(app)(self._update_remember_cookie)
        if add_context_processor:
            context_processor(app)(lambda: {"current_user": _user()})

    def user_loader(self, callback: Callable[[str], Any]) -> Callable[[str], Any]:
        """Sets the function that gives the user of an id, or None."""
        self.user_callback = callback
        return callback

    def request_loader(self, callback: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Sets the function that gives the user of a request without a session's user."""
        self.request_callback = callback
        return callback

    def header_loader(self, callback: Callable[[str], Any]) -> Callable[[str], Any]:
        """Sets the function that gives the user of an ``Authorization`` header."""
        self._header_callback = callback
        return callback

    def unauthorized_handler(self, callback: Callable[[], Any]) -> Callable[[], Any]:
        """Sets what answers a visitor who is not logged in."""
        self.unauthorized_callback = callback
        return callback

    def needs_refresh_handler(self, callback: Callable[[], Any]) -> Callable[[], Any]:
        """Sets what answers a user whose login is not fresh."""
        self.needs_refresh_callback = callback
        return callback

    def unauthorized(self) -> Any:
        """The answer to a visitor who is not logged in: a message and the login page, or a 401."""
        if self.unauthorized_callback:
            return self.unauthorized_callback()
        view = self.blueprint_login_views.get(request.blueprint, self.login_view)
        return self._send_to(view, self.login_message, self.login_message_category)

    def needs_refresh(self) -> Any:
        """The answer to a user whose login is not fresh."""
        if self.needs_refresh_callback:
            return self.needs_refresh_callback()
        category = self.needs_refresh_message_category
        return self._send_to(self.refresh_view, self.needs_refresh_message, category)

    def _send_to(self, view: str | None, message: Any, category: str) -> Any:
        if not view:
            abort(401)
        if message:
            localize = self.localize_callback
            flash(message if localize is None else localize(message), category=category)
        if not _setting("USE_SESSION_FOR_NEXT", False):
            return redirect(login_url(view, next_url=request.url))
        session["_id"] = self._session_identifier_generator()
        session["next"] = make_next_param(expand_login_view(view), request.url)
        return redirect(login_url(view))

    def _remember_user(self, user: Any = None) -> None:
        """Makes ``user``, or an anonymous one, the request's user."""
        g._login_user = self.anonymous_user() if user is None else user

    def _load_user(self) -> None:
        """Finds the request's user: session, then remember cookie, then the request itself."""
        if self.user_callback is None and self.request_callback is None:
            raise Exception("Missing user_loader or request_loader.")
        if self._is_protected():
            self._remember_user()
            return
        user = None
        user_id = session.get("_user_id")
        if user_id is not None and self.user_callback is not None:
            user = self.user_callback(user_id)
        if user is None:
            header = _setting("AUTH_HEADER_NAME", AUTH_HEADER_NAME)
            if (cookie := _remember_cookie()) is not None:
                user = self._user_of_cookie(cookie)
            elif self.request_callback:
                user = self.request_callback(request)
            elif self._header_callback and header in request.headers:
                user = self._header_callback(request.headers[header])
        self._remember_user(user)

    def _user_of_cookie(self, cookie: str) -> Any:
        user_id = decode_cookie(cookie)
        if user_id is None:
            return None
        session["_user_id"] = user_id
        session["_fresh"] = False
        return self.user_callback(user_id) if self.user_callback else None

    def _is_protected(self) -> bool:
        """Compares the session's client with the request's; True if the session was ended."""
        found = session._get_current_object()
        mode = _setting("SESSION_PROTECTION", self.session_protection)
        if mode not in ("basic", "strong") or not found:
            return False
        if self._session_identifier_generator() == found.get("_id"):
            return False
        if mode == "basic" or found.permanent:
            if found.get("_fresh") is not False:
                found["_fresh"] = False
            return False
        for key in SESSION_KEYS:
            found.pop(key, None)
        found["_remember"] = "clear"
        return True

    def _update_remember_cookie(self, response: Any) -> Any:
        found = session._get_current_object()
        if "_remember" not in found and _setting("REMEMBER_COOKIE_REFRESH_EACH_REQUEST", None):
            found["_remember"] = "set"
        if "_remember" in found:
            operation = found.pop("_remember")
            if operation == "set" and "_user_id" in found:
                self._set_cookie(response)
            elif operation == "clear":
                response.delete_cookie(
                    _setting("REMEMBER_COOKIE_NAME", COOKIE_NAME),
                    domain=_setting("REMEMBER_COOKIE_DOMAIN", None),
                    path=_setting("REMEMBER_COOKIE_PATH", "/"),
                )
        return response

    def _set_cookie(self, response: Any) -> None:
        duration = _setting("REMEMBER_COOKIE_DURATION", COOKIE_DURATION)
        if "_remember_seconds" in session:
            duration = timedelta(seconds=session["_remember_seconds"])
        if isinstance(duration, int):
            duration = timedelta(seconds=duration)
        if not isinstance(duration, timedelta):
            raise Exception(
                f"REMEMBER_COOKIE_DURATION must be a datetime.timedelta, instead got: {duration}"
            )
        response.set_cookie(
            _setting("REMEMBER_COOKIE_NAME", COOKIE_NAME),
            value=encode_cookie(str(session["_user_id"])),
            expires=datetime.now(UTC) + duration,
            domain=_setting("REMEMBER_COOKIE_DOMAIN", None),
            path=_setting("REMEMBER_COOKIE_PATH", "/"),
            secure=_setting("REMEMBER_COOKIE_SECURE", COOKIE_SECURE),
            httponly=_setting("REMEMBER_COOKIE_HTTPONLY", COOKIE_HTTPONLY),
            samesite=_setting("REMEMBER_COOKIE_SAMESITE", COOKIE_SAMESITE),
        )


def _setting(name: str, default: Any) -> Any:
    return current().app.state.config.get(name, default)


def _manager() -> LoginManager:
    return current_app.state.login_manager


def _user() -> Any:
    """The user of this request, loaded when first asked for; None outside of requests."""
    if not has_request_context():
        return None
    if "_login_user" not in g:
        _manager()._load_user()
    return g._login_user


#: The user of this request; an anonymous one when nobody is logged in.
current_user: Any = UserProxy(_user)


# ---- logging in and out


def login_user(
    user: Any,
    remember: bool = False,
    duration: timedelta | None = None,
    force: bool = False,
    fresh: bool = True,
) -> bool:
    """Logs a user in; False if the user is not active and ``force`` was not given."""
    if not force and not user.is_active:
        return False
    manager = _manager()
    session["_user_id"] = getattr(user, manager.id_attribute)()
    session["_fresh"] = fresh
    session["_id"] = manager._session_identifier_generator()
    if remember:
        session["_remember"] = "set"
        if duration is not None:
            if not isinstance(duration, timedelta):
                raise Exception(f"duration must be a datetime.timedelta, instead got: {duration}")
            session["_remember_seconds"] = duration.total_seconds()
    manager._remember_user(user)
    return True


def logout_user() -> bool:
    """Logs the user out and has the remember cookie cleared."""
    _user()
    for key in ("_user_id", "_fresh", "_id"):
        session.pop(key, None)
    if _setting("REMEMBER_COOKIE_NAME", COOKIE_NAME) in request.cookies:
        session["_remember"] = "clear"
        session.pop("_remember_seconds", None)
    _manager()._remember_user()
    return True


def confirm_login() -> None:
    """Makes the login fresh."""
    session["_fresh"] = True
    session["_id"] = _manager()._session_identifier_generator()


def login_fresh() -> bool:
    """Whether the user has logged in in this session, by hand."""
    return session.get("_fresh", False)


def login_remembered() -> bool:
    """Whether the request has a valid remember cookie."""
    cookie = _remember_cookie()
    return cookie is not None and decode_cookie(cookie) is not None


def set_login_view(login_view: str, blueprint: Any = None) -> None:
    """Sets the login page of the app, or of a blueprint (anything with a ``name``)."""
    manager = _manager()
    views = manager.blueprint_login_views
    if blueprint is None and not views:
        manager.login_view = login_view
        return
    views[blueprint.name] = login_view
    if manager.login_view is not None and None not in views:
        views[None] = manager.login_view
    manager.login_view = None


# ---- views that need a login


def _is_exempt() -> bool:
    return request.method in EXEMPT_METHODS or bool(_setting("LOGIN_DISABLED", False))


def login_required(function: Callable[..., Any]) -> Callable[..., Any]:
    """The view for users; others get what the login manager answers them."""

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not _is_exempt() and not current_user.is_authenticated:
            return _manager().unauthorized()
        return function(*args, **kwargs)

    return guarded


def fresh_login_required(function: Callable[..., Any]) -> Callable[..., Any]:
    """The view for users who have logged in in this session, by hand."""

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not _is_exempt():
            if not current_user.is_authenticated:
                return _manager().unauthorized()
            if not login_fresh():
                return _manager().needs_refresh()
        return function(*args, **kwargs)

    return guarded


# ---- the URL of the login page


def expand_login_view(login_view: str) -> str:
    """The URL of an endpoint; a URL stays as it is."""
    if login_view.startswith(("https://", "http://", "/")):
        return login_view
    return url_for(login_view)


def make_next_param(login_url: str, current_url: str) -> str:
    """The URL to come back to, without scheme and host if they are the login page's."""
    login, here = urlsplit(login_url), urlsplit(current_url)
    if login.scheme in ("", here.scheme) and login.netloc in ("", here.netloc):
        return urlunsplit(("", "", here.path, here.query, ""))
    return current_url


def login_url(login_view: str, next_url: str | None = None, next_field: str = "next") -> str:
    """The login page's URL, which names the page to come back to."""
    base = expand_login_view(login_view)
    if next_url is None:
        return base
    parts = urlsplit(base)
    query: dict[str, Any] = dict(parse_qs(parts.query, keep_blank_values=True))
    query[next_field] = make_next_param(base, next_url)
    host = _setting("FORCE_HOST_FOR_REDIRECTS", None) or parts.netloc
    return urlunsplit(parts._replace(netloc=host, query=urlencode(query, doseq=True)))


# ---- the remember cookie and the client's identifier


def encode_cookie(payload: str, key: str | bytes | None = None) -> str:
    """A signed value of the remember cookie."""
    return f"{payload}|{_digest(payload, key)}"


def decode_cookie(cookie: str, key: str | bytes | None = None) -> str | None:
    """What was signed; None when the signature is wrong."""
    payload, mark, digest = cookie.rpartition("|")
    if mark and hmac.compare_digest(_digest(payload, key).encode(), digest.encode()):
        return payload
    return None


def _digest(payload: str, key: str | bytes | None) -> str:
    secret = _setting("SECRET_KEY", None) if key is None else key
    raw = secret.encode("latin1") if isinstance(secret, str) else secret
    return hmac.new(raw, payload.encode(), sha512).hexdigest()


def _remember_cookie() -> str | None:
    name = _setting("REMEMBER_COOKIE_NAME", COOKIE_NAME)
    if session.get("_remember") == "clear":
        return None
    return request.cookies.get(name)


def _identifier() -> str:
    """A digest of the client's address and browser (of their ``repr`` as bytes, as it was)."""
    address = request.headers.get("X-Forwarded-For", request.remote_addr)
    agent = request.headers.get("User-Agent")
    first = None if address is None else address.encode().split(b",")[0].strip()
    return sha512(f"{first}|{None if agent is None else agent.encode()}".encode()).hexdigest()
