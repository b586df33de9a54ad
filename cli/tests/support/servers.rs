//! Real servers on free loopback ports, stopped when the test lets go of them.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server.
pub struct Server {
    pub port: u16,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `command` (as `run` in port.json has it) with the environment's interpreter in `dir`.
    pub fn start(python: &Path, dir: &Path, command: &[String]) -> Self {
        let port = free_port();
        let words: Vec<String> = command
            .iter()
            .map(|w| {
                w.replace("{host}", "127.0.0.1")
                    .replace("{port}", &port.to_string())
            })
            .collect();
        let mut command = Command::new(python);
        command
            .arg("-m")
            .args(&words)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Self::spawn(command, dir, port)
    }

    /// Starts the program of a port to Rust in `dir`.
    pub fn start_program(program: &Path, dir: &Path) -> Self {
        let port = free_port();
        let mut command = Command::new(program);
        command.env("BIND", format!("127.0.0.1:{port}"));
        Self::spawn(command, dir, port)
    }

    fn spawn(mut command: Command, dir: &Path, port: u16) -> Self {
        let log = dir.with_extension("log");
        let out = File::create(&log).expect("a log file");
        let child = command
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a log file"))
            .stderr(out)
            .spawn()
            .expect("the server starts");
        let mut server = Self { port, child, log };
        server.wait();
        server
    }

    fn wait(&mut self) {
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server does not listen:\n{}", self.log());
    }

    /// What it printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
        .port()
}
