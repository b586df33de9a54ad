"""The answer to an error, with Flask's hooks around it (flask.Flask.handle_exception)."""

import logging
from typing import Any

from .context import State
from .errors import answer
from .stages import begin, finish, teardown


async def recovered(state: State, request: Any, error: Exception) -> Any:
    """The response to what a request ended with."""
    try:
        if state.failed:
            raise error
        if not state.began:
            try:
                early = await begin(state)
            except Exception as exc:  # a hook's own error takes its place
                error, early = exc, None
            if early is not None:
                return await finish(state, early)
        return await finish(state, await answer(request, error))
    except Exception as exc:
        unhandled = exc
    # Nobody handles it, or a hook failed after the view (flask.Flask.handle_exception).
    test = request.scope.get("flask_parity.test")
    if test is not None and test.propagates:
        raise unhandled
    logger = getattr(state.app.state, "logger", logging.getLogger("app"))
    where = f"{request.scope['path']} [{request.method}]"
    logger.error(f"Exception on {where}", exc_info=unhandled)
    response = await answer(request, unhandled, last=True)
    state.kept = True
    try:
        response = await finish(state, response)
    except Exception:
        logger.exception("Request finalizing failed with an error while handling an error")
    await teardown(state, unhandled)
    return response
