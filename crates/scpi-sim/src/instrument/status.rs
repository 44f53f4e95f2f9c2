//! Event status, masks and the error queue of one instrument.

use std::collections::VecDeque;

use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::status::{EventStatus, StatusByte};

use super::registers::Register;

/// The entries that an error queue holds: as on the Truevolt multimeters, whose guide says 20.
pub(crate) const ERROR_QUEUE_ENTRIES: usize = 20;

/// -350, "Queue overflow": takes the place of the newest entry when the queue is full.
const QUEUE_OVERFLOW: i32 = -350;

/// The registers behind `*ESR?`, `*STB?` and `SYST:ERR?`.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    events: EventStatus,
    pub(crate) event_mask: u8,
    pub(crate) service_mask: u8,
    queue: VecDeque<ErrorEntry>,
    pub(super) operation: Register,
    pub(super) questionable: Register,
}

impl Default for Status {
    /// As after power on (IEEE 488.2 clause 11.5.1.1.7).
    fn default() -> Self {
        Self {
            events: EventStatus::POWER_ON,
            event_mask: 0,
            service_mask: 0,
            queue: VecDeque::new(),
            operation: Register::default(),
            questionable: Register::default(),
        }
    }
}

impl Status {
    /// Notes an error and sets the bit of its class.
    pub(crate) fn report(&mut self, entry: ErrorEntry) {
        self.events = self.events.with(EventStatus(entry.class().event_status_bit()));
        if self.queue.len() < ERROR_QUEUE_ENTRIES {
            self.queue.push_back(entry);
        } else if let Some(newest) = self.queue.back_mut() {
            *newest = ErrorEntry::standard(QUEUE_OVERFLOW);
            self.events = self.events.with(EventStatus::DEVICE_ERROR);
        }
    }

    /// Takes the oldest entry; `0,"No error"` where there is none.
    pub(crate) fn next_error(&mut self) -> ErrorEntry {
        self.queue.pop_front().unwrap_or_else(|| ErrorEntry::standard(0))
    }

    /// How many entries there are.
    pub(crate) fn errors(&self) -> usize {
        self.queue.len()
    }

    /// Sets the bit that `*OPC` asks for.
    pub(crate) fn complete_operation(&mut self) {
        self.events = self.events.with(EventStatus::OPERATION_COMPLETE);
    }

    /// `*ESR?`: reading clears.
    pub(crate) fn take_events(&mut self) -> u8 {
        std::mem::take(&mut self.events).0
    }

    /// `*STB?`, clause 11.2.2; `answer_waits` is MAV.
    pub(crate) fn byte(&self, answer_waits: bool) -> u8 {
        let bit = |set: bool, bit: StatusByte| if set { bit } else { StatusByte(0) };
        let byte = StatusByte(0)
            .with(bit(!self.queue.is_empty(), StatusByte::ERROR_QUEUE))
            .with(bit(self.questionable.has_summary(), StatusByte::QUESTIONABLE))
            .with(bit(self.operation.has_summary(), StatusByte::OPERATION))
            .with(bit(answer_waits, StatusByte::MESSAGE_AVAILABLE))
            .with(bit(self.events.0 & self.event_mask != 0, StatusByte::EVENT_STATUS));
        byte.with(bit(byte.0 & self.service_mask != 0, StatusByte::MASTER_SUMMARY)).0
    }

    /// `*CLS`: events and errors, not the masks.
    pub(crate) fn clear(&mut self) {
        self.events = EventStatus(0);
        self.queue.clear();
        self.operation.take_events();
        self.questionable.take_events();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_ends_with_its_overflow() {
        let mut status = Status::default();
        for _ in 0..ERROR_QUEUE_ENTRIES + 5 {
            status.report(ErrorEntry::standard(-113));
        }
        let codes: Vec<i32> = (0..=ERROR_QUEUE_ENTRIES).map(|_| status.next_error().code).collect();
        assert_eq!(codes[..ERROR_QUEUE_ENTRIES - 1], [-113; ERROR_QUEUE_ENTRIES - 1]);
        assert_eq!(codes[ERROR_QUEUE_ENTRIES - 1..], [-350, 0]);
        assert_eq!(status.take_events(), 128 + 32 + 8);
        assert_eq!(status.take_events(), 0);
    }

    #[test]
    fn masks_decide_what_the_status_byte_sums_up() {
        let mut status = Status::default();
        status.report(ErrorEntry::standard(-222));
        assert_eq!(status.byte(false), 4);
        status.event_mask = 16;
        assert_eq!(status.byte(true), 4 + 16 + 32);
        status.service_mask = 32;
        assert_eq!(status.byte(false), 4 + 32 + 64);
        status.clear();
        assert_eq!(status.byte(false), 0);
    }
}
