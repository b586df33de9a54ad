//! The supervisor process: starts, tells, stops, and leaves nothing behind.
//!
//! It is a child subreaper (prctl(2), Linux): what its processes start and abandon becomes its own child, even after
//! setsid(2) and a double fork, so at the end nothing escapes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::census;
use super::protocol::{Ending, GRACE, Launch, MARK, Order, Reply};

/// How often endings and deadlines are looked at.
const TICK: Duration = Duration::from_millis(20);

/// After this time the end does not wait any longer for a process that SIGKILL does not end (it hangs in the kernel).
const LAST: Duration = Duration::from_secs(5);

/// The supervisor's `main`: serves the orders on standard input until it closes, then stops everything, removes
/// the folders that it was told to remove, and ends.
#[must_use]
pub fn supervise() -> ExitCode {
    // Ctrl-C, a closed terminal or `killall migrate` end `migrate`; that closes the pipe, and the pipe alone decides.
    // Handlers, not ignored signals: the latter would be inherited by every server.
    let unread = Arc::new(AtomicBool::new(false));
    for signal in [Signal::SIGINT, Signal::SIGHUP, Signal::SIGTERM] {
        if signal_hook::flag::register(signal as i32, Arc::clone(&unread)).is_err() {
            return ExitCode::FAILURE;
        }
    }
    #[cfg(target_os = "linux")]
    if nix::sys::prctl::set_child_subreaper(true).is_err() {
        return ExitCode::FAILURE;
    }
    let (sender, orders) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut keeper = Keeper::default();
    keeper.serve(&orders, &mut io::stdout().lock());
    keeper.end();
    ExitCode::SUCCESS
}

/// What is kept.
#[derive(Default)]
struct Keeper {
    wards: BTreeMap<String, Ward>,
    folders: BTreeSet<PathBuf>,
}

/// A process that was started, with what it started.
struct Ward {
    /// Its number and its group's.
    pid: i32,
    ending: Option<Ending>,
    stop: Option<Stop>,
}

/// A ward that is being stopped.
struct Stop {
    /// When it is killed.
    deadline: Instant,
    /// What was seen to belong to it: number and start.
    members: BTreeSet<(i32, u64)>,
    /// Whether some of it still ran when it was last looked at.
    remains: bool,
}

