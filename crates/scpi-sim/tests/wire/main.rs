//! Benches over real sockets, asked by a client that shares nothing with them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod benches;
mod client;
mod dl3021;
mod dp832;
mod exchange;
mod generator;
mod hislip;
mod multimeter;
mod oscilloscope;
mod physics;
mod preambles;
mod replay;
mod scanner;
mod serial;
mod standard;
mod trouble;
mod vxi11;
