//! `abort`, and the pages of errors that nobody handles (werkzeug.exceptions).

use std::borrow::Cow;
use std::fmt;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::quoting::escape;

/// What a view, a hook or an error handler answers.
pub type Reply = Result<Response, Abort>;

/// An error with a status: werkzeug's `HTTPException`, or what Flask makes of an exception that nobody caught.
///
/// As a response it is the default page and stays in the response's extensions, so that `around` can put
/// the application's page in its place.
#[derive(Clone, Debug)]
pub struct Abort {
    status: u16,
    name: &'static str,
    description: Cow<'static, str>,
    cause: Option<String>,
    class: Option<&'static str>,
    not_ported: bool,
    headers: Vec<(&'static str, String)>,
}

/// `abort(status)`. A status without an exception class is an error in itself: a 500.
pub fn abort(status: u16) -> Abort {
    match STATUSES.iter().find(|(code, _, _)| *code == status) {
        Some(&(status, name, description)) => Abort {
            status,
            name,
            description: Cow::Borrowed(description),
            cause: None,
            class: None,
            not_ported: false,
            headers: Vec::new(),
        },
        None => failure(format!("no exception for {status}")),
    }
}

/// `abort(status, description)`.
pub fn abort_with(status: u16, description: impl Into<String>) -> Abort {
    let mut error = abort(status);
    if error.cause.is_none() {
        error.description = Cow::Owned(description.into());
    }
    error
}

/// An exception of Python's that Flask answers with a 500. `cause` goes to the log, never to the client.
pub fn failure(cause: impl Into<String>) -> Abort {
    let mut error = abort(500);
    error.cause = Some(cause.into());
    error
}

/// `raise class(message)` of an exception class of the application: a 500 unless an error handler answers it.
pub fn raised(class: &'static str, message: impl Into<String>) -> Abort {
    let mut error = failure(message);
    error.class = Some(class);
    error
}

/// The answer of a function that has no Rust form: 501 with the reason, which no error handler replaces.
pub fn not_ported(function: &str, reason: &str) -> Abort {
    let mut error = abort(501);
    error.description = Cow::Owned(format!("`{function}` is not ported: {reason}"));
    error.not_ported = true;
    error
}

impl Abort {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// `Not Found`, as werkzeug names it.
    pub fn name(&self) -> &str {
        self.name
    }

    /// The sentence of the page.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether it is an exception of that class of the application, by its dotted name.
    pub fn is(&self, class: &str) -> bool {
        self.class == Some(class)
    }

    /// `str(error)` of an exception of the application.
    pub fn message(&self) -> &str {
        self.cause.as_deref().unwrap_or_default()
    }

    /// Whether this is the answer of a function that has no Rust form.
    pub fn is_not_ported(&self) -> bool {
        self.not_ported
    }

    /// What went wrong, when this stands for an exception that nobody caught.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The same with a header on its default page.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The default page: werkzeug's HTML (`HTTPException.get_body`).
    pub fn page(&self) -> String {
        let name = escape(self.name);
        format!(
            "<!doctype html>\n<html lang=en>\n<title>{} {name}</title>\n<h1>{name}</h1>\n<p>{}</p>\n",
            self.status,
            escape(&self.description).replace('\n', "<br>")
        )
    }
}

/// `str(error)`: `404 Not Found: The requested URL …`.
impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.name, self.description)
    }
}

impl std::error::Error for Abort {}

