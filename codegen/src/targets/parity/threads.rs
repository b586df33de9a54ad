//! Libraries whose objects cannot be used by several threads: an app that has one of them for all its requests is served by
//! one thread a process.

use super::Port;
use crate::targets::is_test;

/// A library, and what goes wrong with it.
struct Library {
    /// What is imported.
    package: &'static str,
    name: &'static str,
    why: &'static str,
}

/// Those that were seen to fail, with twenty requests at once.
const UNSAFE: &[Library] = &[Library {
    package: "git",
    name: "GitPython",
    why: "a `Repo` asks one `git cat-file` process for all objects, and threads wait for ever for each other's answers",
}];

impl Port<'_> {
    /// The option that makes a process work off one request after the other, as a synchronous worker does, where the app's
    /// libraries want it.
    pub(super) fn threads(&mut self) -> &'static str {
        if self.is_quart() {
            return "";
        }
        let found = UNSAFE
            .iter()
            .find_map(|library| Some((self.place_of_import(library.package)?, library)));
        let Some((place, library)) = found else {
            return "";
        };
        let Library { name, why, .. } = library;
        self.remarks.push(format!(
            "{place}: {name} is not safe in threads ({why}): `threads=1` makes a process of the port work off one request after the other, as a synchronous worker of gunicorn does; start as many of them"
        ));
        self.one_at_a_time = true;
        ", threads=1"
    }

    /// Where the app imports a package first.
    fn place_of_import(&self, package: &str) -> Option<String> {
        let is_own = |module: &str| module == package || module.ends_with(&format!(".{package}"));
        if self.analysis.files.values().any(|f| is_own(&f.module)) {
            return None;
        }
        self.texts
            .iter()
            .filter(|(path, _)| path.ends_with(".py") && !is_test(path))
            .find_map(|(path, text)| {
                let line = text.lines().position(|line| imports(line, package))?;
                Some(format!("{path}:{}", line + 1))
            })
    }
}

fn imports(line: &str, package: &str) -> bool {
    let line = line.trim_start();
    let is_it = |name: &str| {
        let name = name.trim_start();
        let rest = name.strip_prefix(package);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ', ';', '#']))
    };
    if let Some(names) = line.strip_prefix("import ") {
        return names.split(',').any(is_it);
    }
    line.strip_prefix("from ")
        .is_some_and(|rest| rest.contains(" import") && is_it(rest))
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn imports_of_a_package() {
        for (line, wanted) in [
            ("import git", true),
            ("    from git.exc import GitCommandError", true),
            ("import os, git as g", true),
            ("from git to the browser", false),
            ("from git import Repo", true),
            ("import gitdb", false),
            ("from .git import x", false),
            ("git = 1", false),
        ] {
            assert_eq!(imports(line, "git"), wanted, "{line}");
        }
    }
}
