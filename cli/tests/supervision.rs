//! Nothing that the supervisor starts is left, however `migrate` ends: real processes, found again by a mark in their command line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use verify::serve::{Ending, Launch, RunError, Supervisor};

/// Ignores SIGTERM, as Robyn with one process does.
const STUBBORN: &str = "
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('ready', flush=True)
time.sleep(600)
";

/// Leaves behind, by a double fork, a process in a session of its own that ignores SIGTERM and whose environment is empty.
const DAEMON: &str = "
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        code = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(\"ready\", flush=True); time.sleep(600)'
        os.execve(sys.executable, [sys.executable, '-c', code, sys.argv[1]], {})
    os._exit(0)
time.sleep(600)
";

/// Starts a child in a session of its own and waits.
const PARENT: &str = "
import subprocess, sys
code = 'import time; print(\"ready\", flush=True); time.sleep(600)'
subprocess.run([sys.executable, '-c', code, sys.argv[1]], start_new_session=True)
";

/// A place of a test: its folder, and a word that no other command line has.
struct Place {
    folder: tempfile::TempDir,
    mark: String,
}

impl Place {
    fn new(name: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            mark: format!("supervised-{name}-{}", std::process::id()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A Python program with the mark in its command line.
    fn launch(&self, name: &str, code: &str) -> Launch {
        launch(self.folder.path(), &self.mark, name, code)
    }

    /// How many processes have the mark in their command line.
    fn left(&self) -> usize {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let lines = entries.filter_map(|e| fs::read(e.path().join("cmdline")).ok());
        lines
            .filter(|l| String::from_utf8_lossy(l).contains(&self.mark))
            .count()
    }

    fn wait_until_ready(&self, name: &str) {
        let log = self.path(&format!("{name}.log"));
        wait_until(Duration::from_secs(20), name, || {
            fs::read_to_string(&log).is_ok_and(|t| t.contains("ready"))
        });
    }
}

fn launch(folder: &Path, mark: &str, name: &str, code: &str) -> Launch {
    Launch {
        program: "python3".into(),
        arguments: ["-c", code, mark].map(str::to_owned).to_vec(),
        folder: folder.to_owned(),
        variables: BTreeMap::new(),
        log: folder.join(format!("{name}.log")),
    }
}

fn wait_until(limit: Duration, what: &str, is_so: impl Fn() -> bool) {
    let last = Instant::now() + limit;
    while !is_so() {
        assert!(Instant::now() < last, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn supervisor() -> Supervisor {
    let program = Path::new(env!("CARGO_BIN_EXE_migrate"));
    Supervisor::start(program, &["__supervise".into()]).unwrap()
}

#[test]
fn the_end_takes_one_grace_and_leaves_nothing() {
    let place = Place::new("end");
    let supervisor = supervisor();
    for (name, code) in [
        ("a", STUBBORN),
        ("b", STUBBORN),
        ("c", DAEMON),
        ("d", PARENT),
    ] {
        supervisor.spawn(&place.launch(name, code)).unwrap();
    }
    for name in ["a", "b", "c", "d"] {
        place.wait_until_ready(name);
    }
    let work = place.path("work");
    fs::create_dir_all(work.join("deep")).unwrap();
    supervisor.remove_at_end(&work).unwrap();
    assert_eq!(place.left(), 6);
    let start = Instant::now();
    drop(supervisor);
    let took = start.elapsed();
    assert_eq!(place.left(), 0);
    assert!(!work.exists());
    assert!(took > Duration::from_millis(1900), "no grace: {took:?}");
    assert!(took < Duration::from_millis(3500), "{took:?}");
}

#[test]
fn one_process_is_stopped_with_what_it_started() {
    let place = Place::new("stop");
    let supervisor = supervisor();
    let stubborn = supervisor.spawn(&place.launch("a", STUBBORN)).unwrap();
    let parent = supervisor.spawn(&place.launch("b", PARENT)).unwrap();
    for name in ["a", "b"] {
        place.wait_until_ready(name);
    }
    assert_eq!(place.left(), 3);
    supervisor.stop(&[&parent]).unwrap();
    assert_eq!(place.left(), 1, "the other one runs on");
    assert_eq!(supervisor.ending(&stubborn), Ok(None));
    supervisor.stop(&[&stubborn]).unwrap();
    assert_eq!(place.left(), 0);
    assert_eq!(supervisor.ending(&stubborn), Ok(Some(Ending::Killed(9))));
}

#[test]
fn commands_run_to_their_end_or_to_their_limit() {
    let place = Place::new("run");
    let supervisor = supervisor();
    let run = |name: &str, code: &str, limit| supervisor.run(&place.launch(name, code), limit);
    let long = Duration::from_secs(30);
    assert_eq!(run("a", "print('done')", long), Ok(Ending::Exited(0)));
    assert_eq!(fs::read_to_string(place.path("a.log")).unwrap(), "done\n");
    assert_eq!(run("b", "raise SystemExit(3)", long), Ok(Ending::Exited(3)));
    let short = Duration::from_millis(500);
    assert_eq!(run("c", STUBBORN, short), Err(RunError::TimeUp(short)));
    let leaves = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', sys.argv[1]], start_new_session=True)";
    assert_eq!(run("d", leaves, long), Ok(Ending::Exited(0)));
    assert_eq!(place.left(), 0);
    let missing = Launch {
        program: "/nowhere/program".into(),
        ..place.launch("e", "")
    };
    let error = supervisor.run(&missing, long).unwrap_err();
    assert!(error.to_string().contains("/nowhere/program: No such file"));
}

#[test]
fn processes_get_what_a_launch_says_and_default_signals() {
    let place = Place::new("launch");
    let supervisor = supervisor();
    let code = "
import os, signal, sys
print(os.environ['ADDED'], 'HOME' in os.environ, os.getcwd())
print(os.getpgrp() == os.getpid(), sys.stdin.read() == '')
print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, signal.pthread_sigmask(signal.SIG_BLOCK, []))
";
    let mut launch = place.launch("a", code);
    launch.variables = BTreeMap::from([("ADDED".into(), Some("é".into())), ("HOME".into(), None)]);
    let ending = supervisor.run(&launch, Duration::from_secs(30));
    assert_eq!(ending, Ok(Ending::Exited(0)));
    let folder = place.folder.path().canonicalize().unwrap();
    assert_eq!(
        fs::read_to_string(&launch.log).unwrap(),
        format!("é False {}\nTrue True\nTrue set()\n", folder.display())
    );
}

/// Not a test: what [`kill_9_of_the_holder_leaves_nothing`] and [`a_signal_to_all_leaves_nothing`] start as `migrate`.
#[test]
fn holder() {
    let Some(folder) = std::env::var_os("SUPERVISION_FOLDER").map(PathBuf::from) else {
        return;
    };
    let mark = std::env::var("SUPERVISION_MARK").unwrap();
    let supervisor = supervisor();
    supervisor.remove_at_end(&folder.join("work")).unwrap();
    for (name, code) in [("a", STUBBORN), ("b", DAEMON), ("c", PARENT)] {
        let process = launch(&folder, &mark, name, code);
        supervisor.spawn(&process).unwrap();
    }
    fs::write(folder.join("keeper"), supervisor.pid().to_string()).unwrap();
    let setup = launch(&folder, &mark, "d", STUBBORN);
    let _ = supervisor.run(&setup, Duration::from_secs(600));
}

/// Starts the holder, ends it with `end`, and sees that nothing is left.
fn after(name: &str, end: impl FnOnce(u32, u32)) {
    let place = Place::new(name);
    fs::create_dir_all(place.path("work/deep")).unwrap();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "holder"])
        .env("SUPERVISION_FOLDER", place.folder.path())
        .env("SUPERVISION_MARK", &place.mark)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    for name in ["a", "b", "c", "d"] {
        place.wait_until_ready(name);
    }
    assert_eq!(place.left(), 6);
    let keeper = fs::read_to_string(place.path("keeper")).unwrap();
    end(holder.id(), keeper.parse().unwrap());
    holder.wait().unwrap();
    wait_until(Duration::from_secs(5), "all processes gone", || {
        place.left() == 0
    });
    wait_until(Duration::from_secs(2), "the folder gone", || {
        !place.path("work").exists()
    });
}

fn send(signal: &str, pids: &[u32]) {
    let mut command = Command::new("kill");
    command.arg(signal);
    command.args(pids.iter().map(u32::to_string));
    assert!(command.status().unwrap().success());
}

#[test]
fn kill_9_of_the_holder_leaves_nothing() {
    after("kill", |holder, _| send("-9", &[holder]));
}

#[test]
fn a_signal_to_all_leaves_nothing() {
    after("term", |holder, keeper| {
        send("-TERM", &[keeper]);
        send("-INT", &[keeper]);
        send("-TERM", &[holder]);
    });
}

#[test]
fn kill_9_of_the_supervisor_is_noticed_and_leaves_nothing() {
    // What gives up its group, its parents and its environment is out of reach once the subreaper is gone.
    let place = Place::new("keeper");
    let supervisor = supervisor();
    let stubborn = supervisor.spawn(&place.launch("a", STUBBORN)).unwrap();
    supervisor.spawn(&place.launch("b", PARENT)).unwrap();
    for name in ["a", "b"] {
        place.wait_until_ready(name);
    }
    let work = place.path("work");
    fs::create_dir(&work).unwrap();
    supervisor.remove_at_end(&work).unwrap();
    assert_eq!(place.left(), 3);
    send("-9", &[supervisor.pid()]);
    wait_until(Duration::from_secs(2), "it is noticed", || {
        supervisor.ending(&stubborn) == Err(RunError::Gone)
    });
    assert_eq!(place.left(), 0);
    assert!(!work.exists());
    assert_eq!(
        supervisor.spawn(&place.launch("c", STUBBORN)),
        Err(RunError::Gone)
    );
    drop(supervisor);
}

#[test]
fn a_supervisor_that_died_unseen_is_cleaned_up_after() {
    let place = Place::new("unseen");
    let supervisor = supervisor();
    supervisor.spawn(&place.launch("a", PARENT)).unwrap();
    place.wait_until_ready("a");
    send("-9", &[supervisor.pid()]);
    drop(supervisor);
    assert_eq!(place.left(), 0);
}
