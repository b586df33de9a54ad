//! What two runs of the original differ in is masked there and nowhere else.

use super::*;

/// Three bodies of a type, from a pattern in which `{}` stands for each side's own.
fn three(media_type: &str, pattern: &str, own: [&str; 3]) -> Comparison {
    let [a, b, p] = own.map(|own| {
        let content = pattern.replace("{}", own);
        with_body(
            &format!("200\nContent-Type: {media_type}"),
            content.as_bytes(),
        )
    });
    compare(&a, &b, &p)
}

#[test]
fn in_text() {
    let page = "<form>\n<input name=\"csrf_token\" value=\"{}\">\n</form> <i class=\"x\">";
    let accepted = [
        ["IjQ2.ab-c_d", "Ijk3.x_y-z", "Ijg0.-----"],
        ["8f3a01", "77c0de", "aabbcc"],
        ["12", "7", "0"],
        ["a-bcd", "xyz", "q_r"],
        ["12:00:01.5", "12:00:01.9", "12:00:02.25"],
    ];
    for own in accepted {
        let comparison = three("text/html", page, own);
        assert!(comparison.is_equal(), "{own:?} {comparison:?}");
        assert_eq!(noise(&comparison), ["text:csrf_token"]);
    }
    let refused = [
        ["8f3a01", "77c0de", "oh no!"],
        ["8f3a01", "77c0de", ""],
        [
            "8f3a01",
            "77c0de",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ],
        ["12", "7", "x"],
        ["8f3a01", "77c0de", "a\"><b x=\""],
    ];
    for own in refused {
        assert_eq!(names(&three("text/html", page, own)), ["body"], "{own:?}");
    }
}

#[test]
fn beside_text() {
    let body = |content: &str| with_body("200\nContent-Type: text/html", content.as_bytes());
    let (a, b) = (
        body("<p>now 12:00:01</p>\n<b>one</b>\n"),
        body("<p>now 12:00:02</p>\n<b>one</b>\n"),
    );
    let comparison = compare(&a, &b, &body("<p>now 12:00:03</p>\n<b>One</b>\n"));
    assert_eq!(names(&comparison), ["body"]);
    assert_eq!(noise(&comparison), ["text:line 1"]);
    let difference = &comparison.differences[0];
    assert_eq!(difference.at.as_deref(), Some("line 2"));
    assert_eq!(
        (difference.original.as_str(), difference.port.as_str()),
        ("<b>one</b>\\n", "<b>One</b>\\n")
    );
    for port in [
        "<p>Now 12:00:03</p>\n<b>one</b>\n",
        "<p>now 12:00:03</p>\n<b>one</b>",
        "<p>now 12:00:03</p>\n<b>one</b>\n\n",
        "",
    ] {
        assert_eq!(names(&compare(&a, &b, &body(port))), ["body"], "{port}");
    }
    assert!(compare(&a, &b, &b).is_equal());
    let lines = |own: &str| body(&format!("{own}\n<p>\n{own}\n"));
    let comparison = compare(&lines("12"), &lines("34"), &lines("56"));
    assert!(comparison.is_equal());
    assert_eq!(noise(&comparison), ["text:line 1", "text:line 3"]);
}

#[test]
fn sentences_rows_and_addresses() {
    let accepted = [
        (
            "<q>{}</q>",
            ["Hello there, friend", "Good day to you", "Goodbye"],
        ),
        (
            "<table>{}</table>",
            [
                "<tr><td>1</td></tr>",
                "<tr><td>1</td></tr><tr><td>2</td></tr>",
                "<tr><td>1</td></tr><tr><td>3</td></tr>",
            ],
        ),
        (
            "<a href=\"http://127.0.0.1:{}/x?y=1\">",
            ["5001", "5002", "5003"],
        ),
        ("read /tmp/{}/static/a.txt", ["copy-a", "copy-b", "port-c"]),
    ];
    for (pattern, own) in accepted {
        let comparison = three("text/html", pattern, own);
        assert!(comparison.is_equal(), "{own:?} {comparison:?}");
    }
    let body = |content: &str| with_body("200\nContent-Type: text/html", content.as_bytes());
    let (a, b) = (
        body("http://127.0.0.1:5001/x"),
        body("http://127.0.0.1:5002/x"),
    );
    assert!(!compare(&a, &b, &body("http://127.0.0.1:5003/y")).is_equal());
    assert!(!compare(&a, &b, &body("https://127.0.0.1:5003/x")).is_equal());
}

