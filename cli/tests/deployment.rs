//! What is around an app's code comes along: files before and after, as people write them.

mod support;

use std::fs;

use support::migrate_ok;

const APP: &str = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef index():\n    return \"hello\"\n\n\ndef make():\n    return app\n";

/// Ports an app of one file with these files beside it, and compares those with what is expected of the port:
/// `None` for a file that is as it was. Gives MIGRATION.md.
#[track_caller]
fn check(files: &[(&str, &str, Option<&str>)]) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().join("site");
    for (path, text, _) in files.iter().chain(&[("app.py", APP, None)]) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    migrate_ok(dir.path(), &["port", "site", "--to", "fastapi"]);
    let port = dir.path().join("site-fastapi");
    let guide = fs::read_to_string(port.join("MIGRATION.md")).expect("a guide");
    let mut wrong = String::new();
    for (path, before, after) in files {
        let found = fs::read_to_string(port.join(path)).expect("a file");
        let wanted = after.unwrap_or(before);
        if found != wanted {
            let diff = similar::TextDiff::from_lines(wanted, &found);
            wrong.push_str(&format!("{path}:\n{}\n", diff.unified_diff()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{guide}");
    guide
}

#[test]
fn scripts() {
    let guide = check(&[
        (
            "Procfile",
            "release: FLASK_APP=app flask db upgrade\nweb: gunicorn app:app --log-file -\nworker: celery -A app worker\n",
            Some(
                "# was: FLASK_APP=app flask db upgrade\nrelease: python -m flask_parity.cli app:app db upgrade\n# was: gunicorn app:app --log-file -\nweb: uvicorn --host 0.0.0.0 --port ${PORT:-8000} app:app\nworker: celery -A app worker\n",
            ),
        ),
        (
            "start.sh",
            "#!/bin/sh\nset -e\nif [ -n \"$DEV\" ]; then\n  exec flask --app app run --debug -h 0.0.0.0 -p \"$PORT\"\nfi\nexec /venv/bin/gunicorn -w \"${WORKERS:-4}\" \\\n  --bind=\"0.0.0.0:$PORT\" --threads 8 \\\n  -t 120 --access-logfile - --log-level=info 'app:make()'\n",
            Some(
                "#!/bin/sh\nset -e\nif [ -n \"$DEV\" ]; then\n  # was: flask --app app run --debug -h 0.0.0.0 -p \"$PORT\"\n  exec uvicorn app:app --reload --host 0.0.0.0 --port \"$PORT\"\nfi\n# was: /venv/bin/gunicorn -w \"${WORKERS:-4}\" --bind=\"0.0.0.0:$PORT\" --threads 8 -t 120 --access-logfile - --log-level=info 'app:make()'\nexec /venv/bin/uvicorn --workers \"${WORKERS:-4}\" \\\n  --host 0.0.0.0 --port \"$PORT\" \\\n  --timeout-worker-healthcheck 120 --log-level=info --factory app:make\n",
            ),
        ),
        (
            "run.sh",
            "waitress-serve --port=8080 --threads=4 --call app:make\nwaitress-serve app:app\nuwsgi --http :8000 --module app:app --processes 4 --master --harakiri 30\ngunicorn -k gevent -w 1 -b unix:/run/a.sock app:app\n",
            Some(
                "# was: waitress-serve --port=8080 --threads=4 --call app:make\nuvicorn --host 0.0.0.0 --port=8080 --factory app:make\n# was: waitress-serve app:app\nuvicorn --host 0.0.0.0 --port 8080 app:app\n# was: uwsgi --http :8000 --module app:app --processes 4 --master --harakiri 30\nuvicorn --host 0.0.0.0 --port 8000 --workers 4 app:app\n# was: gunicorn -k gevent -w 1 -b unix:/run/a.sock app:app\nuvicorn --workers 1 --uds /run/a.sock app:app\n",
            ),
        ),
        (
            "Makefile",
            "PORT = 80\nrun:\n\t@FLASK_DEBUG=1 flask run --port $(PORT)\nserve:\n\tpoetry run gunicorn -b :$$PORT app:app\n",
            Some(
                "PORT = 80\nrun:\n# was: FLASK_DEBUG=1 flask run --port $(PORT)\n\t@uvicorn app:app --port $(PORT)\nserve:\n# was: gunicorn -b :$$PORT app:app\n\tpoetry run uvicorn --host 0.0.0.0 --port $$PORT app:app\n",
            ),
        ),
    ]);
    for said in [
        "| `start.sh:6` |",
        "`--threads` is dropped: plain functions",
        "no equal of harakiri",
        "`-k` is dropped: uvicorn has an event loop of its own",
    ] {
        assert!(guide.contains(said), "{said}:\n{guide}");
    }
}

const ADDED: &str = "fastapi==0.165.0 uvicorn==0.54.0 'jinja2>=3.1' 'itsdangerous>=2.2' 'markupsafe>=2.1' 'python-multipart>=0.0.20'";

#[test]
fn images_and_services() {
    let image = format!(
        "FROM python:3.12 AS base\n# was: pip install --no-cache-dir flask requests\nRUN pip install --no-cache-dir {ADDED} uvicorn-worker requests\nENV FLASK_RUN_HOST=0.0.0.0\n\nFROM base AS dev\n# was: flask run\nCMD [\"uvicorn\", \"--host\", \"0.0.0.0\", \"--port\", \"5000\", \"app:app\"]\n\nFROM base\n# was: gunicorn --bind 0.0.0.0:8000 --workers=2 --threads 4 app:app\nCMD [\"uvicorn\", \"--host\", \"0.0.0.0\", \"--port\", \"8000\", \\\n     \"--workers=2\", \"app:app\"]\n"
    );
    let requirements = format!(
        "# web\n{}\nuvicorn-worker\nrequests  # http\n",
        ADDED.replace('\'', "").replace(' ', "\n")
    );
    check(&[
        (
            "Dockerfile",
            "FROM python:3.12 AS base\nRUN pip install --no-cache-dir flask requests\nENV FLASK_RUN_HOST=0.0.0.0\n\nFROM base AS dev\nCMD [\"flask\", \"run\"]\n\nFROM base\nCMD [\"gunicorn\", \"--bind\", \"0.0.0.0:8000\", \\\n     \"--workers=2\", \"--threads\", \"4\", \"app:app\"]\n",
            Some(&image),
        ),
        (
            "api.Dockerfile",
            "FROM x\nCMD exec gunicorn --bind :$PORT \\\n    # one, since jobs live in memory\n    --workers 1 --threads 8 \\\n    app:app\n",
            Some(
                "FROM x\n# was: gunicorn --bind :$PORT --workers 1 --threads 8 app:app\nCMD exec uvicorn --host 0.0.0.0 --port $PORT \\\n    # one, since jobs live in memory\n    --workers 1 \\\n    app:app\n",
            ),
        ),
        (
            "docker-compose.yml",
            "services:\n  web:\n    build: .\n    command: >\n      sh -c \"flask db upgrade &&\n             gunicorn -w 2 -b 0.0.0.0:80 app:app\"\n  list:\n    command:\n      - gunicorn\n      - -w\n      - \"3\"  # three\n      - --preload\n      - app:app\n  other:\n    command: uvicorn other.main:app\n",
            Some(
                "services:\n  web:\n    build: .\n    # was: flask db upgrade\n    # was: gunicorn -w 2 -b 0.0.0.0:80 app:app\n    command: >\n      sh -c \"python -m flask_parity.cli app:app db upgrade &&\n             uvicorn --workers 2 --host 0.0.0.0 --port 80 app:app\"\n  list:\n    # was: gunicorn -w 3 --preload app:app\n    command:\n      - gunicorn\n      - -k\n      - uvicorn_worker.UvicornWorker\n      - -w\n      - \"3\"  # three\n      - --preload\n      - app:app\n  other:\n    command: uvicorn other.main:app\n",
            ),
        ),
        (
            "deploy/site.service",
            "[Service]\nUser=www\nExecStart=/srv/venv/bin/gunicorn --workers 3 \\\n    --bind unix:/run/site.sock -m 007 app:app\n",
            Some(
                "[Service]\nUser=www\n# was: /srv/venv/bin/gunicorn --workers 3 --bind unix:/run/site.sock -m 007 app:app\nExecStart=/srv/venv/bin/gunicorn -k uvicorn_worker.UvicornWorker --workers 3 \\\n    --bind unix:/run/site.sock -m 007 app:app\n",
            ),
        ),
        (
            "supervisord.conf",
            "[program:web]\ncommand=granian --interface wsgi --blocking-threads 4 app:app\n",
            Some(
                "[program:web]\n# was: granian --interface wsgi --blocking-threads 4 app:app\ncommand=granian --interface asgi app:app\n",
            ),
        ),
        (
            "package.json",
            "{\"scripts\": {\"serve\": \"flask run --port 5001\"}}\n",
            Some("{\"scripts\": {\"serve\": \"uvicorn app:app --port 5001\"}}\n"),
        ),
        (
            "fly.toml",
            "[processes]\n  app = 'gunicorn -b 0.0.0.0:8080 app:app'\n",
            Some(
                "[processes]\n  # was: gunicorn -b 0.0.0.0:8080 app:app\n  app = 'uvicorn --host 0.0.0.0 --port 8080 app:app'\n",
            ),
        ),
        (
            "requirements/base.txt",
            "# web\nFlask==3.1.3\nrequests  # http\n",
            Some(&requirements),
        ),
        ("requirements/prod.txt", "-r base.txt\ngunicorn\n", None),
    ]);
}

#[test]
fn commands_that_stay() {
    let project = |list: &str| {
        format!("[project]\nname = \"site\"\nversion = \"1\"\ndependencies = [{list}]\n")
    };
    let added: Vec<String> = ADDED
        .replace('\'', "")
        .split(' ')
        .chain(["uvicorn-worker", "gunicorn"])
        .map(|r| format!("\"{r}\""))
        .collect();
    let guide = check(&[
        (
            "Procfile",
            "web: gunicorn other:app\nasgi: gunicorn -k uvicorn.workers.UvicornWorker app:app\n",
            None,
        ),
        (
            "start.sh",
            "gunicorn -c gunicorn.conf.py app:app\ngunicorn $OPTIONS app:app\nflask shell\n",
            Some(
                "# was: gunicorn -c gunicorn.conf.py app:app\ngunicorn -k uvicorn_worker.UvicornWorker -c gunicorn.conf.py app:app\n# was: gunicorn $OPTIONS app:app\ngunicorn -k uvicorn_worker.UvicornWorker $OPTIONS app:app\nflask shell\n",
            ),
        ),
        (
            ".github/workflows/ci.yml",
            "run: FLASK_APP=app flask run\n",
            None,
        ),
        (
            "pyproject.toml",
            &project("\"flask\", \"gunicorn\""),
            Some(&project(&added.join(", "))),
        ),
    ]);
    for said in [
        "`other:app` is none of the app's modules",
        "it serves ASGI already",
        "its settings stand in a configuration file",
        "`$OPTIONS` may be any option",
        "a command of Flask's own",
        ".github/workflows/ci.yml still says `flask run`, `FLASK_APP`",
        "pip install .\n",
    ] {
        assert!(guide.contains(said), "{said}:\n{guide}");
    }
}
