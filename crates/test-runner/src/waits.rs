//! How the time passes that a plan waits for.

use std::time::Duration;

/// Lets the time of a plan's waits pass. A simulated bench in this process has a time of its own, in which an hour need
/// not take one.
pub trait Waits: std::fmt::Debug + Send + Sync {
    /// Lets so much time of the bench pass, and says how much of it is still to be waited for.
    fn pass(&self, time: Duration) -> Duration;
}

/// As the clock goes.
#[derive(Debug)]
pub(crate) struct ClockWaits;

impl Waits for ClockWaits {
    fn pass(&self, time: Duration) -> Duration {
        time
    }
}
