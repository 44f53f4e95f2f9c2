//! AES-256-GCM. A sealed secret is: one byte with the format's number, 12 of nonce, then the text, encrypted, with 16 of
//! tag.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use uuid::Uuid;

use super::SecretKind;
use super::key::{CredentialKey, KeyError};
use crate::secret::Secret;

/// The format's number.
const FORMAT: u8 = 1;
/// Bytes of a nonce. Random ones of this size do not meet in 2^32 secrets under a key.
const NONCE_BYTES: usize = 12;

/// What a secret is of: authenticated with it, so that it is refused in another row or column.
pub(super) struct Owner {
    pub(super) credential: Uuid,
    pub(super) kind: SecretKind,
}

impl Owner {
    fn bytes(&self) -> Vec<u8> {
        format!("scpi-run credential 1\0{}\0{}", self.credential, self.kind.word()).into_bytes()
    }
}

/// Encrypts.
pub(super) fn seal(
    key: &CredentialKey,
    owner: &Owner,
    secret: &Secret,
) -> Result<Vec<u8>, KeyError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| KeyError::NoRandomBytes)?;
    sealed(key, owner, secret, nonce).ok_or(KeyError::NoRandomBytes)
}

fn sealed(
    key: &CredentialKey,
    owner: &Owner,
    secret: &Secret,
    nonce: [u8; NONCE_BYTES],
) -> Option<Vec<u8>> {
    let aad = owner.bytes();
    let payload = Payload { msg: secret.reveal().as_bytes(), aad: &aad };
    let text = cipher(key)?.encrypt(&Nonce::from(nonce), payload).ok()?;
    Some([&[FORMAT], nonce.as_slice(), text.as_slice()].concat())
}

/// Decrypts; none where the bytes are not what this key made for this owner.
pub(super) fn open(key: &CredentialKey, owner: &Owner, bytes: &[u8]) -> Option<Secret> {
    let (format, rest) = bytes.split_first()?;
    if *format != FORMAT {
        return None;
    }
    let (nonce, text) = rest.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let aad = owner.bytes();
    let payload = Payload { msg: text, aad: &aad };
    let text = cipher(key)?.decrypt(&Nonce::from(nonce), payload).ok()?;
    Secret::of_bytes(text)
}

fn cipher(key: &CredentialKey) -> Option<Aes256Gcm> {
    Aes256Gcm::new_from_slice(key.bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(kind: SecretKind) -> Owner {
        Owner { credential: Uuid::from_u128(1), kind }
    }

    /// Test case 14 of the specification of GCM: a key, a nonce and a text of zeros.
    #[test]
    fn the_cipher_is_the_standard_one() {
        let key = CredentialKey::from_text(&"0".repeat(64)).unwrap();
        let zeros = [0; 16];
        let sealed = cipher(&key).unwrap().encrypt(&Nonce::from([0; 12]), zeros.as_slice());
        let sealed: String = sealed.unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sealed, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    }

    #[test]
    fn only_the_right_key_opens_it_in_its_own_place() {
        let [key, other] = [(); 2].map(|()| CredentialKey::generate().unwrap());
        let secret = Secret::new("open sesame Ω".to_owned());
        let place = owner(SecretKind::Password);
        let bytes = seal(&key, &place, &secret).unwrap();
        assert_ne!(bytes, seal(&key, &place, &secret).unwrap());
        assert_eq!(open(&key, &place, &bytes), Some(secret));
        assert_eq!(open(&other, &place, &bytes), None);
        assert_eq!(open(&key, &owner(SecretKind::ApiKey), &bytes), None);
        let elsewhere = Owner { credential: Uuid::from_u128(2), ..place };
        assert_eq!(open(&key, &elsewhere, &bytes), None);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(open(&key, &place, &changed), None, "byte {at}");
            assert_eq!(open(&key, &place, &bytes[..at]), None, "{at} bytes");
        }
    }
}
