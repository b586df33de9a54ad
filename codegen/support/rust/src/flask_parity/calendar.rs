//! `datetime.date`.

use std::fmt;

use serde::{Serialize, Serializer};

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// `date(year, month, day)`, of a day that there is.
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// As Flask writes it in JSON (`werkzeug.http.http_date`): `Tue, 02 Jan 2024 00:00:00 GMT`.
    pub fn http(self) -> String {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let day = DAYS[usize::from(self.weekday())];
        let month = MONTHS[usize::from(self.month.clamp(1, 12) - 1)];
        format!("{day}, {:02} {month} {:04} 00:00:00 GMT", self.day, self.year)
    }

    /// Monday is 0 (Zeller's congruence).
    fn weekday(self) -> u8 {
        let (year, month) = match self.month {
            month @ 1..=2 => (u32::from(self.year) - 1, u32::from(month) + 12),
            month => (u32::from(self.year), u32::from(month)),
        };
        let sum = u32::from(self.day) + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400;
        // Zeller counts from Saturday.
        ((sum + 5) % 7) as u8
    }
}

/// `str(date)`: `2024-01-02`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// As templates print it.
impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Taken from Python: `werkzeug.http.http_date(date(…))`.
    #[test]
    fn as_python_writes_it() {
        assert_eq!(Date::new(2024, 1, 2).http(), "Tue, 02 Jan 2024 00:00:00 GMT");
        assert_eq!(Date::new(2024, 2, 29).http(), "Thu, 29 Feb 2024 00:00:00 GMT");
        assert_eq!(Date::new(1999, 12, 31).http(), "Fri, 31 Dec 1999 00:00:00 GMT");
        assert_eq!(Date::new(2024, 1, 2).to_string(), "2024-01-02");
    }
}
