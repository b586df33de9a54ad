//! The signed text of Flask's session cookie: itsdangerous' `URLSafeTimedSerializer` with HMAC-SHA1 and the salt
//! `cookie-session`. Flask reads what this writes, and the other way round.

use std::io::{Read, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha1::Sha1;

/// Without padding, and as lenient as Python about the last bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// No session is larger than this when it is unpacked: a cookie has 4 kB, but zlib can hold a bomb.
const LIMIT: u64 = 16 << 20;

/// Signs and verifies with one secret key.
#[derive(Clone)]
pub struct Signer(Hmac<Sha1>);

impl Signer {
    /// Derives the key as `key_derivation="hmac"` does.
    pub fn new(secret_key: &str) -> Option<Self> {
        let mut derive = Hmac::<Sha1>::new_from_slice(secret_key.as_bytes()).ok()?;
        derive.update(b"cookie-session");
        Hmac::new_from_slice(&derive.finalize().into_bytes())
            .ok()
            .map(Self)
    }

    /// The session in `cookie`, as tagged JSON; `None` if it is forged, malformed, older than `max_age` seconds or from the future.
    pub fn open(&self, cookie: &str, max_age: u64) -> Option<Map<String, Value>> {
        let (signed, signature) = cookie.rsplit_once('.')?;
        let mut mac = self.0.clone();
        mac.update(signed.as_bytes());
        mac.verify_slice(&BASE64.decode(signature).ok()?).ok()?;

        let (payload, stamp) = signed.rsplit_once('.')?;
        let stamp = BASE64.decode(stamp).ok().filter(|bytes| bytes.len() <= 8)?;
        let stamp = stamp
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        if now().checked_sub(stamp).is_none_or(|age| age > max_age) {
            return None;
        }
        let text = match payload.strip_prefix('.') {
            Some(zipped) => {
                let mut text = Vec::new();
                let bytes = BASE64.decode(zipped).ok()?;
                flate2::read::ZlibDecoder::new(bytes.as_slice())
                    .take(LIMIT)
                    .read_to_end(&mut text)
                    .ok()?;
                text
            }
            None => BASE64.decode(payload).ok()?,
        };
        serde_json::from_slice(&text).ok()
    }

    /// Signs tagged JSON; packed when that saves more than the dot that marks it.
    pub fn seal(&self, text: &str) -> String {
        let payload = match zipped(text.as_bytes()) {
            Some(zipped) if zipped.len() + 1 < text.len() => format!(".{}", BASE64.encode(zipped)),
            _ => BASE64.encode(text),
        };
        let stamp = now().to_be_bytes();
        let stamp = &stamp[stamp.iter().position(|byte| *byte != 0).unwrap_or(8)..];
        let signed = format!("{payload}.{}", BASE64.encode(stamp));
        let mut mac = self.0.clone();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
    }
}

fn zipped(text: &[u8]) -> Option<Vec<u8>> {
    let mut zip = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zip.write_all(text).ok()?;
    zip.finish().ok()
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
