"""Gives an app what Flask's constructor sets up: configuration, templates, static files."""

import os
import sys
from collections.abc import Callable
from typing import Any, TypedDict, Unpack

from .config import DEFAULTS, Config, debug_flag
from .context import current
from .dialect import Dialect
from .files import send_from_directory
from .ground import Application
from .jsontext import DefaultJSONProvider
from .logs import create_logger
from .request import CurrentRequest
from .responses import Response, reply
from .templating import environment
from .thread import WORKERS
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


FLASK = Dialect(
    request=CurrentRequest,
    response=Response,
    make_response=reply,
    send_from_directory=send_from_directory,
)


class Folders(TypedDict, total=False):
    """Arguments that ``Flask(...)`` and ``Blueprint(...)`` have in common."""

    static_url_path: str | None
    static_folder: str | None
    template_folder: str | None
    root_path: str | None


class Options(Folders, total=False):
    """Arguments of ``Flask(...)``."""

    instance_path: str | None
    instance_relative_config: bool
    #: How many requests may run synchronous code at a time, 40 unless told otherwise.
    threads: int
    #: What it was, if it was not Flask.
    like: Dialect


def furnish(
    app: Application,
    import_name: str,
    **options: Unpack[Options],
) -> tuple[str, str] | None:
    """Sets everything up but the route of static files: the folder and the path of that."""
    root = options.get("root_path") or root_path_of(import_name)
    instance = options.get("instance_path") or _instance_path(import_name, root)
    state, like = app.state, options.get("like") or FLASK
    state.dialect = like
    state.import_name, state.name = import_name, _name(import_name)
    state.root_path, state.instance_path = root, instance
    folder = instance if options.get("instance_relative_config") else root
    state.config = Config(folder, {**DEFAULTS, "DEBUG": debug_flag(), **like.settings}, like.prefix)
    state.extensions = {}
    state.hooks = like.hooks()
    state.request_class, state.response_class = like.request, like.response
    state.make_response = like.make_response
    state.threads = options.get("threads", WORKERS)
    state.json = DefaultJSONProvider(app)
    state.url_map = UrlMap(app)
    state.extra_urls = []
    state.template_folder = template_folder = options.get("template_folder", "templates")
    folders = [os.path.join(root, template_folder)] if template_folder else []
    state.templates = environment(app, folders, awaits=like.awaits)
    state.logger = create_logger(app)
    static_folder = options.get("static_folder", "static")
    state.static_folder = os.path.join(root, static_folder) if static_folder is not None else None
    state.static_url_path = None
    if state.static_folder is None:
        return None
    url = options.get("static_url_path")
    if url is None:
        url = "/" + os.path.basename(state.static_folder.rstrip("/"))
    state.static_url_path = url.rstrip("/")
    return state.static_folder, state.static_url_path + "/{filename:path}"


class RouterOptions(Folders, total=False):
    """Arguments of ``Blueprint(...)``."""

    url_prefix: str | None


def furnish_router(
    router: Any, name: str, import_name: str, **folders: Unpack[RouterOptions]
) -> tuple[str, str] | None:
    """Keeps name, prefix and the folder of templates for the app; the folder and the path of static
    files."""
    router.__dict__["parity_own_name"] = name
    router.__dict__["parity_prefix"] = folders.get("url_prefix")
    root = folders.get("root_path") or root_path_of(import_name)
    if (template_folder := folders.get("template_folder")) is not None:
        router.__dict__["parity_templates"] = os.path.join(root, template_folder)
    if (static_folder := folders.get("static_folder")) is None:
        return None
    folder = os.path.join(root, static_folder)
    url = folders.get("static_url_path")
    if url is None:
        url = "/" + os.path.basename(folder.rstrip("/"))
    return folder, "/" + url.strip("/") + "/{filename:path}"


def static_view(folder: str) -> Callable[[str], Any]:
    """The view of static files."""

    def static(filename: str) -> Any:
        return current().app.state.dialect.send_from_directory(folder, filename)

    return static
