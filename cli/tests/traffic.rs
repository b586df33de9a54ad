//! Requests made from the model of an app, without a server: a stand-in answers.

mod support;

use std::collections::BTreeMap;
use std::rc::Rc;

use analyzer::Reading;
use verify::http::{Answer, Body, Content, End, Piece, Recipe, Reply, Request};
use verify::traffic::{Source, Traffic as _, model_made};

/// Answers as the blog might: a page for everything, a redirect for the one who knows the password.
fn answer(recipe: &Recipe) -> Reply {
    let value = |name: &str| match &recipe.content {
        Content::Form(fields) => fields
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.clone()),
        _ => None,
    };
    let is_ann = value("name") == Some("ann".into()) && value("password") == Some("pw".into());
    let (status, headers) = match recipe.method.as_str() {
        "POST" if is_ann => (302, vec![("location".into(), "/blog/".into())]),
        "POST" => (401, Vec::new()),
        _ => (
            200,
            vec![("content-type".into(), "text/html; charset=utf-8".into())],
        ),
    };
    let page = b"<a href=/blog/2>second</a><form method=post><input name=csrf_token type=hidden value=t><input name=title></form>";
    Reply {
        status,
        headers,
        body: Body {
            start: page.to_vec(),
            length: page.len() as u64,
            digest: [0; 32],
            end: End::Complete,
        },
    }
}

fn recipes(app: &str, seed: u64) -> Vec<Recipe> {
    let root = support::workspace().join("fixtures").join(app);
    let analysis = analyzer::analyze(&root).expect("an app");
    let words = Reading::new(&root, &analysis).words();
    let mut traffic = model_made(&Source {
        analysis: &analysis,
        words: &words,
        root: Some(root.clone()),
        login: Vec::new(),
        seed,
        only: None,
    });
    let mut all: Vec<Recipe> = Vec::new();
    let mut last: Option<(Recipe, Request, Answer)> = None;
    while let Some(recipe) = traffic.next(last.as_ref().map(|(r, q, a)| (r, q, a))) {
        let recipe = Rc::unwrap_or_clone(recipe);
        let request = Request {
            method: recipe.method.clone(),
            target: target(&recipe),
            headers: Vec::new(),
            body: Vec::new(),
            session: recipe.session.clone(),
        };
        let reply = Answer::Reply(answer(&recipe));
        all.push(recipe.clone());
        last = Some((recipe, request, reply));
    }
    all
}

fn target(recipe: &Recipe) -> String {
    let pieces = recipe.target.0.iter();
    pieces
        .map(|piece| match piece {
            Piece::Literal(text) => text.as_str(),
            _ => "",
        })
        .collect()
}

#[test]
fn the_blog_is_asked_in_every_way() {
    let all = recipes("blog", 1);
    let mut sessions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut aims: BTreeMap<&str, usize> = BTreeMap::new();
    for recipe in &all {
        *sessions.entry(&recipe.session).or_default() += 1;
        *aims.entry(&recipe.aim).or_default() += 1;
        assert!(target(recipe).starts_with('/'), "{recipe:?}");
        assert!(target(recipe).is_ascii(), "{recipe:?}");
        assert!(!recipe.aim.is_empty(), "{recipe:?}");
    }
    println!("{} requests: {sessions:?}\n{aims:#?}", all.len());
    assert!((400..=2500).contains(&all.len()), "{}", all.len());
    for session in ["visitor", "entry", "user", "again", "tampered"] {
        assert!(sessions.contains_key(session), "{session}: {sessions:?}");
    }
    for (method, path) in [
        ("GET", "/blog"),
        ("GET", "/blog/1/"),
        ("OPTIONS", "/blog/-1"),
        ("GET", "/api/no-such-page"),
        ("GET", "/static/style.css"),
        ("GET", "/api/posts?limit=1&limit=2"),
        ("GET", "/api/posts?q=&q=zzqx"),
        ("GET", "/api/posts?limit=abc"),
        ("GET", "/api/posts?tag=a+b"),
        ("HEAD", "/blog/"),
        ("OPTIONS", "/blog/new"),
        ("GET", "/boom"),
    ] {
        let is_sent = |r: &Recipe| r.method == method && target(r) == path;
        assert!(all.iter().any(is_sent), "{method} {path}");
    }
    let closed = |session: &str, path: &str| {
        let holds = |content: &Content| match content {
            Content::Form(fields) => fields
                .iter()
                .any(|(k, v)| k == "title" && *v == "closed".into()),
            Content::Bytes(bytes) => {
                String::from_utf8_lossy(bytes).contains("\"title\":\"closed\"")
            }
            _ => false,
        };
        let mut all = all
            .iter()
            .filter(|r| r.session == session && target(r) == path);
        all.any(|r| holds(&r.content))
    };
    assert!(closed("user", "/blog/new") && closed("user", "/api/posts"));
    let limits = all.iter().filter(|r| r.aim == "a body above the limit");
    for recipe in limits {
        assert!(matches!(&recipe.content, Content::Bytes(body) if body.len() == 10_001));
    }
}

#[test]
fn tokens_are_those_of_the_page_before() {
    let all = recipes("blog", 1);
    let mut kept: BTreeMap<&str, &Recipe> = BTreeMap::new();
    let mut sent = 0;
    for recipe in &all {
        if let Content::Form(fields) = &recipe.content {
            for piece in fields.iter().flat_map(|(_, value)| &value.0) {
                let Piece::Field { of, name } = piece else {
                    continue;
                };
                assert_eq!(name, "csrf_token");
                let page = kept.get(of.as_str()).expect("a page was kept before");
                assert_eq!(
                    (page.method.as_str(), &page.session),
                    ("GET", &recipe.session)
                );
                sent += 1;
            }
        }
        if let Some(name) = &recipe.keep {
            kept.insert(name, recipe);
        }
    }
    assert!(sent > 50, "{sent}");
}

#[test]
fn a_seed_determines_all() {
    assert_eq!(recipes("shop", 7), recipes("shop", 7));
}
