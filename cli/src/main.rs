//! The `migrate` command: arguments in, text or JSON out, and an exit code.

mod args;
mod commands;
mod render;

use std::process::ExitCode;

use clap::Parser as _;

/// Why a command ended early.
enum Failure {
    /// The call, its input or the app is wrong: one line with the mend, exit code 2.
    Input {
        /// What is wrong.
        message: String,
        /// What to do about it.
        mend: String,
    },
    /// Nobody reads the output any more.
    Closed,
}

impl Failure {
    fn input(message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Input {
            message: message.into(),
            mend: mend.into(),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::input(error.to_string(), "check where the output goes")
        }
    }
}

/// The hidden argument by which `migrate verify` starts itself as the supervisor of the servers that it runs.
const SUPERVISE: &str = "__supervise";

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|a| a == SUPERVISE) {
        return verify::serve::supervise();
    }
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        eprintln!("error: migrate has a defect{place}; nothing was written (please report it)");
    }));
    let args = args::Args::parse();
    let result = std::panic::catch_unwind(|| commands::run(args));
    match result {
        Ok(Ok(code)) => code,
        Ok(Err(Failure::Closed)) => ExitCode::SUCCESS,
        Ok(Err(Failure::Input { message, mend })) => {
            let style = render::style::ERROR;
            anstream::eprintln!("{style}error{style:#}: {message} ({mend})");
            ExitCode::from(2)
        }
        Err(_) => ExitCode::from(2),
    }
}
