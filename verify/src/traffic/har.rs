//! What a browser recorded (HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>), as requests.
//!
//! Each side builds up its own cookies, so recorded ones are left out, as is what belongs to the recorded connection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::Url;

use crate::http::{Content, Recipe};

/// Headers that are the client's own business, or the recorded session's.
const LEFT_OUT: [&str; 7] = [
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "host",
    "keep-alive",
    "transfer-encoding",
];

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Recorded,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: String,
    #[serde(default)]
    params: Vec<Pair>,
    encoding: Option<String>,
}

/// The requests of a recording to the host of its first one, in order; of other hosts none.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn recipes(text: &str) -> Result<Vec<Recipe>, String> {
    let har: Har = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut host: Option<String> = None;
    let mut out = Vec::new();
    for Entry { request } in har.log.entries {
        let Ok(url) = Url::parse(&request.url) else {
            return Err(format!("`{}` is no URL", request.url.escape_debug()));
        };
        let authority = url.authority().to_owned();
        if !matches!(url.scheme(), "http" | "https")
            || host.get_or_insert_with(|| authority.clone()) != &authority
        {
            continue;
        }
        out.push(recipe(request, &url)?);
    }
    Ok(out)
}

fn recipe(request: Recorded, url: &Url) -> Result<Recipe, String> {
    if http::Method::from_bytes(request.method.as_bytes()).is_err() {
        return Err(format!("`{}` is no method", request.method.escape_debug()));
    }
    let query = url.query().map_or(String::new(), |q| format!("?{q}"));
    let kept = |p: &Pair| {
        let name = p.name.to_ascii_lowercase();
        !name.starts_with(':') && !LEFT_OUT.contains(&name.as_str())
    };
    let headers = request.headers.into_iter().filter(kept);
    let content = match request.post_data {
        None => Content::None,
        Some(data) if data.encoding.as_deref() == Some("base64") => {
            let bytes = STANDARD.decode(data.text);
            Content::Bytes(bytes.map_err(|e| format!("a body in base64: {e}"))?)
        }
        Some(data) if data.text.is_empty() && !data.params.is_empty() => Content::Form(
            data.params
                .into_iter()
                .map(|p| (p.name, p.value.into()))
                .collect(),
        ),
        Some(data) => Content::Bytes(data.text.into_bytes()),
    };
    Ok(Recipe {
        session: "main".into(),
        method: request.method,
        target: format!("{}{query}", url.path()).into(),
        headers: headers.map(|p| (p.name, p.value.into())).collect(),
        content,
        keep: None,
        aim: "a recorded request".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_a_session_of_one_host() {
        let har = r#"{"log": {"version": "1.2", "entries": [
            {"request": {"method": "GET", "url": "https://app.test/a?b=1#c",
                         "headers": [{"name": ":path", "value": "/a"}, {"name": "Cookie", "value": "s=1"}, {"name": "X-A", "value": "b"}]}},
            {"request": {"method": "GET", "url": "https://cdn.test/x.js", "headers": []}},
            {"request": {"method": "POST", "url": "https://app.test/f", "headers": [],
                         "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "k", "value": "v"}]}}}]}}"#;
        let all = recipes(har).expect("requests");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].target, "/a?b=1".into());
        assert_eq!(all[0].headers, [("X-A".to_owned(), "b".into())]);
        assert_eq!(
            all[1].content,
            Content::Form(vec![("k".into(), "v".into())])
        );
    }

    #[test]
    fn what_is_no_recording_is_said() {
        for (text, why) in [
            ("{}", "missing field `log`"),
            (
                r#"{"log": {"entries": [{"request": {"method": "GET", "url": "x"}}]}}"#,
                "`x` is no URL",
            ),
            (
                r#"{"log": {"entries": [{"request": {"method": "G T", "url": "http://a/"}}]}}"#,
                "is no method",
            ),
        ] {
            let error = recipes(text).expect_err("an error");
            assert!(error.contains(why), "{error}");
        }
    }
}
