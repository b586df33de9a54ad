//! The page itself: forms and their fields, and where links lead.

use model::{Field, Form, Link};

/// An attribute as it is put out: its text, template expressions included.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Lower case.
    pub name: String,
    pub value: String,
}

/// Forms and links in the order of the page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub forms: Vec<Form>,
    pub links: Vec<Link>,
    /// The form that fields belong to.
    open: Option<usize>,
}

impl Page {
    /// Takes note of a start tag.
    pub(super) fn start(&mut self, tag: &str, attributes: &[Shown], line: u32) {
        let tag = tag.to_ascii_lowercase();
        let get = |name: &str| {
            attributes
                .iter()
                .find(|a| a.name == name)
                .map(|a| &*a.value)
        };
        for attribute in attributes {
            let leads = match &*attribute.name {
                "href" | "src" => true,
                "data" => tag == "object",
                "poster" => tag == "video",
                _ => false,
            };
            if leads {
                self.links.push(Link {
                    tag: tag.clone(),
                    target: attribute.value.clone(),
                    line,
                });
            }
        }
        match &*tag {
            "form" => {
                let method = get("method").unwrap_or("GET").trim();
                let multipart = get("enctype").unwrap_or("");
                self.open = Some(self.forms.len());
                self.forms.push(Form {
                    action: get("action").filter(|a| !a.is_empty()).map(str::to_owned),
                    method: if method.contains("${") {
                        method.to_owned()
                    } else {
                        method.to_ascii_uppercase()
                    },
                    multipart: multipart.trim().eq_ignore_ascii_case("multipart/form-data"),
                    fields: Vec::new(),
                    line,
                });
            }
            "input" | "select" | "textarea" | "button" => {
                let (Some(form), Some(name)) = (self.open, get("name")) else {
                    return;
                };
                if name.is_empty() {
                    return;
                }
                let written = get("type").map(|t| t.trim().to_ascii_lowercase());
                let kind = match &*tag {
                    "input" => written.filter(|t| !t.is_empty()).unwrap_or("text".into()),
                    "button" => written.filter(|t| !t.is_empty()).unwrap_or("submit".into()),
                    _ => tag.clone(),
                };
                self.forms[form].fields.push(Field {
                    name: name.to_owned(),
                    kind,
                    required: get("required").is_some(),
                });
            }
            _ => {}
        }
    }

    /// Takes note of the end of a form.
    pub(super) fn end_form(&mut self) {
        self.open = None;
    }
}
