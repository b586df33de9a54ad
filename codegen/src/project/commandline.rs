//! A command line changed where it stands: words replaced, added and dropped in the form of its file.

use model::{CommandArgument, CommandForm, CommandLine, Span};

use super::command;

/// Replacements of some bytes of a file.
pub(super) type Cuts = Vec<(Span, String)>;

/// A command line under change.
pub(super) struct Editor<'a> {
    text: &'a str,
    line: &'a CommandLine,
    /// What was done so far.
    pub cuts: Cuts,
}

impl<'a> Editor<'a> {
    pub fn new(text: &'a str, line: &'a CommandLine) -> Self {
        Self {
            text,
            line,
            cuts: Vec::new(),
        }
    }

    /// A word of our own in the command's form.
    pub fn word(&self, word: &str) -> String {
        let quote = self.line.program.of(self.text).chars().next();
        match (self.line.form, quote) {
            (CommandForm::Shell, _) if is_plain(word) => word.to_owned(),
            (CommandForm::Shell, _) => command::quoted(word),
            (CommandForm::List, Some(quote @ ('"' | '\''))) => format!("{quote}{word}{quote}"),
            // YAML would read numbers and words with signs of its own.
            (CommandForm::List, _) if is_plain(word) && word.parse::<f64>().is_err() => {
                word.to_owned()
            }
            (CommandForm::List, _) => format!("\"{word}\""),
        }
    }

