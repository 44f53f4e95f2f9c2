//! The wire tape: every byte both ways, as it goes.

use std::time::{Duration, Instant};

/// Takes what goes over the wire. It is called in the task that talks to the instrument: it must be quick.
pub trait Tape: Send + Sync {
    /// One piece of the wire.
    fn record(&self, entry: &TapeEntry<'_>);
}

/// A piece of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapeEntry<'a> {
    /// Monotonic time since the instrument's handle was made, to the nanosecond.
    pub at: Duration,
    /// The instrument's address.
    pub address: &'a str,
    /// What happened.
    pub event: TapeEvent<'a>,
}

/// What happened on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TapeEvent<'a> {
    /// These bytes were given to the system for sending.
    Sent(&'a [u8]),
    /// These bytes came.
    Received(&'a [u8]),
    /// Something that is no bytes: connected, closed, resynchronised.
    Note(&'a str),
}

/// Where a connection writes its tape, if it has one.
pub(crate) struct Recorder {
    pub(crate) address: String,
    tape: Option<std::sync::Arc<dyn Tape>>,
    start: Instant,
}

impl Recorder {
    pub(crate) fn new(address: String, tape: Option<std::sync::Arc<dyn Tape>>) -> Self {
        Self { address, tape, start: Instant::now() }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.tape.is_some()
    }

    pub(crate) fn record(&self, event: TapeEvent<'_>) {
        if let Some(tape) = &self.tape {
            tape.record(&TapeEntry { at: self.start.elapsed(), address: &self.address, event });
        }
    }
}
