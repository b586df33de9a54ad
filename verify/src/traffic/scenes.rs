//! What happens in the sessions of somebody who has a password, or looks for one.

use crate::http::Piece;

use super::draft::{Draft, Weight, plain_target};
use super::made::{Made, Purpose};
use super::samples;
use super::sessions::{self, Credentials};
use super::walk::path_of;

impl Made<'_> {
    /// The requests that let somebody in; those that settings give come after the pages with their forms, whose tokens
    /// they need.
    pub(super) fn enter(&mut self) {
        let mut entrance = Vec::new();
        for recipe in self.login.clone() {
            let form = plain_target(&recipe).map(|target| path_of(target).to_owned());
            let is_page = |path: &String| {
                let mut routes = self.plan.routes.iter();
                routes.any(|r| r.answers("GET") && r.rule.matches(path))
            };
            if recipe.method != "GET"
                && let Some(path) = form.filter(is_page)
            {
                entrance
                    .push(Draft::new("GET", path, "the form to log in").weighing(Weight::Plain));
            }
            entrance.push(Draft {
                recipe,
                weight: Weight::Plain,
                route: None,
                page: None,
                is_for_readers: false,
            });
        }
        entrance.extend(self.entrance.clone());
        self.list(entrance);
    }

    pub(super) fn look_for_a_way_in(&mut self) {
        let Some(doors) = self.doors else {
            return;
        };
        let nobody = Credentials {
            user: "nobody-here".into(),
            password: "Wrong-5678".into(),
            is_registered: false,
        };
        self.list([sessions::page(
            &self.plan,
            doors.login,
            "the form to log in",
        )]);
        let failing = sessions::attempt(&self.plan, doors.login, &nobody, "", "a wrong name");
        self.queue.push_back((failing, Purpose::Failing));
        for number in 0..self.tried.len() {
            let who = &self.tried[number];
            let mut entrance = sessions::entrance(&self.plan, doors, who);
            let last = entrance.pop();
            // A page between attempts shows what the last one left; one is enough.
            entrance.retain(|_| who.is_registered);
            self.list(entrance);
            self.queue
                .extend(last.map(|d| (d, Purpose::Attempt(number))));
        }
    }

    /// Somebody who fails, comes in, comes in again, leaves, and is refused.
    pub(super) fn come_and_go(&mut self) {
        let personal = self
            .plan
            .pages()
            .filter(|(_, r)| r.inputs.personal || r.inputs.guarded);
        let pages: Vec<Draft> = personal
            .chain(self.plan.pages())
            .take(4)
            .map(|(_, r)| Draft::new("GET", r.path.clone(), "a page"))
            .collect();
        let leaving: Vec<Draft> = self
            .plan
            .routes
            .iter()
            .filter(|r| r.is_leaving)
            .map(|r| {
                let method = if r.answers("POST") && !r.answers("GET") {
                    "POST"
                } else {
                    "GET"
                };
                Draft::new(method, r.path.clone(), "log out")
            })
            .collect();
        self.list(pages.iter().take(1).cloned());
        let mut queries = vec![String::new()];
        if let Some(doors) = self.doors {
            let wrong = Credentials {
                user: self
                    .tried
                    .first()
                    .map_or_else(|| "ann".into(), |who| who.user.clone()),
                password: "Wrong-5678".into(),
                is_registered: false,
            };
            let wrong = sessions::attempt(&self.plan, doors.login, &wrong, "", "a wrong password");
            self.list([wrong.clone()]);
            self.list(pages.iter().take(2).cloned());
            self.list([wrong.clone(), wrong]);
            self.list(pages.iter().take(2).cloned());
            let inputs = &self.plan.routes[doors.login].inputs;
            for key in &inputs.query {
                let name = samples::encoded(&key.name);
                let targets: Vec<&str> = self
                    .plan
                    .pages()
                    .map(|(_, r)| r.path.as_str())
                    .take(2)
                    .collect();
                let (first, last) = (
                    targets.first().unwrap_or(&"/"),
                    targets.last().unwrap_or(&"/"),
                );
                queries.extend([
                    format!("?{name}={last}"),
                    format!("?{name}={}&{name}={}", first, last),
                    format!("?{name}="),
                    format!("?{name}=/a%20b%3Fx=1%26y=%C3%A9"),
                    format!("?{name}=https://example.org/x"),
                ]);
            }
        }
        let entrance = self.entrance.clone();
        for query in queries {
            self.enter_with(&entrance, &query);
            self.list(pages.iter().take(2).cloned());
            self.list(leaving.iter().take(1).cloned());
            self.list(pages.iter().take(1).cloned());
        }
        self.enter();
        self.enter();
        self.list(pages.iter().cloned());
        self.list(leaving.iter().cloned());
        self.list(pages.iter().cloned());
        self.list(leaving);
        self.list(pages);
    }

    /// The entrance with a query at its last request.
    fn enter_with(&mut self, entrance: &[Draft], query: &str) {
        let Some((last, before)) = entrance.split_last() else {
            self.enter();
            return;
        };
        self.list(before.iter().cloned());
        let mut last = last.clone();
        last.recipe.target.0.push(Piece::Literal(query.to_owned()));
        if !query.is_empty() {
            last.recipe.aim = "log in, with a query".into();
        }
        self.list([last]);
    }
}
