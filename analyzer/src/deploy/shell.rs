//! Shell text, split into simple commands as a shell would, without running any of it.
//!
//! Variables and substitutions stay as they are written: `$PORT`, `${PORT:-8000}`, `$(nproc)`.

use super::text::{Mark, Text};

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// `NAME=value` in front of it.
    pub assignments: Vec<(String, String)>,
    /// Its words, quotes taken off.
    pub words: Vec<String>,
    /// Places of the assignments.
    pub assigned: Vec<Mark>,
    /// Places of the words.
    pub marks: Vec<Mark>,
    /// 1-based line of its first word.
    pub line: u32,
}

/// Words that stand in front of a command and are none.
const KEYWORDS: &[&str] = &[
    "if", "then", "else", "elif", "do", "while", "until", "!", "{",
];

/// The simple commands of `text`, whose first line is `line`.
#[must_use]
pub fn commands(text: &Text, line: u32) -> Vec<Command> {
    let mut split = Splitter {
        rest: text,
        at: 0,
        line,
        word: None,
        chars: Vec::new(),
        extent: None,
        quoted: false,
        command: Command::default(),
        redirect: Redirect::None,
        here: Vec::new(),
        out: Vec::new(),
    };
    split.run();
    split.out
}

/// What the next word is, when it is no word of the command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Redirect {
    None,
    File,
    Here,
}

struct Splitter<'a> {
    rest: &'a Text,
    at: usize,
    line: u32,
    word: Option<String>,
    /// Places of its characters.
    chars: Vec<(u32, u32)>,
    /// Its first character and the one behind its last, quotes included.
    extent: Option<(usize, usize)>,
    /// The word in the making has a quoted part, so it is no keyword and no assignment's name.
    quoted: bool,
    command: Command,
    redirect: Redirect,
    here: Vec<String>,
    out: Vec<Command>,
}

impl Splitter<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        self.line += u32::from(c == '\n');
        Some(c)
    }

    fn push(&mut self, c: char) {
        if self.command.words.is_empty() && self.word.is_none() {
            self.command.line = self.line;
        }
        self.word.get_or_insert_default().push(c);
        self.chars.push(self.rest.place(self.at - 1));
    }

    fn run(&mut self) {
        loop {
            let here = self.at;
            let Some(c) = self.take() else { break };
            let joined = c == '\\' && matches!(self.peek(), Some('\n' | '\r'));
            match c {
                '\\' => self.escape(),
                '\'' => self.single(),
                '"' => self.double(),
                '$' | '`' => self.dollar(c),
                '#' if self.word.is_none() => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                '<' | '>' => self.redirection(c),
                '&' if self.peek() == Some('>') => self.end_word(),
                '\n' => {
                    self.end_command();
                    self.skip_here();
                }
                ';' | '&' | '|' | '(' | ')' => self.end_command(),
                c if c.is_whitespace() => self.end_word(),
                c => self.push(c),
            }
            if self.word.is_some() && !joined {
                let start = self.extent.map_or(here, |(start, _)| start);
                self.extent = Some((start, self.at));
            }
        }
        self.end_command();
    }

    fn escape(&mut self) {
        match self.take() {
            Some('\r') if self.peek() == Some('\n') => self.line_joined(),
            Some('\n') | None => {}
            Some(c) => self.push(c),
        }
    }

    fn line_joined(&mut self) {
        self.take();
    }

    fn single(&mut self) {
        self.open();
        while let Some(c) = self.take() {
            if c == '\'' {
                return;
            }
            self.push(c);
        }
    }

    fn double(&mut self) {
        self.open();
        while let Some(c) = self.take() {
            match c {
                '"' => return,
                '\\' => match self.take() {
                    Some('\n') | None => {}
                    Some(c @ ('"' | '\\' | '$' | '`')) => self.push(c),
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                },
                '$' | '`' => self.dollar(c),
                c => self.push(c),
            }
        }
    }

    /// An empty pair of quotes is a word too.
    fn open(&mut self) {
        if self.command.words.is_empty() && self.word.is_none() {
            self.command.line = self.line;
        }
        self.word.get_or_insert_default();
        self.quoted = true;
    }

    /// Copies `$(…)`, `${…}` and backquotes whole.
    fn dollar(&mut self, first: char) {
        self.push(first);
        let (open, close) = match (first, self.peek()) {
            ('`', _) => ('\0', '`'),
            (_, Some('(')) => ('(', ')'),
            (_, Some('{')) => ('{', '}'),
            _ => return,
        };
        let mut depth = u32::from(first == '`');
        while let Some(c) = self.take() {
            self.push(c);
            if c == open {
                depth += 1;
            } else if c == close {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return;
                }
            }
        }
    }

    fn redirection(&mut self, c: char) {
        // `2>` names a descriptor.
        if self
            .word
            .as_ref()
            .is_some_and(|w| w.chars().all(|c| c.is_ascii_digit()))
        {
            self.word = None;
            self.chars.clear();
            self.extent = None;
        }
        self.end_word();
        let here = c == '<' && self.peek() == Some('<');
        while matches!(self.peek(), Some('>' | '<' | '&' | '|')) {
            self.at += 1;
        }
        if here && self.peek() == Some('-') {
            self.at += 1;
        }
        self.redirect = if here { Redirect::Here } else { Redirect::File };
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        let (start, end) = self.extent.take().unwrap_or((self.at, self.at));
        let mark = Mark {
            outer: (
                self.rest.place(start).0,
                self.rest.place(end.saturating_sub(1)).1,
            ),
            chars: std::mem::take(&mut self.chars),
        };
        let quoted = std::mem::take(&mut self.quoted);
        match std::mem::replace(&mut self.redirect, Redirect::None) {
            Redirect::File => return,
            Redirect::Here => {
                self.here.push(word);
                return;
            }
            Redirect::None => {}
        }
        if self.command.words.is_empty() {
            if !quoted && KEYWORDS.contains(&word.as_str()) {
                return;
            }
            if let Some((name, value)) = word.split_once('=')
                && is_variable(name)
            {
                self.command.assignments.push((name.into(), value.into()));
                self.command.assigned.push(mark);
                return;
            }
        }
        self.command.words.push(word);
        self.command.marks.push(mark);
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirect = Redirect::None;
        let command = std::mem::take(&mut self.command);
        if !command.words.is_empty() {
            self.out.push(command);
        }
    }

    /// The text of here-documents is data.
    fn skip_here(&mut self) {
        for end in std::mem::take(&mut self.here) {
            loop {
                let mut text = String::new();
                let mut any = false;
                while let Some(c) = self.take() {
                    any = true;
                    if c == '\n' {
                        break;
                    }
                    text.push(c);
                }
                if !any || text.trim() == end {
                    break;
                }
            }
        }
    }
}

/// Whether a word is a variable's name.
fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
