//! Against what others published: every data set with its source lies in `fixtures/published`.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod allan;
mod fixture;
mod gauge;
mod invariance;
mod line;
mod strd;
mod uncertainty;
