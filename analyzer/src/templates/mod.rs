//! Templates: which there are, and what each asks of the views that render it.

pub mod jinja;
