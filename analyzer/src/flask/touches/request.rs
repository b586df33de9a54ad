//! The request: `request.method`, `request.get_json()`, `request.headers`, `request` itself.

use model::{Code, Op, Subject};

use crate::python::facts::{ExprId, ExprKind, StmtKind};
use crate::python::tree::Parent;

use super::collector::Collector;
use super::place::{Target, argument, text_of};
use crate::flask::meaning::{Kind, Mapping, Meaning};
use crate::flask::vocabulary;

/// The op of a plain attribute of the request.
fn attribute_op(name: &str) -> Op {
    match name {
        "json" | "get_json" => Op::Json,
        "data" | "get_data" | "stream" | "input_stream" | "body" => Op::RawBody,
        "method" => Op::Method,
        "path" => Op::Path,
        "url" | "base_url" | "host" | "host_url" | "url_root" | "root_url" | "full_path"
        | "scheme" | "query_string" | "script_root" | "root_path" | "is_secure" => Op::Url {
            part: name.to_owned(),
        },
        "endpoint" | "blueprint" | "blueprints" | "url_rule" | "view_args" => Op::Matched {
            part: name.to_owned(),
        },
        "remote_addr" => Op::RemoteAddress,
        _ => Op::RequestAttribute {
            name: name.to_owned(),
        },
    }
}

/// Builtins that look at an object and let go of it.
fn is_harmless(name: &str) -> bool {
    matches!(
        name,
        "getattr"
            | "hasattr"
            | "setattr"
            | "delattr"
            | "isinstance"
            | "type"
            | "bool"
            | "str"
            | "repr"
            | "print"
            | "id"
            | "callable"
            | "dir"
            | "vars"
            | "format"
            | "hash"
    )
}

impl Collector<'_, '_, '_> {
    /// `e` is the request.
    pub(super) fn request(&mut self, e: ExprId) {
        let site = self.site;
        let Some((attribute, name)) = site.attribute(e) else {
            self.bare_request(e);
            return;
        };
        if let Some(mapping) = Mapping::of_request(name)
            && site.target(attribute) == Target::No
        {
            self.mapping(site.awaited(attribute), Kind::Mapping(mapping));
            return;
        }
        if name == "_get_current_object" {
            let whole = site.call(attribute).map_or(attribute, |(call, _)| call);
            self.emit(whole, e, Op::Request, Subject::Request);
            return;
        }
        let whole = site.call(attribute).map_or(attribute, |(call, _)| call);
        let op = attribute_op(name);
        if let Op::RequestAttribute { name } = &op
            && !vocabulary::is_request_attribute(name)
        {
            let message = format!("`{name}` is no attribute of the framework's request");
            self.find(
                Code::M0201,
                whole,
                message,
                "Keep the app's own values in `g`.",
            );
        }
        self.emit(whole, e, op, Subject::Request);
    }

    fn bare_request(&mut self, e: ExprId) {
        let site = self.site;
        if site.target(e) != Target::No {
            return;
        }
        if let Some(up) = site.up(e)
            && let ExprKind::Call { callee, args } = site.facts.expr(up).kind
            && callee != e
        {
            match self.reader.meaning(site.id, callee) {
                Meaning::Builtin if is_harmless(site.source(callee)) => {
                    let name = site.source(callee);
                    if matches!(name, "getattr" | "hasattr" | "setattr" | "delattr")
                        && let arguments = site.arguments(self.scopes(), args)
                        && let Some(attribute) = text_of(argument(&arguments, 1, ""))
                    {
                        let op = Op::RequestAttribute { name: attribute };
                        self.emit(up, e, op, Subject::Request);
                        return;
                    }
                }
                Meaning::Function(..) | Meaning::Class(..) => {}
                _ => {
                    let message = format!(
                        "the request is passed to `{}`, which is not in this source",
                        site.source(callee)
                    );
                    self.escape(e, message);
                }
            }
        } else if self.is_stored(e) {
            self.escape(e, "the request is stored".into());
        }
        self.emit(e, e, Op::Request, Subject::Request);
    }

    fn escape(&mut self, e: ExprId, message: String) {
        self.find(
            Code::M0202,
            e,
            message,
            "Pass the values that are needed instead of the request.",
        );
    }

    /// Whether `e` is assigned to anything but a name.
    fn is_stored(&self, e: ExprId) -> bool {
        let site = self.site;
        let Parent::Stmt(s) = site.tree.parent(e) else {
            return false;
        };
        let StmtKind::Assign { targets, value } = &site.facts.stmt(s).kind else {
            return false;
        };
        *value == e
            && site
                .facts
                .exprs_of(*targets)
                .iter()
                .any(|&t| !matches!(site.facts.expr(t).kind, ExprKind::Name))
    }
}
