"""The configuration: a dict with Flask's ways of filling it (flask.config.Config)."""

import errno
import json
import os
import types
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

#: Flask's defaults, as far as the port reads them.
DEFAULTS: dict[str, Any] = {
    "DEBUG": False,
    "TESTING": False,
    "PROPAGATE_EXCEPTIONS": None,
    "SECRET_KEY": None,
    "SECRET_KEY_FALLBACKS": None,
    "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
    "USE_X_SENDFILE": False,
    "TRUSTED_HOSTS": None,
    "SERVER_NAME": None,
    "APPLICATION_ROOT": "/",
    "SESSION_COOKIE_NAME": "session",
    "SESSION_COOKIE_DOMAIN": None,
    "SESSION_COOKIE_PATH": None,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SECURE": False,
    "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_COOKIE_SAMESITE": None,
    "SESSION_REFRESH_EACH_REQUEST": True,
    "MAX_CONTENT_LENGTH": None,
    "MAX_FORM_MEMORY_SIZE": 500_000,
    "MAX_FORM_PARTS": 1_000,
    "SEND_FILE_MAX_AGE_DEFAULT": None,
    "TRAP_BAD_REQUEST_ERRORS": None,
    "TRAP_HTTP_EXCEPTIONS": False,
    "EXPLAIN_TEMPLATE_LOADING": False,
    "PREFERRED_URL_SCHEME": "http",
    "TEMPLATES_AUTO_RELOAD": None,
    "MAX_COOKIE_SIZE": 4093,
    "PROVIDE_AUTOMATIC_OPTIONS": True,
}


def debug_flag() -> bool:
    """Whether ``FLASK_DEBUG`` asks for debug mode (flask.helpers.get_debug_flag)."""
    return os.environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no")


class Config(dict[str, Any]):
    """Upper-case settings; file names are relative to ``root_path``."""

    def __init__(
        self,
        root_path: str | os.PathLike[str],
        defaults: dict[str, Any] | None = None,
        prefix: str = "FLASK",
    ) -> None:
        super().__init__({**DEFAULTS, "DEBUG": debug_flag()} if defaults is None else defaults)
        self.root_path = root_path
        #: What variables of the environment begin with that are taken without being named.
        self.prefix = prefix

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        path = os.environ.get(variable_name)
        if not path:
            if silent:
                return False
            raise RuntimeError(
                f"The environment variable {variable_name!r} is not set and as such configuration"
                " could not be loaded. Set this variable and make it point to a configuration file"
            )
        return self.from_pyfile(path, silent=silent)

    def from_prefixed_env(
        self, prefix: str | None = None, *, loads: Callable[[str], Any] = json.loads
    ) -> bool:
        prefix = f"{self.prefix if prefix is None else prefix}_"
        for key in sorted(os.environ):
            if not key.startswith(prefix):
                continue
            value: Any = os.environ[key]
            try:
                value = loads(value)
            except Exception:
                pass
            *parents, last = key.removeprefix(prefix).split("__")
            current: Any = self
            for part in parents:
                current = current.setdefault(part, {})
            current[last] = value
        return True

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        path = os.path.join(self.root_path, filename)
        module = types.ModuleType("config")
        module.__file__ = str(path)
        try:
            with open(path, mode="rb") as file:
                exec(compile(file.read(), path, "exec"), module.__dict__)
        except OSError as e:
            if silent and e.errno in (errno.ENOENT, errno.EISDIR, errno.ENOTDIR):
                return False
            e.strerror = f"Unable to load configuration file ({e.strerror})"
            raise
        self.from_object(module)
        return True

    def from_object(self, obj: Any) -> None:
        if isinstance(obj, str):
            module, _, name = obj.replace(":", ".").rpartition(".")
            try:
                obj = import_module(obj)
            except ImportError:
                obj = getattr(import_module(module), name)
        for key in dir(obj):
            if key.isupper():
                self[key] = getattr(obj, key)

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: Callable[[Any], Any],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        try:
            with open(os.path.join(self.root_path, filename), "r" if text else "rb") as file:
                found = load(file)
        except OSError as e:
            if silent and e.errno in (errno.ENOENT, errno.EISDIR):
                return False
            e.strerror = f"Unable to load configuration file ({e.strerror})"
            raise
        return self.from_mapping(found)

    def from_mapping(self, mapping: Any = None, **kwargs: Any) -> bool:
        for key, value in {**(mapping or {}), **kwargs}.items():
            if key.isupper():
                self[key] = value
        return True

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, Any]:
        found = {}
        for key, value in self.items():
            if key.startswith(namespace):
                name = key[len(namespace) :] if trim_namespace else key
                found[name.lower() if lowercase else name] = value
        return found
