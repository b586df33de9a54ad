//! Processes, copies and readiness: a side is started from its own copy of its tree, and nothing of it is left at the end.
//!
//! ```text
//! migrate ──pipe──▶ supervisor (keeper) ──▶ servers, builds, setup commands ──▶ whatever they start
//! ```
//!
//! `migrate` starts no server itself. It re-executes itself as a supervisor and holds the pipe to it: however
//! `migrate` ends, the pipe closes, and the supervisor stops everything and ends too.

mod census;
pub mod command;
pub mod copies;
pub mod diagnosis;
pub mod failure;
mod keeper;
mod log;
mod protocol;
mod readiness;
mod servers;
pub mod side;
pub mod snapshot;
pub mod supervisor;
pub mod surroundings;

pub use command::{Entry, Interface};
pub use failure::{StartCause, StartError};
pub use keeper::supervise;
pub use protocol::{Ending, Launch};
pub use readiness::Loopback;
pub use side::{Plan, Role, Side};
pub use snapshot::{Changes, Snapshot};
pub use supervisor::{Process, RunError, Supervisor};
pub use surroundings::Surroundings;
