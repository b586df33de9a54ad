//! What a port says of itself.

use crate::project::guide::{Guide, Measure};

pub const GUIDE: Guide = Guide {
    review: "The originals of the edited files are in `.migrate/originals`;\n`migrate diff .` shows every change, route by route.",
    install: Some("pip install -r requirements.txt"),
    run: None,
    running: "",
    native: "parameters in, responses out, as the framework has them.",
    supported: "also reaches the request, the session or `g` without a parameter, through `flask_parity.context`.",
    refused: "answers 501 and says why; the original stands beside it.",
    measure: Measure::ChangedLines,
    python_files: true,
    tests: "The tests came along, with the port's client (`flask_parity.testing`) in the place of Flask's; those that stayed as they are are named above. Compare both suites: `migrate verify . --suite 'pytest -q'`.",
    support_heading: "The support package",
    support: "`flask_parity/` holds what makes the answers equal to Flask's: routing answers, error pages, the\nsession cookie, JSON bytes. It is plain source; when a difference does not matter to you, use the framework's own\nway and delete the module.",
};
