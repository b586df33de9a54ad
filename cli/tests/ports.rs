//! Ports answer as their originals do: both run on real servers and get the same requests.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::chance;
use support::environments::{environment, flaskr};
use support::http::{Client, Request, difference};
use support::servers::Server;
use support::{migrate_ok, port_document, serve, tree, workspace};

/// Sends requests to both sides, one after the other, and lists what differs.
fn differences(original: u16, port: u16, requests: &[Request]) -> Vec<String> {
    let (mut a, mut b) = (Client::new(original), Client::new(port));
    requests
        .iter()
        .filter_map(|request| difference(&a.send(request), &b.send(request), request))
        .collect()
}

#[test]
fn flaskr_answers_the_same_on_fastapi() {
    flaskr_answers_the_same("fastapi");
}

#[test]
fn flaskr_answers_the_same_on_starlette() {
    flaskr_answers_the_same("starlette");
}

fn flaskr_answers_the_same(target: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let original = dir.path().join("flaskr");
    tree::copy(&flaskr(), &original);
    migrate_ok(dir.path(), &["port", "flaskr", "--to", target]);
    let port = dir.path().join(format!("flaskr-{target}"));
    let document = port_document(&port);

    let (old, new) = (environment("original"), environment(target));
    let init = |python: &Path, dir: &Path, args: &[&str]| {
        let output = Command::new(python)
            .arg("-m")
            .args(args)
            .current_dir(dir)
            .output();
        let output = output.expect("the command runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "Initialized the database.\n"
        );
    };
    init(&old, &original, &["flask", "--app", "flaskr", "init-db"]);
    init(
        &new,
        &port,
        &["flask_parity.cli", "flaskr:create_app", "init-db"],
    );

    let left = Server::start(&old, &original, &serve(&document, "original"));
    let right = Server::start(&new, &port, &serve(&document, "port"));
    let get = |path: &str| Request::new("GET", path);
    let walk = vec![
        get("/hello"),
        get("/"),
        Request::new("HEAD", "/"),
        Request::new("OPTIONS", "/"),
        Request::new("POST", "/hello"),
        get("/hello/"),
        get("/nowhere"),
        get("/auth/register"),
        Request::form("/auth/register", "username=&password="),
        Request::form("/auth/register", "username=ann"),
        Request::form("/auth/register", "username=ann&password=pw"),
        Request::form("/auth/register", "username=ann&password=pw"),
        Request::form("/auth/register", "username=b%C3%B6b&password=pw"),
        Request::form("/auth/login", "username=ann&password=wrong"),
        Request::form("/auth/login", "username=nobody&password=pw"),
        get("/create"),
        Request::form("/auth/login", "username=ann&password=pw"),
        get("/"),
        get("/create"),
        Request::form("/create", "title=&body=x"),
        Request::form("/create", "title=First+%3Cpost%3E&body=h%C3%A9llo"),
        get("/"),
        get("/1/update"),
        Request::form("/1/update", "title=&body="),
        Request::form("/1/update", "title=Second&body=changed"),
        get("/"),
        get("/2/update"),
        get("/x/update"),
        get("/-1/update"),
        Request::form("/9/delete", ""),
        get("/1/delete"),
        get("/auth/logout"),
        get("/1/update"),
        Request::form("/auth/login", "username=b%C3%B6b&password=pw"),
        get("/1/update"),
        Request::form("/1/delete", ""),
        get("/auth/logout"),
        Request::form("/auth/login", "username=ann&password=pw"),
        Request::form("/1/delete", ""),
        get("/"),
        get("/static/style.css"),
        Request::new("HEAD", "/static/style.css"),
        get("/static/none.css"),
        get("/auth/logout"),
        get("/"),
    ];
    let found = differences(left.port, right.port, &walk);
    assert!(
        found.is_empty(),
        "{}\n\nport's log:\n{}",
        found.join("\n"),
        right.log()
    );

    // Twenty at once: the connection in `g` belongs to one thread.
    let port_number = right.port;
    let workers: Vec<_> = (0..20)
        .map(|_| {
            std::thread::spawn(move || {
                Client::new(port_number)
                    .send(&Request::new("GET", "/"))
                    .status
            })
        })
        .collect();
    for worker in workers {
        assert_eq!(worker.join().expect("an answer"), 200, "{}", right.log());
    }
}

