//! The key that secrets are encrypted under.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::secret::Secret;

/// Bytes of a key of AES-256.
const KEY_BYTES: usize = 32;
/// Set before a key when its name is made, so that the name is a hash of nothing else.
const NAME_DOMAIN: &[u8] = b"scpi-run credential key name\0";

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not written as one.
    #[error("a key is 64 hexadecimal digits: `scpi-run credentials key FILE` makes one")]
    Digits,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomBytes,
}

/// A key of AES-256. It is shown nowhere, and overwritten when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialKey([u8; KEY_BYTES]);

impl CredentialKey {
    /// A new one, of random bytes of the system.
    ///
    /// # Errors
    ///
    /// When the system gives none.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| KeyError::NoRandomBytes)?;
        Ok(Self(bytes))
    }

    /// Reads 64 hexadecimal digits, with white space around them.
    ///
    /// # Errors
    ///
    /// When it is anything else; nothing of it is repeated.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.len() != 2 * KEY_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(KeyError::Digits);
        }
        let mut bytes = [0; KEY_BYTES];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(2 * at..2 * at + 2).unwrap_or_default();
            *byte = u8::from_str_radix(pair, 16).map_err(|_| KeyError::Digits)?;
        }
        Ok(Self(bytes))
    }

    /// The digits, for a file.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(hexadecimal(&self.0))
    }

    /// A name that tells it from other keys, and from which it cannot be found: `scpi-run/9f86d081884c7d65`.
    #[must_use]
    pub fn name(&self) -> String {
        let hash = Sha256::new().chain_update(NAME_DOMAIN).chain_update(self.0).finalize();
        format!("scpi-run/{}", hexadecimal(hash.get(..8).unwrap_or_default()))
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl std::fmt::Debug for CredentialKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

impl Drop for CredentialKey {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let key = CredentialKey::generate().unwrap();
        let text = key.to_text();
        let read = CredentialKey::from_text(&format!("{}\n", text.reveal())).unwrap();
        assert!(read == key && read != CredentialKey::generate().unwrap());
        assert_eq!(read.name(), key.name());
        assert!(!format!("{key:?}{}", key.name()).contains(&text.reveal()[..16]));
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        let short = "a".repeat(63);
        let wide = format!("{}é", "a".repeat(62));
        for text in ["", "s3cret", &short, &wide, &"g".repeat(64)] {
            let error = CredentialKey::from_text(text).unwrap_err();
            assert_eq!(error, KeyError::Digits);
            assert!(text.is_empty() || !error.to_string().contains(text));
        }
    }
}
