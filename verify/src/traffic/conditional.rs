//! Conditional and range requests (RFC 9110, sections 13 and 14) on whatever sent a validator.

use crate::http::{Piece, Text};

use super::draft::{Draft, Weight};

/// Requests on a file whose answer is kept under the name `of`.
#[must_use]
pub fn requests(target: &str, of: &str) -> Vec<Draft> {
    let own = |name: &str| {
        Text(vec![Piece::Header {
            of: of.to_owned(),
            name: name.to_owned(),
        }])
    };
    let weak = Text(vec![
        Piece::Literal("\"other\", W/".into()),
        Piece::Header {
            of: of.to_owned(),
            name: "etag".into(),
        },
    ]);
    let get = |aim: &str| Draft::new("GET", target, aim);
    let range = |range: &str| get(&format!("range {range}")).header("Range", range);
    let past = "Sat, 01 Jan 2000 00:00:00 GMT";
    let future = "Fri, 01 Jan 2100 00:00:00 GMT";
    vec![
        get("a file, to be kept").kept(of).weighing(Weight::Plain),
        get("If-None-Match, its own")
            .header("If-None-Match", own("etag"))
            .weighing(Weight::Plain),
        get("If-None-Match, any").header("If-None-Match", "*"),
        get("If-None-Match, another").header("If-None-Match", "\"other\""),
        get("If-None-Match, weak and among others").header("If-None-Match", weak),
        get("If-Modified-Since, its own").header("If-Modified-Since", own("last-modified")),
        get("If-Modified-Since, the future").header("If-Modified-Since", future),
        get("If-Modified-Since, the past").header("If-Modified-Since", past),
        get("If-Modified-Since, no date").header("If-Modified-Since", "yesterday"),
        get("both validators")
            .header("If-None-Match", own("etag"))
            .header("If-Modified-Since", past),
        Draft::new("HEAD", target, "If-None-Match, its own, HEAD")
            .header("If-None-Match", own("etag")),
        range("bytes=0-3").weighing(Weight::Plain),
        range("bytes=2-"),
        range("bytes=-2"),
        range("bytes=0-0"),
        range("bytes=0-999999"),
        range("bytes=999999-").weighing(Weight::Plain),
        range("bytes=-999999"),
        range("bytes=-0"),
        range("bytes=3-1"),
        range("bytes=0-1,3-4"),
        range("x"),
        range("items=0-1"),
        Draft::new("HEAD", target, "range, HEAD").header("Range", "bytes=0-3"),
        range("bytes=0-3").header("If-Range", own("etag")),
        range("bytes=0-3").header("If-Range", "\"other\""),
        range("bytes=0-3").header("If-Range", own("last-modified")),
        range("bytes=0-3").header("If-Range", past),
        range("bytes=0-3").header("If-None-Match", own("etag")),
        Draft::new("HEAD", target, "a file, HEAD"),
    ]
}
