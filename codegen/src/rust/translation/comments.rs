//! Comments between statements.

/// The comments in the text between two statements, where no string can stand.
pub(super) fn between(gap: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in gap.lines() {
        if let Some((_, comment)) = line.split_once('#') {
            let comment = comment.strip_prefix(' ').unwrap_or(comment).trim_end();
            out.push(comment.to_owned());
        }
    }
    out
}

/// The comment behind a statement on its own line, and where the line ends.
pub(super) fn behind(text: &str, end: u32) -> (Option<String>, u32) {
    let rest = &text[end as usize..];
    let line = rest.split('\n').next().unwrap_or("");
    match line.trim_start().strip_prefix('#') {
        Some(comment) => {
            let comment = comment.strip_prefix(' ').unwrap_or(comment).trim_end();
            (Some(comment.to_owned()), end + line.len() as u32)
        }
        None => (None, end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found() {
        assert_eq!(between(":  # one\n    #two\n\n    "), ["one", "two"]);
        assert_eq!(behind("x = 1  # why\ny", 5), (Some("why".into()), 12));
        assert_eq!(behind("x = 1\n# no", 5), (None, 5));
    }
}
