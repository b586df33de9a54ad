//! Python text: as Rust comments hold it, and what of it is code.

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
fn documentation(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let rest = dedented(rest);
    format!("{}\n{rest}", first.trim_start()).trim().to_owned()
}

/// A documentation string as lines of `#[doc]`, in a fence unless it is prose.
#[must_use]
pub fn documented(text: &str) -> Vec<String> {
    let text = documentation(&text.replace('\t', "    "));
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

/// Python with its comments and what stands in its strings left out; f-strings stay, since they hold code.
#[must_use]
pub fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = if from.starts_with('#') {
            from.find('\n').unwrap_or(from.len())
        } else {
            let quotes = if from.starts_with("\"\"\"") || from.starts_with("'''") {
                3
            } else {
                1
            };
            literal(from, quotes)
        };
        let (literal, after) = from.split_at(length);
        let prefix = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next();
        let is_format = prefix.is_some_and(|p| p.len() < 3 && p.contains(['f', 'F', 't', 'T']));
        if is_format {
            out.push_str(literal);
        } else if !literal.starts_with('#') {
            out.push_str("\"\"");
        }
        rest = after;
    }
    out + rest
}

/// How long the string is that begins with so many quotes.
fn literal(text: &str, quotes: usize) -> usize {
    let closing = &text[..quotes];
    let mut at = quotes;
    while at < text.len() {
        let rest = &text[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
        } else if rest.starts_with(closing) {
            return at + quotes;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
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
        assert_eq!(
            code("a = 'it\\'s' # b\nc = \"\"\"d\ne\"\"\" + f'{g}'"),
            "a = \"\" \nc = \"\" + f'{g}'"
        );
    }
}
