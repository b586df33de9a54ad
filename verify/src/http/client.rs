//! A client for one side: it changes neither requests nor answers, follows no redirect, and keeps cookies as a browser does.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use cookie_store::CookieStore;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::answer::{Answer, Body, End, Reply};
use super::fill::{Memory, fill};
use super::recipe::{Recipe, Request};
use crate::serve::Loopback;

/// So many answers are kept for the holes of later requests; then the oldest is forgotten.
const KEPT_ANSWERS: usize = 64;

/// A client for one side.
pub struct Client {
    address: Loopback,
    host: String,
    limit: Duration,
    jars: BTreeMap<String, CookieStore>,
    kept: VecDeque<(String, Reply)>,
}

impl Client {
    /// For the server at `address`. Every request says `Host: host`, so that both sides build the same URLs. An answer
    /// that takes longer than `limit` is cut there.
    #[must_use]
    pub fn new(address: Loopback, host: &str, limit: Duration) -> Self {
        Self {
            address,
            host: host.into(),
            limit,
            jars: BTreeMap::new(),
            kept: VecDeque::new(),
        }
    }

    /// The request that a recipe is for this side.
    #[must_use]
    pub fn fill(&self, recipe: &Recipe) -> Request {
        fill(recipe, self)
    }

    /// A request with the cookies that its session has by now, so that it can be sent again when they are others.
    #[must_use]
    pub fn dressed(&self, request: &Request) -> Request {
        let mut dressed = request.clone();
        let mut headers = request.headers.iter();
        if !headers.any(|(n, _)| n.eq_ignore_ascii_case("cookie"))
            && let Some(cookies) = self.cookies(request)
        {
            dressed.headers.push(("Cookie".into(), cookies));
        }
        dressed
    }

    /// Sends a request; its answer's cookies go into the session's jar, and the answer is kept under `keep`.
    pub async fn send(&mut self, request: &Request, keep: Option<&str>) -> Answer {
        let answer = self.exchange(request).await;
        if let Answer::Reply(reply) = &answer {
            self.remember(request, reply, keep);
        }
        answer
    }

    /// Sends a request and leaves cookies and kept answers alone.
    pub async fn exchange(&self, request: &Request) -> Answer {
        self.exchange_within(request, self.limit).await
    }

    /// The same with a limit of its own.
    pub async fn exchange_within(&self, request: &Request, limit: Duration) -> Answer {
        let deadline = Instant::now() + limit;
        match timeout_at(deadline, self.head(request)).await {
            Err(_) => Answer::Nothing(format!("no answer within {} s", limit.as_secs())),
            Ok(Err(trouble)) => Answer::Nothing(trouble),
            Ok(Ok(response)) => Answer::Reply(received(response, deadline).await),
        }
    }

