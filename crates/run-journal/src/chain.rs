//! The hash chain: each record's hash covers all records before it.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// SHA-256 over the hash of the record before and this record's JSON bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; HASH_BYTES]);

/// Text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash of the chain is written as 64 hexadecimal digits in lower case")]
pub struct NoChainHash;

impl ChainHash {
    /// What stands before the first record.
    pub const START: Self = Self([0; HASH_BYTES]);

    /// The hash of the next record, from its JSON bytes.
    #[must_use]
    pub fn next(&self, record_json: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(self.0).chain_update(record_json).finalize();
        Self(hash.into())
    }
}

/// 64 hexadecimal digits in lower case.
impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ChainHash {
    type Err = NoChainHash;

    fn from_str(text: &str) -> Result<Self, NoChainHash> {
        let mut hash = [0; HASH_BYTES];
        let (digits, rest) = text.as_bytes().as_chunks::<2>();
        if digits.len() != HASH_BYTES || !rest.is_empty() {
            return Err(NoChainHash);
        }
        for (byte, [high, low]) in hash.iter_mut().zip(digits) {
            *byte = digit(*high).zip(digit(*low)).map(|(h, l)| h << 4 | l).ok_or(NoChainHash)?;
        }
        Ok(Self(hash))
    }
}

/// One digit. Capitals are refused, so that a hash has one spelling.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '\0%.0s' {1..32} | sha256sum`, and the same with `abc` behind the zeros.
    #[test]
    fn the_chain_is_sha_256() {
        for (record, hash) in [
            ("", "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"),
            ("abc", "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370"),
        ] {
            assert_eq!(ChainHash::START.next(record.as_bytes()).to_string(), hash);
        }
    }

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = ChainHash::START.next(b"x");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for wrong in ["", "00", &hash.to_string().to_uppercase(), &format!("{hash}0")] {
            assert_eq!(wrong.parse::<ChainHash>(), Err(NoChainHash), "{wrong}");
        }
    }
}
