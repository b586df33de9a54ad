"""The stages of a request around its view, in Flask's order (flask.Flask.full_dispatch_request)."""

import functools
from typing import Any

from .context import State
from .ground import Response
from .sessions import save_session


@functools.lru_cache(4096)
def _around(endpoint: str) -> list[str]:
    name, found = endpoint.rpartition(".")[0], []
    while name:
        found.append(name)
        name = name.rpartition(".")[0]
    return found


def blueprints(state: State) -> list[str]:
    """The blueprint of the matched route and those around it, innermost first."""
    return _around(state.route.name) if state.route is not None else []


async def begin(state: State) -> Response | None:
    """Runs what comes before the view; an answer of one of them is the answer."""
    state.began = True
    hooks = state.app.state.hooks
    request = state.request
    assert request is not None
    names = blueprints(state)[::-1]
    if hooks.has_url_values:
        for preprocess in hooks.all("url_value_preprocessors", names):
            await state.call(preprocess, request.endpoint, request.view_args)
    for hook in hooks.all("before", names):
        early = await state.call(hook)
        if early is not None:
            return early if isinstance(early, Response) else state.reply(early)
    return None


async def finish(state: State, response: Any) -> Any:
    """Runs what comes after the view, saves the session and ends the request's context."""
    hooks = state.app.state.hooks
    names = blueprints(state)
    for hook in [*state.after, *hooks.all_reversed("after", names)]:
        response = await state.call(hook, response)
        if not isinstance(response, Response):
            response = state.reply(response)
    if not state.app.state.dialect.tells_reading:
        state.session.accessed = False
    save_session(state.app.state.config, state.session, response)
    if not state.kept:
        await teardown(state, None)
    return response


async def teardown(state: State, error: BaseException | None) -> None:
    """Ends the context, once."""
    if not state.ended:
        state.ended = True
        await tear_down(state, error)


async def tear_down(state: State, error: BaseException | None) -> None:
    """Runs the functions for the end of the request and, unless it goes on, the app context."""
    hooks = state.app.state.hooks
    error = hooks.told(error)
    for hook in hooks.all_reversed("teardown", blueprints(state)):
        await state.call(hook, error)
    if not state.is_inner:
        for hook in hooks.ending():
            await state.call(hook, error)
