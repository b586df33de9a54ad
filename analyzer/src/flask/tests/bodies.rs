//! Bodies on demand.

use model::body::{Expression, ExpressionKind as E, FormatPart, StatementKind as S};
use model::{Body, Passed};

use super::{brief, project};
use crate::python::body::File;
use crate::python::scopes::Scopes;

/// A body as short text: touches as `<op>`, opaque parts as `?`.
fn shown(body: &Body, ops: &[String]) -> String {
    let mut out = String::new();
    for s in &body.statements {
        statement(s, ops, 0, &mut out);
    }
    out
}

fn statement(s: &model::body::Statement, ops: &[String], depth: usize, out: &mut String) {
    let e = |x: &Expression| expression(x, ops);
    let line = match &s.kind {
        S::Expression(x) => e(x),
        S::Assign { targets, value } => {
            let targets: Vec<String> = targets.iter().map(e).collect();
            format!("{} = {}", targets.join(" = "), e(value))
        }
        S::Augment {
            target,
            operator,
            value,
        } => {
            format!("{} {operator:?}= {}", e(target), e(value))
        }
        S::Return(value) => format!("return {}", value.as_ref().map(e).unwrap_or_default()),
        S::If { test, .. } => format!("if {}", e(test)),
        S::For {
            target, iterable, ..
        } => format!("for {} in {}", e(target), e(iterable)),
        S::While { test, .. } => format!("while {}", e(test)),
        S::Raise(value) => format!("raise {}", value.as_ref().map(e).unwrap_or_default()),
        S::Pass => "pass".into(),
        S::Assert(test) => format!("assert {}", e(test)),
        S::Opaque => "?".into(),
    };
    out.push_str(&"  ".repeat(depth));
    out.push_str(&line);
    out.push('\n');
    match &s.kind {
        S::If { body, orelse, .. }
        | S::For { body, orelse, .. }
        | S::While { body, orelse, .. } => {
            for inner in body {
                statement(inner, ops, depth + 1, out);
            }
            if !orelse.is_empty() {
                out.push_str(&"  ".repeat(depth));
                out.push_str("else\n");
            }
            for inner in orelse {
                statement(inner, ops, depth + 1, out);
            }
        }
        _ => {}
    }
}

