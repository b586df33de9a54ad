"""Tokens against cross-site requests: Flask-WTF's, in its session key and with its signature.

A page that the original has rendered can be sent to the port, and back again (flask_wtf.csrf).
"""

import hashlib
import hmac
import logging
import os
from typing import Any, NoReturn
from urllib.parse import urlparse

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from markupsafe import Markup, escape
from wtforms import ValidationError
from wtforms.csrf.core import CSRF

from .context import current, g, request, session
from .exceptions import BadRequest
from .hooks import before_request, context_processor

logger = logging.getLogger(__name__)

_DEFAULTS: dict[str, Any] = {
    "WTF_CSRF_ENABLED": True,
    "WTF_CSRF_CHECK_DEFAULT": True,
    "WTF_CSRF_FIELD_NAME": "csrf_token",
    "WTF_CSRF_HEADERS": ["X-CSRFToken", "X-CSRF-Token"],
    "WTF_CSRF_META_NAME": "csrf-token",
    "WTF_CSRF_TIME_LIMIT": 3600,
    "WTF_CSRF_SSL_STRICT": True,
}


class CSRFError(BadRequest):
    """A request without a valid token: a 400 with the reason."""

    description = "CSRF validation failed."


def _config() -> Any:
    return current().app.state.config


def _setting(value: Any, name: str, default: Any, message: str) -> Any:
    found = _config().get(name, default) if value is None else value
    if found is None:
        raise RuntimeError(message)
    return found


def _keys(secret_key: Any, token_key: str | None) -> tuple[Any, str]:
    """The signing key and the name of the token in form and session."""
    secret = _setting(
        secret_key,
        "WTF_CSRF_SECRET_KEY",
        _config()["SECRET_KEY"],
        "A secret key is required to use CSRF.",
    )
    name = _setting(
        token_key, "WTF_CSRF_FIELD_NAME", "csrf_token", "A field name is required to use CSRF."
    )
    return secret, name


def _serializer(secret: Any) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="wtf-csrf-token")


def generate_csrf(secret_key: Any = None, token_key: str | None = None) -> str:
    """The signed token of this request; the same at every call."""
    secret, name = _keys(secret_key, token_key)
    if name not in g:
        serializer = _serializer(secret)
        if name not in session:
            session[name] = hashlib.sha1(os.urandom(64)).hexdigest()
        try:
            token = serializer.dumps(session[name])
        except TypeError:
            session[name] = hashlib.sha1(os.urandom(64)).hexdigest()
            token = serializer.dumps(session[name])
        setattr(g, name, token)
    return g.get(name)


def validate_csrf(
    data: Any, secret_key: Any = None, time_limit: int | None = None, token_key: str | None = None
) -> None:
    """Raises ``ValidationError`` with the reason unless ``data`` is this session's token."""
    secret, name = _keys(secret_key, token_key)
    limit = _config().get("WTF_CSRF_TIME_LIMIT", 3600) if time_limit is None else time_limit
    if not data:
        raise ValidationError("The CSRF token is missing.")
    if name not in session:
        raise ValidationError("The CSRF session token is missing.")
    try:
        token = _serializer(secret).loads(data, max_age=limit)
    except SignatureExpired as error:
        raise ValidationError("The CSRF token has expired.") from error
    except BadData as error:
        raise ValidationError("The CSRF token is invalid.") from error
    if not hmac.compare_digest(session[name], token):
        raise ValidationError("The CSRF tokens do not match.")


def csrf_meta_tag(name: str | None = None, secret_key: Any = None, token_key: Any = None) -> Markup:
    """A ``<meta>`` element with the token, for scripts."""
    found = _setting(name, "WTF_CSRF_META_NAME", "csrf-token", "CSRF is not configured.")
    token = generate_csrf(secret_key=secret_key, token_key=token_key)
    return Markup(f'<meta name="{escape(found)}" content="{escape(token)}">')