#[test]
fn in_json() {
    let pattern = "{\"now\": {}, \"list\": [1, 2]}\n";
    let accepted = [
        ["1.5", "2.25", "3"],
        ["17", "18", "19"],
        ["\"12:00:01\"", "\"12:00:02\"", "\"12:00:03\""],
        ["null", "\"x\"", "\"y\""],
        ["[1]", "[1, 2]", "[]"],
        ["{\"a\": 1}", "{\"b\": 1}", "{\"c\": 1}"],
    ];
    for own in accepted {
        let comparison = three("application/json", pattern, own);
        assert!(comparison.is_equal(), "{own:?} {comparison:?}");
        assert_eq!(noise(&comparison), ["json:$.now"]);
    }
    let refused = [
        ["17", "18", "1.5"],
        ["17", "18", "\"17\""],
        ["\"12\"", "\"13\"", "\"x\""],
        ["[1]", "[]", "null"],
    ];
    for own in refused {
        let comparison = three("application/json", pattern, own);
        assert_eq!(names(&comparison), ["body"], "{own:?}");
        assert_eq!(comparison.differences[0].at.as_deref(), Some("$.now"));
    }
    // The rest counts, its form too.
    let body = |content: &str| with_body("200\nContent-Type: application/json", content.as_bytes());
    let (a, b) = (
        body("{\"now\": 1, \"x\": 1}\n"),
        body("{\"now\": 2, \"x\": 1}\n"),
    );
    for port in [
        "{\"now\": 3, \"x\": 2}\n",
        "{\"x\": 1, \"now\": 3}\n",
        "{\"now\": 3, \"x\": 1}",
        "{\"now\":3,\"x\":1}\n",
    ] {
        assert_eq!(names(&compare(&a, &b, &body(port))), ["body"], "{port}");
    }
    let (c, d) = (body("{\"a\":1,\"b\":5}"), body("{\"a\":2,\"b\":6}"));
    assert_eq!(
        names(&compare(&c, &d, &body("{\"b\":7,\"a\":3}"))),
        ["body"]
    );
    assert!(compare(&c, &d, &body("{\"a\":3,\"b\":7}")).is_equal());
    assert!(compare(&a, &b, &body("{\"now\": 333, \"x\": 1}\n")).is_equal());
    let reordered = compare(
        &a,
        &body("{\"x\": 1, \"now\": 2}\n"),
        &body("{\"x\":1, \"now\": 3}\n"),
    );
    assert!(reordered.is_equal());
    assert_eq!(noise(&reordered), ["body:layout", "json:$.now"]);
}

#[test]
fn in_headers_and_cookies() {
    let of = |lines: &str| reply(&format!("200\n{lines}"));
    let tag = |path: &str| of(&format!("ETag: \"1700000000.5-12-{path}\""));
    let comparison = compare(&tag("1234567890"), &tag("987654321"), &tag("55555555"));
    assert!(comparison.is_equal(), "{comparison:?}");
    assert_eq!(noise(&comparison), ["header:ETag"]);
    let other = of("ETag: \"1700000000.5-13-55555555\"");
    assert_eq!(
        names(&compare(&tag("1234567890"), &tag("987654321"), &other)),
        ["header:ETag"]
    );
    let missing = compare(&tag("1234567890"), &tag("987654321"), &of(""));
    assert_eq!(names(&missing), ["header:ETag"]);
    assert!(compare(&of("X: 1"), &of(""), &of("X: 7")).is_equal());
    assert_eq!(
        names(&compare(&of("X: 1"), &of(""), &of("X: 7\nX: 8"))),
        ["header:X"]
    );

    let cookie = |value: &str| of(&format!("Set-Cookie: id={value}; Path=/"));
    let comparison = compare(&cookie("8f3a"), &cookie("77c0"), &cookie("1234"));
    assert!(comparison.is_equal());
    assert_eq!(noise(&comparison), ["cookie:id"]);
    assert_eq!(
        names(&compare(
            &cookie("8f3a"),
            &cookie("77c0"),
            &of("Set-Cookie: id=1234")
        )),
        ["header:Set-Cookie"]
    );
    let aged = |age: u32| of(&format!("Set-Cookie: a=1; Max-Age={age}"));
    let comparison = compare(&aged(1), &aged(2), &aged(3));
    assert!(comparison.is_equal());
    assert_eq!(noise(&comparison), ["cookie:a:Max-Age"]);
}

#[test]
fn in_sessions() {
    use base64::Engine;
    let session = |token: &str, user: &str| {
        let content = format!("{{\"csrf_token\":\"{token}\",\"user\":\"{user}\"}}");
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(content);
        reply(&format!(
            "200\nSet-Cookie: session={payload}.ZVPxAA.MZvDTMXqQE4z0YuE5p3HsmRZiFE"
        ))
    };
    let (a, b) = (session("8f3a", "ann"), session("77c0", "ann"));
    let comparison = compare(&a, &b, &session("abcd", "ann"));
    assert!(comparison.is_equal(), "{comparison:?}");
    assert_eq!(noise(&comparison), ["cookie:session:$.csrf_token"]);
    assert_eq!(
        names(&compare(&a, &b, &session("abcd", "bob"))),
        ["header:Set-Cookie"]
    );
}

