//! Logs of sides: kept, and read from where a start began.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How many bytes of a log's end are read.
const TAIL: u64 = 1 << 16;

/// The part of a log file that one start of a side wrote.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) path: PathBuf,
    from: u64,
}

impl Log {
    /// What is written from now on.
    pub(super) fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            from: path.metadata().map_or(0, |m| m.len()),
        }
    }

    /// The end of it.
    pub(super) fn text(&self) -> String {
        let read = || {
            let mut file = File::open(&self.path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(self.from.max(length.saturating_sub(TAIL))))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }

    /// Its last lines.
    pub(super) fn tail(&self, lines: usize) -> Vec<String> {
        let text = self.text();
        let mut out: Vec<String> = text.lines().rev().take(lines).map(str::to_owned).collect();
        out.reverse();
        out
    }
}
