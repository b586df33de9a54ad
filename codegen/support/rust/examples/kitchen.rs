//! Everything at once, for comparison with the same app in Flask.
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, delete, get, post, put};
use flask_parity::flask_parity::application::{Application, Settings, run};
use flask_parity::flask_parity::context::Ctx;
use flask_parity::flask_parity::error::{Abort, Reply, abort, abort_with, failure};
use flask_parity::flask_parity::files::{FileOptions, send_file, send_from_directory};
use flask_parity::flask_parity::inputs::{MultiDict, Path};
use flask_parity::flask_parity::python;
use flask_parity::flask_parity::responses::{
    bytes, html, json, redirect, text, with_header, with_status,
};
use flask_parity::flask_parity::rule::Rule;
use flask_parity::flask_parity::templates;
use serde_json::{Map, Value, json};

const RULES: &[Rule] = &[
    Rule::new("/static/<path:filename>", "static", &["GET"]),
    Rule::new("/", "r0", &["GET"]),
    Rule::new("/e/", "r1", &["GET", "POST"]),
    Rule::new("/e/<x>", "r2", &["GET"]),
    Rule::new("/e/<int:x>/", "r3", &["GET", "POST"]),
    Rule::new("/e/<path:x>/end", "r4", &["GET"]).dispatched_at("/~r4"),
    Rule::new("/f/<float:x>", "r5", &["GET", "POST"]),
    Rule::new("/u/<uuid:x>", "r6", &["GET"]),
    Rule::new("/o/<any(a,b):x>", "r7", &["GET", "POST"]),
    Rule::new("/t/<a>-<b>", "r8", &["GET"]),
    Rule::new("/s/<string(length=2):x>", "r9", &["GET", "POST"]),
    Rule::new("/p/<path:x>", "r10", &["GET"]),
    Rule::new("/é/<x>", "r11", &["GET", "POST"]),
    Rule::new("/sp ace/<x>", "r12", &["GET"]),
    Rule::new("/loose/", "loose", &["GET"]).loose_slashes(),
    Rule::new("/pages/", "pages", &["GET"]).defaults(&[("page", "1")]),
    Rule::new("/pages/<int:page>", "pages", &["GET"]),
    Rule::new("/del", "del", &["DELETE", "OPTIONS"]),
    Rule::new("/put", "put", &["PUT"]),
    Rule::new("/form", "form", &["GET", "POST", "PUT"]),
    Rule::new("/need", "need", &["POST"]),
    Rule::new("/raw", "raw", &["POST"]),
    Rule::new("/noread", "noread", &["POST"]),
    Rule::new("/json", "json", &["GET", "POST"]),
    Rule::new("/abort/<int:code>", "ab", &["GET"]),
    Rule::new("/status/<int:code>", "status", &["GET"]),
    Rule::new("/fail404", "fail404", &["GET"]),
    Rule::new("/fail500", "fail500", &["GET"]),
    Rule::new("/boom", "boom", &["GET"]),
    Rule::new("/redirect", "redir", &["GET"]),
    Rule::new("/header", "header", &["GET"]),
    Rule::new("/mime", "mime", &["GET"]),
    Rule::new("/session", "sess", &["GET"]),
    Rule::new("/url", "url", &["GET"]),
    Rule::new("/bp/", "bp.r0", &["GET"]),
    Rule::new("/bp/<x>", "bp.r1", &["GET", "POST"]),
    Rule::new("/bp/deep/<int:x>/y/", "bp.r2", &["GET"]),
    Rule::new("/bp/url/for", "bp.bpurl", &["GET"]),
    Rule::new("/bp/inner/", "bp.inner.r0", &["GET"]),
    Rule::new("/bp/inner/<path:x>", "bp.inner.r1", &["GET", "POST"]),
    Rule::new("/file", "file", &["GET"]),
    Rule::new("/tpl", "tpl", &["POST"]),
];

