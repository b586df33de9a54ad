"""Errors of views and of what handles them, against Flask with the same handlers."""

import flask
import pytest
import werkzeug.exceptions
from sides import Pair, original, port, same_time_and_chance  # noqa: F401

from flask_parity import errors, exceptions


class Own(Exception):
    pass


class Teapot(werkzeug.exceptions.HTTPException):
    code = 418


class OurTeapot(exceptions.HTTPException):
    code = 418


def fill(route, handle, abort, teapot, seen):
    @route("/<what>")
    def view(what):
        if what.isdigit():
            abort(int(what))
        if what == "teapot":
            raise teapot("short")
        raise {"own": Own, "key": KeyError}.get(what, RuntimeError)(what)

    @handle(404)
    def missing(error):
        seen.append("404")
        return f"missing {error.code}", 404

    @handle(403)
    def forbidden(error):
        seen.append("403")
        abort(404)

    @handle(409)
    def conflict(error):
        seen.append("409")
        raise Own("conflict")

    @handle(Own)
    def own(error):
        seen.append("own")
        return f"own {error}", 200

    @handle(KeyError)
    def key(error):
        seen.append("key")
        raise Own("key")

    @handle(500)
    def last(error):
        seen.append("500")
        return f"last {type(error.original_exception).__name__}", 500


PATHS = ["404", "403", "409", "410", "own", "key", "other", "teapot", "a/b"]


@pytest.mark.parametrize("path", PATHS)
def test_handlers_are_asked_as_under_flask(path):
    theirs, ours, seen = original(), port(), ([], [])
    fill(theirs.route, theirs.errorhandler, flask.abort, Teapot, seen[0])

    def route(rule):
        return ours.get(rule.replace("<", "{").replace(">", "}"))

    def handle(key):
        return errors.errorhandler(ours, key)

    fill(route, handle, errors.abort, OurTeapot, seen[1])
    Pair(theirs, ours).ask("GET", f"/{path}")
    assert seen[1] == seen[0]
