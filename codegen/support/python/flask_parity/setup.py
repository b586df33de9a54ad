"""Gives a FastAPI app what Flask's constructor sets up: configuration, templates, static files."""

import os
import sys

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from .config import Config
from .context import current
from .errors import HTTPError, answer
from .files import send_from_directory
from .hooks import HookTable
from .lifecycle import Lifecycle
from .routing import FlaskRoute, unmatched
from .templating import environment


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
) -> None:
    """Call it right after ``FastAPI(...)`` with the arguments that ``Flask(...)`` had."""
    root = root_path or root_path_of(import_name)
    instance = instance_path or _instance_path(import_name, root)
    state = app.state
    state.import_name, state.root_path, state.instance_path = import_name, root, instance
    state.config = Config(instance if instance_relative_config else root)
    state.hooks = HookTable()
    state.extra_urls = []
    folders = [os.path.join(root, template_folder)] if template_folder else []
    state.templates = environment(app, folders)
    app.router.route_class = FlaskRoute
    app.router.redirect_slashes = False
    app.router.default = unmatched(app)
    app.add_exception_handler(HTTPException, answer)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_middleware(Lifecycle, owner=app)
    if static_folder is not None:
        folder = os.path.join(root, static_folder)
        url = (static_url_path or "/" + os.path.basename(folder)).rstrip("/")

        def static(filename: str) -> Response:
            return send_from_directory(folder, filename)

        app.get(url + "/{filename:path}", name="static", include_in_schema=False)(static)


async def _bad_request(request: Request, error: Exception) -> Response:
    assert current() is not None
    return await answer(request, HTTPError(400))
