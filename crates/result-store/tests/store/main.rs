//! The store on a real server.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod follow;
mod journals;
mod migrations;
mod numeric;
mod reading_back;
mod recorder;
mod rights;
mod sql;
