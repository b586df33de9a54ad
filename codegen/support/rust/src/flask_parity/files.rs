//! Files as Flask sends them: ETag, 304, ranges, `Content-Disposition` (werkzeug.utils.send_file).

use std::io::SeekFrom;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use unicode_normalization::UnicodeNormalization;

use super::context::Ctx;
use super::error::{Abort, Reply, abort, failure};
use super::json::float_text;
use super::mimetypes::guess_type;
use super::quoting::quote;
use super::responses::content_type;

/// Options of `send_file`; the defaults are Flask's.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileOptions<'a> {
    /// `mimetype=`: guessed from the name when not given.
    pub mimetype: Option<&'a str>,
    /// `as_attachment=`
    pub as_attachment: bool,
    /// `download_name=`: the file's own name when not given.
    pub download_name: Option<&'a str>,
    /// `max_age=`, in seconds: `SEND_FILE_MAX_AGE_DEFAULT` when not given.
    pub max_age: Option<u32>,
}

/// `send_from_directory(folder, filename)`: 404 when it leaves the folder or is no file.
pub async fn send_from_directory(ctx: &Ctx, folder: &str, filename: &str) -> Reply {
    send_from_directory_with(ctx, folder, filename, FileOptions::default()).await
}

/// The same with options.
pub async fn send_from_directory_with(
    ctx: &Ctx,
    folder: &str,
    filename: &str,
    options: FileOptions<'_>,
) -> Reply {
    let path = safe_join(folder, filename).ok_or_else(|| abort(404))?;
    match tokio::fs::metadata(&path).await {
        Ok(about) if about.is_file() => send_file(ctx, &path, options).await,
        _ => Err(abort(404)),
    }
}

/// `send_file(path, …)`: a file that is not there is a `FileNotFoundError`, so a 500.
pub async fn send_file(ctx: &Ctx, path: &str, options: FileOptions<'_>) -> Reply {
    let lost = |error: std::io::Error| failure(format!("{path}: {error}"));
    // Not made canonical: the ETag is of the path as it is written.
    let full = std::env::current_dir().map_err(lost)?.join(path);
    let mut file = tokio::fs::File::open(&full).await.map_err(lost)?;
    let about = file.metadata().await.map_err(lost)?;
    if !about.is_file() {
        return Err(failure(format!("IsADirectoryError: {path}")));
    }
    let since = about
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    let own_name = full
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name = options.download_name.unwrap_or(&own_name);
    let (guessed, encoding) = guess_type(name);
    let size = about.len();
    let etag = etag(since, size, &full);
    let modified = since.as_secs();

    let mut headers = vec![(
        header::CONTENT_DISPOSITION,
        content_disposition(name, options.as_attachment),
    )];
    let guessed = guessed.unwrap_or_else(|| "application/octet-stream".to_owned());
    let kind = options.mimetype.map_or(guessed, str::to_owned);
    headers.push((header::CONTENT_TYPE, content_type(&kind)));
    if let (Some(encoding), None, false) = (encoding, options.mimetype, options.as_attachment) {
        headers.push((header::CONTENT_ENCODING, encoding.to_owned()));
    }
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(modified));
    headers.push((header::LAST_MODIFIED, date));
    match options.max_age.or(ctx.settings().send_file_max_age) {
        None => headers.push((header::CACHE_CONTROL, "no-cache".to_owned())),
        Some(age) => {
            let control = if age == 0 {
                "no-cache, max-age=0".to_owned()
            } else {
                format!("public, max-age={age}")
            };
            headers.push((header::CACHE_CONTROL, control));
            let expires = SystemTime::now() + Duration::from_secs(age.into());
            headers.push((header::EXPIRES, httpdate::fmt_http_date(expires)));
        }
    }
    headers.push((header::ETAG, format!("\"{etag}\"")));

    let mut status = StatusCode::OK;
    let (mut start, mut length) = (0, size);
    if matches!(ctx.method(), "GET" | "HEAD") {
        headers.push((header::ACCEPT_RANGES, "bytes".to_owned()));
        let state = Resource {
            etag: &etag,
            modified,
        };
        if size > 0
            && ctx.header("range").is_some()
            && (ctx.header("if-range").is_none() || state.is_unmodified(ctx, true))
        {
            (start, length) = range(ctx.header("range").unwrap_or_default(), size)?;
            status = StatusCode::PARTIAL_CONTENT;
            headers.push((
                header::CONTENT_RANGE,
                format!("bytes {start}-{}/{size}", start + length - 1),
            ));
        } else if state.is_unmodified(ctx, false) {
            let conditional = ctx
                .header("if-match")
                .is_some_and(|tags| !Tags::parse(tags).is_empty());
            status = if conditional {
                StatusCode::PRECONDITION_FAILED
            } else {
                StatusCode::NOT_MODIFIED
            };
        }
    }
    if status == StatusCode::NOT_MODIFIED {
        length = 0;
    } else {
        headers.push((header::CONTENT_LENGTH, length.to_string()));
    }
    if start > 0 {
        file.seek(SeekFrom::Start(start)).await.map_err(lost)?;
    }
    let body = if length == 0 {
        Body::empty()
    } else {
        Body::from_stream(chunks(file, length))
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| failure(format!("value of header {name}")))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

