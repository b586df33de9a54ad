//! What the names outside the tree mean.

use super::interpreter::Interpreter;
use super::value::{Args, ObjectId, Site, Value};
use crate::python::project::ModuleId;

/// The meaning of packages outside the tree, given by whoever knows them.
pub trait World<'p>: Sized {
    /// A call of the dotted name `path`, with the object it is a method of.
    ///
    /// A method of an object whose class (or a base of it) lies outside the tree arrives as the
    /// class's path with the method's name. `None`: this name means nothing to the world.
    fn call(
        interpreter: &mut Interpreter<'p, Self>,
        path: &str,
        receiver: Option<&Value<'p>>,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>>;

    /// A method call on a value that is not known.
    fn call_unknown(
        interpreter: &mut Interpreter<'p, Self>,
        method: &str,
        receiver: &Value<'p>,
        args: &Args<'p>,
        site: Site,
    ) -> Option<Value<'p>>;

    /// An attribute of an object whose class lies outside the tree.
    fn attribute(
        interpreter: &mut Interpreter<'p, Self>,
        object: ObjectId,
        class: &str,
        name: &str,
    ) -> Option<Value<'p>>;

    /// The value of the dotted name `path`, where it is a constant or an object of its own.
    fn global(interpreter: &mut Interpreter<'p, Self>, path: &str) -> Option<Value<'p>>;

    /// An attribute is set, on whatever object.
    fn attribute_set(interpreter: &mut Interpreter<'p, Self>, name: &str, value: &Value<'p>);

    /// An item is put into a container that the world has data about.
    fn item_set(
        interpreter: &mut Interpreter<'p, Self>,
        container: ObjectId,
        key: &Value<'p>,
        value: &Value<'p>,
        site: Site,
    );

    /// What stands for an attribute of all values of which nothing is known.
    fn unknown_attribute(interpreter: &mut Interpreter<'p, Self>, name: &str) -> Option<Value<'p>>;

    /// Whether the world knows a class outside the tree: of several bases such a one is asked first.
    fn knows(path: &str) -> bool;

    /// A class of the tree was made.
    fn class_made(interpreter: &mut Interpreter<'p, Self>, class: ObjectId, site: Site);

    /// Whether a module is to be left alone although it is imported.
    fn skips(&self, _module: ModuleId) -> bool {
        false
    }
}
