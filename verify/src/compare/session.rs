//! Flask's session cookies, which Quart has too.
//!
//! `payload.timestamp.signature`, as itsdangerous' `URLSafeTimedSerializer` writes it (`url_safe.py`, `timed.py`,
//! `signer.py`): the payload is base64url of JSON, deflated when a dot comes first; the timestamp is base64url of the
//! seconds as a big-endian integer; the signature is HMAC-SHA1 of `payload.timestamp` under a key that is HMAC-SHA1 of
//! the salt `cookie-session` under the secret (`flask/sessions.py`, `SecureCookieSessionInterface`).

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::ZlibDecoder;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// A session cookie's value, read without its key.
pub(super) struct Session<'a> {
    /// The content, JSON.
    pub content: String,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Session<'a> {
    /// More content than this, in bytes, is none: cookies have 4 KiB, but deflated ones can be bombs.
    const MOST: u64 = 1 << 20;

    /// Reads a value that has the form of a session cookie. A JSON Web Token has not: its second part is no time.
    pub(super) fn read(value: &'a str) -> Option<Self> {
        let (signed, signature) = value.rsplit_once('.')?;
        let (payload, timestamp) = signed.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let timestamp = URL_SAFE_NO_PAD.decode(timestamp).ok()?;
        if !(1..=8).contains(&timestamp.len()) || signature.len() < 20 {
            return None;
        }
        let bytes = match payload.strip_prefix('.') {
            Some(deflated) => {
                let deflated = URL_SAFE_NO_PAD.decode(deflated).ok()?;
                let mut bytes = Vec::new();
                let inflated = ZlibDecoder::new(deflated.as_slice());
                inflated.take(Self::MOST).read_to_end(&mut bytes).ok()?;
                bytes
            }
            None => URL_SAFE_NO_PAD.decode(payload).ok()?,
        };
        let content = String::from_utf8(bytes).ok()?;
        serde_json::from_str::<serde_json::Value>(&content).ok()?;
        Some(Self {
            content,
            signed,
            signature,
        })
    }

    /// Whether it was signed with `secret`.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let derived =
            keyed(secret.as_bytes(), b"cookie-session").map(|m| m.finalize().into_bytes());
        derived
            .and_then(|key| keyed(&key, self.signed.as_bytes()))
            .is_some_and(|mac| mac.verify_slice(&self.signature).is_ok())
    }

    /// Whether one key signed both; none where they sign different things, which tells nothing.
    pub(super) fn is_signed_like(&self, other: &Self) -> Option<bool> {
        (self.signed == other.signed).then(|| self.signature == other.signature)
    }
}

fn keyed(key: &[u8], message: &[u8]) -> Option<Hmac<Sha1>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac)
}
