//! Commands as a person types them.

/// A command with its address filled in, quoted for a POSIX shell.
#[must_use]
pub fn shown(words: &[String]) -> String {
    words
        .iter()
        .map(|w| quoted(&w.replace("{host}", "127.0.0.1").replace("{port}", "8000")))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word as a POSIX shell reads it back: in single quotes unless nothing in it is special.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "%+,-./:=@_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_them_back() {
        let words = |w: &[&str]| w.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            shown(&words(&[
                "gunicorn",
                "-b",
                "{host}:{port}",
                "app:create_app()"
            ])),
            "gunicorn -b 127.0.0.1:8000 'app:create_app()'"
        );
        let odd = ["it's", "a b", "", "$HOME", "x;y", "ünï"];
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!("printf '%s\\n' {}", odd.map(quoted).join(" ")))
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            odd.map(|w| format!("{w}\n")).concat()
        );
    }
}
