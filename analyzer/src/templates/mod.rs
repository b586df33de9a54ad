//! Page templates: what each asks of the views that render it.

pub mod chameleon;
