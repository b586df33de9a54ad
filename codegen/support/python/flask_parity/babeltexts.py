"""Texts in the language of the request (flask_babel.Domain, flask_babel.speaklater)."""

import functools
from typing import Any

from babel import support

from .babelchoice import chosen, get_babel, get_locale


@functools.total_ordering
class LazyString:
    """A text that is translated whenever it is used as one."""

    def __init__(self, func: Any, *args: Any, **kwargs: Any) -> None:
        self._func, self._args, self._kwargs = func, args, kwargs

    def __getattr__(self, attr: str) -> Any:
        if attr == "__setstate__":
            raise AttributeError(attr)
        return getattr(str(self), attr)

    def __repr__(self) -> str:
        return f"l'{self}'"

    def __str__(self) -> str:
        return str(self._func(*self._args, **self._kwargs))

    def __html__(self) -> str:
        return str(self)

    def __len__(self) -> int:
        return len(str(self))

    def __getitem__(self, key: Any) -> str:
        return str(self)[key]

    def __iter__(self) -> Any:
        return iter(str(self))

    def __contains__(self, item: str) -> bool:
        return item in str(self)

    def __add__(self, other: str) -> str:
        return str(self) + other

    def __radd__(self, other: str) -> str:
        return other + str(self)

    def __mul__(self, other: int) -> str:
        return str(self) * other

    def __rmul__(self, other: int) -> str:
        return other * str(self)

    def __mod__(self, other: Any) -> str:
        return str(self) % other

    def __rmod__(self, other: str) -> str:
        return other + str(self)

    def __eq__(self, other: object) -> bool:
        return str(self) == other

    def __lt__(self, other: Any) -> bool:
        return str(self) < other  # type: ignore[no-any-return]

    def __hash__(self) -> int:
        return hash(str(self))


class Domain:
    """Catalogues of one name, in the app's folders or in these."""

    def __init__(self, translation_directories: Any = None, domain: str = "messages") -> None:
        if isinstance(translation_directories, str):
            translation_directories = [translation_directories]
        self._translation_directories = translation_directories
        self.domain = domain.split(";")
        self.cache: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"<Domain({self._translation_directories!r}, {self.domain!r})>"

    @property
    def translation_directories(self) -> Any:
        if self._translation_directories is not None:
            return self._translation_directories
        return get_babel().translation_directories

    def as_default(self) -> None:
        """The one for this request."""
        context = chosen()
        if context is None:
            raise RuntimeError("No request context")
        context.babel_domain = self

    def get_translations_cache(self, ctx: Any) -> dict[Any, Any]:
        return self.cache

    def get_translations(self) -> Any:
        context = chosen()
        if context is None:
            return support.NullTranslations()
        cache = self.get_translations_cache(context)
        locale = get_locale()
        key = str(locale), self.domain[0]
        if key not in cache:
            found = support.Translations()
            for number, folder in enumerate(self.translation_directories):
                name = self.domain[0 if len(self.domain) == 1 else number]
                catalog = support.Translations.load(folder, [locale], name)
                found.merge(catalog)
                # `merge` leaves the rule for plurals behind.
                if hasattr(catalog, "plural"):
                    found.plural = catalog.plural
            cache[key] = found
        return cache[key]

    def gettext(self, string: str, **variables: Any) -> Any:
        found = self.get_translations().ugettext(string)
        return found % variables if variables else found

    def ngettext(self, singular: str, plural: str, num: Any, **variables: Any) -> Any:
        variables.setdefault("num", num)
        return self.get_translations().ungettext(singular, plural, num) % variables

    def pgettext(self, context: str, string: str, **variables: Any) -> Any:
        found = self.get_translations().upgettext(context, string)
        return found % variables if variables else found

    def npgettext(
        self, context: str, singular: str, plural: str, num: Any, **variables: Any
    ) -> Any:
        variables.setdefault("num", num)
        found = self.get_translations().unpgettext(context, singular, plural, num)
        return found % variables

    def lazy_gettext(self, string: str, **variables: Any) -> LazyString:
        return LazyString(self.gettext, string, **variables)

    def lazy_ngettext(self, singular: str, plural: str, num: Any, **variables: Any) -> LazyString:
        return LazyString(self.ngettext, singular, plural, num, **variables)

    def lazy_pgettext(self, context: str, string: str, **variables: Any) -> LazyString:
        return LazyString(self.pgettext, context, string, **variables)


def get_domain() -> Domain:
    """The request's domain, the app's unless another one was made the default."""
    context = chosen()
    if context is None:
        return Domain()
    if not hasattr(context, "babel_domain"):
        context.babel_domain = get_babel().instance.domain_instance
    return context.babel_domain  # type: ignore[no-any-return]


def get_translations() -> Any:
    """The catalogue of this request; an empty one outside of requests."""
    return get_domain().get_translations()


def gettext(*args: Any, **kwargs: Any) -> Any:
    return get_domain().gettext(*args, **kwargs)


def ngettext(*args: Any, **kwargs: Any) -> Any:
    return get_domain().ngettext(*args, **kwargs)


def pgettext(*args: Any, **kwargs: Any) -> Any:
    return get_domain().pgettext(*args, **kwargs)


def npgettext(*args: Any, **kwargs: Any) -> Any:
    return get_domain().npgettext(*args, **kwargs)


def lazy_gettext(*args: Any, **kwargs: Any) -> LazyString:
    return LazyString(gettext, *args, **kwargs)


def lazy_ngettext(*args: Any, **kwargs: Any) -> LazyString:
    return LazyString(ngettext, *args, **kwargs)


def lazy_pgettext(*args: Any, **kwargs: Any) -> LazyString:
    return LazyString(pgettext, *args, **kwargs)


def lazy_npgettext(*args: Any, **kwargs: Any) -> LazyString:
    return LazyString(npgettext, *args, **kwargs)
