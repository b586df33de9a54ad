"""The port's app with Flask's attributes, for code that gets the app and was not rewritten.

Plugins and modules that are loaded by name get the app as an argument. What they usually do with
it works: they read the configuration, log, add hooks and template filters. Routes cannot be added
this way.
"""

from collections.abc import Callable
from typing import Any

from . import errors, hooks
from .context import app_context

#: Attributes of the state that Flask calls otherwise.
_NAMES = {"jinja_env": "templates"}

#: Attributes that are settings.
_SETTINGS = {"debug": "DEBUG", "testing": "TESTING", "secret_key": "SECRET_KEY"}

#: Registrations that the port has as functions of the app.
_HOOKS = (
    "before_request",
    "after_request",
    "teardown_request",
    "teardown_appcontext",
    "context_processor",
    "template_filter",
    "template_global",
    "template_test",
)


class FlaskShape:
    """Reads and writes go to the app; anything it has not is an ``AttributeError`` that says so."""

    def __init__(self, app: Any) -> None:
        object.__setattr__(self, "_app", app)

    def __getattr__(self, name: str) -> Any:
        app = self._app
        if name in _HOOKS:
            return _hook(app, getattr(hooks, name), name)
        if name == "errorhandler":
            return lambda key: errors.errorhandler(app, key)
        if name == "register_error_handler":
            return lambda key, function: errors.errorhandler(app, key)(function)
        if name == "app_context":
            return lambda: app_context(app)
        if name in _SETTINGS:
            return app.state.config[_SETTINGS[name]]
        state = _NAMES.get(name, name)
        if hasattr(app.state, state):
            return getattr(app.state, state)
        if name in vars(app):
            return getattr(app, name)
        raise AttributeError(f"the port's app has no {name!r}: rewrite the code that is handed it")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SETTINGS:
            self._app.state.config[_SETTINGS[name]] = value
        elif hasattr(self._app.state, _NAMES.get(name, name)):
            setattr(self._app.state, _NAMES.get(name, name), value)
        else:
            setattr(self._app, name, value)


def _hook(app: Any, register: Callable[..., Any], name: str) -> Callable[..., Any]:
    """``app.before_request(f)``, ``@app.template_filter("x")`` and ``@app.template_filter()``."""
    if not name.startswith("template_"):
        return register(app)

    def named(argument: Any = None) -> Any:
        if callable(argument):
            return register(app)(argument)
        return register(app, argument)

    return named
