//! Settings that are read, and those that are refused.

use super::*;
use crate::http::{Content, Piece, Text};

fn read(files: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Settings::read(folder.path()).map_err(|e| {
        let prefix = format!("{}/", folder.path().display());
        e.to_string().replace(&prefix, "")
    })
}

/// The example of the contract, word for word.
const CONTRACT: &str = r#"
[app]
app = "flaskr:create_app()"          # when discovery needs help
cwd = "."
env = { SECRET_KEY = "dev" }
[verify]
secret_key = "dev"                   # to read session cookies
setup = ["flask --app flaskr init-db"]
port_setup = []                      # instead of that, for the port
[verify.login]                       # walked before the rest, and kept as session "login"
requests = [{ method = "POST", path = "/auth/register", form = { username = "a", password = "b" } },
            { method = "POST", path = "/auth/login", form = { username = "a", password = "b" } }]
"#;

#[test]
fn the_contract_s_example() {
    let settings = read(&[("migrate.toml", CONTRACT)]).unwrap();
    assert_eq!(settings.app.app.as_deref(), Some("flaskr:create_app()"));
    assert_eq!(settings.app.cwd.as_deref(), Some(Path::new(".")));
    assert_eq!(settings.app.env["SECRET_KEY"], "dev");
    assert_eq!(settings.verify.secret_key.as_deref(), Some("dev"));
    assert_eq!(settings.verify.setup, ["flask --app flaskr init-db"]);
    assert_eq!(settings.verify.port_setup, Some(Vec::new()));
    let login: Vec<String> = settings
        .login()
        .iter()
        .map(|r| format!("{} {:?} {:?}", r.method, r.target.0, r.keep))
        .collect();
    assert_eq!(
        login,
        [
            r#"GET [Literal("/auth/register")] Some("login 1")"#,
            r#"POST [Literal("/auth/register")] None"#,
            r#"GET [Literal("/auth/login")] Some("login 3")"#,
            r#"POST [Literal("/auth/login")] None"#,
        ]
    );
    assert!(settings.login().iter().all(|r| r.session == "login"));
}

#[test]
fn where_settings_are() {
    assert_eq!(read(&[]).unwrap(), Settings::default());
    assert_eq!(Settings::default().verify.port_setup, None);
    let own = ("migrate.toml", "[app]\napp = 'a:app'\n");
    let shared = (
        "pyproject.toml",
        "[project]\nname = 'x'\n[tool.other]\ny = 1\n[tool.migrate.app]\napp = 'b:app'\n[tool.migrate.verify]\nsecret_key = 's'\n",
    );
    let settings = read(&[shared]).unwrap();
    assert_eq!(settings.app.app.as_deref(), Some("b:app"));
    assert_eq!(settings.verify.secret_key.as_deref(), Some("s"));
    let settings = read(&[own, shared]).unwrap();
    assert_eq!(settings.app.app.as_deref(), Some("a:app"));
    // As a whole: nothing is mixed in from the other file.
    assert_eq!(settings.verify.secret_key, None);
}

#[test]
fn a_single_file_has_the_settings_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.py"), "").unwrap();
    std::fs::write(folder.path().join("migrate.toml"), "[app]\ncwd = 'x'\n").unwrap();
    let settings = Settings::read(&folder.path().join("app.py")).unwrap();
    assert_eq!(settings.app.cwd.as_deref(), Some(Path::new("x")));
}

#[test]
fn what_is_refused() {
    for (text, error) in [
        (
            "[app]\napp = 'a'\ncdw = '.'\n",
            "migrate.toml:3: unknown field `cdw`, expected one of `app`, `cwd`, `env`",
        ),
        (
            "[apps]\n",
            "migrate.toml:1: unknown field `apps`, expected `app` or `verify`",
        ),
        (
            "[verify]\nsetup = 'x'\n",
            "migrate.toml:2: invalid type: string \"x\", expected a sequence",
        ),
        (
            "[verify.login]\nrequests = [\n {path = '/'},\n {path = 'login'}]\n",
            "migrate.toml:4: the path `login` does not begin with `/`",
        ),
        (
            "[verify.login]\nrequests = [{path = '/', form = {}, body = ''}]\n",
            "migrate.toml:2: the request of `/` has more than one of `form`, `json` and `body`",
        ),
        (
            "[[verify.login.requests]]\npath = '/'\nparams = {}\n",
            "migrate.toml:3: unknown field `params`, expected one of `method`, `path`, `headers`, `form`, `json`, `body`",
        ),
        (
            "[[verify.login.requests]]\nmethod = 'GET'\n",
            "migrate.toml:1: missing field `path`",
        ),
        ("[app\n", "migrate.toml:1: unclosed table, expected `]`"),
    ] {
        assert_eq!(read(&[("migrate.toml", text)]).unwrap_err(), error);
    }
    let error = read(&[("pyproject.toml", "[tool.x]\n\n[tool.migrate]\nx = 1\n")]).unwrap_err();
    assert_eq!(
        error,
        "pyproject.toml:4: unknown field `x`, expected `app` or `verify`"
    );
}

#[test]
fn forms_carry_what_their_page_holds() {
    let text = "[[verify.login.requests]]\npath = '/login?next={field:next}'\nform = {csrf_token = 'mine', who = 'a{field:id}b'}\n";
    let settings = read(&[("migrate.toml", text)]).unwrap();
    let field = |name: &str| Piece::Field {
        of: "login 1".into(),
        name: name.into(),
    };
    let recipes = settings.login();
    let [get, post] = recipes.as_slice() else {
        panic!("{recipes:?}");
    };
    assert_eq!((get.method.as_str(), post.method.as_str()), ("GET", "POST"));
    let Content::Form(fields) = &post.content else {
        panic!("{post:?}");
    };
    let expected: Vec<(String, Text)> = vec![
        ("csrf_token".into(), "mine".into()),
        (
            "who".into(),
            Text(vec![
                Piece::Literal("a".into()),
                field("id"),
                Piece::Literal("b".into()),
            ]),
        ),
        ("_csrf_token".into(), Text(vec![field("_csrf_token")])),
        (
            "csrfmiddlewaretoken".into(),
            Text(vec![field("csrfmiddlewaretoken")]),
        ),
    ];
    assert_eq!(*fields, expected);
}

#[test]
fn other_bodies_are_sent_alone() {
    let text = "[[verify.login.requests]]\npath = '/api'\njson = {user = 'a', n = 1}\n[[verify.login.requests]]\npath = '/raw'\nmethod = 'put'\nheaders = {content-type = 'text/x'}\nbody = 'x'\n[[verify.login.requests]]\npath = '/me'\n";
    let recipes = read(&[("migrate.toml", text)]).unwrap().login();
    let shown: Vec<_> = recipes
        .iter()
        .map(|r| (r.method.as_str(), r.headers.clone(), r.content.clone()))
        .collect();
    assert_eq!(
        shown,
        [
            (
                "POST",
                vec![("Content-Type".to_owned(), Text::from("application/json"))],
                Content::Bytes(br#"{"n":1,"user":"a"}"#.to_vec())
            ),
            (
                "PUT",
                vec![("content-type".to_owned(), Text::from("text/x"))],
                Content::Bytes(b"x".to_vec())
            ),
            ("GET", Vec::new(), Content::None),
        ]
    );
}
