//! Exception classes of the app, and Python's own.

use model::body::ExpressionKind;

use super::{Library, Named};

/// Built-in exceptions with the class that they derive from, below `Exception` (docs.python.org, "Exception hierarchy"). `str()` of
/// an instance is its one argument; `KeyError` and those of `UnicodeError` are others.
const BUILT_IN: &[(&str, &str)] = &[
    ("ArithmeticError", "Exception"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("ConnectionError", "OSError"),
    ("EOFError", "Exception"),
    ("Exception", "BaseException"),
    ("FileExistsError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("ImportError", "Exception"),
    ("IndexError", "LookupError"),
    ("LookupError", "Exception"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("OSError", "Exception"),
    ("OverflowError", "ArithmeticError"),
    ("PermissionError", "OSError"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("SystemError", "Exception"),
    ("TimeoutError", "OSError"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
];

/// Whether a class of Python's is an exception that is shown as its argument.
pub(super) fn is_plain(name: &str) -> bool {
    BUILT_IN.iter().any(|(class, _)| *class == name)
}

impl Library<'_> {
    /// The names of the classes that an exception class of the app derives from, nearest first.
    pub(super) fn ancestors(&self, class: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut open = Some(class.to_owned());
        while let Some(class) = open.take().filter(|_| out.len() < 16) {
            let base = match class.rsplit_once('.') {
                Some((module, name)) => self.base(module, name),
                None => {
                    let found = BUILT_IN.iter().find(|(name, _)| *name == class);
                    found.map(|(_, base)| (*base).to_owned())
                }
            };
            out.extend(base.clone());
            open = base;
        }
        out.iter()
            .map(|name| name.rsplit('.').next().unwrap_or(name).to_owned())
            .collect()
    }

    fn base(&self, module: &str, name: &str) -> Option<String> {
        let definitions = self.definitions(module)?;
        let class = definitions.classes.iter().find(|c| c.name == name)?;
        let ExpressionKind::Name(base) = &class.bases.first()?.kind else {
            return None;
        };
        match self.resolve(module, base) {
            Some(Named::Exception(path)) => Some(path),
            _ => Some(base.clone()),
        }
    }
}
