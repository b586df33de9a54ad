"""Where the port hands over to Flask: one variable, which stays None unless something is relayed.

Nothing of Flask is imported here. :mod:`flask_parity.relay` sets :data:`bridge` when imported; then
what is marked as :func:`delegated` answers with Flask's own where a Flask context is active.
"""

import functools
import os
from collections.abc import Callable
from typing import Any

#: The relay, once there is one.
bridge: Any = None

#: Whether responses tell who served them, in ``x-served-by``.
trace = os.environ.get("MIGRATE_TRACE") == "1"


class Handover:
    """The endpoint of a relayed route."""


def delegated(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, or what Flask has by its name where a Flask context is active."""
    name = function.__name__

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if bridge is not None and (theirs := bridge.counterpart(name)) is not None:
            return theirs(*args, **kwargs)
        return function(*args, **kwargs)

    return call


def traced(send: Any, server: str) -> Any:
    """``send``, telling who serves when that is asked for."""
    if not trace:
        return send

    async def tell(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"x-served-by", server.encode())]
            message = {**message, "headers": headers}
        await send(message)

    return tell
