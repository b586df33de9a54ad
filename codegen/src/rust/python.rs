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

/// A documentation string as lines of `#[doc]`, in a fence unless it is prose.
#[must_use]
pub fn documented(text: &str) -> Vec<String> {
    let text = dedented(&text.replace('\t', "    ")).trim().to_owned();
    let lines = text.lines().map(|l| format!(" {l}").trim_end().to_owned());
    if is_prose(&text) {
        return lines.collect();
    }
    // Longer than any fence inside.
    let fence = "`".repeat(
        text.split(|c| c != '`')
            .map(str::len)
            .max()
            .unwrap_or(0)
            .max(2)
            + 1,
    );
    let mut out = vec![format!(" {fence}text")];
    out.extend(lines);
    out.push(format!(" {fence}"));
    out
}

/// Whether rustdoc reads text as it is meant: nothing in it looks like markup or code.
fn is_prose(text: &str) -> bool {
    !text.lines().any(|l| {
        let digits = l
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        l.starts_with("    ")
            || l.trim_start()
                .starts_with(['-', '*', '#', '>', '+', '=', '|', '~'])
            || digits.len() < l.trim_start().len() && digits.starts_with(['.', ')'])
            || l.contains(['<', '[', '`', ':', '\\', '_']) && l.contains(['<', '[', '`', '\\'])
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
        assert_eq!(dedented("One.\n\n    Two."), "One.\n\nTwo.");
    }
}
