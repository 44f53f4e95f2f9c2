//! The error queue: the standard's numbers with their classes and texts, and the answers to
//! `SYSTem:ERRor?` in every shape in which instruments give them (quirk Q31).
//!
//! ```
//! use scpi_protocol::error_queue::{ErrorClass, ErrorEntry};
//!
//! let entry: ErrorEntry = r#"-113,"Undefined header;FOO""#.parse()?;
//! assert_eq!((entry.code, entry.text.as_str()), (-113, "Undefined header;FOO"));
//! assert_eq!(entry.class(), ErrorClass::Command);
//!
//! let empty: ErrorEntry = "-0, No errors".parse()?;
//! assert!(empty.is_no_error());
//! # Ok::<(), scpi_protocol::error_queue::NoErrorEntry>(())
//! ```

mod standard;

use std::fmt;

pub use standard::{STANDARD_ERRORS, standard_text};

/// Entries that a drain of the queue takes at most: a queue that never empties is broken.
pub const MAX_DRAINED_ENTRIES: usize = 32;

/// The query that takes the oldest entry, SCPI-99 volume 2 clause 21.8.8.
pub const NEXT_ERROR_QUERY: &str = "SYST:ERR?";

/// One entry of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorEntry {
    /// Its number: negative ones are the standard's, positive ones the instrument's own, 0 is none.
    pub code: i32,
    /// Its text, with what the instrument adds after `;`.
    pub text: String,
}

/// What went wrong, by the bit of the event status register that it sets (SCPI-99 volume 2 clause
/// 21.8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// 0.
    None,
    /// -100 to -199: the message is not understood.
    Command,
    /// -200 to -299: it is understood and cannot be done.
    Execution,
    /// -300 to -399, and positive numbers: the instrument's own trouble.
    Device,
    /// -400 to -499: asked and read out of order.
    Query,
    /// -500 to -599.
    PowerOn,
    /// -600 to -699.
    UserRequest,
    /// -700 to -799.
    RequestControl,
    /// -800 to -899.
    OperationComplete,
    /// Numbers that the standard leaves alone.
    Other,
}

impl ErrorClass {
    /// The class of a number.
    #[must_use]
    pub fn of(code: i32) -> Self {
        match code {
            0 => Self::None,
            -199..=-100 => Self::Command,
            -299..=-200 => Self::Execution,
            -399..=-300 | 1.. => Self::Device,
            -499..=-400 => Self::Query,
            -599..=-500 => Self::PowerOn,
            -699..=-600 => Self::UserRequest,
            -799..=-700 => Self::RequestControl,
            -899..=-800 => Self::OperationComplete,
            _ => Self::Other,
        }
    }

    /// The bit of the event status register that an error of this class sets; 0 for none.
    #[must_use]
    pub fn event_status_bit(self) -> u8 {
        use crate::status::EventStatus;
        let bits = match self {
            Self::Command => EventStatus::COMMAND_ERROR,
            Self::Execution => EventStatus::EXECUTION_ERROR,
            Self::Device => EventStatus::DEVICE_ERROR,
            Self::Query => EventStatus::QUERY_ERROR,
            Self::PowerOn => EventStatus::POWER_ON,
            Self::UserRequest => EventStatus::USER_REQUEST,
            Self::RequestControl => EventStatus::REQUEST_CONTROL,
            Self::OperationComplete => EventStatus::OPERATION_COMPLETE,
            Self::None | Self::Other => return 0,
        };
        bits.0
    }
}

impl ErrorEntry {
    /// An entry with the standard's text for its number, or an empty text where it has none.
    #[must_use]
    pub fn standard(code: i32) -> Self {
        Self { code, text: standard_text(code).unwrap_or_default().to_owned() }
    }

    /// As [`standard`](Self::standard), with detail after a `;` (SCPI-99 volume 2 clause 21.8.1).
    #[must_use]
    pub fn with_detail(code: i32, detail: &str) -> Self {
        let Self { text, .. } = Self::standard(code);
        Self { code, text: format!("{text};{detail}") }
    }

    /// Whether it says that the queue is empty.
    #[must_use]
    pub fn is_no_error(&self) -> bool {
        self.code == 0
    }

