//! Every kind of file.

use std::fs;

use super::super::{Starts, commands};
use super::{brief, brief_of, check};

#[test]
fn procfile() {
    check(
        "Procfile",
        "# web: gunicorn old:app\nrelease: flask db upgrade\nweb: gunicorn -w 1 blog:app\nworker: celery -A app worker\n",
        &["3 gunicorn app=blog:app workers=1"],
    );
}

#[test]
fn dockerfile() {
    let head = "FROM python:3.12 AS base\nRUN pip install gunicorn && \\\n    # a comment\n    pip install uvicorn\n";
    let both = |tail: &str, expected: &[&str]| {
        check("deploy/web.Dockerfile", &format!("{head}{tail}"), expected);
    };
    both(
        "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:8000\", \"--workers\", \"2\", \"app:app\"]\n",
        &["5 gunicorn app=app:app workers=2 tcp=0.0.0.0:8000"],
    );
    both(
        "CMD exec gunicorn --bind 0.0.0.0:$PORT \\\n    # one, since jobs live in memory\n    --workers 1 --threads 8 --timeout 300 \\\n    app:app\n",
        &["5 gunicorn app=app:app workers=1 threads=8 tcp=0.0.0.0:$PORT timeout=300"],
    );
    both(
        "ENTRYPOINT [\"sh\", \"entrypoint.sh\"]\nCMD [\"gunicorn\", \"--workers=2\", \"run:app\"]\n",
        &["6 gunicorn app=run:app workers=2"],
    );
    both(
        "ENTRYPOINT [\"gunicorn\"]\nCMD [\"-b\", \":80\", \"run:app\"]\n",
        &["5 gunicorn app=run:app tcp=:80"],
    );
    both(
        "ENTRYPOINT [\"/usr/bin/tini\", \"--\"]\nCMD [\"granian\", \"--interface\", \"asgi\", \"app:app\"]\n",
        &["5 granian app=app:app interface=asgi"],
    );
    both(
        "CMD [\"sh\", \"-c\", \"exec hypercorn --bind 0.0.0.0:${PORT} 'app.web:create_app()'\"]\n",
        &["5 hypercorn app=app.web:create_app() tcp=0.0.0.0:${PORT} factory"],
    );
    both(
        "CMD uvicorn a:a --reload\nFROM base\nHEALTHCHECK --interval=30s \\\n  CMD curl -f http://localhost/ || exit 1\ncmd uvicorn b:b\n",
        &["5 uvicorn app=a:a reload", "9 uvicorn app=b:b"],
    );
    both("RUN <<EOF\nCMD gunicorn a:b\nEOF\n", &[]);
}

#[test]
fn manifests() {
    check(
        "docker-compose.prod.yml",
        "x-base: &base\n  restart: always\nservices:\n  web:\n    <<: *base\n    command: gunicorn --workers 4 --bind 0.0.0.0:$$PORT wsgi:app\n  api:\n    command: [\"uvicorn\", \"api:app\"]\n  multi:\n    command: >\n      sh -c \"flask db upgrade &&\n             gunicorn -w 2 multi:app\"\n  script:\n    entrypoint:\n      - hypercorn\n    command:\n      - -b\n      - 0.0.0.0:80\n      - q:app\n  db:\n    image: postgres\n    command: postgres -c log=all\n",
        &[
            "6 gunicorn app=wsgi:app workers=4 tcp=0.0.0.0:$PORT",
            "8 uvicorn app=api:app",
            "12 gunicorn app=multi:app workers=2",
            "15 hypercorn app=q:app tcp=0.0.0.0:80",
        ],
    );
    check(
        "k8s/deployment.yaml",
        "kind: A\n---\nspec:\n  containers:\n  - name: web\n    command: [gunicorn]\n    args: [\"-w\", \"3\", \"a:b\"]\n",
        &["6 gunicorn app=a:b workers=3"],
    );
    check(
        "render.yaml",
        "services:\n  - type: web\n    startCommand: gunicorn app:app --bind 0.0.0.0:$PORT\n",
        &["3 gunicorn app=app:app tcp=0.0.0.0:$PORT"],
    );
    check(
        "app.yaml",
        "runtime: python312\nentrypoint: gunicorn -b :$PORT main:app\n",
        &["2 gunicorn app=main:app tcp=:$PORT"],
    );
    check(
        "package.json",
        "{\n  \"scripts\": {\n    \"build\": \"vite build\",\n    \"serve\": \"cd api && flask run --port 5001\"\n  }\n}\n",
        &["4 flask tcp=:5001"],
    );
    check(
        "fly.toml",
        "app = 'x'\n[processes]\n  app = 'gunicorn -b 0.0.0.0:8080 x:app'\n  worker = 'rq worker'\n",
        &["3 gunicorn app=x:app tcp=0.0.0.0:8080"],
    );
}

