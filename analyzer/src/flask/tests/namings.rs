//! Places that hand a template's name to something that is not the framework.

use super::project;
use crate::flask::namings;
use crate::python::scopes::Scopes;

fn shown(source: &str) -> Vec<String> {
    let project = project(source);
    namings(&Scopes::new(&project))
        .into_iter()
        .map(|n| {
            let more = if n.open { " +" } else { "" };
            format!("{} {} [{}]{more}", n.function, n.template, n.keys.join(" "))
        })
        .collect()
}

#[test]
fn libraries_decorators_and_wrappers() {
    let source = r#"
import chameleon_flask
from flask import Flask, render_template, redirect
from decorators import response
app = Flask(__name__)

def page(name, **context):
    return render_template(name, title="x", **context)

@app.get("/")
@chameleon_flask.template("home/index.pt")
def index():
    if not user():
        return redirect("/login")
    return {"a": 1, "b": 2}

@app.get("/own")
@response(template_file="own.html")
def own():
    return model()

@app.get("/call")
def call():
    open("notes.txt")
    print("file.html")
    return chameleon_flask.response("call.pt", x=1)

@app.get("/wrapped")
def wrapped():
    return page("wrapped.html", y=2)

@app.get("/framework")
def framework():
    return render_template("touch.html", z=3)
"#;
    assert_eq!(
        shown(source),
        [
            "app:index home/index.pt [a b]",
            "app:own own.html [] +",
            "app:call call.pt [x]",
            "app:wrapped wrapped.html [y] +",
        ]
    );
}
