//! Quart apps: what is written for them, and what is refused.

mod support;

use std::fs;
use std::path::Path;

use support::{migrate, migrate_ok};

/// A folder with an app and its requirements.
fn project(app: &str, requirements: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("site");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("app.py"), app).expect("a file");
    fs::write(folder.join("requirements.txt"), requirements).expect("a file");
    dir
}

/// The port's `app.py`.
fn ported(dir: &Path, target: &str) -> String {
    migrate_ok(dir, &["port", "site", "--to", target]);
    fs::read_to_string(dir.join(format!("site-{target}/app.py"))).expect("the port")
}

const APP: &str = r#"import quart
from quart import Quart, current_app, flash, render_template, request, send_from_directory

app = Quart(__name__)


@app.before_serving
async def start():
    app.logger.info("up")


@app.while_serving
async def around():
    yield


async def stop():
    pass


app.after_serving(stop)


@app.post("/form")
async def form():
    fields = await request.form
    await flash("saved")
    return {"name": fields["name"], "size": len(await request.get_data())}


@app.get("/page/<int:number>")
async def page(number):
    if request.args.get("json"):
        return await quart.make_response(quart.jsonify(number=number))
    return await render_template("page.html", number=number)


@app.get("/files/<path:name>")
async def files(name):
    return await send_from_directory(current_app.config["FILES"], name)


@app.teardown_appcontext
async def close(error):
    async with app.app_context():
        pass
"#;

#[test]
fn what_is_awaited_stays_awaited() {
    let dir = project(APP, "quart==0.22.0\n");
    let text = ported(dir.path(), "starlette");
    for line in [
        "from flask_parity.quart import QUART_0_22, after_serving, before_serving, while_serving",
        "from flask_parity.quart_context import app_context, flash",
        "from flask_parity.quart_files import send_from_directory",
        "from flask_parity.quart_templating import render_template",
        "prepare(app, __name__, like=QUART_0_22)",
        "@before_serving(app)",
        "@while_serving(app)",
        "async def form(request):",
        "    fields = await request.form",
        "    await flash(\"saved\")",
        "    return SortedJSONResponse({\"name\": fields[\"name\"], \"size\": len(await request.get_data())})",
        "        return await make_response(jsonify(number=number))",
        "after_serving(app)(stop)",
        "    return await send_from_directory(current_app.state.config[\"FILES\"], name)",
        "    async with app_context(app):",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n\n{text}");
    }
    assert!(!text.contains("import quart"), "{text}");
    let requirements = dir.path().join("site-starlette/requirements.txt");
    let requirements = fs::read_to_string(requirements).expect("requirements");
    assert!(!requirements.contains("quart"), "{requirements}");
}

#[test]
fn fastapi_gives_parts_only_of_what_is_not_awaited() {
    let dir = project(APP, "quart\n");
    let text = ported(dir.path(), "fastapi");
    for line in [
        "prepare(app, __name__, like=QUART)",
        "async def form(request: ViewRequest):",
        "async def page(args: QueryArgs, number):",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n\n{text}");
    }
    let document = fs::read_to_string(dir.path().join("site-fastapi/.migrate/port.json"));
    assert!(document.expect("port.json").contains("D-older-quart"));
}

