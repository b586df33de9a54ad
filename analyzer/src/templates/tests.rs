//! Templates of whole apps: who renders them, and what is wrong with them.

use model::Analysis;

/// The analysis of an app: its source, and files by path.
fn analyze(source: &str, files: &[(&str, &str)]) -> Analysis {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("app.py"), source).unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    crate::analyze(root.path()).unwrap()
}

fn found(analysis: &Analysis) -> Vec<String> {
    analysis
        .findings
        .iter()
        .filter(|f| f.code.name().starts_with("M04"))
        .map(|f| format!("{} {}:{} {}", f.code, f.place.file, f.place.line, f.message))
        .collect()
}

const HEAD: &str = "from flask import Flask, render_template, render_template_string\n\
                    app = Flask(__name__)\n";

#[test]
fn sites() {
    let source = format!(
        "{HEAD}\n@app.get('/')\ndef index():\n    return render_template('a.html', x=1, **{{'y': 2}})\n\
         @app.get('/b')\ndef b():\n    return render_template(['b.html', 'a.html'], **locals())\n\
         @app.get('/c')\ndef c():\n    return render_template_string('{{{{ url_for(\"c\") }}}}{{{{ z }}}}', z=1)\n"
    );
    let analysis = analyze(
        &source,
        &[("templates/a.html", "{{ x }}"), ("templates/b.html", "")],
    );
    let sites: Vec<String> = analysis
        .templates
        .iter()
        .flat_map(|t| {
            t.renders.iter().map(|s| {
                format!(
                    "{} {} {:?} {} {}",
                    t.name, s.function, s.keys, s.open, s.line
                )
            })
        })
        .collect();
    let expected = [
        "a.html app:index [\"x\", \"y\"] false 6",
        "a.html app:b [] true 9",
        "app.py:12 app:c [\"z\"] false 12",
        "b.html app:b [] true 9",
    ];
    assert_eq!(sites, expected);
    let written = &analysis.templates[1];
    assert_eq!(written.free, ["url_for", "z"]);
    assert_eq!((written.place.line, written.urls[0].line), (12, 12));
    assert_eq!(found(&analysis), Vec::<String>::new());
}

const APP: &str = "\n@app.context_processor\ndef more():\n    return {'site': 1}\n\
    @app.template_global()\ndef shout(x):\n    return x\n\
    @app.get('/')\ndef index():\n    return render_template('index.html', posts=[])\n";

#[test]
fn what_is_wrong() {
    let files = [
        (
            "templates/base.html",
            "{% set title = site %}{% block body %}{{ hidden }}{% endblock %}{{ footer }}",
        ),
        (
            "templates/index.html",
            "{% extends 'base.html' %}{% from 'm.html' import field %}\n{% block body %}\n\
             {{ field(posts) }}{{ title }}{{ shout(g.x) }}{{ request.path }}{% if error %}{{ error }}{% endif %}\n\
             {% include 'part.html' %}{{ shout(pots=1) }}{{ g.pots }}\n{{ pots }}\n{{ url_for('index') }}{{ url_for('indx', a=1) }}{% endblock %}",
        ),
        ("templates/part.html", "{{ posts }}{{ title }}\n{% if x %}"),
        (
            "templates/m.html",
            "{% macro field(x) %}{{ y }}{% endmacro %}",
        ),
        ("templates/lost.html", ""),
        ("templates/named.html", "{% include 'named_too.html' %}"),
        ("templates/named_too.html", ""),
    ];
    let source = format!("{HEAD}{APP}NAMED = 'named'\n");
    assert_eq!(
        found(&analyze(&source, &files)),
        [
            "M0401 templates/index.html:5 `index.html` uses `pots`, which no view that renders it passes",
            "M0403 templates/index.html:6 `url_for('indx')` names an endpoint that no route has",
            "M0402 templates/lost.html:1 no view reaches `lost.html`",
            "M0404 templates/part.html:2 `part.html` cannot be parsed: `{% if %}` is never closed",
        ]
    );
}

#[test]
fn silence_where_something_is_not_known() {
    let files = [("templates/index.html", "{{ posts }}{{ other }}")];
    let codes = |more: &str| {
        found(&analyze(&format!("{HEAD}{APP}{more}"), &files))
            .iter()
            .map(|f| f[..5].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(""), ["M0401"]);
    for more in [
        "@app.context_processor\ndef other_names():\n    return names()\n",
        "app.jinja_env.globals.update(names)\n",
        "app.jinja_env.globals.update(other=1)\n",
        "app.jinja_env.globals['other'] = 1\n",
        "app.jinja_env.undefined = x\n",
        "import flask_unheard_of\n",
        "def show(name, **kw):\n    return render_template(name, **kw)\n",
        "def show():\n    return render_template('index.html', **kw)\n",
        "def show():\n    return send('index.html', other=1)\n",
    ] {
        assert_eq!(codes(more), Vec::<String>::new(), "{more}");
    }
}
