//! One line of a journal (format 1): `{"crc":"8 hex","chain":"64 hex","record":{...}}`.

use std::io::{self, Write};

use crate::chain::ChainHash;
use crate::error::Damage;

/// The most bytes of JSON that a record may have. A waveform of 100 million one-byte codes has 134 million.
pub const MAX_RECORD_BYTES: usize = 256 << 20;

/// The most bytes of a line, its line feed included.
pub(crate) const MAX_LINE_BYTES: usize = MAX_RECORD_BYTES + FRAME_BYTES;

const BEFORE_CRC: &[u8] = br#"{"crc":""#;
const BEFORE_CHAIN: &[u8] = br#"","chain":""#;
const BEFORE_RECORD: &[u8] = br#"","record":"#;
const END: &[u8] = b"}\n";
const CRC_DIGITS: usize = 8;
const CHAIN_DIGITS: usize = 64;

/// Bytes of a line that are not the record's.
pub(crate) const FRAME_BYTES: usize = BEFORE_CRC.len()
    + CRC_DIGITS
    + BEFORE_CHAIN.len()
    + CHAIN_DIGITS
    + BEFORE_RECORD.len()
    + END.len();

/// Writes one line.
pub(crate) fn write(to: &mut impl Write, chain: &ChainHash, record_json: &[u8]) -> io::Result<()> {
    let crc = crc32fast::hash(record_json);
    to.write_all(BEFORE_CRC)?;
    write!(to, "{crc:08x}")?;
    to.write_all(BEFORE_CHAIN)?;
    write!(to, "{chain}")?;
    to.write_all(BEFORE_RECORD)?;
    to.write_all(record_json)?;
    to.write_all(END)
}

/// The record's JSON and its hash, once both are proved. Where the hash before it is not known, its own
/// is believed.
pub(crate) fn read<'l>(
    line: &'l [u8],
    before: Option<&ChainHash>,
) -> Result<(&'l [u8], ChainHash), Damage> {
    let (crc, chain, record_json) = parts(line).ok_or(Damage::NoLine)?;
    if format!("{:08x}", crc32fast::hash(record_json)).as_bytes() != crc {
        return Err(Damage::Checksum);
    }
    let stated = std::str::from_utf8(chain).ok().and_then(|text| text.parse().ok());
    let stated: ChainHash = stated.ok_or(Damage::NoLine)?;
    match before {
        Some(before) if before.next(record_json) != stated => Err(Damage::Chain),
        _ => Ok((record_json, stated)),
    }
}

/// Checksum, hash and record, by their places: the frame has one spelling.
fn parts(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (crc, rest) = line.strip_prefix(BEFORE_CRC)?.split_at_checked(CRC_DIGITS)?;
    let (chain, rest) = rest.strip_prefix(BEFORE_CHAIN)?.split_at_checked(CHAIN_DIGITS)?;
    let record = rest.strip_prefix(BEFORE_RECORD)?.strip_suffix(END)?;
    Some((crc, chain, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(record: &[u8]) -> Vec<u8> {
        let mut line = Vec::new();
        write(&mut line, &ChainHash::START.next(record), record).unwrap();
        line
    }

    /// The check value of CRC-32 (ISO-HDLC) is cbf43926 over `123456789`.
    #[test]
    fn the_line_is_as_documented() {
        let shown = String::from_utf8(line(b"123456789")).unwrap();
        assert!(shown.starts_with(r#"{"crc":"cbf43926","chain":""#), "{shown}");
        assert!(shown.ends_with("\",\"record\":123456789}\n"), "{shown}");
        assert_eq!(shown.len(), 9 + FRAME_BYTES);
    }

    #[test]
    fn every_changed_byte_is_seen() {
        let whole = line(br#"{"seq":1}"#);
        assert!(read(&whole, Some(&ChainHash::START)).is_ok());
        for at in 0..whole.len() {
            for change in [0x01, 0x20, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= change;
                assert!(read(&damaged, Some(&ChainHash::START)).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn a_line_out_of_its_place_is_seen() {
        let moved = line(b"1");
        let other = ChainHash::START.next(b"0");
        assert!(matches!(read(&moved, Some(&other)), Err(Damage::Chain)));
        assert!(read(&moved, None).is_ok());
    }
}
