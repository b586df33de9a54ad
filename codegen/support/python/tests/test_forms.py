"""flask_parity.csrf and flask_parity.forms, compared with Flask-WTF."""

import json
import re

import flask
import flask_wtf
import flask_wtf.csrf
import flask_wtf.file
import pytest
from fastapi import APIRouter
from sides import NOW, Pair, original, port, same_time_and_chance  # noqa: F401
from wtforms import StringField
from wtforms.validators import DataRequired

from flask_parity import csrf, errors, forms, templating
from flask_parity.fastapi import FlaskRoute

FILE = (
    b"--b\r\n"
    b'Content-Disposition: form-data; name="name"\r\n\r\nx\r\n'
    b"--b\r\n"
    b'Content-Disposition: form-data; name="file"; filename="%s"\r\n'
    b"Content-Type: text/plain\r\n\r\n%s\r\n--b--\r\n"
)


def build(app, rule, render, library, files, tokens, protect):
    """The same app with either library."""
    protection = tokens.CSRFProtect()

    class Small(library.FlaskForm):
        name = StringField("Name", [DataRequired()])

    class Upload(library.FlaskForm):
        name = StringField("Name")
        file = files.FileField(
            "File", [files.FileRequired(), files.FileAllowed(["txt"]), files.FileSize(5, 2)]
        )

    @rule("/form", "GET", "POST")
    def form():
        found = Small()
        valid = found.validate_on_submit()
        return render(
            "{{ f.hidden_tag() }}|{{ f.name() }}|{{ f.errors }}|{{ v }}", f=found, v=valid
        )

    @rule("/upload", "GET", "POST")
    def upload():
        found = Upload()
        valid = found.validate_on_submit()
        text = found.file.data.read().decode() if valid else ""
        return render("{{ f.csrf_token }}|{{ e }}|{{ t }}", f=found, e=str(found.errors), t=text)

    @rule("/token", "GET")
    def token():
        return render("{{ csrf_token() }} {{ csrf_meta_tag() }}")

    @rule("/free", "POST")
    @protection.exempt
    def free():
        return "free"

    @rule("/bound", "POST")
    def bound():
        return "bound"

    if protect:
        protection.init_app(app)


def pair(protect=False, handler=False, **settings):
    theirs, ours = original(**settings), port(**settings)

    def their_rule(path, *methods):
        return theirs.route(path, methods=methods)

    def our_rule(path, *methods):
        return ours.api_route(path, methods=list(methods))

    render = flask.render_template_string
    build(theirs, their_rule, render, flask_wtf, flask_wtf.file, flask_wtf.csrf, protect)
    build(ours, our_rule, templating.render_template_string, forms, forms, csrf, protect)
    if handler:
        theirs.errorhandler(flask_wtf.csrf.CSRFError)(lambda e: (e.description, 418))
        errors.errorhandler(ours, csrf.CSRFError)(lambda e: (e.description, 418))
    return Pair(theirs, ours)


def token_of(answer):
    return re.search(r'value="([^"]+)"', answer[2].decode())[1]


def test_forms():
    browser = pair()
    token = token_of(browser.get("/form"))
    assert b"|True" in browser.post("/form", {"name": "a", "csrf_token": token})[2]
    for form in ({"name": "a"}, {"csrf_token": token}, {"name": "a", "csrf_token": token + "x"}):
        assert b"|False" in browser.post("/form", form)[2]
    body = json.dumps({"name": ["j", "k"], "csrf_token": token}).encode()
    headers = {"Content-Type": "application/json"}
    assert b"|True" in browser.ask("POST", "/form", headers=headers, body=body)[2]
    browser.post("/form", {"name": "a", "csrf_token": token}, headers={"Cookie": "a=b"}, keep=False)


def test_files():
    browser = pair(WTF_CSRF_ENABLED=False)
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for name, content in ((b"a.txt", b"abc"), (b"a.TXT", b"a"), (b"a.png", b"abc"), (b"", b"")):
        body = FILE % (name, content)
        answer = browser.ask("POST", "/upload", headers=headers, body=body)
        assert (b"abc" in answer[2]) == (name == b"a.txt")


@pytest.mark.parametrize("handler", [False, True])
def test_protection(handler, monkeypatch):
    browser = pair(protect=True, handler=handler)
    assert browser.post("/bound")[0] == (418 if handler else 400)
    token = browser.get("/token")[2].split()[0].decode()
    assert browser.post("/bound")[0] != 200
    assert browser.post("/bound", {"csrf_token": token})[0] == 200
    assert browser.post("/bound", {"p-csrf_token": token})[0] == 200
    assert browser.post("/bound", headers={"X-CSRFToken": token})[0] == 200
    assert browser.post("/bound", headers={"X-CSRF-Token": token[:-1]})[0] != 200
    assert browser.post("/form", {"csrf_token": token, "name": "n"})[0] == 200
    assert browser.post("/free")[0] == 200
    assert browser.post("/nowhere")[0] == 404
    monkeypatch.setattr("time.time", lambda: NOW + 3601)
    assert b"expired" in browser.post("/bound", {"csrf_token": token})[2]


@pytest.mark.parametrize(
    "settings",
    [
        {"WTF_CSRF_ENABLED": False},
        {"WTF_CSRF_CHECK_DEFAULT": False},
        {"WTF_CSRF_METHODS": ["GET"]},
        {"WTF_CSRF_FIELD_NAME": "t", "WTF_CSRF_SECRET_KEY": "other", "WTF_CSRF_META_NAME": "m"},
        {"WTF_CSRF_HEADERS": ["X-T"], "WTF_CSRF_TIME_LIMIT": None},
    ],
)
def test_settings(settings):
    browser = pair(protect=True, **settings)
    answer = browser.get("/token")
    token = answer[2].split()[0].decode()
    browser.get("/form")
    browser.post("/bound")
    browser.post("/bound", {"t": token})
    browser.post("/form", {"t": token, "name": "n"})
    browser.post("/bound", headers={"X-T": token})


def test_a_router_is_exempt_by_the_name_of_its_endpoints():
    theirs, ours = original(), port()
    blueprint, router = flask.Blueprint("api", __name__), APIRouter(route_class=FlaskRoute)
    blueprint.post("/a", endpoint="a")(lambda: "a")
    router.post("/a", name="api.a")(lambda: "a")
    theirs.register_blueprint(blueprint, url_prefix="/api")
    ours.include_router(router, prefix="/api")
    theirs.post("/b", endpoint="b")(lambda: "b")
    ours.post("/b", name="b")(lambda: "b")
    flask_wtf.csrf.CSRFProtect(theirs).exempt(blueprint)
    csrf.CSRFProtect(ours).exempt(router)
    both = Pair(theirs, ours)
    assert (both.post("/api/a")[0], both.post("/b")[0]) == (200, 400)
