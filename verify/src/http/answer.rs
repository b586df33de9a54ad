//! Answers.

/// What came back for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A response, whole or not.
    Reply(Reply),
    /// None: the connection was refused, reset or closed before a head came, or the head was not HTTP. What
    /// happened, in words without addresses, so that two sides that fail alike compare equal.
    Nothing(String),
}

impl Answer {
    /// The response, where there is one.
    #[must_use]
    pub const fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Reply(reply) => Some(reply),
            Self::Nothing(_) => None,
        }
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers: names in lower case, values as Latin-1 text, repeated ones in their order.
    pub headers: Vec<(String, String)>,
    /// The body, transfer coding undone, content coding not.
    pub body: Body,
}

impl Reply {
    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(n, _)| n == name);
        named.map(|(_, v)| v.as_str())
    }

    /// Every value of a header, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(n, _)| n == name);
        named.map(|(_, v)| v.as_str())
    }
}

/// A body in bounded memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Its first bytes, [`Body::KEPT`] at most.
    pub start: Vec<u8>,
    /// How many bytes came.
    pub length: u64,
    /// SHA-256 of all that came.
    pub digest: [u8; 32],
    /// How it ended.
    pub end: End,
}

impl Body {
    /// More bytes than these are compared by digest alone.
    pub const KEPT: usize = 1 << 20;

    /// Whether all of it is in `start`.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.length == self.start.len() as u64
    }
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As the head or the framing said.
    Complete,
    /// The connection broke before.
    Broken,
    /// It was still going on when the time for a request was up.
    TimeUp,
}
