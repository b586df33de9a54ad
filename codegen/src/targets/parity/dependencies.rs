//! What a port needs installed, and what it needs no more.

use model::touch::Op;

use super::Port;
use super::{names, replaced};
use crate::project::requirements::Dependencies;
use crate::targets::is_test;

/// Pinned as measured (equivalence tables of this project).
const REQUIREMENTS: &[(&str, &str)] = &[
    ("jinja2", ">=3.1"),
    ("itsdangerous", ">=2.2"),
    ("markupsafe", ">=2.1"),
];

/// Libraries that an extension brought along and the port's module in its place uses, with their markers where the
/// extension declares any.
const UNDERNEATH: &[(&str, &[&str])] = &[
    ("chameleon_flask", &["chameleon"]),
    ("flask_babel", &["babel", "pytz"]),
    ("flask_bcrypt", &["bcrypt"]),
    (
        "flask_compress",
        &[
            "backports.zstd; python_version < '3.14'",
            "brotli; platform_python_implementation != 'PyPy'",
            "brotlicffi; platform_python_implementation == 'PyPy'",
        ],
    ),
    ("flask_marshmallow", &["marshmallow"]),
    ("flask_migrate", &["alembic", "click"]),
    ("flask_sqlalchemy", &["sqlalchemy"]),
    ("flask_wtf", &["wtforms"]),
];

/// Attributes of the request that the port takes from Werkzeug (`flask_parity.request`).
const WERKZEUG: &[&str] = &[
    "accept_charsets",
    "accept_encodings",
    "accept_languages",
    "accept_mimetypes",
    "access_control_request_headers",
    "cache_control",
    "if_match",
    "if_none_match",
    "if_range",
    "pragma",
    "range",
];

/// Attributes of a response that it takes from there (`flask_parity.responses`).
const WERKZEUG_OF_RESPONSES: &[&str] = &[
    "content_range",
    "content_security_policy",
    "content_security_policy_report_only",
    "cross_origin_embedder_policy",
    "cross_origin_opener_policy",
    "mimetype_params",
    "stream",
    "www_authenticate",
];

impl Port<'_> {
    pub(super) fn dependencies(&self) -> Dependencies {
        let package = self.framework.package();
        let server = self.framework.server();
        let mut add: Vec<(String, String)> = std::iter::once(&package)
            .chain(&server)
            .chain(REQUIREMENTS)
            .chain(self.framework.companions())
            .chain(&self.adapter())
            .map(|(n, s)| ((*n).to_owned(), (*s).to_owned()))
            .collect();
        let mut remove = vec!["gunicorn".to_owned()];
        if !self.relays && !self.imports_framework {
            remove.push("flask".into());
            remove.push("quart".into());
        }
        let mut libraries: Vec<&str> = Vec::new();
        for extension in &self.analysis.extensions {
            if is_test(&extension.place.file) || !replaced::is_replaced(&extension.package) {
                continue;
            }
            remove.push(extension.name.to_lowercase());
            libraries.extend(
                UNDERNEATH
                    .iter()
                    .filter(|(package, _)| *package == extension.package)
                    .flat_map(|(_, libraries)| *libraries),
            );
        }
        // Flask brought these along; an app that uses them itself needs them named now.
        if self.uses_werkzeug() {
            libraries.push("werkzeug");
        }
        if self.names_package("click") || self.support.contains("cli") {
            libraries.push("click");
        }
        // Mail goes without signals (`flask_parity.mail`), unless the app listens to them.
        if self.support.contains("mail") && self.names_package("email_dispatched") {
            libraries.push("blinker");
        }
        libraries.sort_unstable();
        libraries.dedup();
        add.extend(libraries.iter().map(|library| {
            let end = library.find(';').unwrap_or(library.len());
            (library[..end].to_owned(), library[end..].to_owned())
        }));
        Dependencies { remove, add }
    }

    /// What the app that is left to Flask as a whole needs beside its own.
    pub(super) fn dependencies_of_whole(&self) -> Dependencies {
        Dependencies {
            remove: Vec::new(),
            add: [self.framework.package()]
                .iter()
                .chain(&self.framework.server())
                .chain(&self.framework.adapter())
                .map(|(n, s)| ((*n).to_owned(), (*s).to_owned()))
                .collect(),
        }
    }

    /// What serves the WSGI applications of a port that has any: the embedded app, and what stands around the port's.
    fn adapter(&self) -> Option<(&'static str, &'static str)> {
        let adapter = self.framework.adapter();
        adapter.filter(|_| self.relays || self.wsgi_layers)
    }

    fn names_package(&self, package: &str) -> bool {
        self.analysis
            .files
            .iter()
            .any(|(path, info)| !is_test(path) && info.names.iter().any(|n| n == package))
    }

    fn uses_werkzeug(&self) -> bool {
        self.names_package("werkzeug")
            || self
                .analysis
                .files
                .iter()
                .any(|(path, info)| !is_test(path) && info.imports.iter().any(names::is_library))
            || self
                .functions()
                .flat_map(|f| &f.touches)
                .any(|t| match &t.op {
                    Op::RequestAttribute { name } => WERKZEUG.contains(&name.as_str()),
                    Op::ResponseAttribute { name } => {
                        let first = name.split('.').next().unwrap_or(name);
                        WERKZEUG_OF_RESPONSES.contains(&first)
                    }
                    _ => false,
                })
    }
}
