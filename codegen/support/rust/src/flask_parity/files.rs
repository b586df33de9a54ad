//! Files as Flask sends them: ETag, 304, ranges, `Content-Disposition` (werkzeug.utils.send_file).

use std::io::SeekFrom;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::context::Ctx;
use super::error::{Abort, Reply, abort, failure};
use super::json::float_text;
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
    let full = std::path::absolute(path).map_err(lost)?;
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
    let (guessed, encoding) = guess(name);
    let size = about.len();
    let etag = etag(since, size, &full);
    let modified = since.as_secs();

    let mut headers = vec![(
        header::CONTENT_DISPOSITION,
        content_disposition(name, options.as_attachment),
    )];
    let kind = options.mimetype.map(str::to_owned).unwrap_or(guessed);
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
        let kept = |name: &HeaderName| !ENTITY.contains(name);
        headers.retain(|(name, _)| kept(name));
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

/// What a 304 has not (werkzeug.http.remove_entity_headers).
const ENTITY: [HeaderName; 7] = [
    header::ALLOW,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::LAST_MODIFIED,
];

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

/// `mimetypes.guess_type`: the type, and the encoding that the last suffix stands for.
fn guess(name: &str) -> (String, Option<&'static str>) {
    let encodings = [
        (".gz", "gzip"),
        (".bz2", "bzip2"),
        (".xz", "xz"),
        (".br", "br"),
        (".Z", "compress"),
    ];
    let lower = if name.ends_with(".Z") {
        name.to_owned()
    } else {
        name.to_ascii_lowercase()
    };
    let packed = encodings
        .iter()
        .find(|(suffix, _)| lower.ends_with(suffix))
        .copied();
    let short = [
        (".tgz", ".tar"),
        (".taz", ".tar"),
        (".tz", ".tar"),
        (".tbz2", ".tar"),
        (".txz", ".tar"),
        (".svgz", ".svg"),
    ];
    if let Some((suffix, real)) = short.iter().find(|(suffix, _)| lower.ends_with(suffix)) {
        let stem = &lower[..lower.len() - suffix.len()];
        let encoding = match *suffix {
            ".tbz2" => "bzip2",
            ".txz" => "xz",
            _ => "gzip",
        };
        return (guess_plain(&format!("{stem}{real}")), Some(encoding));
    }
    match packed {
        Some((suffix, encoding)) => (
            guess_plain(&lower[..lower.len() - suffix.len()]),
            Some(encoding),
        ),
        None => (guess_plain(&lower), None),
    }
}

/// Python's table where it differs from `mime_guess`.
fn guess_plain(name: &str) -> String {
    let suffix = match name.trim_start_matches('.').rsplit_once('.') {
        Some((stem, suffix)) if !stem.is_empty() => suffix,
        _ => return "application/octet-stream".to_owned(),
    };
    let known = PYTHON_TYPES
        .iter()
        .find(|(own, _)| *own == suffix)
        .map(|(_, kind)| (*kind).to_owned());
    known
        .or_else(|| mime_guess::from_ext(suffix).first_raw().map(str::to_owned))
        .unwrap_or_else(|| "application/octet-stream".to_owned())
}

/// `Content-Disposition`, with a name beyond ASCII in both spellings.
pub fn content_disposition(name: &str, attachment: bool) -> String {
    let kind = if attachment { "attachment" } else { "inline" };
    let simple: String = if name.is_ascii() {
        name.to_owned()
    } else {
        name.chars().filter_map(plain_letter).collect()
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

/// The letter without its accent, for Latin-1; `None` leaves it out (Python: NFKD, then ASCII).
fn plain_letter(c: char) -> Option<char> {
    let plain = match c {
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' => 'O',
        'Ù'..='Ü' => 'U',
        'Ý' => 'Y',
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        c if c.is_ascii() => c,
        _ => return None,
    };
    Some(plain)
}

struct Resource<'a> {
    etag: &'a str,
    modified: u64,
}

impl Resource<'_> {
    /// werkzeug.sansio.http.is_resource_modified, the other way round.
    fn is_unmodified(&self, ctx: &Ctx, with_if_range: bool) -> bool {
        let date =
            |text: Option<&str>| text.and_then(|text| httpdate::parse_http_date(text.trim()).ok());
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
            }
        }
        let required = Tags::parse(ctx.header("if-match").unwrap_or_default());
        if !required.is_empty() {
            unmodified = !(required.star
                || required
                    .tags
                    .iter()
                    .any(|(weak, tag)| !weak && tag == self.etag));
        }
        unmodified
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

