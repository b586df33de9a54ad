//! The text of a source file, in the encoding that Python would read it in.

/// The decoded text, and whether it is the file's own bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// Byte for byte what is on disk.
    pub verbatim: bool,
}

/// Decodes a file as PEP 263 says: UTF-8, or the cookie of its first two lines.
///
/// # Errors
/// The name of the encoding that the bytes are not valid in.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, String> {
    let cookie = cookie(&bytes);
    let label = cookie
        .as_deref()
        .unwrap_or("utf-8")
        .to_ascii_lowercase()
        .replace('_', "-");
    if matches!(
        label.as_str(),
        "utf-8" | "utf8" | "utf-8-sig" | "ascii" | "us-ascii"
    ) {
        return match String::from_utf8(bytes) {
            // A byte order mark stays: the parser skips it, and spans are the file's own.
            Ok(text) => Ok(Decoded {
                text,
                verbatim: true,
            }),
            Err(_) => Err(label),
        };
    }
    if matches!(
        label.as_str(),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1"
    ) {
        let verbatim = bytes.is_ascii();
        return Ok(Decoded {
            text: bytes.iter().map(|&b| b as char).collect(),
            verbatim,
        });
    }
    let Some(encoding) = encoding_rs::Encoding::for_label(label.as_bytes()) else {
        return Err(label);
    };
    let (text, _, bad) = encoding.decode(&bytes);
    if bad {
        return Err(label);
    }
    Ok(Decoded {
        text: text.into_owned(),
        verbatim: bytes.is_ascii(),
    })
}

/// The encoding that a comment in the first two lines names.
fn cookie(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|&b| b == b'\n').take(2) {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let text = String::from_utf8_lossy(line);
        let text = text.trim_start_matches([' ', '\t', '\x0c']);
        if !text.starts_with('#') {
            if text.trim().is_empty() {
                continue;
            }
            return None;
        }
        if let Some(at) = text.find("coding") {
            let rest = &text[at + 6..];
            if let Some(rest) = rest.strip_prefix([':', '=']) {
                let name: String = rest
                    .trim_start_matches([' ', '\t'])
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
                    .collect();
                if !name.is_empty() {
                    return Some(name);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let text = |bytes: &[u8]| decode(bytes.to_vec()).map(|d| (d.text, d.verbatim));
        assert_eq!(text("é".as_bytes()), Ok(("é".into(), true)));
        assert_eq!(text(b"\xef\xbb\xbfx"), Ok(("\u{feff}x".into(), true)));
        assert_eq!(
            text(b"# -*- coding: latin-1 -*-\n\xe9"),
            Ok(("# -*- coding: latin-1 -*-\né".into(), false))
        );
        assert_eq!(text(b"\xe9"), Err("utf-8".into()));
        assert_eq!(
            text(b"#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n\xe9")
                .unwrap()
                .0
                .chars()
                .last(),
            Some('й')
        );
        assert_eq!(text(b"# coding: klingon\n"), Err("klingon".into()));
    }
}