macro_rules! kitchen {
    ($name:ident, $settings:expr) => {
        struct $name;
        impl Application for $name {
            const RULES: &'static [Rule] = RULES;
            const SETTINGS: Settings = $settings;
            async fn before_request(ctx: &Ctx) -> Result<Option<Response>, Abort> {
                if let Some(code) = ctx.header("X-Stop") {
                    return with_status(html("stopped"), code.parse().unwrap_or(0)).map(Some);
                }
                match ctx.header("X-Fail") {
                    Some("before") => panic!("before"),
                    Some("abort") => Err(abort(403)),
                    _ => Ok(None),
                }
            }
            async fn after_request(ctx: &Ctx, response: Response) -> Reply {
                match ctx.header("X-Fail") {
                    Some("after") => return Err(failure("after")),
                    Some("after-abort") => return Err(abort(403)),
                    _ => {}
                }
                let none = |x: Option<&str>| x.unwrap_or("None").to_owned();
                let value = format!("{} {} {}", response.status().as_u16(), none(ctx.endpoint()), none(ctx.blueprint()));
                let response = with_header(response, "X-After", &value)?;
                Ok(response)
            }
            async fn error_page(ctx: &Ctx, error: &Abort) -> Option<Reply> {
                error_page(ctx, error)
            }
            fn template_context(_: &Ctx, _: &str) -> Result<Map<String, Value>, Abort> {
                let Value::Object(names) = json!({"site": "S & <T>", "over": "processor"}) else { return Ok(Map::new()) };
                Ok(names)
            }
        }
    };
}
kitchen!(
    Full,
    Settings {
        secret_key: Some("dev"),
        max_content_length: Some(3000),
        max_form_memory_size: Some(500),
        max_form_parts: Some(5),
        ..Settings::new()
    }
);
kitchen!(
    Bare,
    Settings {
        server_name: Some("Named.example:80"),
        send_file_max_age: Some(60),
        ..Settings::new()
    }
);
kitchen!(
    Other,
    Settings {
        secret_key: Some("dev"),
        session_cookie_secure: true,
        session_cookie_httponly: false,
        session_cookie_samesite: Some("Lax"),
        session_cookie_domain: Some("x.example"),
        session_cookie_path: Some("/p"),
        send_file_max_age: Some(0),
        permanent_session_lifetime: 1000,
        json_sort_keys: false,
        json_ascii: false,
        ..Settings::new()
    }
);

fn error_page(ctx: &Ctx, error: &Abort) -> Option<Reply> {
    match error.status() {
        404 if ctx.path().starts_with("/fail404") => Some(Err(failure("in 404"))),
        404 => Some(with_status(
            json(
                ctx,
                &json!({"error": error.description(), "name": error.name(), "s": error.to_string()}),
            ),
            404,
        )),
        500 if ctx.path().starts_with("/fail500") => Some(Err(failure("in 500"))),
        500 => Some(with_status(html("custom 500"), 500)),
        418 => Some(Ok(html(format!("teapot {}", error.description())))),
        _ => None,
    }
}

fn pairs(values: &MultiDict) -> Value {
    values.iter().map(|(k, v)| json!([k, v])).collect()
}

async fn info(ctx: Ctx, _: Request) -> Reply {
    Ok(json(
        &ctx,
        &json!({"method": ctx.method(), "path": ctx.path(), "full_path": ctx.full_path(), "url": ctx.url(), "base_url": ctx.base_url(),
        "url_root": ctx.url_root(), "host": ctx.host(), "scheme": ctx.scheme(), "remote": ctx.remote_addr(), "endpoint": ctx.endpoint(),
        "blueprint": ctx.blueprint(), "view_args": ctx.view_args(), "args": pairs(&ctx.args), "cookies": pairs(ctx.cookies()), "x": ctx.header("x-test"),
        "mimetype": ctx.mimetype(), "is_json": ctx.is_json(), "page": ctx.args.get_as::<i64>("page").unwrap_or(7), "f": ctx.args.get_as::<f64>("f"),
        "all": ctx.args.all_as::<i64>("a"), "keys": ctx.args.keys()}),
    ))
}

async fn form(ctx: Ctx) -> Reply {
    let data: String = ctx.data()?.iter().copied().map(char::from).collect();
    Ok(json(
        &ctx,
        &json!({"form": pairs(ctx.form()?), "values": pairs(&ctx.values()?), "data": data}),
    ))
}

async fn need(ctx: Ctx) -> Reply {
    Ok(html(format!(
        "{}{}",
        ctx.form()?.require("a")?,
        ctx.args.require("b")?
    )))
}

async fn sess(ctx: Ctx) -> Reply {
    let mut out = Vec::new();
    let opt = |v: Option<Value>| v.unwrap_or(Value::Null);
    for op in ctx.args.all("op") {
        let (name, rest) = op.split_once(':').unwrap_or((op, ""));
        let (k, v) = rest.split_once(':').unwrap_or((rest, ""));
        let s = &ctx.session;
        match name {
            "get" => out.push(opt(s.get(k))),
            "req" => out.push(s.require(k)?),
            "set" => s.set(k, v),
            "int" => s.set(
                k,
                python::int_text(v)
                    .and_then(|t| t.parse::<i64>().ok())
                    .ok_or_else(|| failure("int"))?,
            ),
            "list" => s.set(k, json!([v, 1.5, {"z": null, "a": true}])),
            "tag" => s.set(k, json!({" t": v})),
            "pop" => out.push(opt(s.pop(k))),
            "clear" => s.clear(),
            "perm" => s.set_permanent(k == "1"),
            "in" => out.push(json!(s.contains(k))),
            "def" => out.push(s.set_default(k, v)),
            "flash" => ctx.flash(v, k),
            "flashed" => out.push(json!(ctx.flashed_messages(if k.is_empty() {
                &[]
            } else {
                std::slice::from_ref(&k)
            }))),
            "abort" => return Err(abort(k.parse().unwrap_or(0))),
            _ => {}
        }
    }
    Ok(json(&ctx, &Value::Array(out)))
}

