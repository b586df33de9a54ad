//! Whether a view that waits holds up everybody else: a blocking call made on the event loop.
//!
//! One request after the other never shows it. Twenty at once do: on threads they wait beside each other, on a blocked
//! loop one behind the other, and a request for something else waits behind them all.

use std::time::Duration;

use futures_util::future::{join, join_all};
use tokio::time::{Instant, sleep};

use crate::http::{Client, Request};

/// So many at once.
const CROWD: u32 = 20;

/// A view that answers faster holds up nobody, and timing it tells nothing.
pub const SLOW: Duration = Duration::from_millis(15);

/// The longest that one request alone may take.
const LONGEST: Duration = Duration::from_secs(10);

/// The longest that a crowd is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a crowd at one view does to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// One request alone.
    pub alone: Duration,
    /// All of the crowd.
    pub all: Duration,
    /// A request for something else, sent while the crowd waits.
    pub other: Duration,
    /// Processor time that the server took meanwhile.
    pub cpu: Duration,
    /// How many of the crowd were never answered, though one after the other would have been in that time.
    pub silent: usize,
}

impl Crowd {
    /// Whether others wait for a view that itself only waits: with half of the time or more computed, threads of one
    /// interpreter would be no faster (the GIL), so it is not the loop's fault.
    #[must_use]
    pub fn holds_up(&self) -> bool {
        self.alone >= SLOW
            && self.other >= self.alone * (CROWD / 4)
            && self.all >= self.alone * (CROWD / 2)
            && self.cpu * 2 < self.all
    }
}

/// Sends a crowd. `cpu` is the processor time of the server so far.
pub async fn crowd(client: &Client, request: &Request, cpu: impl Fn() -> Duration) -> Crowd {
    let mut alone = Duration::MAX;
    for _ in 0..3 {
        alone = alone.min(timed(client, request, LONGEST).await);
    }
    let other = Request {
        method: "GET".into(),
        target: "/nobody-asks-for-this".into(),
        headers: Vec::new(),
        body: Vec::new(),
        session: String::new(),
    };
    // Long enough for all of them one behind the other.
    let limit = (alone * (CROWD + 5) + Duration::from_secs(2)).min(PATIENCE);
    let before = cpu();
    let start = Instant::now();
    let everybody = join_all((0..CROWD).map(|_| client.exchange_within(request, limit)));
    let somebody_else = async {
        sleep(alone / 2).await;
        timed(client, &other, limit).await
    };
    let (waited, answers) = join(somebody_else, everybody).await;
    Crowd {
        alone,
        all: start.elapsed(),
        other: waited,
        cpu: cpu().saturating_sub(before),
        // A view that is slow by itself may not come to all of them in that time.
        silent: if alone * (CROWD + 5) < PATIENCE {
            answers.iter().filter(|a| a.reply().is_none()).count()
        } else {
            0
        },
    }
}

/// Processor time that the processes of a group have taken so far, in user and kernel mode (`proc_pid_stat(5)`, fields 5, 14
/// and 15); nothing where there is no `/proc`.
pub fn cpu_of_group(group: i32) -> Duration {
    // The clock of /proc is 100 Hz on every Linux that Rust runs on (USER_HZ).
    const TICK: u64 = 10;
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Duration::ZERO;
    };
    let ticks = processes.flatten().filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |i: usize| fields.get(i)?.parse::<u64>().ok();
        let own = fields.get(2)?.parse::<i32>().ok()? == group;
        own.then(|| Some(number(11)? + number(12)?)).flatten()
    });
    Duration::from_millis(ticks.sum::<u64>() * TICK)
}

async fn timed(client: &Client, request: &Request, limit: Duration) -> Duration {
    let start = Instant::now();
    client.exchange_within(request, limit).await;
    start.elapsed()
}
