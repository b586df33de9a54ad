//! Words of source files: texts that are compared with, passed together, or asked for. Facts alone tell them.

use model::{Asked, Words};

use super::body::deep;
use super::extract::Extractor;
use super::facts::{ArgKind, CompareOp, ExprId, ExprKind, Facts, Run, StmtKind};
use super::literal;

/// Longer texts are prose.
const LONGEST: usize = 40;

/// More words of a kind than these are no help to anybody.
const MOST: usize = 400;

/// Reads files (path and text) one after the other.
#[must_use]
pub fn collect(files: impl Iterator<Item = (String, String)> + Send) -> Words {
    let read = move || {
        let mut words = Words::default();
        let mut extractor = Extractor::new();
        for (path, text) in files {
            let facts = extractor.extract(&text);
            let file = File {
                facts: &facts,
                text: &text,
            };
            file.read(&path, &mut words);
        }
        words
    };
    deep(read).unwrap_or_default()
}

struct File<'a> {
    facts: &'a Facts,
    text: &'a str,
}

impl File<'_> {
    fn read(&self, path: &str, words: &mut Words) {
        let mut asked = Vec::new();
        for (i, expr) in self.facts.exprs.iter().enumerate() {
            match expr.kind {
                ExprKind::Compare { op, operands } => self.compared(op, operands, words),
                ExprKind::Call { args, .. } => add(self.arguments(args), words),
                ExprKind::Dict(run) => {
                    let values = self.facts.exprs_of(run).iter().skip(1).step_by(2);
                    add(values.filter_map(|&e| self.passed(e)).collect(), words);
                    add(self.texts(run), words);
                }
                _ => {}
            }
            if let Some(key) = self.key(ExprId(i as u32)) {
                let at = expr.span.start;
                asked.push(Asked { at, key });
            }
        }
        for stmt in &self.facts.stmts {
            if let StmtKind::Case { parts, .. } = stmt.kind {
                self.add_compared(self.facts.exprs_of(parts), words);
            }
        }
        if !asked.is_empty() {
            asked.sort();
            words.asked.insert(path.to_owned(), asked);
        }
    }

    fn compared(&self, op: CompareOp, operands: Run, words: &mut Words) {
        let operands = self.facts.exprs_of(operands);
        match (op, operands) {
            (CompareOp::Eq | CompareOp::NotEq, operands) => self.add_compared(operands, words),
            (CompareOp::In | CompareOp::NotIn, &[_, right]) => {
                if let Some(run) = self.elements(right) {
                    self.add_compared(self.facts.exprs_of(run), words);
                }
            }
            _ => {}
        }
    }

    fn elements(&self, id: ExprId) -> Option<Run> {
        match self.facts.expr(id).kind {
            ExprKind::Tuple(run) | ExprKind::List(run) | ExprKind::Set(run) => Some(run),
            _ => None,
        }
    }

    fn add_compared(&self, operands: &[ExprId], words: &mut Words) {
        for word in operands.iter().filter_map(|&e| self.word(e)) {
            // `__name__ == "__main__"` and the like say nothing of requests.
            if words.compared.len() < MOST && !word.starts_with("__") {
                words.compared.insert(word);
            }
        }
    }

    /// Literal arguments in order; of a call in their place its first one (`User("ann", hashed("pw"))`).
    fn arguments(&self, args: Run) -> Vec<String> {
        let args = self.facts.args_of(args).iter();
        let plain = args.filter(|a| matches!(a.kind, ArgKind::Positional | ArgKind::Keyword(_)));
        plain.filter_map(|a| self.passed(a.value)).collect()
    }

    fn passed(&self, id: ExprId) -> Option<String> {
        match self.facts.expr(id).kind {
            ExprKind::Call { args, .. } => {
                let first = self.facts.args_of(args).first()?;
                self.word(first.value)
            }
            _ => self.word(id),
        }
    }

    fn texts(&self, run: Run) -> Vec<String> {
        let all = self.facts.exprs_of(run).iter();
        all.filter_map(|&e| self.word(e)).collect()
    }

    /// The key that an expression asks something for.
    fn key(&self, id: ExprId) -> Option<String> {
        match self.facts.expr(id).kind {
            ExprKind::Subscript { index, .. } => self.word(index),
            ExprKind::Call { callee, args } => {
                let ExprKind::Attribute { name, .. } = self.facts.expr(callee).kind else {
                    return None;
                };
                if !matches!(name.of(self.text), "get" | "pop") {
                    return None;
                }
                self.word(self.facts.args_of(args).first()?.value)
            }
            ExprKind::Compare {
                op: CompareOp::In | CompareOp::NotIn,
                operands,
            } => self.word(*self.facts.exprs_of(operands).first()?),
            _ => None,
        }
    }

    fn word(&self, id: ExprId) -> Option<String> {
        let expr = self.facts.expr(id);
        if !matches!(expr.kind, ExprKind::Str) {
            return None;
        }
        let text = literal::string(expr.span.of(self.text))?;
        let short = !text.is_empty() && text.chars().count() <= LONGEST;
        (short && !text.chars().any(char::is_control)).then_some(text)
    }
}

/// Adds texts that stand together, once.
fn add(texts: Vec<String>, words: &mut Words) {
    if texts.len() > 1 && words.passed.len() < MOST && !words.passed.contains(&texts) {
        words.passed.push(texts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        collect(std::iter::once(("a.py".to_owned(), text.to_owned())))
    }

    #[test]
    fn words_stand_where_code_decides_and_makes() {
        let found = words(
            "users = {1: User(1, \"ann\", \"pw\")}\n\
             db.add(User(name='bob', password=hashed('secret')))\n\
             LOGIN = {'eve': 'x1'}\n\
             def f(data, state):\n    if state == 'closed' or state in ('a', \"b\"): return data['title']\n    \
             match state:\n        case 'open' | 'shut': return data.get('body')\n    \
             return 'tag' in data\n\
             if __name__ == '__main__': f()\n",
        );
        let compared: Vec<&str> = found.compared.iter().map(String::as_str).collect();
        assert_eq!(compared, ["a", "b", "closed", "open", "shut"]);
        for pair in [["ann", "pw"], ["bob", "secret"], ["eve", "x1"]] {
            assert!(
                found.passed.iter().any(|p| p == &pair),
                "{pair:?}: {:?}",
                found.passed
            );
        }
        let asked: Vec<&str> = found.asked["a.py"].iter().map(|a| a.key.as_str()).collect();
        assert_eq!(asked, ["title", "body", "tag"]);
    }

    #[test]
    fn prose_and_control_characters_are_no_words() {
        let long = "x".repeat(LONGEST + 1);
        let found = words(&format!(
            "a == '{long}'\nb == 'a\\nb'\nc == ''\nd == b'x'\n"
        ));
        assert_eq!(found, Words::default());
    }
}
