//! Names of routes with `*` for any text, as they are written on the command line.

/// Whether a glob names a route: by its endpoint or by its rule.
#[must_use]
pub fn names(glob: &str, endpoint: &str, rule: &str) -> bool {
    fits(glob, endpoint) || fits(glob, rule)
}

/// Whether a text fits a glob of `*`.
fn fits(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(i) => rest = &rest[i + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn globs() {
        assert!(fits("blog.*", "blog.index"));
        assert!(fits("*", "x"));
        assert!(fits("/a/*/c", "/a/b/c"));
        assert!(!fits("blog.*", "auth.login"));
        assert!(!fits("index", "index2"));
    }
}
