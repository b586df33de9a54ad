//! `json.loads`: what Python reads and `serde_json` does not is a 501, and not a 400.

use serde_json::Value;

use super::error::{Abort, abort, not_ported};

/// How deep `serde_json` goes.
const DEPTH: usize = 127;

/// `json.loads(data)`: a 400 where it is malformed.
pub fn loads(data: &[u8]) -> Result<Value, Abort> {
    let odd = || not_ported("get_json", "the JSON holds what only Python's reader takes");
    // json.detect_encoding
    let is_wide = data.starts_with(b"\xfe\xff")
        || data.starts_with(b"\xff\xfe")
        || data.len() > 1 && data.iter().take(4).any(|byte| *byte == 0);
    if is_wide {
        return Err(odd());
    }
    let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let Ok(text) = std::str::from_utf8(data) else {
        // `surrogatepass` takes these.
        let lone = data.windows(2).any(|w| w[0] == 0xed && w[1] >= 0xa0);
        return Err(if lone { odd() } else { abort(400) });
    };
    let mut reader = Reader {
        rest: text.as_bytes(),
        depth: 0,
        is_odd: false,
    };
    let is_json = reader.value().is_some() && {
        reader.space();
        reader.rest.is_empty()
    };
    if reader.is_odd && (is_json || reader.depth > DEPTH) {
        return Err(odd());
    }
    if !is_json {
        return Err(abort(400));
    }
    serde_json::from_str(text).map_err(|_| odd())
}

/// Goes through JSON as Python's scanner does, and notes what only that takes.
struct Reader<'t> {
    rest: &'t [u8],
    depth: usize,
    is_odd: bool,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = trimmed(self.rest, |byte| {
            matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
        });
    }

    fn skip(&mut self, text: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn value(&mut self) -> Option<()> {
        self.space();
        for word in ["null", "true", "false"] {
            if self.skip(word.as_bytes()).is_some() {
                return Some(());
            }
        }
        for word in ["NaN", "Infinity", "-Infinity"] {
            if self.skip(word.as_bytes()).is_some() {
                self.is_odd = true;
                return Some(());
            }
        }
        match self.rest.first()? {
            b'"' => self.string(),
            b'[' => self.nested(b"[", b"]", |reader| reader.value()),
            b'{' => self.nested(b"{", b"}", |reader| {
                reader.string()?;
                reader.space();
                reader.skip(b":")?;
                reader.value()
            }),
            _ => self.number(),
        }
    }

    fn nested(
        &mut self,
        open: &[u8],
        close: &[u8],
        item: fn(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.skip(open)?;
        self.depth += 1;
        if self.depth > DEPTH {
            self.is_odd = true;
            return None;
        }
        self.space();
        if self.skip(close).is_none() {
            loop {
                self.space();
                item(self)?;
                self.space();
                if self.skip(close).is_some() {
                    break;
                }
                self.skip(b",")?;
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.skip(b"\"")?;
        loop {
            match *self.rest.first()? {
                b'"' => return self.skip(b"\""),
                b'\\' if self.rest.get(1) == Some(&b'u') => {
                    let unit = hex(self.rest.get(2..6)?)?;
                    self.rest = &self.rest[6..];
                    let pair = self
                        .rest
                        .strip_prefix(b"\\u")
                        .and_then(|r| hex(r.get(..4)?));
                    match (unit, pair) {
                        (0xd800..=0xdbff, Some(0xdc00..=0xdfff)) => self.rest = &self.rest[6..],
                        (0xd800..=0xdfff, _) => self.is_odd = true,
                        _ => {}
                    }
                }
                b'\\' => {
                    let escape = *self.rest.get(1)?;
                    b"\"\\/bfnrt".contains(&escape).then_some(())?;
                    self.rest = &self.rest[2..];
                }
                0..0x20 => return None,
                _ => self.rest = &self.rest[1..],
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let start = self.rest;
        let _ = self.skip(b"-");
        match self.rest.first()? {
            b'0' => self.rest = &self.rest[1..],
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        let whole = start.len() - self.rest.len();
        let mut is_float = false;
        if let [b'.', b'0'..=b'9', ..] = self.rest {
            self.rest = &self.rest[1..];
            self.digits();
            is_float = true;
        }
        if let [b'e' | b'E', b'0'..=b'9', ..] | [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] =
            self.rest
        {
            self.rest = &self.rest[2..];
            self.digits();
            is_float = true;
        }
        let text = std::str::from_utf8(&start[..start.len() - self.rest.len()]).ok()?;
        self.is_odd |= if is_float {
            text.parse::<f64>().is_ok_and(f64::is_infinite)
        } else {
            // Python has no negative zero among integers, and no largest one.
            text == "-0" || whole > 18 && text.parse::<i64>().is_err()
        };
        Some(())
    }

    fn digits(&mut self) {
        self.rest = trimmed(self.rest, |byte| byte.is_ascii_digit());
    }
}

fn trimmed(bytes: &[u8], skip: impl Fn(u8) -> bool) -> &[u8] {
    let end = bytes.iter().position(|byte| !skip(*byte));
    &bytes[end.unwrap_or(bytes.len())..]
}

fn hex(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_reads() {
        let status = |text: &str| loads(text.as_bytes()).map_err(|e| e.status()).err();
        for text in [
            "1",
            " [1, 2.5e3, -0.0] ",
            r#"{"a": "\u00e9\ud83d\ude00"}"#,
            "\u{feff}{}",
            "[]",
        ] {
            assert_eq!(status(text), None, "{text}");
        }
        for text in [
            "", "{", "[1,]", "01", "1.", "\"\n\"", "\"\\x\"", "nul", "1 2", "[NaN", "+1", ".5",
        ] {
            assert_eq!(status(text), Some(400), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for text in [
            "NaN",
            "[-Infinity]",
            "1e400",
            "12345678901234567890",
            "\"\\ud800\"",
            "-0",
            deep.as_str(),
        ] {
            assert_eq!(status(text), Some(501), "{text}");
        }
    }
}
