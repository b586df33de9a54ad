//! Which processes belong to a supervised one, by Linux's `/proc`. Elsewhere there is none, and process groups alone count.

use std::collections::BTreeSet;
use std::fs;

use super::protocol::MARK;

/// A process that lives (a zombie does not).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    /// Its number.
    pub(super) pid: i32,
    /// Its parent's.
    pub(super) parent: i32,
    /// Its process group.
    pub(super) group: i32,
    /// When it started, in clock ticks since boot: with the number, it tells a process from a later one of that number.
    pub(super) started: u64,
}

/// Every living process that may be seen.
pub(super) fn living() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| process(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?))
        .collect()
}

/// Reads a line of `/proc/PID/stat` (proc(5)): the command's name is in parentheses and may hold anything.
fn process(stat: &str) -> Option<Process> {
    let pid = stat.split_once(' ')?.0.parse().ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

/// The mark in the environment that a process was started with.
fn mark(pid: i32) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let value = environment.split(|b| *b == 0).find_map(|variable| {
        let rest = variable.strip_prefix(MARK.as_bytes())?;
        rest.strip_prefix(b"=")
    })?;
    String::from_utf8(value.to_vec()).ok()
}

/// Those of `living` whose mark fits.
pub(super) fn marked(living: &[Process], fits: impl Fn(&str) -> bool) -> Vec<Process> {
    let own = living
        .iter()
        .filter(|p| mark(p.pid).is_some_and(|m| fits(&m)));
    own.copied().collect()
}

/// Those of `living` that `root` started, and what they started, as far as parents tell.
pub(super) fn descendants(living: &[Process], root: i32) -> Vec<Process> {
    let mut known = BTreeSet::from([root]);
    let mut out = Vec::new();
    loop {
        let before = out.len();
        for process in living {
            if known.contains(&process.parent) && known.insert(process.pid) {
                out.push(*process);
            }
        }
        if out.len() == before {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_no_field() {
        let line = |state| {
            format!("12 (a) b (c)) {state} 7 12 9 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 4711 1 1 1")
        };
        let expected = Process {
            pid: 12,
            parent: 7,
            group: 12,
            started: 4711,
        };
        assert_eq!(process(&line("S")), Some(expected));
        assert_eq!(process(&line("Z")), None, "a zombie runs no more");
        assert_eq!(process("12 (cut"), None);
    }

    #[test]
    fn children_of_children() {
        let p = |pid, parent| Process {
            pid,
            parent,
            group: pid,
            started: 0,
        };
        let living = [p(9, 8), p(8, 5), p(5, 1), p(6, 1), p(7, 5)];
        let mut pids: Vec<i32> = descendants(&living, 5).iter().map(|p| p.pid).collect();
        pids.sort_unstable();
        assert_eq!(pids, [7, 8, 9]);
    }
}
