//! Headers of definite blocks, IEEE 488.2 clause 8.7.9: `#`, one digit, that many digits of length.

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
