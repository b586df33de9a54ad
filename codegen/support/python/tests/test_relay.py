"""Native and relayed views of one app, compared with the same app under plain Flask."""

import flask
import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient
from werkzeug.exceptions import NotFound

from flask_parity import (
    context,
    errors,
    flashing,
    foreign,
    hooks,
    responses,
    templating,
    urls,
)
from flask_parity.fastapi import prepare
from flask_parity.relay import embedded, relayed


def parts(api):
    """Hooks, a helper and views over the names of ``api``: Flask's or the port's."""
    log = []

    def before():
        api.g.user = api.session.get("user", "nobody")
        log.append("before " + api.request.path)

    def after(response):
        response.headers["X-User"] = str(api.g.user)
        log.append("after")
        return response

    def teardown(error):
        log.append("teardown")

    def missing(error):
        return api.jsonify(code=error.code, user=api.g.user), 404

    def helper(word):
        return f"{word} {api.g.user} {api.request.args.get('q')} {api.current_app.state.mark}"

    def native():
        api.session["user"] = "ann"
        api.flash("hello")
        log.append("native")
        return helper("native") + " " + api.url_for("theirs", n=3) + " " + api.url_for("native")

    def theirs(n):
        shown = api.get_flashed_messages()
        page = api.render_template_string(
            "{{ g.user }} {{ url_for('native') }}{{ shown }}", shown=shown
        )
        return f"{helper('theirs')} {n} {page} {api.url_for('deep.inside', word='a b')} {log}"

    def inside(word):
        if word == "none":
            api.abort(404)
        if word == "away":
            return api.redirect(api.url_for("native"))
        return api.make_response((word + (flask.request.get_data(as_text=True)), 201, {"X-A": "1"}))

    return before, after, teardown, missing, native, theirs, inside


class Names:
    def __init__(self, *modules):
        for module in reversed(modules):
            self.__dict__.update({k: getattr(module, k) for k in dir(module) if k[0] != "_"})


def original():
    app = flask.Flask(__name__, static_folder=None)
    app.secret_key = "k"
    app.state = type("State", (), {"mark": "m"})
    before, after, teardown, missing, native, theirs, inside = parts(flask)
    app.before_request(before)
    app.after_request(after)
    app.teardown_request(teardown)
    app.errorhandler(404)(missing)
    app.route("/native")(native)
    app.route("/theirs/<int(min=2):n>")(theirs)
    bp = flask.Blueprint("deep", __name__, url_prefix="/deep")
    bp.route("/<word>/", methods=["GET", "POST"])(inside)
    app.register_blueprint(bp)
    return app


def port():
    app = FastAPI(openapi_url=None)
    prepare(app, __name__, static_folder=None)
    app.state.config["SECRET_KEY"] = "k"
    app.state.mark = "m"
    names = Names(context, errors, flashing, responses, templating, urls)
    names.make_response = responses.delegated(flask.make_response)
    before, after, teardown, missing, native, theirs, inside = parts(names)
    hooks.before_request(app)(before)
    hooks.after_request(app)(after)
    hooks.teardown_request(app)(teardown)
    errors.errorhandler(app, 404)(missing)
    app.get("/native", response_class=HTMLResponse)(native)
    relayed(app, "/theirs/<int(min=2):n>")(theirs)
    router = APIRouter(prefix="/deep")
    relayed(router, "/<word>/", methods=["GET", "POST"], endpoint="deep.inside")(inside)
    app.include_router(router)
    return app


REQUESTS = [
    ("GET", "/theirs/5?q=1"),
    ("GET", "/native?q=2"),
    ("GET", "/theirs/7"),
    ("GET", "/theirs/7"),
    ("GET", "/theirs/1"),
    ("HEAD", "/theirs/7"),
    ("GET", "/deep/none/"),
    ("GET", "/deep/away/"),
    ("POST", "/deep/x/"),
    ("GET", "/deep/x"),
    ("PUT", "/deep/x/"),
    ("OPTIONS", "/deep/x/"),
    ("OPTIONS", "/native"),
    ("POST", "/native"),
    ("GET", "/nothing"),
    ("GET", "/theirs/9"),
]


def test_it_answers_as_one_app_under_flask():
    ours = TestClient(port(), base_url="http://localhost", follow_redirects=False)
    theirs = original().test_client()
    for method, url in REQUESTS:
        body = {"content": b"body"} if method == "POST" else {}
        got = ours.request(method, url, **body)
        want = theirs.open(url, method=method, data=b"body" if body else None)
        assert (got.status_code, got.text) == (want.status_code, want.text), (method, url)
        for name in ("content-type", "x-user", "x-a", "location", "vary"):
            assert got.headers.get(name) == want.headers.get(name), (method, url, name)
        allow = [sorted(h.get("allow", "").split(", ")) for h in (got.headers, want.headers)]
        assert allow[0] == allow[1], (method, url)
        assert bool(got.headers.get("set-cookie")) == bool(want.headers.get("set-cookie")), url


def test_it_tells_who_served(monkeypatch):
    monkeypatch.setattr(foreign, "trace", True)
    client = TestClient(port())
    assert client.get("/native").headers["x-served-by"] == "native"
    assert client.get("/theirs/3").headers["x-served-by"] == "relay"


def test_what_extensions_add_is_found():
    app = port()
    client = TestClient(app)
    assert client.get("/late").status_code == 404
    inner = embedded(app)
    inner._got_first_request = False
    inner.add_url_rule("/late", "late", lambda: "late")
    assert client.get("/late").text == "late"


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_chunked_bodies_arrive(size):
    client = TestClient(port())
    sent = [b"x" * 1000] * (size // 1000) + [b"x" * (size % 1000)]
    got = client.post("/deep/x/", content=iter(sent))
    assert got.text == "x" + "x" * size


def test_errors_of_werkzeug_reach_the_ports_handlers():
    app = port()

    @relayed(app, "/boom")
    def boom():
        raise NotFound()

    assert TestClient(app).get("/boom").json() == {"code": 404, "user": "nobody"}
