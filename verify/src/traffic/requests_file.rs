//! Files of requests: NDJSON, one request a line, as `migrate verify --requests` takes them, or a recording (`.har`).

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::http::{Content, Recipe};

/// Why a file of requests is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestsError {
    /// It cannot be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// A line is no request.
    #[error("{path}, line {line}: {why}")]
    Line {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A recording cannot be understood.
    #[error("{path}: {why}")]
    Recording {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nothing but empty lines.
    #[error("{0}: no request in it")]
    Empty(String),
}

impl RequestsError {
    /// What to do about it.
    #[must_use]
    pub const fn mend(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "name a file that can be read",
            Self::Recording { .. } => "export it anew from the browser's network tab",
            Self::Line { .. } | Self::Empty(_) => {
                r#"one request a line: {"method": "POST", "path": "/login", "headers": [["Content-Type", "text/plain"]], "body": "a", "session": "main"}"#
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: String,
    path: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    session: Option<String>,
    // What a difference of an earlier run has beside; it may be pasted as it is.
    #[serde(default, rename = "number")]
    _number: Option<u32>,
}

/// Reads a file of requests.
///
/// # Errors
/// A file that cannot be read, a line that is no request (with its number), a file without any.
pub fn from_file(path: &Path) -> Result<Vec<Recipe>, RequestsError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| RequestsError::Unreadable {
        path: shown.clone(),
        why: e.to_string(),
    })?;
    let text = text.trim_start_matches('\u{feff}');
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("har"))
    {
        let recorded = super::har::recipes(text).map_err(|why| RequestsError::Recording {
            path: shown.clone(),
            why,
        })?;
        return some(recorded, shown);
    }
    let lines = text.lines().enumerate();
    let filled = lines.filter(|(_, line)| !line.trim().is_empty());
    let recipes: Result<Vec<Recipe>, RequestsError> = filled
        .map(|(i, line)| {
            recipe(line).map_err(|why| RequestsError::Line {
                path: shown.clone(),
                line: i + 1,
                why,
            })
        })
        .collect();
    some(recipes?, shown)
}

fn some(all: Vec<Recipe>, path: String) -> Result<Vec<Recipe>, RequestsError> {
    if all.is_empty() {
        Err(RequestsError::Empty(path))
    } else {
        Ok(all)
    }
}

fn recipe(line: &str) -> Result<Recipe, String> {
    let line: Line = serde_json::from_str(line).map_err(|e| {
        // The number of the line within the line says nothing.
        let why = e.to_string();
        why.replace(" at line 1 column", " at column")
    })?;
    if http::Method::from_bytes(line.method.as_bytes()).is_err() {
        return Err(format!("`{}` is no method", line.method.escape_debug()));
    }
    if !line.path.starts_with('/') {
        return Err(format!(
            "the path `{}` does not begin with `/`",
            line.path.escape_debug()
        ));
    }
    if line
        .path
        .contains(|c: char| c.is_ascii_control() || c == ' ' || c == '#')
    {
        return Err(format!(
            "the path `{}` holds a sign that no path may hold",
            line.path.escape_debug()
        ));
    }
    for (name, value) in &line.headers {
        let is_name = http::HeaderName::from_bytes(name.as_bytes()).is_ok();
        if !is_name
            || http::HeaderValue::from_str(value).is_err()
                && !value.chars().all(|c| c as u32 >= 32 && c as u32 <= 255)
        {
            return Err(format!(
                "`{}: {}` is no header",
                name.escape_debug(),
                value.escape_debug()
            ));
        }
    }
    let content = match (line.body, line.body_base64) {
        (Some(_), Some(_)) => return Err("both `body` and `body_base64` are given".into()),
        (Some(text), None) => Content::Bytes(text.into_bytes()),
        (None, Some(text)) => {
            let bytes = STANDARD
                .decode(text)
                .map_err(|e| format!("`body_base64`: {e}"))?;
            Content::Bytes(bytes)
        }
        (None, None) => Content::None,
    };
    Ok(Recipe {
        session: line.session.unwrap_or_else(|| "main".into()),
        method: line.method,
        target: line.path.into(),
        headers: line
            .headers
            .into_iter()
            .map(|(k, v)| (k, v.into()))
            .collect(),
        content,
        keep: None,
        aim: "a request of a file".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Recipe>, RequestsError> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("r.ndjson");
        std::fs::write(&path, text).expect("a file");
        from_file(&path)
    }

    #[test]
    fn a_line_is_a_request() {
        let all = read(
            "{\"method\": \"GET\", \"path\": \"/a?b=%zz\"}\n\n\
             {\"method\": \"POST\", \"path\": \"/\", \"headers\": [[\"X-A\", \"b\"]], \"body_base64\": \"/wA=\", \"body\": null, \"session\": \"s\"}\r\n",
        );
        let all = all.expect("requests");
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].session.as_str(), &all[0].content),
            ("main", &Content::None)
        );
        assert_eq!(all[1].content, Content::Bytes(vec![255, 0]));
        assert_eq!(all[1].session, "s");
    }

    #[test]
    fn a_broken_line_is_named() {
        for (line, why) in [
            ("{", "EOF"),
            ("{\"path\": \"/\"}", "missing field `method`"),
            (
                "{\"method\": \"GET\", \"path\": \"/\", \"bdy\": \"\"}",
                "unknown field `bdy`",
            ),
            (
                "{\"method\": \"GET\", \"path\": \"http://example.org/\"}",
                "does not begin with `/`",
            ),
            (
                "{\"method\": \"GET\", \"path\": \"/a b\"}",
                "no path may hold",
            ),
            ("{\"method\": \"G T\", \"path\": \"/\"}", "is no method"),
            (
                "{\"method\": \"GET\", \"path\": \"/\", \"headers\": [[\"a b\", \"c\"]]}",
                "is no header",
            ),
            (
                "{\"method\": \"GET\", \"path\": \"/\", \"headers\": [[\"a\", \"c\\n\"]]}",
                "is no header",
            ),
            (
                "{\"method\": \"GET\", \"path\": \"/\", \"body_base64\": \"*\"}",
                "body_base64",
            ),
            (
                "{\"method\": \"GET\", \"path\": \"/\", \"body_base64\": \"\", \"body\": \"\"}",
                "both",
            ),
        ] {
            let error = read(&format!(
                "{{\"method\": \"GET\", \"path\": \"/\"}}\n{line}\n"
            ))
            .expect_err(line);
            let text = error.to_string();
            assert!(
                text.contains("line 2: ") && text.contains(why) && !text.contains('\n'),
                "{text}"
            );
        }
        assert!(matches!(read("\n"), Err(RequestsError::Empty(_))));
        assert!(matches!(
            from_file(Path::new("/no/such/file")),
            Err(RequestsError::Unreadable { .. })
        ));
    }
}
