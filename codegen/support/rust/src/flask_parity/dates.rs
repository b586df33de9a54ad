//! Dates in headers (werkzeug.http.http_date).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second of the year 9999: no later date can be written.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// `Tue, 02 Jan 2024 00:00:00 GMT`; a time before 1970 or after 9999 is the nearest one that can be written.
pub fn http_date(time: SystemTime) -> String {
    let since = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .min(LAST);
    httpdate::fmt_http_date(UNIX_EPOCH + since)
}

/// A time so many seconds from now, or as late as can be written.
pub fn in_seconds(seconds: u64) -> SystemTime {
    let later = SystemTime::now().checked_add(Duration::from_secs(seconds));
    later.unwrap_or(UNIX_EPOCH + LAST)
}