#[test]
fn what_has_no_counterpart_is_told_with_its_place() {
    let app = r#"from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/ws")
async def ws():
    await websocket.send("x")


@app.get("/")
async def index():
    app.add_background_task(print)
    return "started"
"#;
    let dir = project(app, "quart\n");
    let output = migrate(dir.path(), &["port", "site", "--to", "starlette"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    for words in [
        "app.py:8: the view `ws` cannot be ported",
        "app.py:13: the view `index` cannot be ported: `app.add_background_task`",
        "--no-relay",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!dir.path().join("site-starlette").exists());
}

#[test]
fn what_would_still_be_quarts_is_refused() {
    for (import, line) in [
        ("from quart import *", 1),
        (
            "from quart import Quart, jsonify\nfrom quart.sessions import SessionMixin",
            2,
        ),
    ] {
        let app = format!(
            "{import}\n\napp = Quart(__name__)\n\n\n@app.get(\"/\")\nasync def index():\n    return jsonify(a=1)\n"
        );
        let dir = project(&app, "quart\n");
        let output = migrate(dir.path(), &["port", "site", "--to", "starlette"]);
        assert_eq!(output.status.code(), Some(2), "{import}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(&format!("app.py:{line}: ")), "{told}");
    }
}

/// Hooks by another name of the blueprint, and in another function.
#[test]
fn hooks_by_any_name_are_taken_over() {
    for hooks in [
        "guarded = bp\n\n\n@guarded.before_request\ndef guard():\n    abort(403)\n",
        "def protect(b):\n    @b.before_request\n    def guard():\n        abort(403)\n\n\nprotect(bp)\n",
    ] {
        let app = format!(
            "from flask import Blueprint, Flask, abort\n\nbp = Blueprint(\"bp\", __name__)\n\n\n@bp.route(\"/\")\ndef index():\n    return \"secret\"\n\n\n{hooks}\n\napp = Flask(__name__)\napp.register_blueprint(bp)\n"
        );
        for target in ["fastapi", "starlette"] {
            let dir = project(&app, "flask\n");
            let text = ported(dir.path(), target);
            assert!(text.contains("adopt_hooks(app, bp, \"bp\")"), "{text}");
        }
    }
}

/// A hook that is no function of its own keeps the request that it reads.
#[test]
fn lambdas_of_a_module_keep_the_request() {
    let app = "from flask import Flask, request\n\napp = Flask(__name__)\napp.after_request(lambda r: r if request.path else r)\n\n\n@app.route(\"/\")\ndef index():\n    return request.args.get(\"a\", \"\")\n";
    for target in ["fastapi", "starlette"] {
        let dir = project(app, "flask\n");
        let text = ported(dir.path(), target);
        assert!(
            text.contains("from flask_parity.context import request"),
            "{text}"
        );
    }
}

/// Names that only begin like the request's are the view's own.
#[test]
fn names_that_begin_like_the_request() {
    let app = "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef index():\n    requests = request.args\n    return requests.get(\"a\", \"\")\n";
    let dir = project(app, "flask\n");
    let text = ported(dir.path(), "fastapi");
    assert!(
        text.contains("    requests = args\n    return requests.get("),
        "{text}"
    );
}

/// The framework's names where the app has something else by them.
#[test]
fn names_that_the_app_has_already() {
    let app = "from flask import Blueprint, Flask, request\n\nfrom own import APIRouter, Request, Router\n\napp = Flask(__name__)\nbp = Blueprint(\"bp\", __name__)\n\n\n@app.route(\"/\")\ndef index():\n    return request.method\n";
    let dir = project(app, "flask\n");
    let text = ported(dir.path(), "fastapi");
    for line in [
        "from fastapi import APIRouter as FastAPIAPIRouter, FastAPI, Request as FastAPIRequest",
        "def index(request: FastAPIRequest):",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n\n{text}");
    }
    assert!(text.contains("bp = FastAPIAPIRouter("), "{text}");
    let text = ported(dir.path(), "starlette");
    assert!(text.contains("bp = StarletteRouter()"), "{text}");
}

/// A decorator of the app's own makes a page of a dict: the dict stays one.
#[test]
fn what_a_decorator_reads_is_not_wrapped() {
    let app = r#"import functools

from flask import Flask, render_template

app = Flask(__name__)


def page(name):
    def decorate(view):
        @functools.wraps(view)
        def wrapped(*args, **kwargs):
            found = view(*args, **kwargs)
            return render_template(name, **found)

        return wrapped

    return decorate


@app.route("/")
@page("index.html")
def index():
    return {"a": 1}


def noted(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        found = view(*args, **kwargs)
        found["noted"] = True
        return found

    return wrapped


@app.route("/noted")
@noted
def with_note():
    return {"a": 1}


@app.route("/json")
def json():
    return {"a": 1}
"#;
    for target in ["fastapi", "starlette"] {
        let dir = project(app, "flask\n");
        let text = ported(dir.path(), target);
        assert_eq!(text.matches("    return {\"a\": 1}\n").count(), 2, "{text}");
        assert_eq!(
            text.matches("return SortedJSONResponse({\"a\": 1})")
                .count(),
            1,
            "{text}"
        );
    }
}
