//! Traffic made from the model, one session after the other: the user that the settings name, before strangers come; a visitor, somebody who looks for a way in, a user, a user
//! who leaves and comes back, and one whose cookie is tampered with.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::rc::Rc;

use crate::http::{Answer, Content, Piece, Recipe, Request, Text};

use super::draft::{Draft, plain_target};
use super::known::Known;
use super::offers::Offers;
use super::plan::Plan;
use super::sessions::{self, Credentials, Doors, Outcome};
use super::walk::{Walk, path_of};
use super::{Source, Traffic, challenge};

/// Never more requests than these.
const MOST: usize = 12_000;

/// Requests of one walk.
const WALK: usize = 300;

/// Names of the sessions.
pub(super) const VISITOR: &str = "visitor";
pub(super) const ENTRY: &str = "entry";
pub(super) const USER: &str = "user";
pub(super) const AGAIN: &str = "again";
pub(super) const TAMPERED: &str = "tampered";
/// Of the requests that settings give.
pub(super) const LOGIN: &str = "login";
/// The same before anybody else: who registers first may be the one who is let in everywhere.
pub(super) const FIRST: &str = "first";

/// Why a request was made, where its answer leads to more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Of a list.
    Listed,
    /// To keep a page for the next request.
    Keeping,
    /// The target of a redirect, and how many led there.
    Redirected(usize),
    /// Of the walk.
    Walking,
    /// A page that is looked at before anything is changed.
    Looking,
    /// A file that is kept, and what is asked of it.
    File,
    /// An attempt to come in: none has succeeded yet.
    Failing,
    /// An attempt by these credentials.
    Attempt(usize),
}

/// What is sent in one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Pages and where their links lead, before anything is changed: what the app's own data are called.
    Look,
    List,
    Walk,
    /// Routes that have not answered, plainly, with values that the walk has found.
    Known,
    /// The same in every way, with the values that led somewhere.
    Proven,
    End,
}

/// See [`super::model_made`].
pub struct Made<'a> {
    pub(super) plan: Plan<'a>,
    pub(super) doors: Option<Doors>,
    pub(super) tried: Vec<Credentials>,
    /// Requests that let the user in, once they are known.
    pub(super) entrance: Vec<Draft>,
    pub(super) login: Vec<Recipe>,
    /// Sessions to come, the next one first.
    pub(super) sessions: VecDeque<&'static str>,
    pub(super) session: &'static str,
    pub(super) stage: Stage,
    pub(super) queue: VecDeque<(Draft, Purpose)>,
    /// What the walk found that deletes or leaves.
    pub(super) later: Vec<Draft>,
    pub(super) last: Option<(Draft, Purpose)>,
    pub(super) walk: Walk,
    /// What the app is seen to know.
    pub(super) known: Known,
    /// What was looked at before anything was changed, and how much of it beyond the plain pages.
    pub(super) looked: Walk,
    pub(super) looks: usize,
    /// What its pages offer for fields.
    pub(super) offers: Offers,
    /// Routes that have not answered when the walk was over, and whether they have new values for their fields.
    pub(super) probed: Vec<(usize, bool)>,
    /// Challenges for a password by route and method.
    pub(super) challenged: BTreeMap<(usize, String), usize>,
    pub(super) walked: usize,
    pub(super) sent: usize,
    pub(super) failed: Outcome,
    /// Hidden fields of forms that a page of a route has for itself, by session's routes.
    pub(super) hidden: BTreeMap<usize, Vec<String>>,
    /// The page with a form that has a token, and the field's name.
    pub(super) token_field: Option<(String, String)>,
    /// The page with a token for scripts, and its name.
    pub(super) token: Option<(String, String)>,
    /// The page that is kept now.
    pub(super) kept: Option<String>,
    pub(super) followed: BTreeMap<Option<usize>, usize>,
    pub(super) refused: BTreeMap<Option<usize>, usize>,
    pub(super) redirects: HashSet<String>,
    pub(super) files: BTreeMap<Option<usize>, usize>,
    /// Answers to contents by method and path: a view that gave two reads what it is sent.
    pub(super) answers: BTreeMap<(String, String), BTreeSet<(u16, u64)>>,
}

