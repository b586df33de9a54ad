//! Bodies of requests: those that a view reads, and those that nobody asked for.

use super::draft::{Draft, Weight};
use super::inputs::Inputs;
use super::{forms, json, uploads};

/// Everything that is sent to a target by a method. `limit` is the largest body that the app takes, in bytes.
#[must_use]
pub fn all(
    path: &str,
    method: &str,
    inputs: &Inputs,
    words: &[&str],
    limit: Option<u64>,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if !inputs.form.is_empty() || inputs.whole_form {
        drafts.extend(forms::forms(path, method, inputs, words, limit));
    }
    if !inputs.files.is_empty() {
        drafts.extend(uploads::uploads(path, method, inputs));
    }
    if inputs.reads_json {
        drafts.extend(json::bodies(path, method, inputs, words, limit));
    }
    if !inputs.reads_content() || inputs.reads_body {
        let draft = |aim: &str| Draft::new(method, path, aim);
        drafts.push(draft("a form that nobody asked for").form([("a", "1")]));
        drafts.push(draft("JSON that nobody asked for").body("application/json", "{\"a\": 1}"));
        drafts.push(
            draft("text")
                .body("text/plain; charset=utf-8", "\u{e9}t\u{e9}\n")
                .weighing(Weight::Rare),
        );
        drafts.push(
            draft("bytes")
                .body("application/octet-stream", vec![0, 255, 1])
                .weighing(Weight::Rare),
        );
    }
    drafts
}

/// The request with what the view reads, likely and whole.
#[must_use]
pub fn plain(draft: Draft, inputs: &Inputs) -> Draft {
    if !inputs.files.is_empty() {
        return draft.multipart(uploads::plain(inputs));
    }
    if inputs.form.is_empty() && inputs.reads_json {
        let object = json::listed(json::plain(inputs));
        return draft.body(
            "application/json",
            serde_json::Value::from(object).to_string(),
        );
    }
    // A form of a token alone, where the view reads none: there may be a guard against forgery.
    let fields = forms::plain(inputs);
    draft.form(fields.iter().map(|(k, v)| (*k, v.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Content;

    #[test]
    fn a_plain_request_has_what_the_view_reads() {
        let draft = || Draft::new("POST", "/", "");
        let form = plain(draft(), &Inputs::default()).recipe.content;
        assert_eq!(form, Content::Form(Vec::new()));
        let inputs = Inputs {
            reads_json: true,
            json: vec!["tags".into(), "title".into(), "path".into()],
            offered: [("path".to_owned(), "sub".to_owned())].into(),
            ..Inputs::default()
        };
        let Content::Bytes(body) = plain(draft(), &inputs).recipe.content else {
            panic!("no JSON");
        };
        let wanted = r#"{"tags":["some"],"title":"A title","path":"sub"}"#;
        assert_eq!(String::from_utf8_lossy(&body), wanted);
        let inputs = Inputs {
            files: vec!["image".into()],
            ..inputs
        };
        assert!(
            matches!(plain(draft(), &inputs).recipe.content, Content::Multipart(parts) if parts.len() == 1)
        );
    }
}
