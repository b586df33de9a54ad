//! What Flask answers and axum does not, for ports from Flask to axum.
//!
//! A port carries the modules that it uses as `src/flask_parity/`, as plain source. This package compiles and tests them.

pub mod flask_parity;
