"""flask_parity.login, compared with Flask-Login."""

from datetime import timedelta

import flask
import flask_login
import pytest
from sides import Pair, original, port, same_time_and_chance  # noqa: F401

from flask_parity import context, flashing, login, templating


def views(library, tools, get, post, setup):
    """The same app with either library."""
    manager = library.LoginManager()

    class User(library.UserMixin):
        def __init__(self, id, active=True):
            self.id, self.active = id, active

        @property
        def is_active(self):
            return self.active

    users = {"1": User(1), "2": User(2, active=False)}

    @manager.user_loader
    def load(key):
        return users.get(key)

    @get("/login")
    def login_page():
        return ", ".join(tools.get_flashed_messages()) + tools.session.get("next", "")

    @post("/enter/{key}")
    def enter(key):
        options = {}
        if "days" in tools.request.args:
            options["duration"] = timedelta(days=float(tools.request.args["days"]))
        return str(
            library.login_user(
                users[key],
                remember="remember" in tools.request.args,
                force="force" in tools.request.args,
                fresh="stale" not in tools.request.args,
                **options,
            )
        )

    @get("/leave")
    def leave():
        library.logout_user()
        return "left"

    @get("/me")
    @library.login_required
    def me():
        user = library.current_user
        return f"{user.id} {user == users['1']} {isinstance(user, User)} {bool(user)}"

    @get("/sensitive")
    @library.fresh_login_required
    def sensitive():
        return "fresh"

    @get("/confirm")
    def confirm():
        library.confirm_login()
        return f"{library.login_fresh()} {library.login_remembered()}"

    @get("/page")
    def page():
        return tools.render_template_string("{{ current_user.is_authenticated }}")

    @get("/plain")
    def plain():
        return "plain"

    setup(manager)
    return manager


class Ours:
    request, session = context.request, context.session
    get_flashed_messages = staticmethod(flashing.get_flashed_messages)
    render_template_string = staticmethod(templating.render_template_string)


def pair(setup=lambda manager: None, **settings):
    theirs, ours = original(**settings), port(**settings)

    def rule(method):
        def register(path):
            path = path.replace("{", "<").replace("}", ">")
            return theirs.route(path, methods=[method])

        return register

    views(flask_login, flask, rule("GET"), rule("POST"), setup).init_app(theirs)
    views(login, Ours, ours.get, ours.post, setup).init_app(ours)
    return Pair(theirs, ours)


def with_view(manager):
    manager.login_view = "login_page"
    manager.refresh_view = "/login?again=1"


@pytest.mark.parametrize("protection", [None, "basic", "strong"])
@pytest.mark.parametrize("setup", [lambda manager: None, with_view])
def test_a_visit(setup, protection):
    def both(manager):
        setup(manager)
        manager.session_protection = protection

    browser = pair(both)
    for path in ("/plain", "/page", "/me?a=b&c=%20d", "/sensitive", "/login", "/leave"):
        browser.get(path)
    assert browser.post("/enter/2")[2] == b"False"
    assert browser.post("/enter/2?force=1")[0] == 200
    for path in ("/me", "/leave", "/me"):
        browser.get(path)
    browser.post("/enter/1?remember=1")
    assert browser.get("/me")[2] == b"1 True True True"
    for path in ("/sensitive", "/page", "/plain", "/confirm"):
        browser.get(path)
    elsewhere = {"User-Agent": "other", "X-Forwarded-For": "1.2.3.4, 5.6.7.8"}
    for path in ("/me", "/sensitive", "/confirm", "/me", "/sensitive", "/leave", "/me", "/me"):
        browser.get(path, headers=elsewhere)


def test_the_remember_cookie_outlives_the_session():
    browser = pair(with_view)
    browser.post("/enter/1?remember=1&days=1.5")
    for side in browser.sides:
        del side.cookies["session"]
    assert browser.get("/me")[0] == 200
    assert browser.get("/sensitive")[0] == 302
    browser.get("/login")
    forged = browser.sides[0].cookies["remember_token"].replace("1|", "2|", 1)
    assert browser.get("/me", headers={"Cookie": f"remember_token={forged}"}, keep=False)[0] == 302
    browser.get("/me", headers={"Cookie": "remember_token=x"}, keep=False)
    browser.get("/leave")
    assert not browser.sides[0].cookies.get("remember_token")


@pytest.mark.parametrize(
    "settings",
    [
        {"USE_SESSION_FOR_NEXT": True},
        {"LOGIN_DISABLED": True},
        {"FORCE_HOST_FOR_REDIRECTS": "example.org"},
        {"REMEMBER_COOKIE_REFRESH_EACH_REQUEST": True, "REMEMBER_COOKIE_DURATION": 600},
        {
            "REMEMBER_COOKIE_NAME": "r",
            "REMEMBER_COOKIE_SECURE": True,
            "REMEMBER_COOKIE_HTTPONLY": False,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_PATH": "/me",
            "REMEMBER_COOKIE_DOMAIN": "example.org",
            "SESSION_PROTECTION": "strong",
        },
    ],
)
def test_settings(settings):
    browser = pair(with_view, **settings)
    failing = settings.get("LOGIN_DISABLED")  # the view then reads an anonymous user's id
    for path in ("/sensitive", "/login", *([] if failing else ["/me"])):
        browser.get(path)
    browser.post("/enter/1?remember=1")
    for path in ("/me", "/plain", "/sensitive", "/leave", "/plain"):
        browser.get(path)


def test_own_answers_and_loaders():
    def setup(manager):
        manager.unauthorized_handler(lambda: ("who?", 403))
        manager.needs_refresh_handler(lambda: "stale")
        manager.request_loader(
            lambda request: (
                manager.user_callback("1") if request.headers.get("X-Key") == "s" else None
            )
        )

    browser = pair(setup)
    assert browser.get("/me")[0] == 403
    assert browser.get("/me", headers={"X-Key": "s"})[0] == 200
    browser.post("/enter/1?stale=1")
    assert browser.get("/sensitive")[2] == b"stale"


def test_messages_and_anonymous_users():
    def setup(manager):
        with_view(manager)
        manager.login_message = "Hi"
        manager.localize_callback = str.upper
        manager.blueprint_login_views = {None: "/login?b=1"}
        manager.anonymous_user = lambda: type("Guest", (), {"is_authenticated": False})()
        manager.needs_refresh_message = None

    browser = pair(setup)
    for path in ("/me", "/login", "/page"):
        browser.get(path)


def test_outside_of_requests_there_is_no_user():
    assert not login.current_user and repr(login.current_user) == "None"