fn expression(x: &Expression, ops: &[String]) -> String {
    let e = |x: &Expression| expression(x, ops);
    let all = |list: &[Expression]| list.iter().map(e).collect::<Vec<_>>().join(", ");
    let args = |list: &[model::body::BodyArgument]| {
        list.iter()
            .map(|a| match &a.passed {
                Passed::Keyword(name) => format!("{name}={}", e(&a.value)),
                _ => e(&a.value),
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    match &x.kind {
        E::Touch { touch, arguments } => format!("<{}>({})", ops[*touch], args(arguments)),
        E::Name(name) => name.clone(),
        E::Constant(c) => format!("{c:?}"),
        E::Format(parts) => parts
            .iter()
            .map(|p| match p {
                FormatPart::Text(text) => format!("{text:?}"),
                FormatPart::Value(v) => format!("{{{}}}", e(v)),
                FormatPart::Formatted { value, .. } => format!("{{{}!}}", e(value)),
            })
            .collect(),
        E::Attribute { value, name } => format!("{}.{name}", e(value)),
        E::Subscript { value, index } => format!("{}[{}]", e(value), e(index)),
        E::Call { callee, arguments } => format!("{}({})", e(callee), args(arguments)),
        E::Tuple(list) => format!("({})", all(list)),
        E::List(list) => format!("[{}]", all(list)),
        E::Set(list) => format!("{{{}}}", all(list)),
        E::Dict(entries) => entries
            .iter()
            .map(|entry| match &entry.key {
                Some(key) => format!("{}: {}", e(key), e(&entry.value)),
                None => format!("**{}", e(&entry.value)),
            })
            .collect::<Vec<_>>()
            .join(", "),
        E::Not(x) => format!("not {}", e(x)),
        E::Negative(x) => format!("-{}", e(x)),
        E::Binary {
            left,
            operator,
            right,
        } => format!("{} {operator:?} {}", e(left), e(right)),
        E::And(a, b) => format!("{} and {}", e(a), e(b)),
        E::Or(a, b) => format!("{} or {}", e(a), e(b)),
        E::Compare {
            left,
            comparison,
            right,
        } => {
            format!("{} {comparison:?} {}", e(left), e(right))
        }
        E::Conditional { test, body, orelse } => {
            format!("{} if {} else {}", e(body), e(test), e(orelse))
        }
        E::Await(x) => format!("await {}", e(x)),
        E::Slice { lower, upper } => {
            let part = |x: &Option<Box<Expression>>| x.as_ref().map_or(String::new(), |x| e(x));
            format!("{}:{}", part(lower), part(upper))
        }
        E::Comprehension {
            is_generator,
            element,
            target,
            iterable,
            conditions,
        } => {
            let conditions: String = conditions.iter().map(|c| format!(" if {}", e(c))).collect();
            let kind = if *is_generator { "gen" } else { "list" };
            format!(
                "{kind}({} for {} in {}{conditions})",
                e(element),
                e(target),
                e(iterable)
            )
        }
        E::Opaque => "?".into(),
    }
}

fn bodies(source: &str, qualname: &str, expected: &str) {
    let project = project(source);
    let (functions, _) = crate::flask::functions(&Scopes::new(&project), &[]);
    let function = functions
        .iter()
        .find(|f| f.qualname == qualname)
        .expect("the function");
    let ops: Vec<String> = function.touches.iter().map(|t| brief(&t.op)).collect();
    let file = File::read(project.modules[0].text.clone()).expect("a thread");
    let body = file.body(function).expect("a body");
    let found = shown(&body, &ops);
    let trim = |s: &str| {
        s.lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(trim(&found), trim(expected), "{found}");
}

#[test]
fn a_view() {
    bodies(
        r#"
from flask import Flask, request, session, redirect, url_for, flash, render_template, abort
app = Flask(__name__)
@app.route("/login", methods=("GET", "POST"))
def login():
    """Log in."""
    error = None
    if request.method == "POST":
        name = request.form["name"].strip()
        if not name or name == 'x':
            error = f"no {name!r} in {name}\n"
        elif name in ("a", "b"):
            abort(403)
        else:
            session["user"] = -1 if name else {"a": 1, **extra}
            count += len([1, 2])
            return redirect(url_for("index", page=request.args.get("page", 1)))
        flash(error)
    for x in rows:
        with x: pass
    return render_template("login.html", error=error), 200
"#,
        "login",
        r#"
error = None
if <Method>() Equal Str("POST")
name = <Form Item name>(Str("name")).strip()
if not name or name Equal Str("x")
error = "no "{name!}" in "{name}"\n"
else
if name In (Str("a"), Str("b"))
<Abort 403>(Int(403))
else
<Session Set user>(Str("user")) = -Int(1) if name else Str("a"): Int(1), **extra
count Add= len([Int(1), Int(2)])
return <Redirect>(<UrlFor index>(Str("index"), page=<Query Get page>(Str("page"), Int(1))))
<Flash>(error)
for x in rows
?
return (<Render login.html>(Str("login.html"), error=error), Int(200))
"#,
    );
}

#[test]
fn raw_and_joined_texts() {
    bodies(
        "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef index():\n    return rf'\\d{x}' '\\n'\n",
        "index",
        r#"return "\\d"{x}"\n""#,
    );
}

#[test]
fn comprehensions_and_slices() {
    bodies(
        "
from flask import Flask, request
app = Flask(__name__)

@app.route('/')
def f():
    a = [p.x for p in things if p.y][:request.args.get('n')]
    return next((q for q in a if q), a[1:2])
",
        "f",
        "
        a = list(p.x for p in things if p.y)[:<Query Get n>(Str(\"n\"))]
        return next(gen(q for q in a if q), a[Int(1):Int(2)])
        ",
    );
}
