//! The registers of SCPI beside those of IEEE 488.2: `STATus:OPERation` and `STATus:QUEStionable` (SCPI-99 volume 1
//! clause 9, volume 2 clause 20). Each is a condition that comes and goes, transitions that are watched for, events
//! that stay until they are read, and a mask for the summary.

/// The bits that there are: the highest is always 0.
const BITS: u16 = 0x7FFF;

/// One register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Register {
    condition: u16,
    events: u16,
    pub(super) enable: u16,
    /// Bits whose coming is an event.
    pub(super) rising: u16,
    /// Bits whose going is one.
    pub(super) falling: u16,
}

impl Default for Register {
    /// As after `STATus:PRESet`: all that comes is an event, and nothing is summed up.
    fn default() -> Self {
        Self { condition: 0, events: 0, enable: 0, rising: BITS, falling: 0 }
    }
}

impl Register {
    /// Takes note of how things are now.
    pub(super) fn note(&mut self, condition: u16) {
        let (came, went) = (condition & !self.condition, self.condition & !condition);
        self.events |= (came & self.rising | went & self.falling) & BITS;
        self.condition = condition & BITS;
    }

    pub(super) fn condition(&self) -> u16 {
        self.condition
    }

    /// Reading clears.
    pub(super) fn take_events(&mut self) -> u16 {
        std::mem::take(&mut self.events)
    }

    /// What the status byte sums up.
    pub(super) fn has_summary(&self) -> bool {
        self.events & self.enable != 0
    }

    /// `STATus:PRESet`: the masks, not the events.
    pub(super) fn preset(&mut self) {
        *self = Self { condition: self.condition, events: self.events, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transitions_make_events_and_events_a_summary() {
        let mut register =
            Register { enable: 0x10, falling: 0x10, rising: 0x20, ..Register::default() };
        register.note(0x30);
        assert_eq!((register.condition(), register.has_summary()), (0x30, false));
        register.note(0);
        assert!(register.has_summary());
        assert_eq!((register.take_events(), register.take_events()), (0x30, 0));
        register.preset();
        assert_eq!(register, Register::default());
    }
}
