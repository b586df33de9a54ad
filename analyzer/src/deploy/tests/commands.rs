//! Command lines in a script.

use super::check;

/// One command, and what it starts; `-` for nothing.
#[track_caller]
fn one(command: &str, expected: &str) {
    let expected: Vec<String> = match expected {
        "-" => Vec::new(),
        text => vec![format!("1 {text}")],
    };
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check("start.sh", command, &expected);
}

#[test]
fn servers() {
    one(
        "granian --interface asgi --host 0.0.0.0 --port 8000 --workers 1 --workers-lifetime 21600 --respawn-failed-workers podcast:app",
        "granian app=podcast:app interface=asgi workers=1 tcp=0.0.0.0:8000 lifetime=21600 respawn",
    );
    one(
        "granian --interface wsgi app:app --uds /run/app.sock --no-ws --workers-max-rss 512 --access-log --log-level warning",
        "granian app=app:app interface=wsgi unix=/run/app.sock rss=512 [--no-ws] [--access-log] [--log-level=warning]",
    );
    one(
        "exec gunicorn --bind 0.0.0.0:5000 --reuse-port --reload --worker-class gthread --threads 4 --worker-connections 1000 main:app",
        "gunicorn app=main:app threads=4 class=gthread tcp=0.0.0.0:5000 reload [--reuse-port] [--worker-connections=1000]",
    );
    one(
        "gunicorn -w4 -b:8000 -k=gevent --preload --max-requests=1000 --max-requests-jitter 50 -t 120 'flaskr:create_app()'",
        "gunicorn app=flaskr:create_app() workers=4 class=gevent tcp=:8000 requests=1000 jitter=50 timeout=120 factory preload",
    );
    one(
        "gunicorn -b unix:/tmp/a.sock -b fd://3 --forwarded-allow-ips='*' -D wsgi",
        "gunicorn app=wsgi unix=/tmp/a.sock fd=3 allowed=* [-D]",
    );
    one(
        "uvicorn --factory app.main:create --host :: --port $PORT --proxy-headers --limit-max-requests 500 --no-access-log",
        "uvicorn app=app.main:create tcp=[::]:$PORT requests=500 factory proxy-headers [--no-access-log]",
    );
    one(
        "hypercorn --certfile image/cert.pem --keyfile image/key.pem --bind 0.0.0.0:8080 -w 6 image_processing:app",
        "hypercorn app=image_processing:app workers=6 tcp=0.0.0.0:8080 cert=image/cert.pem key=image/key.pem",
    );
    one(
        "hypercorn --debug --reload --access-log - --keep-alive 5 --bind 0.0.0.0:8443 main:app",
        "hypercorn app=main:app tcp=0.0.0.0:8443 keep=5 reload [--debug] [--access-log=-]",
    );
    one(
        "waitress-serve --port=8020 --call 'flaskr:create_app'",
        "waitress app=flaskr:create_app tcp=:8020 factory",
    );
    one(
        "waitress-serve --host 0.0.0.0 --port 5000 --max-request-body-size=1048576 --no-ipv6 app:app",
        "waitress app=app:app tcp=0.0.0.0:5000 body=1048576 [--no-ipv6]",
    );
    one(
        "uwsgi --http :8000 --module app:app --processes 4 --threads 2 --master --harakiri 30 --max-worker-lifetime 3600",
        "uwsgi app=app:app workers=4 threads=2 tcp=:8000 lifetime=3600 timeout=30 [--master]",
    );
    one(
        "uwsgi --https 0.0.0.0:8443,c.crt,c.key --wsgi-file app.py --callable server -s /tmp/u.sock",
        "uwsgi app=app.py:server tcp=0.0.0.0:8443 unix=/tmp/u.sock cert=c.crt key=c.key",
    );
    one(
        "flask --app blog run --host=0.0.0.0 -p 80 --debug",
        "flask app=blog tcp=0.0.0.0:80 reload",
    );
    one("FLASK_APP=run.py flask run", "flask app=run.py");
    one(
        "quart --app podcast:app run -p 5000",
        "quart app=podcast:app tcp=:5000",
    );
    one("flask db upgrade", "-");
    one("gunicorn --version", "-");
    one("pip install gunicorn uwsgi", "-");
    one("echo gunicorn app:app", "-");
    one("gunicorn", "-");
}

#[test]
fn wrappers() {
    let app = "gunicorn app=a:b";
    for front in [
        "",
        "exec ",
        "sudo -u www-data -E ",
        "env A=1 B=2 ",
        "FOO='x y' ",
        "nohup ",
        "poetry run ",
        "pipenv run ",
        "uv run ",
        "uv run --no-dev --extra web ",
        "conda run --no-capture-output -n web ",
        "python -m ",
        "python3.11 -u -X dev -m ",
        "/opt/venv/bin/python -m ",
        "/home/me/venv/bin/",
        "$VENV/bin/",
        "$(VENV)/bin/",
        "dumb-init -- ",
        "tini -g -- ",
        "gosu app ",
        "newrelic-admin run-program ",
        "ddtrace-run ",
        "opentelemetry-instrument --traces_exporter none ",
        "./wait-for-it.sh db:5432 -- ",
        "python -m debugpy --wait-for-client --listen 0.0.0.0:5678 -m ",
        "coverage run -m ",
        "cd /app && ",
        "flask db upgrade; ",
        "if true; then ",
        "doppler run -- uv run ",
        "> /dev/null 2>&1 ",
    ] {
        one(&format!("{front}gunicorn a:b"), app);
    }
    one("bash -lc 'cd /app && exec gunicorn a:b'", app);
    one(
        "sh -c \"gunicorn -w ${WORKERS:-2} a:b\"",
        "gunicorn app=a:b workers=${WORKERS:-2}",
    );
    one("gunicorn a:b > log 2>&1 &", app);
    one("gunicorn a:b \"$@\"", app);
    one("gunicorn $OPTIONS a:b", app);
    one(
        "exec gunicorn -k \"$WORKER_CLASS\" \"$APP_MODULE\"",
        "gunicorn app=$APP_MODULE class=$WORKER_CLASS",
    );
    one(
        "GUNICORN_CMD_ARGS='--bind=[::]:80 -w 3' gunicorn a:b",
        "gunicorn app=a:b workers=3 tcp=[::]:80",
    );
    one(
        "gunicorn -w $(( 2 * $(nproc) + 1 )) a:b",
        "gunicorn app=a:b workers=$(( 2 * $(nproc) + 1 ))",
    );
    one("gunicorn a:b # --workers 4", app);
}

#[test]
fn scripts() {
    check(
        "docker/entrypoint.sh",
        "#!/bin/bash\nset -e\n\nif [ \"$FLASK_ENV\" = \"development\" ]; then\n    exec python -m web_app\nelse\n    exec gunicorn --bind 0.0.0.0:5000 \\\n        --workers 2 \\\n        --timeout 300 web_app:app\nfi\ncat <<EOF > unit\nExecStart=/usr/bin/gunicorn x:y\ngunicorn z:z\nEOF\nuvicorn c:d\n",
        &[
            "7 gunicorn app=web_app:app workers=2 tcp=0.0.0.0:5000 timeout=300",
            "15 uvicorn app=c:d",
        ],
    );
}
