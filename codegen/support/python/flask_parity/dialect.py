"""In whose way a port answers: Flask and Quart agree on most things, and not on these."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .hooks import HookTable


@dataclass(frozen=True)
class Dialect:
    """What the framework that the app was written for does in its own way."""

    #: The class of requests; its ``body_class`` is made with them.
    request: type
    #: The class of responses, which ``app.state.response_class`` begins with.
    response: type
    #: A response of whatever a view may return.
    make_response: Callable[..., Any]
    #: The answer of a route of static files: ``(folder, filename)``.
    send_from_directory: Callable[..., Any]
    #: Keeps the hooks, and knows their order.
    hooks: type[HookTable] = HookTable
    #: Settings whose defaults are not Flask's.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: The body of what answers OPTIONS by itself.
    options_body: str | None = None
    #: What variables of the environment begin with.
    prefix: str = "FLASK"
    #: Whether caches are told (``Vary``) that a session was read, as they are when it was written.
    tells_reading: bool = True
    #: Whether each synchronous function runs in a copy of the context variables as they are then;
    #: else those of a request share one.
    copies_context: bool = False
    #: Whether templates may await.
    awaits: bool = False
    #: What runs around the serving of the app: a lifespan as the router wants it, made of the app.
    lifespan: Callable[[Any], Callable[[Any], Any]] | None = None
