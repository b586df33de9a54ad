//! Files that are cut off, binary or nonsense: never a panic.

use proptest::prelude::*;

use super::super::{Starts, files::Kind, gunicorn_config, options::Program, read};

const KINDS: &[Kind] = &[
    Kind::Procfile,
    Kind::Dockerfile,
    Kind::Yaml,
    Kind::Toml,
    Kind::Unit,
    Kind::Script,
    Kind::Makefile,
];

fn all(text: &str) {
    for kind in KINDS {
        let _ = read(*kind, text, "file", &Starts::default());
    }
}

#[test]
fn cut_off_anywhere() {
    for whole in [
        "web: FOO=\"é\" exec gunicorn -w${W:-2} -b '0.0.0.0:80' \"a:b\" > l 2>&1 <<EOF\n",
        "FROM x\nENTRYPOINT [\"sh\", \"-c\"]\nCMD [\"gunicorn\", \"-é4\", \"a:b\"] \\\n",
        "a: &x\n  command: >\n    gunicorn `a` $(b ${c}) a:b\n  args: [*x, {a: b}]\n",
        "[processes]\napp = '''gunicorn \\\n--é=1 a:b'''\n",
        "[Service]\nExecStart=@/bin/sh -c 'gunicorn -b unix: a:b' \\\n",
        "t:\n\t@python -m -m gunicorn -- a:b \\\n",
    ] {
        for end in 0..=whole.len() {
            if let Some(part) = whole.get(..end) {
                all(part);
            }
        }
    }
}

#[test]
fn deep_nesting() {
    all(&"[".repeat(50_000));
    all(&"{a: ".repeat(50_000));
    all(&"$(".repeat(50_000));
    all(&format!("CMD {}", "[".repeat(50_000)));
    all(&"sh -c ".repeat(50_000));
    let mut nested = "gunicorn a:b".to_owned();
    for _ in 0..12 {
        nested = format!(
            "sh -c \"{}\"",
            nested.replace('\\', "\\\\").replace('"', "\\\"")
        );
    }
    all(&nested);
    let gunicorn = Program::find("gunicorn").expect("it is known");
    let _ = gunicorn_config::settings(gunicorn, &format!("workers = {}", "(".repeat(100_000)));
    let _ = gunicorn_config::settings(gunicorn, "workers = = [\n'");
}

proptest! {
    #[test]
    fn any_text(text in "(gunicorn|uwsgi|CMD|command:|sh -c|python -m|\\PC|[-'\"\\\\$`(){}\\[\\]<>&|;#=:\n\t ]){0,60}") {
        all(&text);
    }
}
