//! YAML (and so JSON) as a small tree with lines.

use saphyr_parser::{Event, Parser};

use super::text::{Mark, Text, Word};

/// Deeper documents are nobody's deployment.
const DEPTH: usize = 64;

/// A node with its 1-based line.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it begins; of a block scalar its first line of text.
    pub line: u32,
    /// Its text as it is written, quotes and all; empty for lists and maps.
    pub written: Text,
    /// What it is.
    pub kind: Kind,
}

/// Shapes of a node.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in order.
    Map(Vec<(String, Node)>),
    /// An alias.
    Alias,
}

impl Node {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(pairs) => pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(value) => Some(value),
            _ => None,
        }
    }

    /// Its text with the places of its characters.
    #[must_use]
    pub fn located(&self) -> Option<Text> {
        Some(self.written.meaning(self.text()?))
    }

    /// The texts of a list; `None` when it is none or has anything else in it.
    #[must_use]
    pub fn words(&self) -> Option<Vec<Word>> {
        match &self.kind {
            Kind::List(items) => items.iter().map(Self::word).collect(),
            _ => None,
        }
    }

    fn word(&self) -> Option<Word> {
        let text = self.located()?;
        let chars: Vec<(u32, u32)> = (0..text.chars().len()).map(|i| text.place(i)).collect();
        let written = self.written.trimmed();
        let quote = u32::from(matches!(written.chars().first(), Some('"' | '\'')));
        // What the parser gives may go on to a comment behind the word.
        let outer = match (chars.first(), chars.last()) {
            (Some(first), Some(last)) if first.0 != u32::MAX && last.1 != u32::MAX => {
                (first.0 - quote, last.1 + quote)
            }
            _ => (written.place(0).0, written.place(1).1),
        };
        Some(Word {
            text: text.to_string(),
            mark: Mark { outer, chars },
        })
    }
}

/// The documents of `text`, as far as they can be read.
#[must_use]
pub fn documents(text: &Text) -> Vec<Node> {
    let plain = text.to_string();
    let mut out = Vec::new();
    let mut open: Vec<(Node, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(&plain) {
        let Ok((event, span)) = event else { break };
        let line = span.start.line() as u32;
        let written = match &event {
            Event::Scalar(..) => text.part(span.start.index(), span.end.index()),
            _ => Text::default(),
        };
        let kind = match event {
            Event::MappingStart(..) => Err(Kind::Map(Vec::new())),
            Event::SequenceStart(..) => Err(Kind::List(Vec::new())),
            Event::Scalar(value, ..) => Ok(Kind::Text(value.into_owned())),
            Event::Alias(_) => Ok(Kind::Alias),
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some((node, _)) = open.pop() {
                    place(&mut open, &mut out, node);
                }
                continue;
            }
            _ => continue,
        };
        match kind {
            Err(kind) => {
                if open.len() >= DEPTH {
                    return Vec::new();
                }
                let node = Node {
                    line,
                    written,
                    kind,
                };
                open.push((node, None));
            }
            Ok(kind) => {
                let node = Node {
                    line,
                    written,
                    kind,
                };
                place(&mut open, &mut out, node);
            }
        }
    }
    // What was open when the text broke off is closed here.
    while let Some((node, _)) = open.pop() {
        place(&mut open, &mut out, node);
    }
    out
}

/// Puts a whole node where it belongs.
fn place(open: &mut [(Node, Option<String>)], out: &mut Vec<Node>, node: Node) {
    let Some((parent, key)) = open.last_mut() else {
        out.push(node);
        return;
    };
    match &mut parent.kind {
        Kind::List(items) => items.push(node),
        Kind::Map(pairs) => match key.take() {
            Some(key) => pairs.push((key, node)),
            None => {
                let text = node.text().unwrap_or("").to_owned();
                *key = Some(text);
            }
        },
        Kind::Text(_) | Kind::Alias => {}
    }
}
