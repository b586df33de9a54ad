"""Jinja2 as Flask sets it up, so that templates stay byte for byte."""

import os
from typing import Any

import jinja2

from .context import current, g, request, session
from .flashing import get_flashed_messages
from .foreign import delegated
from .urls import url_for
from .wire import dumps

_ESCAPED = (".html", ".htm", ".xml", ".xhtml", ".svg")


def environment(app: Any, folders: list[str]) -> jinja2.Environment:
    """An environment with Flask's globals, escaping and ``tojson``."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=lambda name: name is None or name.endswith(_ESCAPED),
        auto_reload=bool(app.state.config["TEMPLATES_AUTO_RELOAD"]),
    )
    env.policies["json.dumps_function"] = lambda value, **options: dumps(value, **options)
    env.globals.update(
        url_for=url_for,
        get_flashed_messages=get_flashed_messages,
        config=app.state.config,
        request=request,
        session=session,
        g=g,
    )
    return env


def template_folder(router: Any, import_name: str, folder: str) -> Any:
    """Gives a router's templates to the app that includes it."""
    from .setup import root_path_of

    router.__dict__["parity_templates"] = os.path.join(root_path_of(import_name), folder)
    return router


def _render(template: jinja2.Template, context: dict[str, Any]) -> str:
    # What the view passes wins over what processors add (flask.Flask.update_template_context).
    state = current()
    values: dict[str, Any] = {"g": state.globals}
    hooks = state.app.state.hooks
    processors = list(hooks.context)
    if state.request is not None:
        values["request"] = state.request
        processors += hooks.own_context(state.request.blueprint or "")
    for processor in processors:
        values.update(processor())
    values.update(context)
    return template.render(values)


@delegated
def render_template(name: Any, **context: Any) -> str:
    """The text of a template."""
    env = current().app.state.templates
    return _render(env.get_or_select_template(name), context)


@delegated
def render_template_string(source: str, **context: Any) -> str:
    """The text of a template given as source."""
    return _render(current().app.state.templates.from_string(source), context)
