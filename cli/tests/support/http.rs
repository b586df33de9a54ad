//! Requests over a plain connection, and answers in a form that can be compared.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A form, urlencoded as it stands.
    pub fn form(path: &str, body: &str) -> Self {
        let mut request = Self::new("POST", path);
        request.headers.push((
            "Content-Type".into(),
            "application/x-www-form-urlencoded".into(),
        ));
        request.body = body.as_bytes().to_vec();
        request
    }

    /// A line of a `requests.ndjson`, of a session.
    pub fn to_json(&self, session: &str) -> String {
        serde_json::json!({
            "method": self.method,
            "path": self.path,
            "headers": self.headers,
            "body": String::from_utf8_lossy(&self.body),
            "session": session,
        })
        .to_string()
    }

    /// A line of a `requests.ndjson`.
    pub fn from_json(line: &str) -> Self {
        let value: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let headers = value["headers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|h| Some((h[0].as_str()?.to_owned(), h[1].as_str()?.to_owned())))
            .collect();
        assert!(
            value["body_base64"].is_null(),
            "no binary bodies in the fixtures yet"
        );
        Self {
            method: text("method").expect("a method"),
            path: text("path").expect("a path"),
            headers,
            body: text("body").unwrap_or_default().into_bytes(),
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(k, _)| k.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}

/// A client with cookies of its own, as a browser has them.
pub struct Client {
    port: u16,
    cookies: BTreeMap<String, String>,
}

impl Client {
    pub fn new(port: u16) -> Self {
        Self {
            port,
            cookies: BTreeMap::new(),
        }
    }

    /// Forgets its own cookies for those of another client.
    pub fn take_cookies_of(&mut self, other: &Self) {
        self.cookies = other.cookies.clone();
    }

    pub fn send(&mut self, request: &Request) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
            request.method,
            request.path.replace(' ', "%20")
        );
        for (k, v) in &request.headers {
            head.push_str(&format!("{k}: {v}\r\n"));
        }
        let has_cookie = request
            .headers
            .iter()
            .any(|(k, _)| k.eq_ignore_ascii_case("cookie"));
        if !has_cookie && !self.cookies.is_empty() {
            let all: Vec<String> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            head.push_str(&format!("Cookie: {}\r\n", all.join("; ")));
        }
        if !request.body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
        }
        head.push_str("\r\n");
        stream
            .write_all(head.as_bytes())
            .expect("the request is taken");
        // A server may answer before it has read a body that is too large.
        let _ = stream.write_all(&request.body);
        let mut raw = Vec::new();
        let _ = stream.read_to_end(&mut raw);
        let answer = parse(&raw, request);
        for (k, v) in &answer.headers {
            if k.eq_ignore_ascii_case("set-cookie")
                && let Some((name, rest)) = v.split_once('=')
            {
                let value = rest.split(';').next().unwrap_or("");
                if value.is_empty() {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        answer
    }
}

fn parse(raw: &[u8], request: &Request) -> Answer {
    let end = raw
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer to {} {}", request.method, request.path));
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|l| l.split(' ').nth(1))
        .and_then(|s| s.parse().ok())
        .expect("a status line");
    let headers: Vec<(String, String)> = lines
        .filter_map(|l| l.split_once(':'))
        .map(|(k, v)| (k.to_owned(), v.trim().to_owned()))
        .collect();
    let mut body = raw[end + 4..].to_vec();
    let chunked = headers.iter().any(|(k, v)| {
        k.eq_ignore_ascii_case("transfer-encoding") && v.eq_ignore_ascii_case("chunked")
    });
    if chunked {
        body = unchunked(&body);
    }
    Answer {
        status,
        headers,
        body,
    }
}

fn unchunked(mut raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(i) = raw.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&raw[..i])
            .ok()
            .and_then(|s| usize::from_str_radix(s.trim(), 16).ok());
        let Some(size) = size.filter(|s| *s > 0) else {
            break;
        };
        let start = i + 2;
        out.extend_from_slice(&raw[start..(start + size).min(raw.len())]);
        raw = raw.get(start + size + 2..).unwrap_or(&[]);
    }
    out
}

/// An answer without what differs between two runs of the same app.
pub fn canonical(answer: &Answer, request: &Request) -> (u16, Vec<String>, String) {
    let bodiless = request.method == "HEAD" || matches!(answer.status, 204 | 304);
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter_map(|(k, v)| {
            let k = k.to_ascii_lowercase();
            let v = match k.as_str() {
                "date" | "server" | "connection" | "transfer-encoding" => return None,
                "content-length" if bodiless => return None,
                "allow" => {
                    let mut methods: Vec<&str> = v.split(',').map(str::trim).collect();
                    methods.sort_unstable();
                    methods.join(", ")
                }
                // Both hold the file's time and path, which differ between two copies of a tree.
                "last-modified" => "(a date)".into(),
                "etag" => v.split('-').nth(1).unwrap_or(v).to_owned(),
                "set-cookie" => cookie(v),
                // Both sides read the clock: without minutes and seconds. What it says is in `cache-control` too.
                "expires" => v.rsplitn(3, ':').last().unwrap_or(v).to_owned(),
                _ => v.clone(),
            };
            Some(format!("{k}: {v}"))
        })
        .collect();
    headers.sort();
    let body = if request.method == "HEAD" {
        String::new()
    } else {
        String::from_utf8_lossy(&answer.body).into_owned()
    };
    (answer.status, headers, body)
}

/// How two answers to a request differ, in lines to read; `None` when they are the same.
pub fn difference(left: &Answer, right: &Answer, request: &Request) -> Option<String> {
    // Text that is no UTF-8 looks the same in both.
    let same_bytes = request.method == "HEAD" || left.body == right.body;
    let (left, right) = (canonical(left, request), canonical(right, request));
    if left == right && same_bytes {
        return None;
    }
    let mut text = format!("{} {}:", request.method, request.path);
    if left.0 != right.0 {
        text.push_str(&format!(" status {} -> {}", left.0, right.0));
    }
    for h in left.1.iter().filter(|h| !right.1.contains(h)) {
        text.push_str(&format!("\n    - {h}"));
    }
    for h in right.1.iter().filter(|h| !left.1.contains(h)) {
        text.push_str(&format!("\n    + {h}"));
    }
    if left.2 != right.2 || !same_bytes {
        text.push_str(&format!("\n    - {:.300}\n    + {:.300}", left.2, right.2));
    }
    Some(text)
}

/// A session cookie by its content: without timestamp and signature (`payload.timestamp.signature`), inflated where it was
/// compressed, which two implementations do with other bytes; the time of its end left out.
fn cookie(value: &str) -> String {
    let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
    let payload = match pair.rsplitn(3, '.').collect::<Vec<_>>().as_slice() {
        [_, _, payload] => (*payload).to_owned(),
        _ => pair.to_owned(),
    };
    let content = inflated(&payload).unwrap_or(payload);
    let attributes: Vec<&str> = attributes
        .split("; ")
        .map(|a| match a.trim_start().strip_prefix("Expires=") {
            Some(date) if !date.contains(" 1970 ") => "Expires=(a date)",
            _ => a.trim_start(),
        })
        .collect();
    format!("{content}; {}", attributes.join("; "))
}

/// What itsdangerous compressed: `session=.PAYLOAD`.
fn inflated(payload: &str) -> Option<String> {
    let (name, zipped) = payload.split_once("=.")?;
    let bytes =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, zipped).ok()?;
    let mut text = String::new();
    flate2::read::ZlibDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .ok()?;
    Some(format!("{name}={text}"))
}
