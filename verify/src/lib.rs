//! Runs a port and its original side by side, sends both the same requests and compares what they answer.
//!
//! ```text
//! folders ──environments──▶ interpreters ──serve──▶ original, original again, port
//! analysis ──traffic──▶ recipes ──http──▶ three answers each ──compare──▶ differences ──cause──▶ model::Proof
//! ```
//!
//! What this crate does not know: Python's syntax, and any target's code. It runs processes and speaks HTTP to loopback.

pub mod compare;
pub mod environments;
mod error;
pub mod http;
mod job;
mod probe;
mod proof;
pub mod routes;
mod run;
pub mod serve;
pub mod settings;
mod suite;
mod tally;
pub mod traffic;
mod workshop;

pub use error::VerifyError;
pub use job::{Job, Requests};
pub use proof::verify;
pub use run::Observer;
pub use suite::suite;
