//! What real instruments are known to do and should not: the quirks Q1 to Q39, each switched on by its number.
//!
//! | file | holds |
//! | --- | --- |
//! | `dress` | quirks of single answers |

use std::sync::atomic::{AtomicU64, Ordering};

mod dress;

pub(crate) use dress::{Asked, dressed, finished};

/// The highest number.
pub(crate) const MOST: u8 = 39;

/// Of USBTMC, which is not served.
pub(crate) const NOT_SERVED: [u8; 1] = [37];

/// The quirks of one instrument; they can be switched while it is served.
#[derive(Debug, Default)]
pub(crate) struct Quirks(AtomicU64);

impl Quirks {
    /// Those of these numbers.
    pub(crate) fn of(numbers: &[u8]) -> Self {
        let quirks = Self::default();
        numbers.iter().for_each(|number| quirks.switch(*number, true));
        quirks
    }

    /// Switches one on or off.
    pub(crate) fn switch(&self, number: u8, on: bool) {
        let bit = bit(number);
        if on {
            self.0.fetch_or(bit, Ordering::AcqRel);
        } else {
            self.0.fetch_and(!bit, Ordering::AcqRel);
        }
    }

    /// Whether one is on.
    pub(crate) fn has(&self, number: u8) -> bool {
        self.0.load(Ordering::Acquire) & bit(number) != 0
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }
}

/// Whether there is a quirk of this number that can be shown.
pub(crate) fn is_one(number: u8) -> bool {
    (1..=MOST).contains(&number) && !NOT_SERVED.contains(&number)
}

fn bit(number: u8) -> u64 {
    1_u64.checked_shl(number.into()).unwrap_or(0)
}