impl Keeper {
    /// Answers orders until nobody gives any, or nobody hears the answers.
    fn serve(&mut self, orders: &Receiver<String>, answers: &mut impl Write) {
        loop {
            match orders.recv_timeout(TICK) {
                Ok(line) => {
                    let reply = self.obey(&line);
                    let written = serde_json::to_writer(&mut *answers, &reply)
                        .map_err(io::Error::from)
                        .and_then(|()| answers.write_all(b"\n"))
                        .and_then(|()| answers.flush());
                    if written.is_err() {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn obey(&mut self, line: &str) -> Reply {
        let order = match serde_json::from_str(line) {
            Ok(order) => order,
            Err(error) => {
                return Reply::Failed {
                    why: format!("not an order: {error}"),
                };
            }
        };
        match order {
            Order::Start { mark, launch } => match spawn(&launch, &mark) {
                Ok(pid) => {
                    let ward = Ward {
                        pid,
                        ending: None,
                        stop: None,
                    };
                    self.wards.insert(mark, ward);
                    Reply::Started { group: pid }
                }
                Err(why) => Reply::Failed { why },
            },
            Order::Tell { mark } => {
                self.tick();
                match self.wards.get(&mark) {
                    None => Reply::Failed {
                        why: format!("there is no process {mark}"),
                    },
                    Some(ward) => match ward.ending {
                        None => Reply::Running,
                        Some(ending) => Reply::Ended {
                            ending,
                            stopping: ward.stop.as_ref().is_some_and(|s| s.remains),
                        },
                    },
                }
            }
            Order::Stop { mark } => {
                if let Some(ward) = self.wards.get_mut(&mark) {
                    ward.begin_to_stop();
                }
                Reply::Done
            }
            Order::Remove { folder } => {
                self.folders.insert(folder);
                Reply::Done
            }
        }
    }

    /// Notes who ended, and kills whose time is up.
    fn tick(&mut self) {
        while let Ok(status) = waitpid(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)) {
            let (pid, ending) = match status {
                WaitStatus::Exited(pid, status) => (pid, Ending::Exited(status)),
                WaitStatus::Signaled(pid, signal, _) => (pid, Ending::Killed(signal as i32)),
                WaitStatus::StillAlive => break,
                _ => continue,
            };
            // Numbers are used again: an earlier ward of that number has its ending already.
            let ward = self
                .wards
                .values_mut()
                .find(|w| w.pid == pid.as_raw() && w.ending.is_none());
            if let Some(ward) = ward {
                ward.ending = Some(ending);
            }
        }
        let stopping = |w: &Ward| w.stop.as_ref().is_some_and(|s| s.remains);
        if self.wards.values().any(stopping) {
            let living = census::living();
            for (mark, ward) in self.wards.iter_mut().filter(|(_, w)| stopping(w)) {
                ward.press(mark, &living);
            }
        }
    }

    /// Stops all wards at once, then kills whatever became a child of this process, and removes the folders.
    fn end(&mut self) {
        for ward in self.wards.values_mut() {
            ward.begin_to_stop();
        }
        let grace = Instant::now() + GRACE;
        while Instant::now() < grace + LAST {
            self.tick();
            let stopping = |w: &Ward| w.stop.as_ref().is_some_and(|s| s.remains);
            if Instant::now() > grace || !self.wards.values().any(stopping) {
                let own = std::process::id().cast_signed();
                let left = census::descendants(&census::living(), own);
                if left.is_empty() {
                    break;
                }
                for process in left {
                    let _ = kill(Pid::from_raw(process.pid), Signal::SIGKILL);
                }
            }
            std::thread::sleep(TICK);
        }
        for folder in &self.folders {
            remove(folder);
        }
    }
}

impl Ward {
    /// SIGTERM to its group, once.
    fn begin_to_stop(&mut self) {
        if self.stop.is_some() {
            return;
        }
        let _ = killpg(Pid::from_raw(self.pid), Signal::SIGTERM);
        self.stop = Some(Stop {
            deadline: Instant::now() + GRACE,
            members: BTreeSet::new(),
            remains: true,
        });
    }

    /// Looks at what is left of it. Its group has its grace; what left the group (setsid(2)) is killed as soon as the group is gone.
    fn press(&mut self, mark: &str, living: &[census::Process]) {
        let pid = Pid::from_raw(self.pid);
        let Some(stop) = &mut self.stop else {
            return;
        };
        let in_group = self.ending.is_none() || living.iter().any(|p| p.group == self.pid);
        if in_group {
            let started = census::descendants(living, self.pid);
            stop.members
                .extend(started.iter().map(|p| (p.pid, p.started)));
            if Instant::now() >= stop.deadline {
                let _ = killpg(pid, Signal::SIGKILL);
            }
            return;
        }
        let marked = census::marked(living, |m| m == mark);
        let strays: Vec<_> = living
            .iter()
            .filter(|p| stop.members.contains(&(p.pid, p.started)) || marked.contains(p))
            .collect();
        stop.remains = !strays.is_empty();
        for stray in strays {
            let _ = kill(Pid::from_raw(stray.pid), Signal::SIGKILL);
        }
        // Where there is no census, a group's remains are killed unseen.
        let _ = killpg(pid, Signal::SIGKILL);
    }
}

/// Starts a process and gives its number. The handle is let go: every child is waited for in one place, adopted ones too.
fn spawn(launch: &Launch, mark: &str) -> Result<i32, String> {
    let log = || {
        if let Some(folder) = launch.log.parent() {
            fs::create_dir_all(folder)?;
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(&launch.log)?;
        Ok::<_, io::Error>((log.try_clone()?, log))
    };
    let (out, err) = log().map_err(|e| format!("{}: {e}", launch.log.display()))?;
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .current_dir(&launch.folder)
        .env(MARK, mark)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .process_group(0);
    for (name, value) in &launch.variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let child = command
        .spawn()
        .map_err(|e| format!("{}: {e}", launch.program.display()))?;
    Ok(child.id().cast_signed())
}

/// Removes a folder with all that is in it, also where its own folders forbid it.
pub(super) fn remove(folder: &Path) {
    if folder.is_absolute() && fs::remove_dir_all(folder).is_err() {
        open(folder);
        let _ = fs::remove_dir_all(folder);
    }
}

/// Lets the owner write into a folder and those in it.
fn open(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            open(&entry.path());
        }
    }
}
