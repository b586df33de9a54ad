//! What is read of small templates.

use model::{EdgeKind, Template};
use proptest::prelude::*;

use super::read;

/// A template a line, and what `jinja2.meta.find_undeclared_variables` of Jinja2 3.1.6 (with i18n, do and
/// loop controls) says of it.
const CASES: &str = include_str!("cases.txt");

fn parsed(text: &str) -> Template {
    let template = read("t.html", "templates/t.html", text);
    assert_eq!(template.error, None, "{text}");
    template
}

#[test]
fn free_names_are_those_of_jinja2() {
    let lines: Vec<&str> = CASES.lines().collect();
    assert!(lines.len() > 90);
    for pair in lines.chunks(2) {
        let [text, names] = pair else {
            panic!("a template and its names: {pair:?}");
        };
        let mut names: Vec<&str> = names.trim_start_matches('=').split_whitespace().collect();
        names.sort_unstable();
        assert_eq!(parsed(text).free, names, "{text}");
    }
}

#[test]
fn edges() {
    let template = parsed(
        "{% extends 'base.html' %}\n{% include ['a.html', b] ignore missing %}\n\
         {% import \"m.html\" as m %}{% from 'f.html' import x, y as z with context %}\n\
         {% include 'p.html' if q else 'r.html' %}{% include name ~ '.html' %}",
    );
    let edges: Vec<(EdgeKind, Option<&str>, Option<&str>, u32)> = template
        .edges
        .iter()
        .map(|e| (e.kind, e.template.as_deref(), e.member.as_deref(), e.line))
        .collect();
    use EdgeKind::{Extends, Import, Include};
    let expected = [
        (Extends, Some("base.html"), None, 1),
        (Include, Some("a.html"), None, 2),
        (Include, None, None, 2),
        (Import, Some("m.html"), None, 3),
        (Import, Some("f.html"), Some("x"), 3),
        (Import, Some("f.html"), Some("y"), 3),
        (Include, Some("p.html"), None, 4),
        (Include, Some("r.html"), None, 4),
        (Include, None, None, 4),
    ];
    assert_eq!(edges, expected);
}

#[test]
fn names_of_all_kinds() {
    let template = parsed(
        "{% block a %}{% endblock %}{% macro m(p) %}{% endmacro %}{% for q in r|sort|join('-') %}{% endfor %}\
         {% if s is defined and t %}{% endif %}{{ u or v }}{{ w|default(1) }}{% filter upper %}{% endfilter %}\
         {{ x is odd }}{% cache 300, key=y|lower %}{{ z }}{% endcache %}{% set k|trim %}{% endset %}",
    );
    assert_eq!(template.blocks, ["a"]);
    assert_eq!(template.macros, ["m"]);
    let filters = ["default", "join", "lower", "sort", "trim", "upper"];
    assert_eq!(template.filters, filters);
    assert_eq!(template.tests, ["defined", "odd"]);
    assert_eq!(template.tags, ["cache", "endcache"]);
    assert_eq!(template.binds, ["k", "m", "p", "q"]);
    assert_eq!(template.optional, ["s", "t", "u", "w"]);
    let free = ["r", "s", "t", "u", "v", "w", "x", "y", "z"];
    assert_eq!(template.free, free);
}

