"""Languages, as Flask-Babel has them."""

import datetime
import io
import types

import flask
import flask_babel
import flask_wtf
import pytest
import wtforms
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from sides import Pair, original, port, same_time_and_chance  # noqa: F401
from wtforms.validators import InputRequired, Length, NumberRange

from flask_parity import babel, context, forms, templating
from flask_parity.fastapi import rule

WHEN = datetime.datetime(2026, 3, 29, 1, 30, 5)

THEIRS = types.SimpleNamespace(
    babel=flask_babel,
    request=flask.request,
    session=flask.session,
    render=flask.render_template_string,
    Form=flask_wtf.FlaskForm,
)
OURS = types.SimpleNamespace(
    babel=babel,
    request=context.request,
    session=context.session,
    render=templating.render_template_string,
    Form=forms.FlaskForm,
)

PAGE = """{{ _("Hello") }} {{ gettext("Hi %(name)s", name="<b>") }}
{% trans n=n %}{{ n }} apple{% pluralize %}{{ n }} apples{% endtrans %}
{{ ngettext("%(num)d apple", "%(num)d apples", n) }} {{ pgettext("month", "May") }}
{{ when|datetimeformat }} {{ when|dateformat("full") }} {{ when|timeformat("HH:mm") }}
{{ 1234567.891|numberformat }} {{ 0.5|percentformat }} {{ 12.5|currencyformat("EUR") }}
{{ 12345|scientificformat }} {{ 1234.5|decimalformat("#,##0.00") }} {{ lazy }} {{ lazy|length }}
{{ span|timedeltaformat(add_direction=True) }}"""


@pytest.fixture
def folder(tmp_path):
    for language in ("de", "pl"):
        catalog = Catalog(locale=language)
        catalog.add("Hello", f"Hallo in {language}")
        catalog.add("Hi %(name)s", "Na %(name)s")
        forms = ("%(num)d Apfel", "%(num)d Äpfel", "%(num)d viele")[: catalog.num_plurals]
        catalog.add(("%(num)d apple", "%(num)d apples"), forms)
        catalog.add(
            ("%(n)s apple", "%(n)s apples"), tuple(f.replace("(num)d", "(n)s") for f in forms)
        )
        catalog.add("May", "Mai", context="month")
        file = tmp_path / "words" / language / "LC_MESSAGES" / "messages.mo"
        file.parent.mkdir(parents=True)
        out = io.BytesIO()
        write_mo(out, catalog)
        file.write_bytes(out.getvalue())
    return str(tmp_path / "words")


def site(app, api, add, folder, config):
    config["BABEL_TRANSLATION_DIRECTORIES"] = folder + ";elsewhere"
    lib = api.babel

    def language():
        return api.request.args.get("lang")

    def zone():
        return api.request.args.get("zone")

    found = lib.Babel(app, locale_selector=language, timezone_selector=zone)
    lazy = lib.lazy_gettext("Hello")

    def page():
        span = datetime.timedelta(hours=5)
        n = api.request.args.get("n", 1, type=int)
        return api.render(PAGE, n=n, when=WHEN, lazy=lazy, span=span)

    def texts():
        n = api.request.args.get("n", 1, type=int)
        lazies = [
            lib.lazy_ngettext("%(num)d apple", "%(num)d apples", n),
            lib.lazy_pgettext("month", "May"),
            lib.lazy_npgettext("month", "%(num)d May", "%(num)d Mays", n),
        ]
        return {
            "locale": str(lib.get_locale()),
            "zone": str(lib.get_timezone()),
            "known": sorted(map(str, found.list_translations())),
            "lazies": [str(text) for text in lazies],
            "lazy": [
                lazy + "!",
                "!" + lazy,
                lazy == str(lazy),
                lazy < "Z",
                lazy.upper(),
                repr(lazy),
                lazy[1:],
                "a" in lazy,
                lazy * 2,
                list(lazy)[:2],
                lazy >= "A",
                hash(lazy) == hash(str(lazy)),
            ],
            "texts": [
                lib.gettext("Hi %(name)s", name="x"),
                lib.npgettext("a", "%(num)d", "%(num)ds", n),
            ],
            "domain": [lib.Domain(domain="other").gettext("Hello"), found.domain],
        }

    def formats():
        user = lib.to_user_timezone(WHEN)
        return {
            "dates": [
                lib.format_datetime(WHEN, length, rebase=rebase)
                for length in (None, "short", "medium", "long", "full", "yyyy-MM-dd")
                for rebase in (True, False)
            ],
            "date": [lib.format_date(WHEN), lib.format_date(WHEN.date(), "short", rebase=False)],
            "time": [lib.format_time(WHEN), lib.format_time(WHEN, "short", rebase=False)],
            "user": [str(user), str(lib.to_utc(user)), str(lib.to_utc(WHEN))],
            "money": lib.format_currency(3.5, "USD", format_type="accounting"),
        }

    class Form(api.Form):
        name = wtforms.StringField(validators=[InputRequired(), Length(min=3)])
        age = wtforms.IntegerField(validators=[NumberRange(1, 2)])

    def form():
        made = Form(meta={"csrf": False})
        made.validate()
        return {"errors": made.errors}

    def forced():
        before = lib.gettext("Hello")
        with lib.force_locale("de"):
            inside = lib.gettext("Hello"), str(lib.get_locale())
            lib.refresh()
            inside += (str(lib.get_locale()),)
        lib.refresh()
        return {"all": [before, *inside, lib.gettext("Hello"), str(lib.get_locale())]}

    for view in (page, texts, formats, forced, form):
        add(view)


