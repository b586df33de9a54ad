//! Forms and links of a page, scanned on the text as it is written.
//!
//! Tolerant, and with one look at every byte: a page with template tags in it is HTML only after
//! rendering, so template tags count as opaque text wherever they stand.

use model::{Field, Form, Link};

use super::mask::{Part, PartKind};

/// What a page has.
#[derive(Default)]
pub(super) struct Page {
    /// Forms.
    pub forms: Vec<Form>,
    /// Attributes that lead somewhere.
    pub links: Vec<Link>,
}

/// Attributes whose text is an address.
const ADDRESSES: &[&str] = &[
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "hx-get",
    "hx-post",
    "hx-put",
    "hx-patch",
    "hx-delete",
];

/// Scans a page; `line` tells the 1-based line of an offset.
pub(super) fn scan(text: &str, parts: &[Part], line: impl Fn(usize) -> u32) -> Page {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        parts,
        part: 0,
        at: 0,
    };
    let mut page = Page::default();
    let mut form: Option<Form> = None;
    while let Some(tag) = scanner.next_tag() {
        let here = line(tag.start);
        if tag.closing {
            if tag.name == "form" {
                page.forms.extend(form.take());
            }
            continue;
        }
        for (name, value) in &tag.attributes {
            if let Some(value) = value
                && ADDRESSES.contains(&name.as_str())
            {
                page.links.push(Link {
                    tag: tag.name.clone(),
                    target: (*value).to_owned(),
                    line: here,
                });
            }
        }
        match tag.name.as_str() {
            "form" => {
                page.forms.extend(form.take());
                form = Some(Form {
                    action: tag.value("action").map(str::to_owned),
                    method: tag.value("method").map_or_else(
                        || "GET".to_owned(),
                        |m| match m.contains('{') {
                            true => m.to_owned(),
                            false => m.trim().to_ascii_uppercase(),
                        },
                    ),
                    multipart: tag
                        .value("enctype")
                        .is_some_and(|e| e.trim().eq_ignore_ascii_case("multipart/form-data")),
                    fields: Vec::new(),
                    line: here,
                });
            }
            "input" | "select" | "textarea" | "button" => {
                if let (Some(form), Some(field)) = (&mut form, field(&tag)) {
                    form.fields.push(field);
                }
            }
            "script" | "style" => scanner.skip_text_of(&tag.name),
            _ => {}
        }
    }
    page.forms.extend(form.take());
    page
}

fn field(tag: &Tag<'_>) -> Option<Field> {
    let name = tag.value("name").filter(|n| !n.is_empty())?.to_owned();
    let kind = match (tag.name.as_str(), tag.value("type")) {
        ("input" | "button", Some(kind)) => kind.trim().to_ascii_lowercase(),
        ("input", None) => "text".to_owned(),
        ("button", None) => "submit".to_owned(),
        (other, _) => other.to_owned(),
    };
    let required = tag.attributes.iter().any(|(n, _)| n == "required");
    Some(Field {
        name,
        kind,
        required,
    })
}

/// A tag of the page.
struct Tag<'a> {
    start: usize,
    name: String,
    closing: bool,
    attributes: Vec<(String, Option<&'a str>)>,
}

impl Tag<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, v)| *v)
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    parts: &'a [Part],
    /// The part that `at` lies in, or one before it.
    part: usize,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Where the template's tag at `at` ends, if one is there.
    fn opaque(&mut self) -> Option<usize> {
        while let Some(part) = self.parts.get(self.part) {
            if self.at < part.end as usize {
                return (part.kind != PartKind::Text && part.start as usize <= self.at)
                    .then_some(part.end as usize);
            }
            self.part += 1;
        }
        None
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes on to the first byte that `stop` accepts, over template tags; gives the text up to it.
    fn until(&mut self, stop: impl Fn(u8) -> bool) -> &'a str {
        self.up_to(false, stop)
    }

    /// Like `until`; with `name`, statements end the text too: `{% if x %}required{% endif %}`.
    fn up_to(&mut self, name: bool, stop: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        while let Some(byte) = self.byte() {
            if let Some(end) = self.opaque() {
                if name && self.parts[self.part].kind != PartKind::Variable {
                    break;
                }
                self.at = end;
            } else if stop(byte) {
                break;
            } else {
                self.at += 1;
            }
        }
        self.text
            .get(start..self.at.min(self.bytes.len()))
            .unwrap_or("")
    }

    fn next_tag(&mut self) -> Option<Tag<'a>> {
        loop {
            self.until(|b| b == b'<');
            let start = self.at;
            self.byte()?;
            if self.bytes[start..].starts_with(b"<!--") {
                self.at = memchr::memmem::find(&self.bytes[start..], b"-->")
                    .map_or(self.bytes.len(), |i| start + i + 3);
                continue;
            }
            let closing = self.bytes.get(start + 1) == Some(&b'/');
            self.at = start + 1 + usize::from(closing);
            if !self.byte().is_some_and(|b| b.is_ascii_alphabetic()) {
                continue;
            }
            let name = self
                .until(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'<'))
                .to_ascii_lowercase();
            let attributes = self.attributes();
            return Some(Tag {
                start,
                name,
                closing,
                attributes,
            });
        }
    }

    fn attributes(&mut self) -> Vec<(String, Option<&'a str>)> {
        let mut attributes = Vec::new();
        loop {
            self.blank();
            if let Some(end) = self.opaque() {
                self.at = end;
                continue;
            }
            match self.byte() {
                None | Some(b'<') => return attributes,
                Some(b'>') => {
                    self.at += 1;
                    return attributes;
                }
                Some(b'/' | b'=' | b'"' | b'\'') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            let name = self
                .up_to(true, |b| {
                    b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/' | b'<')
                })
                .to_ascii_lowercase();
            let after = self.at;
            self.blank();
            if self.byte() != Some(b'=') || self.opaque().is_some() {
                self.at = after;
                attributes.push((name, None));
                continue;
            }
            self.at += 1;
            self.blank();
            let value = match self.byte() {
                Some(quote @ (b'"' | b'\'')) if self.opaque().is_none() => {
                    self.at += 1;
                    let value = self.until(|b| b == quote);
                    self.at += 1;
                    value
                }
                _ => self.until(|b| b.is_ascii_whitespace() || b == b'>'),
            };
            attributes.push((name, Some(value)));
        }
    }

    fn blank(&mut self) {
        while self.byte().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Over the text of `script` or `style`, to its end tag.
    fn skip_text_of(&mut self, name: &str) {
        while self.byte().is_some() {
            self.until(|b| b == b'<');
            let rest = &self.bytes[self.at.min(self.bytes.len())..];
            if rest.starts_with(b"</")
                && rest
                    .get(2..2 + name.len())
                    .is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
            {
                return;
            }
            self.at += 1;
        }
    }
}
