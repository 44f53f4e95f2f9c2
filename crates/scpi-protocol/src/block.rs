//! Headers of definite blocks, IEEE 488.2 clause 8.7.9: `#`, one digit, that many digits of length.

use std::borrow::Cow;

/// The header before a block of this many bytes: `#210` for ten.
///
/// ```
/// assert_eq!(scpi_protocol::block::header(1000), b"#41000");
/// ```
#[must_use]
pub fn header(length: usize) -> Vec<u8> {
    let length = length.to_string();
    format!("#{}{length}", length.len()).into_bytes()
}

/// A whole definite block: header and data.
#[must_use]
pub fn definite(data: &[u8]) -> Vec<u8> {
    let mut block = header(data.len());
    block.extend_from_slice(data);
    block
}

/// The header as it came, or one of our own where it does not state this length (quirks Q2, Q6).
#[must_use]
pub fn true_header(came: &[u8], length: usize) -> Cow<'_, [u8]> {
    let stated = came.get(2..).and_then(|digits| std::str::from_utf8(digits).ok());
    match stated.and_then(|digits| digits.parse::<usize>().ok()) {
        Some(stated) if stated == length => Cow::Borrowed(came),
        _ => Cow::Owned(header(length)),
    }
}
