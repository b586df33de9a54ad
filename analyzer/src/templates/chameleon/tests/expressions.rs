//! Expressions and what Chameleon 4.6.0 does with them, as in `cases.rs`.

use super::Expected;

/// Cases.
pub(super) const EXPRESSIONS: &[(&str, Expected)] = &[
    (
        "${a} ${a.b.c} ${a['b'](c, d=e, *f, **g)}",
        Some(&["a", "c", "e", "f", "g"]),
    ),
    (
        "${[x for x in a if x.b and c]} ${x}",
        Some(&["a", "c", "x"]),
    ),
    ("${{k: v for k, v in a.items()}}", Some(&["a"])),
    ("${(lambda x, y=z: x + y + w)(1)}", Some(&["w", "z"])),
    (
        "${'a' if b else c} ${'{}'.format(d)} ${{'a': 1}['a']}",
        Some(&["b", "c", "d"]),
    ),
    (
        r#"${f'{a} {b!r:>10}'} ${"}"} ${"""}"""}"#,
        Some(&["a", "b"]),
    ),
    ("${'a|b'}", None),
    (r"${'a\|b'} ${a \| b}", Some(&["a", "b"])),
    ("${a | b} ${c | nothing}", Some(&["b"])),
    ("${a | string:${b}}", Some(&["b"])),
    ("${a | foo: b}", None),
    ("${a || b}", None),
    ("${a |}", Some(&["a"])),
    ("${| a}", None),
    ("${} ${a}", Some(&["a"])),
    ("${ }", None),
    ("${a", Some(&[])),
    ("${a b}", None),
    ("${a # } b}", Some(&["a"])),
    ("${string:a} b ${c}}", Some(&["c"])),
    ("${string:${a b}", Some(&[])),
    (
        r#"<p tal:content="string:a $b ${c} $$d $${e} $1 $_x"/>"#,
        Some(&["b", "c"]),
    ),
    (r#"<p tal:content="string:$if"/>"#, Some(&["i"])),
    (r#"<p tal:content="string:${a b $c}"/>"#, Some(&["c"])),
    ("$${a} $$${b} $$$${c} $d", Some(&["b"])),
    (
        "${not: a} ${exists: b} ${structure: c} ${not: exists: d}",
        Some(&["a", "c"]),
    ),
    ("${import: os.path} ${load: x.pt}", Some(&[])),
    ("${python: a} ${python: not: b}", Some(&["a", "b"])),
    ("${foo: a}", None),
    ("${lambda: a}", None),
    ("${lambda x: a}", Some(&["a"])),
    ("${a:b}", None),
    (
        "${not:not:a} ${structure:string:${b}} ${string:x ${b | ''}}",
        Some(&["a", "b"]),
    ),
    (r#"<p tal:content="string:${a $bc d} e"/>"#, Some(&["bc"])),
    (r#"<p tal:content="load: ${a $b}"/>"#, Some(&["b"])),
    (
        "${a.b(c)[d:e, ...]} ${-f ** +g} ${h if not i else j} ${k < l <= m} ${[*n, *o]} ${{**p}} ${q @ r}",
        Some(&[
            "a", "c", "d", "e", "f", "g", "h", "i", "j", "n", "o", "p", "q", "r",
        ]),
    ),
    (
        "${{x for x in a for y in x.b if y}} ${(x, y)}",
        Some(&["a", "x", "y"]),
    ),
    ("${'é' + a} ${u} ", Some(&["a", "u"])),
    (
        r"${a}é${b}${c
  }",
        Some(&["a", "b", "c"]),
    ),
    ("${a &lt; b} ${a &amp;&amp; b}", None),
    (
        "${a &lt; b} ${&quot;}&quot;} ${c and d}",
        Some(&["a", "b", "c", "d"]),
    ),
    (
        "${nothing} ${default} ${repeat} ${template} ${macros} ${attrs} ${len(a)} ${None} ${__x} ${translate('x')}",
        Some(&["a"]),
    ),
    (r#"<p tal:condition="a &gt; b"/>"#, Some(&["a", "b"])),
    (r#"<p tal:condition="not a and not b"/>"#, Some(&["a", "b"])),
    (r#"<p tal:condition="python: a"/>"#, Some(&["a"])),
    (r#"<p tal:condition="a = b"/>"#, None),
    (r#"<p tal:condition="a; b"/>"#, None),
    (r#"<p tal:condition="a;"/>"#, None),
    (r#"<p tal:condition="*a, b"/>"#, None),
    (r#"<p tal:condition="(*a, b)"/>"#, Some(&["a", "b"])),
    (r#"<p tal:condition="a, b"/>"#, Some(&["a", "b"])),
    (r#"<p tal:condition="yield a"/>"#, None),
    (r#"<p tal:condition="(yield a)"/>"#, Some(&["a"])),
    (r#"<p tal:condition="await a"/>"#, None),
    (r#"<p tal:condition="(a := b)"/>"#, None),
    (r#"<p tal:condition="import a"/>"#, None),
    (
        r#"<p tal:condition="a +
    b"/>"#,
        Some(&["a", "b"]),
    ),
    (
        r#"<p tal:condition="a + \
    b"/>"#,
        Some(&["a", "b"]),
    ),
    (r#"<p tal:condition="a \ "/>"#, Some(&["a"])),
    (r#"<p tal:condition="not: "/>"#, None),
    (r#"<p tal:condition="exists: a.b or c"/>"#, Some(&[])),
    (r#"<p tal:condition="load: ${a}.pt"/>"#, Some(&["a"])),
    (r#"<p tal:content="load: "/>"#, Some(&[])),
    (r#"<p tal:content="load:"/>"#, None),
    (r#"<p title="${a}${b | ''} $c">x</p>"#, Some(&["a"])),
    (r#"<p title="$${a}">x</p>"#, Some(&[])),
    (
        "<script>var a = {b: ${c}}; $(function() { x(${d}); });</script>",
        Some(&["c", "d"]),
    ),
    ("<script>var a = `${b c}`;</script>", None),
    (
        "${url_for('a.b', c=d, _external=True)}",
        Some(&["d", "url_for"]),
    ),
];
