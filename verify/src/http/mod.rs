//! Requests, answers, and a client that changes neither.

pub mod answer;
pub mod client;
mod digest;
pub mod fill;
pub mod recipe;

pub use answer::{Answer, Body, End, Reply};
pub use client::Client;
pub use recipe::{Content, Part, Piece, Recipe, Request, Text};

#[cfg(test)]
mod tests;
