"""Translations and formats in the user's language, as Flask-Babel 4.0 has them.

The catalogues stay where they are.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from babel import Locale, support
from pytz import timezone

from .babelchoice import force_locale as force_locale
from .babelchoice import get_babel as get_babel
from .babelchoice import get_locale as get_locale
from .babelchoice import get_timezone as get_timezone
from .babelchoice import refresh as refresh
from .babelchoice import to_user_timezone as to_user_timezone
from .babelchoice import to_utc as to_utc
from .babelformats import FILTERS, FORMATS
from .babelformats import format_currency as format_currency
from .babelformats import format_date as format_date
from .babelformats import format_datetime as format_datetime
from .babelformats import format_decimal as format_decimal
from .babelformats import format_number as format_number
from .babelformats import format_percent as format_percent
from .babelformats import format_scientific as format_scientific
from .babelformats import format_time as format_time
from .babelformats import format_timedelta as format_timedelta
from .babeltexts import Domain as Domain
from .babeltexts import LazyString as LazyString
from .babeltexts import get_domain as get_domain
from .babeltexts import get_translations as get_translations
from .babeltexts import gettext as gettext
from .babeltexts import lazy_gettext as lazy_gettext
from .babeltexts import lazy_ngettext as lazy_ngettext
from .babeltexts import lazy_npgettext as lazy_npgettext
from .babeltexts import lazy_pgettext as lazy_pgettext
from .babeltexts import ngettext as ngettext
from .babeltexts import npgettext as npgettext
from .babeltexts import pgettext as pgettext
from .context import has_request_context, request

_ = gettext


@dataclass
class BabelConfiguration:
    """What an app is configured with."""

    default_locale: str
    default_timezone: str
    default_domain: str
    default_directories: list[str]
    translation_directories: list[str]
    instance: "Babel"
    locale_selector: Callable[[], Any] | None = None
    timezone_selector: Callable[[], Any] | None = None


class FormTexts:
    """WTForms' own messages in the language of the request (flask_wtf.i18n)."""

    def _translations(self) -> Any:
        if not has_request_context():
            return None
        if (found := getattr(request, "wtforms_translations", None)) is None:
            from wtforms.i18n import messages_path

            found = support.Translations.load(messages_path(), [get_locale()], domain="wtforms")
            request.wtforms_translations = found
        return found

    def gettext(self, string: str) -> Any:
        found = self._translations()
        return string if found is None else found.ugettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> Any:
        found = self._translations()
        if found is None:
            return singular if n == 1 else plural
        return found.ungettext(singular, plural, n)


class Babel:
    """Gives an app its languages, and its templates ``_()`` and filters."""

    default_date_formats = FORMATS
    #: As apps of Flask-Babel below 3 set them.
    locale_selector_func: Callable[[], Any] | None = None
    timezone_selector_func: Callable[[], Any] | None = None
    form_texts = FormTexts()

    def __init__(
        self,
        app: Any = None,
        date_formats: dict[str, Any] | None = None,
        configure_jinja: bool = True,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self._configure_jinja = configure_jinja
        self.date_formats = date_formats
        self._domain: Domain | None = None
        if app is not None:
            self.init_app(app, *args, **kwargs)

    def init_app(
        self,
        app: Any,
        default_locale: str = "en",
        default_domain: str = "messages",
        default_translation_directories: str = "translations",
        default_timezone: str = "UTC",
        locale_selector: Callable[[], Any] | None = None,
        timezone_selector: Callable[[], Any] | None = None,
    ) -> None:
        """Directories are relative to the app's folder; several are parted by ``;``."""
        state = app.state
        config = state.config
        folders = config.get("BABEL_TRANSLATION_DIRECTORIES", default_translation_directories)
        directories = folders.split(";")
        state.extensions["babel"] = BabelConfiguration(
            default_locale=config.get("BABEL_DEFAULT_LOCALE", default_locale),
            default_timezone=config.get("BABEL_DEFAULT_TIMEZONE", default_timezone),
            default_domain=config.get("BABEL_DOMAIN", default_domain),
            default_directories=directories,
            translation_directories=[os.path.join(state.root_path, path) for path in directories],
            instance=self,
            locale_selector=locale_selector,
            timezone_selector=timezone_selector,
        )
        if self.date_formats is None:
            self.date_formats = dict(self.default_date_formats)
        if self._configure_jinja:
            env = state.templates
            env.filters.update(FILTERS)
            env.add_extension("jinja2.ext.i18n")
            env.install_gettext_callables(
                gettext=lambda s: get_translations().ugettext(s),
                ngettext=lambda s, p, n: get_translations().ungettext(s, p, n),
                newstyle=True,
                pgettext=lambda c, s: get_translations().upgettext(c, s),
                npgettext=lambda c, s, p, n: get_translations().unpgettext(c, s, p, n),
            )

    def localeselector(self, function: Callable[[], Any]) -> Callable[[], Any]:
        """Chooses the language of a request (Flask-Babel below 3)."""
        self.locale_selector_func = function
        return function

    def timezoneselector(self, function: Callable[[], Any]) -> Callable[[], Any]:
        """Chooses the time zone of a request (Flask-Babel below 3)."""
        self.timezone_selector_func = function
        return function

    def list_translations(self) -> list[Locale]:
        """The languages that there are catalogues for, and the default one."""
        found = []
        for folder in get_babel().translation_directories:
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                messages = os.path.join(folder, name, "LC_MESSAGES")
                if os.path.isdir(messages) and any(
                    file.endswith(".mo") for file in os.listdir(messages)
                ):
                    found.append(Locale.parse(name))
        if self.default_locale not in found:
            found.append(self.default_locale)
        return found

    @property
    def default_locale(self) -> Locale:
        return Locale.parse(get_babel().default_locale)

    @property
    def default_timezone(self) -> Any:
        return timezone(get_babel().default_timezone)

    @property
    def domain(self) -> str:
        return get_babel().default_domain  # type: ignore[no-any-return]

    @property
    def domain_instance(self) -> Domain:
        if self._domain is None:
            self._domain = Domain(domain=self.domain)
        return self._domain
