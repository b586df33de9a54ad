//! Dotted names of the framework and its extensions, brought to one spelling.

/// The class of a family that a dotted name means, and what follows it: `flask.app.Flask.route` is
/// `(App, "route")`, `flask.Blueprint` is `(Blueprint, "")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// `Flask`, `Quart`, and their known subclasses in extensions.
    App,
    /// `Blueprint` and its known subclasses.
    Blueprint,
    /// `View`, `MethodView`, `Resource`.
    View,
    /// `Api` of Flask-RESTful.
    RestfulApi,
    /// `Api` of Flask-RESTX (and Flask-RESTPlus).
    RestxApi,
    /// `Namespace` of Flask-RESTX.
    RestxNamespace,
    /// `Api` of flask-smorest.
    SmorestApi,
    /// `AppBuilder`.
    AppBuilder,
}

const CLASSES: &[(&str, &str, Class)] = &[
    ("flask", "Flask", Class::App),
    ("quart", "Quart", Class::App),
    ("flask", "Blueprint", Class::Blueprint),
    ("quart", "Blueprint", Class::Blueprint),
    ("flask_smorest", "Blueprint", Class::Blueprint),
    ("flask_openapi3", "OpenAPI", Class::App),
    ("flask_openapi3", "APIBlueprint", Class::Blueprint),
    ("apiflask", "APIFlask", Class::App),
    ("apiflask", "APIBlueprint", Class::Blueprint),
    ("flask", "View", Class::View),
    ("flask", "MethodView", Class::View),
    ("quart", "View", Class::View),
    ("quart", "MethodView", Class::View),
    ("flask_restful", "Resource", Class::View),
    ("flask_restx", "Resource", Class::View),
    ("flask_restplus", "Resource", Class::View),
    ("flask_restful", "Api", Class::RestfulApi),
    ("flask_restx", "Api", Class::RestxApi),
    ("flask_restplus", "Api", Class::RestxApi),
    ("flask_restx", "Namespace", Class::RestxNamespace),
    ("flask_restplus", "Namespace", Class::RestxNamespace),
    ("flask_smorest", "Api", Class::SmorestApi),
    ("flask_appbuilder", "AppBuilder", Class::AppBuilder),
];

/// Splits a dotted name into the class that it means and the method behind it.
pub(super) fn class_of(path: &str) -> Option<(Class, &str)> {
    let root = path.split('.').next()?;
    if !(root.starts_with("flask") || root.starts_with("quart") || root == "apiflask") {
        return None;
    }
    for (package, name, class) in CLASSES {
        if root != *package {
            continue;
        }
        let mut offset = 0;
        for part in path.split('.') {
            let end = offset + part.len();
            if part == *name && offset > 0 {
                return Some((*class, path.get(end + 1..).unwrap_or("")));
            }
            offset = end + 1;
        }
    }
    None
}

/// The framework of an app class's dotted name.
pub(super) fn framework(path: &str) -> &'static str {
    if path.starts_with("quart") {
        "quart"
    } else {
        "flask"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        assert_eq!(class_of("flask.Flask"), Some((Class::App, "")));
        assert_eq!(
            class_of("flask.app.Flask.route"),
            Some((Class::App, "route"))
        );
        assert_eq!(
            class_of("quart.Blueprint.get"),
            Some((Class::Blueprint, "get"))
        );
        assert_eq!(
            class_of("flask.views.MethodView.as_view"),
            Some((Class::View, "as_view"))
        );
        assert_eq!(class_of("flask.request.args"), None);
        assert_eq!(class_of("os.path"), None);
    }
}
