//! The whole of a proof: prepare, send, send again what differed, ask all at once.

use std::rc::Rc;

use model::{Deviation, DeviationWhen, PortDocument, Proof, Route, RouteVerdict, Verdict};

use crate::compare::{Comparer, FieldDifference};
use crate::error::{VerifyError, at};
use crate::job::{Job, Requests};
use crate::probe::{self, Crowd};
use crate::routes::{Reached, Routes};
use crate::run::{Observer, Outcome, Run, Stage, Stop};
use crate::serve::{RunError, Supervisor};
use crate::settings::Settings;
use crate::traffic::{self, Recorded, Source, Traffic};
use crate::workshop::Workshop;

/// The code under which answers of refused routes are counted.
pub const REFUSED: &str = "refused";

/// Runs a port beside its original and compares what they answer.
///
/// # Errors
/// [`VerifyError`] when there is nothing to compare: bad input, a side that does not start, an original that dies.
/// Whatever was started is stopped then, too.
pub fn verify(job: &Job<'_>, observer: &dyn Observer) -> Result<Proof, VerifyError> {
    let settings = Settings::read(&job.original)?;
    let secret = settings.verify.secret_key.clone().or_else(|| job.secret());
    let mut deviations = job.document.deviations.clone();
    deviations.extend(refused(job.document));
    let comparer = Comparer::new(secret, &deviations)?;
    let routes = Routes::new(job.document, job.analysis);
    let fits = |route: &Route| job.asks(route);
    let mut traffic = requests(job, &settings, &fits)?;
    let (program, arguments) = &job.supervisor;
    let supervisor = Supervisor::start(program, arguments)
        .map_err(|e| RunError::NotStarted(format!("{}: {e}", program.display())))?;
    let workshop = Workshop::open(job, &settings, &supervisor, observer)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(at("the network"))?;
    let run = Run {
        comparer: &comparer,
        routes: &routes,
        observer,
    };
    let outcome = runtime.block_on(exchange(job, &run, &workshop, traffic.as_mut()))?;
    let mut tally = outcome.tally;
    if deviations.iter().any(|d| d.code == REFUSED) && tally.differing() > 0 {
        tally.remark(
            "what refused routes would have changed is missing in the port: other routes may differ for that alone"
                .into(),
        );
    }
    let mut proof = tally.proof(job.document, &deviations, &routes);
    proof.source = job.original.display().to_string();
    proof.port = job.port.display().to_string();
    proof.seed = job.seed;
    Ok(proof)
}

/// What a port says of routes that it refuses: they answer 501. Where a hook of the whole app is why, URLs that match no
/// route do too.
fn refused(document: &PortDocument) -> Option<Deviation> {
    let is_refused = |r: &&RouteVerdict| r.verdict == Verdict::Refused;
    let mut routes: Vec<String> = document
        .routes
        .iter()
        .filter(is_refused)
        .map(|r| r.endpoint.clone())
        .collect();
    if routes.is_empty() {
        return None;
    }
    if routes.len() == document.routes.len() {
        routes.push("*".into());
    }
    Some(Deviation {
        code: REFUSED.into(),
        routes,
        when: DeviationWhen::default(),
        field: "status".into(),
        original: "as the original".into(),
        port: "501".into(),
        what: "the route is refused, as the port's records say".into(),
    })
}

fn requests<'a>(
    job: &'a Job<'_>,
    settings: &Settings,
    fits: &'a dyn Fn(&Route) -> bool,
) -> Result<Box<dyn Traffic + 'a>, VerifyError> {
    match &job.requests {
        Requests::Files(paths) => {
            let mut recipes = Vec::new();
            for path in paths {
                recipes.extend(traffic::from_file(path)?.into_iter().map(Rc::new));
            }
            Ok(Box::new(Recorded::new(recipes)))
        }
        Requests::Model { words, only } => {
            if let Some(glob) = only
                && !job.analysis.routes.iter().any(fits)
            {
                return Err(VerifyError::NoRoute(glob.clone()));
            }
            let made = traffic::model_made(&Source {
                analysis: job.analysis,
                words,
                root: Some(job.original.clone()),
                login: settings.login(),
                seed: job.seed,
                only: Some(fits),
            });
            Ok(Box::new(made))
        }
    }
}

async fn exchange(
    job: &Job<'_>,
    run: &Run<'_>,
    workshop: &Workshop<'_>,
    traffic: &mut dyn Traffic,
) -> Result<Outcome, VerifyError> {
    let stop = if job.fail_fast {
        Stop::AtADifference
    } else {
        Stop::AtTheEnd
    };
    run.observer.step("starting both sides");
    let mut stage = workshop.stage()?;
    let mut outcome = Outcome::default();
    loop {
        run.send(&mut stage, traffic, stop, &mut outcome).await?;
        if outcome.tally.differing() == 0 {
            break;
        }
        run.observer
            .step("sending everything again, from a fresh start");
        stage.close()?;
        stage = workshop.stage()?;
        run.confirm(&mut stage, &mut outcome).await?;
        // What was not confirmed is no reason to stop, and the new stage has come as far as the old one.
        if stop == Stop::AtTheEnd || outcome.tally.differing() > 0 {
            break;
        }
    }
    if !(job.fail_fast && outcome.tally.differing() > 0) {
        crowds(&mut outcome, &stage, run, &job.document.deviations).await;
    }
    stage.close()?;
    Ok(outcome)
}

/// Twenty requests at once to each view that takes its time.
async fn crowds(outcome: &mut Outcome, stage: &Stage<'_>, run: &Run<'_>, deviations: &[Deviation]) {
    let declared = deviations.iter().find(|d| d.field == "concurrency");
    run.observer.step("asking all at once");
    for (route, request) in std::mem::take(&mut outcome.slow) {
        let port = &stage.port;
        let crowd = probe::crowd(&port.client, &request, || {
            probe::cpu_of_group(port.side.group())
        })
        .await;
        if crowd.silent == 0 && !crowd.holds_up() {
            continue;
        }
        if let Some(declared) = declared.filter(|_| crowd.silent == 0) {
            outcome.tally.add_declared_probe(&declared.code);
            continue;
        }
        let field = told(&crowd, declared.is_some());
        outcome
            .tally
            .add_probe(&request, Reached::View(route), field);
        // Threads that wait for ever are missing to everybody who comes later.
        if crowd.silent > 0 {
            break;
        }
    }
}

/// `is_alone` says that the port works off one request after the other already.
fn told(crowd: &Crowd, is_alone: bool) -> FieldDifference {
    let ms = |d: std::time::Duration| d.as_millis();
    let (original, port) = if crowd.silent > 0 {
        (
            "one request after the other in a worker",
            format!(
                "{} of 20 requests at once got no answer{}",
                crowd.silent,
                if is_alone {
                    ""
                } else {
                    ": the view's code cannot run in several threads; give `prepare(...)` `threads=1` and start more workers"
                }
            ),
        )
    } else {
        (
            "a view that waits holds up nobody but its own worker",
            format!(
                "one request takes {} ms, 20 at once take {} ms, and another request waits {} ms behind them: the view blocks the event loop",
                ms(crowd.alone),
                ms(crowd.all),
                ms(crowd.other)
            ),
        )
    };
    FieldDifference {
        field: "concurrency".into(),
        original: original.into(),
        port,
        at: None,
        is_order: false,
    }
}