/// `mimetypes.types_map` of Python 3.11 without the system's files.
const PYTHON_TYPES: &[(&str, &str)] = &[
    ("3g2", "audio/3gpp2"),
    ("3gp", "audio/3gpp"),
    ("3gpp", "audio/3gpp"),
    ("3gpp2", "audio/3gpp2"),
    ("a", "application/octet-stream"),
    ("aac", "audio/aac"),
    ("adts", "audio/aac"),
    ("ai", "application/postscript"),
    ("aif", "audio/x-aiff"),
    ("aifc", "audio/x-aiff"),
    ("aiff", "audio/x-aiff"),
    ("ass", "audio/aac"),
    ("au", "audio/basic"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bat", "text/plain"),
    ("bcpio", "application/x-bcpio"),
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("c", "text/plain"),
    ("cdf", "application/x-netcdf"),
    ("cpio", "application/x-cpio"),
    ("csh", "application/x-csh"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("dll", "application/octet-stream"),
    ("doc", "application/msword"),
    ("dot", "application/msword"),
    ("dvi", "application/x-dvi"),
    ("eml", "message/rfc822"),
    ("eps", "application/postscript"),
    ("etx", "text/x-setext"),
    ("exe", "application/octet-stream"),
    ("gif", "image/gif"),
    ("gtar", "application/x-gtar"),
    ("h", "text/plain"),
    ("h5", "application/x-hdf5"),
    ("hdf", "application/x-hdf"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ief", "image/ief"),
    ("jpe", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "application/javascript"),
    ("json", "application/json"),
    ("ksh", "text/plain"),
    ("latex", "application/x-latex"),
    ("loas", "audio/aac"),
    ("m1v", "video/mpeg"),
    ("m3u", "application/vnd.apple.mpegurl"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("man", "application/x-troff-man"),
    ("me", "application/x-troff-me"),
    ("mht", "message/rfc822"),
    ("mhtml", "message/rfc822"),
    ("mif", "application/x-mif"),
    ("mjs", "application/javascript"),
    ("mov", "video/quicktime"),
    ("movie", "video/x-sgi-movie"),
    ("mp2", "audio/mpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpa", "video/mpeg"),
    ("mpe", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("ms", "application/x-troff-ms"),
    ("n3", "text/n3"),
    ("nc", "application/x-netcdf"),
    ("nq", "application/n-quads"),
    ("nt", "application/n-triples"),
    ("nws", "message/rfc822"),
    ("o", "application/octet-stream"),
    ("obj", "application/octet-stream"),
    ("oda", "application/oda"),
    ("opus", "audio/opus"),
    ("p12", "application/x-pkcs12"),
    ("p7c", "application/pkcs7-mime"),
    ("pbm", "image/x-portable-bitmap"),
    ("pdf", "application/pdf"),
    ("pfx", "application/x-pkcs12"),
    ("pgm", "image/x-portable-graymap"),
    ("pl", "text/plain"),
    ("png", "image/png"),
    ("pnm", "image/x-portable-anymap"),
    ("pot", "application/vnd.ms-powerpoint"),
    ("ppa", "application/vnd.ms-powerpoint"),
    ("ppm", "image/x-portable-pixmap"),
    ("pps", "application/vnd.ms-powerpoint"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("ps", "application/postscript"),
    ("pwz", "application/vnd.ms-powerpoint"),
    ("py", "text/x-python"),
    ("pyc", "application/x-python-code"),
    ("pyo", "application/x-python-code"),
    ("qt", "video/quicktime"),
    ("ra", "audio/x-pn-realaudio"),
    ("ram", "application/x-pn-realaudio"),
    ("ras", "image/x-cmu-raster"),
    ("rdf", "application/xml"),
    ("rgb", "image/x-rgb"),
    ("roff", "application/x-troff"),
    ("rtx", "text/richtext"),
    ("sgm", "text/x-sgml"),
    ("sgml", "text/x-sgml"),
    ("sh", "application/x-sh"),
    ("shar", "application/x-shar"),
    ("snd", "audio/basic"),
    ("so", "application/octet-stream"),
    ("src", "application/x-wais-source"),
    ("srt", "text/plain"),
    ("sv4cpio", "application/x-sv4cpio"),
    ("sv4crc", "application/x-sv4crc"),
    ("svg", "image/svg+xml"),
    ("swf", "application/x-shockwave-flash"),
    ("t", "application/x-troff"),
    ("tar", "application/x-tar"),
    ("tcl", "application/x-tcl"),
    ("tex", "application/x-tex"),
    ("texi", "application/x-texinfo"),
    ("texinfo", "application/x-texinfo"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("tr", "application/x-troff"),
    ("trig", "application/trig"),
    ("tsv", "text/tab-separated-values"),
    ("txt", "text/plain"),
    ("ustar", "application/x-ustar"),
    ("vcf", "text/x-vcard"),
    ("vtt", "text/vtt"),
    ("wasm", "application/wasm"),
    ("wav", "audio/x-wav"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("wiz", "application/msword"),
    ("wsdl", "application/xml"),
    ("xbm", "image/x-xbitmap"),
    ("xlb", "application/vnd.ms-excel"),
    ("xls", "application/vnd.ms-excel"),
    ("xml", "text/xml"),
    ("xpdl", "application/xml"),
    ("xpm", "image/x-xpixmap"),
    ("xsl", "application/xml"),
    ("xwd", "image/x-xwindowdump"),
    ("zip", "application/zip"),
];
