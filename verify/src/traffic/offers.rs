//! Values that pages offer for fields: a choice, a hidden value, what stands in a field already. A view that reads a key of
//! that name, in a form or in JSON, is sent one of these: its validator knows them.

use std::collections::BTreeMap;

use super::page::{Field, Page};
use super::samples;

/// Longer texts are content, not names.
const LONGEST: usize = 200;

/// What was offered, by name of the field: how much it tells, and the value.
#[derive(Debug, Default)]
pub(super) struct Offers(BTreeMap<String, (u8, String)>);

impl Offers {
    /// Learns from the forms of a page.
    pub fn read(&mut self, page: &Page) {
        for field in page.forms.iter().flat_map(|form| &form.fields) {
            let Some((telling, value)) = offer(field) else {
                continue;
            };
            let is_better = self.0.get(&field.name).is_none_or(|(t, _)| *t < telling);
            if is_better && value.len() <= LONGEST {
                self.0
                    .insert(field.name.clone(), (telling, value.to_owned()));
            }
        }
    }

    /// The value that was offered for a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(_, value)| value.as_str())
    }
}

/// A value that is no token and no secret, and how much it tells.
fn offer(field: &Field) -> Option<(u8, &str)> {
    let name = field.name.to_ascii_lowercase();
    let is_secret = ["csrf", "token", "nonce"].iter().any(|w| name.contains(w));
    if is_secret || samples::is_password(&name) {
        return None;
    }
    let written = Some(field.value.as_str()).filter(|v| !v.is_empty());
    match field.kind.as_str() {
        "select" | "radio" => Some((3, field.options.iter().find(|o| !o.is_empty())?)),
        "hidden" => Some((2, written?)),
        "submit" | "button" | "file" | "image" | "reset" => None,
        _ => Some((1, written?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_tell_more_than_what_stands_there() {
        let mut offers = Offers::default();
        offers.read(&Page::read(
            "<form><input name=path value=typed><input type=hidden name=csrf_token value=t><input name=empty>\
             <input type=hidden name=dir value=sub><input type=password name=secret value=x></form>\
             <form><select name=path><option value=''>none<option>one</select></form>",
        ));
        for (name, wanted) in [
            ("path", Some("one")),
            ("dir", Some("sub")),
            ("csrf_token", None),
            ("empty", None),
        ] {
            assert_eq!(offers.value(name), wanted, "{name}");
        }
    }
}
