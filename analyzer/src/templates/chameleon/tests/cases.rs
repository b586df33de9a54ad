//! Templates and what Chameleon 4.6.0 does with them: `None` where it refuses one, or the names that the
//! code which it generates takes from outside (as `bench/chameleon-templates` finds them).

use super::Expected;

/// Cases.
pub(super) const MARKUP: &[(&str, Expected)] = &[
    ("<p>${a}</p>", Some(&["a"])),
    (r#"<br><p>${a}<br></p><img src="${b}">"#, Some(&["a", "b"])),
    (
        r"<p>${a}
</p>",
        Some(&["a"]),
    ),
    ("<p><b></p>", Some(&[])),
    ("<p></b></p>", None),
    ("<p><b></p></b>", None),
    ("<!-- ${a} -->", Some(&["a"])),
    ("<!--! ${a} --><!--? ${b} -->", Some(&[])),
    ("<!-- a -- b -->", None),
    ("<!-- a --->", None),
    ("<!-- a", Some(&[])),
    ("<![CDATA[ ${a} ]]>", Some(&["a"])),
    ("<![CDATA[ ${a}", Some(&["a"])),
    ("<!DOCTYPE html><p>${a}</p>", Some(&["a"])),
    ("<!doctype html ${a}>", Some(&["a"])),
    (
        r#"<!DOCTYPE html [ <!ENTITY ${a} "x"> ]>${b}"#,
        Some(&["b"]),
    ),
    (r#"<?xml version="1.0" encoding="${a}"?><p/>"#, Some(&["a"])),
    ("<?php ${a} ?>", Some(&["a"])),
    ("<?php ${a}", Some(&["a"])),
    ("< p>${a}</p>", None),
    ("1 < 2 && ${a}", Some(&["a"])),
    ("<p class=${a} id='${b}' x>y</p>", Some(&["a", "b"])),
    (r#"<p class="a"id="${b}">x</p>"#, None),
    (r#"<p class="a"id="${b}">x"#, Some(&["b"])),
    ("<p class=>x</p>", None),
    ("<p class= >x</p>", Some(&[])),
    (r#"<p class="a>${a}</p>"#, Some(&["a"])),
    (r#"<input disabled n="${a}">"#, Some(&["a"])),
    (r#"<p a:b="1">x</p>"#, None),
    (r#"<p xmlns:a="u" a:b="${x}">x</p>"#, Some(&["x"])),
    (r#"<br xmlns:a="u"><p a:b="1">x</p>"#, Some(&[])),
    (r#"<br xmlns:a="u"/><p a:b="1">x</p>"#, None),
    (r#"<p @click="${a}" :x="1">y</p>"#, None),
    (r#"<p :x="1">y</p>"#, None),
    (
        r#"<p class="${a}" class="${b}" tal:content="c">x</p>"#,
        Some(&["c"]),
    ),
    (
        r#"<p xmlns:t="http://xml.zope.org/namespaces/tal" t:content="a">x</p>"#,
        Some(&["a"]),
    ),
    (
        r#"<t:x xmlns:t="http://xml.zope.org/namespaces/tal" content="a"/>"#,
        Some(&["a"]),
    ),
    (
        r#"<tal:block content="a" /><metal:block tal:content="b" />"#,
        Some(&["a", "b"]),
    ),
    (r#"<tal:block class="x" />"#, None),
    (r#"<p data-tal-content="a">x</p>"#, Some(&[])),
    (r#"<p tal:contents="a"/>"#, None),
    (r#"<p metal:foo="a"/>"#, None),
    (r#"<p i18n:foo="a"/>"#, None),
    (
        r#"<p meta:interpolation="false">${a}<b title="${b}">${c}</b></p>"#,
        Some(&["b"]),
    ),
    (
        r#"<p meta:interpolation="false"><b meta:interpolation="on">${a}</b>${b}</p>"#,
        Some(&["a"]),
    ),
    (r#"<p meta:interpolation="no">${a}</p>"#, None),
    ("</", None),
    ("<a<b>${x}", Some(&["x"])),
    ("<é>${a}</é>", Some(&["a"])),
];

/// Cases.
pub(super) const STATEMENTS: &[(&str, Expected)] = &[
    (
        r#"<p tal:define="a b">${a}${c}</p>${a}"#,
        Some(&["a", "b", "c"]),
    ),
    (
        r#"<p tal:define="a b; c a; d string:x;;${c}">${d}</p>"#,
        Some(&["b"]),
    ),
    (r#"<p tal:define="global a b"/>${a}"#, Some(&["b"])),
    (
        r#"<p tal:define="local a b; global c d">${a}${c}</p>${a}${c}"#,
        Some(&["a", "b", "d"]),
    ),
    (r#"<p tal:define="(a, b) c">${a}${b}</p>"#, Some(&["c"])),
    (r#"<p tal:define="(a, b)c">${a}${b}</p>"#, None),
    (r#"<p tal:define="a"/>"#, None),
    (r#"<p tal:define="1 a"/>"#, None),
    (r#"<p tal:define="a-b c"/>"#, None),
    (r#"<p tal:define="global a-b c"/>"#, Some(&["c"])),
    (r#"<p tal:define="__a b"/>"#, None),
    (r#"<p tal:define="econtext b"/>"#, None),
    (r#"<p tal:define="a a | nothing">${a}</p>"#, Some(&[])),
    (r#"<p tal:define="a b &amp;amp; c; d e">x</p>"#, None),
    (r#"<p tal:define="a '&#38;'; b c">x</p>"#, Some(&["c"])),
    (r#"<p tal:define="a '&#xzz;'">x</p>"#, None),
    (
        r#"<p tal:repeat="i items">${i} ${repeat.i.number}</p>${i}"#,
        Some(&["i", "items"]),
    ),
    (
        r#"<p tal:repeat="(k, v) items" tal:content="k + v + w"/>"#,
        Some(&["items", "w"]),
    ),
    (r#"<p tal:repeat="i items; j items"/>"#, None),
    (r#"<p tal:repeat="i"/>"#, None),
    (
        r#"<p tal:condition="a" tal:define="a b" tal:repeat="c a" tal:replace="c">${c}</p>"#,
        Some(&["b"]),
    ),
    (r#"<p tal:condition="">x</p>"#, None),
    (
        r#"<p tal:content="structure a">${b}</p>"#,
        Some(&["a", "b"]),
    ),
    (
        r#"<p tal:content="text a" tal:on-error="string:${b} ${error.value}"/>"#,
        Some(&["a", "b"]),
    ),
    (r#"<p tal:content="a" tal:replace="b"/>"#, None),
    (r#"<p tal:content="a" i18n:translate="x"/>"#, None),
    (r#"<p tal:content="a" i18n:translate=""/>"#, Some(&["a"])),
    (r#"<p tal:content=""/>"#, None),
    (r#"<p tal:replace="a" title="${b}"/>"#, Some(&["a", "b"])),
    (r#"<p tal:omit-tag="" title="${b}"/>"#, Some(&[])),
    (r#"<p tal:omit-tag="a" title="${b}"/>"#, Some(&["a", "b"])),
    (
        r#"<p tal:attributes="title a; class string:x;;y; c" title="${b}" id="${d}"/>"#,
        Some(&["a", "c", "d"]),
    ),
    (r#"<p tal:attributes="a; b"/>"#, None),
    (r#"<p tal:attributes="a b; a c"/>"#, None),
    (r#"<p tal:attributes=""/>"#, None),
    (r#"<tal:x tal:attributes="a b"/>"#, None),
    (r#"<p tal:script="x"/>"#, None),
    (r#"<p tal:comment="${a}"/>"#, Some(&[])),
    (
        r#"<p tal:switch="a"><b tal:case="b"/><i tal:case="default"/></p>"#,
        Some(&["a", "b"]),
    ),
    (r#"<p tal:case="a"/>"#, None),
    (r#"<p tal:switch="a" tal:case="b"/>"#, None),
    (
        r#"<p tal:switch="a"><b metal:define-macro="m" tal:case="b"/></p>"#,
        None,
    ),
    (
        r#"<p metal:use-macro="a"><b metal:fill-slot="s">${b}${macroname}</b>${c}</p>"#,
        Some(&["a", "b"]),
    ),
    (
        r#"<p metal:use-macro="a"><i tal:define="x y"><b metal:fill-slot="s">${x}</b></i></p>"#,
        Some(&["a", "x"]),
    ),
    (
        r#"<p metal:use-macro="a" tal:content="b" title="${c}" tal:define="d e">${d}</p>"#,
        Some(&["a", "e"]),
    ),
    (
        r#"<p metal:use-macro="a">${b c}<i tal:content="b c"/></p>"#,
        Some(&["a"]),
    ),
    (
        r#"<p metal:use-macro="a"><i tal:contents="b c"/></p>"#,
        None,
    ),
    (r#"<p metal:fill-slot="s"/>"#, None),
    (
        r#"<p metal:use-macro="a"><b metal:fill-slot=""/></p>"#,
        None,
    ),
    (r#"<p metal:use-macro="a" metal:fill-slot="s"/>"#, None),
    (
        r#"<p metal:use-macro="a"><b metal:use-macro="b" metal:fill-slot="s"/></p>"#,
        Some(&["a", "b"]),
    ),
    (
        r#"<p metal:extend-macro="a"><b metal:fill-slot="s">${b}</b></p><b metal:fill-slot="t">${c}</b>"#,
        Some(&["a", "b", "c"]),
    ),
    (
        r#"<p metal:use-macro="a"><b metal:define-macro="m">${b}</b></p>"#,
        Some(&["a", "b"]),
    ),
    (
        r#"<p metal:use-macro="a"><b metal:define-macro="m" metal:fill-slot="s">${b}</b></p>"#,
        None,
    ),
    (
        r#"<p tal:define="a b"><b metal:define-macro="m">${a}</b></p>"#,
        Some(&["b"]),
    ),
    (
        r#"<p metal:define-slot="s" tal:condition="a">${b}</p>"#,
        Some(&["a", "b"]),
    ),
    (
        r#"<p i18n:translate="">a <b i18n:name="n">${a}</b></p>"#,
        Some(&["a"]),
    ),
    (r#"<p><b i18n:name="n">${a}</b></p>"#, None),
    (
        r#"<p i18n:translate=""><b i18n:name="n"/><i i18n:name="n"/></p>"#,
        None,
    ),
    (
        r#"<p i18n:translate=""><b metal:define-macro="m"><i i18n:name="n"/></b></p>"#,
        None,
    ),
    (r#"<p i18n:attributes="title; alt x"/>"#, Some(&[])),
    (r#"<p i18n:attributes="title, alt"/>"#, None),
    (r#"<p i18n:attributes="title a b"/>"#, None),
    (
        r#"<p i18n:target="a" i18n:domain="b" i18n:context="c"/>"#,
        Some(&["a"]),
    ),
    (
        r"<?python a = b
c = a ?>${c}${d}",
        None,
    ),
    (
        r"<?python
  import os.path, sys as s
  from x import y
  def f(p, q=r): return p + z + a
  a = 1
?>${os}${s}${y}${f}",
        Some(&["os", "r", "z"]),
    ),
    ("<?python a = ?>", None),
    (
        r#"<p tal:on-error="a">${b}</p>${error}"#,
        Some(&["a", "b", "error"]),
    ),
    (
        r"<?python
  class A(b):
    c = d
    def e(self): return f
  for g in h:
    i = j = g
  with k as l, m: pass
  try: n += o
  except p as q: q
  del i.j, i[k]
  r: int = s
?>${A}${g}${i}${l}${n}",
        Some(&["A", "b", "d", "f", "h", "k", "m", "n", "o", "p", "s"]),
    ),
    (
        r#"<p tal:define="global a b"><i tal:define="a c">${a}</i></p>${a}"#,
        Some(&["b", "c"]),
    ),
    (
        r#"<p tal:define="a b"><?python c = a ?></p>${c}${a}"#,
        Some(&["a", "b"]),
    ),
    (r#"<p tal:repeat="a a"/>"#, Some(&["a"])),
    (
        r#"<p tal:define="x load: y.pt" metal:use-macro="x.macros['z']"/>"#,
        Some(&[]),
    ),
    (
        r#"<p tal:define="macros a" metal:use-macro="macros['b']"/>"#,
        Some(&["a"]),
    ),
    (
        r#"<p tal:switch="a"><p metal:use-macro="b"><i metal:fill-slot="c" tal:case="d"/></p></p>"#,
        Some(&["a", "b", "d"]),
    ),
    (
        r#"<p metal:use-macro="b" tal:switch="a"><i metal:fill-slot="c" tal:case="d"/></p>"#,
        Some(&["a", "b", "d"]),
    ),
    (
        r#"<p metal:use-macro="b"><u tal:switch="a"><i metal:fill-slot="c" tal:case="d"/></u></p>"#,
        None,
    ),
    (
        r#"<p i18n:translate=""><u metal:use-macro="b"><i metal:fill-slot="c" i18n:name="d"/></u></p>"#,
        Some(&["b"]),
    ),
    (
        r#"<p i18n:translate=""><u metal:use-macro="b"><i metal:fill-slot="c"><b i18n:name="d"/></i></u></p>"#,
        Some(&["b"]),
    ),
    (
        r#"<p metal:use-macro="b"><u i18n:translate=""><i metal:fill-slot="c"><b i18n:name="d"/></i></u></p>"#,
        None,
    ),
    (
        r#"<p i18n:translate="" tal:content="a"><b i18n:name="d"/></p>"#,
        None,
    ),
    (
        r#"<p i18n:translate="" tal:replace=""><b i18n:name="d"/></p>"#,
        None,
    ),
    (
        r#"<p metal:define-macro="m" i18n:translate=""><b i18n:name="d"/></p>"#,
        Some(&[]),
    ),
    (r#"<p tal:content="a" title= />"#, Some(&["a"])),
    ("<p title= >", Some(&[])),
    ("<?python del a ?>", None),
    ("<?python from a import * ?>", None),
    (
        r"<?python
async def f(): await g
?>",
        Some(&["g"]),
    ),
    (
        r#"<p tal:on-error="structure string:x" tal:content="error"/>"#,
        Some(&["error"]),
    ),
];

/// A template with a little of everything, to be changed at random.
pub(super) const LONG: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x" [ <!ENTITY a "b"> ]>
<html xmlns:tal="http://xml.zope.org/namespaces/tal" metal:use-macro="load: ../layout.pt">
<!-- ${a} --><!--! b --><![CDATA[ ${c} ]]>
<?python d = [x for x in e]
def f(a, b=1): return a ?>
<main metal:fill-slot="content" tal:define="x y; (a, b) c; global g string:a ${b}">
<p tal:repeat="i items" tal:condition="not: exists: i.a | b" title="${i['a']}&amp;">${i} é</p>
<form action="${url_for('a.b', c=1)}" method="post"><input name="é${x}" required>
<p tal:switch="x"><b tal:case="'a'">a</b><b tal:case="default">b</b></p></form>
<p i18n:translate="">a <b i18n:name="n" tal:content="structure a | nothing">b</b></p>
<br><p tal:on-error="string:$a" tal:attributes="title a; class string:b;;c; d">x</p>
</main></html>
"#;
