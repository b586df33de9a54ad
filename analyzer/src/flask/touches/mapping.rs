//! Mappings: query, form, files, values, headers, cookies; the session; `g`.
//!
//! `m["k"]`, `m.get("k", d, type=…)`, `m.getlist("k")`, `"k" in m`, `m["k"] = v`, `del m["k"]`,
//! `m.pop("k")`, any other method, or the whole. The receiver is the mapping itself.

use model::touch::Access;
use model::{Op, Subject, Touch};

use crate::python::facts::{CompareOp, ExprId, ExprKind, Run};

use super::collector::Collector;
use super::place::{Target, argument, span, text_of};
use crate::flask::meaning::{Kind, Mapping, Meaning};

impl Collector<'_, '_, '_> {
    /// `e` is a mapping (its `await` included) of that kind.
    pub(super) fn mapping(&mut self, e: ExprId, kind: Kind) {
        let site = self.site;
        if let Some((attribute, name)) = site.attribute(e) {
            if let Some((call, args)) = site.call(attribute) {
                self.mapping_method(e, kind, name, call, args);
            } else if kind == Kind::Globals {
                let key = Some(name.to_owned());
                self.mapping_item(e, kind, attribute, key, Vec::new());
            } else {
                let access = Access::Method {
                    name: name.to_owned(),
                };
                self.accessed(e, attribute, kind, access, Vec::new());
            }
            return;
        }
        if let Some((subscript, index)) = site.subscript(e) {
            let argument = site.argument(self.scopes(), index);
            let key = text_of(Some(&argument));
            self.mapping_item(e, kind, subscript, key, vec![argument]);
            if kind == Kind::Mapping(Mapping::Files) {
                self.upload(subscript);
            }
            return;
        }
        if let Some(up) = site.up(e) {
            match site.facts.expr(up).kind {
                ExprKind::Compare {
                    op: CompareOp::In | CompareOp::NotIn,
                    operands,
                } => {
                    let operands = site.facts.exprs_of(operands);
                    if let [left, right] = *operands
                        && right == e
                    {
                        let argument = site.argument(self.scopes(), left);
                        let key = text_of(Some(&argument));
                        self.accessed(e, up, kind, Access::Contains { key }, vec![argument]);
                        return;
                    }
                }
                ExprKind::Call { callee, args }
                    if kind == Kind::Globals && self.by_builtin(e, up, callee, args) =>
                {
                    return;
                }
                _ => {}
            }
        }
        self.accessed(e, e, kind, Access::Whole, Vec::new());
    }

    fn mapping_method(&mut self, e: ExprId, kind: Kind, name: &str, call: ExprId, args: Run) {
        let arguments = self.site.arguments(self.scopes(), args);
        let key = text_of(argument(&arguments, 0, "key"));
        let access = match name {
            "get" => Access::Get { key },
            "getlist" | "get_all" => Access::All { key },
            "pop" => Access::Delete { key },
            _ => Access::Method {
                name: name.to_owned(),
            },
        };
        let one = kind == Kind::Mapping(Mapping::Files) && matches!(name, "get" | "pop");
        self.accessed(e, call, kind, access, arguments);
        if one {
            self.upload(call);
        }
    }

    fn mapping_item(
        &mut self,
        e: ExprId,
        kind: Kind,
        whole: ExprId,
        key: Option<String>,
        arguments: Vec<model::Argument>,
    ) {
        let access = match self.site.target(whole) {
            Target::No => Access::Item { key },
            Target::Set => Access::Set { key },
            Target::Delete => Access::Delete { key },
        };
        self.accessed(e, whole, kind, access, arguments);
    }

    /// `getattr(g, "k", d)`, `hasattr`, `setattr`, `delattr`.
    fn by_builtin(&mut self, e: ExprId, call: ExprId, callee: ExprId, args: Run) -> bool {
        let site = self.site;
        if site
            .facts
            .args_of(args)
            .first()
            .is_none_or(|a| a.value != e)
        {
            return false;
        }
        let name = site.source(callee);
        if !matches!(name, "getattr" | "hasattr" | "setattr" | "delattr")
            || self.reader.meaning(site.id, callee) != Meaning::Builtin
        {
            return false;
        }
        let arguments = site.arguments(self.scopes(), args);
        let key = text_of(argument(&arguments, 1, ""));
        let access = match name {
            "getattr" => Access::Get { key },
            "hasattr" => Access::Contains { key },
            "setattr" => Access::Set { key },
            _ => Access::Delete { key },
        };
        self.accessed(e, call, Kind::Globals, access, arguments);
        true
    }

    fn accessed(
        &mut self,
        receiver: ExprId,
        whole: ExprId,
        kind: Kind,
        access: Access,
        arguments: Vec<model::Argument>,
    ) {
        let (op, subject) = match kind {
            Kind::Session => (Op::Session { access }, Subject::Session),
            Kind::Globals => (Op::Globals { access }, Subject::Globals),
            Kind::Mapping(Mapping::Query) => (Op::Query { access }, Subject::Request),
            Kind::Mapping(Mapping::Form) => (Op::Form { access }, Subject::Request),
            Kind::Mapping(Mapping::Files) => (Op::Files { access }, Subject::Request),
            Kind::Mapping(Mapping::Values) => (Op::Values { access }, Subject::Request),
            Kind::Mapping(Mapping::Headers) => (Op::Headers { access }, Subject::Request),
            Kind::Mapping(Mapping::Cookies) => (Op::Cookies { access }, Subject::Request),
            _ => return,
        };
        let touch = Touch {
            op,
            line: self.line(whole),
            span: span(self.site.facts.expr(whole).span),
            receiver: span(self.site.facts.expr(receiver).span),
            arguments,
            context: self.site.context(whole),
            outcome: self.site.outcome(whole),
            subject,
        };
        self.push(whole, touch);
    }
}
