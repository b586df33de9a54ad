//! Python text as Rust comments hold it.

/// Code without the indentation that all of its lines have.
#[must_use]
pub fn dedented(text: &str) -> String {
    let lines = text.lines().filter(|l| !l.trim().is_empty());
    let indent = lines.map(indentation).min().unwrap_or(0);
    let cut = |line: &str| {
        line.get(indent.min(indentation(line))..)
            .unwrap_or("")
            .to_owned()
    };
    text.lines().map(cut).collect::<Vec<_>>().join("\n")
}

/// A documentation string without the indentation of the lines behind its first one (PEP 257).
#[must_use]
pub fn documentation(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let rest = dedented(rest);
    format!("{}\n{rest}", first.trim_start()).trim().to_owned()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
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
        assert_eq!(dedented("def f():\n    pass"), "def f():\n    pass");
        assert_eq!(documentation("One.\n\n    Two."), "One.\n\nTwo.");
    }
}
