//! Routes whose decorators are more than a line of a list: a port to Starlette answers as the original all the same.

mod support;

use std::fs;

use support::environments::environment;
use support::http::{Client, Request, difference};
use support::servers::Server;
use support::{migrate_ok, port_document, serve};

const APP: &str = r#"import functools
import os

from flask import Blueprint, Flask, abort, jsonify, request, url_for

app = Flask(__name__)
PREFIX = "/made"


def logged(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        return view(*args, **kwargs)

    return wrapped


def shouted(view):
    @functools.wraps(view)
    def wrapped(**kwargs):
        return view(**kwargs).upper()

    return wrapped


def reading(view):
    @functools.wraps(view)
    def wrapped(**kwargs):
        if kwargs.get("n") == 13:
            abort(403)
        return view(**kwargs)

    return wrapped


@app.route("/any/<path:rest>")  # whatever else
def rest(rest):
    return "rest " + rest


@app.route("/index.html")
@app.route("/")
def index():
    """The front page."""
    return "index " + request.path


@app.route("/user/")
@app.route("/user/<name>", methods=["GET", "DELETE"])
@logged
def user(name: str = "nobody"):
    # A comment before the first statement.
    return f"{name} {request.method} {request.args.get('q')}"


@app.route("/loud/<int:n>")
@shouted
def loud(n):
    return "loud %d" % n


@app.route("/read/<int:n>")
@reading
def read(n):
    return f"read {n!r}"


@shouted
@app.route("/below")
def below():
    return "below"


if os.environ.get("NEVER"):

    @app.route("/choice")
    def choice():
        return "never"

else:

    @app.route("/choice")
    def choice():
        return "always"


@app.route(PREFIX + "/<int(min=2):n>")
def made(n): return f"{n}"


@app.route("/pages/", defaults={"page": 1})
@app.route("/pages/<int:page>")
def pages(page):
    return jsonify(page=page, next=url_for("pages", page=page + 1), first=url_for("pages", page=1))


@app.route("/loose", strict_slashes=False)
def loose():
    return url_for("loose")


@app.get("/twice")
def twice():
    return "get"


@app.post("/twice")
def twice_post():
    return {"posted": request.form.get("x")}, 201, {"X-Twice": "2"}


@app.route("/again")
def again():
    return twice() + " " + index()


@app.errorhandler(404)
@app.route("/lost")
def lost(e=None):
    return "lost", 404


@app.route("/later", endpoint="soon")
def later():
    return url_for("soon") + " " + request.endpoint


parent = Blueprint("parent", __name__)
child = Blueprint("child", __name__, url_prefix="/child/")


@child.before_request
def guard():
    if "stop" in request.args:
        return "stopped " + request.endpoint, 403


@child.route("")
def bare():
    return url_for(".item", key="a b")


@child.route("/<key>")
def item(key):
    return f"{key} {request.blueprint} {request.url_rule}"


parent.register_blueprint(child)
app.register_blueprint(parent, url_prefix="/p")


def more(app, short):
    @app.route("/any/more")
    def more():
        return "more"

    if short:
        return

    @app.route("/most")
    def most():
        return "most"


more(app, True)
"#;

const PATHS: &[&str] = &[
    "/",
    "/index.html",
    "/any/a/b",
    "/any/",
    "/user",
    "/user/",
    "/user/ann?q=1",
    "/loud/3",
    "/loud/x",
    "/read/3",
    "/read/13",
    "/below",
    "/choice",
    "/made/1",
    "/made/2",
    "/pages",
    "/pages/",
    "/pages/2",
    "/loose",
    "/loose/",
    "/twice",
    "/again",
    "/lost",
    "/later",
    "/p/child",
    "/p/child/",
    "/p/child/a%20b",
    "/p/child/x?stop",
    "/any/more",
    "/most",
    "/static/none.css",
];

#[test]
fn they_answer_as_the_decorators_did() {
    let dir = tempfile::tempdir().expect("a folder");
    let original = dir.path().join("site");
    fs::create_dir(&original).expect("a folder");
    fs::write(original.join("app.py"), APP).expect("a file");
    let text = migrate_ok(dir.path(), &["port", "site", "--to", "starlette"]);
    assert!(!text.contains("relayed  "), "{text}");
    let port = dir.path().join("site-starlette");
    let document = port_document(&port);
    let left = Server::start(
        &environment("original"),
        &original,
        &serve(&document, "original"),
    );
    let right = Server::start(&environment("starlette"), &port, &serve(&document, "port"));
    let (mut a, mut b) = (Client::new(left.port), Client::new(right.port));
    let mut found = Vec::new();
    for method in ["GET", "HEAD", "OPTIONS", "DELETE", "POST"] {
        for path in PATHS {
            let request = Request::new(method, path);
            found.extend(difference(&a.send(&request), &b.send(&request), &request));
        }
    }
    let form = Request::form("/twice", "x=1");
    found.extend(difference(&a.send(&form), &b.send(&form), &form));
    let written = fs::read_to_string(port.join("app.py")).expect("the port");
    assert!(
        found.is_empty(),
        "{}\n{written}\n{}",
        found.join("\n"),
        right.log()
    );
    // A list where it does the same, and the view registered in its place where it would not.
    for line in [
        "    FlaskRoute(\"/any/{rest:path}\", rest),  # whatever else\n",
        "def user(request):\n    # A comment before the first statement.\n    name: str = request.path_params.get(\"name\", \"nobody\")\n",
        "@shouted\n@rule(app, \"/below\")\ndef below(",
        "    @rule(app, \"/choice\")\n",
    ] {
        assert!(written.contains(line), "{line}\n{written}");
    }
}
