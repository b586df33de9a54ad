//! Addresses as gunicorn writes them.

/// An address of gunicorn's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    Tcp(&'a str, Option<&'a str>),
    Unix(&'a str),
    Descriptor(&'a str),
}

impl<'a> Address<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            return Some(Self::Unix(path.strip_prefix("//").unwrap_or(path)));
        }
        if let Some(number) = text.strip_prefix("fd://") {
            return Some(Self::Descriptor(number));
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            return Some(Self::Tcp(host, rest.strip_prefix(':')));
        }
        // The colon of `${PORT:-80}` is none.
        let mut depth = 0;
        for (at, c) in text.char_indices() {
            match c {
                '{' | '(' => depth += 1,
                '}' | ')' => depth -= 1,
                ':' if depth == 0 => {
                    let port = Some(&text[at + 1..]).filter(|port| !port.is_empty());
                    return Some(Self::Tcp(&text[..at], port));
                }
                _ => {}
            }
        }
        // A lone variable may be all of it.
        (!text.contains(['$', '(', '/'])).then_some(Self::Tcp(text, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            (":80", Some(Address::Tcp("", Some("80")))),
            (
                "0.0.0.0:${PORT:-8000}",
                Some(Address::Tcp("0.0.0.0", Some("${PORT:-8000}"))),
            ),
            ("$HOST:$PORT", Some(Address::Tcp("$HOST", Some("$PORT")))),
            ("[::]:80", Some(Address::Tcp("::", Some("80")))),
            ("localhost", Some(Address::Tcp("localhost", None))),
            ("unix:/a.sock", Some(Address::Unix("/a.sock"))),
            ("unix:///a.sock", Some(Address::Unix("/a.sock"))),
            ("fd://3", Some(Address::Descriptor("3"))),
            ("$BIND", None),
            ("${A:-b}", None),
        ] {
            assert_eq!(Address::parse(text), expected, "{text}");
        }
    }
}
