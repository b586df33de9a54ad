"""Templates whose rendering is awaited (quart.templating)."""

from collections.abc import AsyncIterator
from typing import Any

import jinja2

from .context import current
from .quart_context import stream_with_context


async def _values(context: dict[str, Any]) -> dict[str, Any]:
    # What the view passes wins over what processors add (quart.Quart.update_template_context).
    state = current()
    values: dict[str, Any] = {"g": state.globals}
    hooks = state.app.state.hooks
    processors = list(hooks.context)
    if state.request is not None:
        values.update(request=state.request, session=state.session)
        if state.route is not None:
            processors += hooks.own_context(state.route.name.rpartition(".")[0])
    for processor in processors:
        values.update(await state.call(processor))
    values.update(context)
    return values


async def _render(template: jinja2.Template, context: dict[str, Any]) -> str:
    return await template.render_async(await _values(context))


async def render_template(template_name_or_list: Any, **context: Any) -> str:
    """The text of a template."""
    env = current().app.state.templates
    return await _render(env.get_or_select_template(template_name_or_list), context)


async def render_template_string(source: str, **context: Any) -> str:
    """The text of a template given as source."""
    return await _render(current().app.state.templates.from_string(source), context)


async def _stream(template: jinja2.Template, context: dict[str, Any]) -> AsyncIterator[str]:
    values = await _values(context)

    async def generate() -> AsyncIterator[str]:
        async for piece in template.generate_async(values):
            yield piece

    found = stream_with_context(generate) if current().request is not None else generate
    return found()  # type: ignore[no-any-return]


async def stream_template(template_name_or_list: Any, **context: Any) -> AsyncIterator[str]:
    """A template piece by piece; the request stays while it is sent."""
    env = current().app.state.templates
    return await _stream(env.get_or_select_template(template_name_or_list), context)


async def stream_template_string(source: str, **context: Any) -> AsyncIterator[str]:
    """The same of a template given as source."""
    return await _stream(current().app.state.templates.from_string(source), context)
