//! The values of abstract evaluation.
//!
//! A value is what is known of a Python object without running anything: a constant, a text with
//! holes, an object of the heap, a name of a package outside the tree, or nothing at all.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::python::facts::{ClassId, FunctionId, Span};
use crate::python::project::ModuleId;

/// Index into the interpreter's heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u32);

/// Index into the interpreter's scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeId(pub u32);

/// A piece of a text that is known in part.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Known.
    Known(Rc<str>),
    /// Unknown; the name of the expression, where it has one.
    Hole(Option<Rc<str>>),
}

/// What is known of an object.
#[derive(Clone, Debug, Default)]
pub enum Value<'p> {
    /// Nothing.
    #[default]
    Unknown,
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    Str(Rc<str>),
    /// Text with holes.
    Text(Rc<[Piece]>),
    /// Bytes (contents do not matter).
    Bytes,
    /// A tuple.
    Tuple(Rc<[Value<'p>]>),
    /// An object of the heap.
    Ref(ObjectId),
    /// A module of the tree.
    Module(ModuleId),
    /// A dotted name outside the tree.
    External(Rc<str>),
    /// A name of a module that was still running when it was imported.
    Late(ModuleId, &'p str),
    /// One of several.
    Choice(Rc<[Value<'p>]>),
}

impl<'p> Value<'p> {
    /// Text from a string slice.
    pub fn text(s: &str) -> Self {
        Self::Str(s.into())
    }

    /// A name outside the tree.
    pub fn external(s: &str) -> Self {
        Self::External(s.into())
    }

    /// The text, if it is known whole.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(s) => Some(s),
            _ => None,
        }
    }

    /// Whether nothing is known.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Same object or equal constant, as far as that is known.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unknown, Self::Unknown) | (Self::None, Self::None) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Str(a), Self::Str(b)) | (Self::External(a), Self::External(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Tuple(a), Self::Tuple(b)) | (Self::Choice(a), Self::Choice(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| x.same(y))
            }
            (Self::Ref(a), Self::Ref(b)) => a == b,
            (Self::Module(a), Self::Module(b)) => a == b,
            (Self::Late(a, x), Self::Late(b, y)) => a == b && x == y,
            _ => false,
        }
    }

    /// What it is when it is one of two.
    pub fn join(self, other: Self) -> Self {
        if self.same(&other) {
            return self;
        }
        let mut all: Vec<Self> = Vec::new();
        for value in [self, other] {
            match value {
                Self::Choice(list) => {
                    for v in list.iter() {
                        if !all.iter().any(|a| a.same(v)) {
                            all.push(v.clone());
                        }
                    }
                }
                v => {
                    if !all.iter().any(|a| a.same(&v)) {
                        all.push(v);
                    }
                }
            }
        }
        match all.len() {
            1 => all.remove(0),
            2..=8 => Self::Choice(all.into()),
            _ => Self::Unknown,
        }
    }

    /// The alternatives: itself, or each of a choice.
    pub fn alternatives(&self) -> Vec<Self> {
        match self {
            Self::Choice(list) => list.to_vec(),
            v => vec![v.clone()],
        }
    }
}

/// A place in a module: where something is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// The module.
    pub module: ModuleId,
    /// The expression.
    pub span: Span,
}

/// Arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Args<'p> {
    /// By position.
    pub positional: Vec<Value<'p>>,
    /// By name.
    pub keywords: Vec<(Rc<str>, Value<'p>)>,
    /// There were `*x` or `**x` that are not known whole.
    pub open: bool,
}

impl<'p> Args<'p> {
    /// Only positional ones.
    pub fn of(positional: Vec<Value<'p>>) -> Self {
        Self {
            positional,
            ..Self::default()
        }
    }

    /// The argument of that name, or at that position.
    pub fn get(&self, position: usize, name: &str) -> Option<&Value<'p>> {
        self.keyword(name).or_else(|| self.positional.get(position))
    }

    /// The keyword argument of that name.
    pub fn keyword(&self, name: &str) -> Option<&Value<'p>> {
        self.keywords
            .iter()
            .find(|(k, _)| &**k == name)
            .map(|(_, v)| v)
    }

    /// A copy with another first positional argument.
    pub fn prepend(&self, first: Value<'p>) -> Self {
        let mut args = self.clone();
        args.positional.insert(0, first);
        args
    }
}

/// A function with the scope that it closes over.
#[derive(Clone, Debug)]
pub struct Closure<'p> {
    /// Where it is written.
    pub module: ModuleId,
    /// Which.
    pub function: FunctionId,
    /// The scope around it.
    pub scope: ScopeId,
    /// Defaults of its parameters, in order of the parameters.
    pub defaults: Rc<[Option<Value<'p>>]>,
    /// `__name__`, where something changed it.
    pub name: Option<Rc<str>>,
    /// What it wraps (`functools.wraps`).
    pub wrapped: Option<Value<'p>>,
    /// The class that it is a method of.
    pub class: Option<ObjectId>,
}

