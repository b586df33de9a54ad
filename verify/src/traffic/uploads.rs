//! Uploads: files with and without a name, with text and with bytes.

use crate::http::Part;

use super::draft::{Draft, Weight};
use super::inputs::Inputs;

/// How a PNG begins: bytes that are no text, line ends and a zero among them.
const BINARY: &[u8] = b"\x89PNG\r\n\x1a\n\x00\xff\r\n--";

/// The boundary of bodies that are written here.
const BOUNDARY: &str = "migrate-boundary-7f3a";

/// Files that are sent: name, type, content, what they try, how much they are missed.
const FILES: &[(&str, &str, &str, &str, Weight)] = &[
    (
        "note.txt",
        "text/plain",
        "some text\n",
        "a file",
        Weight::Plain,
    ),
    (
        "",
        "application/octet-stream",
        "",
        "no file chosen",
        Weight::Usual,
    ),
    (
        "empty.txt",
        "text/plain",
        "",
        "an empty file",
        Weight::Usual,
    ),
    (
        "\u{fc}ber na\u{ef}ve.txt",
        "text/plain",
        "\u{e9}",
        "a file name that is not ASCII",
        Weight::Usual,
    ),
    (
        "../up/a b\"c.txt",
        "text/plain",
        "x",
        "a file name with signs",
        Weight::Usual,
    ),
    (
        "program.exe",
        "application/x-msdownload",
        "MZ",
        "a type that few apps take",
        Weight::Rare,
    ),
    (
        "data.csv",
        "text/csv; charset=utf-8",
        "a,b\r\n1,2\r\n",
        "a type with a parameter",
        Weight::Rare,
    ),
    ("noname", "", "x", "a file of no type", Weight::Rare),
];

/// The parts of a plain upload: a file for each name, other fields plain.
#[must_use]
pub fn plain(inputs: &Inputs) -> Vec<Part> {
    let fields = super::forms::plain(inputs).into_iter();
    let fields = fields.map(|(k, v)| field(k, &v));
    let files = inputs.files.iter().map(|name| likely(name, ""));
    fields.chain(files).collect()
}

/// A file that a field of this name probably takes; `accepted` is its attribute `accept`.
#[must_use]
pub fn likely(name: &str, accepted: &str) -> Part {
    let text = format!("{name} {accepted}").to_ascii_lowercase();
    let pictures = [
        "image", "picture", "photo", "avatar", "logo", "thumb", "png",
    ];
    if pictures.iter().any(|p| text.contains(p)) {
        return part(name, "dot.gif", "image/gif", DOT);
    }
    part(name, "note.txt", "text/plain", "some text\n")
}

/// A GIF of one point, all of it ASCII: the client writes parts of text only.
const DOT: &str = "GIF89a\u{1}\0\u{1}\0\0\0\0,\0\0\0\0\u{1}\0\u{1}\0\0\u{2}\u{2}D\u{1}\0;";

/// Variations of the files that a route takes, other fields plain.
#[must_use]
pub fn uploads(target: &str, method: &str, inputs: &Inputs) -> Vec<Draft> {
    let fields: Vec<Part> = super::forms::plain(inputs)
        .into_iter()
        .map(|(k, v)| field(k, &v))
        .collect();
    let draft = |parts: Vec<Part>, aim: String, weight| {
        let parts = fields.iter().cloned().chain(parts).collect();
        Draft::new(method, target, aim)
            .multipart(parts)
            .weighing(weight)
    };
    let mut drafts = Vec::new();
    for name in &inputs.files {
        let likely = likely(name, "");
        if likely
            .file
            .as_ref()
            .is_some_and(|(file, _)| file != "note.txt")
        {
            let aim = format!("{name}: a picture");
            drafts.push(draft(vec![likely], aim, Weight::Plain));
        }
        for (file, kind, content, what, weight) in FILES {
            drafts.push(draft(
                vec![part(name, file, kind, content)],
                format!("{name}: {what}"),
                *weight,
            ));
        }
        drafts.push(draft(
            vec![field(name, "text")],
            format!("{name}: text in a file's place"),
            Weight::Usual,
        ));
        let two = vec![
            part(name, "a.txt", "text/plain", "first"),
            part(name, "b.txt", "text/plain", "second"),
        ];
        drafts.push(draft(two, format!("{name}: two files"), Weight::Usual));
        let bytes = Draft::new(method, target, format!("{name}: bytes that are no text"));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        drafts.push(bytes.body(&kind, binary(inputs, name)));
    }
    drafts.push(draft(Vec::new(), "no file at all".into(), Weight::Usual));
    drafts
}

/// A multipart body with a file that is no text: the client writes parts of text only.
fn binary(inputs: &Inputs, name: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, value) in super::forms::plain(inputs) {
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    let file = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"picture.png\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    body.extend_from_slice(file.as_bytes());
    body.extend_from_slice(BINARY);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A file for a field.
#[must_use]
pub fn part(name: &str, file: &str, kind: &str, content: &str) -> Part {
    Part {
        name: name.to_owned(),
        value: content.into(),
        file: Some((file.to_owned(), kind.to_owned())),
    }
}

fn field(name: &str, value: &str) -> Part {
    Part {
        name: name.to_owned(),
        value: value.into(),
        file: None,
    }
}
