//! Rules that a first-match router would answer in another order than Werkzeug.

use model::Route;

use super::Port;
use crate::python::rules;

impl Port<'_> {
    /// Whether some rule would take requests of a more specific one that is registered after it: then the port's
    /// routes are sorted as Werkzeug sorts them, when the app starts.
    pub(super) fn precedence(&mut self) {
        if self.framework.sorts_itself() {
            return;
        }
        let routes: Vec<&Route> = self
            .analysis
            .routes
            .iter()
            .filter(|r| r.app.is_some() && (r.is_static || r.view.is_some()))
            .collect();
        self.sorts = routes.iter().enumerate().any(|(i, first)| {
            routes[i + 1..].iter().any(|second| {
                let meet = first.methods.iter().any(|m| second.methods.contains(m));
                meet && (rules::parse(&first.rule).is_none()
                    || rules::parse(&second.rule).is_none()
                    || rules::shadows(&first.rule, &second.rule)
                    || (rules::shadows(&second.rule, &first.rule)
                        && !self.framework.keeps_order(self, first, second)))
            })
        });
    }
}
