//! The store on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects by panicking")]

mod archive;
mod compare;
mod credentials;
mod faults;
mod follow;
mod health;
mod inventory;
mod journals;
mod leases;
mod left;
mod legacy;
mod many_benches;
mod migrations;
mod numeric;
mod parents;
#[path = "../../../../tests/store_faults/proxy.rs"]
#[allow(dead_code, reason = "another test uses the rest of it")]
mod proxy;
mod reading_back;
mod recorder;
mod rejected;
mod report;
mod rights;
mod roles;
mod series;
mod sql;
mod tls;
mod verify;
mod waveforms;
