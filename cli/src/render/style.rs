//! Colours. `anstream` drops them where nobody wants them (NO_COLOR, CLICOLOR_FORCE, no terminal).

use anstyle::{AnsiColor, Style};

/// Headings.
pub const BOLD: Style = Style::new().bold();
/// What is not the point.
pub const DIM: Style = Style::new().dimmed();
/// `error:`
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Good news, added lines.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Middling news.
pub const FAIR: Style = AnsiColor::Cyan.on_default();
/// Bad news, removed lines.
pub const BAD: Style = AnsiColor::Red.on_default();
/// Warnings.
pub const WARN: Style = AnsiColor::Yellow.on_default();
