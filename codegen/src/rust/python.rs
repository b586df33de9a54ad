//! Python text as Rust comments hold it.

/// Text without the indentation that all of its lines have.
#[must_use]
pub fn dedented(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let indent = lines
        .iter()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
        .map(|(_, l)| l.len() - l.trim_start().len())
        .min()
        .unwrap_or(0);
    let rest = lines.iter().skip(1).filter(|l| !l.trim().is_empty());
    // The first line of a documentation string has none of its own.
    let after = rest
        .map(|l| l.len() - l.trim_start().len())
        .min()
        .unwrap_or(0);
    lines
        .iter()
        .enumerate()
        .map(|(i, l)| {
            let cut = if i == 0 || indent > 0 { indent } else { after };
            l.get(cut.min(l.len() - l.trim_start().len())..)
                .unwrap_or(l.trim_start())
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation() {
        assert_eq!(
            dedented("    @x\n    def f():\n        pass"),
            "@x\ndef f():\n    pass"
        );
        assert_eq!(dedented("One.\n\n    Two."), "One.\n\nTwo.");
    }
}