#[test]
fn units() {
    check(
        "deploy/site.service",
        "[Service]\nEnvironment=A=1\nExecStartPre=/bin/true\nExecStart=-/srv/site/venv/bin/gunicorn --workers 3 \\\n    --bind unix:/run/site.sock -m 007 wsgi:app\nExecReload=/bin/kill -s HUP $MAINPID\n",
        &["4 gunicorn app=wsgi:app workers=3 unix=/run/site.sock [-m=007]"],
    );
    check(
        "supervisord.conf",
        "[program:web]\ncommand = /usr/bin/uwsgi --ini /etc/uwsgi.ini --die-on-term\n",
        &["2 uwsgi config=/etc/uwsgi.ini [--die-on-term]"],
    );
}

#[test]
fn makefile() {
    check(
        "Makefile",
        "PORT = 80\nrun:\n\t@uv run granian --interface asgi \\\n\t  --workers 4 main:app\nlint:\n\truff check\n",
        &["3 granian app=main:app interface=asgi workers=4"],
    );
}

#[test]
fn the_frameworks_own_server() {
    let starts = Starts {
        root: None,
        running: vec![
            ("site/app.py", "site.app"),
            ("site/__main__.py", "site.__main__"),
        ],
    };
    let of = |command: &str| brief_of("start.sh", command, &starts);
    assert_eq!(
        of("python site/app.py --port 80"),
        ["1 python app=site/app.py"]
    );
    assert_eq!(of("cd site && python3 app.py"), ["1 python app=app.py"]);
    assert_eq!(
        of("python /code/site/app.py"),
        ["1 python app=/code/site/app.py"]
    );
    assert_eq!(of("python -m site"), ["1 python app=site"]);
    assert!(of("python worker.py").is_empty());
    assert!(of("python -c 'import app'").is_empty());
}

#[test]
fn configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let write = |name: &str, text: &str| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("one")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write(
        "Procfile",
        "web: gunicorn -w 3 app:app\nasgi: hypercorn -c hypercorn.toml app:app\n",
    );
    write(
        "docker/Dockerfile",
        "CMD [\"gunicorn\", \"-c\", \"/app/docker/gunicorn_conf.py\", \"app:app\"]\n",
    );
    write(
        "gunicorn.conf.py",
        "import multiprocessing\nimport os\ncores = multiprocessing.cpu_count()\nworkers = cores * 2 + 1\nbind = [\n    '0.0.0.0:80', 'unix:/a.sock']\nmax_requests = 1000\nmax_requests_jitter = 50\npreload_app = True\nreload = False\naccesslog = '-'\nkeyfile = None\n\ndef post_fork(server, worker):\n    pass\n",
    );
    write(
        "docker/gunicorn_conf.py",
        "bind = os.getenv('BIND', '0.0.0.0:8000')\nworkers: int = 2\nworkers = 4\n",
    );
    write(
        "hypercorn.toml",
        "bind = [\"0.0.0.0:443\"]\ncertfile = \"c.pem\"\nworkers = 2\nh2_max_concurrent_streams = 10\n",
    );
    write(
        "uwsgi.ini",
        "[uwsgi]\nmodule = wsgi:app\nmaster = true\nsocket = /tmp/s.sock\nprocesses=5\n; a remark\n",
    );
    let analysis: model::Analysis = serde_json::from_value(serde_json::json!({
        "schema": "", "root": "", "apps": [], "blueprints": [], "routes": [], "functions": [],
        "findings": [], "files": {},
    }))
    .expect("an analysis");
    let found: Vec<String> = commands(root, &analysis)
        .0
        .iter()
        .map(|s| format!("{}:{}", s.place.file, brief(s)))
        .collect();
    assert_eq!(
        found,
        [
            "Procfile:1 gunicorn app=app:app workers=3 tcp=0.0.0.0:80 unix=/a.sock requests=1000 jitter=50 preload [accesslog=-] [post_fork]",
            "Procfile:2 hypercorn app=app:app workers=2 tcp=0.0.0.0:443 cert=c.pem config=hypercorn.toml [h2_max_concurrent_streams=10]",
            "docker/Dockerfile:1 gunicorn app=app:app workers=4 tcp=os.getenv('BIND', '0.0.0.0:8000') config=/app/docker/gunicorn_conf.py",
            "uwsgi.ini:1 uwsgi app=wsgi:app workers=5 unix=/tmp/s.sock config=uwsgi.ini [master=true]",
        ]
    );
}
