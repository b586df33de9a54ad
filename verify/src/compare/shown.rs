//! Values as a difference shows them: one line, cut around what differs, control characters visible.

/// How many bytes are shown on either side of a difference.
const AROUND: usize = 200;

/// The line of `text` that holds `at`, cut around it. A line ends with its newline, shown as `\n`.
pub(super) fn line(text: &[u8], at: usize) -> String {
    let at = at.min(text.len());
    let start = text[..at]
        .iter()
        .rposition(|&c| c == b'\n')
        .map_or(0, |i| i + 1);
    let end = text[at..]
        .iter()
        .position(|&c| c == b'\n')
        .map_or(text.len(), |i| at + i + 1);
    if start == end {
        return "(end)".into();
    }
    around(&text[start..end], at - start)
}

/// `text` cut around `at`.
pub(super) fn around(text: &[u8], at: usize) -> String {
    let start = at.saturating_sub(AROUND).min(text.len());
    let end = at.saturating_add(AROUND).min(text.len());
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    for c in String::from_utf8_lossy(&text[start..end]).chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if end < text.len() {
        shown.push('…');
    }
    shown
}

/// A text cut at its end.
pub(super) fn short(text: &str) -> String {
    around(text.as_bytes(), 0)
}

/// Two texts, each cut around where they begin to differ.
pub(super) fn pair(original: &str, port: &str) -> (String, String) {
    let at = super::alignment::common_prefix(original.as_bytes(), port.as_bytes());
    (around(original.as_bytes(), at), around(port.as_bytes(), at))
}

/// The number, from 1, of the line that holds `at`.
pub(super) fn line_number(text: &[u8], at: usize) -> usize {
    text[..at.min(text.len())]
        .iter()
        .filter(|&&c| c == b'\n')
        .count()
        + 1
}
