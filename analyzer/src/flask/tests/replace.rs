//! Exchanging the text of one touch for another expression of its kind leaves every other touch
//! where it was: what an edit of codegen relies on.

use model::{Context, Op, Outcome, Span, Touch};
use proptest::prelude::*;

use super::project;
use crate::python::scopes::Scopes;

const PRELUDE: &str = "import flask
from flask import (Flask, Response, abort, current_app, flash, g, jsonify, redirect,
    render_template, request, session, url_for)
from werkzeug.exceptions import NotFound
app = Flask(__name__)
def plain(*a): pass
";

/// Reading expressions with a touch in them.
const LOADS: &[&str] = &[
    "request.args.get('q', 1, type=int)",
    "request.args['q']",
    "request.form.getlist('many')[0]",
    "flask.request.headers.get('X')",
    "request.json['a']['b']",
    "request.get_json(silent=True)",
    "'q' in request.values",
    "request",
    "request.files['f'].filename",
    "session['user']",
    "session.get(request.endpoint)",
    "g.user.name",
    "getattr(g, 'db', None)",
    "current_app.config['KEY']",
    "app.config.get('KEY', request.path)",
    "app.logger",
    "url_for('view', id=request.args['id'])",
    "render_template('a.html', x=session, y=g.y)",
    "redirect(url_for('x'))",
    "jsonify(a=request.method)",
    "jsonify(1).status_code",
    "flask.jsonify({'k': [g.a, *g.b]})",
    "isinstance(plain(), Response)",
    "(lambda a=request.host: a + g.z)",
    "[session[i] for i in g.all if request.is_json]",
    "{k: request.url for k in request.args}",
    "f'{request.path!r:>{g.width}} and {session}'",
    "(yield request.data)",
    "plain(g, *request.args, **session)",
    "(request.args or request.form)",
    "(g.x if request.is_json else g.y)",
    "not request.method == 'POST'",
    "(w := request.cookies)",
    "plain",
    "None",
];

/// What may stand on a left side.
const TARGETS: &[&str] = &[
    "g.user",
    "session['x']",
    "app.config['X']",
    "session[request.path]",
    "a",
    "a, g.b",
];

/// Statements without a body: `@` is a load, `=` a target.
const LINES: &[&str] = &[
    "x = @",
    "x: Response = @",
    "= = @",
    "plain(@, @)",
    "@",
    "return @",
    "return @, 404",
    "assert @, @",
    "raise NotFound(@) from @",
    "raise NotFound()",
    "abort(404, @)",
    "flash(@)",
    "del session['k'], g.k",
    "session['n'] += @",
    "req = request",
    "plain(req.args)",
    "global glob",
    "from flask import Markup",
];

/// Statements with a body.
const BLOCKS: &[&str] = &[
    "if @:",
    "while @:",
    "for a in @:",
    "for g.i in @:",
    "with plain(@) as g.w:",
    "try:\n    plain()\nexcept NotFound:",
    "match @:\n    case flask.Response(status=200) if @:\n        plain(@)\nif 1:",
    "def inner(a=@, *, b: Response = @):",
    "async def inner(a: flask.Request) -> Response:",
    "class Inner(flask.views.MethodView):",
    "@app.route('/' + str(@))\ndef routed():",
    "@plain(@)\ndef decorated(a=1):",
    "if 1:\n    plain()\nelif @:",
];

/// What the touch is exchanged for; the first few have no touch themselves.
const REPLACEMENTS: &[&str] = &[
    "plain",
    "(plain(1))",
    "plain(1, [2], 'three').four",
    "plain.a['b']",
    "(session.get('zzzzzzzzzz'))",
    "g.v",
    "flask.request.headers['X-Long-Name']",
];
const WITHOUT_TOUCH: usize = 4;

fn filled(template: &str, loads: &[usize], targets: &[usize]) -> String {
    let (mut loads, mut targets) = (loads.iter().cycle(), targets.iter().cycle());
    let mut out = String::new();
    for (i, line) in template.split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        // `@` and `=` as such stand in decorators and in `… = …`.
        let (mark, rest) = match line.strip_prefix('@') {
            Some(rest) if !rest.is_empty() => ("@", rest),
            _ => ("", line),
        };
        out.push_str(mark);
        let left = rest.starts_with("= = ");
        for (n, c) in rest.chars().enumerate() {
            match c {
                '@' => out.push_str(LOADS[loads.next().expect("a cycle") % LOADS.len()]),
                '=' if left && n == 0 => {
                    out.push_str(TARGETS[targets.next().expect("a cycle") % TARGETS.len()]);
                }
                c => out.push(c),
            }
        }
    }
    out
}