impl<'a> Made<'a> {
    pub(super) fn new(source: &Source<'a>) -> Self {
        let mut plan = Plan::new(source);
        let has_login = !source.login.is_empty();
        let doors = sessions::doors(&plan).filter(|_| !has_login);
        let tried = doors.map_or_else(Vec::new, |d| sessions::credentials(&plan, d, source.words));
        plan.people = challenge::people(source);
        let found = tried.iter().filter(|who| !who.is_registered);
        let found = found.map(|who| (who.user.clone(), who.password.clone()));
        plan.people.extend(found);
        let sessions = if has_login {
            VecDeque::from([FIRST, VISITOR, LOGIN, AGAIN, TAMPERED])
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
            known: Known::default(),
            looked: Walk::default(),
            looks: 0,
            offers: Offers::default(),
            probed: Vec::new(),
            challenged: BTreeMap::new(),
            walked: 0,
            sent: 0,
            failed: Outcome::default(),
            hidden: BTreeMap::new(),
            token: None,
            token_field: None,
            kept: None,
            followed: BTreeMap::new(),
            refused: BTreeMap::new(),
            redirects: HashSet::new(),
            files: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }

    pub(super) fn list(&mut self, drafts: impl IntoIterator<Item = Draft>) {
        self.queue
            .extend(drafts.into_iter().map(|d| (d, Purpose::Listed)));
    }

    /// Fills the queue with what comes next; false at the end of all.
    fn refill(&mut self) -> bool {
        match (self.session, self.stage) {
            (FIRST, Stage::Look) => {
                self.stage = Stage::End;
                self.settle();
            }
            (VISITOR | USER | LOGIN, Stage::Look) => {
                self.stage = Stage::List;
                self.settle();
                let drafts = match self.session {
                    VISITOR => self.plan.visitor(),
                    _ => self.plan.user(),
                };
                self.list(drafts);
            }
            (VISITOR | USER | LOGIN, Stage::List) => {
                self.stage = Stage::Walk;
                self.start_walk();
            }
            (_, Stage::Walk) => {
                self.stage = Stage::Known;
                self.probe();
            }
            (_, Stage::Known) => {
                self.stage = Stage::Proven;
                self.ask_again();
            }
            (_, Stage::Proven) => {
                self.stage = Stage::End;
                self.end();
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
        self.stage = match session {
            FIRST | VISITOR | USER | LOGIN => Stage::Look,
            _ => Stage::List,
        };
        self.kept = None;
        self.token = None;
        self.token_field = None;
        self.walk = Walk::default();
        self.walked = 0;
        self.followed.clear();
        self.refused.clear();
        self.redirects.clear();
        self.hidden.clear();
        self.answers.clear();
        self.challenged.clear();
        self.known.start();
        match session {
            VISITOR => self.start_to_look(),
            ENTRY => self.look_for_a_way_in(),
            FIRST | USER | LOGIN => {
                self.enter();
                self.start_to_look();
            }
            AGAIN => self.come_and_go(),
            _ => {
                self.enter();
                let drafts = self.plan.sessions(true);
                self.list(drafts);
            }
        }
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

    pub(super) fn form_page(&self) -> String {
        format!("page of {}", self.session)
    }

    /// The page of a route and its hidden fields, for what is sent to just that page.
    fn hidden_of(&self, route: usize, draft: &Draft) -> Option<(String, Vec<String>)> {
        let path = &self.plan.routes[route].path;
        let is_own = plain_target(&draft.recipe).is_some_and(|t| path_of(t) == path);
        let names = self.hidden.get(&route).filter(|_| is_own)?;
        Some((path.clone(), names.clone()))
    }

    /// Adds what a page of the route's own would add: hidden fields, a token for scripts.
    fn completed(&self, mut draft: Draft) -> Draft {
        let of = self.form_page();
        let own = draft.route.and_then(|r| self.hidden_of(r, &draft));
        let any = || {
            self.token_field
                .as_ref()
                .map(|(page, name)| (page.clone(), vec![name.clone()]))
        };
        let is_changing = !matches!(draft.recipe.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        if draft.page.is_none()
            && is_changing
            && let Some((path, names)) = own.or_else(any)
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
        draft
    }

    /// The request that keeps the page a draft needs, where another one is kept.
    fn missing_page(&mut self, draft: &Draft) -> Option<Draft> {
        let page = draft
            .page
            .as_ref()
            .filter(|page| self.kept.as_ref() != Some(page))?;
        self.kept = Some(page.clone());
        let keeping = Draft::new("GET", page.clone(), "a page, for its form");
        Some(keeping.kept(self.form_page()))
    }
}

impl Traffic for Made<'_> {
    fn next(&mut self, seen: Option<(&Recipe, &Request, &Answer)>) -> Option<Rc<Recipe>> {
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
            if purpose == Purpose::Walking && self.walked >= WALK {
                continue;
            }
            if draft.is_for_readers && !self.is_read(&draft) {
                continue;
            }
            let draft = self.completed(draft);
            let (draft, purpose) = match self.missing_page(&draft) {
                Some(keeping) => {
                    self.queue.push_front((draft, purpose));
                    (keeping, Purpose::Keeping)
                }
                None => (draft, purpose),
            };
            self.walked += usize::from(purpose == Purpose::Walking);
            self.sent += 1;
            self.last = Some((draft.clone(), purpose));
            return Some(Rc::new(draft.within(self.session)));
        }
    }
}
