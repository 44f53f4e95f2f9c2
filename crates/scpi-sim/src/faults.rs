//! What goes wrong, and when.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::instrument::Place;

/// The most faults that one instrument holds at a time.
pub(crate) const MAX_FAULTS: usize = 64;

/// Something that goes wrong with an instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The header that it goes wrong with, such as `READ?`; every header without one.
    pub on: Option<String>,
    /// With which of these, from 1; with each without a number.
    pub nth: Option<u64>,
    /// What goes wrong.
    pub action: FaultAction,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultAction {
    /// The connection is closed in the place of an answer, and nothing is executed.
    Close,
    /// It is executed, and not answered.
    Silent,
    /// It is answered with bytes that mean nothing.
    Garbage,
    /// It is answered with the number for an overload.
    Overload,
    /// Half of the answer comes, and nothing after it.
    Cut,
    /// The answer comes so much later.
    Late(Duration),
    /// It is refused with this number in the error queue.
    Error(i32),
    /// The port is closed: connections are refused, and those that are there end. Takes no header.
    Refuse,
    /// The answer comes a byte at a time.
    Split,
    /// The answer comes a byte at a time with so much time between them.
    Drip(Duration),
    /// The answer comes together with the next one.
    Hold,
    /// The connection is reset in the place of an answer.
    Reset,
    /// Nothing is heard or said on this connection any more, and it stays.
    HalfOpen,
    /// What is sent is not read any more, while answers still come.
    Deaf,
    /// What was answered last is answered again.
    Stale,
    /// The message comes back before its answer.
    Echo,
    /// A block says that it is longer than it is.
    WrongLength,
    /// The error queue fills up.
    ErrorStorm,
    /// All connections are reset, and so is the instrument, which can be reached again after so much time.
    Crash(Duration),
}

/// The faults of one instrument.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Armed>>,
}

#[derive(Debug)]
struct Armed {
    place: Option<Place>,
    nth: Option<u64>,
    seen: u64,
    action: FaultAction,
}

impl Faults {
    /// Arms one; `false` when there are [`MAX_FAULTS`] already.
    pub(crate) fn arm(&self, place: Option<Place>, nth: Option<u64>, action: FaultAction) -> bool {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = armed.len() < MAX_FAULTS;
        if has_room {
            armed.push(Armed { place, nth, seen: 0, action });
        }
        has_room
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What goes wrong with a header that has just come.
    pub(crate) fn strike(&self, place: Place) -> Option<FaultAction> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut struck = None;
        for fault in armed.iter_mut().filter(|fault| fault.place.is_none_or(|own| own == place)) {
            fault.seen += 1;
            if fault.nth.is_none_or(|nth| nth == fault.seen) {
                struck = struck.or(Some(fault.action));
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_nth_of_its_header_is_struck() {
        let (read, other) = (Place::of_model(3, true), Place::of_model(3, false));
        let faults = Faults::default();
        assert!(faults.arm(Some(read), Some(2), FaultAction::Close));
        let struck: Vec<_> = [read, other, read, read].map(|place| faults.strike(place)).into();
        assert_eq!(struck, [None, None, Some(FaultAction::Close), None]);
        faults.clear();
        assert!(faults.arm(None, None, FaultAction::Silent));
        assert_eq!(faults.strike(other), Some(FaultAction::Silent));
    }

    #[test]
    fn their_number_is_bounded() {
        let faults = Faults::default();
        let armed = (0..=MAX_FAULTS).filter(|_| faults.arm(None, None, FaultAction::Cut)).count();
        assert_eq!(armed, MAX_FAULTS);
    }
}
