//! What is known to differ and cannot be closed.

use std::collections::BTreeSet;

use model::{Deviation, DeviationWhen};

use super::Port;

impl Port<'_> {
    /// The deviations that an app can show on an ASGI server.
    pub(super) fn deviations(&self) -> Vec<Deviation> {
        let routes: BTreeSet<&str> = self
            .analysis
            .routes
            .iter()
            .filter(|r| r.app.is_some())
            .map(|r| r.endpoint.as_str())
            .chain(["*"])
            .collect();
        let traced = ["native", "relayed"].map(|who| Deviation {
            code: "D-trace".into(),
            routes: routes.iter().map(|r| (*r).to_owned()).collect(),
            when: DeviationWhen::default(),
            field: "header:x-served-by".into(),
            original: "absent".into(),
            port: who.into(),
            what: format!("`--trace`: the answer says that its route is {who}"),
        });
        let traced = traced.into_iter().filter(|_| self.trace);
        traced.chain([Deviation {
            code: "D-asgi-unsendable".into(),
            routes: routes.into_iter().map(str::to_owned).collect(),
            when: DeviationWhen::default(),
            // verify matches it only where the original's server did not send what the view returned.
            field: "answer".into(),
            original: "the server's own page for an error, or a status that HTTP does not know".into(),
            port: "500".into(),
            what: "what a server refuses to send (a status outside of 100 to 599, a header beyond Latin-1) is \
                   the port's own page for an error 500, where gunicorn has one of its own or sends the status"
                .into(),
        }]).collect()
    }
}
