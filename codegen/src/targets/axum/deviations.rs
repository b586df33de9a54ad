//! What is known to differ and cannot be closed.

use model::{Deviation, DeviationWhen, Op};

use super::Port;
use super::items::Purpose;
use crate::rust::values::Type;

impl Port<'_> {
    /// The deviations that this app can show.
    pub(super) fn deviations(&self) -> Vec<Deviation> {
        let mut out = vec![deviation(
            "D-axum-request-line",
            vec!["*".into()],
            DeviationWhen {
                path: Some("[<>\"` ^{}|\\\\]|[^\\x21-\\x7e]".into()),
                ..DeviationWhen::default()
            },
            "status",
            "as for the same path percent-encoded",
            "400",
            "hyper refuses a request line with characters that a URL cannot have, where gunicorn hands them on",
        )];
        let counts = self.items.list.iter().filter(|i| {
            matches!(i.purpose, Purpose::View)
                && (i.path.has(&Type::Int) || i.query.reads_numbers() || i.form.reads_numbers())
        });
        let endpoints: Vec<String> = counts.flat_map(|i| self.endpoints_of(i)).collect();
        if !endpoints.is_empty() {
            out.push(deviation(
                "D-axum-integers",
                endpoints,
                DeviationWhen {
                    path: Some("[0-9]{19,}".into()),
                    ..DeviationWhen::default()
                },
                "status",
                "as for any number",
                "404, or 500 where it is counted with",
                "integers have 64 bits; Python's grow",
            ));
        }
        let renders = self.items.list.iter().filter(|i| {
            i.is_whole()
                && i.function
                    .is_some_and(|f| f.touches.iter().any(|t| matches!(t.op, Op::Render { .. })))
        });
        let endpoints: Vec<String> = renders.flat_map(|i| self.endpoints_of(i)).collect();
        if !endpoints.is_empty() {
            out.push(deviation(
                "D-axum-template-errors",
                endpoints,
                DeviationWhen::default(),
                "status",
                "500",
                "200",
                "a loop over None, and comparing or counting with what is not defined, is an error in Jinja2 and nothing in minijinja",
            ));
        }
        out
    }

    fn endpoints_of(&self, item: &super::items::Item<'_>) -> Vec<String> {
        let id = item.function.map(|f| f.id.as_str());
        self.routes()
            .filter(|r| id.is_some() && super::items::key_of(r).as_deref() == id)
            .map(|r| r.endpoint.clone())
            .collect()
    }
}

fn deviation(
    code: &str,
    routes: Vec<String>,
    when: DeviationWhen,
    field: &str,
    original: &str,
    port: &str,
    what: &str,
) -> Deviation {
    Deviation {
        code: code.into(),
        routes,
        when,
        field: field.into(),
        original: original.into(),
        port: port.into(),
        what: what.into(),
    }
}
