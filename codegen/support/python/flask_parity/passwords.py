"""Password hashes by bcrypt, as Flask-Bcrypt makes and checks them."""

import hashlib
import hmac
from typing import Any

import bcrypt


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


class Bcrypt:
    """Hashes with the app's ``BCRYPT_*`` settings."""

    def __init__(self, app: Any = None) -> None:
        self._rounds, self._prefix, self._long = 12, "2b", False
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        config = app.state.config
        self._rounds = config.get("BCRYPT_LOG_ROUNDS", 12)
        self._prefix = config.get("BCRYPT_HASH_PREFIX", "2b")
        self._long = config.get("BCRYPT_HANDLE_LONG_PASSWORDS", False)

    def _prepared(self, password: str | bytes) -> bytes:
        raw = _bytes(password)
        return hashlib.sha256(raw).hexdigest().encode() if self._long else raw

    def generate_password_hash(
        self, password: str | bytes, rounds: int | None = None, prefix: str | bytes | None = None
    ) -> bytes:
        """The hash of a password, which must not be empty."""
        if not password:
            raise ValueError("Password must be non-empty.")
        salt = bcrypt.gensalt(
            rounds=self._rounds if rounds is None else rounds,
            prefix=_bytes(self._prefix if prefix is None else prefix),
        )
        return bcrypt.hashpw(self._prepared(password), salt)

    def check_password_hash(self, pw_hash: str | bytes, password: str | bytes) -> bool:
        """Whether the hash is the password's."""
        known = _bytes(pw_hash)
        return hmac.compare_digest(bcrypt.hashpw(self._prepared(password), known), known)


def generate_password_hash(password: str | bytes, rounds: int | None = None) -> bytes:
    """A hash without an app's settings."""
    return Bcrypt().generate_password_hash(password, rounds)


def check_password_hash(pw_hash: str | bytes, password: str | bytes) -> bool:
    return Bcrypt().check_password_hash(pw_hash, password)
