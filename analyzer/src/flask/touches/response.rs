//! Responses in the making and uploaded files: `resp.set_cookie(…)`, `resp.headers["X"] = …`,
//! `resp.status_code`, `file.save(…)`.

use model::{Op, Subject};

use crate::python::facts::{ExprId, ExprKind};

use super::collector::Collector;

impl Collector<'_, '_, '_> {
    /// `e` is a response object. Its attributes are touches; `resp` itself is not.
    pub(super) fn response(&mut self, e: ExprId) {
        let site = self.site;
        let Some((attribute, name)) = site.attribute(e) else {
            return;
        };
        let subject = Subject::Response(self.local(e));
        if matches!(name, "set_cookie" | "delete_cookie")
            && let Some((call, _)) = site.call(attribute)
        {
            self.emit(call, e, Op::Cookie, subject);
            return;
        }
        let mut whole = attribute;
        let mut path = name.to_owned();
        if let Some((call, _)) = site.call(attribute) {
            whole = call;
        } else if let Some((subscript, _)) = site.subscript(attribute) {
            whole = subscript;
        } else if name == "headers"
            && let Some((part, method)) = site.attribute(attribute)
        {
            whole = site.call(part).map_or(part, |(call, _)| call);
            path = format!("{name}.{method}");
        }
        self.emit(whole, e, Op::ResponseAttribute { name: path }, subject);
    }

    /// `e` is an uploaded file.
    pub(super) fn upload(&mut self, e: ExprId) {
        let site = self.site;
        let e = site.awaited(e);
        let Some((attribute, name)) = site.attribute(e) else {
            return;
        };
        let whole = site.call(attribute).map_or(attribute, |(call, _)| call);
        let subject = Subject::Upload(self.local(e));
        self.emit(
            whole,
            e,
            Op::Upload {
                name: name.to_owned(),
            },
            subject,
        );
    }

    /// The name that `e` is, or nothing.
    fn local(&self, e: ExprId) -> String {
        if matches!(self.site.facts.expr(e).kind, ExprKind::Name) {
            self.site.source(e).to_owned()
        } else {
            String::new()
        }
    }
}
