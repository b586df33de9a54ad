//! The values of literals.

/// The text of one or more adjacent string literals (comments and line breaks between them
/// allowed); `None` for bytes, f-strings and names of characters (`\N{…}`).
#[must_use]
pub fn string(source: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = source;
    loop {
        rest = skip_blank(rest);
        if rest.is_empty() {
            return Some(out);
        }
        let quote_at = rest.find(['"', '\''])?;
        let prefix = &rest[..quote_at];
        if prefix.chars().any(|c| !matches!(c, 'r' | 'R' | 'u' | 'U')) {
            return None;
        }
        let raw = prefix.contains(['r', 'R']);
        let quote = &rest[quote_at..=quote_at];
        let body = &rest[quote_at..];
        let triple = quote.repeat(3);
        let (open, close) = if body.starts_with(&triple) {
            (3, triple.as_str())
        } else {
            (1, quote)
        };
        let inner = &body[open..];
        let end = closing(inner, close)?;
        decode(&inner[..end], raw, &mut out)?;
        rest = &inner[end + close.len()..];
    }
}

fn skip_blank(mut s: &str) -> &str {
    loop {
        s = s.trim_start_matches(|c: char| c.is_whitespace() || c == '\\' || c == '(' || c == ')');
        match s.strip_prefix('#') {
            Some(comment) => s = comment.split_once('\n').map_or("", |(_, after)| after),
            None => return s,
        }
    }
}

fn closing(s: &str, close: &str) -> Option<usize> {
    let bytes = s.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'\\' {
            i += 2;
        } else if s.as_bytes()[i..].starts_with(close.as_bytes()) {
            return Some(i);
        } else {
            i += 1;
        }
    }
    None
}

/// A literal piece of an f-string: escapes decoded, `{{` and `}}` halved.
#[must_use]
pub fn part(source: &str, raw: bool) -> Option<String> {
    let mut out = String::new();
    decode(source, raw, &mut out)?;
    Some(out.replace("{{", "{").replace("}}", "}"))
}

fn decode(s: &str, raw: bool, out: &mut String) -> Option<()> {
    if raw || !s.contains('\\') {
        out.push_str(s);
        return Some(());
    }
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let e = chars.next()?;
        match e {
            '\n' => {}
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    chars.next();
                }
            }
            '\\' | '\'' | '"' => out.push(e),
            'a' => out.push('\x07'),
            'b' => out.push('\x08'),
            'f' => out.push('\x0c'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\x0b'),
            'x' | 'u' | 'U' => {
                let n = match e {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let hex: String = (0..n).map_while(|_| chars.next()).collect();
                out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
            }
            '0'..='7' => {
                let mut value = e.to_digit(8)?;
                for _ in 0..2 {
                    match chars.peek().and_then(|c| c.to_digit(8)) {
                        Some(d) => {
                            value = value * 8 + d;
                            chars.next();
                        }
                        None => break,
                    }
                }
                out.push(char::from_u32(value)?);
            }
            'N' => return None,
            other => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    Some(())
}

/// An integer literal that fits in 64 bits.
#[must_use]
pub fn integer(source: &str) -> Option<i64> {
    let s = source.replace('_', "").to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = s.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok();
        }
    }
    s.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        for (source, expected) in [
            (r#""a""#, Some("a")),
            (r"'it\'s'", Some("it's")),
            (r#"r'\d+'"#, Some(r"\d+")),
            ("'a' # why\n  \"b\"", Some("ab")),
            (r"'\x41\u00e9\101'", Some("AéA")),
            ("'''x\n'y'''", Some("x\n'y")),
            (r"'\d'", Some(r"\d")),
            ("b'x'", None),
            (r"'\N{DASH}'", None),
        ] {
            assert_eq!(string(source).as_deref(), expected, "{source}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(integer("1_000"), Some(1000));
        assert_eq!(integer("0xFF"), Some(255));
        assert_eq!(integer("1e5"), None);
    }
}
