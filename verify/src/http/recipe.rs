//! Requests as traffic makes them.
//!
//! Every side gets the same request, but some values are a side's own: a validator that it sent (`ETag`), a token in
//! a form that it rendered, a cookie that it set. A [`Recipe`] has holes for these; a client fills them from
//! the answers that its own side gave.

/// A request with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// Requests of one session share a cookie jar, one a side.
    pub session: String,
    /// The method.
    pub method: String,
    /// Path and query as they go over the wire, percent-encoded where need be.
    pub target: Text,
    /// Headers; `Host`, `Connection`, `Content-Length` and the jar's `Cookie` are the client's business. A `Cookie`
    /// here replaces the jar's.
    pub headers: Vec<(String, Text)>,
    /// The body.
    pub content: Content,
    /// Keep the answer under this name, for the holes of later requests of any session.
    pub keep: Option<String>,
    /// Why the request is made, in a few words: `missing slash`.
    pub aim: String,
}

/// Text with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Piece>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(vec![Piece::Literal(text.into())])
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Piece::Literal(text)])
    }
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Literal(String),
    /// A header (its name in lower case) of an answer that was kept; nothing when it has none.
    Header {
        /// Name of the kept answer.
        of: String,
        /// Name of the header.
        name: String,
    },
    /// The value of a field of a form in an HTML page that was kept; nothing when it has none.
    Field {
        /// Name of the kept answer.
        of: String,
        /// The field's name; the first one of that name in the page.
        name: String,
    },
    /// The attribute `content` of `<meta name=…>` in an HTML page that was kept (a CSRF token for scripts).
    Meta {
        /// Name of the kept answer.
        of: String,
        /// The element's name.
        name: String,
    },
    /// The value of a cookie in the session's jar; nothing when it has none.
    Cookie(String),
    /// The answer to the challenge for a password (`WWW-Authenticate: Digest`) of an answer that was kept: a header's whole
    /// value. Without such a challenge the header is left out.
    Digest {
        /// Name of the kept answer.
        of: String,
        /// Name of the user.
        user: String,
        /// The password.
        password: String,
    },
}

/// A body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// None at all.
    #[default]
    None,
    /// These bytes; the recipe has its own `Content-Type`.
    Bytes(Vec<u8>),
    /// `application/x-www-form-urlencoded`, encoded by the client, which sends the `Content-Type` too.
    Form(Vec<(String, Text)>),
    /// `multipart/form-data`, encoded by the client, which sends the `Content-Type` too.
    Multipart(Vec<Part>),
}

/// A part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// Its value, or the file's content.
    pub value: Text,
    /// File name and content type, when it is a file.
    pub file: Option<(String, String)>,
}

/// A request as it is sent to one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers without those that the client adds to every request.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The session.
    pub session: String,
}
