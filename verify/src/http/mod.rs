//! Requests, answers, and a client that changes neither.

pub mod answer;
pub mod recipe;

pub use answer::{Answer, Body, End, Reply};
pub use recipe::{Content, Part, Piece, Recipe, Request, Text};
