//! Small templates against what Chameleon 4.6.0 does with them, the site in `fixtures/podcast`, and noise.

mod cases;
mod expressions;

use std::path::Path;

use model::{EdgeKind, Template};
use proptest::prelude::*;

use super::{Settings, read, read_with};

/// The names that must come from outside; `None` where Chameleon refuses the template.
type Expected = Option<&'static [&'static str]>;

fn of(text: &str) -> Template {
    read("page.pt", "templates/page.pt", text)
}

fn check(cases: &[(&str, Expected)]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let template = of(text);
        let agrees = match (expected, &template.error) {
            (None, Some(_)) => true,
            (Some(names), None) => template.free == *names,
            _ => false,
        };
        if !agrees {
            wrong.push(format!(
                "{text}\n  Chameleon: {expected:?}\n  we: {:?} {:?}",
                template.free, template.error
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn markup_as_chameleon_reads_it() {
    check(cases::MARKUP);
}

#[test]
fn statements_as_chameleon_reads_them() {
    check(cases::STATEMENTS);
}

#[test]
fn expressions_as_chameleon_reads_them() {
    check(expressions::EXPRESSIONS);
}

#[test]
fn settings() {
    let data = Settings {
        data_attributes: true,
        ..Settings::default()
    };
    let template = read_with("p", "p", r#"<p data-tal-content="a" data-x="${b}"/>"#, data);
    assert_eq!(template.free, ["a", "b"]);
    let any = Settings {
        any_namespace: true,
        ..Settings::default()
    };
    let vue = r#"<p v-on:click="a" title="${b}"/>"#;
    assert_eq!(read_with("p", "p", vue, any).free, ["b"]);
    assert!(of(vue).error.is_some());
}

#[test]
fn edges() {
    let template = of(r#"<html metal:use-macro="load: ../layout.pt">
<tal:x metal:fill-slot="body" tal:define="forms load: forms.pt">
<p tal:replace="structure load: foot.pt"/>
<p metal:use-macro="forms.macros['login']"/>
<p metal:use-macro="template.macros.own"/>
<p metal:use-macro="layout.macros['main']"/>
<p metal:extend-macro="load: ${a}.pt"/>
</tal:x><p metal:define-macro="own" metal:define-slot="inner"/></html>"#);
    let edges: Vec<_> = template
        .edges
        .iter()
        .map(|e| (e.kind, e.template.as_deref(), e.member.as_deref(), e.line))
        .collect();
    assert_eq!(
        edges,
        [
            (EdgeKind::Macro, Some("../layout.pt"), None, 1),
            (EdgeKind::Slot, Some("../layout.pt"), Some("body"), 2),
            (EdgeKind::Import, Some("forms.pt"), None, 2),
            (EdgeKind::Include, Some("foot.pt"), None, 3),
            (EdgeKind::Macro, Some("forms.pt"), Some("login"), 4),
            (EdgeKind::Macro, Some("page.pt"), Some("own"), 5),
            (EdgeKind::Macro, None, Some("main"), 6),
            (EdgeKind::Extends, None, None, 7),
        ]
    );
    assert_eq!(template.macros, ["own"]);
    assert_eq!(template.blocks, ["inner"]);
    assert_eq!(template.filters, ["load", "python"]);
    assert_eq!(template.free, ["a", "layout"]);
}

#[test]
fn urls() {
    let template = of(
        "<a href=\"${url_for('blog.show',\n id=post.id, _anchor='x')}\">x</a>\n\
        <a tal:attributes=\"href flask.url_for(endpoint=name, page=1)\"/>${url_for('x', **more)}",
    );
    let urls: Vec<_> = template
        .urls
        .iter()
        .map(|u| (u.endpoint.as_deref(), u.arguments.join(" "), u.line))
        .collect();
    assert_eq!(
        urls,
        [
            (Some("blog.show"), "id _anchor".to_owned(), 1),
            (None, "page".to_owned(), 3),
            (Some("x"), String::new(), 3),
        ]
    );
}

#[test]
fn forms_and_links() {
    let template = of(r#"<link href="/a.css"><img src="${logo}">
<form method="post" enctype="multipart/form-data" tal:attributes="action string:/posts/${id}">
<input name="title" required><input type="file" name="${name}"><input type="submit">
<textarea name="body"></textarea><select name="tag"><option>a</option></select>
<button name="go">Go</button><button type="button" name="no">No</button>
<input type="checkbox" name="agree" tal:attributes="required needed"></form>
<input name="outside"><form action="${url}" method="${how}"></form>
<div tal:content="x"><a href="/placeholder">x</a></div>
<a href="/static" tal:attributes="href 'there'; title a">x</a>
<a tal:replace="x" href="/never">x</a>"#);
    assert_eq!(template.error, None);
    let [first, second] = &*template.forms else {
        panic!("{:?}", template.forms)
    };
    assert_eq!(first.action.as_deref(), Some("/posts/${id}"));
    assert_eq!(
        (&*first.method, first.multipart, first.line),
        ("POST", true, 2)
    );
    let fields: Vec<_> = first
        .fields
        .iter()
        .map(|f| (&*f.name, &*f.kind, f.required))
        .collect();
    assert_eq!(
        fields,
        [
            ("title", "text", true),
            ("${name}", "file", false),
            ("body", "textarea", false),
            ("tag", "select", false),
            ("go", "submit", false),
            ("no", "button", false),
            ("agree", "checkbox", true),
        ]
    );
    assert_eq!(second.action.as_deref(), Some("${url}"));
    assert_eq!(second.method, "${how}");
    let links: Vec<_> = template
        .links
        .iter()
        .map(|l| (&*l.tag, &*l.target))
        .collect();
    assert_eq!(
        links,
        [("link", "/a.css"), ("img", "${logo}"), ("a", "there")]
    );
}

#[test]
fn an_error_has_its_line_and_what_came_before() {
    let template = of("<p>${a}</p>\n<p tal:condition=\"b\">\n${c d}</p>${e}");
    let error = template.error.expect("an error");
    assert_eq!((error.line, &*error.message), (3, "invalid syntax: c d"));
    assert_eq!(template.free, ["a", "b"]);
}

#[test]
fn podcast() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/podcast/podcast/templates");
    let page = |name: &str| {
        let text = std::fs::read_to_string(root.join(name)).expect(name);
        let template = read(name, name, &text);
        assert_eq!(template.error, None, "{name}");
        template
    };
    let layout = page("shared/layout.pt");
    assert_eq!(layout.macros, ["layout"]);
    assert_eq!(layout.blocks, ["title", "content"]);
    assert!(layout.free.is_empty());
    assert_eq!(layout.links.len(), 6);
    assert_eq!(layout.forms[0].action.as_deref(), Some("/episodes/search"));
    let list = page("shared/episodes.pt");
    assert_eq!(list.free, ["episodes"]);
    assert_eq!(list.links[1].target, "/episodes/tag/${name}");
    let index = page("episodes/index.pt");
    assert_eq!(index.free, ["number", "pages"]);
    let edges: Vec<_> = index
        .edges
        .iter()
        .map(|e| (e.kind, e.template.as_deref(), e.member.as_deref()))
        .collect();
    assert_eq!(
        edges,
        [
            (EdgeKind::Macro, Some("../shared/layout.pt"), None),
            (EdgeKind::Slot, Some("../shared/layout.pt"), Some("title")),
            (EdgeKind::Slot, Some("../shared/layout.pt"), Some("content")),
            (EdgeKind::Macro, Some("../shared/episodes.pt"), None),
        ]
    );
    assert_eq!(page("episodes/show.pt").free, ["episode", "notes"]);
    assert_eq!(page("home/index.pt").free, ["tags", "total"]);
    assert_eq!(page("newsletter/form.pt").free, ["email", "error"]);
    let admin = page("admin/episode.pt");
    assert_eq!(admin.forms[0].action, None);
    assert_eq!(admin.forms[0].method, "POST");
    assert_eq!(admin.forms[0].fields.len(), 2);
}

/// Work grows with the text, not with its square.
#[test]
fn large_and_hostile() {
    let time = std::time::Instant::now();
    for piece in [
        "<p>",
        "</p>",
        "<!--",
        "<![CDATA[",
        "<?a ",
        "<!DOCTYPE a [<?a ",
        "<a b=\"",
        "<a b=c ",
        "${",
        "${string:",
        "${string:a} ",
        "${string:${",
        "${a} ",
        "${(",
        "$",
        "$a",
        "}",
        "&amp;",
        "<p tal:switch=\"a\" xmlns:a=\"b\">",
        "<p tal:content=\"not:not:not:not:not:not:\">",
        "<p tal:define=\"a b;",
        "<br tal:define=\"a b\"/>",
    ] {
        let _ = of(&piece.repeat(4000));
        let _ = of(&format!("<p tal:attributes=\"{}\"/>", piece.repeat(2000)));
        let _ = of(&format!("{} }} }} }} }}", piece.repeat(2000)));
    }
    for inside in [
        "(",
        "-",
        "not ",
        "a.",
        "a|",
        "python:",
        "string:",
        "lambda:",
        "[x for x in ",
    ] {
        let _ = of(&format!("${{{}}}", inside.repeat(20_000)));
        let _ = of(&format!("<?python {} ?>", inside.repeat(20_000)));
    }
    assert!(time.elapsed().as_secs() < 60, "{:?}", time.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,200}") {
        let _ = of(&text);
    }

    #[test]
    fn no_mixture_of_pieces_makes_it_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)
    ) {
        let _ = of(&pieces.concat());
    }

    #[test]
    fn no_change_of_a_template_makes_it_panic(
        changes in prop::collection::vec((0_usize..2000, 0_usize..6, 0..PIECES.len()), 1..12)
    ) {
        let mut text = String::from(cases::LONG);
        for (at, cut, piece) in changes {
            let boundary = |mut i: usize| {
                i = i.min(text.len());
                while !text.is_char_boundary(i) {
                    i -= 1;
                }
                i
            };
            let start = boundary(at % (text.len() + 1));
            let end = boundary(start + cut).max(start);
            text.replace_range(start..end, PIECES[piece]);
        }
        let _ = of(&text);
        let all = Settings { data_attributes: true, any_namespace: true };
        let _ = read_with("p", "p", &text, all);
    }
}

const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "=",
    "\"",
    "'",
    "p",
    " ",
    "\n",
    "é",
    "\u{a0}",
    "${",
    "}",
    "$",
    "a",
    "|",
    "\\",
    ";",
    ":",
    "&",
    "&#",
    "&#x",
    "&lt;",
    "<p",
    "</p>",
    "<br/>",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?python ",
    "?>",
    "<?xml ",
    "<!DOCTYPE a [",
    "]",
    "tal:content=\"",
    "tal:define=\"a b\" ",
    "tal:repeat=\"a b\" ",
    "tal:attributes=\"",
    "tal:switch=\"a\" ",
    "tal:case=\"a\" ",
    "metal:use-macro=\"load: a\" ",
    "metal:fill-slot=\"a\" ",
    "metal:define-macro=\"a\" ",
    "xmlns:x=\"y\" ",
    "string:",
    "not:",
    "load:",
    "exists:",
    "python:",
    "(",
    ")",
    "[",
    "{",
    "#",
    "lambda x: ",
    "'''",
    "i18n:name=\"a\" ",
    "i18n:translate=\"\" ",
    "\0",
    "<form ",
    "<input ",
];
