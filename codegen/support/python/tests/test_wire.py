"""Bytes on the wire, compared with Werkzeug's and Flask's own."""

import datetime
import decimal
import uuid

import flask
import pytest
import werkzeug.exceptions
import werkzeug.http
from werkzeug.test import EnvironBuilder
from werkzeug.utils import get_content_type, redirect
from werkzeug.wrappers import Request

from flask_parity import wire
from flask_parity.exceptions import BadRequestKeyError
from flask_parity.multidict import MultiDict, parse_query

CODES = sorted(werkzeug.exceptions.default_exceptions)


@pytest.mark.parametrize("code", CODES)
def test_error_pages(code):
    error = werkzeug.exceptions.default_exceptions[code]()
    assert wire.error_page(code) == error.get_body()


def test_error_page_with_a_description():
    error = werkzeug.exceptions.NotFound("no <b>\nhere")
    assert wire.error_page(404, "no <b>\nhere") == error.get_body()


@pytest.mark.parametrize("url", ["/", "/a?b=c&d=<e>", "/é", "http://x/y z"])
def test_redirects(url):
    response = redirect(url)
    assert wire.redirect_page(url) == response.get_data(as_text=True)
    environ = EnvironBuilder().get_environ()
    assert wire.location_header(url) == dict(response.get_wsgi_headers(environ))["Location"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_age": 60},
        {"max_age": 0},
        {"secure": True, "httponly": True, "samesite": "lax"},
        {"domain": "example.org", "path": "/é"},
        {"path": None},
        {"expires": datetime.datetime(2030, 1, 2, tzinfo=datetime.UTC)},
    ],
)
@pytest.mark.parametrize("value", ["", "plain", "with space", 'q"uo\\te', "é", "a;b,c"])
def test_cookies(value, options):
    # Both read the clock: twice, should a second pass between the two.
    for _ in range(2):
        expected = werkzeug.http.dump_cookie("k", value, **options)
        found = wire.dump_cookie("k", value, **options)
        if found == expected:
            break
    assert found == expected
    pair = expected.split(";")[0] if ";" not in value else expected.split("; ")[0]
    assert wire.parse_cookies(pair)["k"] == werkzeug.http.parse_cookie(pair)["k"]


@pytest.mark.parametrize(
    "mimetype", ["text/html", "text/plain", "application/json", "image/svg+xml", "image/png"]
)
def test_content_types(mimetype):
    assert wire.content_type(mimetype) == get_content_type(mimetype, "utf-8")


def test_json():
    value = {
        "b": 1,
        "a": "é<",
        "day": datetime.date(2024, 1, 2),
        "when": datetime.datetime(2024, 1, 2, 3, 4, 5),
        "price": decimal.Decimal("1.50"),
        "id": uuid.UUID(int=7),
        "list": [1, 2.5, None, True],
    }
    app = flask.Flask(__name__)
    with app.test_request_context():
        assert wire.json_body(value) == flask.jsonify(value).get_data()


@pytest.mark.parametrize(
    "query",
    ["", "a=1&a=2", "a", "a=&b=+x+", "a=%ff&b=%zz", "a=%C3%A9", "=x", "a=1;b=2", "&&a=1", "a=b=c"],
)
def test_queries(query):
    expected = Request(EnvironBuilder(query_string=query).get_environ()).args
    found = parse_query(query.encode())
    assert list(found.multi_items()) == list(expected.items(multi=True))
    for key in expected:
        assert found[key] == expected[key]
        assert found.getlist(key) == expected.getlist(key)
        assert found.get(key, 7, type=int) == expected.get(key, 7, type=int)


def test_a_missing_key_is_a_400():
    with pytest.raises(BadRequestKeyError):
        MultiDict()["x"]
