//! Dependency files: `requirements*.txt` and the dependencies of a PEP 621 `pyproject.toml`.

/// What changes in the app's dependencies.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// Packages that the port does not need.
    pub remove: Vec<String>,
    /// Packages that it needs, with their specifiers.
    pub add: Vec<(String, String)>,
}

/// A package's name as PEP 503 compares it.
fn normal(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace(['_', '.'], "-")
}

/// The package that a requirement line names.
fn package(line: &str) -> Option<String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '-']) {
        return None;
    }
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(line.len());
    Some(normal(&line[..end]))
}

/// A requirements file with what the port needs; comments, options and order stay.
#[must_use]
pub fn rewrite(text: &str, dependencies: &Dependencies) -> String {
    let present: Vec<String> = text.lines().filter_map(package).collect();
    let mut pending: Vec<String> = dependencies
        .add
        .iter()
        .filter(|(name, _)| !present.contains(&normal(name)))
        .map(|(name, spec)| format!("{name}{spec}"))
        .collect();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let removed =
            package(line).is_some_and(|p| dependencies.remove.iter().any(|r| normal(r) == p));
        if !removed {
            out.push_str(line);
            continue;
        }
        // What comes instead stands where the first removed line stood.
        for new in std::mem::take(&mut pending) {
            out.push_str(&new);
            out.push_str(end);
        }
    }
    if !pending.is_empty() {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push_str(end);
        }
        for new in pending {
            out.push_str(&new);
            out.push_str(end);
        }
    }
    out
}

/// `[project] dependencies` of a pyproject.toml; `None` when it has none. Everything else stays byte
/// for byte.
#[must_use]
pub fn rewrite_pyproject(text: &str, dependencies: &Dependencies) -> Option<String> {
    let start = text
        .find("\n[project]")
        .map(|i| i + 1)
        .or_else(|| text.starts_with("[project]").then_some(0))?;
    let section_end = text[start + 1..]
        .find("\n[")
        .map_or(text.len(), |i| start + 1 + i);
    let section = &text[start..section_end];
    let key = section
        .match_indices("dependencies")
        .map(|(i, _)| i)
        .find(|&i| {
            section[..i].ends_with('\n')
                && section[i + "dependencies".len()..]
                    .trim_start()
                    .starts_with('=')
        })?;
    let open = start + key + section[key..].find('[')?;
    let close = open + closing(&text[open..])?;
    let inner = &text[open + 1..close];
    let items = strings(inner);
    let first = items.iter().find(|(_, _, s)| {
        package(s).is_some_and(|p| dependencies.remove.iter().any(|r| normal(r) == p))
    })?;
    let quote = &inner[first.0..=first.0];
    let present: Vec<String> = items.iter().filter_map(|(_, _, s)| package(s)).collect();
    let line_start = inner[..first.0].rfind('\n').map(|i| i + 1);
    let separator = match line_start {
        Some(i) => format!(",\n{}", &inner[i..first.0]),
        None => ", ".to_owned(),
    };
    let new: Vec<String> = dependencies
        .add
        .iter()
        .filter(|(name, _)| !present.contains(&normal(name)))
        .map(|(name, spec)| format!("{quote}{name}{spec}{quote}"))
        .collect();
    let mut out = String::from(&text[..open + 1]);
    out.push_str(&inner[..first.0]);
    out.push_str(&new.join(&separator));
    out.push_str(&inner[first.1..]);
    out.push_str(&text[close..]);
    Some(out)
}

/// The offset of the `]` that closes the array that `s` begins with.
fn closing(s: &str) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0;
    for (i, c) in s.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// The string literals of an array: start, end (quotes included), content.
fn strings(inner: &str) -> Vec<(usize, usize, &str)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(i) = inner[at..].find(['"', '\'', '#']) {
        let start = at + i;
        let quote = inner.as_bytes()[start] as char;
        if quote == '#' {
            at = inner[start..].find('\n').map_or(inner.len(), |n| start + n);
            continue;
        }
        let Some(end) = inner[start + 1..].find(quote) else {
            break;
        };
        let end = start + 1 + end + 1;
        out.push((start, end, &inner[start + 1..end - 1]));
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependencies() -> Dependencies {
        Dependencies {
            remove: vec!["flask".into(), "gunicorn".into()],
            add: vec![
                ("fastapi".into(), "==1".into()),
                ("click".into(), String::new()),
            ],
        }
    }

    #[test]
    fn requirements() {
        let d = dependencies();
        assert_eq!(
            rewrite("# web\nFlask==3.1\nclick>=8\ngunicorn\nrequests\n", &d),
            "# web\nfastapi==1\nclick>=8\nrequests\n"
        );
        assert_eq!(rewrite("requests", &d), "requests\nfastapi==1\nclick\n");
        assert_eq!(rewrite("", &d), "fastapi==1\nclick\n");
        assert_eq!(
            rewrite("-r base.txt\nflask-login\n", &d),
            "-r base.txt\nflask-login\nfastapi==1\nclick\n"
        );
    }

    #[test]
    fn pyproject() {
        let text = "[project]\nname = \"x\"\ndependencies = [\n    \"flask\",\n    \"requests[socks]\",\n]\n\n[tool.x]\ny = 1\n";
        let new = rewrite_pyproject(text, &dependencies()).unwrap();
        assert_eq!(
            new,
            "[project]\nname = \"x\"\ndependencies = [\n    \"fastapi==1\",\n    \"click\",\n    \"requests[socks]\",\n]\n\n[tool.x]\ny = 1\n"
        );
        assert_eq!(
            rewrite_pyproject("[tool.x]\ny = 1\n", &dependencies()),
            None
        );
    }
}
