"""Flask's session cookie: same name, salt, signature and tagged JSON.

A browser that is logged in to the original stays logged in to the port, and back again.
"""

import hashlib
import json
import uuid
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup

from .wire import dump_cookie, dumps, http_date, parse_cookies

_READ = {" t": tuple, " b": b64decode, " m": Markup, " u": uuid.UUID, " d": parsedate_to_datetime}


class TaggedJSON:
    """Keeps tuples, bytes, Markup, UUID and datetime through JSON (flask.json.tag)."""

    def _tag(self, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1 and (key := next(iter(value))) in (*_READ, " di"):
                return {" di": {f"{key}__": self._tag(value[key])}}
            return {key: self._tag(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return {" t": [self._tag(item) for item in value]}
        if isinstance(value, list):
            return [self._tag(item) for item in value]
        if isinstance(value, bytes):
            return {" b": b64encode(value).decode()}
        if callable(getattr(value, "__html__", None)):
            return {" m": str(value.__html__())}
        if isinstance(value, uuid.UUID):
            return {" u": value.hex}
        if isinstance(value, datetime):
            return {" d": http_date(value)}
        return value

    def _untag(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._untag(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {key: self._untag(item) for key, item in value.items()}
        if len(value) == 1:
            key, item = next(iter(value.items()))
            if key == " di":
                ((inner, content),) = item.items()
                return {inner[:-2]: content}
            if key in _READ:
                return _READ[key](item)
        return value

    def dumps(self, value: Any) -> str:
        return dumps(self._tag(value), separators=(",", ":"))

    def loads(self, text: str | bytes) -> Any:
        return self._untag(json.loads(text))


def signer(secret_key: Any, fallbacks: Any = ()) -> URLSafeTimedSerializer:
    """The serializer of ``SecureCookieSessionInterface``."""
    return URLSafeTimedSerializer(
        [*fallbacks, secret_key],
        salt="cookie-session",
        serializer=TaggedJSON(),
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
    )


class Session(dict[str, Any]):
    """Knows whether it was changed; only changes of its own keys are seen, as in Flask."""

    modified = False
    accessed = False
    new = False

    @property
    def permanent(self) -> bool:
        return self.get("_permanent", False)

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)


class NullSession(Session):
    """Without a secret key a session can be read and not written."""

    def _fail(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "The session is unavailable because no secret key was set."
            " Set the config's SECRET_KEY to something unique and secret."
        )

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = _fail  # type: ignore[assignment]


def _changing(name: str) -> Any:
    method = getattr(dict, name)

    def change(self: Session, *args: Any, **kwargs: Any) -> Any:
        self.modified = True
        return method(self, *args, **kwargs)

    return change


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "popitem", "update"):
    setattr(Session, _name, _changing(_name))


def _pop(self: Session, key: str, *default: Any) -> Any:
    # werkzeug.datastructures.UpdateDictMixin: only a key that is there makes a change.
    self.modified = self.modified or key in self
    return dict.pop(self, key, *default)


def _setdefault(self: Session, key: str, default: Any = None) -> Any:
    self.modified = self.modified or key not in self
    return dict.setdefault(self, key, default)


Session.pop, Session.setdefault = _pop, _setdefault  # type: ignore[assignment, method-assign]


def _lifetime(config: Any) -> timedelta:
    value = config["PERMANENT_SESSION_LIFETIME"]
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def open_session(config: Any, headers: list[tuple[bytes, bytes]]) -> Session:
    """The session of a request; empty when its cookie is absent, old or forged."""
    cookies = [value for name, value in headers if name == b"cookie"]
    return session_of(config, b"; ".join(cookies).decode("latin1"))


def session_of(config: Any, header: str) -> Session:
    """The same of what ``Cookie`` says."""
    if not config["SECRET_KEY"]:
        return NullSession()
    if not header:
        return Session()
    raw = parse_cookies(header).get(config["SESSION_COOKIE_NAME"])
    if raw is None:
        return Session()
    serializer = signer(config["SECRET_KEY"], config.get("SECRET_KEY_FALLBACKS") or ())
    try:
        return Session(serializer.loads(raw, max_age=int(_lifetime(config).total_seconds())))
    except (BadSignature, ValueError):
        return Session()


def save_session(config: Any, session: Session, response: Any) -> None:
    """Adds ``Set-Cookie`` and ``Vary`` (SecureCookieSessionInterface.save_session)."""
    if isinstance(session, NullSession) or not (session or session.accessed or session.modified):
        return
    options: dict[str, Any] = {
        "path": config["SESSION_COOKIE_PATH"] or config["APPLICATION_ROOT"],
        "domain": config["SESSION_COOKIE_DOMAIN"],
        "secure": config["SESSION_COOKIE_SECURE"],
        "httponly": config["SESSION_COOKIE_HTTPONLY"],
        "samesite": config["SESSION_COOKIE_SAMESITE"],
    }
    name = config["SESSION_COOKIE_NAME"]
    permanent = dict.get(session, "_permanent", False)
    if session.accessed:
        _vary(response.headers)
    if not session:
        if not session.modified:
            return
        epoch = "Thu, 01 Jan 1970 00:00:00 GMT"
        cookie = dump_cookie(name, "", expires=epoch, max_age=0, **options)
    elif session.modified or (permanent and config["SESSION_REFRESH_EACH_REQUEST"]):
        expires = datetime.now(UTC) + _lifetime(config) if permanent else None
        value = signer(config["SECRET_KEY"]).dumps(dict(session))
        cookie = dump_cookie(name, value, expires=expires, **options)  # type: ignore[arg-type]
    else:
        return
    _vary(response.headers)
    # Flask's headers add, Starlette's own append.
    add = getattr(response.headers, "add", None) or response.headers.append
    add("Set-Cookie", cookie)


def _vary(headers: Any) -> None:
    found = headers.get("Vary")
    if found is None:
        headers["Vary"] = "Cookie"
    elif "cookie" not in found.lower():
        headers["Vary"] = f"{found}, Cookie"
