//! Builtins and the few functions of the standard library that rules are built with.

mod functions;
mod library;
mod types;

use crate::python::eval::interpreter::Interpreter;
use crate::python::eval::value::{Args, Site, Value};
use crate::python::eval::world::World;

/// Names that are builtins here.
const BUILTINS: &[&str] = &[
    "len",
    "range",
    "enumerate",
    "zip",
    "list",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "str",
    "int",
    "bool",
    "float",
    "getattr",
    "setattr",
    "hasattr",
    "isinstance",
    "issubclass",
    "callable",
    "sorted",
    "reversed",
    "map",
    "filter",
    "iter",
    "next",
    "type",
    "vars",
    "dir",
    "property",
    "classmethod",
    "staticmethod",
    "object",
    "globals",
    "locals",
    "any",
    "all",
    "print",
    "super",
    "repr",
    "format",
    "sum",
    "min",
    "max",
    "abs",
    "open",
    "id",
    "hash",
    "__import__",
    "eval",
    "exec",
    "delattr",
    "bytes",
    "input",
    "Exception",
    "BaseException",
    "StopIteration",
    "StopAsyncIteration",
    "GeneratorExit",
    "KeyboardInterrupt",
    "SystemExit",
];

/// Builtin exceptions whose names end in `Error`, without that end.
const ERRORS: &[&str] = &[
    "Arithmetic",
    "Assertion",
    "Attribute",
    "BlockingIO",
    "BrokenPipe",
    "Buffer",
    "ChildProcess",
    "Connection",
    "ConnectionAborted",
    "ConnectionRefused",
    "ConnectionReset",
    "EOF",
    "Environment",
    "FileExists",
    "FileNotFound",
    "FloatingPoint",
    "IO",
    "Import",
    "Index",
    "Interrupted",
    "IsADirectory",
    "Key",
    "Lookup",
    "Memory",
    "ModuleNotFound",
    "Name",
    "NotADirectory",
    "NotImplemented",
    "OS",
    "Overflow",
    "Permission",
    "ProcessLookup",
    "Recursion",
    "Reference",
    "Runtime",
    "System",
    "Timeout",
    "Type",
    "UnboundLocal",
    "Unicode",
    "UnicodeDecode",
    "UnicodeEncode",
    "UnicodeTranslate",
    "Value",
    "ZeroDivision",
];

/// Whether a name is a builtin.
pub(super) fn is_builtin(name: &str) -> bool {
    match name.strip_suffix("Error") {
        Some(error) => ERRORS.contains(&error),
        None => BUILTINS.contains(&name),
    }
}

impl<'p, W: World<'p>> Interpreter<'p, W> {
    /// A name that no scope has.
    pub(super) fn builtin(&mut self, name: &'p str) -> Value<'p> {
        if is_builtin(name) {
            return Value::external(&format!("builtins.{name}"));
        }
        Value::Unknown
    }

    /// A call of a builtin or of a known function of the standard library.
    pub(super) fn builtin_call(
        &mut self,
        path: &str,
        receiver: Option<&Value<'p>>,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>> {
        if let Some(receiver) = receiver {
            if let Some(name) = path.strip_prefix("unknown.") {
                return Some(self.call_unknown_method(name, receiver, args, site));
            }
            if let Some(name) = path.strip_prefix("builtins.") {
                return Some(self.method_call(name, receiver, args, site));
            }
            return None;
        }
        if let Some(name) = path.strip_prefix("builtins.") {
            return Some(self.plain_builtin(name, args, site));
        }
        self.library_call(path, args, site)
    }
}
