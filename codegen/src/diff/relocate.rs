//! Where a Rust function stands in a text that somebody edited: by its name, since lines have moved.

use std::ops::RangeInclusive;

/// The lines of the function of that name, with its attributes and the comments right above it; 1-based.
/// `None` when there is not exactly one with a body, so a guess is never taken for a find.
#[must_use]
pub fn function(text: &str, name: &str) -> Option<RangeInclusive<u32>> {
    let tokens = tokens(text);
    let mut found = tokens.windows(2).enumerate().filter_map(|(i, pair)| {
        let named = pair[1].text.strip_prefix("r#").unwrap_or(pair[1].text) == name;
        (pair[0].text == "fn" && named).then_some(i)
    });
    let (at, None) = (found.next()?, found.next()) else {
        return None;
    };
    let end = body_end(&tokens[at + 2..])?;
    let lines: Vec<&str> = text.lines().collect();
    let mut start = tokens[item_start(&tokens, at)].line;
    while start > 1 && lines[start as usize - 2].trim_start().starts_with("//") {
        start -= 1;
    }
    Some(start..=end)
}

/// The line of the brace that closes a function's body, in what follows its name.
fn body_end(tokens: &[Token<'_>]) -> Option<u32> {
    // Braces inside brackets (`[u8; { 1 }]`) open no body.
    let mut depth = 0_u32;
    for (i, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.checked_sub(1)?;
                // Nor do those of a constant argument (`Buffer<{ 1 }>`).
                let next = tokens.get(i + 1).map_or("", |t| t.text);
                if depth == 0 && token.text == "}" && !matches!(next, ">" | ",") {
                    return Some(token.line);
                }
            }
            ";" if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The first token of the item whose `fn` stands at `at`: what comes after the end of the one before.
fn item_start(tokens: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_u32;
    for i in (0..at).rev() {
        match tokens[i].text {
            ")" | "]" => depth += 1,
            "(" | "[" => depth = depth.saturating_sub(1),
            ";" | "{" | "}" if depth == 0 => return i + 1,
            _ => {}
        }
    }
    0
}

/// A word or a sign, comments and blanks left out. A literal is one token.
struct Token<'a> {
    text: &'a str,
    line: u32,
}

/// The tokens of a text, as far as names and brackets need them.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = length(rest, c);
        let (token, tail) = rest.split_at(len);
        if !c.is_whitespace() && !token.starts_with("//") && !token.starts_with("/*") {
            out.push(Token { text: token, line });
        }
        line += token.matches('\n').count() as u32;
        rest = tail;
    }
    out
}

/// Bytes of the token, comment or blank that `rest` starts with, which is `c`.
fn length(rest: &str, c: char) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if let Some(len) = string(rest) {
        return len;
    }
    if c == '\'' {
        return character(rest);
    }
    if c == '_' || c.is_alphanumeric() {
        let raw = if rest.starts_with("r#") { 2 } else { 0 };
        let word = |c: char| c == '_' || c.is_alphanumeric();
        return rest[raw..]
            .find(|c| !word(c))
            .map_or(rest.len(), |n| n + raw);
    }
    c.len_utf8()
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// `"…"`, `b"…"`, `c"…"`, `r#"…"#` and their mixtures.
fn string(rest: &str) -> Option<usize> {
    let prefix = rest
        .find(|c| !matches!(c, 'b' | 'c' | 'r'))
        .filter(|n| *n <= 2)?;
    let raw = rest[..prefix].ends_with('r');
    let hashes = rest[prefix..]
        .find(|c| c != '#')
        .filter(|n| raw || *n == 0)?;
    let open = prefix + hashes;
    if !rest[open..].starts_with('"') {
        return None;
    }
    if raw {
        let close = format!("\"{}", "#".repeat(hashes));
        let end = rest[open + 1..].find(&close);
        return Some(end.map_or(rest.len(), |n| open + 1 + n + close.len()));
    }
    Some(open + quoted(&rest[open..], b'"'))
}

/// A character, or the quote of a lifetime.
fn character(rest: &str) -> usize {
    let mut after = rest[1..].chars();
    match (after.next(), after.next()) {
        (Some('\\'), _) => quoted(rest, b'\''),
        (Some(c), Some('\'')) => c.len_utf8() + 2,
        _ => 1,
    }
}

/// From a quote to the next one that no backslash precedes.
fn quoted(rest: &str, quote: u8) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, expected: Option<(u32, u32)>) {
        let found = function(text, name).map(RangeInclusive::into_inner);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn with_attributes_and_comments() {
        let text = "use x;\n\n// why\n/// Docs.\n#[handler(a = \"{\")]\npub async fn show<'a>(\n    ctx: &'a Ctx,\n) -> Reply {\n    if x { y() }\n}\n\nfn other() {}\n";
        check(text, "show", Some((3, 10)));
        check(text, "other", Some((12, 12)));
        check(text, "none", None);
    }

    #[test]
    fn in_modules_and_impls() {
        let text = "mod a {\n    impl B {\n        pub fn c() {}\n\n        fn d(x: [u8; { 2 }]) -> B<{ 1 }> where (): Sized {\n        }\n    }\n}\n";
        check(text, "c", Some((3, 3)));
        check(text, "d", Some((5, 6)));
    }

    #[test]
    fn braces_in_literals_and_comments() {
        let text = "fn a() {\n    let s = \"}\\\"}\";\n    let r = r#\"}\"}\"#;\n    let b = br\"}\\\";\n    let c = ['}', '\\'', b'}'];\n    // }\n    /* } /* } */ } */\n    let l: &'static str = \"fn b() {}\";\n}\nfn r#type() {}\n";
        check(text, "a", Some((1, 9)));
        check(text, "b", None);
        check(text, "type", Some((10, 10)));
    }

    #[test]
    fn nothing_is_guessed() {
        check("mod a { fn x() {} }\nmod b { fn x() {} }\n", "x", None);
        check("trait T { fn x(); }\nfn y() {}\n", "x", None);
        check("fn x() {\n", "x", None);
        check("fn x", "x", None);
        for broken in [
            "\"",
            "'",
            "'\\",
            "/*",
            "r#\"",
            "fn x() { \"",
            "r#",
            "}\nfn x() {}\n",
        ] {
            let _ = function(broken, "x");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "[fn xé{}()\\[\\];'\"\\\\/*r#b\n]{0,60}") {
            let all: usize = text.lines().count();
            if let Some(lines) = function(&text, "x") {
                proptest::prop_assert!(*lines.end() as usize <= all && lines.start() <= lines.end());
            }
        }
    }
}
