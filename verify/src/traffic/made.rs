//! Traffic made from the model, one session after the other: a visitor, somebody who looks for a way in, a user, a user
//! who leaves and comes back, and one whose cookie is tampered with.

use std::collections::{BTreeMap, HashSet, VecDeque};

use crate::http::{Answer, Content, Piece, Recipe, Reply, Request, Text};

use super::draft::{Draft, Weight, plain_target};
use super::page::Page;
use super::plan::Plan;
use super::sessions::{self, Credentials, Doors, Outcome};
use super::walk::{Walk, path_of, within};
use super::{Source, Traffic, conditional, samples};

/// Never more requests than these.
const MOST: usize = 12_000;

/// Requests of one walk.
const WALK: usize = 300;

/// Redirects that are followed one after the other.
const REDIRECTS: usize = 3;

/// Redirects of one route that are followed in one session.
const FOLLOWED: usize = 80;

/// Files of one rule that get conditional requests.
const FILES: usize = 2;

/// Names of the sessions.
const VISITOR: &str = "visitor";
const ENTRY: &str = "entry";
const USER: &str = "user";
const AGAIN: &str = "again";
const TAMPERED: &str = "tampered";
/// Of the requests that settings give.
pub(super) const LOGIN: &str = "login";

/// Why a request was made, where its answer leads to more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Of a list.
    Listed,
    /// To keep a page for the next request.
    Keeping,
    /// The target of a redirect, and how many led there.
    Redirected(usize),
    /// Of the walk.
    Walking,
    /// A file that is kept, and what is asked of it.
    File,
    /// An attempt to come in: none has succeeded yet.
    Failing,
    /// An attempt by these credentials.
    Attempt(usize),
}

/// What is sent in one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    List,
    Walk,
    End,
}

/// See [`super::model_made`].
pub struct Made<'a> {
    plan: Plan<'a>,
    doors: Option<Doors>,
    tried: Vec<Credentials>,
    /// Requests that let the user in, once they are known.
    entrance: Vec<Draft>,
    login: Vec<Recipe>,
    /// Sessions to come, the next one first.
    sessions: VecDeque<&'static str>,
    session: &'static str,
    stage: Stage,
    queue: VecDeque<(Draft, Purpose)>,
    /// What the walk found that deletes or leaves.
    later: Vec<Draft>,
    last: Option<(Draft, Purpose)>,
    walk: Walk,
    walked: usize,
    sent: usize,
    failed: Outcome,
    /// Hidden fields of forms that a page of a route has for itself, by session's routes.
    hidden: BTreeMap<usize, Vec<String>>,
    /// The page with a token for scripts, and its name.
    token: Option<(String, String)>,
    /// The page that is kept now.
    kept: Option<String>,
    followed: BTreeMap<Option<usize>, usize>,
    refused: BTreeMap<Option<usize>, usize>,
    redirects: HashSet<String>,
    files: BTreeMap<Option<usize>, usize>,
}

impl<'a> Made<'a> {
    pub(super) fn new(source: &Source<'a>) -> Self {
        let plan = Plan::new(source);
        let has_login = !source.login.is_empty();
        let doors = sessions::doors(&plan).filter(|_| !has_login);
        let tried = doors.map_or_else(Vec::new, |d| sessions::credentials(&plan, d, source.words));
        let sessions = if has_login {
            VecDeque::from([VISITOR, LOGIN, AGAIN, TAMPERED])
        } else if doors.is_some() {
            VecDeque::from([VISITOR, ENTRY])
        } else {
            VecDeque::from([VISITOR])
        };
        Self {
            plan,
            doors,
            tried,
            entrance: Vec::new(),
            login: source.login.clone(),
            sessions,
            session: VISITOR,
            stage: Stage::End,
            queue: VecDeque::new(),
            later: Vec::new(),
            last: None,
            walk: Walk::default(),
            walked: 0,
            sent: 0,
            failed: Outcome::default(),
            hidden: BTreeMap::new(),
            token: None,
            kept: None,
            followed: BTreeMap::new(),
            refused: BTreeMap::new(),
            redirects: HashSet::new(),
            files: BTreeMap::new(),
        }
    }

    fn list(&mut self, drafts: impl IntoIterator<Item = Draft>) {
        self.queue
            .extend(drafts.into_iter().map(|d| (d, Purpose::Listed)));
    }

    /// Fills the queue with what comes next; false at the end of all.
    fn refill(&mut self) -> bool {
        match (self.session, self.stage) {
            (VISITOR | USER | LOGIN, Stage::List) => {
                self.stage = Stage::Walk;
                self.start_walk();
            }
            (_, Stage::Walk) => {
                self.stage = Stage::End;
                let mut later = std::mem::take(&mut self.later);
                later.truncate(20);
                self.list(later);
                let last = self.plan.destructive();
                self.list(last);
            }
            _ => match self.sessions.pop_front() {
                Some(session) => self.start(session),
                None => return false,
            },
        }
        true
    }

