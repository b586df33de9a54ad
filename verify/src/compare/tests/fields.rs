//! What is a difference, where, and how it is shown.

use super::*;

#[test]
fn headers() {
    let cases = [
        ("X: 1", "X: 2", "header:X"),
        ("X: 1", "", "header:X"),
        ("", "X: 1", "header:X"),
        ("X: 1\nX: 2", "X: 2\nX: 1", "header:X"),
        ("X: 1\nX: 2", "X: 1, 2", "header:X"),
        ("Vary: Cookie", "", "header:Vary"),
        ("Vary: Cookie", "Vary: Cookie, Cookie", "header:Vary"),
        ("Vary: A, B", "Vary: B, A", "header:Vary"),
        ("Allow: GET, HEAD", "Allow: GET", "header:Allow"),
        ("Location: /a", "Location: http://x/a", "header:Location"),
        (
            "Content-Type: text/html; charset=utf-8",
            "Content-Type: text/html",
            "header:Content-Type",
        ),
        (
            "Content-Type: a/b; n=\"x; y\"",
            "Content-Type: a/b; n=\"x;y\"",
            "header:Content-Type",
        ),
        (
            "Content-Type: a/b; n=\"x\\\"; y\"",
            "Content-Type: a/b; n=\"x\\\";y\"",
            "header:Content-Type",
        ),
        ("ETag: \"1-2-3\"", "ETag: \"1-2-4\"", "header:ETag"),
        ("Content-Length: 0", "", "header:Content-Length"),
        ("", "Content-Length: 0", "header:Content-Length"),
        (
            "Expires: Fri, 27 Nov 2026 12:00:00 GMT",
            "Expires: Fri, 27 Nov 2026 13:00:00 GMT",
            "header:Expires",
        ),
        (
            "Last-Modified: Fri, 27 Nov 2026 12:00:00 GMT",
            "Last-Modified: Fri, 27 Nov 2026 12:00:01 GMT",
            "header:Last-Modified",
        ),
    ];
    for (original, port, field) in cases {
        assert_eq!(
            fields(&format!("200\n{original}"), &format!("200\n{port}")),
            [field],
            "{port}"
        );
    }
    let (a, p) = (
        reply("200\nContent-Length: 5"),
        reply("200\nContent-Length: 6"),
    );
    assert_eq!(
        names(&compare_as("HEAD", &a, &a, &p)),
        ["header:Content-Length"]
    );
}

#[test]
fn order_of_differences() {
    let original = "302\nVary: Cookie\nLocation: /a\n\nx";
    let port = "303\nLocation: /b\nX: 1\n\ny";
    let expected = [
        "status",
        "header:Location",
        "header:Vary",
        "header:X",
        "body",
    ];
    assert_eq!(fields(original, port), expected);
}