#[test]
fn calls_and_formats() {
    let template = parsed(
        "{{ url_for('x', y=now()) }}{{ post.title.upper() }}{{ posts[0].title.lower() }}{{ a.b().c() }}\n\
         {% for x in items.values() if x.is_good() %}{{ x|f(g()) is h(i()) }}{% endfor %}{% call(u) m.dialog() %}{% endcall %}\n\
         {% set t = now() %}{{ d['k']() }}{{ q() if p() else r() }}{% if a.b() %}{% endif %}{{ super() }}",
    );
    let calls = [
        "url_for",
        "now",
        "post.title.upper",
        ".lower",
        "a.b",
        ".c",
        "items.values",
        "x.is_good",
        "g",
        "i",
        "m.dialog",
        "q",
        "p",
        "r",
        "super",
    ];
    assert_eq!(template.calls, calls);
    assert_eq!(template.formats, [0; 0]);
    let template = parsed(
        "{{ \"%d\" % x }}{{ 7 % 2 }}\n{{ x % 2 }}\n{{ _('%(a)s')\n % {'a': 1} }}\n{{ ('a' ~ b) % (c, d) }}\n\
         {{ ('%s'|safe) % x }}\n{{ loop.index % 2 == 0 }}\n{% set y = 'a%s' % (z % 3) %}\n{{ '%' }}",
    );
    assert_eq!(template.formats, [1, 4, 5, 6, 8]);
    assert_eq!(template.calls, ["_"]);
}

#[test]
fn urls() {
    let template = parsed(
        "{{ url_for('blog.index', page=2, _external=true) }}\n{% trans x=url_for(\"a\") %}{{ x }}{% endtrans %}\n\
         {% snippet url_for(endpoint='b', q=1) %}{{ url_for(name) }}{{ h.url_for('no') }}",
    );
    let urls: Vec<(Option<&str>, String, u32)> = template
        .urls
        .iter()
        .map(|u| (u.endpoint.as_deref(), u.arguments.join(" "), u.line))
        .collect();
    let expected = [
        (Some("blog.index"), "page _external".to_owned(), 1),
        (Some("a"), String::new(), 2),
        (Some("b"), "q".to_owned(), 3),
        (None, String::new(), 3),
    ];
    assert_eq!(urls, expected);
}

#[test]
fn forms_and_links() {
    let template = parsed(
        "<a href=\"{{ url_for('x', q=\"a>b\") }}\">x</a><!-- <a href=no> --><script src=a.js>'<form>'</script>\n\
         <form method=post enctype='multipart/form-data' action=\"{% if a %}/b{% endif %}\">\n\
         <input name=title required><INPUT TYPE=File NAME='up{{ i }}' {% if r %}required{% endif %}/>\n\
         <select name=s><option></select><textarea name=\"t\"></textarea><button name=go>Go</button>\n\
         <input type=submit></form><form><input name=q type=search></form>",
    );
    let forms: Vec<String> = template
        .forms
        .iter()
        .map(|f| {
            let fields: Vec<String> = f
                .fields
                .iter()
                .map(|f| format!("{}:{}{}", f.name, f.kind, if f.required { "!" } else { "" }))
                .collect();
            format!(
                "{} {:?} {} {} {}",
                f.line,
                f.action,
                f.method,
                f.multipart,
                fields.join(" ")
            )
        })
        .collect();
    let expected = [
        "2 Some(\"{% if a %}/b{% endif %}\") POST true title:text! up{{ i }}:file! s:select t:textarea go:submit",
        "5 None GET false q:search",
    ];
    assert_eq!(forms, expected);
    let links: Vec<(&str, &str, u32)> = template
        .links
        .iter()
        .map(|l| (l.tag.as_str(), l.target.as_str(), l.line))
        .collect();
    let expected = [
        ("a", "{{ url_for('x', q=\"a>b\") }}", 1),
        ("script", "a.js", 1),
        ("form", "{% if a %}/b{% endif %}", 2),
    ];
    assert_eq!(links, expected);
}

