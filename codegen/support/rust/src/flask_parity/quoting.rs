//! Percent-encoding, IRIs and HTML escapes as Python's urllib, werkzeug.urls and markupsafe have them.

use percent_encoding::percent_decode;

/// What may stand unquoted in a path segment (werkzeug: https://url.spec.whatwg.org/#url-path-segment-string).
pub const PATH_SAFE: &str = "!$&'()*+,/:;=@";
/// What werkzeug leaves unquoted in the query of a URL that it builds.
pub const QUERY_SAFE: &str = "!$'()*,/:;?@";
/// What Flask leaves unquoted in `_anchor`.
pub const ANCHOR_SAFE: &str = "%!#$&'()*+,/:;=?@";

/// `urllib.parse.quote(bytes, safe)`.
pub fn quote_bytes(bytes: &[u8], safe: &str) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric()
            || b"_.-~".contains(&byte)
            || safe.as_bytes().contains(&byte)
        {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `urllib.parse.quote(text, safe)`.
pub fn quote(text: &str, safe: &str) -> String {
    quote_bytes(text.as_bytes(), safe)
}

/// `urllib.parse.quote_plus(text, safe)`: a blank is a plus.
pub fn quote_plus(text: &str, safe: &str) -> String {
    let with_blank = format!("{safe} ");
    quote(text, &with_blank).replace(' ', "+")
}

/// `urllib.parse.unquote_to_bytes`: a `%` without two digits stays.
pub fn unquote(text: &[u8]) -> Vec<u8> {
    percent_decode(text).collect()
}

/// UTF-8 in which undecodable bytes stay percent-encoded (werkzeug's error handler `werkzeug.url_quote`).
pub fn decode_keeping(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.push_str(&quote_bytes(chunk.invalid(), ""));
    }
    out
}

/// One key or value of a query string or a urlencoded body (`urllib.parse.parse_qsl`).
pub fn unquote_plus(text: &[u8]) -> String {
    let blanks: Vec<u8> = text
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    decode_keeping(&unquote(&blanks))
}

/// The pairs of a query string or a urlencoded body; blank values are kept.
pub fn parse_pairs(text: &[u8]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for part in text
        .split(|&byte| byte == b'&')
        .filter(|part| !part.is_empty())
    {
        let (key, value) = match part.iter().position(|&byte| byte == b'=') {
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &b""[..]),
        };
        pairs.push((unquote_plus(key), unquote_plus(value)));
    }
    pairs
}

/// What stays quoted when a URI becomes an IRI: controls, blank, `%`, DEL and `more` (werkzeug.urls._make_unquote_part).
fn unquote_part(text: &str, more: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| {
                u8::from_str_radix(digits, 16)
                    .ok()
                    .filter(|_| !digits.starts_with('+'))
            });
        match code {
            Some(code)
                if code > 0x20
                    && code != b'%'
                    && code != 0x7F
                    && !more.as_bytes().contains(&code) =>
            {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    decode_keeping(&out)
}

/// The path of `request.url`: an IRI (werkzeug.sansio.utils.get_current_url).
pub fn iri_path(path: &str) -> String {
    unquote_part(&quote(path, "!$&'()*+,/:;=@%"), "/?#")
}

/// The query of `request.url`.
pub fn iri_query(query: &[u8]) -> String {
    unquote_part(&quote_bytes(query, "!$&'()*+,/:;=?@%"), "&=+#")
}

/// What werkzeug sends as `Location`: every part quoted, the scheme and host in small letters
/// (werkzeug.urls.iri_to_uri). A host with letters beyond ASCII is quoted too, where werkzeug writes Punycode.
/// `None` where Python has a `ValueError`: a port that is no number.
pub fn iri_to_uri(iri: &str) -> Option<String> {
    let iri: String = iri
        .trim_start_matches(|c: char| c <= ' ')
        .replace(['\t', '\r', '\n'], "");
    let (scheme, rest) = split_scheme(&iri);
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let authority = authority_of(authority)?;
    let mut path = quote(path, "%!$&'()*+,/:;=@");
    let with_slashes =
        ["http", "https", "ftp", "ws", "wss", "file", "itms-services"].contains(&scheme.as_str());
    if !authority.is_empty() || (with_slashes && !path.starts_with("//")) {
        if !path.is_empty() && !path.starts_with('/') {
            path.insert(0, '/');
        }
        path = format!("//{authority}{path}");
    }
    let mut uri = if scheme.is_empty() {
        path
    } else {
        format!("{scheme}:{path}")
    };
    if !query.is_empty() {
        uri = format!("{uri}?{}", quote(query, "%!$&'()*+,/:;=?@"));
    }
    if !fragment.is_empty() {
        uri = format!("{uri}#{}", quote(fragment, "%!#$&'()*+,/:;=?@"));
    }
    Some(uri)
}

fn split_scheme(url: &str) -> (String, &str) {
    match url.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) =>
        {
            (scheme.to_ascii_lowercase(), rest)
        }
        _ => (String::new(), url),
    }
}

fn authority_of(authority: &str) -> Option<String> {
    let (user, server) = match authority.rsplit_once('@') {
        Some((user, server)) => (Some(user), server),
        None => (None, authority),
    };
    let (host, port) = match (server.rfind(']'), server.rsplit_once(':')) {
        (Some(end), Some((host, port))) if host.len() > end => (host, port),
        (None, Some((host, port))) => (host, port),
        _ => (server, ""),
    };
    if host.contains('[') != host.contains(']') {
        return None;
    }
    let mut out = host.to_lowercase();
    if !out.is_ascii() {
        out = quote(&out, "[]:%!$&'()*+,;=");
    }
    if !port.is_empty() {
        out = format!(
            "{out}:{}",
            port.parse::<u16>()
                .ok()
                .filter(|_| !port.starts_with('+'))?
        );
    }
    if let Some(user) = user {
        let parts: Vec<_> = user
            .splitn(2, ':')
            .map(|part| quote(part, "%!$&'()*+,;="))
            .collect();
        out = format!("{}@{out}", parts.join(":"));
    }
    Some(out)
}

/// `markupsafe.escape`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
