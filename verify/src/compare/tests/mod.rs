mod deviations;
mod equal;
mod fields;
mod noise;
mod properties;

use sha2::{Digest, Sha256};

use super::{Comparer, Comparison, Exchange};
use crate::http::{Answer, Body, End, Reply, Request};

/// A reply from text: a status, header lines, an empty line, the body.
fn reply(text: &str) -> Answer {
    let (head, content) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    let headers = lines.filter_map(|l| l.split_once(": "));
    Answer::Reply(Reply {
        status: status.trim().parse().expect("a status"),
        headers: headers
            .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
            .collect(),
        body: body(content.as_bytes()),
    })
}

fn with_body(head: &str, content: &[u8]) -> Answer {
    let Answer::Reply(mut reply) = reply(head) else {
        unreachable!()
    };
    reply.body = body(content);
    Answer::Reply(reply)
}

fn ended(head: &str, content: &str, end: End) -> Answer {
    let Answer::Reply(mut reply) = reply(head) else {
        unreachable!()
    };
    reply.body = body(content.as_bytes());
    reply.body.end = end;
    Answer::Reply(reply)
}

fn body(content: &[u8]) -> Body {
    Body {
        start: content[..content.len().min(Body::KEPT)].to_vec(),
        length: content.len() as u64,
        digest: Sha256::digest(content).into(),
        end: End::Complete,
    }
}

fn request(method: &str, target: &str) -> Request {
    Request {
        method: method.into(),
        target: target.into(),
        headers: Vec::new(),
        body: Vec::new(),
        session: "main".into(),
    }
}

fn compare_as(method: &str, a: &Answer, b: &Answer, p: &Answer) -> Comparison {
    let comparer = Comparer::new(Some("dev".into()), &[]).expect("no deviations");
    comparer.compare(&Exchange {
        request: &request(method, "/"),
        sent: &request(method, "/"),
        original: a,
        again: b,
        port: p,
        endpoint: None,
    })
}

fn compare(a: &Answer, b: &Answer, p: &Answer) -> Comparison {
    compare_as("GET", a, b, p)
}

/// The fields in which a port differs from a quiet original.
fn fields(original: &str, port: &str) -> Vec<String> {
    let original = reply(original);
    names(&compare(&original, &original, &reply(port)))
}

fn names(comparison: &Comparison) -> Vec<String> {
    comparison
        .differences
        .iter()
        .map(|d| d.field.clone())
        .collect()
}

fn noise(comparison: &Comparison) -> Vec<&str> {
    comparison.noise.iter().map(String::as_str).collect()
}
