//! Why the walk through the operations ends before its end.

use crate::emit::JournalLost;
use crate::stop::StopReason;

/// Why nothing more is done but making safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Somebody asked for it.
    Stopped(StopReason),
    /// Nobody takes the events any more: nothing may happen that is not recorded.
    JournalLost,
    /// The instruments cannot be brought into the state in which a session begins: why, one for each fault.
    NotReady(Vec<String>),
}

impl From<JournalLost> for Halt {
    fn from(_: JournalLost) -> Self {
        Self::JournalLost
    }
}

impl From<StopReason> for Halt {
    fn from(reason: StopReason) -> Self {
        Self::Stopped(reason)
    }
}