#[test]
fn blog_answers_the_same_on_fastapi() {
    blog_answers_the_same("fastapi");
}

#[test]
fn blog_answers_the_same_on_starlette() {
    blog_answers_the_same("starlette");
}

fn blog_answers_the_same(target: &str) {
    let pythons = (environment("original"), environment(target));
    fixture_answers_the_same("blog", target, &pythons, 71, &chance::BLOG);
}

#[test]
fn podcast_answers_the_same_on_fastapi() {
    podcast_answers_the_same("fastapi");
}

#[test]
fn podcast_answers_the_same_on_starlette() {
    podcast_answers_the_same("starlette");
}

/// Quart, with pages of Chameleon.
fn podcast_answers_the_same(target: &str) {
    let pythons = (environment("podcast"), environment("podcast"));
    fixture_answers_the_same("podcast", target, &pythons, 63, &chance::PODCAST);
}

/// So many requests that were written down, and 2,000 by chance.
fn fixture_answers_the_same(
    name: &str,
    target: &str,
    (old, new): &(PathBuf, PathBuf),
    written: usize,
    site: &chance::Site,
) {
    let dir = tempfile::tempdir().expect("a folder");
    let original = dir.path().join(name);
    tree::copy(&workspace().join("fixtures").join(name), &original);
    migrate_ok(dir.path(), &["port", name, "--to", target]);
    let port = dir.path().join(format!("{name}-{target}"));
    let document = port_document(&port);
    let left = Server::start(old, &original, &serve(&document, "original"));
    let right = Server::start(new, &port, &serve(&document, "port"));
    let lines = std::fs::read_to_string(original.join("requests.ndjson")).expect("requests");
    let requests: Vec<Request> = lines.lines().map(Request::from_json).collect();
    assert_eq!(requests.len(), written);
    let found = differences(left.port, right.port, &requests);
    assert!(
        found.is_empty(),
        "{} of {written}:\n{}\n{}",
        found.len(),
        found.join("\n"),
        right.log()
    );
    let found = differences(left.port, right.port, &chance::requests(site, 1, 2_000));
    assert!(
        found.is_empty(),
        "{} of 2,000:\n{}",
        found.len(),
        found[..found.len().min(10)].join("\n")
    );
}

#[test]
fn untouched_files_are_the_same_and_twice_is_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let original = dir.path().join("flaskr");
    tree::copy(&flaskr(), &original);
    migrate_ok(dir.path(), &["port", "flaskr", "--to", "fastapi"]);
    let port = dir.path().join("flaskr-fastapi");
    let (before, after) = (tree::read(&original), tree::read(&port));
    let document = port_document(&port);
    let edited = document["rewrites"].as_object().expect("rewrites");
    let mut same = 0;
    for (path, bytes) in &before {
        if edited.contains_key(path) || path == "pyproject.toml" {
            assert_eq!(
                after.get(&format!(".migrate/originals/{path}")),
                Some(bytes),
                "{path}"
            );
        } else {
            assert_eq!(after.get(path), Some(bytes), "{path}");
            same += 1;
        }
    }
    assert!(same > 10, "only {same} files were carried over");
    assert_eq!(
        tree::read(&original),
        before,
        "the original is never written to"
    );

    migrate_ok(dir.path(), &["port", "flaskr", "--to", "fastapi"]);
    assert_eq!(
        tree::read(&port),
        after,
        "a second run writes the same bytes"
    );
}

#[test]
fn the_patch_gives_the_port() {
    for target in ["fastapi", "starlette"] {
        the_patch_gives_the_port_to(target);
    }
}

fn the_patch_gives_the_port_to(target: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let original = dir.path().join("flaskr");
    tree::copy(&flaskr(), &original);
    migrate_ok(dir.path(), &["port", "flaskr", "--to", target]);
    let name = format!("flaskr-{target}");
    let port = dir.path().join(&name);
    let patch = dir.path().join("port.patch");
    migrate_ok(
        dir.path(),
        &["diff", &name, "--format", "patch", "--output", "port.patch"],
    );
    let output = Command::new("git")
        .args(["apply", "--whitespace=nowarn"])
        .arg(&patch)
        .current_dir(&original)
        .env("GIT_CEILING_DIRECTORIES", dir.path())
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut expected = tree::read(&port);
    expected.retain(|path, _| !path.starts_with(".migrate/"));
    assert_eq!(tree::read(&original), expected);
}