async fn url(ctx: Ctx) -> Reply {
    let kw: Map<String, Value> =
        serde_json::from_str(ctx.args.get("kw").unwrap_or("{}")).map_err(|_| failure("kw"))?;
    let kw: Vec<(&str, Value)> = kw.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    Ok(html(ctx.url_for(ctx.args.require("e")?, &kw)?))
}

async fn file(ctx: Ctx) -> Reply {
    let a = &ctx.args;
    let options = FileOptions {
        mimetype: a.get("m"),
        as_attachment: a.contains("att"),
        download_name: a.get("n"),
        max_age: a
            .get_as::<i64>("age")
            .and_then(|age| u32::try_from(age).ok()),
    };
    send_file(&ctx, &format!("static/{}", a.require("p")?), options).await
}

async fn tpl(ctx: Ctx) -> Reply {
    let d: Value = ctx.json()?;
    ctx.g.set("user", json!({"name": "ann <x>"}));
    Ok(html(ctx.render_string(
        &python::text(&d["src"]),
        d["ctx"].clone(),
    )?))
}

fn router() -> Router {
    templates::init(|env| env.add_filter("shout", |s: String| format!("{}!", s.to_uppercase())));
    let mut router = Router::new();
    for path in [
        "/",
        "/e/",
        "/e/{x}",
        "/e/{x}/",
        "/f/{x}",
        "/u/{x}",
        "/o/{x}",
        "/t/{x}",
        "/s/{x}",
        "/p/{*x}",
        "/%C3%A9/{x}",
        "/sp%20ace/{x}",
        "/loose/",
        "/pages/",
        "/pages/{page}",
        "/bp/",
        "/bp/{x}",
        "/bp/deep/{x}/y/",
        "/bp/inner/",
        "/bp/inner/{*x}",
        "/~r4",
    ] {
        router = router.route(path, any(info));
    }
    router
        .route("/del", delete(info).options(info))
        .route("/put", put(info))
        .route(
            "/static/{*f}",
            get(async |ctx: Ctx, Path(name): Path<String>| {
                send_from_directory(&ctx, "static", &name).await
            }),
        )
        .route("/form", any(form))
        .route("/need", post(need))
        .route(
            "/raw",
            post(async |ctx: Ctx| -> Reply { Ok(bytes(ctx.raw_data()?.to_vec(), "text/plain")) }),
        )
        .route("/noread", post(async || html("ok")))
        .route(
            "/json",
            any(async |ctx: Ctx| -> Reply {
                let v: Value = ctx.json()?;
                Ok(json(&ctx, &v))
            }),
        )
        .route(
            "/abort/{code}",
            get(async |ctx: Ctx, Path(code): Path<u64>| -> Reply {
                let code = u16::try_from(code).unwrap_or(0);
                Err(ctx
                    .args
                    .get("d")
                    .map_or_else(|| abort(code), |d| abort_with(code, d)))
            }),
        )
        .route(
            "/status/{code}",
            get(async |Path(code): Path<i64>| with_status(html("s"), code)),
        )
        .route("/fail404", get(async || -> Reply { Err(abort(404)) }))
        .route("/fail500", get(async || -> Reply { panic!("five") }))
        .route("/boom", get(async || -> Reply { panic!("boom {}", 1) }))
        .route(
            "/redirect",
            get(async |ctx: Ctx| -> Reply {
                let code = match ctx.args.get("code") {
                    None => 302,
                    Some(c) => python::int_text(c)
                        .and_then(|c| c.parse().ok())
                        .ok_or_else(|| failure("int"))?,
                };
                Ok(redirect(ctx.args.require("to")?, code))
            }),
        )
        .route(
            "/header",
            get(async |ctx: Ctx| -> Reply {
                with_header(html("h"), ctx.args.require("k")?, ctx.args.require("v")?)
            }),
        )
        .route(
            "/mime",
            get(async |ctx: Ctx| -> Reply { Ok(text("m", ctx.args.require("m")?)) }),
        )
        .route("/session", get(sess))
        .route("/url", get(url))
        .route("/bp/url/for", get(url))
        .route("/file", get(file))
        .route("/tpl", post(tpl))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    match std::env::var("MODE").as_deref() {
        Ok("bare") => run::<Bare>(router()).await,
        Ok("other") => run::<Other>(router()).await,
        _ => run::<Full>(router()).await,
    }
}