    /// An argument's value as the file has it, quotes around it off. `None` when it is put together of quoted parts.
    pub fn raw(&self, argument: &CommandArgument) -> Option<&'a str> {
        let raw = argument.text?.of(self.text);
        (!raw.contains(['"', '\'', '\\'])).then_some(raw)
    }

    /// A part of a value's raw text as a word of its own, quoted as the value is.
    pub fn part(&self, argument: &CommandArgument, part: &str) -> String {
        if self.line.form == CommandForm::List {
            return self.word(part);
        }
        let quote = argument.text.and_then(|span| {
            let before = self.text[..span.start as usize].chars().next_back()?;
            let after = self.text[span.end as usize..].chars().next()?;
            let quoted = before == after && matches!(before, '"' | '\'');
            // A quote of the text around it is none of the value's.
            (quoted && span.start > argument.span.start).then_some(before)
        });
        match quote {
            Some(quote) if !is_plain(part) || part.contains('$') => format!("{quote}{part}{quote}"),
            _ => part.to_owned(),
        }
    }

    fn separator(&self) -> String {
        if self.line.form == CommandForm::Shell {
            return " ".into();
        }
        let first = self.line.arguments.first();
        let between = first.and_then(|a| self.between(self.line.program.end, a.span.start));
        match between {
            Some(text) if !text.contains('#') => text.to_owned(),
            _ => ", ".into(),
        }
    }

    /// The text between two words, when nothing else is in it.
    fn between(&self, start: u32, end: u32) -> Option<&'a str> {
        let text = self.text.get(start as usize..end as usize)?;
        let list = self.line.form == CommandForm::List;
        let clean = text.lines().all(|row| {
            let row = if list {
                row.split('#').next().unwrap_or(row)
            } else {
                row
            };
            row.chars().all(|c| {
                c.is_whitespace()
                    || if list {
                        matches!(c, ',' | '-')
                    } else {
                        c == '\\'
                    }
            })
        });
        clean.then_some(text)
    }

    /// Gives the program another name; the folder in front of it stays.
    pub fn rename(&mut self, name: &str) {
        self.cuts.push((self.line.name, name.to_owned()));
    }

    /// Puts words in place of the program's.
    pub fn replace_program(&mut self, words: &[String]) {
        let words: Vec<String> = words.iter().map(|w| self.word(w)).collect();
        self.cuts
            .push((self.line.program, words.join(&self.separator())));
    }

    /// Puts a module of Python's in place of the program: by its interpreter, or by the one beside the program.
    pub fn module(&mut self, name: &str) {
        let line = self.line;
        let ends = line.name.end == line.program.end;
        if line.python.is_some() {
            self.replace_program(&[name.to_owned()]);
        } else if line.form == CommandForm::Shell && ends {
            // `/srv/venv/bin/gunicorn`: the folder stays.
            self.cuts.push((line.name, format!("python -m {name}")));
        } else {
            let python = self.interpreter(line).unwrap_or_else(|| "python".into());
            self.replace_program(&[python, "-m".into(), name.into()]);
        }
    }

    /// The interpreter that a command names, or that lies beside its program.
    pub fn interpreter(&self, line: &CommandLine) -> Option<String> {
        let quotes = ['"', '\''];
        if let Some(python) = line.python {
            return Some(python.of(self.text).trim_matches(quotes).to_owned());
        }
        let folder = self
            .text
            .get(line.program.start as usize..line.name.start as usize)?
            .trim_start_matches(quotes);
        Some(format!("{folder}python"))
    }

    /// Puts words, as they are to be written, in front of the command.
    pub fn prefix(&mut self, words: &[String]) {
        if words.is_empty() {
            return;
        }
        let separator = self.separator();
        let start = self.line.python.unwrap_or(self.line.program).start;
        let new = format!("{}{separator}", words.join(&separator));
        self.cuts.push((Span::new(start, start), new));
    }

    /// Adds words, as they are to be written, behind the program's name.
    pub fn insert(&mut self, words: &[String]) {
        if words.is_empty() {
            return;
        }
        let separator = self.separator();
        let at = self.line.program.end;
        let new = format!("{separator}{}", words.join(&separator));
        self.cuts.push((Span::new(at, at), new));
    }

    /// Puts words, as they are to be written, in the place of all arguments. Gives the comments that stood between
    /// them, and go.
    pub fn arguments(&mut self, words: &[String]) -> Vec<String> {
        let line = self.line;
        let mut spans: Vec<Span> = line.arguments.iter().map(|a| a.span).collect();
        spans.sort_by_key(|span| span.start);
        let mut gaps = Vec::new();
        let mut at = line.program.end;
        for span in spans {
            gaps.push(
                self.text
                    .get(at as usize..span.start as usize)
                    .unwrap_or(""),
            );
            at = at.max(span.end);
        }
        // What stands between belongs to the shell.
        if gaps
            .iter()
            .any(|gap| gap.contains(['<', '>', '|', ';', '&']))
        {
            for argument in &line.arguments {
                self.drop(argument);
            }
            self.insert(words);
            return Vec::new();
        }
        let separator = self.separator();
        let new: String = words.iter().map(|w| format!("{separator}{w}")).collect();
        self.cuts.push((Span::new(line.program.end, at), new));
        let lines = gaps.iter().flat_map(|gap| gap.lines());
        lines
            .filter_map(|row| row.split_once('#'))
            .map(|(_, comment)| format!("# {}", comment.trim()))
            .collect()
    }

    /// Gives an option another name.
    pub fn letters(&mut self, argument: &CommandArgument, name: &str) {
        let Some(letters) = argument.letters else {
            return;
        };
        let mut name = name.to_owned();
        // `-w4` has nothing between.
        if let Some(value) = argument.text
            && letters.end == value.start
        {
            name.push('=');
        }
        self.cuts.push((letters, name));
    }

    /// Puts another value in place.
    pub fn value(&mut self, argument: &CommandArgument, value: &str) {
        if let Some(span) = argument.text {
            self.cuts.push((span, value.to_owned()));
        }
    }

    /// Puts words, as they are to be written, in an argument's place.
    pub fn replace(&mut self, argument: &CommandArgument, words: &[String]) {
        if words.is_empty() {
            self.drop(argument);
        } else {
            let new = words.join(&self.separator());
            self.cuts.push((argument.span, new));
        }
    }

    /// Takes an argument out, with what stands between it and the word before.
    pub fn drop(&mut self, argument: &CommandArgument) {
        let at = self.line.arguments.iter().position(|a| a == argument);
        let (before, after) = match at {
            Some(at) => (
                match at.checked_sub(1) {
                    Some(before) => self.line.arguments[before].span.end,
                    None => self.line.program.end,
                },
                self.line.arguments.get(at + 1).map(|a| a.span.start),
            ),
            None => (argument.span.start, None),
        };
        let comment = |text: &str| text.contains('#');
        let mut span = argument.span;
        if self
            .between(before, span.start)
            .is_some_and(|t| !comment(t))
        {
            span.start = before;
        } else if let Some(after) = after
            && self.between(span.end, after).is_some()
        {
            span.end = after;
        } else if self.line.form == CommandForm::List && self.between(before, span.start).is_some()
        {
            span.start = before;
        }
        self.cuts.push((span, String::new()));
    }

    /// Takes a variable in front of the command out.
    pub fn drop_variable(&mut self, name: &str) {
        for variable in self.line.variables.iter().filter(|v| v.name == name) {
            let rest = &self.text[variable.span.end as usize..];
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let end = variable.span.end + blanks as u32;
            self.cuts
                .push((Span::new(variable.span.start, end), String::new()));
        }
    }

    /// The command in one line, as it was or as it is now.
    pub fn shown(&self, now: bool) -> String {
        let variables = self.line.variables.iter().map(|v| v.span);
        let start = self.line.python.into_iter().chain(variables);
        let start = start
            .map(|s| s.start)
            .fold(self.line.program.start, u32::min);
        let end = self.line.end.max(self.line.program.end);
        let none = Cuts::new();
        let cuts = if now { &self.cuts } else { &none };
        let inside: Cuts = cuts
            .iter()
            .filter(|(span, _)| start <= span.start && span.end <= end)
            .cloned()
            .collect();
        let text = applied(self.text, &inside, start, end);
        if self.line.form == CommandForm::List {
            let item = |part: &str| {
                let part = part.split(" #").next().unwrap_or(part);
                part.trim().trim_start_matches("- ").trim().to_owned()
            };
            let parts = text.split(['\n', ',']).map(item);
            let parts: Vec<String> = parts
                .map(|p| p.trim_matches(['"', '\'', '[', ']']).to_owned())
                .filter(|p| !p.is_empty() && p != "\\")
                .collect();
            return parts.join(" ");
        }
        let rows = text
            .lines()
            .map(|row| row.trim().trim_end_matches('\\').trim())
            .filter(|row| !row.is_empty() && !row.starts_with('#'));
        rows.collect::<Vec<_>>().join(" ")
    }
}

fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_${}".contains(c);
    !word.is_empty() && word.chars().all(plain) && !word.starts_with(['{', '%', '@'])
}

/// A part of a text with replacements made. Those that lie in another one are its own.
pub(super) fn applied(text: &str, cuts: &Cuts, start: u32, end: u32) -> String {
    let mut sorted: Vec<&(Span, String)> = cuts.iter().collect();
    sorted.sort_by_key(|(span, _)| (span.start, span.end));
    let mut out = String::new();
    let mut at = start;
    for (span, new) in sorted {
        if span.end < at || span.start < at && new.is_empty() {
            at = at.max(span.end);
            continue;
        }
        if at < span.start {
            out.push_str(&text[at as usize..span.start as usize]);
        }
        out.push_str(new);
        at = at.max(span.end);
    }
    out.push_str(&text[at as usize..end as usize]);
    out
}
