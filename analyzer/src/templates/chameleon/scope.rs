//! Which names are defined where an expression stands, and which must come from outside.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::python::Event;

/// Names that Chameleon defines: for every template, for elements (`attrs`), for fallbacks, for macros.
const OWN: &[&str] = &[
    "attrs",
    "convert",
    "decode",
    "default",
    "econtext",
    "macroname",
    "macros",
    "nothing",
    "on_error_handler",
    "rcontext",
    "repeat",
    "target_language",
    "template",
    "translate",
];

/// What a local name stands for: the template that `load:` gave, where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Value {
    pub template: Option<String>,
}

/// Definitions in force.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Values of each local name, innermost last.
    locals: HashMap<String, Vec<Value>>,
    /// Names of `locals` in the order of their definition.
    order: Vec<String>,
    /// Defined for all that follows: `global`, and what `<?python` assigns.
    globals: HashSet<String>,
    /// Names that must come from outside.
    pub free: BTreeSet<String>,
}

impl Scope {
    /// How far local definitions go; for [`Scope::leave`].
    pub(super) fn mark(&self) -> usize {
        self.order.len()
    }

    /// Forgets local definitions after `mark`.
    pub(super) fn leave(&mut self, mark: usize) {
        for name in self.order.drain(mark..) {
            if let Some(stack) = self.locals.get_mut(&name) {
                stack.pop();
            }
        }
    }

    /// Defines a name until the element ends.
    pub(super) fn define(&mut self, name: &str, value: Value) {
        self.locals.entry(name.to_owned()).or_default().push(value);
        self.order.push(name.to_owned());
    }

    /// Defines a name for all that follows.
    pub(super) fn define_global(&mut self, name: &str) {
        self.globals.insert(name.to_owned());
    }

    /// What a name stands for here.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.locals.get(name)?.last()
    }

    /// Follows what Python does with names. Those that are `guarded` may be missing.
    pub(super) fn follow(&mut self, events: Vec<Event>, guarded: bool) {
        for event in events {
            match event {
                Event::Bind(name) => {
                    self.globals.insert(name);
                }
                Event::Load(name) => {
                    let known = guarded
                        || name.starts_with("__")
                        || self.value(&name).is_some()
                        || self.globals.contains(&name)
                        || OWN.binary_search(&name.as_str()).is_ok()
                        || BUILTINS.binary_search(&name.as_str()).is_ok();
                    if !known {
                        self.free.insert(name);
                    }
                }
            }
        }
    }
}

/// Names that Python defines, sorted.
#[rustfmt::skip]
const BUILTINS: &[&str] = &[
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup",
    "BlockingIOError", "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError",
    "ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "DeprecationWarning",
    "EOFError", "Ellipsis", "EncodingWarning", "EnvironmentError", "Exception",
    "ExceptionGroup", "False", "FileExistsError", "FileNotFoundError", "FloatingPointError",
    "FutureWarning", "GeneratorExit", "IOError", "ImportError", "ImportWarning",
    "IndentationError", "IndexError", "InterruptedError", "IsADirectoryError", "KeyError",
    "KeyboardInterrupt", "LookupError", "MemoryError", "ModuleNotFoundError", "NameError",
    "None", "NotADirectoryError", "NotImplemented", "NotImplementedError", "OSError",
    "OverflowError", "PendingDeprecationWarning", "PermissionError", "ProcessLookupError", "PythonFinalizationError",
    "RecursionError", "ReferenceError", "ResourceWarning", "RuntimeError", "RuntimeWarning",
    "StopAsyncIteration", "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError",
    "SystemExit", "TabError", "TimeoutError", "True", "TypeError",
    "UnboundLocalError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "UnicodeTranslateError",
    "UnicodeWarning", "UserWarning", "ValueError", "Warning", "ZeroDivisionError",
    "abs", "aiter", "all", "anext", "any",
    "ascii", "bin", "bool", "breakpoint", "bytearray",
    "bytes", "callable", "chr", "classmethod", "compile",
    "complex", "copyright", "credits", "delattr", "dict",
    "dir", "divmod", "enumerate", "eval", "exec",
    "exit", "filter", "float", "format", "frozenset",
    "getattr", "globals", "hasattr", "hash", "help",
    "hex", "id", "input", "int", "isinstance",
    "issubclass", "iter", "len", "license", "list",
    "locals", "map", "max", "memoryview", "min",
    "next", "object", "oct", "open", "ord",
    "pow", "print", "property", "quit", "range",
    "repr", "reversed", "round", "set", "setattr",
    "slice", "sorted", "staticmethod", "str", "sum",
    "super", "tuple", "type", "vars", "zip",
];