fn chunks(
    file: tokio::fs::File,
    length: u64,
) -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    stream::unfold((file.take(length), true), |(mut file, go)| async move {
        if !go {
            return None;
        }
        let mut chunk = Vec::with_capacity(64 * 1024);
        match file.read_buf(&mut chunk).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(chunk)), (file, true))),
            Err(error) => Some((Err(error), (file, false))),
        }
    })
}

/// werkzeug.security.safe_join: `None` when the name leaves the folder.
pub fn safe_join(folder: &str, name: &str) -> Option<String> {
    if name.contains('\0') || (cfg!(windows) && name.contains('\\')) {
        return None;
    }
    let mut path = PathBuf::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            _ => return None,
        }
    }
    let folder = if folder.is_empty() { "." } else { folder };
    Path::new(folder).join(path).to_str().map(str::to_owned)
}

/// `mtime-size-adler32(path)`, with the time as Python prints a float.
fn etag(since: Duration, size: u64, path: &Path) -> String {
    let seconds = since.as_secs() as f64 + 1e-9 * f64::from(since.subsec_nanos());
    format!(
        "{}-{size}-{}",
        float_text(seconds),
        adler32(path.as_os_str().as_encoded_bytes())
    )
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for &byte in bytes {
        low = (low + u32::from(byte)) % 65521;
        high = (high + low) % 65521;
    }
    high << 16 | low
}

/// `Content-Disposition`, with a name beyond ASCII in both spellings.
pub fn content_disposition(name: &str, attachment: bool) -> String {
    let kind = if attachment { "attachment" } else { "inline" };
    let simple: String = if name.is_ascii() {
        name.to_owned()
    } else {
        name.nfkd().filter(char::is_ascii).collect()
    };
    let token = |c: char| c.is_ascii_alphanumeric() || "_!#$%&'*+-.^`|~".contains(c);
    let simple = if !simple.is_empty() && simple.chars().all(token) {
        simple
    } else {
        format!("\"{}\"", simple.replace('\\', "\\\\").replace('"', "\\\""))
    };
    if name.is_ascii() {
        return format!("{kind}; filename={simple}");
    }
    format!(
        "{kind}; filename={simple}; filename*=UTF-8''{}",
        quote(name, "!#$&+-.^_`|~")
    )
}

struct Resource<'a> {
    etag: &'a str,
    modified: u64,
}

