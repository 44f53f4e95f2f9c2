//! Bytes of a wire as a person can read them, bounded.

use std::fmt::{self, Write as _};

/// Bytes that are shown of a long message, unless said otherwise.
pub const SHOWN_BYTES: usize = 120;

/// Shows bytes with control characters and non-ASCII escaped, cut with a count where there are many.
///
/// ```
/// use scpi_protocol::Escaped;
///
/// assert_eq!(Escaped::new(b"+1.5\r\n").to_string(), r"+1.5\r\n");
/// assert_eq!(Escaped { bytes: b"abcdef", shown: 2 }.to_string(), "ab... (6 bytes)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escaped<'b> {
    /// All of them.
    pub bytes: &'b [u8],
    /// How many to show.
    pub shown: usize,
}

impl<'b> Escaped<'b> {
    /// Shows at most [`SHOWN_BYTES`].
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, shown: SHOWN_BYTES }
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes.split_at_checked(self.shown) {
            Some((head, rest)) if !rest.is_empty() => {
                write_escaped(head, f)?;
                write!(f, "... ({} bytes)", self.bytes.len())
            }
            _ => write_escaped(self.bytes, f),
        }
    }
}

/// Quotes stay as they are: messages are full of them.
fn write_escaped(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for &byte in bytes {
        match byte {
            b'"' | b'\'' => f.write_char(char::from(byte))?,
            _ => write!(f, "{}", byte.escape_ascii())?,
        }
    }
    Ok(())
}
