"""One request to a Flask app and to its port, both in this process, and what differs."""

import asyncio
import re
import tempfile
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import flask
import pytest
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from flask_parity.fastapi import prepare

NOW = 1_700_000_000


@pytest.fixture(autouse=True)
def same_time_and_chance(monkeypatch):
    """Signatures and tokens of the two sides can be compared as they are."""
    monkeypatch.setattr("time.time", lambda: NOW)
    monkeypatch.setattr("os.urandom", lambda count: b"r" * count)


def port(**settings):
    """An empty app of the port."""
    app = FastAPI(openapi_url=None, default_response_class=HTMLResponse)
    prepare(app, "sides", static_folder=None)
    if not hasattr(app.state, "extensions"):
        app.state.extensions = {}
    app.state.config.update(SECRET_KEY="k", **settings)
    return app


def original(**settings):
    """An empty app of Flask."""
    app = flask.Flask("sides", static_folder=None, instance_path=tempfile.gettempdir())
    app.config.update(SECRET_KEY="k", **settings)
    return app


def _expiry(match):
    # Both sides read the clock: seconds may pass between them.
    if "1970" in match[1]:
        return match[0]
    left = parsedate_to_datetime(match[1]) - datetime.now(UTC)
    return f"Expires=in {round(left.total_seconds() / 60)} minutes"


class Side:
    """A browser at one of the two apps: it keeps cookies."""

    def __init__(self, app):
        self.app, self.cookies = app, {}

    def ask(self, method, path, headers, body, keep):
        headers = {"User-Agent": "tests", **headers}
        if self.cookies and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        send = self._wsgi if isinstance(self.app, flask.Flask) else self._asgi
        status, found, text = send(method, path, headers, body)
        out = []
        for name, value in found:
            name = name.lower()
            if name == "set-cookie":
                key, _, content = value.partition(";")[0].partition("=")
                if keep:
                    self.cookies[key] = content
                    if "Max-Age=0" in value:
                        del self.cookies[key]
                value = re.sub(r"Expires=([^;]+)", _expiry, value)
            if name == "date" and parsedate_to_datetime(value):  # both sides read the clock
                value = "now"
            if name == "allow":  # Flask writes a set
                value = ", ".join(sorted(value.split(", ")))
            out.append((name, value))
        return status, sorted(out), text

    def _wsgi(self, method, path, headers, body):
        answer = self.app.test_client(use_cookies=False).open(
            path, method=method, headers=headers, data=body, environ_overrides=ENVIRON
        )
        return answer.status_code, list(answer.headers), answer.get_data()

    def _asgi(self, method, path, headers, body):
        target, _, query = path.partition("?")
        headers = {"Host": "localhost", **headers}
        if body or method == "POST":
            headers["Content-Length"] = str(len(body))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": target,
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": "http",
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
            "headers": [(k.lower().encode(), v.encode("latin1")) for k, v in headers.items()],
        }
        messages = []
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive():
            if not pending:  # the client stays: who streams looks out for its going
                await asyncio.Event().wait()
            return pending.pop()

        async def send(message):
            messages.append(message)

        asyncio.run(self.app(scope, receive, send))
        found = [(k.decode(), v.decode("latin1")) for k, v in messages[0]["headers"]]
        text = b"".join(m.get("body", b"") for m in messages[1:])
        return messages[0]["status"], found, b"" if method == "HEAD" else text


ENVIRON = {"REMOTE_ADDR": "127.0.0.1"}


class Pair:
    """The two sides, asked the same."""

    def __init__(self, theirs, ours):
        self.sides = Side(theirs), Side(ours)

    def ask(self, method, path, *, headers=(), form=None, body=b"", keep=True):
        """The answer, which is the same on both sides, or the test has failed."""
        headers = dict(headers)
        if form is not None:
            body = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        theirs, ours = (side.ask(method, path, headers, body, keep) for side in self.sides)
        if ours != theirs:
            pytest.fail(f"{method} {path}\ntheirs {theirs}\nours   {ours}", pytrace=False)
        assert self.sides[0].cookies == self.sides[1].cookies
        return ours

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, form=None, **options):
        return self.ask("POST", path, form=form or {}, **options)