impl Resource<'_> {
    /// werkzeug.sansio.http.is_resource_modified, the other way round.
    fn is_unmodified(&self, ctx: &Ctx, with_if_range: bool) -> bool {
        let date = |text: Option<&str>| text.and_then(parse_date);
        let if_range = if with_if_range && ctx.header("range").is_some() {
            ctx.header("if-range")
        } else {
            None
        };
        let since = date(if_range).or_else(|| date(ctx.header("if-modified-since")));
        let own = UNIX_EPOCH + Duration::from_secs(self.modified);
        let mut unmodified = since.is_some_and(|since| own <= since);
        match if_range.filter(|text| !text.is_empty() && date(Some(text)).is_none()) {
            Some(tag) => {
                let tag = tag.trim();
                let tag = tag
                    .strip_prefix("W/")
                    .or_else(|| tag.strip_prefix("w/"))
                    .unwrap_or(tag);
                let bare = tag
                    .strip_prefix('"')
                    .and_then(|tag| tag.strip_suffix('"'))
                    .unwrap_or(tag);
                unmodified = bare == self.etag;
            }
            None => {
                let none_match = Tags::parse(ctx.header("if-none-match").unwrap_or_default());
                if !none_match.is_empty() {
                    unmodified =
                        none_match.star || none_match.tags.iter().any(|(_, tag)| tag == self.etag);
                }
                let required = Tags::parse(ctx.header("if-match").unwrap_or_default());
                if !required.is_empty() {
                    // A star is no tag here, as in Werkzeug.
                    unmodified = !required
                        .tags
                        .iter()
                        .any(|(weak, tag)| !weak && tag == self.etag);
                }
            }
        }
        unmodified
    }
}

/// `email.utils.parsedate_to_datetime`, for dates with a zone as digits or without one too.
fn parse_date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    if let Ok(date) = httpdate::parse_http_date(text) {
        return Some(date);
    }
    let (local, zone) = match text.rsplit_once(' ') {
        Some((local, zone)) if zone.starts_with(['+', '-']) && zone.len() == 5 => (local, zone),
        _ => (text, "+0000"),
    };
    let date = httpdate::parse_http_date(&format!("{local} GMT")).ok()?;
    let part = |at: usize| zone.get(at..at + 2)?.parse::<u64>().ok();
    let offset = Duration::from_secs(part(1)? * 3600 + part(3)? * 60);
    if zone.starts_with('-') {
        date.checked_add(offset)
    } else {
        date.checked_sub(offset)
    }
}

/// werkzeug.http.parse_etags
#[derive(Default)]
struct Tags {
    star: bool,
    tags: Vec<(bool, String)>,
}

impl Tags {
    fn parse(text: &str) -> Self {
        if text == "*" {
            return Self {
                star: true,
                tags: Vec::new(),
            };
        }
        let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        let tags = tags.map(|tag| {
            let bare = tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/"));
            let text = bare.unwrap_or(tag);
            let inner = text
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'))
                .unwrap_or(text);
            (bare.is_some(), inner.to_owned())
        });
        Self {
            star: false,
            tags: tags.collect(),
        }
    }

    fn is_empty(&self) -> bool {
        !self.star && self.tags.is_empty()
    }
}

/// Start and length. A range is a 206 or a 416, it is never ignored; several ranges are a 416.
fn range(text: &str, size: u64) -> Result<(u64, u64), Abort> {
    let refuse = || abort(416).with_header("content-range", format!("bytes */{size}"));
    let number = |text: &str| -> Option<u64> {
        let text = text.trim_matches([' ', '\t']);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let parse = || -> Option<(u64, u64)> {
        let (unit, span) = text.split_once('=')?;
        let (first, last) = span.trim_matches([' ', '\t']).split_once('-')?;
        if !unit.trim_matches([' ', '\t']).eq_ignore_ascii_case("bytes") {
            return None;
        }
        if first.is_empty() {
            let suffix = number(last)?;
            return (suffix > 0 && suffix <= size).then(|| (size - suffix, size));
        }
        let first = number(first)?;
        if last.trim_matches([' ', '\t']).is_empty() {
            return Some((first, size));
        }
        let last = number(last)?;
        (first <= last).then(|| (first, last.saturating_add(1).min(size)))
    };
    let (start, end) = parse()
        .filter(|(start, end)| start < end && *start < size)
        .ok_or_else(refuse)?;
    Ok((start, end - start))
}
