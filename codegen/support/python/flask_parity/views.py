"""Views as classes (flask.views)."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from .context import current
from .injection import is_injected

_METHODS = ("get", "post", "head", "options", "delete", "put", "trace", "patch")


class View:
    """A class whose ``dispatch_request`` answers; ``as_view`` makes a view function of it."""

    methods: ClassVar[Any] = None
    provide_automatic_options: ClassVar[bool | None] = None
    decorators: ClassVar[list[Callable[..., Any]]] = []
    init_every_request: ClassVar[bool] = True

    def dispatch_request(self, **kwargs: Any) -> Any:
        raise NotImplementedError()

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> Callable[..., Any]:
        """A view function called ``name``; the class gets the other arguments."""
        if cls.init_every_request:

            def view(**kwargs: Any) -> Any:
                made = view.view_class(*class_args, **class_kwargs)  # type: ignore[attr-defined]
                return made.dispatch_request(**kwargs)

        else:
            made = cls(*class_args, **class_kwargs)

            def view(**kwargs: Any) -> Any:
                return made.dispatch_request(**kwargs)

        view.__name__ = name
        view.__module__ = cls.__module__
        view.__doc__ = cls.__doc__
        view.view_class = cls  # type: ignore[attr-defined]
        view.methods = cls.methods  # type: ignore[attr-defined]
        view.__signature__ = cls._signature()  # type: ignore[attr-defined]
        decorated: Any = view
        for decorator in cls.decorators:
            decorated = decorator(decorated)
            decorated.__name__, decorated.__module__ = name, cls.__module__
        decorated.view_class = cls
        decorated.methods = cls.methods
        return decorated  # type: ignore[no-any-return]

    @classmethod
    def _functions(cls) -> list[Any]:
        return [cls.dispatch_request]

    @classmethod
    def _signature(cls) -> inspect.Signature:
        """What the framework is to fill in for any of the methods, and anything of the path."""
        found: dict[str, inspect.Parameter] = {}
        for function in cls._functions():
            for parameter in inspect.signature(function, eval_str=True).parameters.values():
                if is_injected(parameter):
                    found[parameter.name] = parameter.replace(kind=parameter.KEYWORD_ONLY)
        rest = inspect.Parameter("values", inspect.Parameter.VAR_KEYWORD)
        return inspect.Signature([*found.values(), rest])


class MethodView(View):
    """A method of the class for each method of HTTP; without ``head`` HEAD goes to ``get``."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" not in cls.__dict__:
            found: set[str] = set()
            for base in cls.__bases__:
                if getattr(base, "methods", None):
                    found.update(base.methods)  # type: ignore[attr-defined]
            found.update(name.upper() for name in _METHODS if hasattr(cls, name))
            if found:
                cls.methods = found

    @classmethod
    def _functions(cls) -> list[Any]:
        return [getattr(cls, name) for name in _METHODS if hasattr(cls, name)]

    def dispatch_request(self, **kwargs: Any) -> Any:
        request = current().request
        assert request is not None
        method: Any = getattr(self, request.method.lower(), None)
        if method is None and request.method == "HEAD":
            method = getattr(self, "get", None)
        assert method is not None, f"Unimplemented method {request.method!r}"
        return method(**_wanted(method, kwargs))


def _wanted(method: Any, values: dict[str, Any]) -> dict[str, Any]:
    """``values`` without what was injected for another method of the class."""
    parameters = inspect.signature(method).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return values
    injected = {name for name, _ in _injected(type(method.__self__))}
    return {k: v for k, v in values.items() if k in parameters or k not in injected}


def _injected(cls: Any) -> list[tuple[str, Any]]:
    found = cls.__dict__.get("_parity_injected")
    if found is None:
        signature = cls._signature()
        found = [(n, p) for n, p in signature.parameters.items() if n != "values"]
        cls._parity_injected = found
    return found  # type: ignore[no-any-return]
