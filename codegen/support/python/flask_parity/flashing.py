"""Messages for the next page, kept in the session (flask.helpers.flash)."""

from collections.abc import Iterable
from typing import Any

from .context import current, session
from .foreign import delegated


@delegated
def flash(message: Any, category: str = "message") -> None:
    """Shows ``message`` on the next page that asks for messages."""
    session["_flashes"] = [*session.get("_flashes", []), (category, message)]


@delegated
def get_flashed_messages(
    with_categories: bool = False, category_filter: Iterable[str] = ()
) -> list[Any]:
    """Takes the messages; asked again in the same request, it gives the same."""
    state = current()
    if state.flashes is None:
        state.flashes = session.pop("_flashes") if "_flashes" in session else []
    found = state.flashes
    if category_filter:
        found = [pair for pair in found if pair[0] in category_filter]
    return found if with_categories else [message for _, message in found]
