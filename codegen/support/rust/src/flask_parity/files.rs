//! Files as Flask sends them: ETag, 304, ranges, `Content-Disposition` (werkzeug.utils.send_file).

use std::io::SeekFrom;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use unicode_normalization::UnicodeNormalization;

use super::conditions::{Resource, Tags, range};
use super::context::Ctx;
use super::dates::{http_date, in_seconds};
use super::error::{Reply, abort, failure};
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
    let date = http_date(UNIX_EPOCH + Duration::from_secs(modified));
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
            headers.push((header::EXPIRES, http_date(in_seconds(age.into()))));
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