#[test]
fn cookies() {
    let ann = "eyJ1c2VyIjoiYW5uIn0.ZVPxAA.MZvDTMXqQE4z0YuE5p3HsmRZiFE";
    let bob = "eyJ1c2VyIjoiYm9iIn0.ZVPxAA.GIrXN4EJuTjVpya1Sjy38WcuuKo";
    let foreign = "eyJ1c2VyIjoiYW5uIn0.ZVPxAA.k41eFy34KgfbKT0x0ReFmTV3mTw";
    let cases = [
        ("a=1", "a=2"),
        ("a=1", "b=1"),
        ("a=1; Path=/", "a=1; Path=/x"),
        ("a=1; HttpOnly", "a=1"),
        ("a=1", "a=1; Secure"),
        ("a=1; SameSite=Lax", "a=1; SameSite=Strict"),
        ("a=1; Max-Age=60", "a=1; Max-Age=61"),
        (
            "a=1; Expires=Thu, 26 Nov 2026 13:00:00 GMT",
            "a=1; Expires=Thu, 26 Nov 2026 13:01:00 GMT",
        ),
        (
            "a=1; Expires=Thu, 26 Nov 2026 13:00:00 GMT",
            "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ),
        ("a=; Max-Age=0; Path=/", "a=; Max-Age=0; Path=/x"),
        ("a=; Max-Age=0", "a=; Max-Age=10"),
        (
            "a=; Expires=Thu, 26 Nov 2026 11:59:58 GMT",
            "a=; Expires=Thu, 26 Nov 2026 12:00:02 GMT",
        ),
        ("a=e30.ZVPxAA.abcd", "a=e30.ZVPxAA.abce"),
        (
            "a=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.MZvDTMXqQE4z0YuE5p3HsmRZiFE",
            "a=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.MZvDTMXqQE4z0YuE5p3HsmRZiFE",
        ),
        ("a=1", "a=1\nSet-Cookie: a=1"),
        (&format!("session={ann}"), &format!("session={bob}")),
        (&format!("session={ann}"), "session=garbage"),
        (&format!("session={ann}"), &format!("session={foreign}")),
        (
            &format!("session={ann}; HttpOnly"),
            &format!("session={ann}"),
        ),
    ];
    for (original, port) in cases {
        let date = "Date: Thu, 26 Nov 2026 12:00:00 GMT";
        let original = format!("200\n{date}\nSet-Cookie: {original}");
        let port = format!("200\n{date}\nSet-Cookie: {port}");
        assert_eq!(fields(&original, &port), ["header:Set-Cookie"], "{port}");
    }
    assert_eq!(fields("200\nSet-Cookie: a=1", "200"), ["header:Set-Cookie"]);
    assert_eq!(fields("200", "200\nSet-Cookie: a=1"), ["header:Set-Cookie"]);
    let (a, p) = (
        reply(&format!("200\nSet-Cookie: session={ann}; HttpOnly")),
        reply(&format!("200\nSet-Cookie: session={foreign}; HttpOnly")),
    );
    let difference = &compare(&a, &a, &p).differences[0];
    assert_eq!(difference.original, "session={\"user\":\"ann\"}; HttpOnly");
    assert!(
        difference.port.ends_with("(signed with another key)"),
        "{difference:?}"
    );
    // Without the secret: all sides signed the same in the same second. Another second tells nothing.
    let unknown = Comparer::new(None, &[]).expect("no deviations");
    let judge = |b: &Answer, p: &Answer| {
        let request = request("GET", "/");
        let comparison = unknown.compare(&Exchange {
            request: &request,
            sent: &request,
            original: &a,
            again: b,
            port: p,
            endpoint: None,
        });
        names(&comparison)
    };
    assert_eq!(judge(&a, &p), ["header:Set-Cookie"]);
    assert!(judge(&p, &p).is_empty());
    let later = "eyJ1c2VyIjoiYW5uIn0.ZVPxAQ.k41eFy34KgfbKT0x0ReFmTV3mTw";
    let later = reply(&format!("200\nSet-Cookie: session={later}; HttpOnly"));
    assert!(judge(&a, &later).is_empty());
}

#[test]
fn json() {
    let head = "200\nContent-Type: application/json";
    let of = |content: &str| with_body(head, content.as_bytes());
    let cases = [
        ("{\"a\":1}\n", "{\"a\":2}\n", "$.a", "1", "2"),
        (
            "[{\"a\":1},{\"day\":\"x\"}]",
            "[{\"a\":1},{\"day\":\"y\"}]",
            "$[1].day",
            "\"x\"",
            "\"y\"",
        ),
        (
            "{\"a\":1}",
            "{\"a\":1,\"b c\":null}",
            "$[\"b c\"]",
            "absent",
            "null",
        ),
        ("{\"a\":[1,2]}", "{\"a\":[1]}", "$.a[1]", "2", "absent"),
        ("{\"a\":1}", "{\"a\":1.0}", "$.a", "1", "1.0"),
        ("[1]", "{\"a\":1}", "$", "[1]", "{\"a\":1}"),
        (
            "[100000000000000000000001]",
            "[100000000000000000000002]",
            "$[0]",
            "100000000000000000000001",
            "100000000000000000000002",
        ),
    ];
    for (original, port, at, left, right) in cases {
        let (a, p) = (of(original), of(port));
        let comparison = compare(&a, &a, &p);
        assert_eq!(names(&comparison), ["body"], "{port}");
        let difference = &comparison.differences[0];
        assert_eq!(
            (
                difference.at.as_deref(),
                difference.original.as_str(),
                difference.port.as_str()
            ),
            (Some(at), left, right)
        );
    }
    for (original, port) in [
        ("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"),
        ("{\"a\":1}\n", "{\"a\":1}"),
        ("{\"a\": 1}", "{\"a\":1}"),
        ("[\"\\u00ef\"]", "[\"ï\"]"),
    ] {
        let (a, p) = (of(original), of(port));
        let comparison = compare(&a, &a, &p);
        assert_eq!(names(&comparison), ["body"], "{port}");
        assert!(
            comparison.differences[0]
                .port
                .starts_with("same value, other bytes: "),
            "{comparison:?}"
        );
    }
    // A key twice in an object: compared as text.
    let (a, p) = (of("{\"a\":1,\"a\":2}"), of("{\"a\":3,\"a\":2}"));
    assert_eq!(
        compare(&a, &a, &p).differences[0].at.as_deref(),
        Some("line 1")
    );
    let (a, p) = (of("[1,2,3,4]"), of("[5,6,7,8]"));
    let difference = &compare(&a, &a, &p).differences[0];
    assert_eq!(
        difference.at.as_deref(),
        Some("$[0], $[1], $[2] and 1 more")
    );
    assert_eq!(difference.port, "$[0]: 5\n$[1]: 6\n$[2]: 7");
}

#[test]
fn text_and_bytes() {
    let a = with_body("200\nContent-Type: text/html", b"<p>\none\ttwo\n</p>");
    let p = with_body("200\nContent-Type: text/html", b"<p>\none  two\n</p>");
    let difference = &compare(&a, &a, &p).differences[0];
    assert_eq!(difference.at.as_deref(), Some("line 2"));
    assert_eq!(
        (difference.original.as_str(), difference.port.as_str()),
        ("one\\ttwo\\n", "one  two\\n")
    );
    let shorter = with_body("200\nContent-Type: text/html", b"<p>\n");
    assert_eq!(compare(&a, &a, &shorter).differences[0].port, "(end)");
    let a = with_body("200\nContent-Type: image/png", &[0, 1, 2, 255]);
    let p = with_body("200\nContent-Type: image/png", &[0, 1, 3, 255]);
    let difference = &compare(&a, &a, &p).differences[0];
    assert_eq!(
        (difference.at.as_deref(), difference.port.as_str()),
        (Some("byte 2"), "4 bytes, there: 03 ff")
    );
}

#[test]
fn large_bodies_and_ends() {
    let mut content = vec![b'x'; Body::KEPT + 10];
    let a = with_body("200\nContent-Type: text/plain", &content);
    content[Body::KEPT + 5] = b'y';
    let p = with_body("200\nContent-Type: text/plain", &content);
    assert!(compare(&a, &a, &a).is_equal());
    assert_eq!(names(&compare(&a, &a, &p)), ["body"]);
    assert_eq!(noise(&compare(&a, &p, &p)), ["body"]);
    let of = |content, end| ended("200", content, end);
    let whole = of("one", End::Complete);
    assert_eq!(
        names(&compare(&whole, &whole, &of("one", End::Broken))),
        ["body"]
    );
    let difference = &compare(&whole, &whole, &of("one", End::TimeUp)).differences[0];
    assert_eq!(
        (difference.original.as_str(), difference.port.as_str()),
        (
            "complete, 3 bytes",
            "not ended when the time was up, 3 bytes"
        )
    );
    let stream = of("one\ntwo\n", End::TimeUp);
    assert_eq!(
        names(&compare(&stream, &stream, &of("one\ntoo\n", End::TimeUp))),
        ["body"]
    );
    assert_eq!(
        names(&compare(&stream, &stream, &of("", End::TimeUp))),
        ["body"]
    );
}
