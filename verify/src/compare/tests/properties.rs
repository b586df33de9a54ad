//! What holds for any answer.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn media_types() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("text/html"),
        Just("application/json"),
        Just("image/png"),
        Just("text/plain; charset=utf-8")
    ]
}

fn contents() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        "[ -~\n]{0,200}".prop_map(String::into_bytes),
        "\\{\"[a-z]{1,5}\":(\"[a-z]*\"|[0-9]{1,5}|null),\"k\":\\[1,2\\]\\}\n?"
            .prop_map(String::into_bytes),
    ]
}

prop_compose! {
    fn replies()(
        status in 200_u16..600,
        media_type in media_types(),
        headers in vec(("x-[a-z]{1,6}", "[ -~]{0,20}"), 0..4),
        cookie in proptest::option::of("[a-z]{1,4}=[a-z0-9.]{0,12}; Path=/"),
        content in contents(),
    ) -> Reply {
        let mut headers: Vec<(String, String)> = headers;
        headers.push(("content-type".into(), media_type.into()));
        headers.push(("content-length".into(), content.len().to_string()));
        headers.extend(cookie.map(|c| ("set-cookie".into(), c)));
        Reply { status, headers, body: body(&content) }
    }
}

/// Names of fields in which `port` differs from a quiet `original`.
fn against(original: &Reply, port: Reply) -> Vec<String> {
    let original = Answer::Reply(original.clone());
    let comparison = compare(&original, &original, &Answer::Reply(port));
    assert!(comparison.noise.is_empty());
    names(&comparison)
}

/// Text with tokens between words: `words[0] token words[1] token …`.
fn woven(words: &[String], tokens: &[String]) -> String {
    let mut text = words[0].clone();
    for (word, token) in words[1..].iter().zip(tokens) {
        text.push_str(&format!(" <b title=\"{token}\"> {word}"));
    }
    text
}

/// A token of letters and digits, each as likely as any other and as the two of `more`.
fn token(length: usize, more: &str) -> impl Strategy<Value = String> + use<> {
    let alphabet = ('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9')
        .chain(more.chars());
    let letter = proptest::sample::select(alphabet.collect::<Vec<char>>());
    vec(letter, length).prop_map(String::from_iter)
}

fn page(content: &str) -> Answer {
    with_body("200\nContent-Type: text/html", content.as_bytes())
}

