//! What answers lead to: redirects that are followed, pages that are walked from, files that are asked for in parts.

use std::collections::VecDeque;

use crate::http::{Answer, Content, Reply, Request};

use super::draft::{Draft, plain_target};
use super::known::Proof;
use super::made::{AGAIN, Made, Purpose, Stage, TAMPERED, USER, VISITOR};
use super::page::Page;
use super::sessions::{self, Outcome};
use super::walk::{path_of, within};
use super::{conditional, names, samples};

/// Redirects that are followed one after the other.
const REDIRECTS: usize = 3;

/// Redirects of one route that are followed in one session.
const FOLLOWED: usize = 80;

/// Files of one rule that get conditional requests.
const FILES: usize = 2;

impl Made<'_> {
    /// What an answer leads to.
    pub(super) fn learn(
        &mut self,
        draft: &Draft,
        purpose: Purpose,
        request: &Request,
        answer: &Answer,
    ) {
        let Some(reply) = answer.reply() else {
            return;
        };
        let route = draft
            .route
            .or_else(|| self.plan.find(&samples::decoded(path_of(&request.target))));
        if draft.recipe.content != Content::None {
            let place = (request.method.clone(), path_of(&request.target).to_owned());
            let answer = (reply.status, reply.body.length);
            self.answers.entry(place).or_default().insert(answer);
        }
        let is_change = names::is_change(&request.method);
        let is_guard = reply.header("location").is_some_and(names::is_door_path);
        let answers = match reply.status {
            200..=299 => request.method != "OPTIONS" && request.method != "HEAD",
            // One of the routing's own is 308 (werkzeug/routing/exceptions.py).
            301..=303 | 307 => is_change && !is_guard,
            _ => false,
        };
        if let (true, Some(route)) = (answers, route)
            && (is_change || self.plan.routes[route].answers("GET"))
        {
            self.known.see(&self.plan, &request.target, Proof::Answered);
            // A path of its own answers for a route with other methods only when these were asked.
            if is_change
                || !self.plan.routes[route]
                    .route
                    .methods
                    .iter()
                    .any(|m| m == "POST")
            {
                self.known.answered(route, &request.target);
            }
        }
        if reply.status == 404 {
            self.known.missed(&request.target);
        }
        match purpose {
            Purpose::Failing => self.failed = Outcome::of(reply, &self.plan.cookie),
            Purpose::Attempt(number)
                if Outcome::of(reply, &self.plan.cookie).is_success(&self.failed) =>
            {
                self.come_in(number);
                return;
            }
            _ => {}
        }
        let is_html = reply
            .header("content-type")
            .is_some_and(|t| t.starts_with("text/html"));
        if is_html && request.method == "GET" && reply.body.is_kept() {
            let page = Page::read(&String::from_utf8_lossy(&reply.body.start));
            self.read_page(&page, purpose, request, reply, route);
        }
        let is_json = reply
            .header("content-type")
            .is_some_and(|t| t.contains("json"));
        if is_json
            && reply.status < 300
            && reply.body.is_kept()
            && let Ok(document) = serde_json::from_slice(&reply.body.start)
        {
            self.known.read(&self.plan, &request.target, &document);
        }
        self.answer_challenge(draft, purpose, request, reply, route);
        self.follow(purpose, request, reply, route);
        let is_refused = (400..500).contains(&reply.status) && request.method == "POST";
        if is_refused && matches!(purpose, Purpose::Listed | Purpose::Walking) {
            let times = self.refused.entry(route).or_default();
            *times += 1;
            let page = self.plan.pages().next().map(|(_, r)| r.path.clone());
            if let Some(page) = page.filter(|_| *times <= 3) {
                let draft = Draft::new("GET", page, "a page after a refused form");
                self.queue
                    .push_front((draft, Purpose::Redirected(REDIRECTS)));
            }
        }
        self.ask_for_parts(request, reply, route);
    }

    fn come_in(&mut self, number: usize) {
        let Some(doors) = self.doors else {
            return;
        };
        self.entrance = sessions::entrance(&self.plan, doors, &self.tried[number]);
        self.tried.swap(0, number);
        self.queue.clear();
        self.stage = Stage::End;
        self.sessions = VecDeque::from([USER, AGAIN, TAMPERED]);
    }

    fn read_page(
        &mut self,
        page: &Page,
        purpose: Purpose,
        request: &Request,
        reply: &Reply,
        route: Option<usize>,
    ) {
        if let Some(route) = route {
            let own = page.forms.iter().filter(|form| {
                let action = within(&request.target, &form.action);
                form.method == "POST"
                    && action.is_some_and(|a| path_of(&a) == path_of(&request.target))
            });
            let hidden: Vec<String> = own
                .flat_map(super::page::Form::hidden)
                .map(|f| f.name.clone())
                .collect();
            if !hidden.is_empty() && self.plan.routes[route].path == request.target {
                self.hidden.insert(route, hidden);
            }
        }
        if self.token_field.is_none() {
            let mut hidden = page.forms.iter().flat_map(super::page::Form::hidden);
            let token = hidden.find(|field| field.name.to_ascii_lowercase().contains("csrf"));
            self.token_field = token.map(|field| (request.target.clone(), field.name.clone()));
        }
        if let (None, Some(token)) = (&self.token, &page.token) {
            self.token = Some((request.target.clone(), token.clone()));
        }
        if reply.status < 300 && !request.target.contains('?') {
            self.offers.read(page);
        }
        for link in &page.links {
            if let Some(target) = within(&request.target, link) {
                self.known.see(&self.plan, &target, Proof::Told);
            }
        }
        for form in &page.forms {
            if let Some(target) = within(&request.target, &form.action) {
                self.known.see(&self.plan, &target, Proof::Told);
            }
        }
        if purpose == Purpose::Looking && reply.status < 300 {
            self.look_beyond(&request.target, page);
        }
        let leads_on = matches!(purpose, Purpose::Walking | Purpose::Redirected(_));
        if self.stage == Stage::Walk && leads_on && reply.status < 500 {
            let (more, later) =
                self.walk
                    .beyond(&self.plan, &request.target, page, &self.form_page());
            self.queue
                .extend(more.into_iter().map(|d| (d, Purpose::Walking)));
            self.later.extend(later);
        }
    }

    /// Where a redirect leads; once more where the session changed on the way: what was shown once must not be shown
    /// again.
    fn follow(&mut self, purpose: Purpose, request: &Request, reply: &Reply, route: Option<usize>) {
        let depth = if let Purpose::Redirected(depth) = purpose {
            depth
        } else {
            0
        };
        if depth > 0
            && depth < REDIRECTS
            && reply.status < 300
            && reply.header("set-cookie").is_some()
        {
            let draft = Draft::new("GET", request.target.clone(), "the same page again");
            self.queue
                .push_front((draft, Purpose::Redirected(REDIRECTS)));
            return;
        }
        let Some(location) = reply
            .header("location")
            .filter(|_| (300..400).contains(&reply.status))
        else {
            return;
        };
        let Some(target) = within(&request.target, location).filter(|_| depth < REDIRECTS) else {
            return;
        };
        if !is_echo(request, &target) {
            self.known.see(&self.plan, &target, Proof::Told);
        }
        let changes = names::is_change(&request.method);
        let is_new = self.redirects.insert(target.clone());
        let times = self.followed.entry(route).or_default();
        *times += 1;
        if (changes || is_new || reply.header("set-cookie").is_some())
            && *times <= FOLLOWED
            && !names::is_destructive_path(&target)
        {
            let draft = Draft::new("GET", target, "where a redirect leads");
            self.queue
                .push_front((draft, Purpose::Redirected(depth + 1)));
        }
    }

    /// Whether the view was seen to read what it is sent.
    pub(super) fn is_read(&self, draft: &Draft) -> bool {
        let path = plain_target(&draft.recipe).map_or("", path_of).to_owned();
        let answers = self.answers.get(&(draft.recipe.method.clone(), path));
        answers.is_some_and(|answers| answers.len() > 1)
    }

    /// Conditional and range requests on what sent a validator.
    fn ask_for_parts(&mut self, request: &Request, reply: &Reply, route: Option<usize>) {
        let has_validator = ["etag", "last-modified", "accept-ranges"]
            .iter()
            .any(|h| reply.header(h).is_some());
        if !has_validator
            || reply.status != 200
            || request.method != "GET"
            || self.session != VISITOR && self.session != USER
        {
            return;
        }
        let times = self.files.entry(route).or_default();
        *times += 1;
        if *times > FILES {
            return;
        }
        let drafts = conditional::requests(&request.target, &format!("file of {}", self.session));
        for mut draft in drafts.into_iter().rev() {
            draft.route = route;
            self.queue.push_front((draft, Purpose::File));
        }
    }
}

/// Whether a redirect leads where the request itself says: what it brought along tells nothing of the app.
fn is_echo(request: &Request, target: &str) -> bool {
    let letters = |text: &str| -> String {
        let decoded = samples::decoded(text);
        decoded.chars().filter(|c| c.is_alphanumeric()).collect()
    };
    let path = path_of(target).trim_end_matches('/');
    let name = letters(path.rsplit('/').next().unwrap_or_default());
    let query = request.target.split_once('?').map_or("", |(_, q)| q);
    let body = String::from_utf8_lossy(&request.body);
    letters(query).contains(&name) || letters(&body).contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_brought_along_is_an_echo() {
        for (target, body, location, wanted) in [
            ("/in?next=/a%20b%3Fx", "", "/a%20b", true),
            ("/in", "next=%2Fa+b", "/a%20b", true),
            ("/new", "title=A+title", "/posts/17", false),
            ("/posts/17", "a=1", "/posts/17", false),
        ] {
            let request = Request {
                method: "POST".into(),
                target: target.into(),
                headers: Vec::new(),
                body: body.into(),
                session: "visitor".into(),
            };
            assert_eq!(is_echo(&request, location), wanted, "{target} {body}");
        }
    }
}