#[test]
fn mistakes_keep_what_stands_before() {
    for (text, line) in [
        ("{{ a }}\n{% if b %}{{ c }}", 2),
        ("{{ a }}{% if b %}{% for c in b %}\n{% endif %}", 2),
        ("{{ a }}{{ b }}\n\n{{ c + }}{{ d }}", 3),
        ("{{ a }}{{ b }}\n{# c", 2),
        ("{{ a }}{{ b }}\n{{ 'c", 2),
        ("{{ a }}{{ b }}\n{% raw %}", 2),
        ("{{ a }}{{ b }}{{ (c]\n}}", 1),
        ("{{ a }}{{ b }}\n{% trans %}{% if x %}{% endtrans %}", 2),
        ("{{ a }}{{ b }}\n{% endblock %}", 2),
        ("{{ a }}{{ b }}\n{% %}", 2),
    ] {
        let template = read("t", "t", text);
        assert_eq!(template.error.map(|e| e.line), Some(line), "{text}");
        assert!(
            template.free.starts_with(&["a".into(), "b".into()]),
            "{text}"
        );
    }
}

#[test]
fn hostile_templates_end() {
    let deep = [
        "{% if a %}".repeat(20_000),
        "{{ ".to_owned() + &"(".repeat(50_000) + "a" + &")".repeat(50_000) + " }}",
        "{{ a".to_owned() + &" + a".repeat(100_000) + " }}",
        "{{ ".to_owned() + &"not ".repeat(100_000) + "a }}",
        "{{ ".to_owned() + &"-".repeat(100_000) + "a }}",
        "{{ a".to_owned() + &".b".repeat(100_000) + " }}",
        "{{ a".to_owned() + &"[0]".repeat(100_000) + " }}",
        "{{ a".to_owned() + &"|b".repeat(100_000) + " }}",
        "{{ ".to_owned() + &"a if ".repeat(100_000) + "a }}",
        "{{ [".to_owned() + &"a, ".repeat(100_000) + "] }}",
        "{% if a %}".to_owned() + &"{% elif a %}".repeat(50_000) + "{% endif %}",
        "{% for x in y %}".repeat(199) + &"{{ loop }}".repeat(20_000),
        "{%".repeat(100_000),
        "{#".repeat(100_000),
        "<a ".repeat(100_000),
        "<a href='".repeat(100_000),
        "{% set (".to_owned() + &"(".repeat(100_000) + "a %}",
        "{{ '".to_owned() + &"\\".repeat(100_001),
    ];
    let start = std::time::Instant::now();
    for text in deep {
        let _ = read("t", "t", &text);
    }
    assert!(start.elapsed().as_secs() < 60);
}

#[test]
fn lines_of_names() {
    let text = "x{% block x %}\n{{ a.x }}{{ f(x=1) }}{% endblock %}\n{{ x }}";
    assert_eq!(super::line_of(text, "x"), Some(3));
    assert_eq!(super::line_of(text, "y"), None);
}

#[test]
fn long_lists_are_read() {
    let text = format!("{{{{ [{}] }}}}", "{'a': b|c(1), 'd': not e}, ".repeat(3000));
    assert_eq!(parsed(&text).free, ["b", "e"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever bytes of a template change, it is read.
    #[test]
    fn mutations_are_read(
        case in 0usize..1000,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0u8..3, any::<u8>()), 1..12),
    ) {
        let lines: Vec<&str> = CASES.lines().collect();
        let mut bytes = lines[case % lines.len()].as_bytes().to_vec();
        const LIKELY: &[u8] = b"{}%#()[]|'\"\\,.=+-<>/ \n01a";
        for (index, kind, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = index.index(bytes.len());
            let byte = if byte < 128 { LIKELY[byte as usize % LIKELY.len()] } else { byte };
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let template = read("t", "t", &text);
        prop_assert!(template.error.is_none_or(|e| e.line >= 1));
    }
}

#[test]
fn what_prints_the_insides() {
    let attributes = |text: &str| read("t.html", "t.html", text).attributes;
    let counts =
        "{{ {\"n\": posts|length, \"b\": [1]}|tojson }}{% filter tojson %}{{ x }}{% endfilter %}";
    assert_eq!(attributes(counts), [""; 0]);
    assert_eq!(
        attributes("{{ p.day|tojson }}{{ [q]|pprint }}"),
        ["day", "|pprint", "|tojson"]
    );
}
