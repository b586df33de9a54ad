"""Apps that tests make, or add rules to, with the signatures of Flask's own methods."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from .routing import path
from .routing import rule as register
from .setup import prepare


def new_app(import_name: str, **options: Any) -> FastAPI:
    """``Flask(import_name, ...)``: an app without routes but that of its static files."""
    app = FastAPI(openapi_url=None, default_response_class=HTMLResponse)
    prepare(app, import_name, **options)
    return app


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
    register(app, path(rule), methods=list(methods), name=name, **options)(view_func)


def route(app: Any, rule: str, **options: Any) -> Callable[..., Any]:
    """``@app.route(...)``, with a rule of Flask's."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        endpoint = options.pop("endpoint", None)
        add_url_rule(app, rule, endpoint, view, **options)
        return view

    return decorate