@pytest.mark.parametrize("path", ["page", "texts", "formats", "forced", "form"])
def test_languages(folder, path):
    theirs, ours = original(), port()
    site(
        theirs,
        THEIRS,
        lambda v: theirs.add_url_rule(f"/{v.__name__}", None, v, methods=["GET", "POST"]),
        folder,
        theirs.config,
    )
    site(
        ours,
        OURS,
        lambda v: rule(ours, f"/{v.__name__}", methods=["GET", "POST"])(v),
        folder,
        ours.state.config,
    )
    pair = Pair(theirs, ours)
    assert pair.get(f"/{path}?lang=de")[0] == 200
    for query in (
        "",
        "lang=de",
        "lang=pl&n=5",
        "lang=fr&zone=Europe/Paris",
        "lang=xx",
        "zone=Nowhere",
        "lang=de_AT&zone=America/New_York&n=2",
        "n=0",
    ):
        pair.get(f"/{path}?{query}")
        if path == "form":
            pair.post(f"/{path}?{query}", {"name": "ab", "age": "7"})


def test_settings():
    theirs, ours = original(), port()
    for app, api, config in ((theirs, THEIRS, theirs.config), (ours, OURS, ours.state.config)):
        config.update(
            BABEL_DEFAULT_LOCALE="ja", BABEL_DEFAULT_TIMEZONE="Asia/Tokyo", BABEL_DOMAIN="x"
        )
        found = api.babel.Babel(
            date_formats={
                **flask_babel.Babel.default_date_formats,
                "date": "short",
                "datetime.medium": "HH 'h'",
            }
        )
        found.init_app(app)

        def view(api=api, found=found):
            lib = api.babel
            return [
                lib.format_date(WHEN),
                lib.format_datetime(WHEN),
                found.domain,
                str(lib.get_timezone()),
                str(found.default_locale),
                str(found.default_timezone),
                repr(found.domain_instance),
            ]

        if app is theirs:
            app.add_url_rule("/", "view", view)
        else:
            rule(app, "/")(view)
    Pair(theirs, ours).get("/")


def test_selectors_of_older_versions():
    ours = port()
    found = babel.Babel(ours)
    found.localeselector(lambda: "de")
    found.timezoneselector(lambda: "Europe/Paris")
    with context.app_context(ours):
        assert (str(babel.get_locale()), str(babel.get_timezone())) == ("de", "Europe/Paris")


def test_outside_of_requests():
    assert flask_babel.get_locale() is babel.get_locale() is None
    assert flask_babel.gettext("Hello") == babel.gettext("Hello") == "Hello"
    with flask_babel.force_locale("de"), babel.force_locale("de"):
        assert str(babel.lazy_gettext("x")) == str(flask_babel.lazy_gettext("x"))
