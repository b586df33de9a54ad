//! What is known to differ and cannot be closed.

use std::collections::BTreeSet;

use model::{Deviation, DeviationWhen};

use super::Port;
use super::framework::Unsendable;

/// Where Flask and Werkzeug before 3.1 differ from those that the support package was compared with: field, what the
/// original has, what the port has (`{}` is the same text in both), and in words. Measured with 2.3.2 and 3.1.3.
const OLDER: &[(&str, &str, &str, &str)] = &[
    (
        "header:accept-ranges",
        "absent",
        "bytes",
        "files say that parts can be asked for also when none was (werkzeug 3.1, `make_conditional`)",
    ),
    (
        "header:vary",
        "absent",
        "Cookie",
        "looking for a key in the session is a use of it too (flask 3.1.3, `SecureCookieSession`)",
    ),
    (
        "header:vary",
        "{}",
        "{}, Cookie",
        "looking for a key in the session is a use of it too (flask 3.1.3, `SecureCookieSession`)",
    ),
];

/// What a session that was only read says of itself under Quart 0.22, where nothing notes that it was read, and in the
/// port. Measured with Flask 3.1.3; Quart 0.23, which needs Python 3.13, is as the port.
const OLDER_QUART: &[(&str, &str)] = &[("absent", "Cookie"), ("{}", "{}, Cookie")];

impl Port<'_> {
    /// The deviations that an app can show on an ASGI server.
    pub(super) fn deviations(&self) -> Vec<Deviation> {
        let routes: BTreeSet<&str> = self
            .analysis
            .routes
            .iter()
            .filter(|r| r.app.is_some())
            .map(|r| r.endpoint.as_str())
            .chain(["*"])
            .collect();
        let of = |code: &str, field: &str, original: &str, port: &str, what: &str| Deviation {
            code: code.into(),
            routes: routes.iter().map(|r| (*r).to_owned()).collect(),
            when: DeviationWhen::default(),
            field: field.into(),
            original: original.into(),
            port: port.into(),
            what: what.into(),
        };
        // verify matches it only where the original's server did not send what the view returned.
        let Unsendable { code, port, what } = self.framework.unsendable();
        let original = "the server's own page for an error, or a status that HTTP does not know";
        let mut out = vec![of(code, "answer", original, port, what)];
        if self.is_quart() && !self.held_back.contains("quart") {
            out.extend(OLDER_QUART.iter().map(|(original, port)| {
                let what = "reading the session is a use of it that caches have to know of; Quart below 0.23 does not tell \
                            them with Flask 3.1.3";
                of("D-older-quart", "header:vary", original, port, what)
            }));
        }
        if !self.is_quart() && !self.held_back.is_empty() {
            out.extend(OLDER.iter().map(|(field, original, port, what)| {
                of("D-older-flask", field, original, port, what)
            }));
            out.push(Deviation {
                when: DeviationWhen {
                    header: Some("^range: bytes=-0$".into()),
                    ..DeviationWhen::default()
                },
                ..of(
                    "D-older-flask",
                    "status",
                    "206",
                    "416",
                    "the last 0 bytes of a file cannot be asked for (werkzeug 3.1, `Range`)",
                )
            });
        }
        if self.one_at_a_time {
            out.push(of(
                "D-threads",
                "concurrency",
                "a view that waits holds up nobody but its own worker",
                "a process works off one request after the other",
                "`threads=1`: a process of the port is what a synchronous worker is; start as many of them as there were workers",
            ));
        }
        out.extend(self.framework.deviations(self));
        if self.trace {
            out.extend(["native", "relay"].map(|who| {
                let what = format!("`--trace`: the answer names who served it ({who})");
                of("D-trace", "header:x-served-by", "absent", who, &what)
            }));
        }
        out
    }
}
