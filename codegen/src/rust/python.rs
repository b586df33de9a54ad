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

/// A documentation string as lines of `#[doc]`, in a fence unless it is prose.
#[must_use]
pub fn documented(text: &str) -> Vec<String> {
    let text = documentation(&text.trim().replace('\t', "    "));
    let lines = text.lines().map(|l| format!(" {l}").trim_end().to_owned());
    if is_prose(&text) {
        return lines.collect();
    }
    // Longer than any fence inside.
    let inside = text.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(inside.unwrap_or(0).max(2) + 1);
    let mut out = vec![format!(" {fence}text")];
    out.extend(lines);
    out.push(format!(" {fence}"));
    out
}

/// Whether rustdoc reads text as it is meant: nothing in it looks like markup or code.
fn is_prose(text: &str) -> bool {
    !text.lines().any(|l| {
        let inner = l.trim_start();
        let digits = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        l.starts_with("    ")
            || inner.starts_with(['-', '*', '#', '>', '+', '=', '|', '~'])
            || digits.len() < inner.len() && digits.starts_with(['.', ')'])
            || l.contains(['<', '[', '`', '\\'])
            || l.contains("://")
    })
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
