//! What is no difference.

use super::*;

const DAY: &str = "Date: Thu, 26 Nov 2026 12:00:00 GMT";
const LATER: &str = "Date: Thu, 26 Nov 2026 12:00:09 GMT";
const ANN: &str = "eyJ1c2VyIjoiYW5uIn0.ZVPxAA.MZvDTMXqQE4z0YuE5p3HsmRZiFE";
const ANN_LATER: &str = "eyJ1c2VyIjoiYW5uIn0.ZVPy9A.a-WhgljEj_e8kRo5vQlyam5EMZA";
const FLASHES: &str = ".eJyrVopPy0kszkgtVrKKrlZSKAFSSrmpxcWJ6alKOkoVwwQoxdbG6ijlKVkZ1gIAyotq2A.ZVPxAA.TB293G587czNl8T4LUPhA8AxFo0";
const FLASHES_ORDERED: &str = ".eJyrVspTsjLUUYpPy0kszkgtVrKKrlZSKAFSSrmpxcWJ6alKOkoVwwQoxdbG1gIAg_Nq2A.ZVPxBw.FQwuEvDhKH3Vl2FzNPvoV_jRDbM";

#[test]
fn headers() {
    let same = [
        (
            "Server: gunicorn\nConnection: close\nX: 1",
            "X: 1\nServer: uvicorn\nKeep-Alive: 5",
        ),
        ("Transfer-Encoding: chunked", ""),
        (
            "Allow: GET, HEAD, OPTIONS",
            "Allow: OPTIONS,GET\nAllow: HEAD",
        ),
        ("Vary: Cookie, Accept", "Vary: cookie\nVary: accept"),
        (
            "Content-Type: text/html; charset=utf-8",
            "Content-Type: text/html ;charset=utf-8",
        ),
        ("X-A: 1\nX-B: 2\nX-A: 3", "X-A: 1\nX-A: 3\nX-B: 2"),
    ];
    for (original, port) in same {
        let none: [&str; 0] = [];
        assert_eq!(
            fields(&format!("200\n{original}"), &format!("200\n{port}")),
            none,
            "{port}"
        );
    }
    let original = format!("200\n{DAY}\nExpires: Fri, 27 Nov 2026 12:00:00 GMT");
    let port = format!("200\n{LATER}\nExpires: Fri, 27 Nov 2026 12:00:10 GMT");
    assert!(fields(&original, &port).is_empty());
}

#[test]
fn content_length() {
    for (method, original, port) in [
        ("HEAD", "200\nContent-Length: 5", "200"),
        ("HEAD", "200", "200\nContent-Length: 5"),
        ("GET", "304\nContent-Length: 5", "304"),
        ("GET", "204", "204\nContent-Length: 0"),
    ] {
        let original = reply(original);
        assert!(
            compare_as(method, &original, &original, &reply(port)).is_equal(),
            "{method} {port}"
        );
    }
    // Bodies of a token each, of other lengths: the body says it, the length does not repeat it.
    let of = |token: &str| {
        reply(&format!(
            "200\nContent-Type: text/plain\nContent-Length: {}\n\n{token}",
            token.len()
        ))
    };
    let comparison = compare(&of("ab12"), &of("cd34"), &of("abcde"));
    assert!(comparison.is_equal(), "{comparison:?}");
    assert_eq!(noise(&comparison), ["text:line 1"]);
}