    /// What kind of error it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        ErrorClass::of(self.code)
    }
}

/// As the standard writes it: `-113,"Undefined header"`.
impl fmt::Display for ErrorEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},\"{}\"", self.code, self.text.replace('"', "\"\""))
    }
}

/// An answer to `SYSTem:ERRor?` that holds no error number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is no entry of an error queue: one such as -113,\"Undefined header\" is wanted", .answer.escape_debug())]
pub struct NoErrorEntry {
    /// The answer.
    pub answer: String,
}

/// Reads `<error_number>,"<description>[;<detail>]"`, and what instruments make of it: without quotes,
/// with blanks, with a sign before 0, with a blank for the comma, behind a header echo.
impl std::str::FromStr for ErrorEntry {
    type Err = NoErrorEntry;

    fn from_str(answer: &str) -> Result<Self, NoErrorEntry> {
        read(answer).ok_or_else(|| NoErrorEntry { answer: answer.to_owned() })
    }
}

fn read(answer: &str) -> Option<ErrorEntry> {
    let answer = without_echo(answer.trim());
    let end = answer.find(|c: char| !c.is_ascii_digit() && c != '-' && c != '+');
    let (number, after) = answer.split_at_checked(end.unwrap_or(answer.len()))?;
    let after = after.trim_start();
    let text = after.strip_prefix(',').map_or(after, str::trim_start);
    Some(ErrorEntry { code: number.parse().ok()?, text: unquoted(text) })
}

/// Drops `:SYST:ERR ` before the number.
fn without_echo(answer: &str) -> &str {
    if answer.starts_with(|c: char| c == ':' || c.is_ascii_alphabetic()) {
        answer.split_once(' ').map_or(answer, |(_, rest)| rest.trim_start())
    } else {
        answer
    }
}

fn unquoted(text: &str) -> String {
    let inside = text.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest));
    inside.map_or_else(|| text.to_owned(), |inside| inside.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_quirk_q31() {
        for (answer, code, text) in [
            ("0,\"No error\"", 0, "No error"),
            ("+0,\"No error\"", 0, "No error"),
            ("0,No error", 0, "No error"),
            ("+0, No Error", 0, "No Error"),
            ("-0, No errors", 0, "No errors"),
            ("0 No Error", 0, "No Error"),
            ("0,\"No error;0;0 0\"", 0, "No error;0;0 0"),
            ("-113,\"Undefined header;FOO\"", -113, "Undefined header;FOO"),
            ("-222 , \"Data out of range\" ", -222, "Data out of range"),
            (":SYST:ERR -100,\"Command error\"", -100, "Command error"),
            ("0", 0, ""),
            ("+532,\"Say \"\"hi\"\"\"", 532, "Say \"hi\""),
        ] {
            let entry: ErrorEntry = answer.parse().unwrap();
            assert_eq!((entry.code, entry.text.as_str()), (code, text), "{answer}");
        }
        for answer in ["", "No error", "\"x\"", "-,\"x\"", "99999999999,\"x\"", "1-2,x"] {
            assert!(answer.parse::<ErrorEntry>().is_err(), "{answer}");
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        for entry in [ErrorEntry::standard(-222), ErrorEntry::with_detail(-113, "a\"b")] {
            assert_eq!(entry.to_string().parse(), Ok(entry));
        }
        assert_eq!(ErrorEntry::standard(0).to_string(), "0,\"No error\"");
    }

    /// SCPI-99 volume 2 clause 21.8.2: -1xx sets bit 5, -2xx bit 4, -3xx bit 3, -4xx bit 2.
    #[test]
    fn classes_set_their_bits() {
        for (code, bit) in [(-113, 32), (-222, 16), (-350, 8), (-410, 4), (100, 8), (0, 0)] {
            assert_eq!(ErrorClass::of(code).event_status_bit(), bit, "{code}");
        }
    }

    #[test]
    fn the_table_is_in_order_without_doubles() {
        assert!(STANDARD_ERRORS.windows(2).all(|pair| pair[0].0 > pair[1].0));
        assert_eq!(standard_text(-410), Some("Query INTERRUPTED"));
        assert_eq!(standard_text(-1), None);
    }
}
