//! Extensions that the port has modules of its own for.

/// By import name: the module in its place, and the names that it has.
const EXTENSIONS: &[(&str, &str, &[&str])] = &[
    (
        "flask_login",
        "flask_parity.login",
        &[
            "AnonymousUserMixin",
            "LoginManager",
            "UserMixin",
            "confirm_login",
            "current_user",
            "fresh_login_required",
            "login_fresh",
            "login_required",
            "login_url",
            "login_user",
            "logout_user",
        ],
    ),
    (
        "chameleon_flask",
        "flask_parity.chameleon",
        &[
            "FlaskChameleonException",
            "FlaskChameleonNotFoundException",
            "global_init",
            "not_found",
            "response",
            "template",
        ],
    ),
    (
        "flask_babel",
        "flask_parity.babel",
        &[
            "Babel",
            "Domain",
            "_",
            "force_locale",
            "format_currency",
            "format_date",
            "format_datetime",
            "format_decimal",
            "format_number",
            "format_percent",
            "format_scientific",
            "format_time",
            "format_timedelta",
            "get_babel",
            "get_domain",
            "get_locale",
            "get_timezone",
            "get_translations",
            "gettext",
            "lazy_gettext",
            "lazy_ngettext",
            "lazy_npgettext",
            "lazy_pgettext",
            "ngettext",
            "npgettext",
            "pgettext",
            "refresh",
            "to_user_timezone",
            "to_utc",
        ],
    ),
    (
        "flask_babel.speaklater",
        "flask_parity.babeltexts",
        &["LazyString"],
    ),
    ("flask_sqlalchemy", "flask_parity.database", &["SQLAlchemy"]),
    (
        "flask_wtf",
        "flask_parity.forms",
        &["CSRFProtect", "FlaskForm", "Form"],
    ),
    (
        "flask_wtf.file",
        "flask_parity.forms",
        &[
            "FileAllowed",
            "FileField",
            "FileRequired",
            "FileSize",
            "MultipleFileField",
            "file_allowed",
            "file_required",
            "file_size",
        ],
    ),
    (
        "flask_wtf.csrf",
        "flask_parity.csrf",
        &["CSRFError", "CSRFProtect", "generate_csrf", "validate_csrf"],
    ),
    (
        "flask_compress",
        "flask_parity.compress",
        &["CacheBackend", "Compress", "DictCache"],
    ),
    ("flask_cors", "flask_parity.cors", &["CORS", "cross_origin"]),
    (
        "flask_mail",
        "flask_parity.mail",
        &[
            "Attachment",
            "BadHeaderError",
            "Connection",
            "Mail",
            "Message",
            "email_dispatched",
            "force_text",
            "sanitize_address",
            "sanitize_addresses",
            "sanitize_subject",
            "signals",
        ],
    ),
    (
        "flask_marshmallow",
        "flask_parity.schemas",
        &["Marshmallow", "Schema", "exceptions", "fields"],
    ),
    (
        "flask_marshmallow.fields",
        "flask_parity.schemafields",
        &[
            "AbsoluteURLFor",
            "AbsoluteUrlFor",
            "Config",
            "File",
            "Hyperlinks",
            "URLFor",
            "UrlFor",
        ],
    ),
    (
        "flask_marshmallow.schema",
        "flask_parity.schema",
        &["Schema"],
    ),
    (
        "flask_marshmallow.sqla",
        "flask_parity.schemamodels",
        &[
            "HyperlinkRelated",
            "SQLAlchemyAutoSchema",
            "SQLAlchemyAutoSchemaOpts",
            "SQLAlchemySchema",
            "SQLAlchemySchemaOpts",
            "auto_field",
        ],
    ),
    (
        "flask_migrate",
        "flask_parity.migrations",
        &[
            "Migrate",
            "downgrade",
            "heads",
            "history",
            "migrate",
            "revision",
            "stamp",
            "upgrade",
        ],
    ),
    (
        "flask_bcrypt",
        "flask_parity.passwords",
        &["Bcrypt", "check_password_hash", "generate_password_hash"],
    ),
    (
        "flask_sqlalchemy.model",
        "flask_parity.models",
        &["DefaultMeta", "Model"],
    ),
    (
        "flask_sqlalchemy.pagination",
        "flask_parity.pagination",
        &["Pagination", "QueryPagination", "SelectPagination"],
    ),
    (
        "flask_sqlalchemy.query",
        "flask_parity.pagination",
        &["Query"],
    ),
    (
        "flask_login.mixins",
        "flask_parity.users",
        &["AnonymousUserMixin", "UserMixin"],
    ),
    (
        "flask_login.utils",
        "flask_parity.login",
        &[
            "current_user",
            "expand_login_view",
            "login_fresh",
            "login_required",
            "login_url",
            "login_user",
            "logout_user",
        ],
    ),
];

/// Whether the port has modules of its own for an extension.
pub(super) fn is_replaced(package: &str) -> bool {
    EXTENSIONS
        .iter()
        .any(|(m, ..)| m.split('.').next() == Some(package))
}

/// The module that stands for one of an extension's, and its names.
pub(super) fn module(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    EXTENSIONS
        .iter()
        .find(|(m, ..)| *m == name)
        .map(|(_, to, names)| (*to, *names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        for (module, _, names) in EXTENSIONS {
            assert!(names.is_sorted(), "{module}");
        }
    }
}
