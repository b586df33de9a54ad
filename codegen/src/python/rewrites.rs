//! The rewrites of Python ports by code, as `diff` names them at every hunk.

/// Each code with what it rewrites.
pub const REWRITES: &[(&str, &str)] = &[
    ("R0101", "imports"),
    ("R0102", "the app object"),
    ("R0103", "a blueprint"),
    ("R0104", "a mount"),
    ("R0105", "a route's decorator"),
    ("R0106", "a route registered by a call"),
    ("R0107", "a hook"),
    ("R0108", "an error handler"),
    ("R0109", "a template filter, test or global"),
    ("R0110", "configuration, paths and resources of the app"),
    ("R0111", "a view's parameters"),
    ("R0112", "query, form, files and body"),
    ("R0113", "what a view returns"),
    ("R0115", "commands"),
    ("R0116", "the development server"),
    ("R0117", "an application around the app"),
    ("R0118", "what is left to Flask"),
    ("R0190", "a view that is refused"),
];

/// What the rewrite of that code rewrites.
#[must_use]
pub fn find(code: &str) -> Option<(&'static str, &'static str)> {
    REWRITES
        .iter()
        .copied()
        .find(|(name, _)| name.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code that the sources of this crate use is explained, and nothing else.
    #[test]
    fn codes_are_those_in_use() {
        let mut used = std::collections::BTreeSet::new();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![root];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("rewrites.rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    used.extend(
                        text.split('"')
                            .filter(|w| w.len() == 5 && w.starts_with("R01"))
                            .map(str::to_owned),
                    );
                }
            }
        }
        let doc = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/architecture.md");
        let doc = std::fs::read_to_string(doc).unwrap();
        for (code, what) in REWRITES {
            assert!(doc.contains(&format!("| {code} | {what} |")), "{code}");
        }
        let known: Vec<String> = REWRITES
            .iter()
            .map(|(code, _)| (*code).to_owned())
            .collect();
        assert_eq!(used.into_iter().collect::<Vec<_>>(), known);
    }
}
