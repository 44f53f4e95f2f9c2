//! Secrets of the lab's systems. They are encrypted and decrypted here: the server holds bytes that are of no use to it,
//! and writes down who asked for them.
//!
//! A secret is AES-256-GCM under a key that is in a file of the person's. What it is the secret of is authenticated
//! with it, so that the bytes of one row are refused in another.

mod access;
mod cipher;
mod keep;
mod key;
mod list;
mod rotate;

pub use access::{Access, Method, Refusal};
pub use keep::CredentialEntry;
pub use key::{CredentialKey, KeyError};
pub use list::{CredentialSummary, LoggedAccess};

use tokio_postgres::Transaction;
use uuid::Uuid;

use crate::error::Cause;

/// Which secret of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// A password.
    Password,
    /// A private key of SSH.
    SshKey,
    /// A key of an API.
    ApiKey,
}

impl SecretKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Password, Self::SshKey, Self::ApiKey];

    /// As it is called in the database.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SshKey => "ssh_key",
            Self::ApiKey => "api_key",
        }
    }

    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Password => "password_encrypted",
            Self::SshKey => "ssh_key_encrypted",
            Self::ApiKey => "api_key_encrypted",
        }
    }
}

/// The row of a key; made where it is missing. A key that was rotated encrypts nothing new.
async fn key_row(transaction: &Transaction<'_>, key: &CredentialKey) -> Result<Uuid, Cause> {
    let insert = "INSERT INTO credentials.encryption_keys (key_name, key_type, algorithm)
        VALUES ($1, 'symmetric', 'AES-256') ON CONFLICT (key_name) DO NOTHING";
    let name = key.name();
    transaction.execute(insert, &[&name]).await?;
    let query =
        "SELECT key_id, status = 'active' FROM credentials.encryption_keys WHERE key_name = $1";
    let row = transaction.query_one(query, &[&name]).await?;
    match row.try_get::<_, Option<bool>>(1)? {
        Some(true) => Ok(row.try_get(0)?),
        _ => Err(Cause::Unfit(format!("{name} was replaced by another key: use that one"))),
    }
}
