//! What can be done to a target's server from outside, whatever the app does.

use model::{Code, Finding, Place, Severity};

/// The message and the help of a target whose server is in danger.
#[must_use]
pub fn hazard(target: &str) -> Option<(&'static str, &'static str)> {
    (target == "robyn").then_some((
        "one request with a malformed chunk, on any path, ends the process of Robyn 0.88, and no body is too large for it",
        "Let only a proxy reach it that buffers requests and limits their bodies (nginx: `proxy_request_buffering on`, \
         `client_max_body_size`), and have it started again: `--server circus`, or `Restart=always` of systemd.",
    ))
}

/// The same as a finding at the app.
#[must_use]
pub fn finding(target: &str, place: Place) -> Option<Finding> {
    let (message, help) = hazard(target)?;
    Some(Finding {
        code: Code::M0701,
        severity: Severity::Warning,
        place,
        message: message.into(),
        help: help.into(),
    })
}
