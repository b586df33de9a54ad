//! Answers to a server that asks for a password by a digest: RFC 7616, and RFC 2069 where it names no quality of protection.

use std::fmt::Write as _;

use md5::Md5;
use regex::Regex;
use sha2::{Digest as _, Sha256, Sha512};

/// The client's nonce: any text will do, and the same one makes the same requests.
const CNONCE: &str = "0a4f113b";

/// The value of `Authorization` that answers a value of `WWW-Authenticate`; `None` where that is no digest, or one of an
/// algorithm that nobody uses. `asked` is method, target and body of the request.
#[must_use]
pub fn answer(
    challenge: &str,
    user: &str,
    password: &str,
    asked: (&str, &str, &[u8]),
) -> Option<String> {
    let (scheme, rest) = challenge.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("digest") {
        return None;
    }
    let pairs = Regex::new(r#"([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))"#).ok()?;
    let parameter = |name: &str| {
        pairs.captures_iter(rest).find_map(|c| {
            let value = c.get(2).or_else(|| c.get(3))?;
            c[1].eq_ignore_ascii_case(name).then(|| value.as_str())
        })
    };
    let (realm, nonce) = (parameter("realm").unwrap_or_default(), parameter("nonce")?);
    let algorithm = parameter("algorithm");
    let (hash, in_session) = hash(algorithm.unwrap_or("MD5"))?;
    let (method, target, body) = asked;
    let mut secret = hash(format!("{user}:{realm}:{password}").as_bytes());
    if in_session {
        secret = hash(format!("{secret}:{nonce}:{CNONCE}").as_bytes());
    }
    let qop = parameter("qop").and_then(|offered| {
        let mut offered = offered.split(',').map(str::trim);
        let first = offered.next()?;
        Some(offered.find(|q| *q == "auth").unwrap_or(first))
    });
    let sent = match qop {
        Some("auth-int") => hash(format!("{method}:{target}:{}", hash(body)).as_bytes()),
        _ => hash(format!("{method}:{target}").as_bytes()),
    };
    let response = match qop {
        Some(qop) => hash(format!("{secret}:{nonce}:00000001:{CNONCE}:{qop}:{sent}").as_bytes()),
        None => hash(format!("{secret}:{nonce}:{sent}").as_bytes()),
    };
    let mut value = format!(
        "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{target}\", response=\"{response}\""
    );
    if let Some(algorithm) = algorithm {
        let _ = write!(value, ", algorithm={algorithm}");
    }
    if let Some(qop) = qop {
        let _ = write!(value, ", qop={qop}, nc=00000001, cnonce=\"{CNONCE}\"");
    }
    if let Some(opaque) = parameter("opaque") {
        let _ = write!(value, ", opaque=\"{opaque}\"");
    }
    Some(value)
}

/// A hash in hexadecimal.
type Hash = fn(&[u8]) -> String;

/// The hash of an algorithm, in hexadecimal, and whether it hashes the password once more (`-sess`).
fn hash(algorithm: &str) -> Option<(Hash, bool)> {
    let algorithm = algorithm.to_ascii_uppercase();
    let (name, in_session) = match algorithm.strip_suffix("-SESS") {
        Some(name) => (name, true),
        None => (algorithm.as_str(), false),
    };
    let hash: Hash = match name {
        "MD5" => |bytes| hexadecimal(&Md5::digest(bytes)),
        "SHA-256" => |bytes| hexadecimal(&Sha256::digest(bytes)),
        "SHA-512" => |bytes| hexadecimal(&Sha512::digest(bytes)),
        _ => return None,
    };
    Some((hash, in_session))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(challenge: &str) -> Option<String> {
        let asked = ("GET", "/dir/index.html", &b""[..]);
        let value = answer(challenge, "Mufasa", "Circle of Life", asked)?;
        let (_, rest) = value.split_once("response=\"")?;
        Some(rest.split('"').next()?.to_owned())
    }

    /// Responses as Python's `hashlib` gives them by the formulas of RFC 7616, checked with the example of RFC 2617.
    #[test]
    fn challenges_are_answered() {
        for (challenge, wanted) in [
            ("Basic realm=\"x\"", None),
            ("Digest realm=\"x\", nonce=\"n\", algorithm=CRC", None),
            (
                "Digest realm=\"http-auth@example.org\", nonce=\"n0\", algorithm=MD5, qop=\"auth\"",
                Some("5700bd76d46fa4553d88c6ad3f2916bb"),
            ),
            (
                "Digest realm=\"http-auth@example.org\", nonce=\"n0\", algorithm=SHA-256, qop=\"auth\"",
                Some("c60df55c472dd3dbcc93de4418476c5c2248ff35d77bc18b8bff3fe284ccc347"),
            ),
            (
                "Digest realm=\"http-auth@example.org\", nonce=\"n0\", algorithm=MD5-sess, qop=\"auth\"",
                Some("8b0fe63cf247ac94ff1b49649fcacbec"),
            ),
            (
                "Digest realm=\"http-auth@example.org\", nonce=\"n0\", algorithm=MD5",
                Some("a2d66dc35e1f56f1991d22bded9bf1e2"),
            ),
            (
                "Digest realm=\"http-auth@example.org\", nonce=\"n0\", algorithm=MD5, qop=\"auth-int\"",
                Some("4f627ad905447deddb64b2d5ae9abb31"),
            ),
        ] {
            assert_eq!(response(challenge).as_deref(), wanted, "{challenge}");
        }
    }

    #[test]
    fn what_is_opaque_goes_back() {
        let challenge = "digest realm=\"a, b\", qop=\"auth-int, auth\", nonce=n, opaque=\"o\"";
        let value = answer(challenge, "ann", "x", ("GET", "/", b"")).expect("an answer");
        for wanted in ["realm=\"a, b\"", "nonce=\"n\"", "qop=auth,", "opaque=\"o\""] {
            assert!(value.contains(wanted), "{value}");
        }
        assert!(!value.contains("algorithm"), "{value}");
    }
}
