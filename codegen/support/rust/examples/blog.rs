//! `fixtures/blog` on axum, written by hand as a port of it would look. `tests/blog.rs` compares it with the original.
//!
//!     BIND=127.0.0.1:8001 cargo run --example blog

use std::sync::{LazyLock, RwLock};

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use flask_parity::flask_parity::application::{Application, Settings, run};
use flask_parity::flask_parity::context::Ctx;
use flask_parity::flask_parity::error::{Abort, Reply, abort, abort_with, failure};
use flask_parity::flask_parity::files::{FileOptions, send_file, send_from_directory};
use flask_parity::flask_parity::inputs::Path;
use flask_parity::flask_parity::responses::{html, json, redirect, with_header, with_status};
use flask_parity::flask_parity::rule::Rule;
use flask_parity::flask_parity::{python, templates};
use serde_json::{Map, Value, json};

/// `store.posts`
static POSTS: LazyLock<RwLock<Vec<Value>>> = LazyLock::new(|| {
    RwLock::new(vec![
        json!({"id": 1, "title": "First <post>", "body": "héllo", "day": "Tue, 02 Jan 2024 00:00:00 GMT"}),
        json!({"id": 2, "title": "Second", "body": "…", "day": "Wed, 03 Jan 2024 00:00:00 GMT"}),
    ])
});

/// The application.
pub struct Blog;

/// The fixture.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/blog/blog");

impl Application for Blog {
    const RULES: &'static [Rule] = &[
        Rule::new("/static/<path:filename>", "static", &["GET"]),
        Rule::new("/api/posts", "api_posts", &["GET"]),
        Rule::new("/api/posts", "api_add", &["POST"]),
        Rule::new("/", "index", &["GET"]),
        Rule::new("/login", "login", &["GET", "POST"]),
        Rule::new("/logout", "logout", &["GET"]),
        Rule::new("/boom", "boom", &["GET"]),
        Rule::new("/blog/", "blog.posts", &["GET"]),
        Rule::new("/blog/<int:post_id>", "blog.show", &["GET"]),
        Rule::new("/blog/new", "blog.new", &["GET", "POST"]),
        Rule::new("/blog/<int:post_id>/download", "blog.download", &["GET"]),
    ];
    const SETTINGS: Settings = Settings {
        secret_key: Some("dev"),
        max_content_length: Some(10_000),
        ..Settings::new()
    };

    async fn before_request(ctx: &Ctx) -> Result<Option<Response>, Abort> {
        let uid = ctx.session.get("uid").unwrap_or(Value::Null);
        ctx.g.set(
            "user",
            if uid == 1 {
                json!({"id": 1, "name": "ann"})
            } else {
                Value::Null
            },
        );
        if ctx
            .header("X-Maintenance")
            .is_some_and(|value| !value.is_empty())
        {
            return with_status(html("down for maintenance"), 503).map(Some);
        }
        Ok(None)
    }

    async fn after_request(_: &Ctx, response: Response) -> Reply {
        with_header(response, "X-Frame-Options", "DENY")
    }

    async fn error_page(ctx: &Ctx, error: &Abort) -> Option<Reply> {
        match error.status() {
            404 => Some(not_found(ctx)),
            409 => Some(with_status(
                json(ctx, &json!({"error": error.description()})),
                409,
            )),
            _ => None,
        }
    }

    fn template_context(ctx: &Ctx, _: &str) -> Result<Map<String, Value>, Abort> {
        let mut names = Map::new();
        names.insert("site".to_owned(), json!("Small Blog"));
        names.insert("user".to_owned(), ctx.g.get("user").unwrap_or(Value::Null));
        Ok(names)
    }
}

fn not_found(ctx: &Ctx) -> Reply {
    if ctx.path().starts_with("/api/") {
        return with_status(json(ctx, &json!({"error": "not found"})), 404);
    }
    with_status(html(ctx.render("404.html", json!({}))?), 404)
}

/// Its views.
pub fn router() -> Router {
    templates::init_folders(&[&format!("{FOLDER}/templates")]);
    templates::init(|env| {
        env.add_filter("shout", |text: String| format!("{}!", text.to_uppercase()))
    });
    Router::new()
        .route("/static/{*filename}", get(static_file))
        .route("/api/posts", get(api_posts).post(api_add))
        .route("/", get(index))
        .route("/login", get(login).post(login))
        .route("/logout", get(logout))
        .route("/boom", get(boom))
        .route("/blog/", get(posts))
        .route("/blog/{post_id}", get(show))
        .route("/blog/new", get(new).post(new))
        .route("/blog/{post_id}/download", get(download))
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    run::<Blog>(router()).await
}

async fn static_file(ctx: Ctx, Path(filename): Path<String>) -> Reply {
    send_from_directory(&ctx, &format!("{FOLDER}/static"), &filename).await
}

fn stored() -> Vec<Value> {
    POSTS.read().map(|posts| posts.clone()).unwrap_or_default()
}

