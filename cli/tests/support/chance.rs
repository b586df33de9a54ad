//! Requests made by chance for a fixture: the same seed makes the same ones.

use super::http::Request;

/// What is asked of a fixture.
pub struct Site {
    paths: &'static [&'static str],
    /// Names of query arguments.
    query: &'static [&'static str],
    /// Names of form fields.
    fields: &'static [&'static str],
    /// Where somebody logs in, and as whom.
    login: (&'static str, &'static str),
}

pub const BLOG: Site = Site {
    paths: &[
        "/",
        "/login",
        "/logout",
        "/blog",
        "/blog/",
        "/blog/1",
        "/blog/2",
        "/blog/3",
        "/blog/01",
        "/blog/1/",
        "/blog/1.0",
        "/blog/new",
        "/blog/new/",
        "/blog/1/download",
        "/blog/9/download",
        "/blog/x/download",
        "/api/posts",
        "/api/posts/",
        "/api",
        "/boom",
        "/static/style.css",
        "/static//style.css",
        "/static/a/b",
        "/static/",
        "//",
        "/blog//1",
        "/%2e%2e/x",
        "/blog/%31",
        "/blog/1%20",
        "/BLOG/",
        "/blog/1;x=1",
        "/%C3%A9",
        "/blog/%D9%A1",
    ],
    query: &["q", "limit", "tag", "next", "x"],
    fields: &["name", "password", "title", "body", "x"],
    login: ("/login", "name=ann&password=pw"),
};

pub const PODCAST: Site = Site {
    paths: &[
        "/",
        "/about",
        "/about/",
        "/health",
        "/show/3",
        "/show/x",
        "/episodes",
        "/episodes/",
        "/episodes/1",
        "/episodes/07",
        "/episodes/61",
        "/episodes/1/",
        "/episodes/tag/rust",
        "/episodes/tag/%C3%A9",
        "/episodes/tag/a%2Fb",
        "/episodes/search",
        "/feed.xml",
        "/sitemap.xml",
        "/newsletter",
        "/newsletter/",
        "/newsletter/thanks",
        "/admin",
        "/admin/",
        "/admin/login",
        "/admin/logout",
        "/admin/episodes/2",
        "/admin/episodes/99",
        "/admin/episodes/x",
        "/static/site.css",
        "/static//site.css",
        "/static/none",
        "//",
        "//about",
        "/episodes//1",
        "/%2e%2e/x",
        "/episodes/%31",
        "/ABOUT",
        "/%C3%A9",
    ],
    query: &["q", "page", "next", "x"],
    fields: &["name", "password", "title", "email", "visible", "x"],
    login: ("/admin/login", "name=ann&password=slow"),
};

const METHODS: &[&str] = &[
    "GET", "GET", "GET", "GET", "GET", "GET", "POST", "POST", "POST", "POST", "HEAD", "OPTIONS",
    "PUT", "DELETE", "PATCH", "TRACE",
];

const VALUES: &[&str] = &[
    "",
    "a",
    "a%20b",
    "%C3%A9",
    "%ff",
    "%zz",
    "1",
    "10",
    "-1",
    "1.5",
    "%203%20",
    "0x1",
    "1_0",
    "%D9%A1",
    "%3Cb%3E",
    "a%26b",
    "a=b",
    "+",
    "%2B",
    "null",
    "ann",
    "pw",
    "closed",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

const JSON: &[&str] = &[
    r#"{"title":"t"}"#,
    r#"{"title":""}"#,
    r#"{"title":"é","body":"x"}"#,
    "[]",
    "null",
    "",
    "{",
    r#""s""#,
    r#"{"title":5}"#,
    r#"{"title":"closed"}"#,
    r#"{"title":["a"]}"#,
];

const JSON_TYPES: &[&str] = &[
    "application/json",
    "application/json; charset=utf-8",
    "application/problem+json",
    "text/json",
];

const FORM_TYPES: &[&str] = &[
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "Application/X-WWW-Form-Urlencoded",
];

const HEADERS: &[(&str, &str)] = &[
    ("Range", "bytes=0-3"),
    ("Range", "bytes=-2"),
    ("Range", "bytes=5-"),
    ("Range", "bytes=99-"),
    ("Range", "x"),
    ("If-None-Match", "*"),
    ("If-None-Match", "\"a\""),
    ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"),
    ("X-Maintenance", "1"),
    ("Accept", "application/json"),
    ("Cookie", "session=x"),
    ("Cookie", "a=1"),
    ("Cookie", "session=eyJ1aWQiOjF9.x.y"),
    ("Cookie", "a=\"b; c\""),
];

/// SplitMix64, which is enough to choose.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn pairs(&mut self, names: &[&str]) -> String {
        let pairs: Vec<String> = (0..self.below(5))
            .map(|_| match self.below(4) {
                0 => self.of(names).to_owned(),
                _ => format!("{}={}", self.of(names), self.of(VALUES)),
            })
            .collect();
        pairs.join("&")
    }

    fn body(&mut self, names: &[&str], request: &mut Request) {
        let (kind, text) = match self.below(10) {
            0..5 => (self.of(FORM_TYPES), self.pairs(names)),
            5..7 => (self.of(JSON_TYPES), self.of(JSON).to_owned()),
            7..9 => {
                let part = |name: &str, value: &str| {
                    format!(
                        "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    )
                };
                let parts: String = (0..self.below(4))
                    .map(|_| part(self.of(names), self.of(VALUES)))
                    .collect();
                (
                    "multipart/form-data; boundary=B",
                    format!("{parts}--B--\r\n"),
                )
            }
            _ => ("", "title=x".to_owned()),
        };
        if !kind.is_empty() {
            request.headers.push(("Content-Type".into(), kind.into()));
        }
        request.body = text.into_bytes();
    }
}

/// So many requests; a login now and then, so that there is somebody.
pub fn requests(site: &Site, seed: u64, count: usize) -> Vec<Request> {
    let mut chance = Chance(seed);
    (0..count)
        .map(|i| {
            if i % 40 == 0 {
                return Request::form(site.login.0, site.login.1);
            }
            let query = chance.pairs(site.query);
            let mark = if query.is_empty() { "" } else { "?" };
            let path = format!("{}{mark}{query}", chance.of(site.paths));
            let mut request = Request::new(chance.of(METHODS), &path);
            if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
                chance.body(site.fields, &mut request);
            }
            if chance.below(5) == 0 {
                let (name, value) = chance.of(HEADERS);
                request.headers.push((name.into(), value.into()));
            }
            request
        })
        .collect()
}
