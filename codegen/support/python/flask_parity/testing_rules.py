"""Rules that tests add to an app, with the signatures of Flask's own methods."""

from collections.abc import Callable
from typing import Any

from .rules import path


def add_url_rule(
    app: Any,
    rule: str,
    endpoint: str | None = None,
    view_func: Any = None,
    provide_automatic_options: bool | None = None,
    **options: Any,
) -> None:
    """``app.add_url_rule(...)``, with a rule of Flask's."""
    methods = options.pop("methods", None) or getattr(view_func, "methods", None) or ("GET",)
    if provide_automatic_options is None:
        provide_automatic_options = getattr(view_func, "provide_automatic_options", None)
    if provide_automatic_options is not None:
        options["provide_automatic_options"] = provide_automatic_options
    name = endpoint or view_func.__name__
    register = app.state.register_rule
    register(app, path(rule), methods=list(methods), name=name, **options)(view_func)


def route(app: Any, rule: str, **options: Any) -> Callable[..., Any]:
    """``@app.route(...)``, with a rule of Flask's."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        endpoint = options.pop("endpoint", None)
        add_url_rule(app, rule, endpoint, view, **options)
        return view

    return decorate