#[test]
fn in_status_and_bytes() {
    let statuses = compare(&reply("200"), &reply("503"), &reply("503"));
    assert!(statuses.is_equal());
    assert_eq!(noise(&statuses), ["status"]);
    assert_eq!(
        names(&compare(&reply("200"), &reply("503"), &reply("404"))),
        ["status"]
    );
    let image = |at: usize, value: u8| {
        let mut bytes = vec![0; 1000];
        bytes[7] = value;
        bytes[at] ^= 1;
        with_body("200\nContent-Type: image/png", &bytes)
    };
    let comparison = compare(&image(500, 3), &image(500, 4), &image(500, 5));
    assert!(comparison.is_equal());
    assert_eq!(noise(&comparison), ["body"]);
    assert_eq!(
        names(&compare(&image(500, 3), &image(500, 4), &image(501, 5))),
        ["body"]
    );
}

#[test]
fn order_of_sets() {
    let of = |content: &str| with_body("200\nContent-Type: text/html", content.as_bytes());
    let (a, b) = (
        of("<p>red, green, blue</p><b>"),
        of("<p>green, blue, red</p><b>"),
    );
    assert!(compare(&a, &b, &of("<p>blue, red, green</p><b>")).is_equal());
    for port in [
        "<p>blue, red, red</p><b>",
        "<p>blue, red, green</p><i>",
        "<p>blue, red</p><b>",
    ] {
        assert_eq!(names(&compare(&a, &b, &of(port))), ["body"], "{port}");
    }
    // A quiet original has an order.
    assert_eq!(names(&compare(&a, &a, &b)), ["body"]);
}

#[test]
fn clocks() {
    let at = |date: &str, content: &str| {
        let head =
            format!("200\nContent-Type: application/json\nDate: Thu, 26 Nov 2026 {date} GMT");
        with_body(
            &head,
            format!("{{\"now\":\"{content}\",\"x\":1}}").as_bytes(),
        )
    };
    let a = at("12:00:59", "2026-11-26 14:00:59");
    let comparison = compare(&a, &a, &at("12:01:00", "2026-11-26 14:01:00"));
    assert!(comparison.is_equal(), "{comparison:?}");
    assert_eq!(noise(&comparison), ["clock"]);
    // In another zone, in another form, not the time of the answer at all.
    for content in [
        "2026-11-26 12:01:00",
        "26.11.2026 14:01:00",
        "2026-11-26 14:03:00",
        "14:01",
    ] {
        assert_eq!(
            names(&compare(&a, &a, &at("12:01:00", content))),
            ["body"],
            "{content}"
        );
    }
    let a = at("12:00:59", "1795694459");
    assert!(compare(&a, &a, &at("12:01:00", "1795694460")).is_equal());
    assert!(!compare(&a, &a, &at("12:01:00", "1795694400")).is_equal());
    // In headers, cookies and sessions too.
    use base64::Engine;
    let of = |second: u32, unix: u32| {
        let content = format!("{{\"seen\":{unix},\"user\":1}}");
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(content);
        reply(&format!(
            "200\nDate: Thu, 26 Nov 2026 12:00:{second:02} GMT\nLast-Modified: Thu, 26 Nov 2026 12:00:{second:02} GMT\n\
             Set-Cookie: seen={unix}\nSet-Cookie: session={payload}.ZVPxAA.MZvDTMXqQE4z0YuE5p3HsmRZiFE"
        ))
    };
    let a = of(10, 1_795_694_410);
    let comparison = compare(&a, &a, &of(11, 1_795_694_411));
    assert!(comparison.is_equal(), "{comparison:?}");
    assert_eq!(
        names(&compare(&a, &a, &of(11, 1_795_694_511))),
        ["header:Set-Cookie"]
    );
}

#[test]
fn in_presence() {
    let cookies = |count: usize| {
        reply(&format!(
            "200\n{}",
            "Set-Cookie: id=1234; Path=/\n".repeat(count)
        ))
    };
    for (count, expected) in [(0, 0), (1, 0), (2, 1)] {
        let comparison = compare(&cookies(1), &cookies(0), &cookies(count));
        assert_eq!(comparison.differences.len(), expected, "{count}");
        assert_eq!(noise(&comparison), ["cookie:id"]);
    }
}

#[test]
fn in_many_lines() {
    let comparison = three(
        "text/plain",
        "{}\nis\n{}\nand\nthen\n{}",
        ["12", "34", "56"],
    );
    assert!(comparison.is_equal());
    assert_eq!(
        noise(&comparison),
        ["text:line 1", "text:line 3", "text:line 6"]
    );
}
