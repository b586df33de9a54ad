"""Jinja2 as Flask sets it up, so that templates stay byte for byte."""

from collections.abc import Iterator
from typing import Any

import jinja2

from .context import current, g, request, session, stream_with_context
from .flashing import get_flashed_messages
from .foreign import delegated
from .jsontext import dumps
from .urls import url_for

_ESCAPED = (".html", ".htm", ".xml", ".xhtml", ".svg")


def environment(app: Any, folders: list[str], *, awaits: bool = False) -> jinja2.Environment:
    """An environment with Flask's globals, escaping and ``tojson``."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=lambda name: name is None or name.endswith(_ESCAPED),
        auto_reload=bool(app.state.config["TEMPLATES_AUTO_RELOAD"]),
        enable_async=awaits,
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


def _values(context: dict[str, Any]) -> dict[str, Any]:
    # What the view passes wins over what processors add (flask.Flask.update_template_context).
    state = current()
    values: dict[str, Any] = {"g": state.globals}
    hooks = state.app.state.hooks
    processors = list(hooks.context)
    if state.request is not None:
        values["request"] = state.request
        if state.route is not None:
            processors += hooks.own_context(state.route.name.rpartition(".")[0])
    for processor in processors:
        values.update(processor())
    values.update(context)
    return values


def _render(template: jinja2.Template, context: dict[str, Any]) -> str:
    return template.render(_values(context))


@delegated
def render_template(template_name_or_list: Any, **context: Any) -> str:
    """The text of a template."""
    env = current().app.state.templates
    return _render(env.get_or_select_template(template_name_or_list), context)


@delegated
def render_template_string(source: str, **context: Any) -> str:
    """The text of a template given as source."""
    return _render(current().app.state.templates.from_string(source), context)


@delegated
def stream_template(template_name_or_list: Any, **context: Any) -> Iterator[str]:
    """A template piece by piece; the request stays while it is sent."""
    return _stream(
        current().app.state.templates.get_or_select_template(template_name_or_list), context
    )


@delegated
def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """The same of a template given as source."""
    return _stream(current().app.state.templates.from_string(source), context)


def _stream(template: jinja2.Template, context: dict[str, Any]) -> Iterator[str]:
    stream: Iterator[str] = template.generate(_values(context))
    return stream_with_context(stream) if current().request is not None else stream  # type: ignore[no-any-return]


@delegated
def get_template_attribute(template_name: str, attribute: str) -> Any:
    """A macro or variable that a template exports."""
    env = current().app.state.templates
    return getattr(env.get_template(template_name).module, attribute)