fn add(title: &str, body: &str) -> Result<Value, Abort> {
    if title == "closed" {
        return Err(abort_with(409, "no more posts"));
    }
    let mut posts = POSTS.write().map_err(|_| failure("store"))?;
    let day = "Thu, 01 Feb 2024 00:00:00 GMT";
    let post = json!({"id": posts.len() + 1, "title": title, "body": body, "day": day});
    posts.push(post.clone());
    Ok(post)
}

async fn api_posts(ctx: Ctx) -> Reply {
    let limit = ctx.args.get_as::<i64>("limit").unwrap_or(10);
    let q = ctx.args.get("q").unwrap_or("").to_lowercase();
    let found: Vec<Value> = stored()
        .into_iter()
        .filter(|post| python::text(&post["title"]).to_lowercase().contains(&q))
        .collect();
    let end = if limit < 0 {
        (found.len() as i64 + limit).max(0)
    } else {
        limit
    } as usize;
    let posts: Vec<Value> = found
        .iter()
        .take(end)
        .map(|p| json!({"id": p["id"], "title": p["title"], "day": p["day"]}))
        .collect();
    Ok(json(
        &ctx,
        &json!({"posts": posts, "tags": ctx.args.all("tag")}),
    ))
}

async fn api_add(ctx: Ctx) -> Reply {
    if ctx.g.require("user")?.is_null() {
        return Err(abort(401));
    }
    let data: Value = ctx.json()?;
    if !data.is_object() || !python::truthy(&data["title"]) {
        return with_status(json(&ctx, &json!({"error": "title"})), 400);
    }
    let post = add(
        &python::text(&data["title"]),
        &python::text(data.get("body").unwrap_or(&json!(""))),
    )?;
    let location = ctx.url_for("blog.show", &[("post_id", post["id"].clone())])?;
    let response = json(&ctx, &json!({"id": post["id"], "title": post["title"]}));
    with_header(with_status(response, 201)?, "Location", &location)
}

async fn index(ctx: Ctx) -> Reply {
    Ok(redirect(&ctx.url_for("blog.posts", &[])?, 302))
}

async fn login(ctx: Ctx) -> Reply {
    if ctx.method() == "POST" {
        let form = ctx.form()?;
        let name = form.require("name")?;
        if name != "ann" || form.get("password").unwrap_or("") != "pw" {
            ctx.flash("Bad name or password", "error");
            return with_status(html(ctx.render("form.html", json!({"title": name}))?), 401);
        }
        ctx.session.set("uid", 1);
        ctx.flash("Welcome ann", "message");
        let next = ctx.args.get("next").filter(|next| !next.is_empty());
        return Ok(redirect(
            &next.map_or_else(
                || ctx.url_for("blog.posts", &[]),
                |next| Ok(next.to_owned()),
            )?,
            302,
        ));
    }
    Ok(html(ctx.render("form.html", json!({"title": ""}))?))
}

async fn logout(ctx: Ctx) -> Reply {
    ctx.session.pop("uid");
    Ok(redirect(&ctx.url_for("index", &[])?, 302))
}

async fn boom() -> Reply {
    Err(failure("RuntimeError: boom"))
}

async fn posts(ctx: Ctx) -> Reply {
    Ok(html(ctx.render("posts.html", json!({"posts": stored()}))?))
}

async fn show(ctx: Ctx, Path(post_id): Path<i64>) -> Reply {
    let post = stored()
        .into_iter()
        .find(|post| post["id"] == post_id)
        .ok_or_else(|| abort(404))?;
    Ok(html(ctx.render("show.html", json!({"post": post}))?))
}

async fn new(ctx: Ctx) -> Reply {
    if ctx.g.require("user")?.is_null() {
        return Ok(redirect(
            &ctx.url_for("login", &[("next", json!(ctx.path()))])?,
            302,
        ));
    }
    if ctx.method() == "POST" {
        let form = ctx.form()?;
        if form.get("title").is_none_or(str::is_empty) {
            ctx.flash("Title is required", "error");
            return with_status(html(ctx.render("form.html", json!({"title": ""}))?), 400);
        }
        let post = add(form.require("title")?, form.get("body").unwrap_or(""))?;
        return Ok(redirect(
            &ctx.url_for(".show", &[("post_id", post["id"].clone())])?,
            303,
        ));
    }
    Ok(html(ctx.render("form.html", json!({"title": "new"}))?))
}

async fn download(ctx: Ctx, Path(post_id): Path<i64>) -> Reply {
    let path = format!("{FOLDER}/files/{post_id}.txt");
    if !std::path::Path::new(&path).exists() {
        return Err(abort(404));
    }
    let name = format!("post-{post_id}.txt");
    let options = FileOptions {
        as_attachment: true,
        download_name: Some(&name),
        ..FileOptions::default()
    };
    send_file(&ctx, &path, options).await
}