    async fn head(
        &self,
        request: &Request,
    ) -> Result<http::Response<hyper::body::Incoming>, String> {
        let stream = TcpStream::connect(self.address.address()).await;
        let stream = stream.map_err(|e| format!("no connection: {}", e.kind()))?;
        // Small requests must not wait for each other's acknowledgement.
        let _ = stream.set_nodelay(true);
        let wire = self.wire(request)?;
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_headers(200)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|e| trouble(&e))?;
        tokio::spawn(connection);
        sender.send_request(wire).await.map_err(|e| trouble(&e))
    }

    fn wire(&self, request: &Request) -> Result<http::Request<Full<Bytes>>, String> {
        let cannot = |what: &str| format!("{what} cannot be sent");
        let method = http::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| cannot("the method"))?;
        let mut wire = http::Request::builder()
            .method(method)
            .uri(request.target.as_str());
        let given = |name: &str| {
            let mut headers = request.headers.iter();
            headers.any(|(n, _)| n.eq_ignore_ascii_case(name))
        };
        for (name, value) in [
            ("Host", self.host.as_str()),
            ("User-Agent", "migrate"),
            ("Accept", "*/*"),
        ] {
            if !given(name) {
                wire = wire.header(name, value);
            }
        }
        wire = wire.header("Connection", "close");
        for (name, value) in &request.headers {
            let bytes: Vec<u8> = latin1(value);
            let value = http::HeaderValue::from_bytes(&bytes)
                .map_err(|_| cannot(&format!("the header {name}")))?;
            wire = wire.header(name.as_str(), value);
        }
        if !given("cookie")
            && let Some(cookies) = self.cookies(request)
        {
            wire = wire.header("Cookie", cookies);
        }
        wire.body(Full::new(Bytes::from(request.body.clone())))
            .map_err(|e| cannot(&format!("the request ({e})")))
    }

    /// The jar's cookies for a request, longer paths first and then by name: every side sends them in the same order.
    fn cookies(&self, request: &Request) -> Option<String> {
        let jar = self.jars.get(&request.session)?;
        let url = self.url(&request.target)?;
        let mut cookies = jar.matches(&url);
        cookies.sort_by_key(|c| {
            let path: &str = &c.path;
            (std::cmp::Reverse(path.len()), c.name().to_owned())
        });
        let pairs: Vec<String> = cookies
            .iter()
            .map(|c| format!("{}={}", c.name(), c.value()))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Browsers send cookies marked `Secure` to localhost.
    fn url(&self, target: &str) -> Option<Url> {
        Url::parse(&format!("https://{}{target}", self.host)).ok()
    }

    fn remember(&mut self, request: &Request, reply: &Reply, keep: Option<&str>) {
        if let Some(url) = self.url(&request.target) {
            let jar = self.jars.entry(request.session.clone()).or_default();
            for cookie in reply.all("set-cookie") {
                // What a browser refuses (another domain) is not kept.
                let _ = jar.parse(cookie, &url);
            }
        }
        if let Some(name) = keep {
            self.kept.retain(|(n, _)| n != name);
            if self.kept.len() == KEPT_ANSWERS {
                self.kept.pop_front();
            }
            self.kept.push_back((name.to_owned(), reply.clone()));
        }
    }
}

impl Memory for Client {
    fn kept(&self, name: &str) -> Option<&Reply> {
        let found = self.kept.iter().find(|(n, _)| n == name);
        found.map(|(_, reply)| reply)
    }

    fn cookie(&self, session: &str, name: &str) -> Option<String> {
        let jar = self.jars.get(session)?;
        let mut cookies = jar.iter_unexpired();
        let found = cookies.find(|c| c.name() == name)?;
        Some(found.value().to_owned())
    }
}

async fn received(response: http::Response<hyper::body::Incoming>, deadline: Instant) -> Reply {
    let (head, mut incoming) = response.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
        .collect();
    let mut digest = Sha256::new();
    let mut start = Vec::new();
    let mut length: u64 = 0;
    let end = loop {
        let frame = match timeout_at(deadline, incoming.frame()).await {
            Err(_) => break End::TimeUp,
            Ok(None) => break End::Complete,
            Ok(Some(Err(_))) => break End::Broken,
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        digest.update(&data);
        length += data.len() as u64;
        let room = Body::KEPT.saturating_sub(start.len());
        start.extend_from_slice(&data[..room.min(data.len())]);
    };
    Reply {
        status: head.status.as_u16(),
        headers,
        body: Body {
            start,
            length,
            digest: digest.finalize().into(),
            end,
        },
    }
}

/// In words that are the same for two servers that fail alike: whether the kernel says "reset" or "end" hangs on timing.
fn trouble(error: &hyper::Error) -> String {
    if error.is_parse() {
        "what came back is not HTTP".into()
    } else {
        "the connection was closed without an answer".into()
    }
}

/// Header values are bytes; as text they are Latin-1, as in WSGI (PEP 3333).
fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes of a header value: Latin-1 where it can be, UTF-8 otherwise.
fn latin1(text: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    bytes.unwrap_or_else(|| text.as_bytes().to_vec())
}