#[test]
fn cookies() {
    let long = "Expires=Sun, 27 Dec 2026 12:00:00 GMT";
    let longer = "Expires=Sun, 27 Dec 2026 12:00:11 GMT";
    let same = [
        (
            "a=1; Path=/; HttpOnly".to_owned(),
            "a=1; httponly; path=/".to_owned(),
        ),
        ("a=1; SameSite=Lax".into(), "a=1; SameSite=lax".into()),
        (format!("a=1; {long}"), format!("a=1; {longer}")),
        (
            format!("a=1; {long}"),
            format!("a=1; {}", longer.replace("27 Dec 2026", "27-Dec-2026")),
        ),
        (
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/".into(),
            "a=\"\"; expires=Thu, 26 Nov 2026 12:00:09 GMT; Max-Age=0; Path=/".into(),
        ),
        ("a=1\nSet-Cookie: b=2".into(), "b=2\nSet-Cookie: a=1".into()),
        (
            format!("session={ANN}; HttpOnly; Path=/"),
            format!("session={ANN_LATER}; Path=/; HttpOnly"),
        ),
        (format!("s={FLASHES}"), format!("s={FLASHES_ORDERED}")),
    ];
    for (original, port) in same {
        let original = format!("200\n{DAY}\nSet-Cookie: {original}");
        let port = format!("200\n{LATER}\nSet-Cookie: {port}");
        let none: [&str; 0] = [];
        assert_eq!(fields(&original, &port), none, "{port}");
    }
}

#[test]
fn bodies() {
    let with = |head: &str, content: &str| format!("{head}\n\n{content}");
    let compare_texts = |method: &str, a: &str, p: &str| {
        compare_as(method, &reply(a), &reply(a), &reply(p)).is_equal()
    };
    assert!(compare_texts("HEAD", &with("200", "x"), "200"));
    assert!(compare_texts("GET", &with("304", ""), &with("304", "x")));
    // Streams that were cut: as far as both went.
    let of = |content: &str| ended("200\nContent-Type: text/event-stream", content, End::TimeUp);
    let a = of("data: 1\n\ndata: 2\n\n");
    assert!(compare(&a, &a, &of("data: 1\n\n")).is_equal());
    assert!(
        compare(
            &a,
            &of("data: 1\n\n"),
            &of("data: 1\n\ndata: 2\n\ndata: 3\n\n")
        )
        .is_equal()
    );
    let ticks = |second: u32| of(&format!("data: 12:00:{second:02}\n\ndata: {second}\n"));
    assert!(compare(&ticks(10), &ticks(11), &ticks(12)).is_equal());
    let other = of("data: 12:00:12\n\nevent: 12\n");
    assert_eq!(names(&compare(&ticks(10), &ticks(11), &other)), ["body"]);
}

#[test]
fn content_codings() {
    use std::io::Write;
    let gzip = |level: u32, time: u32, content: &str| {
        let level = flate2::Compression::new(level);
        let mut encoder = flate2::GzBuilder::new()
            .mtime(time)
            .write(Vec::new(), level);
        encoder.write_all(content.as_bytes()).expect("memory");
        with_body(
            "200\nContent-Type: text/plain\nContent-Encoding: gzip",
            &encoder.finish().expect("memory"),
        )
    };
    let text = "one two three ".repeat(50);
    let (a, p) = (gzip(9, 1, &text), gzip(1, 2, &text));
    assert_ne!(a, p);
    assert!(compare(&a, &a, &p).is_equal());
    assert!(compare(&a, &gzip(9, 3, &text), &p).noise.is_empty());
    let other = compare(&a, &a, &gzip(9, 1, &text.replacen("two", "twO", 1)));
    assert_eq!(names(&other), ["body"]);
    assert!(other.differences[0].port.contains("twO"), "{other:?}");
}

#[test]
fn failures() {
    let nothing = |why: &str| Answer::Nothing(why.into());
    let ok = reply("200");
    let same = compare(&nothing("reset"), &nothing("reset"), &nothing("reset"));
    assert!(same.is_equal());
    assert_eq!(
        names(&compare(
            &nothing("reset"),
            &nothing("reset"),
            &nothing("refused")
        )),
        ["answer"]
    );
    assert_eq!(
        names(&compare(&nothing("reset"), &nothing("closed"), &ok)),
        ["answer"]
    );
    assert_eq!(names(&compare(&ok, &ok, &nothing("closed"))), ["answer"]);
    let mixed = compare(&ok, &nothing("closed"), &nothing("refused"));
    assert!(mixed.is_equal());
    assert_eq!(noise(&mixed), ["answer"]);
}
