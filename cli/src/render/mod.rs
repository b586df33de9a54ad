//! What people see.

pub mod escape;
pub mod findings;
pub mod junit;
pub mod markdown;
pub mod pairs;
pub mod progress;
pub mod proof;
pub mod readiness;
pub mod report;
pub mod style;
pub mod suite;

/// `1 route`, `2 routes`.
pub fn plural(n: usize, word: &str) -> String {
    if n == 1 {
        format!("1 {word}")
    } else {
        format!("{n} {word}s")
    }
}
