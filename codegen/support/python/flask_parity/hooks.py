"""Functions around requests, registered as Flask registers them."""

from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


class HookTable:
    """The hooks of an app; those of a router wait on it until it is included."""

    def __init__(self) -> None:
        self.before: list[Function] = []
        self.after: list[Function] = []
        self.teardown: list[Function] = []
        self.teardown_app: list[Function] = []
        self.context: list[Function] = []
        self.errors: dict[str, dict[Any, Function]] = {}
        self._own: dict[str, HookTable] = {}

    def own(self, blueprint: str) -> "HookTable":
        return self._own.setdefault(blueprint, HookTable())

    def _of(self, blueprint: str, kind: str) -> list[Function]:
        found: list[Function] = []
        parts = blueprint.split(".") if blueprint and self._own else []
        for i in range(1, len(parts) + 1):
            table = self._own.get(".".join(parts[:i]))
            if table is not None:
                found += getattr(table, kind)
        return found

    def own_before(self, blueprint: str) -> list[Function]:
        return self._of(blueprint, "before")

    def own_after(self, blueprint: str) -> list[Function]:
        return self._of(blueprint, "after")

    def own_teardown(self, blueprint: str) -> list[Function]:
        return self._of(blueprint, "teardown")

    def own_context(self, blueprint: str) -> list[Function]:
        return self._of(blueprint, "context")


def _register(owner: Any, kind: str, whole_app: bool) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        table = getattr(getattr(owner, "state", None), "hooks", None)
        if table is not None:
            getattr(table, kind).append(function)
        else:
            owner.__dict__.setdefault("parity_hooks", []).append((kind, whole_app, function))
        return function

    return register


def before_request(owner: Any) -> Callable[[Function], Function]:
    """Runs before the view; what it returns, if not None, is the answer."""
    return _register(owner, "before", False)


def before_app_request(owner: Any) -> Callable[[Function], Function]:
    """From a router: for every request of the app."""
    return _register(owner, "before", True)


def after_request(owner: Any) -> Callable[[Function], Function]:
    """Gets the response and returns it, also after errors."""
    return _register(owner, "after", False)


def after_app_request(owner: Any) -> Callable[[Function], Function]:
    return _register(owner, "after", True)


def teardown_request(owner: Any) -> Callable[[Function], Function]:
    """Runs at the very end, with the error that was not handled, or None."""
    return _register(owner, "teardown", False)


def teardown_app_request(owner: Any) -> Callable[[Function], Function]:
    return _register(owner, "teardown", True)


def teardown_appcontext(owner: Any) -> Callable[[Function], Function]:
    """Runs at the end of requests and of ``app_context``."""
    return _register(owner, "teardown_app", False)


def context_processor(owner: Any) -> Callable[[Function], Function]:
    """Returns variables for every template."""
    return _register(owner, "context", False)


def app_context_processor(owner: Any) -> Callable[[Function], Function]:
    return _register(owner, "context", True)


def _extension(owner: Any, kind: str, name: str | None) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        key = name or function.__name__
        env = getattr(getattr(owner, "state", None), "templates", None)
        if env is not None:
            getattr(env, kind)[key] = function
        else:
            owner.__dict__.setdefault("parity_extensions", []).append((kind, key, function))
        return function

    return register


def template_filter(owner: Any, name: str | None = None) -> Callable[[Function], Function]:
    """``{{ value|name }}``; the function's own name unless another is given."""
    return _extension(owner, "filters", name)


def template_test(owner: Any, name: str | None = None) -> Callable[[Function], Function]:
    return _extension(owner, "tests", name)


def template_global(owner: Any, name: str | None = None) -> Callable[[Function], Function]:
    return _extension(owner, "globals", name)


def adopt_hooks(app: Any, router: Any, name: str) -> None:
    """Takes over what was registered on a router, when it is included under ``name``."""
    hooks: HookTable = app.state.hooks
    router.__dict__["parity_name"] = name
    for kind, whole_app, function in router.__dict__.get("parity_hooks", ()):
        getattr(hooks if whole_app else hooks.own(name), kind).append(function)
    for kind, key, function in router.__dict__.get("parity_extensions", ()):
        getattr(app.state.templates, kind)[key] = function
    if errors := router.__dict__.get("parity_errors"):
        hooks.errors.setdefault(name, {}).update(errors)
    for key, function in router.__dict__.get("parity_app_errors", {}).items():
        app.__dict__.setdefault("parity_errors", {})[key] = function
    if folder := router.__dict__.get("parity_templates"):
        app.state.templates.loader.searchpath.append(folder)
