"""Chameleon's templates, as `chameleon_flask` shows them under Flask and Quart."""

import chameleon_flask
import chameleon_flask.engine
import flask
import pytest
import quart
from sides import Pair, original
from starlette.applications import Starlette
from test_quart import Pair as QuartPair

from flask_parity import chameleon
from flask_parity.hooks import after_request
from flask_parity.quart import QUART
from flask_parity.responses import redirect
from flask_parity.starlette import FlaskRoute, prepare


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "test_chameleon").mkdir()
    (tmp_path / "errors").mkdir()
    page = '<p tal:condition="name" metal:define-macro="m">${name} ä</p>'
    (tmp_path / "page.pt").write_text(page, encoding="utf-8")
    (tmp_path / "test_chameleon" / "named.html").write_text("<b>named ${x}</b>")
    (tmp_path / "test_chameleon" / "other.pt").write_text("<b>other ${x}</b>")
    (tmp_path / "errors" / "404.pt").write_text("<i>nothing</i>")
    (tmp_path / "broken.pt").write_text("<b>${nothing_by_this_name}</b>")
    for module in (chameleon_flask, chameleon):
        module.global_init(str(tmp_path), cache_init=False)
    yield
    chameleon_flask.engine.clear()
    chameleon.clear()


def views(module, redirect):
    def page():
        return {"name": "<ada>"}

    def named():
        return {"x": 1}

    def other():
        return {"x": 2}

    def away():
        return redirect("/page")

    def missing():
        module.not_found()

    def missing_elsewhere():
        module.not_found(" page.pt")

    def wrong():
        return "text"

    def broken():
        return {}

    def plain():
        return module.response("page.pt", "text/plain", 418, name="n")

    decorated = {
        page: module.template("page.pt"),
        named: module.template,
        other: module.template(),
        away: module.template("page.pt"),
        missing: module.template("page.pt", "text/plain", 201),
        missing_elsewhere: module.template("page.pt"),
        wrong: module.template("page.pt"),
        broken: module.template("broken.pt"),
        plain: lambda view: view,
    }
    xml = module.template("page.pt", "application/xml", 201)
    return {
        **{view.__name__: decorate(view) for view, decorate in decorated.items()},
        "xml": xml(page),
    }


PATHS = ["page", "named", "other", "away", "missing", "missing_elsewhere", "wrong", "broken"]
PATHS += ["plain", "xml"]


@pytest.mark.parametrize("path", PATHS)
def test_under_flask(path):
    theirs, ours = original(), Starlette()
    prepare(ours, "sides", static_folder=None)
    ours.state.config.update(SECRET_KEY="k")
    theirs.add_url_rule(f"/{path}", path, views(chameleon_flask, flask.redirect)[path])
    ours.router.routes.append(FlaskRoute(f"/{path}", views(chameleon, redirect)[path], name=path))
    Pair(theirs, ours).get(f"/{path}")


def awaiting(view):
    async def run():
        return view()

    return run


@pytest.mark.parametrize("path", ["page", "away", "missing", "wrong", "plain", "xml"])
@pytest.mark.parametrize("is_async", [False, True])
def test_under_quart(path, is_async):
    class Sides(QuartPair):
        def __init__(self):
            super().__init__()
            theirs, ours = quart.Quart("sides"), Starlette()
            prepare(ours, "sides", like=QUART)
            answers = views(chameleon_flask, quart.redirect)[path]
            our_answers = views(chameleon, redirect)[path]
            if is_async:
                answers, our_answers = awaiting(answers), awaiting(our_answers)
            theirs.add_url_rule(f"/{path}", path, answers)
            ours.router.routes.append(FlaskRoute(f"/{path}", our_answers, name=path))

            async def sized(response):
                # Under Quart it is a response of Flask's, whose body nobody awaits.
                if "xml" in path:
                    response.headers["X-Size"] = str(len(response.get_data()))
                return response

            theirs.after_request(sized)
            after_request(ours)(sized)
            for app in (theirs, ours):
                app.events = []
            self.apps = theirs, ours
            for side, app in zip(self.sides, self.apps, strict=True):
                side.app = app

    Sides().ask("GET", f"/{path}")