proptest! {
    #[test]
    fn an_answer_is_equal_to_itself(x in replies()) {
        prop_assert!(against(&x, x.clone()).is_empty());
    }

    #[test]
    fn another_status_is_found(x in replies(), by in 1_u16..300) {
        prop_assume!(!matches!(x.status, 204 | 304));
        let port = Reply { status: x.status + by, ..x.clone() };
        prop_assert_eq!(against(&x, port), ["status"]);
    }

    #[test]
    fn another_byte_is_found(x in replies(), at in any::<prop::sample::Index>(), by in 1..=255_u8) {
        prop_assume!(!matches!(x.status, 204 | 304) && x.body.length > 0);
        let mut content = x.body.start.clone();
        let at = at.index(content.len());
        content[at] ^= by;
        let port = Reply { body: body(&content), ..x.clone() };
        prop_assert_eq!(against(&x, port), ["body"]);
    }

    #[test]
    fn a_shorter_body_is_found(x in replies(), cut in any::<prop::sample::Index>()) {
        prop_assume!(!matches!(x.status, 204 | 304) && x.body.length > 0);
        let content = &x.body.start[..cut.index(x.body.start.len())];
        let mut port = Reply { body: body(content), ..x.clone() };
        for (name, value) in &mut port.headers {
            if name == "content-length" {
                *value = content.len().to_string();
            }
        }
        prop_assert_eq!(against(&x, port), ["body"]);
    }

    #[test]
    fn another_header_is_found(x in replies(), at in any::<prop::sample::Index>(), drop in any::<bool>()) {
        prop_assume!(!matches!(x.status, 204 | 304));
        let mut port = x.clone();
        let at = at.index(port.headers.len());
        let name = port.headers[at].0.clone();
        if drop {
            port.headers.remove(at);
        } else {
            port.headers[at].1.push('7');
        }
        let field = format!("header:{}", crate::compare::headers::display(&name));
        prop_assert_eq!(against(&x, port), [field]);
    }

    #[test]
    fn tokens_are_masked_and_nothing_else(
        words in vec("[g-z]{1,8}", 5),
        tokens in vec("[0-9a-f]{12}", 12),
        at in 0..5_usize,
    ) {
        let (a, b, p) = (&tokens[..4], &tokens[4..8], &tokens[8..]);
        let (a, b) = (page(&woven(&words, a)), page(&woven(&words, b)));
        prop_assert!(compare(&a, &b, &page(&woven(&words, p))).is_equal());
        let mut others = words.clone();
        others[at].push('x');
        prop_assert_eq!(names(&compare(&a, &b, &page(&woven(&others, p)))), ["body"]);
        let extra = format!("{}\n", woven(&words, p));
        prop_assert_eq!(names(&compare(&a, &b, &page(&extra))), ["body"]);
    }

    #[test]
    fn random_tokens_of_any_kind_are_masked(
        tokens in prop_oneof![
            vec(token(43, "-_"), 3),
            vec("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", 3),
            vec((token(20, "-_"), token(6, "-_"), token(27, "-_")).prop_map(|(x, y, z)| format!("{x}.{y}.{z}")), 3),
            vec(token(43, "+/").prop_map(|t| format!("{t}=")), 3),
        ],
    ) {
        prop_assume!(tokens[0] != tokens[1]);
        let [a, b, p] = [0, 1, 2].map(|i| page(&format!("<meta name=\"csrf-token\" content=\"{}\">\n", tokens[i])));
        let comparison = compare(&a, &b, &p);
        prop_assert!(comparison.is_equal(), "{:?}", comparison);
        prop_assert_eq!(noise(&comparison), ["text:csrf-token"]);
        let of = |i: usize| with_body("200\nContent-Type: application/json", format!("{{\"t\":\"{}\"}}", tokens[i]).as_bytes());
        prop_assert!(compare(&of(0), &of(1), &of(2)).is_equal());
        let of = |i: usize| reply(&format!("200\nSet-Cookie: t={}", tokens[i]));
        prop_assert!(compare(&of(0), &of(1), &of(2)).is_equal());
    }

    #[test]
    fn any_three_answers_compare(a in replies(), b in replies(), p in replies()) {
        let comparison = compare(&Answer::Reply(a.clone()), &Answer::Reply(b.clone()), &Answer::Reply(p.clone()));
        let is_found = names(&comparison).contains(&"status".to_owned());
        prop_assert_eq!(is_found, p.status != a.status && p.status != b.status);
    }

    #[test]
    fn either_run_of_the_original_is_accepted(a in replies(), b in replies()) {
        let (a, b) = (Answer::Reply(a), Answer::Reply(b));
        prop_assert!(compare(&a, &b, &a).is_equal());
        prop_assert!(compare(&a, &b, &b).is_equal());
    }
}

#[test]
#[ignore = "measures"]
fn speed() {
    use std::time::Instant;
    let megabyte: String = (0..20_000)
        .map(|i| {
            format!(
                "<tr><td class=\"c\">row {i}</td><td>{}</td></tr>\n",
                i * 7919 % 1000
            )
        })
        .collect();
    let with = |seed: usize, every: usize| {
        let mut out = String::new();
        for (i, line) in megabyte.lines().enumerate() {
            out.push_str(line);
            if i % every == 0 {
                out.push_str(&format!(
                    "<i>{:x}</i>",
                    (i + 1) * 2_654_435_761 * (seed + 3) % 4_294_967_291 + 4_294_967_296
                ));
            }
            out.push('\n');
        }
        page(&out)
    };
    let time = |what: &str, a: &Answer, b: &Answer, p: &Answer| {
        let start = Instant::now();
        let comparison = compare(a, b, p);
        println!(
            "{what}: {:?}, {} differences, {} noise",
            start.elapsed(),
            comparison.differences.len(),
            comparison.noise.len()
        );
    };
    let a = page(&megabyte);
    time("equal", &a, &a, &a.clone());
    time(
        "one hole",
        &with(1, 30_000),
        &with(2, 30_000),
        &with(3, 30_000),
    );
    time(
        "holes in every tenth line",
        &with(1, 10),
        &with(2, 10),
        &with(3, 10),
    );
    time("holes in every line", &with(1, 1), &with(2, 1), &with(3, 1));
    let random = |seed: u64| {
        let mut state = seed;
        let words: Vec<String> = (0..150_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                format!("{:x}", state >> 44)
            })
            .collect();
        page(&words.join(" "))
    };
    time("nothing in common", &random(1), &random(2), &random(3));
    let few = |seed: u64| {
        let mut state = seed;
        let words: Vec<String> = (0..300_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                format!("{:x}", state >> 61)
            })
            .collect();
        page(&words.join(" "))
    };
    time("the same few words", &few(1), &few(2), &few(3));
}
