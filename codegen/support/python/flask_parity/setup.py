"""Gives a FastAPI app what Flask's constructor sets up: configuration, templates, static files."""

import os
import sys
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from .config import Config
from .exceptions import BadRequest
from .files import send_from_directory
from .hooks import HookTable
from .jsontext import DefaultJSONProvider
from .lifecycle import Lifecycle
from .logs import create_logger
from .precedence import sort_routes as sort
from .responses import Response
from .routing import FlaskRoute, unmatched
from .templating import environment
from .urlmap import UrlMap


def root_path_of(import_name: str) -> str:
    """The folder of a module or package."""
    module = sys.modules.get(import_name)
    file = getattr(module, "__file__", None)
    return os.path.dirname(os.path.abspath(file)) if file else os.getcwd()


def _instance_path(import_name: str, root_path: str) -> str:
    """``instance`` beside the package (flask.sansio.scaffold.find_package)."""
    levels = import_name.count(".")
    module = sys.modules.get(import_name)
    if hasattr(module, "__path__"):
        levels += 1
    folder = root_path
    for _ in range(levels):
        folder = os.path.dirname(folder)
    return os.path.join(folder, "instance")


def _name(import_name: str) -> str:
    """What Flask calls the app: of a script, its file (flask.sansio.app.App.name)."""
    if import_name == "__main__":
        file = getattr(sys.modules["__main__"], "__file__", None)
        return os.path.splitext(os.path.basename(file))[0] if file else "__main__"
    return import_name


def prepare(
    app: FastAPI,
    import_name: str,
    *,
    static_url_path: str | None = None,
    static_folder: str | None = "static",
    template_folder: str | None = "templates",
    instance_path: str | None = None,
    instance_relative_config: bool = False,
    root_path: str | None = None,
    sort_routes: bool = False,
) -> None:
    """Call it right after ``FastAPI(...)`` with the arguments that ``Flask(...)`` had.

    With ``sort_routes`` the routes are put in Werkzeug's order before the first request: of two
    that fit a URL the more specific one answers, whichever was registered first.
    """
    root = root_path or root_path_of(import_name)
    instance = instance_path or _instance_path(import_name, root)
    state = app.state
    state.import_name, state.name = import_name, _name(import_name)
    state.root_path, state.instance_path = root, instance
    state.config = Config(instance if instance_relative_config else root)
    state.extensions = {}
    state.hooks = HookTable()
    state.response_class = Response
    state.json = DefaultJSONProvider(app)
    state.url_map = UrlMap(app)
    state.extra_urls = []
    state.template_folder = template_folder
    folders = [os.path.join(root, template_folder)] if template_folder else []
    state.templates = environment(app, folders)
    state.logger = create_logger(app)
    app.router.route_class = FlaskRoute
    app.router.redirect_slashes = False
    app.router.default = unmatched(app)
    # Errors come to the lifecycle as they are; FastAPI's own page is for nobody.
    app.exception_handlers.pop(HTTPException, None)
    app.add_exception_handler(HTTPException, _raised)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_middleware(Lifecycle, owner=app, freeze=(sort if sort_routes else None))
    state.static_folder = os.path.join(root, static_folder) if static_folder is not None else None
    state.static_url_path = None
    if state.static_folder is not None:
        name = os.path.basename(state.static_folder.rstrip("/"))
        url = static_url_path if static_url_path is not None else "/" + name
        state.static_url_path = url.rstrip("/")
        _serve_static(app, state.static_folder, state.static_url_path, "static")


def _serve_static(owner: Any, folder: str, url: str, endpoint: str) -> None:
    def static(filename: str) -> Any:
        return send_from_directory(folder, filename)

    owner.get(url + "/{filename:path}", name=endpoint, include_in_schema=False)(static)


def prepare_router(
    router: Any,
    name: str,
    import_name: str,
    *,
    static_folder: str | None = None,
    static_url_path: str | None = None,
    template_folder: str | None = None,
    root_path: str | None = None,
) -> None:
    """Gives a router the folders that its blueprint had."""
    root = root_path or root_path_of(import_name)
    if template_folder is not None:
        router.__dict__["parity_templates"] = os.path.join(root, template_folder)
    if static_folder is not None:
        folder = os.path.join(root, static_folder)
        url = static_url_path
        if url is None:
            url = "/" + os.path.basename(folder.rstrip("/"))
        _serve_static(router, folder, "/" + url.strip("/"), f"{name}.static")


async def _raised(request: Request, error: Exception) -> Any:
    raise error


async def _bad_request(request: Request, error: Exception) -> Any:
    raise BadRequest() from error
