//! The exchange: every request to all three sides, one after the other.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use crate::compare::{Comparer, Exchange};
use crate::error::VerifyError;
use crate::http::{Answer, Client, Recipe, Request};
use crate::probe;
use crate::routes::{Reached, Routes};
use crate::serve::{RunError, Side};
use crate::tally::Tally;
use crate::traffic::{Recorded, Traffic};

/// Is told how far a run is.
pub trait Observer {
    /// A new step has begun: `installing what the port needs`.
    fn step(&self, what: &str);
    /// So many requests were sent, so many of them differ so far.
    fn sent(&self, requests: u32, differing: u32);
}

/// A side that answers, with the client that talks to it.
pub struct Seat<'s> {
    /// The server.
    pub side: Side<'s>,
    /// Its client.
    pub client: Client,
}

/// The three sides of a run.
pub struct Stage<'s> {
    /// The original.
    pub original: Seat<'s>,
    /// The original once more: what differs between the two is noise.
    pub again: Seat<'s>,
    /// The port.
    pub port: Seat<'s>,
}

impl Stage<'_> {
    /// Stops all three.
    ///
    /// # Errors
    /// When the supervisor is gone; they are stopped even so.
    pub fn close(self) -> Result<(), RunError> {
        let seats = [self.original, self.again, self.port];
        Side::stop_all(seats.into_iter().map(|seat| seat.side))
    }
}

/// When to send no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// When there is nothing to send.
    AtTheEnd,
    /// After so many requests.
    After(u32),
    /// After the first one that differs.
    AtADifference,
}

impl Stop {
    fn is_reached(self, tally: &Tally) -> bool {
        match self {
            Self::AtTheEnd => false,
            Self::After(n) => tally.sent() >= n,
            Self::AtADifference => tally.differing() > 0,
        }
    }
}

/// What a run left.
#[derive(Default)]
pub struct Outcome {
    /// Counts and differences.
    pub tally: Tally,
    /// Every request that was sent, so that it can be sent again.
    pub sent: Vec<Rc<Recipe>>,
    /// Views of the port that take long, with a request that shows it.
    pub slow: BTreeMap<usize, Request>,
}

/// What a run needs to know.
pub struct Run<'a> {
    /// Compares answers.
    pub comparer: &'a Comparer,
    /// The routes.
    pub routes: &'a Routes,
    /// Is told how far it is.
    pub observer: &'a dyn Observer,
}

impl Run<'_> {
    /// Sends requests until there are none, or until `stop` says so, and adds what they come to.
    ///
    /// # Errors
    /// When the original dies: there is nothing to compare with.
    pub async fn send(
        &self,
        stage: &mut Stage<'_>,
        traffic: &mut dyn Traffic,
        stop: Stop,
        outcome: &mut Outcome,
    ) -> Result<(), VerifyError> {
        let mut last: Option<(Rc<Recipe>, Request, Answer)> = None;
        while !stop.is_reached(&outcome.tally) {
            let seen = last
                .as_ref()
                .map(|(recipe, request, answer)| (recipe.as_ref(), request, answer));
            let Some(recipe) = traffic.next(seen) else {
                break;
            };
            let (request, answers) = exchange(stage, &recipe).await;
            self.judge(&recipe, &request, &answers, outcome);
            let dead =
                answers.somebody_is_silent() && self.dead(stage, &recipe, &request, outcome)?;
            outcome.sent.push(Rc::clone(&recipe));
            if dead {
                break;
            }
            last = Some((recipe, request, answers.original));
        }
        Ok(())
    }

    fn judge(&self, recipe: &Recipe, request: &Request, answers: &Answers, outcome: &mut Outcome) {
        let reached = self.routes.find(&request.method, &request.target);
        if let Reached::View(route) = reached
            && request.method == "GET"
            && answers.took >= probe::SLOW
            && answers.port.reply().is_some_and(|r| r.status == 200)
        {
            let slow = outcome.slow.entry(route);
            slow.or_insert_with(|| answers.sent_to_port.clone());
        }
        let endpoint = reached
            .rule()
            .map(|i| self.routes.all()[i].verdict.endpoint.as_str());
        let comparison = self.comparer.compare(&Exchange {
            request,
            sent: &answers.sent_to_port,
            original: &answers.original,
            again: &answers.again,
            port: &answers.port,
            endpoint,
        });
        let tally = &mut outcome.tally;
        tally.add(request, &recipe.aim, reached, &answers.original, comparison);
        self.observer.sent(tally.sent(), tally.differing());
    }

    /// Sends again what was sent, up to the last request that differed, and drops what does not recur.
    ///
    /// # Errors
    /// When the original dies.
    pub async fn confirm(
        &self,
        stage: &mut Stage<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), VerifyError> {
        let Some(last) = outcome.tally.last() else {
            return Ok(());
        };
        let mut recorded = Recorded::new(outcome.sent.clone());
        let mut second = Outcome::default();
        self.send(stage, &mut recorded, Stop::After(last), &mut second)
            .await?;
        outcome.tally.confirm(second.tally);
        Ok(())
    }

    /// Whether the port has died of a request; the run ends there.
    fn dead(
        &self,
        stage: &mut Stage<'_>,
        recipe: &Recipe,
        request: &Request,
        outcome: &mut Outcome,
    ) -> Result<bool, VerifyError> {
        for seat in [&mut stage.original, &mut stage.again] {
            if !seat.side.is_running() {
                return Err(VerifyError::Died {
                    side: seat.side.name.clone(),
                    request: format!("{} {}", request.method, request.target),
                    number: outcome.tally.sent(),
                    tail: seat.side.log_tail(15),
                });
            }
        }
        if stage.port.side.is_running() {
            return Ok(false);
        }
        outcome.tally.remark(format!(
            "the port died of request {}, {} {}: nothing was sent after it",
            outcome.tally.sent(),
            request.method,
            request.target
        ));
        let reached = self.routes.find(&request.method, &request.target);
        outcome.tally.died(request, &recipe.aim, reached);
        Ok(true)
    }
}

struct Answers {
    original: Answer,
    again: Answer,
    port: Answer,
    /// As the port got it, cookies with it.
    sent_to_port: Request,
    /// How long the port took.
    took: Duration,
}

impl Answers {
    fn somebody_is_silent(&self) -> bool {
        [&self.original, &self.again, &self.port]
            .iter()
            .any(|a| a.reply().is_none())
    }
}

async fn exchange(stage: &mut Stage<'_>, recipe: &Recipe) -> (Request, Answers) {
    let keep = recipe.keep.as_deref();
    let request = stage.original.client.fill(recipe);
    let original = stage.original.client.send(&request, keep).await;
    let second = stage.again.client.fill(recipe);
    let again = stage.again.client.send(&second, keep).await;
    let third = stage.port.client.fill(recipe);
    let dressed = stage.port.client.dressed(&third);
    let start = Instant::now();
    let port = stage.port.client.send(&third, keep).await;
    let answers = Answers {
        original,
        again,
        port,
        took: start.elapsed(),
        sent_to_port: dressed,
    };
    (request, answers)
}