class SessionCSRF(CSRF):
    """The token field of forms (flask_wtf.csrf._FlaskFormCSRF)."""

    def setup_form(self, form: Any) -> Any:
        self.meta = form.meta
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return generate_csrf(self.meta.csrf_secret, self.meta.csrf_field_name)

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if g.get("csrf_valid", False):  # CSRFProtect has already looked at it
            return
        meta = self.meta
        try:
            validate_csrf(field.data, meta.csrf_secret, meta.csrf_time_limit, meta.csrf_field_name)
        except ValidationError as error:
            logger.info(error.args[0])
            raise


class CSRFProtect:
    """Refuses requests that change something and have no valid token."""

    def __init__(self, app: Any = None) -> None:
        self._exempt_views: set[str] = set()
        self._exempt_routers: list[Any] = []
        if app:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        """Checks every request; ``csrf_token()`` and ``csrf_meta_tag()`` in templates."""
        app.state.extensions["csrf"] = self
        config = app.state.config
        for key, value in _DEFAULTS.items():
            config.setdefault(key, value)
        methods = config.get("WTF_CSRF_METHODS", ["POST", "PUT", "PATCH", "DELETE"])
        config["WTF_CSRF_METHODS"] = set(methods)
        tools = {"csrf_token": generate_csrf, "csrf_meta_tag": csrf_meta_tag}
        app.state.templates.globals.update(tools)
        context_processor(app)(lambda: tools)

        @before_request(app)
        def csrf_protect() -> None:
            if config["WTF_CSRF_ENABLED"] and config["WTF_CSRF_CHECK_DEFAULT"]:
                self.protect(apply_exemptions=True)

    def _token(self) -> str | None:
        name = _config()["WTF_CSRF_FIELD_NAME"]
        form = request.form
        if token := form.get(name):
            return token
        # A form with a prefix calls it {prefix}-csrf_token.
        for key in form:
            if key.endswith(name) and (token := form[key]):
                return token
        for header in _config()["WTF_CSRF_HEADERS"]:
            if token := request.headers.get(header):
                return token
        return None

    def protect(self, apply_exemptions: bool = False) -> None:
        """Checks this request; a 400 (``CSRFError``) if it must not pass."""
        config = _config()
        if request.method not in config["WTF_CSRF_METHODS"]:
            return
        if apply_exemptions:
            route = current().route
            if route is None or self._is_exempt(route):
                return
        try:
            validate_csrf(self._token())
        except ValidationError as error:
            logger.info(error.args[0])
            self._error_response(error.args[0])
        if request.is_secure and config["WTF_CSRF_SSL_STRICT"]:
            if not request.referrer:
                self._error_response("The referrer header is missing.")
            if not same_origin(request.referrer, f"https://{request.host}/"):
                self._error_response("The referrer does not match the host.")
        g.csrf_valid = True

    def _is_exempt(self, route: Any) -> bool:
        blueprint = (getattr(route, "name", None) or "").rpartition(".")[0]
        if blueprint and any(blueprint in _names(router) for router in self._exempt_routers):
            return True
        view = getattr(route, "view", None)
        return view is not None and f"{view.__module__}.{view.__name__}" in self._exempt_views

    def exempt(self, view: Any) -> Any:
        """Leaves a view (or its dotted name) or a router out of the checks."""
        if hasattr(view, "include_router") or hasattr(view, "routes"):
            self._exempt_routers.append(view)
        elif isinstance(view, str):
            self._exempt_views.add(view)
        else:
            self._exempt_views.add(f"{view.__module__}.{view.__name__}")
        return view

    def _error_response(self, reason: str) -> NoReturn:
        raise CSRFError(reason)


def _names(router: Any) -> set[str]:
    """The name that a router was included under, and those before the dots of its endpoints."""
    included = getattr(router, "__dict__", {}).get("parity_name")
    names = {(getattr(r, "name", None) or "").rpartition(".")[0] for r in router.routes}
    return names if included is None else {*names, included}


def same_origin(current_uri: str, compare_uri: str) -> bool:
    """Whether two URLs have scheme, host and port in common."""
    here, there = urlparse(current_uri), urlparse(compare_uri)
    return (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