    fn start(&mut self, session: &'static str) {
        self.session = session;
        self.stage = Stage::List;
        self.kept = None;
        self.token = None;
        self.walk = Walk::default();
        self.walked = 0;
        self.followed.clear();
        self.refused.clear();
        self.redirects.clear();
        self.hidden.clear();
        match session {
            VISITOR => {
                let drafts = self.plan.visitor();
                self.list(drafts);
            }
            ENTRY => self.look_for_a_way_in(),
            USER | LOGIN => {
                self.enter();
                let drafts = self.plan.user();
                self.list(drafts);
            }
            AGAIN => self.come_and_go(),
            _ => {
                self.enter();
                let drafts = self.plan.sessions(true);
                self.list(drafts);
            }
        }
    }

    fn enter(&mut self) {
        let login = self.login.clone().into_iter().map(|recipe| Draft {
            recipe,
            weight: Weight::Plain,
            route: None,
            page: None,
        });
        let entrance = login.chain(self.entrance.clone());
        self.list(entrance);
    }

    fn look_for_a_way_in(&mut self) {
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
    fn come_and_go(&mut self) {
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

    fn start_walk(&mut self) {
        let paths: Vec<String> = self.plan.pages().map(|(_, r)| r.path.clone()).collect();
        for path in paths {
            if self.walk.is_new(&self.plan, &path) {
                self.queue.push_back((
                    Draft::new("GET", path, "a page to walk from"),
                    Purpose::Walking,
                ));
            }
        }
    }

    fn form_page(&self) -> String {
        format!("page of {}", self.session)
    }

    /// What an answer leads to.
    fn learn(&mut self, draft: &Draft, purpose: Purpose, request: &Request, answer: &Answer) {
        let Some(reply) = answer.reply() else {
            return;
        };
        let route = draft
            .route
            .or_else(|| self.plan.find(&samples::decoded(path_of(&request.target))));
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
                .flat_map(|f| f.hidden())
                .map(|f| f.name.clone())
                .collect();
            if !hidden.is_empty() && self.plan.routes[route].path == request.target {
                self.hidden.insert(route, hidden);
            }
        }
        if let (None, Some(token)) = (&self.token, &page.token) {
            self.token = Some((request.target.clone(), token.clone()));
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
        let changes = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        let is_new = self.redirects.insert(target.clone());
        let times = self.followed.entry(route).or_default();
        *times += 1;
        if (changes || is_new || reply.header("set-cookie").is_some())
            && *times <= FOLLOWED
            && !super::plan::is_destructive_path(&target)
        {
            let draft = Draft::new("GET", target, "where a redirect leads");
            self.queue
                .push_front((draft, Purpose::Redirected(depth + 1)));
        }
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

    /// Adds what a page of the route's own would add: hidden fields, a token for scripts. The page that has to be kept
    /// for it first, where another one is.
    fn prepared(&mut self, mut draft: Draft) -> Result<Draft, (Draft, Draft)> {
        let of = self.form_page();
        let hidden = draft
            .route
            .and_then(|r| Some((self.plan.routes[r].path.clone(), self.hidden.get(&r)?)));
        let is_own = |path: &str| plain_target(&draft.recipe).is_some_and(|t| path_of(t) == path);
        if draft.page.is_none()
            && let Some((path, names)) = hidden.filter(|(path, _)| is_own(path))
        {
            let field = |name: &String| {
                Text(vec![Piece::Field {
                    of: of.clone(),
                    name: name.clone(),
                }])
            };
            match &mut draft.recipe.content {
                Content::Form(fields) => {
                    fields.extend(names.iter().map(|n| (n.clone(), field(n))));
                    draft.page = Some(path);
                }
                Content::Multipart(parts) => {
                    parts.extend(names.iter().map(|n| crate::http::Part {
                        name: n.clone(),
                        value: field(n),
                        file: None,
                    }));
                    draft.page = Some(path);
                }
                Content::None | Content::Bytes(_) => {}
            }
        }
        let is_script = matches!(draft.recipe.content, Content::Bytes(_));
        if draft.page.is_none()
            && is_script
            && let Some((page, name)) = &self.token
        {
            let token = Piece::Meta {
                of,
                name: name.clone(),
            };
            draft
                .recipe
                .headers
                .push(("X-CSRFToken".into(), Text(vec![token])));
            draft.page = Some(page.clone());
        }
        match &draft.page {
            Some(page) if self.kept.as_ref() != Some(page) => {
                let keeping =
                    Draft::new("GET", page.clone(), "a page, for its form").kept(self.form_page());
                self.kept = Some(page.clone());
                Err((keeping, draft))
            }
            _ => Ok(draft),
        }
    }
}

impl Traffic for Made<'_> {
    fn next(&mut self, seen: Option<(&Recipe, &Request, &Answer)>) -> Option<Recipe> {
        if let (Some((draft, purpose)), Some((_, request, answer))) = (self.last.take(), seen) {
            self.learn(&draft, purpose, request, answer);
        }
        if self.sent >= MOST {
            return None;
        }
        loop {
            let Some((draft, purpose)) = self.queue.pop_front() else {
                if self.refill() {
                    continue;
                }
                return None;
            };
            if purpose == Purpose::Walking {
                self.walked += 1;
                if self.walked > WALK {
                    continue;
                }
            }
            let (draft, purpose) = match self.prepared(draft) {
                Ok(draft) => (draft, purpose),
                Err((keeping, draft)) => {
                    self.queue.push_front((draft, purpose));
                    (keeping, Purpose::Keeping)
                }
            };
            self.sent += 1;
            self.last = Some((draft.clone(), purpose));
            return Some(draft.within(self.session));
        }
    }
}
