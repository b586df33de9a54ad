//! A function of the app beside what stands for it: in two columns where there is room, else one above the other.

use std::io::{self, Write};

use codegen::diff::{Excerpt, Pair, State};
use unicode_width::UnicodeWidthChar as _;

use super::{escape, style};

/// Columns that two columns of code need.
const WIDE: usize = 120;
/// Beyond it the eye does not find back.
const WIDEST: usize = 240;
const SEPARATOR: &str = " │ ";

/// The width of the output: `COLUMNS`, else what the terminal says; unknown where nobody says.
pub fn width() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok();
    columns
        .and_then(|c| c.parse().ok())
        .filter(|n| *n > 0)
        .or_else(|| {
            terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
        })
}

/// Writes a pair for an output of that width.
pub fn write(pair: &Pair, width: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    let (original, port) = (Side::of(&pair.original), Side::of(&pair.port));
    let qualname = pair.function.rsplit(':').next().unwrap_or_default();
    let mut heading = format!("{}  {qualname}", original.place);
    escape::clean(&mut heading);
    let note = note(pair.state).map(|note| format!("{} {note}", escaped(&pair.port.file)));
    match width {
        Some(width) if width >= WIDE => {
            beside(&original, &port, &heading, width.min(WIDEST), out)?;
        }
        _ => {
            let (before, after) = (style::BAD, style::GOOD);
            writeln!(out, "  {before}{heading}{before:#}")?;
            original.write(out)?;
            writeln!(out, "  {after}{}{after:#}", port.place)?;
            port.write(out)?;
        }
    }
    if let Some(note) = note {
        let warn = style::WARN;
        writeln!(out, "  {warn}{note}{warn:#}")?;
    }
    Ok(())
}

/// What is to be said of the port's lines.
fn note(state: State) -> Option<&'static str> {
    match state {
        State::Written => None,
        State::Found => {
            Some("was edited since the port was written: the function was found again by its name")
        }
        State::Recorded => Some(
            "was edited since the port was written: these lines were the function's then, and may be another's now",
        ),
        State::Gone => Some("is gone"),
    }
}

fn escaped(text: &str) -> String {
    let mut text = text.to_owned();
    escape::clean(&mut text);
    text
}

/// An excerpt as it is shown.
struct Side {
    /// `file:line`
    place: String,
    /// Numbers and lines.
    lines: Vec<(u32, String)>,
    /// Digits of the last number.
    digits: usize,
}

