//! A new key for all secrets at once.

use tokio_postgres::Transaction;
use uuid::Uuid;

use super::access::{self, Access, Method, Refusal};
use super::keep::sealed;
use super::key::CredentialKey;
use super::{SecretKind, key_row};
use crate::error::{Cause, Doing, StoreError};
use crate::recorder::from_sql;
use crate::secret::Secret;
use crate::store::Store;

/// All systems, held until the end, and what is under which key.
const SYSTEMS: &str = "SELECT credential_id, system_name,
        (SELECT key_name FROM credentials.encryption_keys AS key WHERE key.key_id = one.key_id)
    FROM credentials.system_credentials AS one ORDER BY system_name FOR UPDATE";
const RETIRE: &str = "UPDATE credentials.encryption_keys
    SET status = 'rotated', rotated_at = clock_timestamp() WHERE key_name = $1";

impl Store {
    /// Encrypts under a new key all that is under the old one, which encrypts nothing any more. All or nothing; each
    /// secret's reading is in the access log. How many systems.
    ///
    /// # Errors
    ///
    /// When a system is under a third key, a secret does not decrypt, the new key was replaced itself, or this role
    /// may not. Nothing is changed then.
    pub async fn rotate_key(
        &mut self,
        old: &CredentialKey,
        new: &CredentialKey,
    ) -> Result<u64, StoreError> {
        let place = self.place().to_owned();
        let rotated = async {
            let mut transaction = self.connection_mut().transaction().await?;
            let rotated = rotate(&mut transaction, old, new).await?;
            transaction.commit().await?;
            Ok::<_, Cause>(rotated)
        };
        rotated.await.doing(&place, "change the key")
    }
}

async fn rotate(
    transaction: &mut Transaction<'_>,
    old: &CredentialKey,
    new: &CredentialKey,
) -> Result<u64, Cause> {
    if old == new {
        return Err(Cause::Unfit("the new key is the old one".to_owned()));
    }
    let new_id = key_row(transaction, new).await?;
    let (old_name, new_name) = (old.name(), new.name());
    let mut systems = Vec::new();
    for row in transaction.query(SYSTEMS, &[]).await? {
        let name: String = row.try_get(1)?;
        match row.try_get::<_, Option<String>>(2)? {
            Some(key) if key == old_name => systems.push((row.try_get(0)?, name)),
            Some(key) if key == new_name => {}
            other => {
                let other = other.as_deref().unwrap_or("a key that another program holds");
                return Err(Cause::Unfit(format!(
                    "{name} is encrypted under {other}, and not under {old_name}"
                )));
            }
        }
    }
    for (id, name) in &systems {
        move_over(transaction, (*id, name), (old, new), new_id).await?;
    }
    transaction.execute(RETIRE, &[&old_name]).await?;
    Ok(from_sql(i64::try_from(systems.len()).unwrap_or(i64::MAX)))
}

async fn move_over(
    transaction: &mut Transaction<'_>,
    (id, name): (Uuid, &str),
    (old, new): (&CredentialKey, &CredentialKey),
    new_id: Uuid,
) -> Result<(), Cause> {
    let purpose = Some(format!("change of the key to {}", new.name()));
    let access = Access { method: Method::Api, purpose };
    let mut kept = Vec::new();
    for kind in SecretKind::ALL {
        match access::read(transaction, name, kind, old, &access).await {
            Ok((_, secret)) => kept.push((kind, secret)),
            Err(Cause::NoSecret { why: Refusal::NoSuchSecret(_), .. }) => {
                // The column of the password takes no NULL.
                if kind == SecretKind::Password {
                    kept.push((kind, Secret::new(String::new())));
                }
            }
            Err(other) => return Err(other),
        }
    }
    for (kind, secret) in kept {
        let column = kind.column();
        let set = format!(
            "UPDATE credentials.system_credentials SET {column} = $2, key_id = $3 WHERE credential_id = $1"
        );
        let sealed = sealed(new, id, kind, &secret)?;
        transaction.execute(&set, &[&id, &sealed, &new_id]).await?;
    }
    Ok(())
}
