"""Chameleon's templates for views, with what ``chameleon_flask`` 0.6 offers.

``import chameleon_flask`` became ``from flask_parity import chameleon as chameleon_flask``; the
templates stay as they are.
"""

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any, NoReturn

from .ground import Response as BaseResponse
from .pages import PageTemplateLoader
from .responses import Response

_templates: PageTemplateLoader | None = None
#: The folder of the templates, once it is known.
template_path: str | None = None


class FlaskChameleonException(Exception):
    """The templates were not set up, or a view returned what is no model of one."""


class FlaskChameleonNotFoundException(FlaskChameleonException):
    """Raised by :func:`not_found`: the page of a view that has nothing to show."""

    def __init__(
        self, message: str | None = None, four04template_file: str = "errors/404.pt"
    ) -> None:
        super().__init__(message)
        self.message, self.template_file = message, four04template_file


def global_init(
    template_folder: str,
    auto_reload: bool = False,
    cache_init: bool = True,
    restricted_namespace: bool = True,
) -> None:
    """Tells where the templates are; with ``cache_init`` only the first call counts."""
    global _templates, template_path
    if _templates and cache_init:
        return
    if not template_folder:
        raise FlaskChameleonException("The template_folder must be specified.")
    if not os.path.isdir(template_folder):
        raise FlaskChameleonException(
            f"The specified template folder must be a folder, it's not: {template_folder}"
        )
    template_path = template_folder
    _templates = PageTemplateLoader(
        template_folder, auto_reload=auto_reload, restricted_namespace=restricted_namespace
    )


def clear() -> None:
    """Forgets the folder, for another one."""
    global _templates, template_path
    _templates = template_path = None


def render(template_file: str, **template_data: Any) -> str:
    """The text of a template."""
    if not _templates:
        raise FlaskChameleonException("You must call global_init() before rendering templates.")
    return _templates[template_file].render(encoding="utf-8", **template_data)  # type: ignore[no-any-return]


def response(
    template_file: str,
    content_type: str = "text/html",
    status_code: int = 200,
    **template_data: Any,
) -> Response:
    """A template as a response."""
    html = render(template_file, **template_data)
    return Response(html, status_code, content_type=content_type)


def not_found(four04template_file: str = "errors/404.pt") -> NoReturn:
    """Ends a view with a page for 404, which gets no values."""
    message = "The URL resulted in a 404 response."
    if four04template_file and four04template_file.strip():
        raise FlaskChameleonNotFoundException(message, four04template_file)
    raise FlaskChameleonNotFoundException(message)


def template(
    template_file: Callable[..., Any] | str | None = None,
    content_type: str = "text/html",
    status_code: int = 200,
) -> Callable[..., Any]:
    """Makes of the dict that a view returns the page of a template; responses pass.

    Without a file it is ``{module}/{view}.html``, or ``.pt`` where there is no such file.
    """
    view = template_file if callable(template_file) else None
    file = None if callable(template_file) else template_file

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        name = file or _default_name(view)

        def page(value: Any) -> Any:
            if isinstance(value, BaseResponse):
                return value
            if not isinstance(value, dict):
                raise FlaskChameleonException(
                    f"Invalid return type {type(value)}, we expected a dict or flask.Response as"
                    " the return value."
                )
            return response(name, content_type, status_code, **value)

        def missing(error: FlaskChameleonNotFoundException) -> Any:
            return response(error.template_file, status_code=404)

        @functools.wraps(view)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return page(view(*args, **kwargs))
            except FlaskChameleonNotFoundException as error:
                return missing(error)

        @functools.wraps(view)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            try:
                return page(await view(*args, **kwargs))
            except FlaskChameleonNotFoundException as error:
                return missing(error)

        return run_async if inspect.iscoroutinefunction(view) else run

    return decorate(view) if view is not None else decorate


def _default_name(view: Callable[..., Any]) -> str:
    global template_path
    if not template_path:
        template_path = "templates"
    name = f"{view.__module__.rpartition('.')[2]}/{view.__name__}"
    is_html = os.path.exists(os.path.join(template_path, f"{name}.html"))
    return f"{name}.html" if is_html else f"{name}.pt"
