//! Reading a secret, which is written down whether it succeeds or not.

use tokio_postgres::Transaction;
use uuid::Uuid;

use super::SecretKind;
use super::cipher::{self, Owner};
use super::key::CredentialKey;
use crate::error::{Cause, Doing, StoreError};
use crate::secret::Secret;
use crate::store::Store;
use crate::text::Jsonb;

/// How a secret is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By a person.
    Manual,
    /// By a script.
    Script,
    /// By a program, for its own use.
    Api,
}

impl Method {
    fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Script => "automated_script",
            Self::Api => "api",
        }
    }
}

/// Why a secret is not given out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such system.
    #[error("there is no such system: `scpi-run credentials list` shows them")]
    Unknown,
    /// It has no such secret.
    #[error("it has no {0}")]
    NoSuchSecret(&'static str),
    /// It is under another key.
    #[error("it is encrypted under {}, and this key is {this}", .of_it.as_deref().unwrap_or("another program's key"))]
    OtherKey {
        /// The key that it is under, where it is one of ours.
        of_it: Option<String>,
        /// The key that was given.
        this: String,
    },
    /// Its bytes are not what was kept.
    #[error("its bytes are not what was kept: they were changed, or moved from another row")]
    Changed,
}

impl Refusal {
    /// As the function of the database calls it.
    fn of(problem: &str, kind: SecretKind, of_it: Option<String>, this: String) -> Self {
        match problem {
            "unknown" => Self::Unknown,
            "other key" => Self::OtherKey { of_it, this },
            _ => Self::NoSuchSecret(kind.word()),
        }
    }
}

/// How and for what a secret is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// How.
    pub method: Method,
    /// For what, in words.
    pub purpose: Option<String>,
}

const FETCH: &str = "SELECT credential, ciphertext, problem, key_of_it
    FROM credentials.fetch_secret($1, $2, $3, $4, $5)";
const LOG: &str = "SELECT credentials.log_access($1, $2, $3, false, $4)::text";

impl Store {
    /// A secret of a system. The line in the access log is in the same transaction, and there before the secret is
    /// given back.
    ///
    /// # Errors
    ///
    /// When there is no such system or secret, it is under another key, it was changed by hand, or this role may
    /// not. But for the last, that too is in the access log.
    pub async fn credential(
        &mut self,
        system_name: &str,
        kind: SecretKind,
        key: &CredentialKey,
        access: &Access,
    ) -> Result<Secret, StoreError> {
        let place = self.place().to_owned();
        let read = async {
            let mut transaction = self.connection_mut().transaction().await?;
            let read = read(&mut transaction, system_name, kind, key, access).await;
            match read {
                Ok(_) | Err(Cause::NoSecret { .. }) => transaction.commit().await?,
                Err(_) => transaction.rollback().await?,
            }
            read.map(|(_, secret)| secret)
        };
        read.await.doing(&place, "read the secret")
    }
}

/// Whose a secret is, and the secret.
pub(super) async fn read(
    transaction: &mut Transaction<'_>,
    system_name: &str,
    kind: SecretKind,
    key: &CredentialKey,
    access: &Access,
) -> Result<(Uuid, Secret), Cause> {
    // The line that says that it was given out is taken back where it was not.
    let attempt = transaction.savepoint("attempt").await?;
    let (method, name) = (access.method.word(), key.name());
    let row = attempt
        .query_one(FETCH, &[&system_name, &kind.word(), &name, &method, &access.purpose])
        .await?;
    let refused = |why| Err(Cause::NoSecret { system: system_name.to_owned(), why });
    if let Some(problem) = row.try_get(2)? {
        let why = Refusal::of(problem, kind, row.try_get(3)?, name);
        attempt.commit().await?;
        return refused(why);
    }
    let (credential, sealed): (Uuid, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
    let (problem, why) = match cipher::open(key, &Owner { credential, kind }, &sealed) {
        Some(secret) if !secret.is_empty() => {
            attempt.commit().await?;
            return Ok((credential, secret));
        }
        Some(_) => ("no secret", Refusal::NoSuchSecret(kind.word())),
        None => ("does not decrypt", Refusal::Changed),
    };
    attempt.rollback().await?;
    let details = Jsonb::of(&serde_json::json!({"secret": kind.word(), "problem": problem}))?;
    transaction.query_one(LOG, &[&credential, &method, &access.purpose, &details]).await?;
    refused(why)
}