/// What an object of the heap is.
#[derive(Clone, Debug)]
pub enum Kind<'p> {
    /// A list or set. `open`: there may be more elements than are known.
    List {
        /// Known elements.
        items: Vec<Value<'p>>,
        /// There may be more.
        open: bool,
    },
    /// A dict. `open`: there may be more entries than are known.
    Dict {
        /// Known entries in order.
        entries: Vec<(Value<'p>, Value<'p>)>,
        /// There may be more.
        open: bool,
    },
    /// A function of the tree.
    Function(Box<Closure<'p>>),
    /// A function bound to its first argument.
    Bound {
        /// The function.
        function: Value<'p>,
        /// Its `self`.
        receiver: Value<'p>,
    },
    /// `functools.partial`, and callables that the world makes.
    Partial {
        /// What is called.
        function: Value<'p>,
        /// Arguments that come first.
        args: Box<Args<'p>>,
        /// Where it was made.
        site: Site,
    },
    /// A class of the tree, or one made by `type(name, bases, dict)`.
    Class {
        /// Its name.
        name: Rc<str>,
        /// Where it is written.
        written: Option<(ModuleId, ClassId)>,
        /// Bases in order.
        bases: Vec<Value<'p>>,
    },
    /// An instance of a class of the tree (`Ref`) or outside it (`External`).
    Instance {
        /// Its class.
        class: Value<'p>,
    },
    /// `super()`
    Super {
        /// Look behind this class.
        after: ObjectId,
        /// `self` or `cls`.
        receiver: Value<'p>,
    },
    /// A property, class method or static method, around a function.
    Descriptor {
        /// Which.
        kind: DescriptorKind,
        /// The function.
        function: Value<'p>,
    },
}

/// Wrappers of functions in a class body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescriptorKind {
    /// `@property`
    Property,
    /// `@classmethod`
    Class,
    /// `@staticmethod`
    Static,
}

/// An object of the heap.
#[derive(Clone, Debug)]
pub struct Object<'p> {
    /// What it is.
    pub kind: Kind<'p>,
    /// Attributes in order of their first assignment (of a class: its namespace).
    pub attributes: Attributes<'p>,
    /// The world's own data about it.
    pub native: Option<u32>,
    /// Attributes were set under names that are not known.
    pub open: bool,
}

/// Attributes that remember their order.
#[derive(Clone, Debug, Default)]
pub struct Attributes<'p> {
    entries: Vec<(Rc<str>, Value<'p>)>,
    /// Where they are, once there are more than a search can do.
    index: Option<Box<FxHashMap<Rc<str>, usize>>>,
}

/// Up to so many attributes are searched one by one.
const SEARCHED: usize = 8;

impl<'p> Attributes<'p> {
    /// The attribute's value.
    pub fn get(&self, name: &str) -> Option<&Value<'p>> {
        self.position(name).map(|i| &self.entries[i].1)
    }

    fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.entries.iter().position(|(k, _)| &**k == name),
        }
    }

    /// Sets it.
    pub fn set(&mut self, name: &str, value: Value<'p>) {
        if let Some(i) = self.position(name) {
            self.entries[i].1 = value;
            return;
        }
        let key: Rc<str> = name.into();
        if let Some(index) = &mut self.index {
            index.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, value));
        if self.index.is_none() && self.entries.len() > SEARCHED {
            let all = self.entries.iter().enumerate();
            self.index = Some(Box::new(all.map(|(i, (k, _))| (k.clone(), i)).collect()));
        }
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Value<'p>)> {
        self.entries.iter().map(|(k, v)| (k, v))
    }
}

/// Variables of a module, function, class body or comprehension.
#[derive(Debug, Default)]
pub struct Scope<'p> {
    /// Its names.
    pub names: FxHashMap<&'p str, Value<'p>>,
    /// The scope that names are looked up in next.
    pub parent: Option<ScopeId>,
    /// The module it belongs to.
    pub module: Option<ModuleId>,
    /// A class body: not seen from the functions in it.
    pub is_class: bool,
    /// What few scopes have.
    pub rare: Option<Box<Rare<'p>>>,
}

/// What few scopes have.
#[derive(Debug, Default)]
pub struct Rare<'p> {
    /// Names declared `global` (true) or `nonlocal` (false).
    pub declared: Vec<(&'p str, bool)>,
    /// Names may be bound that are not known (`from outside import *`).
    pub open: Vec<Rc<str>>,
}

impl<'p> Scope<'p> {
    /// Names declared `global` (true) or `nonlocal` (false).
    pub fn declared(&self) -> &[(&'p str, bool)] {
        self.rare.as_deref().map_or(&[], |rare| &rare.declared)
    }

    /// Packages outside the tree that may have bound any name here.
    pub fn open(&self) -> &[Rc<str>] {
        self.rare.as_deref().map_or(&[], |rare| &rare.open)
    }

    /// What few scopes have, to change it.
    pub fn rare(&mut self) -> &mut Rare<'p> {
        self.rare.get_or_insert_default()
    }
}
