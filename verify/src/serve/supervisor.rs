//! The supervisor as `migrate` sees it.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::protocol::{Ending, GRACE, Launch, Order, Reply};
use super::{census, keeper};

/// How often a process that is waited for is asked about.
const TICK: Duration = Duration::from_millis(30);

/// How many supervisors this process started.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// A supervisor process and the pipe to it. Everything that it started ends when this is dropped, and
/// when this process ends in any other way.
#[derive(Debug)]
pub struct Supervisor {
    /// What the marks of its processes start with.
    name: String,
    count: AtomicU32,
    line: Mutex<Line>,
}

/// The connection, and what has to be cleaned up should the supervisor not do it.
#[derive(Debug)]
struct Line {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    groups: BTreeSet<i32>,
    folders: BTreeSet<PathBuf>,
}

/// A process that the supervisor started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    mark: String,
    group: i32,
}

impl Process {
    /// Its number, which is its process group's too.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.group
    }
}

/// Why a command was not run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// It does not start: what the system says, with the file.
    NotStarted(String),
    /// It was stopped because it took longer than this.
    TimeUp(Duration),
    /// The supervisor ended. Everything that it had started is stopped.
    Gone,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(why) => f.write_str(why),
            Self::TimeUp(limit) => write!(f, "not done after {} s", limit.as_secs()),
            Self::Gone => f.write_str("the supervisor process was killed, and all servers with it"),
        }
    }
}

impl std::error::Error for RunError {}

impl RunError {
    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> &'static str {
        match self {
            Self::NotStarted(_) => "install the program, or name it by its path",
            Self::TimeUp(_) => "its log says what it waits for",
            Self::Gone => "start again; memory may have run out",
        }
    }
}

impl Supervisor {
    /// Starts `program arguments…`, which has to call [`super::supervise`]: `migrate` itself, with its hidden argument.
    ///
    /// # Errors
    /// When the program does not start.
    pub fn start(program: &Path, arguments: &[String]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C at the terminal goes to its foreground group: not to this one.
            .process_group(0)
            .spawn()?;
        let orders = child.stdin.take();
        let answers = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let name = format!(
            "{}.{}.{}",
            std::process::id(),
            now.unwrap_or_default().as_nanos(),
            STARTED.fetch_add(1, Ordering::Relaxed)
        );
        Ok(Self {
            name,
            count: AtomicU32::new(0),
            line: Mutex::new(Line {
                child,
                orders,
                answers: BufReader::new(answers),
                groups: BTreeSet::new(),
                folders: BTreeSet::new(),
            }),
        })
    }

    /// The supervisor's own process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.line().child.id()
    }

    /// Starts a command and does not wait for it.
    ///
    /// # Errors
    /// [`RunError::NotStarted`] and [`RunError::Gone`].
    pub fn spawn(&self, launch: &Launch) -> Result<Process, RunError> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{number}", self.name);
        let order = Order::Start {
            mark: mark.clone(),
            launch: launch.clone(),
        };
        match self.give(&order)? {
            Reply::Started { group } => {
                self.line().groups.insert(group);
                Ok(Process { mark, group })
            }
            Reply::Failed { why } => Err(RunError::NotStarted(why)),
            _ => Err(RunError::Gone),
        }
    }

    /// How a process ended; `None` while it runs.
    ///
    /// # Errors
    /// [`RunError::Gone`].
    pub fn ending(&self, process: &Process) -> Result<Option<Ending>, RunError> {
        match self.tell(process)? {
            Reply::Running => Ok(None),
            Reply::Ended { ending, .. } => Ok(Some(ending)),
            _ => Err(RunError::Gone),
        }
    }

    /// Stops processes with all that they started, side by side: SIGTERM, SIGKILL after two seconds. Those that have ended are no error.
    ///
    /// # Errors
    /// [`RunError::Gone`].
    pub fn stop(&self, processes: &[&Process]) -> Result<(), RunError> {
        for process in processes {
            let mark = process.mark.clone();
            self.give(&Order::Stop { mark })?;
        }
        // Longer than the grace only when the kernel holds a process.
        let last = Instant::now() + GRACE * 2;
        for process in processes {
            while Instant::now() < last {
                match self.tell(process)? {
                    Reply::Running | Reply::Ended { stopping: true, .. } => {
                        std::thread::sleep(TICK);
                    }
                    _ => break,
                }
            }
            self.line().groups.remove(&process.group);
        }
        Ok(())
    }

    /// Runs a command to its end, or stops it after `limit`. What it started and left running is stopped too.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn run(&self, launch: &Launch, limit: Duration) -> Result<Ending, RunError> {
        let process = self.spawn(launch)?;
        let last = Instant::now() + limit;
        loop {
            if let Some(ending) = self.ending(&process)? {
                self.stop(&[&process])?;
                return Ok(ending);
            }
            if Instant::now() >= last {
                self.stop(&[&process])?;
                return Err(RunError::TimeUp(limit));
            }
            std::thread::sleep(TICK);
        }
    }

    /// Has a folder removed at the end, when everything is stopped.
    ///
    /// # Errors
    /// [`RunError::Gone`].
    pub fn remove_at_end(&self, folder: &Path) -> Result<(), RunError> {
        let folder = folder.to_owned();
        self.line().folders.insert(folder.clone());
        self.give(&Order::Remove { folder }).map(drop)
    }

    fn tell(&self, process: &Process) -> Result<Reply, RunError> {
        let mark = process.mark.clone();
        self.give(&Order::Tell { mark })
    }

    /// Gives an order and waits for its answer. A supervisor that is gone leaves what it started to us.
    fn give(&self, order: &Order) -> Result<Reply, RunError> {
        // A path that is not Unicode has no place in JSON.
        let text = serde_json::to_string(order).map_err(|e| RunError::NotStarted(e.to_string()))?;
        let mut line = self.line();
        line.exchange(&text).map_err(|_| {
            line.orders = None;
            line.clean_up(&self.name);
            RunError::Gone
        })
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Line> {
        self.line
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let mut line = self.line();
        // This closes the pipe, and the supervisor stops everything.
        line.orders = None;
        if !line.child.wait().is_ok_and(|status| status.success()) {
            line.clean_up(&self.name);
        }
    }
}

impl Line {
    fn exchange(&mut self, order: &str) -> io::Result<Reply> {
        let orders = self.orders.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        orders.write_all(format!("{order}\n").as_bytes())?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_str(&answer)?)
    }

    /// Does the supervisor's last duty in its place: kills what it started (known by group and mark) and removes its folders.
    fn clean_up(&mut self, name: &str) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for group in std::mem::take(&mut self.groups) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        // A process that forks while it is looked for is found in a later round.
        for _ in 0..50 {
            let own = |mark: &str| {
                let rest = mark.strip_prefix(name);
                rest.is_some_and(|r| r.starts_with('-'))
            };
            let left = census::marked(&census::living(), own);
            if left.is_empty() {
                break;
            }
            for process in left {
                let _ = kill(Pid::from_raw(process.pid), Signal::SIGKILL);
            }
            std::thread::sleep(TICK);
        }
        for folder in std::mem::take(&mut self.folders) {
            keeper::remove(&folder);
        }
    }
}
