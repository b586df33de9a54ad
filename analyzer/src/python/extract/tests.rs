use super::super::facts::{ExprKind, Facts, StmtKind};
use super::*;

fn facts(text: &str) -> Facts {
    Extractor::new().extract(text)
}

fn calls(text: &str) -> Vec<String> {
    let f = facts(text);
    f.exprs
        .iter()
        .filter(|e| matches!(e.kind, ExprKind::Call { .. }))
        .map(|e| e.span.of(text).to_owned())
        .collect()
}

#[test]
fn decorated_views() {
    let text =
        "@app.route('/x')\n@login\nasync def x(a, *b, c: int = 1, **d) -> str:\n    yield 1\n";
    let f = facts(text);
    let function = &f.functions[0];
    assert_eq!(function.name.of(text), "x");
    assert!(function.is_async && function.is_generator);
    assert_eq!(f.exprs_of(function.decorators).len(), 2);
    let names: Vec<_> = f
        .params_of(function.params)
        .iter()
        .map(|p| p.name.of(text))
        .collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(function.params_span.of(text), "a, *b, c: int = 1, **d");
    assert!(function.span.of(text).starts_with("async def"));
    assert!(function.outer.of(text).starts_with("@app"));
}

#[test]
fn chained_assignment_and_elif() {
    let f = facts("a = b = f()\nif a:\n  x()\nelif b:\n  y()\nelse:\n  z()\n");
    let body = f.stmts_of(f.body);
    assert!(matches!(f.stmt(body[0]).kind, StmtKind::Assign { targets, .. } if targets.len == 2));
    let StmtKind::If { orelse, .. } = f.stmt(body[1]).kind else {
        panic!("an if")
    };
    let inner = f.stmts_of(orelse);
    assert_eq!(inner.len(), 1);
    let StmtKind::If { orelse, .. } = f.stmt(inner[0]).kind else {
        panic!("an elif")
    };
    assert_eq!(f.stmts_of(orelse).len(), 1);
}

#[test]
fn imports() {
    let text =
        "from ..a.b import (c as d, e)\nfrom . import f\nimport x.y as z, w\nfrom q import *\n";
    let f = facts(text);
    let shown: Vec<String> = f
        .stmts_of(f.body)
        .iter()
        .map(|&s| match f.stmt(s).kind {
            StmtKind::ImportFrom {
                module,
                level,
                names,
                star,
            } => {
                let names: Vec<_> = f
                    .imports_of(names)
                    .iter()
                    .map(|n| n.span.of(text))
                    .collect();
                format!("{level}:{}:{}:{star}", module.of(text), names.join(","))
            }
            StmtKind::Import(names) => f
                .imports_of(names)
                .iter()
                .map(|n| n.name.of(text))
                .collect::<Vec<_>>()
                .join(","),
            _ => "?".into(),
        })
        .collect();
    assert_eq!(
        shown,
        ["2:a.b:c as d,e:false", "1::f:false", "x.y,w", "0:q::true"]
    );
}

#[test]
fn strings_and_interpolations() {
    let text = "x = f'/a/{b}/{c!r}' '/d'\ny = 'p' \"q\"\n";
    let f = facts(text);
    let StmtKind::Assign { value, .. } = f.stmt(f.stmts_of(f.body)[0]).kind else {
        panic!()
    };
    let ExprKind::FString(parts) = f.expr(value).kind else {
        panic!("an f-string")
    };
    let shown: Vec<_> = f
        .exprs_of(parts)
        .iter()
        .map(|&e| f.expr(e).span.of(text))
        .collect();
    assert_eq!(shown, ["/a/", "{b}", "/", "{c!r}", "'/d'"]);
    let inner: Vec<(&str, bool)> = f
        .exprs_of(parts)
        .iter()
        .filter_map(|&e| match f.expr(e).kind {
            ExprKind::Interpolation { value, plain, .. } => {
                Some((f.expr(value).span.of(text), plain))
            }
            _ => None,
        })
        .collect();
    assert_eq!(inner, [("b", true), ("c", false)]);
    let StmtKind::Assign { value, .. } = f.stmt(f.stmts_of(f.body)[1]).kind else {
        panic!()
    };
    assert!(matches!(f.expr(value).kind, ExprKind::Str));
}

#[test]
fn misparses_are_mended() {
    let text = "type(self).x = v\n";
    let f = facts(text);
    assert!(matches!(
        f.stmt(f.stmts_of(f.body)[0]).kind,
        StmtKind::Assign { .. }
    ));
    assert_eq!(calls("print >> f(x), y\n"), ["f(x)"]);
}

#[test]
fn recovers() {
    let text =
        "app = Flask(__name__)\ndef broken(:\n    pass\n@app.route('/')\ndef ok(): return f()\n";
    let f = facts(text);
    assert!(!f.errors.is_empty());
    assert!(calls(text).iter().any(|c| c == "app.route('/')"));
}

/// At the limits of `depth`, where the parser's stack is used most.
#[test]
fn deep_nesting_ends() {
    let parse = || {
        let (n, m) = (9_900, 49_000);
        for text in [
            format!("x = {}1{}\n", "(".repeat(n), ")".repeat(n)),
            format!("x = {}1{}\n", "[".repeat(n), "]".repeat(n)),
            format!("x = {}1\n", "f(".repeat(n)),
            format!("x = {}1{}\n", "{1:".repeat(n), "}".repeat(n)),
            format!("x = {}1\n", "1 + ".repeat(m / 2)),
            format!("x = {}1\n", "1 ** ".repeat(m / 3)),
            format!("x = {}1\n", "-".repeat(m)),
            format!("x = {}1\n", "not ".repeat(m)),
            format!("x = {}1\n", "await ".repeat(m)),
            format!("x = {}1\n", "lambda: ".repeat(m / 2)),
            format!("x = {}1\n", "1 if 1 else ".repeat(m / 4)),
            format!("x = a{}\n", ".b".repeat(m)),
            format!("x = f{}\n", "()".repeat(m)),
            format!("x = f{}\n", "[0]".repeat(m / 2)),
            format!("{}1\n", "x = ".repeat(m / 2)),
            format!("{}pass\n", "if x: ".repeat(m / 3)),
        ] {
            facts(&text);
        }
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, parse)
            .expect("a thread")
            .join()
            .expect("no panic");
    });
}

#[test]
fn spans_lie_inside_their_parents() {
    let text = "x = [f(a, b=c) for a, b in y if a.z[1:2]]\nwith open(p) as f, g:\n  del a[0], b\n";
    let f = facts(text);
    for e in &f.exprs {
        assert!(text.is_char_boundary(e.span.start as usize));
        assert!(e.span.end as usize <= text.len());
    }
    assert!(f.errors.is_empty());
}
