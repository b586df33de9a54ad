//! HTML pages: where they lead, and their forms.

use scraper::{ElementRef, Html, Selector};

/// What a page offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Where links, images, scripts and style sheets lead, as written, each once.
    pub links: Vec<String>,
    /// Its forms.
    pub forms: Vec<Form>,
    /// Name of the `<meta>` element that holds a token for scripts.
    pub token: Option<String>,
}

/// A form as it was rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// As written; empty for the page's own address.
    pub action: String,
    /// In capitals.
    pub method: String,
    /// It is sent as `multipart/form-data`.
    pub is_multipart: bool,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// `text`, `hidden`, `select`, `textarea`, `checkbox`, …
    pub kind: String,
    /// Its value as rendered.
    pub value: String,
    /// Values of a choice, in order.
    pub options: Vec<String>,
    /// Files that it takes (`accept`).
    pub accept: String,
}

impl Field {
    /// Whether one of several values is chosen, or one is left out.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        matches!(self.kind.as_str(), "select" | "radio" | "checkbox")
    }
}

impl Page {
    /// Reads a page; what is broken is read as browsers read it.
    #[must_use]
    pub fn read(html: &str) -> Self {
        let page = Html::parse_document(html);
        let mut links: Vec<String> = Vec::new();
        for element in select(
            &page,
            "a[href], area[href], link[href], img[src], script[src], iframe[src], source[src]",
        ) {
            let target = element
                .attr("href")
                .or_else(|| element.attr("src"))
                .unwrap_or_default();
            if !links.iter().any(|l| l == target) {
                links.push(target.to_owned());
            }
        }
        let token = select(&page, "meta[name][content]").find_map(|meta| {
            let name = meta.attr("name")?;
            name.to_ascii_lowercase()
                .contains("csrf")
                .then(|| name.to_owned())
        });
        Self {
            links,
            forms: select(&page, "form").map(form).collect(),
            token,
        }
    }
}

impl Form {
    /// Fields whose value the page chose: tokens among them.
    pub fn hidden(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| f.kind == "hidden")
    }
}

fn select<'a>(page: &'a Html, css: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let selector = Selector::parse(css).ok();
    let found: Vec<ElementRef> = selector.iter().flat_map(|s| page.select(s)).collect();
    found.into_iter()
}

fn form(element: ElementRef<'_>) -> Form {
    let selector = Selector::parse("input[name], select[name], textarea[name], button[name]").ok();
    let elements = selector.iter().flat_map(|s| element.select(s));
    let mut fields: Vec<Field> = Vec::new();
    for field in elements.filter_map(field) {
        // Radio buttons of one name are one choice.
        match fields
            .iter_mut()
            .find(|f| f.name == field.name && f.kind == "radio")
        {
            Some(known) => known.options.extend(field.options),
            None => fields.push(field),
        }
    }
    let method = element.attr("method").unwrap_or("get").to_ascii_uppercase();
    Form {
        action: element.attr("action").unwrap_or_default().trim().to_owned(),
        method: if method == "POST" {
            method
        } else {
            "GET".into()
        },
        is_multipart: element
            .attr("enctype")
            .is_some_and(|e| e.eq_ignore_ascii_case("multipart/form-data")),
        fields,
    }
}

fn field(element: ElementRef<'_>) -> Option<Field> {
    let name = element.attr("name").filter(|n| !n.is_empty())?.to_owned();
    let tag = element.value().name();
    let kind = match tag {
        "input" => element.attr("type").unwrap_or("text").to_ascii_lowercase(),
        "button" => "submit".into(),
        other => other.to_owned(),
    };
    let value = match tag {
        "textarea" => element.text().collect(),
        _ => element.attr("value").unwrap_or_default().to_owned(),
    };
    let mut options = Vec::new();
    if tag == "select" {
        let selector = Selector::parse("option").ok()?;
        options = element.select(&selector).map(option).collect();
    } else if kind == "radio" {
        options.push(value.clone());
    }
    Some(Field {
        name,
        kind,
        value,
        options,
        accept: element.attr("accept").unwrap_or_default().to_owned(),
    })
}

/// An option without `value` has its text.
fn option(element: ElementRef<'_>) -> String {
    let text = || element.text().collect::<String>().trim().to_owned();
    element.attr("value").map_or_else(text, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lead_on() {
        let page = Page::read(
            "<meta name=csrf-token content=t><link href=/s.css><a href='/a?x=1&amp;y=2'>a<a href='/a?x=1&amp;y=2'>b</a>\
             <form method=post enctype=multipart/form-data action=/up><input type=hidden name=csrf value=t>\
             <input name=title><textarea name=body>x</textarea><select name=s><option>one<option value=2>two</select>\
             <input type=radio name=r value=a><input type=radio name=r value=b><button name=go value=1>go</button></form>",
        );
        assert_eq!(page.links, ["/s.css", "/a?x=1&y=2"]);
        assert_eq!(page.token.as_deref(), Some("csrf-token"));
        let form = &page.forms[0];
        assert!(form.is_multipart && form.method == "POST" && form.action == "/up");
        let fields: Vec<(&str, &str, usize)> = form
            .fields
            .iter()
            .map(|f| (f.name.as_str(), f.kind.as_str(), f.options.len()))
            .collect();
        assert_eq!(
            fields,
            [
                ("csrf", "hidden", 0),
                ("title", "text", 0),
                ("body", "textarea", 0),
                ("s", "select", 2),
                ("r", "radio", 2),
                ("go", "submit", 0)
            ]
        );
    }
}
