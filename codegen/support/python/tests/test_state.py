"""Sessions, configuration and the request's thread, compared with Flask's own."""

import asyncio
import contextvars
import datetime
import threading
import time
import uuid

import flask
import httpx
import pytest
from flask.sessions import SecureCookieSessionInterface
from markupsafe import Markup
from starlette.applications import Starlette

from flask_parity.config import Config
from flask_parity.responses import Response
from flask_parity.sessions import Session, open_session, save_session, signer
from flask_parity.starlette import FlaskRoute, prepare
from flask_parity.thread import RequestThread

VALUES = {
    "n": 1,
    "t": (1, "a"),
    "m": Markup("<b>"),
    "u": uuid.UUID(int=5),
    "d": datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
    "b": b"\x00x",
    "l": [{"x": None}],
    "nested": {" t": [1]},
}


def test_session_cookies_are_read_both_ways():
    app = flask.Flask(__name__)
    app.secret_key = "k"
    theirs = SecureCookieSessionInterface().get_signing_serializer(app)
    assert dict(signer("k").loads(theirs.dumps(VALUES))) == VALUES
    assert dict(theirs.loads(signer("k").dumps(VALUES))) == VALUES


def config(**settings):
    found = Config("/")
    found.update(SECRET_KEY="k", **settings)
    return found


def set_cookie(change, cookie=None):
    """The ``Set-Cookie`` and ``Vary`` of a request that changed its session."""
    headers = [(b"cookie", b"session=" + cookie.encode())] if cookie else []
    settings = config()
    session = open_session(settings, headers)
    change(session)
    response = Response()
    save_session(settings, session, response)
    return {k.lower(): v for k, v in response.headers if k != "Content-Type"}


def test_what_is_saved():
    def touch(session):
        session.accessed = True

    def login(session):
        session["uid"] = 1

    assert set_cookie(lambda session: None) == {}
    assert set_cookie(touch) == {"vary": "Cookie"}
    saved = set_cookie(login)
    assert saved["vary"] == "Cookie" and saved["set-cookie"].endswith("; HttpOnly; Path=/")
    cookie = saved["set-cookie"].split("=", 1)[1].split(";")[0]
    assert set_cookie(lambda session: session.pop("other", None), cookie) == {}
    gone = set_cookie(lambda session: session.pop("uid"), cookie)
    assert "Max-Age=0" in gone["set-cookie"]
    assert set_cookie(lambda session: session.clear())["set-cookie"].startswith("session=;")


@pytest.mark.parametrize("raw", ["x", "a.b.c", ""])
def test_forged_cookies_are_empty_sessions(raw):
    assert open_session(config(), [(b"cookie", f"session={raw}".encode())]) == Session()


def test_config_is_filled_as_flask_fills_it(tmp_path):
    (tmp_path / "settings.py").write_text("A = 1\nb = 2\n")

    class Settings:
        C = 3
        d = 4

    ours, theirs = Config(str(tmp_path)), flask.Config(str(tmp_path))
    for target in (ours, theirs):
        assert target.from_pyfile("settings.py")
        assert not target.from_pyfile("absent.py", silent=True)
        target.from_object(Settings)
        target.from_mapping({"E": 5, "f": 6}, G=7)
    found = {k: v for k, v in ours.items() if len(k) == 1}
    assert found == dict(theirs)


def test_one_thread_and_one_context_a_request():
    variable = contextvars.ContextVar("variable")

    async def request():
        thread = RequestThread(contextvars.copy_context())
        first = await thread.run(threading.get_ident)
        await thread.run(variable.set, "seen")
        await asyncio.sleep(0.01)
        second = await thread.run(threading.get_ident)
        seen = await thread.run(variable.get)
        with pytest.raises(ZeroDivisionError):
            await thread.run(lambda: 1 / 0)
        thread.release()
        return first == second and seen == "seen"

    async def many():
        return await asyncio.gather(*(request() for _ in range(60)))

    assert all(asyncio.run(many()))


@pytest.mark.parametrize("most", [1, 3])
def test_as_many_requests_at_a_time_as_was_said(most):
    app = Starlette()
    prepare(app, "sides", static_folder=None, threads=most)
    running, seen = [], []

    def view():
        running.append(1)
        seen.append(len(running))
        time.sleep(0.02)
        running.pop()
        return "done"

    app.router.routes.append(FlaskRoute("/", view))

    async def ask():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await asyncio.gather(*(client.get("/") for _ in range(6)))

    assert [answer.text for answer in asyncio.run(ask())] == ["done"] * 6
    assert max(seen) == most
