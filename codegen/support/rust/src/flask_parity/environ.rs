//! What a WSGI server and Werkzeug make of a request's headers.

use axum::http::HeaderMap;

/// Headers as a WSGI environment has them: names with an underscore are dropped, repeated ones joined.
pub fn wsgi_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let names = headers.keys().filter(|name| !name.as_str().contains('_'));
    names
        .map(|name| {
            let joiner = if name == "cookie" { "; " } else { "," };
            let values: Vec<String> = headers
                .get_all(name)
                .iter()
                .map(|value| value.as_bytes().iter().copied().map(char::from).collect())
                .collect();
            (name.as_str().to_owned(), values.join(joiner))
        })
        .collect()
}

/// A header by its name in any case.
pub fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// gunicorn believes a proxy on the same machine (`forwarded_allow_ips`, `secure_scheme_headers`).
pub fn scheme_of(headers: &[(String, String)], from_proxy: bool) -> &'static str {
    let secure = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-protocol", "ssl"),
        ("x-forwarded-ssl", "on"),
    ];
    let https = from_proxy
        && secure
            .iter()
            .any(|(name, value)| find(headers, name) == Some(value));
    if https { "https" } else { "http" }
}

/// werkzeug.sansio.utils.get_host: without the scheme's own port, empty when malformed.
pub fn host_of(header: Option<&str>, scheme: &str) -> String {
    let host = header.unwrap_or_default();
    let host = host
        .strip_suffix(if scheme == "https" { ":443" } else { ":80" })
        .unwrap_or(host);
    let (name, port) = match host.rfind(']') {
        Some(end) => host.split_at(end + 1),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let of = |text: &str, more: &str, alphabet: fn(&char) -> bool| {
        text.chars().all(|c| alphabet(&c) || more.contains(c))
    };
    let name_ok = match name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        Some(address) => address.contains(':') && of(address, ":.", char::is_ascii_hexdigit),
        None => !name.is_empty() && of(name, ".-", char::is_ascii_alphanumeric),
    };
    let port_ok = match port.strip_prefix(':') {
        Some(digits) => !digits.starts_with(['0', '+']) && digits.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    if name_ok && port_ok {
        host.to_owned()
    } else {
        String::new()
    }
}
