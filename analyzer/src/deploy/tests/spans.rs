//! Where commands and their words stand, shown as the file has them.

use model::CommandLine;

use super::super::{Found, Starts, read};
use super::kind;

/// The commands of a file: program, name, arguments, and the line above which a comment may stand.
#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    let of = |line: &CommandLine| {
        let mut out = format!(
            "{:?} {}|{}",
            line.form,
            line.program.of(text),
            line.name.of(text)
        );
        for variable in &line.variables {
            out.push_str(&format!(" ${}", variable.span.of(text)));
        }
        for a in &line.arguments {
            let sets = a.sets.as_deref().unwrap_or("-");
            out.push_str(&format!(" {sets}:{}", a.span.of(text)));
            for part in [a.letters, a.text].into_iter().flatten() {
                out.push_str(&format!("|{}", part.of(text)));
            }
        }
        let head = line
            .head
            .map(|h| text[h as usize..].lines().next().unwrap_or(""));
        format!("{out} ^{}", head.unwrap_or("none"))
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let found: Vec<String> = read(kind(name).expect("a kind"), text, path, &Starts::default())
        .iter()
        .map(|found| match found {
            Found::Server(server) => server.written.as_ref().map_or("nowhere".into(), of),
            Found::Task(task) => task.written.as_ref().map_or("nowhere".into(), of),
        })
        .collect();
    assert_eq!(found, expected, "{path}:\n{text}");
}

#[test]
fn words_of_shells() {
    check(
        "start.sh",
        "#!/bin/sh\nset -e\nFLASK_APP=a flask db upgrade\nexec /v/bin/gunicorn -w4 \\\n  --bind=\"0.0.0.0:$PORT\" --preload 'a:make()'\n",
        &[
            "Shell flask|flask $FLASK_APP=a -:db|db ^FLASK_APP=a flask db upgrade",
            "Shell /v/bin/gunicorn|gunicorn workers:-w4|-w|4 bind:--bind=\"0.0.0.0:$PORT\"|--bind|0.0.0.0:$PORT preload:--preload|--preload app:'a:make()'|a:make() ^exec /v/bin/gunicorn -w4 \\",
        ],
    );
    check(
        "Makefile",
        "run:\n\t@sh -c \"gunicorn -t 5 é:$$APP\"\n",
        &[
            "Shell gunicorn|gunicorn timeout:-t 5|-t|5 app:é:$$APP|é:$$APP ^\t@sh -c \"gunicorn -t 5 é:$$APP\"",
        ],
    );
    check(
        "Procfile",
        "release: python -m flask --app a db upgrade\nweb: waitress-serve --port=80 a:b\n",
        &[
            "Shell flask|flask app:--app a|--app|a -:db|db ^release: python -m flask --app a db upgrade",
            "Shell waitress-serve|waitress-serve port:--port=80|--port|80 app:a:b|a:b ^web: waitress-serve --port=80 a:b",
        ],
    );
}

#[test]
fn words_of_lists() {
    check(
        "Dockerfile",
        "FROM x\nRUN pip install flask gunicorn\nENTRYPOINT [\"gunicorn\"]\nCMD [\"-b\", \":80\", \\\n  \"run:app\"]\n",
        &[
            "Shell pip|pip -:flask|flask -:gunicorn|gunicorn ^RUN pip install flask gunicorn",
            "List \"gunicorn\"|gunicorn bind:\"-b\", \":80\"|-b|:80 app:\"run:app\"|run:app ^ENTRYPOINT [\"gunicorn\"]",
        ],
    );
    check(
        "docker-compose.yml",
        "services:\n  a:\n    command: gunicorn -b :$$P a:b\n  b:\n    command:\n      - gunicorn\n      - -w\n      - '3'  # three\n      - a:b\n  c:\n    command: >\n      sh -c \"flask db upgrade &&\n             gunicorn c:d\"\n",
        &[
            "Shell gunicorn|gunicorn bind:-b :$$P|-b|:$$P app:a:b|a:b ^    command: gunicorn -b :$$P a:b",
            "List gunicorn|gunicorn workers:-w\n      - '3'|-w|3 app:a:b|a:b ^    command:",
            "Shell flask|flask -:db|db ^    command: >",
            "Shell gunicorn|gunicorn app:c:d|c:d ^    command: >",
        ],
    );
    check(
        "package.json",
        "{\"scripts\": {\"serve\": \"flask run -p 1\"}}\n",
        &["Shell flask|flask -:run|run port:-p 1|-p|1 ^none"],
    );
    check(
        "fly.toml",
        "[processes]\nweb = \"gunicorn a:b\"\n",
        &["Shell gunicorn|gunicorn app:a:b|a:b ^web = \"gunicorn a:b\""],
    );
}
