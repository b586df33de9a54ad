//! The statements of a template, with no more of their expressions than the names these read.

use super::expressions::Uses;

/// A statement.
#[derive(Debug)]
pub(super) enum Node<'a> {
    /// Reads names: output, `do`, `include`, tags of extensions.
    Read(Uses),
    /// `extends`.
    Extends(Uses),
    /// `set target = value`
    Assign { target: Target<'a>, value: Uses },
    /// `set target` … `endset`
    AssignBlock {
        target: Target<'a>,
        filter: Uses,
        body: Vec<Self>,
    },
    /// `for`
    For {
        target: Target<'a>,
        iter: Uses,
        test: Option<Uses>,
        recursive: bool,
        body: Vec<Self>,
        other: Vec<Self>,
    },
    /// `if`, its `elif`s, its `else`.
    If {
        branches: Vec<(Uses, Vec<Self>)>,
        other: Vec<Self>,
    },
    /// `with`
    With {
        assignments: Vec<(Target<'a>, Uses)>,
        body: Vec<Self>,
    },
    /// `block`
    Block { body: Vec<Self> },
    /// `macro`
    Macro {
        name: &'a str,
        signature: Signature<'a>,
        body: Vec<Self>,
    },
    /// `call`
    Call {
        call: Uses,
        signature: Signature<'a>,
        body: Vec<Self>,
    },
    /// `filter`
    Filter { filter: Uses, body: Vec<Self> },
    /// `autoescape`: its argument is evaluated inside.
    Scope { argument: Uses, body: Vec<Self> },
    /// `import`, `from … import`
    Import { template: Uses, names: Vec<&'a str> },
}

impl<'a> Node<'a> {
    /// Names that the statement itself binds, inside or outside of it.
    pub(super) fn binds(&self) -> Vec<&'a str> {
        match self {
            Self::Assign { target, .. }
            | Self::AssignBlock { target, .. }
            | Self::For { target, .. } => target.names.clone(),
            Self::With { assignments, .. } => assignments
                .iter()
                .flat_map(|(target, _)| target.names.iter().copied())
                .collect(),
            Self::Macro {
                name, signature, ..
            } => std::iter::once(*name)
                .chain(signature.names.iter().copied())
                .collect(),
            Self::Call { signature, .. } => signature.names.clone(),
            Self::Import { names, .. } => names.clone(),
            _ => Vec::new(),
        }
    }
}

/// What is assigned to.
#[derive(Debug, Default)]
pub(super) struct Target<'a> {
    /// Names that are bound.
    pub names: Vec<&'a str>,
    /// Names of namespaces of which an attribute is set.
    pub namespaces: Vec<&'a str>,
}

/// Parameters of a macro or call block.
#[derive(Debug, Default)]
pub(super) struct Signature<'a> {
    /// Their names.
    pub names: Vec<&'a str>,
    /// What their default values read.
    pub defaults: Uses,
}
