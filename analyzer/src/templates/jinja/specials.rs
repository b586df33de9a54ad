//! Names with a meaning of their own (`loop`, `caller`, `self`, `super`): bound where they are read.

use super::expressions::Uses;
use super::scopes::Finder;
use super::tree::Node;

impl<'a> Finder<'a, '_> {
    /// `find_undeclared`: whether `name` is read before something binds it, blocks left out.
    pub(super) fn undeclared(&self, nodes: &[Node<'a>], name: &str) -> bool {
        self.first_use(nodes, name) == Some(true)
    }

    /// Whether the first use of `name` reads it.
    fn first_use(&self, nodes: &[Node<'a>], name: &str) -> Option<bool> {
        let reads = |uses: Uses| self.expressions.names(uses).contains(&name).then_some(true);
        let binds = |names: &[&str]| names.contains(&name).then_some(false);
        let inside = |body: &[Node<'a>]| self.first_use(body, name);
        nodes.iter().find_map(|node| match node {
            Node::Read(uses) | Node::Extends(uses) => reads(*uses),
            Node::Assign { target, value } => binds(&target.names).or_else(|| reads(*value)),
            Node::AssignBlock {
                target,
                filter,
                body,
            } => binds(&target.names)
                .or_else(|| reads(*filter))
                .or_else(|| inside(body)),
            Node::For {
                target,
                iter,
                test,
                body,
                other,
                ..
            } => binds(&target.names)
                .or_else(|| reads(*iter))
                .or_else(|| inside(body))
                .or_else(|| inside(other))
                .or_else(|| test.and_then(reads)),
            Node::If { branches, other } => branches
                .iter()
                .find_map(|(test, body)| reads(*test).or_else(|| inside(body)))
                .or_else(|| inside(other)),
            Node::With { assignments, body } => assignments
                .iter()
                .find_map(|(target, _)| binds(&target.names))
                .or_else(|| assignments.iter().find_map(|(_, value)| reads(*value)))
                .or_else(|| inside(body)),
            Node::Block { .. } => None,
            Node::Macro {
                signature, body, ..
            } => binds(&signature.names)
                .or_else(|| reads(signature.defaults))
                .or_else(|| inside(body)),
            Node::Call {
                call,
                signature,
                body,
            } => reads(*call)
                .or_else(|| binds(&signature.names))
                .or_else(|| reads(signature.defaults))
                .or_else(|| inside(body)),
            Node::Filter { filter, body } => inside(body).or_else(|| reads(*filter)),
            Node::Scope { argument, body } => reads(*argument).or_else(|| inside(body)),
            Node::Import { template, .. } => reads(*template),
        })
    }
}