fn indented(text: &str) -> String {
    text.lines().map(|l| format!("    {l}\n")).collect()
}

fn statements() -> impl Strategy<Value = String> {
    let some = || prop::collection::vec(0..1000usize, 4);
    let line = (0..LINES.len(), some(), some())
        .prop_map(|(i, loads, targets)| filled(LINES[i], &loads, &targets) + "\n");
    line.prop_recursive(3, 24, 4, move |inner| {
        (0..BLOCKS.len(), some(), prop::collection::vec(inner, 1..4)).prop_map(
            |(i, loads, body)| filled(BLOCKS[i], &loads, &loads) + "\n" + &indented(&body.concat()),
        )
    })
}

fn source() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::collection::vec(statements(), 1..4), 1..3).prop_map(|views| {
        let mut out = PRELUDE.to_owned();
        for (i, body) in views.iter().enumerate() {
            out += &format!(
                "@app.route('/{i}')\nasync def view{i}():\n{}",
                indented(&body.concat())
            );
        }
        out
    })
}

/// Touches of all functions in order, and whether the source is sound Python.
fn touches(text: &str) -> (Vec<Touch>, bool) {
    let project = project(text);
    let sound = project.modules[0].facts.errors.is_empty();
    let (functions, _) = crate::flask::functions(&Scopes::new(&project), &[]);
    let mut all: Vec<Touch> = functions.into_iter().flat_map(|f| f.touches).collect();
    all.sort_by(|a, b| (a.span, a.receiver, &a.op).cmp(&(b.span, b.receiver, &b.op)));
    (all, sound)
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// What of a touch must stay, at its place after the exchange. What lies in `exchanged` is new.
fn kept(t: &Touch, exchanged: Span, moved: &impl Fn(Span) -> Span) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        t.op,
        moved(t.span),
        moved(t.receiver),
        t.context,
        t.outcome,
        t.subject,
        t.arguments
            .iter()
            .map(|a| {
                let same = |s: Span| (!contains(exchanged, s)).then(|| moved(s));
                (same(a.span), same(a.value))
            })
            .collect::<Vec<_>>()
    )
}

proptest! {
    #[test]
    fn other_touches_stay(text in source(), pick in any::<prop::sample::Index>(), with in 0..REPLACEMENTS.len()) {
        let (before, sound) = touches(&text);
        prop_assert!(sound, "the generator makes sound Python:\n{text}");
        let exchangeable: Vec<&Touch> = before
            .iter()
            .filter(|t| !matches!(t.op, Op::Import { .. } | Op::CreateApp))
            .collect();
        let picked = pick.get(&exchangeable);
        let bound = matches!(picked.outcome, Outcome::Bound(_));
        let new = if bound {
            // Others may live on its value: only its form changes.
            format!("( {} )", picked.span.of(&text))
        } else if picked.context == Context::Target {
            ["store.one", "store['two'][3]"][with % 2].to_owned()
        } else if picked.context == Context::Pattern {
            ["plain", "plain.some.where"][with % 2].to_owned()
        } else {
            REPLACEMENTS[with].to_owned()
        };
        let at = picked.span;
        let after_text = format!("{}{new}{}", &text[..at.start as usize], &text[at.end as usize..]);
        let (after, sound) = touches(&after_text);
        prop_assert!(sound, "{new} for {} breaks\n{text}", at.of(&text));
        let delta = new.len() as i64 - i64::from(at.end - at.start);
        let shift = |p: u32| if p >= at.end { (i64::from(p) + delta) as u32 } else { p };
        let moved = |s: Span| Span::new(shift(s.start), shift(s.end));
        let expected: Vec<String> = before
            .iter()
            .filter(|t| !contains(at, t.span) && !contains(t.receiver, at))
            .map(|t| kept(t, at, &moved))
            .collect();
        let mut found: Vec<String> = after.iter().map(|t| kept(t, moved(at), &|s| s)).collect();
        for one in &expected {
            let Some(i) = found.iter().position(|f| f == one) else {
                prop_assert!(false, "{one}\nis gone after {new} for `{}`:\n{after_text}\nfound {found:#?}", at.of(&text));
                return Ok(());
            };
            found.swap_remove(i);
        }
        let only_plain = matches!(picked.context, Context::Target | Context::Pattern);
        if !bound && (only_plain || with < WITHOUT_TOUCH) {
            prop_assert!(found.is_empty(), "new after {new} for `{}`: {found:#?}\n{after_text}", at.of(&text));
        }
    }
}
