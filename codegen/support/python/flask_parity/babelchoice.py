"""The language and the time zone of a request, and where they are kept (flask_babel)."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from babel import Locale
from pytz import UTC, timezone

from .context import current_app, g


def get_babel(app: Any = None) -> Any:
    """What the app was configured with."""
    return (app or current_app).state.extensions["babel"]


def chosen() -> SimpleNamespace | None:
    """What was chosen for this request or app context; None outside of them."""
    if not g:
        return None
    if not hasattr(g, "_flask_babel"):
        g._flask_babel = SimpleNamespace()
    return g._flask_babel  # type: ignore[no-any-return]


def get_locale() -> Locale | None:
    """The language of this request, once it was asked for."""
    context = chosen()
    if context is None:
        return None
    locale: Locale | None = getattr(context, "babel_locale", None)
    if locale is None:
        babel = get_babel()
        select = babel.locale_selector or babel.instance.locale_selector_func
        found = None if select is None else select()
        locale = babel.instance.default_locale if found is None else Locale.parse(found)
        context.babel_locale = locale
    return locale


def get_timezone() -> Any:
    """The time zone of this request, of pytz."""
    context = chosen()
    found = getattr(context, "babel_tzinfo", None)
    if found is None:
        babel = get_babel()
        select = babel.timezone_selector or babel.instance.timezone_selector_func
        asked = None if select is None else select()
        if asked is None:
            found = babel.instance.default_timezone
        else:
            found = timezone(asked) if isinstance(asked, str) else asked
        context.babel_tzinfo = found  # type: ignore[union-attr]
    return found


def refresh() -> None:
    """Chooses anew, after the user's settings were changed."""
    context = chosen()
    for key in ("babel_locale", "babel_tzinfo", "babel_translations"):
        if hasattr(context, key):
            delattr(context, key)
    if hasattr(context, "forced_babel_locale"):
        context.babel_locale = context.forced_babel_locale  # type: ignore[union-attr]


@contextmanager
def force_locale(locale: Any) -> Iterator[None]:
    """Another language for a while."""
    context = chosen()
    if context is None:
        yield
        return
    keys = ("babel_translations", "babel_locale")
    before = {key: getattr(context, key, None) for key in keys}
    try:
        context.babel_locale = context.forced_babel_locale = Locale.parse(locale)
        context.babel_translations = None
        yield
    finally:
        if hasattr(context, "forced_babel_locale"):
            del context.forced_babel_locale
        for key, value in before.items():
            setattr(context, key, value)


def to_user_timezone(datetime: Any) -> Any:
    """A time in the user's zone; one without a zone is UTC."""
    if datetime.tzinfo is None:
        datetime = datetime.replace(tzinfo=UTC)
    zone = get_timezone()
    return zone.normalize(datetime.astimezone(zone))


def to_utc(datetime: Any) -> Any:
    """The other way round, without a zone."""
    if datetime.tzinfo is None:
        datetime = get_timezone().localize(datetime)
    return datetime.astimezone(UTC).replace(tzinfo=None)
