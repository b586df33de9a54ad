//! What each target has in an extension's place, as data. The libraries underneath know no framework,
//! so they mostly stay; what is rewritten is the glue.

use std::collections::BTreeMap;

use model::{Extension, ExtensionOffer, OfferKind};

use OfferKind::{Library as L, Nothing as N, Other as O, Same as S};

/// Targets that share a column of [`OFFERS`].
pub const COLUMNS: [(&str, &[&str]); 4] = [
    (
        "fastapi, starlette, litestar",
        &["fastapi", "starlette", "litestar"],
    ),
    ("quart", &["quart"]),
    ("robyn", &["robyn"]),
    ("axum, actix", &["axum", "actix"]),
];

/// A kind of offer and what it is.
type Offer = (OfferKind, &'static str);

/// A row: import name, and an offer by column.
#[derive(Debug)]
pub struct Row {
    /// Import name.
    pub package: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// By column.
    pub offers: [Offer; COLUMNS.len()],
}

const fn row(package: &'static str, name: &'static str, offers: [Offer; COLUMNS.len()]) -> Row {
    Row {
        package,
        name,
        offers,
    }
}

const PATCHED: Offer = (S, "under quart-flask-patch, with Quart below 0.23");

/// Every extension that something is said of.
#[rustfmt::skip]
pub const OFFERS: &[Row] = &[
    row("chameleon_flask", "chameleon-flask", [(S, "Chameleon"), (S, ""), (S, "Chameleon"), (N, "no Chameleon in Rust: templates are rewritten")]),
    row("flask_admin", "Flask-Admin", [(O, "sqladmin, starlette-admin: other screens"), (N, "does not import"), (N, "rewrite"), (N, "rewrite")]),
    row("flask_babel", "Flask-Babel", [(S, "Babel; catalogues stay"), (O, "Quart-Babel; catalogues stay"), (S, "Babel; catalogues stay"), (O, "gettext crates; catalogues stay")]),
    row("flask_bcrypt", "Flask-Bcrypt", [(L, "bcrypt; hashes stay"), (L, "bcrypt; hashes stay"), (L, "bcrypt; hashes stay"), (O, "bcrypt crate; hashes stay")]),
    row("flask_caching", "Flask-Caching", [(L, "cachelib and a decorator; keys differ"), PATCHED, (L, "cachelib and a decorator; keys differ"), (O, "moka; keys differ")]),
    row("flask_compress", "Flask-Compress", [(L, "brotli, backports.zstd and zlib: the same bytes"), (N, "answers 500: compress in the proxy"), (L, "brotli, backports.zstd and zlib: the same bytes"), (O, "tower-http, actix Compress")]),
    row("flask_cors", "Flask-CORS", [(O, "CORSMiddleware: other answers to a refused preflight"), (O, "Quart-CORS"), (O, "ALLOW_CORS: other headers"), (O, "tower-http, actix-cors: other headers")]),
    row("flask_dance", "Flask-Dance", [(O, "Authlib"), (O, "Authlib"), (L, "oauthlib"), (O, "oauth2 crate")]),
    row("flask_debugtoolbar", "Flask-DebugToolbar", [(N, "drop it"), (N, "drop it"), (N, "drop it"), (N, "drop it")]),
    row("flask_httpauth", "Flask-HTTPAuth", [(O, "HTTPBasic and a dependency"), PATCHED, (O, "Robyn's AuthenticationHandler"), (O, "an extractor")]),
    row("flask_jwt_extended", "Flask-JWT-Extended", [(L, "PyJWT and a dependency; tokens stay"), (L, "PyJWT; tokens stay"), (L, "PyJWT; tokens stay"), (O, "jsonwebtoken; tokens stay")]),
    row("flask_limiter", "Flask-Limiter", [(L, "limits; storage keys differ"), (O, "Quart-Rate-Limiter"), (L, "limits; storage keys differ"), (O, "governor")]),
    row("flask_login", "Flask-Login", [(O, "the session's keys, read by the port's session; loaders by hand"), (O, "Quart-Auth: a new cookie, everybody logs in again"), (O, "the session's keys; loaders by hand"), (O, "the session's keys; an extractor")]),
    row("flask_mail", "Flask-Mail", [(L, "smtplib and email: the same messages"), PATCHED, (L, "smtplib and email: the same messages"), (O, "lettre")]),
    row("flask_mailman", "Flask-Mailman", [(L, "smtplib in a background task"), PATCHED, (L, "smtplib"), (O, "lettre")]),
    row("flask_marshmallow", "flask-marshmallow", [(S, "marshmallow"), (L, "marshmallow; schemas stay"), (S, "marshmallow"), (O, "serde")]),
    row("flask_migrate", "Flask-Migrate", [(L, "Alembic; migrations stay, env.py loses current_app"), PATCHED, (L, "Alembic; migrations stay"), (L, "Alembic goes on migrating the database")]),
    row("flask_pydantic", "Flask-Pydantic", [(L, "pydantic; JSON of errors differs"), (O, "Quart-Schema"), (L, "pydantic"), (O, "serde, validator")]),
    row("flask_restful", "Flask-RESTful", [(N, "routes and models by hand; reqparse has no equal"), (N, "does not import"), (N, "routes by hand"), (N, "routes by hand")]),
    row("flask_restx", "flask-restx", [(N, "routes and models by hand; reqparse has no equal"), (N, "does not import"), (N, "routes by hand"), (N, "routes by hand")]),
    row("flask_security", "Flask-Security", [(N, "rewrite; password hashes stay"), (N, "rewrite"), (N, "rewrite; password hashes stay"), (N, "rewrite")]),
    row("flask_session", "Flask-Session", [(O, "starsessions: other data"), (O, "Quart-Session: other data"), (N, "a store by hand"), (O, "tower-sessions, actix-session: other data")]),
    row("flask_smorest", "flask-smorest", [(L, "marshmallow, by .load() and .dump(); 422 bodies differ"), (N, "does not import"), (L, "marshmallow, by hand"), (O, "utoipa")]),
    row("flask_socketio", "Flask-SocketIO", [(L, "python-socketio, mounted as an ASGI app; protocol stays"), (L, "python-socketio, as an ASGI app"), (N, "its WebSockets speak no Socket.IO"), (O, "socketioxide")]),
    row("flask_sqlalchemy", "Flask-SQLAlchemy", [(L, "SQLAlchemy and a scoped session; Model.query and paginate by hand"), PATCHED, (L, "SQLAlchemy and a scoped session"), (O, "sqlx, SeaORM: queries are rewritten, tables stay")]),
    row("flask_talisman", "flask-talisman", [(O, "secure, or a hook that sets the headers"), (O, "a hook that sets the headers"), (O, "a hook that sets the headers"), (O, "tower-http, actix DefaultHeaders")]),
    row("flask_wtf", "Flask-WTF", [(L, "WTForms; CSRF tokens by itsdangerous"), PATCHED, (L, "WTForms; CSRF tokens by itsdangerous"), (O, "serde, validator; forms are rewritten")]),
    row("quart_auth", "Quart-Auth", [(L, "itsdangerous; its cookie by hand"), (S, ""), (L, "itsdangerous; its cookie by hand"), (O, "a signed cookie by hand")]),
    row("quart_cors", "Quart-CORS", [(O, "CORSMiddleware"), (S, ""), (O, "ALLOW_CORS: other headers"), (O, "tower-http, actix-cors")]),
    row("quart_schema", "Quart-Schema", [(L, "pydantic; native in FastAPI"), (S, ""), (L, "pydantic, by hand"), (O, "serde, utoipa")]),
];

/// What a target has in the place of a package.
#[must_use]
pub fn offer(package: &str, target: &str) -> Option<ExtensionOffer> {
    let column = COLUMNS
        .iter()
        .position(|(_, names)| names.contains(&target))?;
    let row = OFFERS.iter().find(|r| r.package == package)?;
    let (kind, what) = *row.offers.get(column)?;
    Some(ExtensionOffer {
        kind,
        what: what.into(),
    })
}

/// Tells each extension what every target of `TARGETS` has in its place; what is underneath speaks for
/// those without a row.
pub fn fill(extensions: &mut [Extension]) {
    for extension in extensions {
        let targets: BTreeMap<String, ExtensionOffer> = crate::TARGETS
            .iter()
            .filter_map(|t| Some((t.name.to_owned(), offer(&extension.package, t.name)?)))
            .collect();
        extension.targets = targets;
    }
}

/// Extensions that do nothing to a request whose view does not use them: databases, mail, forms as classes,
/// routes of their own, decorators. Whatever else is put on an app may act on every answer.
const PASSIVE: &[&str] = &[
    "flasgger",
    "flask_admin",
    "flask_alembic",
    "flask_apscheduler",
    "flask_bcrypt",
    "flask_caching",
    "flask_httpauth",
    "flask_jwt_extended",
    "flask_mail",
    "flask_mailman",
    "flask_marshmallow",
    "flask_migrate",
    "flask_mongoengine",
    "flask_peewee",
    "flask_pymongo",
    "flask_redis",
    "flask_restful",
    "flask_restx",
    "flask_script",
    "flask_smorest",
    "flask_sqlalchemy",
    "quart_schema",
];

/// Whether an extension that is put on an app may act on requests that do not use it.
#[must_use]
pub fn acts(extension: &Extension) -> bool {
    let is_put = |u: &model::ExtensionUse| u.how != model::ExtensionStep::Imported;
    !PASSIVE.contains(&extension.package.as_str()) && extension.uses.iter().any(is_put)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_something() {
        assert!(OFFERS.is_sorted_by(|a, b| a.package < b.package));
        for row in OFFERS {
            for (kind, what) in row.offers {
                assert!(kind == S || !what.is_empty(), "{}", row.package);
            }
        }
        for target in crate::TARGETS {
            assert!(offer("flask_wtf", target.name).is_some(), "{}", target.name);
        }
    }
}
