//! What names of routes and paths tell: what deletes, what leaves, what changes settings, what is a door.

use model::Route;

/// Names of routes after which nothing is as before.
pub const DESTRUCTIVE: &[&str] = &[
    "logout", "signout", "sign_out", "sign-out", "log_out", "log-out", "delete", "remove",
    "destroy", "shutdown", "purge", "reset", "clear", "wipe", "drop-", "drop_", "abort", "discard",
];

/// Names of routes that end a session.
pub const LEAVING: &[&str] = &[
    "logout", "signout", "sign_out", "sign-out", "log_out", "log-out", "logoff",
];

/// Names of routes that change how the app behaves, or who somebody is: they may lock the session out.
const SETTINGS: &[&str] = &[
    "setting",
    "preference",
    "config",
    "admin",
    "permission",
    "profile",
    "passw",
    "user/edit",
    "edit_user",
    "user_edit",
    "edit-user",
    "account/edit",
];

/// Names of routes that let in, or make a user.
const DOORS: &[&str] = &[
    "login", "log_in", "log-in", "signin", "sign_in", "sign-in", "register", "signup", "sign_up",
    "sign-up",
];

/// Whether a route's rule or endpoint holds one of these words.
#[must_use]
pub fn is_named(route: &Route, words: &[&str]) -> bool {
    let names = format!("{} {}", route.rule, route.endpoint).to_ascii_lowercase();
    words.iter().any(|w| names.contains(w))
}

/// Whether a route changes settings.
#[must_use]
pub fn is_settings(route: &Route) -> bool {
    // Values are no names: `/basic-auth/<user>/<passwd>`.
    let mut text = String::new();
    let mut is_inside = false;
    for c in route.rule.chars() {
        match c {
            '<' => is_inside = true,
            '>' => is_inside = false,
            c if !is_inside => text.push(c),
            _ => {}
        }
    }
    let bare = format!("{text} {}", route.endpoint).to_ascii_lowercase();
    SETTINGS.iter().any(|w| bare.contains(w)) && !is_named(route, DOORS)
}

/// Whether a path looks as if nothing were as before after it.
#[must_use]
pub fn is_destructive_path(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    DESTRUCTIVE.iter().any(|w| path.contains(w))
}

/// Whether a path looks as if it ended a session.
#[must_use]
pub fn is_leaving_path(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    LEAVING.iter().any(|w| path.contains(w))
}

/// Whether a path looks like a form to come in: a redirect there says that somebody has to.
#[must_use]
pub fn is_door_path(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path).to_ascii_lowercase();
    DOORS[..6].iter().any(|w| path.contains(w))
}

/// Whether a request of this method may change something.
#[must_use]
pub fn is_change(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_known_by_their_names() {
        for (rule, wanted) in [
            ("/-/admin/mail_preferences", true),
            ("/config", true),
            ("/user/edit", true),
            ("/admin/login", false),
            ("/basic-auth/<user>/<passwd>", false),
            ("/posts/<int:id>/edit", false),
        ] {
            let route: Route = serde_json::from_value(serde_json::json!({
                "rule": rule, "methods": ["POST"], "endpoint": "view", "view": null, "blueprint": null, "defaults": {},
                "strict_slashes": true, "host": null, "subdomain": null, "websocket": false, "static": false,
                "certainty": "certain", "app": 0, "registration": null
            }))
            .unwrap();
            assert_eq!(is_settings(&route), wanted, "{rule}");
        }
    }

    #[test]
    fn doors_are_known_by_their_paths() {
        for (path, wanted) in [
            ("/auth/login?next=/", true),
            ("/sign-in", true),
            ("/?next=/login", false),
            ("/register", false),
        ] {
            assert_eq!(is_door_path(path), wanted, "{path}");
        }
    }
}
