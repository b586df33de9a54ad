"""Dates and numbers as the language of the request writes them (flask_babel)."""

from datetime import UTC, datetime
from typing import Any

from babel import dates, numbers

from .babelchoice import get_babel, get_locale, get_timezone, to_user_timezone

_KINDS = ("time", "date", "datetime")
_LENGTHS = ("short", "medium", "full", "long")

#: The formats of an app that sets none: ``medium``, and what Babel has for each length.
FORMATS: dict[str, str | None] = {
    **dict.fromkeys(_KINDS, "medium"),
    **{f"{kind}.{length}": None for kind in _KINDS for length in _LENGTHS},
}


def _format(key: str, format: str | None) -> str | None:
    formats = get_babel().instance.date_formats
    if format is None:
        format = formats[key]
    if format in _LENGTHS and (own := formats[f"{key}.{format}"]) is not None:
        return own  # type: ignore[no-any-return]
    return format


def format_datetime(datetime: Any = None, format: str | None = None, rebase: bool = True) -> str:
    """Now, unless it is given; in the user's zone unless ``rebase`` is false."""
    zone = {"tzinfo": get_timezone()} if rebase else {}
    return dates.format_datetime(datetime, _format("datetime", format), locale=get_locale(), **zone)


def format_date(date: Any = None, format: str | None = None, rebase: bool = True) -> str:
    if rebase and isinstance(date, datetime):
        date = to_user_timezone(date)
    return dates.format_date(date, _format("date", format), locale=get_locale())


def format_time(time: Any = None, format: str | None = None, rebase: bool = True) -> str:
    zone = {"tzinfo": get_timezone()} if rebase else {}
    return dates.format_time(time, _format("time", format), locale=get_locale(), **zone)


def format_timedelta(
    datetime_or_timedelta: Any,
    granularity: str = "second",
    add_direction: bool = False,
    threshold: float = 0.85,
) -> str:
    """The time since a date (UTC, without a zone), or a span."""
    if isinstance(datetime_or_timedelta, datetime):
        now = datetime.now(UTC).replace(tzinfo=None)
        datetime_or_timedelta = now - datetime_or_timedelta
    return dates.format_timedelta(
        datetime_or_timedelta,
        granularity,  # type: ignore[arg-type]
        threshold=threshold,
        add_direction=add_direction,
        locale=get_locale(),
    )


def format_number(number: Any) -> str:
    return numbers.format_decimal(number, locale=get_locale())


def format_decimal(number: Any, format: str | None = None) -> str:
    return numbers.format_decimal(number, format=format, locale=get_locale())


def format_currency(
    number: Any,
    currency: str,
    format: str | None = None,
    currency_digits: bool = True,
    format_type: str = "standard",
) -> str:
    return numbers.format_currency(
        number,
        currency,
        format=format,
        locale=get_locale(),
        currency_digits=currency_digits,
        format_type=format_type,  # type: ignore[arg-type]
    )


def format_percent(number: Any, format: str | None = None) -> str:
    return numbers.format_percent(number, format=format, locale=get_locale())


def format_scientific(number: Any, format: str | None = None) -> str:
    return numbers.format_scientific(number, format=format, locale=get_locale())


#: Filters of templates.
FILTERS = {
    "datetimeformat": format_datetime,
    "dateformat": format_date,
    "timeformat": format_time,
    "timedeltaformat": format_timedelta,
    "numberformat": format_number,
    "decimalformat": format_decimal,
    "currencyformat": format_currency,
    "percentformat": format_percent,
    "scientificformat": format_scientific,
}
