"""WSGI middleware around the port, against the same around Flask."""

import flask
import pytest
from sides import original, port

from flask_parity import testing, urls
from flask_parity.context import request
from flask_parity.wsgi import WsgiLayer


class Prefix:
    """A part of the URL belongs to others: they are told so without a reason in the status."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if not path.startswith("/mine"):
            start_response("404", [("Content-Type", "text/plain")])
            return [b"not mine"]
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/mine", path.removeprefix("/mine")
        return self.app(environ, start_response)


@pytest.fixture(scope="module")
def clients():
    theirs, ours = original(), port()
    theirs.add_url_rule("/a", "a", lambda: f"{flask.request.path} {flask.url_for('a')}")
    ours.get("/a", name="a")(lambda: f"{request.path} {urls.url_for('a')}")
    theirs.wsgi_app = Prefix(theirs.wsgi_app)
    ours.state.wsgi_app = WsgiLayer(ours)
    ours.state.wsgi_app = Prefix(ours.state.wsgi_app)
    return theirs.test_client(), testing.test_client(ours)


@pytest.mark.parametrize("path", ["/a", "/mine/a", "/mine/b", "/mine", "/"])
def test_what_comes_through_is_the_same(clients, path):
    theirs, ours = (client.get(path) for client in clients)
    assert (ours.status_code, ours.get_data()) == (theirs.status_code, theirs.get_data())
