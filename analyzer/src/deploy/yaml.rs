//! YAML (and so JSON) as a small tree with lines.

use saphyr_parser::{Event, Parser};

/// Deeper documents are nobody's deployment.
const DEPTH: usize = 64;

/// A node with its 1-based line.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it begins; of a block scalar its first line of text.
    pub line: u32,
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

    /// The texts of a list; `None` when it is none or has anything else in it.
    #[must_use]
    pub fn words(&self) -> Option<Vec<String>> {
        match &self.kind {
            Kind::List(items) => items.iter().map(|i| i.text().map(str::to_owned)).collect(),
            _ => None,
        }
    }
}

/// The documents of `text`, as far as they can be read.
#[must_use]
pub fn documents(text: &str) -> Vec<Node> {
    let mut out = Vec::new();
    let mut open: Vec<(Node, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let line = span.start.line() as u32;
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
                open.push((Node { line, kind }, None));
            }
            Ok(kind) => place(&mut open, &mut out, Node { line, kind }),
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
