//! Ports to Robyn and the commands that serve them: one process alone, or several under circus.

mod support;

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::environments::environment;
use support::{migrate, migrate_ok, tree, workspace};

const APP: &str = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef index():\n    return \"hello\"\n\n\ndef make():\n    return app\n";

/// Ports an app of one file with these files beside it, and compares those with what is expected of the port.
/// Gives the port's folder.
#[track_caller]
fn check(more: &[&str], files: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().join("site");
    for (path, text, _) in files.iter().chain(&[("app.py", APP, "")]) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let args = [&["port", "site", "--to", "robyn", "--out", "port"], more].concat();
    migrate_ok(dir.path(), &args);
    let mut wrong = String::new();
    for (path, _, wanted) in files {
        let found = read(dir.path(), path);
        if found != *wanted {
            let diff = similar::TextDiff::from_lines(*wanted, &found);
            wrong.push_str(&format!("{path}:\n{}\n", diff.unified_diff()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}\n{}",
        read(dir.path(), "MIGRATION.md")
    );
    dir
}

/// A file of the port.
fn read(dir: &Path, path: &str) -> String {
    fs::read_to_string(dir.join("port").join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn one_process() {
    let dir = check(
        &[],
        &[
            (
                "Procfile",
                "web: gunicorn app:app --workers 4 --max-requests 1000 --log-file -\n",
                "# was: gunicorn app:app --workers 4 --max-requests 1000 --log-file -\nweb: python -m flask_parity.serve app:app --host 0.0.0.0 --port ${PORT:-8000}\n",
            ),
            (
                "start.sh",
                "exec /venv/bin/gunicorn -b \"0.0.0.0:$PORT\" --threads 8 \\\n  --graceful-timeout 20 'app:make()'\nuvicorn --factory app:make --uds /run/a.sock\npython -m hypercorn -b :81 -e x asgi:app:app\n",
                "# was: /venv/bin/gunicorn -b \"0.0.0.0:$PORT\" --threads 8 --graceful-timeout 20 'app:make()'\nexec /venv/bin/python -m flask_parity.serve 'app:make()' --host 0.0.0.0 --port \"$PORT\" --workers 8 --graceful-timeout 20\n# was: uvicorn --factory app:make --uds /run/a.sock\npython -m flask_parity.serve app:make --host 127.0.0.1 --port 8000\n# was: python -m hypercorn -b :81 -e x asgi:app:app\npython -m flask_parity.serve app:app --host 0.0.0.0 --port 81\n",
            ),
            (
                "Dockerfile",
                "FROM x\nCMD [\"granian\", \"--interface\", \"wsgi\", \\\n     \"--host\", \"0.0.0.0\", \"--blocking-threads\", \"4\", \"app:app\"]\n",
                "FROM x\n# was: granian --interface wsgi --host 0.0.0.0 --blocking-threads 4 app:app\nCMD [\"python\", \"-m\", \"flask_parity.serve\", \"app:app\", \"--host\", \"0.0.0.0\", \"--port\", \"8000\", \"--workers\", \"4\"]\n",
            ),
            (
                "supervisord.conf",
                "[program:web]\ncommand=gunicorn -b :%(ENV_PORT)s app:app\n",
                "[program:web]\ncommand=gunicorn -b :%(ENV_PORT)s app:app\n",
            ),
            (
                "site.service",
                "[Service]\nExecStart=/srv/venv/bin/gunicorn -b :80 -e A=1 app:app\n",
                "[Service]\n# was: /srv/venv/bin/gunicorn -b :80 -e A=1 app:app\nExecStart=/usr/bin/env A=1 /srv/venv/bin/python -m flask_parity.serve app:app --host 0.0.0.0 --port 80\n",
            ),
            (
                "Makefile",
                "PORT = 80\nrun:\n\t@FLASK_DEBUG=1 flask run --port $(PORT)\n",
                "PORT = 80\nrun:\n# was: FLASK_DEBUG=1 flask run --port $(PORT)\n\t@python -m flask_parity.serve app:app --host 127.0.0.1 --port $(PORT)\n",
            ),
            (
                "requirements.txt",
                "flask\ngranian\nhypercorn\nuvicorn[standard]\nrequests\n",
                "robyn==0.88.0\njinja2>=3.1\nitsdangerous>=2.2\nmarkupsafe>=2.1\nrequests\n",
            ),
        ],
    );
    let guide = read(dir.path(), "MIGRATION.md");
    for said in [
        "lost: worker processes, recycling by requests (by age only), respawn of dead workers; `migrate port --server circus` keeps that",
        "`/run/a.sock` is not listened at any more",
        "`--interface` is dropped",
        "`-e` is dropped",
        "is left as it is (it names no app)",
        "    python -m flask_parity.serve --host 127.0.0.1 --port 8000 --workers 8 app:app\n",
    ] {
        assert!(guide.contains(said), "{said}:\n{guide}");
    }
}

#[test]
fn several_processes() {
    let dir = check(
        &["--server", "circus"],
        &[
            (
                "Procfile",
                "web: gunicorn app:app --workers 4 --log-file -\n",
                "# was: gunicorn app:app --workers 4 --log-file -\nweb: env PORT=${PORT:-8000} circusd circus-2.ini\n",
            ),
            (
                "start.sh",
                "exec /venv/bin/gunicorn -b \"0.0.0.0:$PORT\" -w 4 app:app\npython -m gunicorn -c conf.py app:app\nflask --app app run --debug\n",
                "# was: /venv/bin/gunicorn -b \"0.0.0.0:$PORT\" -w 4 app:app\nexec env PORT=$PORT /venv/bin/circusd circus-4.ini\n# was: python -m gunicorn -c conf.py app:app\npython -m circus.circusd circus-5.ini\n# was: flask --app app run --debug\npython -m flask_parity.serve app:app --host 127.0.0.1 --port 5000\n",
            ),
            (
                "Dockerfile",
                "FROM x\nRUN pip install flask gunicorn\nCMD [\"gunicorn\", \"-b\", \"0.0.0.0:8000\", \\\n     # few\n     \"-w\", \"2\", \"app:app\"]\n",
                "FROM x\n# was: pip install flask gunicorn\nRUN pip install robyn==0.88.0 'jinja2>=3.1' 'itsdangerous>=2.2' 'markupsafe>=2.1' circus==0.19.0\n# was: gunicorn -b 0.0.0.0:8000 -w 2 app:app\nCMD [\"circusd\", \"circus.ini\"]\n",
            ),
            (
                "compose.yaml",
                "services:\n  web:\n    command:\n      - gunicorn\n      - -b\n      - 0.0.0.0:8000\n      - -w\n      - \"2\"\n      - app:app\n",
                "services:\n  web:\n    # was: gunicorn -b 0.0.0.0:8000 -w 2 app:app\n    command:\n      - circusd\n      - circus.ini\n",
            ),
            (
                "deploy/site.service",
                "[Service]\nExecStart=/srv/venv/bin/gunicorn --chdir /srv/site -b 127.0.0.1:9000 app:app\n",
                "[Service]\n# was: /srv/venv/bin/gunicorn --chdir /srv/site -b 127.0.0.1:9000 app:app\nExecStart=/srv/venv/bin/circusd /srv/site/circus-3.ini\n",
            ),
            (
                "conf.py",
                "bind = '0.0.0.0:7000'\nworkers = 3\nmax_requests = 500\nmax_requests_jitter = 50\n\n\ndef post_fork(server, worker):\n    pass\n",
                "bind = '0.0.0.0:7000'\nworkers = 3\nmax_requests = 500\nmax_requests_jitter = 50\n\n\ndef post_fork(server, worker):\n    pass\n",
            ),
        ],
    );
    let settings = read(dir.path(), "circus-5.ini");
    for said in [
        "port = 7000\n",
        "numprocesses = 3\n",
        "; max_requests of conf.py 500: nothing counts requests here.",
        ";     --lifetime 500 / (requests a second in the busiest hour / 3)\n",
    ] {
        assert!(settings.contains(said), "{said}:\n{settings}");
    }
    let first = read(dir.path(), "circus.ini");
    for said in ["Dockerfile:3: gunicorn", "compose.yaml:4: gunicorn"] {
        assert!(first.contains(said), "{said}:\n{first}");
    }
    let guide = read(dir.path(), "MIGRATION.md");
    for said in [
        "`post_fork` is dropped",
        "`max_requests of conf.py` has no exact equal",
        "a comment went with the options: `# few`",
        "\n    circusd circus.ini\n",
    ] {
        assert!(guide.contains(said), "{said}:\n{guide}");
    }
}

#[test]
fn names_of_servers() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join("site")).expect("a folder");
    fs::write(dir.path().join("site/app.py"), APP).expect("a file");
    for (to, name, mend) in [
        ("robyn", "nginx", "`--server` takes circus here"),
        ("fastapi", "circus", "leave it out; robyn takes circus"),
        ("axum", "circus", "leave it out; robyn takes circus"),
    ] {
        let output = migrate(dir.path(), &["port", "site", "--to", to, "--server", name]);
        assert_eq!(output.status.code(), Some(2), "{to}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(mend) && said.lines().count() == 1, "{said}");
    }
    let list = migrate_ok(dir.path(), &["targets"]);
    assert!(list.contains("served by robyn, circus"), "{list}");
    // Without a command of a server there is a configuration all the same.
    migrate_ok(
        dir.path(),
        &[
            "port", "site", "--to", "robyn", "--out", "port", "--server", "circus",
        ],
    );
    let text = read(dir.path(), "circus.ini");
    assert!(text.contains("port = 8000\n"), "{text}");
}

/// A port of the podcast under circus, its Procfile edited first.
fn podcast(edit: impl Fn(String) -> String) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let source = dir.path().join("podcast");
    tree::copy(&workspace().join("fixtures/podcast"), &source);
    let procfile = source.join("Procfile");
    let text = fs::read_to_string(&procfile).expect("a Procfile");
    fs::write(&procfile, edit(text)).expect("a Procfile");
    migrate_ok(
        dir.path(),
        &[
            "port", "podcast", "--to", "robyn", "--out", "port", "--server", "circus",
        ],
    );
    dir
}

#[test]
fn podcast_is_recycled() {
    let dir = podcast(|text| text);
    let text = read(dir.path(), "circus.ini");
    for said in [
        "host = 0.0.0.0\n",
        "port = 8000\n",
        "; granian --workers-lifetime 21600\n    --lifetime 21600\n",
        "; granian --workers 1\nnumprocesses = 1\n",
        "; granian --respawn-failed-workers\nrespawn = True\n",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    assert!(read(dir.path(), "Procfile").ends_with("\nweb: circusd circus.ini\n"));
    let requirements = read(dir.path(), "requirements.txt");
    assert!(requirements.contains("circus==0.19.0\n"), "{requirements}");
    assert!(!requirements.contains("granian"), "{requirements}");
}

/// circusd and what it starts; all of it ends with the test.
struct Garden {
    circusd: Child,
    port: u16,
}

impl Garden {
    fn start(folder: &Path) -> Self {
        let python = environment("circus");
        let bin = python.parent().expect("a folder").display().to_string();
        let paths = std::env::var("PATH").unwrap_or_default();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let port = port.expect("a free port").port();
        let log = File::create(folder.with_extension("log")).expect("a log file");
        let circusd = Command::new(&python)
            .args(["-m", "circus.circusd", "circus.ini"])
            .env("PATH", format!("{bin}:{paths}"))
            .env("PORT", port.to_string())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("circusd starts");
        Self { circusd, port }
    }

    /// The status of `/`, if there is an answer.
    fn status(&self) -> Option<u16> {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(15)))
            .ok()?;
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .ok()?;
        let mut head = [0_u8; 12];
        stream.read_exact(&mut head).ok()?;
        std::str::from_utf8(&head).ok()?.get(9..)?.parse().ok()
    }

    /// The processes that circusd has started and that run.
    fn workers(&self) -> Vec<u32> {
        let list = Command::new("ps")
            .args(["-A", "-o", "pid=,ppid=,stat="])
            .output();
        let list = String::from_utf8(list.expect("ps").stdout).expect("UTF-8");
        let child = |line: &str| {
            let mut words = line.split_whitespace();
            let pid: u32 = words.next()?.parse().ok()?;
            let parent: u32 = words.next()?.parse().ok()?;
            let is_running = !words.next()?.starts_with('Z');
            (parent == self.circusd.id() && is_running).then_some(pid)
        };
        list.lines().filter_map(child).collect()
    }
}

impl Drop for Garden {
    fn drop(&mut self) {
        let workers = self.workers();
        let _ = self.circusd.kill();
        let _ = self.circusd.wait();
        for worker in workers {
            signal("KILL", worker);
        }
    }
}

fn signal(name: &str, pid: u32) {
    let pid = pid.to_string();
    let _ = Command::new("kill")
        .args([&format!("-{name}"), &pid])
        .status();
}

/// Asks until it holds, at most so many seconds.
fn within(seconds: u64, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within {seconds} s");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn circus_serves_replaces_and_stops() {
    let dir = podcast(|text| text.replace("--port 8000", "--port $PORT"));
    let port = dir.path().join("port");
    let mut garden = Garden::start(&port);
    within(15, "the first answer", || garden.status() == Some(200));
    let [first] = garden.workers()[..] else {
        panic!("workers: {:?}", garden.workers());
    };

    signal("TERM", first);
    within(12, "another process", || {
        let status = garden.status().or_else(|| garden.status());
        assert_eq!(status, Some(200), "a request failed twice");
        matches!(garden.workers()[..], [one] if one != first)
    });
    assert_eq!(garden.status(), Some(200));

    let workers = garden.workers();
    signal("TERM", garden.circusd.id());
    let mut ended = None;
    within(12, "the end of circusd", || {
        ended = garden.circusd.try_wait().expect("its state");
        ended.is_some()
    });
    let log = fs::read_to_string(port.with_extension("log")).unwrap_or_default();
    assert!(ended.is_some_and(|status| status.success()), "{log}");
    for worker in workers {
        let lives = Command::new("kill")
            .args(["-0", &worker.to_string()])
            .output();
        assert!(
            !lives.expect("kill").status.success(),
            "{worker} is left:\n{log}"
        );
    }
    assert_eq!(garden.status(), None);
}
