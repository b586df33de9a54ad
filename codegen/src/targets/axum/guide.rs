//! What an axum port says of itself.

use crate::project::guide::{Guide, Measure};

pub const GUIDE: Guide = Guide {
    review: "Nothing of the app was edited: its functions stand beside their Rust in `migrate diff .`, and their\nfiles are in `.migrate/originals`.",
    install: None,
    run: Some("cargo run --release"),
    running: "It listens on `$BIND`, or on 127.0.0.1:8000, and finds templates and static files below the folder that it is\nstarted in: this one. `SECRET_KEY` in its environment wins over the app's.",
    native: "an axum handler: typed inputs in, a response out.",
    supported: "also reaches the session or `g` through `Ctx`.",
    refused: "answers 501 and says why, or waits for a hook that is not translated; the Python stands in a comment.",
    measure: Measure::PairedLines,
    python_files: false,
    tests: "",
    support_heading: "The support modules",
    support: "`src/flask_parity/` holds what makes the answers equal to Flask's: the URL map's answers, error pages,\nthe session cookie, JSON bytes, Jinja2's output. It is plain source; when a difference does not matter to you, use axum's\nown way and delete the module.",
};
