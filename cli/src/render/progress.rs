//! Progress of long work, on the standard error and only where somebody looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line that says what is going on.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts it. Where the standard error is no terminal, nothing is ever written.
    pub fn start() -> Self {
        let bar = ProgressBar::new_spinner();
        let template = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}");
        bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl verify::Observer for Progress {
    fn step(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    fn sent(&self, requests: u32, differing: u32) {
        if !requests.is_multiple_of(10) {
            return;
        }
        let different = match differing {
            0 => String::new(),
            n => format!(", {n} different"),
        };
        self.bar.set_message(format!(
            "{} sent{different}",
            super::plural(requests as usize, "request")
        ));
    }
}