impl IntoResponse for Abort {
    fn into_response(self) -> Response {
        let (kind, body) = if self.not_ported {
            (
                "text/plain; charset=utf-8",
                format!("{}\n", self.description),
            )
        } else {
            ("text/html; charset=utf-8", self.page())
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(*name, value);
            }
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Every status that `abort` knows, with its name and its sentence (werkzeug 3.1.9, `default_exceptions`).
const STATUSES: &[(u16, &str, &str)] = &[
    (
        400,
        "Bad Request",
        "The browser (or proxy) sent a request that this server could not understand.",
    ),
    (
        401,
        "Unauthorized",
        "The server could not verify that you are authorized to access the URL requested. You either \
         supplied the wrong credentials (e.g. a bad password), or your browser doesn't understand how to \
         supply the credentials required.",
    ),
    (
        403,
        "Forbidden",
        "You don't have the permission to access the requested resource. It is either read-protected or not \
         readable by the server.",
    ),
    (
        404,
        "Not Found",
        "The requested URL was not found on the server. If you entered the URL manually please check your \
         spelling and try again.",
    ),
    (
        405,
        "Method Not Allowed",
        "The method is not allowed for the requested URL.",
    ),
    (
        406,
        "Not Acceptable",
        "The resource identified by the request is only capable of generating response entities which have \
         content characteristics not acceptable according to the accept headers sent in the request.",
    ),
    (
        408,
        "Request Timeout",
        "The server closed the network connection because the browser didn't finish the request within the \
         specified time.",
    ),
    (
        409,
        "Conflict",
        "A conflict happened while processing the request. The resource might have been modified while the \
         request was being processed.",
    ),
    (
        410,
        "Gone",
        "The requested URL is no longer available on this server and there is no forwarding address. If you \
         followed a link from a foreign page, please contact the author of this page.",
    ),
    (
        411,
        "Length Required",
        "A request with this method requires a valid <code>Content-Length</code> header.",
    ),
    (
        412,
        "Precondition Failed",
        "The precondition on the request for the URL failed positive evaluation.",
    ),
    (
        413,
        "Request Entity Too Large",
        "The data value transmitted exceeds the capacity limit.",
    ),
    (
        414,
        "Request URI Too Long",
        "The length of the requested URL exceeds the capacity limit for this server. The request cannot be \
         processed.",
    ),
    (
        415,
        "Unsupported Media Type",
        "The server does not support the media type transmitted in the request.",
    ),
    (
        416,
        "Requested Range Not Satisfiable",
        "The server cannot provide the requested range.",
    ),
    (
        417,
        "Expectation Failed",
        "The server could not meet the requirements of the Expect header",
    ),
    (
        418,
        "I'm a teapot",
        "This server is a teapot, not a coffee machine",
    ),
    (
        421,
        "Misdirected Request",
        "The server is not able to produce a response.",
    ),
    (
        422,
        "Unprocessable Entity",
        "The request was well-formed but was unable to be followed due to semantic errors.",
    ),
    (
        423,
        "Locked",
        "The resource that is being accessed is locked.",
    ),
    (
        424,
        "Failed Dependency",
        "The method could not be performed on the resource because the requested action depended on another \
         action and that action failed.",
    ),
    (
        428,
        "Precondition Required",
        "This request is required to be conditional; try using \"If-Match\" or \"If-Unmodified-Since\".",
    ),
    (
        429,
        "Too Many Requests",
        "This user has exceeded an allotted request count. Try again later.",
    ),
    (
        431,
        "Request Header Fields Too Large",
        "One or more header fields exceeds the maximum size.",
    ),
    (
        451,
        "Unavailable For Legal Reasons",
        "Unavailable for legal reasons.",
    ),
    (
        500,
        "Internal Server Error",
        "The server encountered an internal error and was unable to complete your request. Either the \
         server is overloaded or there is an error in the application.",
    ),
    (
        501,
        "Not Implemented",
        "The server does not support the action requested by the browser.",
    ),
    (
        502,
        "Bad Gateway",
        "The proxy server received an invalid response from an upstream server.",
    ),
    (
        503,
        "Service Unavailable",
        "The server is temporarily unable to service your request due to maintenance downtime or capacity \
         problems. Please try again later.",
    ),
    (
        504,
        "Gateway Timeout",
        "The connection to an upstream server timed out.",
    ),
    (
        505,
        "HTTP Version Not Supported",
        "The server does not support the HTTP protocol version used in the request.",
    ),
];