impl Side {
    fn of(excerpt: &Excerpt) -> Self {
        let lines: Vec<(u32, String)> = (excerpt.line..)
            .zip(excerpt.text.lines().map(escape::code))
            .collect();
        Self {
            place: format!("{}:{}", escaped(&excerpt.file), excerpt.line),
            digits: lines.last().map_or(1, |(n, _)| n.to_string().len()),
            lines,
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let dim = style::DIM;
        for (number, line) in &self.lines {
            writeln!(out, "  {dim}{number:>0$}{dim:#}  {line}", self.digits)?;
        }
        Ok(())
    }

    /// Rows of at most `width` columns: numbers, which continued lines lack, and texts.
    fn rows(&self, width: usize) -> Vec<(String, String)> {
        let room = width.saturating_sub(self.digits + 1).max(1);
        let mut out = Vec::new();
        for (number, line) in &self.lines {
            let blanks = line.len() - line.trim_start_matches(' ').len();
            let indent = (blanks + 4).min(room / 2);
            for (i, part) in wrapped(line, room, room - indent).into_iter().enumerate() {
                out.push(if i == 0 {
                    (format!("{number:>0$}", self.digits), part.to_owned())
                } else {
                    (" ".repeat(self.digits), " ".repeat(indent) + part)
                });
            }
        }
        out
    }
}

fn beside(
    original: &Side,
    port: &Side,
    heading: &str,
    width: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    let column = (width - 2 - SEPARATOR.chars().count()) / 2;
    let (before, after, dim) = (style::BAD, style::GOOD, style::DIM);
    if columns(heading) <= column && columns(&port.place) <= column {
        let pad = " ".repeat(column - columns(heading));
        writeln!(
            out,
            "  {before}{heading}{before:#}{pad}{dim}{SEPARATOR}{dim:#}{after}{}{after:#}",
            port.place
        )?;
    } else {
        writeln!(out, "  {before}{heading}{before:#}")?;
        writeln!(out, "  {after}{}{after:#}", port.place)?;
    }
    let (left, right) = (original.rows(column), port.rows(column));
    for i in 0..left.len().max(right.len()) {
        let empty = (String::new(), String::new());
        let (number, line) = left.get(i).unwrap_or(&empty);
        let used = if number.is_empty() {
            0
        } else {
            number.len() + 1 + columns(line)
        };
        let gap = if number.is_empty() { "" } else { " " };
        let pad = " ".repeat(column.saturating_sub(used));
        write!(
            out,
            "  {dim}{number}{dim:#}{gap}{line}{pad}{dim}{}{dim:#}",
            SEPARATOR.trim_end()
        )?;
        match right.get(i) {
            Some((number, line)) if line.is_empty() => {
                writeln!(out, " {dim}{number}{dim:#}")?;
            }
            Some((number, line)) => writeln!(out, " {dim}{number}{dim:#} {line}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// The columns that a text takes on a terminal.
fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A line in parts, the first of at most `first` columns and the others of at most `others`; it breaks after a blank where one
/// is near. Nothing is lost.
fn wrapped(line: &str, first: usize, others: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = line;
    let mut room = first;
    loop {
        let (mut used, mut end, mut blank) = (0, rest.len(), None);
        for (i, c) in rest.char_indices() {
            used += c.width().unwrap_or(0);
            // One character at least: a wide one may not fit at all.
            if used > room && i > 0 {
                end = i;
                break;
            }
            if c == ' ' && used > room * 2 / 3 {
                blank = Some(i + 1);
            }
        }
        if end == rest.len() {
            out.push(rest);
            return out;
        }
        let (part, tail) = rest.split_at(blank.unwrap_or(end));
        out.push(part);
        rest = tail;
        room = others;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(state: State) -> Pair {
        Pair {
            function: "blog.posts:show".into(),
            original: Excerpt {
                file: "blog/posts.py".into(),
                line: 9,
                text: "@bp.route(\"/\")\ndef show():\n\treturn \"\u{1b}[31m\"".into(),
            },
            port: Excerpt {
                file: "src/posts.rs".into(),
                line: 98,
                text: format!("pub async fn show() {{\n\n    {}\n}}", "word ".repeat(20)),
            },
            state,
        }
    }

    fn shown(pair: &Pair, width: Option<usize>) -> String {
        let mut out = Vec::new();
        write(pair, width, &mut out).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn one_above_the_other() {
        let words = "word ".repeat(20);
        for width in [None, Some(119)] {
            assert_eq!(
                shown(&pair(State::Written), width),
                format!(
                    "  blog/posts.py:9  show\n   9  @bp.route(\"/\")\n  10  def show():\n  11      return \"\\u{{1b}}[31m\"\n  src/posts.rs:98\n   98  pub async fn show() {{\n   99  \n  100      {words}\n  101  }}\n"
                )
            );
        }
    }

    #[test]
    fn side_by_side() {
        let text = shown(&pair(State::Written), Some(120));
        let rows: Vec<&str> = text.lines().collect();
        let at = |row: &str| columns(&row[..row.find('│').unwrap()]);
        assert!(rows.iter().all(|r| columns(r) <= 120), "{text}");
        assert!(rows.iter().all(|r| at(r) == at(rows[0])), "{text}");
        assert!(rows[0].starts_with("  blog/posts.py:9  show "), "{text}");
        assert!(rows[0].ends_with("│ src/posts.rs:98"), "{text}");
        assert!(rows[1].contains("│  98 pub async fn show() {"), "{text}");
        assert!(rows[2].ends_with("│  99"), "{text}");
        assert_eq!(text.matches("word").count(), 20, "{text}");
        assert_eq!(rows.len(), 7, "{text}");
    }

    #[test]
    fn lines_are_wrapped_whole() {
        assert_eq!(wrapped("abc", 3, 3), ["abc"]);
        assert_eq!(wrapped("", 3, 3), [""]);
        assert_eq!(wrapped("abcdef", 3, 2), ["abc", "de", "f"]);
        assert_eq!(wrapped("ab cd ef", 4, 4), ["ab ", "cd ", "ef"]);
        assert_eq!(wrapped("日本語", 4, 4), ["日本", "語"]);
        assert_eq!(wrapped("日本", 1, 1), ["日", "本"]);
        assert_eq!(wrapped("e\u{301}e\u{301}", 1, 1), ["e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn an_edited_file_is_named() {
        let cases = [
            (
                State::Found,
                "src/posts.rs was edited since the port was written: the function",
            ),
            (State::Recorded, "may be another's now"),
            (State::Gone, "src/posts.rs is gone"),
        ];
        for (state, words) in cases {
            for width in [None, Some(200)] {
                let text = shown(&pair(state), width);
                assert!(text.contains(words), "{text}");
            }
        }
    }
}
