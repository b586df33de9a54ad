"""Functions around requests, registered as Flask registers them."""

from collections.abc import Callable, Iterable
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
        self.url_defaults: list[Function] = []
        self.url_value_preprocessors: list[Function] = []
        self.errors: dict[str, dict[Any, Function]] = {}
        self._own: dict[str, HookTable] = {}

    @property
    def url_default_functions(self) -> dict[str | None, list[Function]]:
        """Functions that change the values of URLs, by blueprint."""
        found: dict[str | None, list[Function]] = {None: self.url_defaults}
        found.update((name, table.url_defaults) for name, table in self._own.items())
        return found

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

    def own_context(self, blueprint: str) -> list[Function]:
        return self._of(blueprint, "context")

    def all(self, kind: str, names: list[str]) -> list[Function]:
        """Those of the app, then those of blueprints in the order of ``names``."""
        if not names or not self._own:
            return getattr(self, kind)  # type: ignore[no-any-return]
        found = list(getattr(self, kind))
        for name in names:
            if (table := self._own.get(name)) is not None:
                found += getattr(table, kind)
        return found

    def all_reversed(self, kind: str, names: list[str]) -> list[Function]:
        """Those of blueprints in the order of ``names``, then those of the app, last one first."""
        found: list[Function] = []
        if self._own:
            for name in names:
                if (table := self._own.get(name)) is not None:
                    found += reversed(getattr(table, kind))
        return [*found, *reversed(getattr(self, kind))]

    def told(self, error: BaseException | None) -> BaseException | None:
        """What functions for the end of a request are told of an error that nobody handled."""
        return error

    def ending(self) -> Iterable[Function]:
        """Those for the end of the app context, in their order."""
        return reversed(self.teardown_app)

    @property
    def has_url_defaults(self) -> bool:
        return bool(self.url_defaults) or any(table.url_defaults for table in self._own.values())

    @property
    def has_url_values(self) -> bool:
        return bool(self.url_value_preprocessors) or any(
            table.url_value_preprocessors for table in self._own.values()
        )


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


def url_defaults(owner: Any) -> Callable[[Function], Function]:
    """Changes the values that a URL is built of: ``function(endpoint, values)``."""
    return _register(owner, "url_defaults", False)


def app_url_defaults(owner: Any) -> Callable[[Function], Function]:
    return _register(owner, "url_defaults", True)


def url_value_preprocessor(owner: Any) -> Callable[[Function], Function]:
    """Sees the values of the matched URL before everything else: ``function(endpoint, values)``."""
    return _register(owner, "url_value_preprocessors", False)


def app_url_value_preprocessor(owner: Any) -> Callable[[Function], Function]:
    return _register(owner, "url_value_preprocessors", True)


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


def adopt_hooks(owner: Any, router: Any, name: str) -> None:
    """Takes over what was registered on a router, when it is included under ``name``.

    A router that is included in another one keeps it there until that one is included.
    """
    if not hasattr(owner, "state"):
        owner.__dict__.setdefault("parity_children", []).append((router, name))
        return
    hooks: HookTable = owner.state.hooks
    router.__dict__["parity_name"] = name
    for kind, whole_app, function in router.__dict__.get("parity_hooks", ()):
        getattr(hooks if whole_app else hooks.own(name), kind).append(function)
    for kind, key, function in router.__dict__.get("parity_extensions", ()):
        getattr(owner.state.templates, kind)[key] = function
    if errors := router.__dict__.get("parity_errors"):
        hooks.errors.setdefault(name, {}).update(errors)
    for key, function in router.__dict__.get("parity_app_errors", {}).items():
        owner.__dict__.setdefault("parity_errors", {})[key] = function
    if folder := router.__dict__.get("parity_templates"):
        owner.state.templates.loader.searchpath.append(folder)
    for child, own_name in router.__dict__.get("parity_children", ()):
        adopt_hooks(owner, child, f"{name}.{own_name}")
