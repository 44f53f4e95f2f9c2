//! Keeping a secret.

use tokio_postgres::Transaction;
use uuid::Uuid;

use super::cipher::{self, Owner};
use super::key::CredentialKey;
use super::{SecretKind, key_row};
use crate::error::{Cause, Doing, StoreError};
use crate::secret::Secret;
use crate::store::Store;

/// A system, and what is known of how it is entered; the secret is given apart. What is none is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialEntry {
    /// The name of the system, which tells it from others.
    pub system_name: String,
    /// `nas`, `proxmox`, `vm`, `docker`, `unifi`, `scpi`, `database`, `service`, `other`. Needed for a new one.
    pub system_type: Option<String>,
    /// The name to log in with. Needed for a new one.
    pub username: Option<String>,
    /// The device's name in the inventory.
    pub device: Option<String>,
    /// Where it is.
    pub access_url: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// `ssh`, `https`, `smb`, `scpi`.
    pub protocol: Option<String>,
    /// The day by which the secret is to be replaced: `2026-12-31`.
    pub rotate_by: Option<String>,
    /// Anything else.
    pub notes: Option<String>,
}

/// The row that is there: its id, the name of its key, and whether it has secrets besides this one.
struct Held {
    id: Uuid,
    key: Option<String>,
    has_others: bool,
}

const INSERT: &str = "INSERT INTO credentials.system_credentials
    (credential_id, key_id, password_encrypted, system_name, system_type, username, access_url, port, protocol, notes,
     rotation_date, device_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::date, $12)";
/// A new secret is not due any more, unless a day is given.
const UPDATE: &str = "UPDATE credentials.system_credentials SET
    key_id = $2, rotation_required = false,
    system_type = coalesce($3, system_type), username = coalesce($4, username),
    access_url = coalesce($5, access_url), port = coalesce($6, port), protocol = coalesce($7, protocol),
    notes = coalesce($8, notes), device_id = coalesce($10, device_id),
    rotation_date = coalesce($9::text::date, CASE WHEN rotation_date > current_date THEN rotation_date END)
    WHERE credential_id = $1";

impl Store {
    /// Keeps a secret of a system, encrypted under a key; the system's row is made where it is missing. Whether it
    /// was new.
    ///
    /// # Errors
    ///
    /// When a new one has no type or user, the key was replaced, the row's other secrets are under another key, the
    /// device is unknown, or this role may not. Nothing is changed then.
    pub async fn set_credential(
        &mut self,
        entry: &CredentialEntry,
        kind: SecretKind,
        secret: &Secret,
        key: &CredentialKey,
    ) -> Result<bool, StoreError> {
        let place = self.place().to_owned();
        let kept = async {
            let transaction = self.connection_mut().transaction().await?;
            let is_new = keep(&transaction, entry, kind, secret, key).await?;
            transaction.commit().await?;
            Ok::<_, Cause>(is_new)
        };
        kept.await.doing(&place, "keep the secret")
    }
}

async fn keep(
    transaction: &Transaction<'_>,
    entry: &CredentialEntry,
    kind: SecretKind,
    secret: &Secret,
    key: &CredentialKey,
) -> Result<bool, Cause> {
    let key_id = key_row(transaction, key).await?;
    let device = device(transaction, entry.device.as_deref()).await?;
    let held = held(transaction, &entry.system_name, kind).await?;
    let is_new = held.is_none();
    let id = match held {
        Some(held) => {
            held.can_take(key)?;
            update(transaction, entry, &held, key_id, device).await?;
            held.id
        }
        None => insert(transaction, entry, key, key_id, device).await?,
    };
    let sealed = sealed(key, id, kind, secret)?;
    let column = kind.column();
    let set =
        format!("UPDATE credentials.system_credentials SET {column} = $2 WHERE credential_id = $1");
    transaction.execute(&set, &[&id, &sealed]).await?;
    Ok(is_new)
}

pub(super) fn sealed(
    key: &CredentialKey,
    credential: Uuid,
    kind: SecretKind,
    secret: &Secret,
) -> Result<Vec<u8>, Cause> {
    let sealed = cipher::seal(key, &Owner { credential, kind }, secret);
    sealed.map_err(|error| Cause::Unfit(error.to_string()))
}

impl Held {
    fn can_take(&self, key: &CredentialKey) -> Result<(), Cause> {
        if !self.has_others || self.key.as_ref() == Some(&key.name()) {
            return Ok(());
        }
        let other = self.key.as_deref().unwrap_or("a key that another program holds");
        Err(Cause::Unfit(format!(
            "its other secrets are encrypted under {other}, and this key is {}: use that key, or \
             `scpi-run credentials rotate`",
            key.name()
        )))
    }
}

async fn held(
    transaction: &Transaction<'_>,
    name: &str,
    kind: SecretKind,
) -> Result<Option<Held>, Cause> {
    let others = SecretKind::ALL.into_iter().filter(|other| *other != kind);
    let others: Vec<_> = others.map(|other| format!("{} IS NOT NULL", other.column())).collect();
    let query = format!(
        "SELECT credential_id, (SELECT key_name FROM credentials.encryption_keys AS key WHERE key.key_id = one.key_id),
         {} FROM credentials.system_credentials AS one WHERE system_name = $1 FOR UPDATE",
        others.join(" OR ")
    );
    let Some(row) = transaction.query_opt(&query, &[&name]).await? else { return Ok(None) };
    Ok(Some(Held { id: row.try_get(0)?, key: row.try_get(1)?, has_others: row.try_get(2)? }))
}

async fn device(transaction: &Transaction<'_>, name: Option<&str>) -> Result<Option<Uuid>, Cause> {
    let Some(name) = name else { return Ok(None) };
    let query = "SELECT device_id FROM infrastructure.devices WHERE device_name = $1";
    match transaction.query_opt(query, &[&name]).await? {
        Some(row) => Ok(Some(row.try_get(0)?)),
        None => Err(Cause::Unfit(format!("there is no device '{name}' in the inventory"))),
    }
}

async fn insert(
    transaction: &Transaction<'_>,
    entry: &CredentialEntry,
    key: &CredentialKey,
    key_id: Uuid,
    device: Option<Uuid>,
) -> Result<Uuid, Cause> {
    let needed = |value: &Option<String>, what: &str| {
        value.clone().ok_or_else(|| Cause::Unfit(format!("it is new, and has no {what}")))
    };
    let (kind, user) = (needed(&entry.system_type, "type")?, needed(&entry.username, "user")?);
    let id: Uuid = transaction.query_one("SELECT gen_random_uuid()", &[]).await?.try_get(0)?;
    // The column takes no NULL: a system without a password has an empty one.
    let none = sealed(key, id, SecretKind::Password, &Secret::new(String::new()))?;
    let port = entry.port.map(i32::from);
    let CredentialEntry { system_name, access_url, protocol, notes, rotate_by, .. } = entry;
    transaction
        .execute(
            INSERT,
            &[
                &id,
                &key_id,
                &none,
                system_name,
                &kind,
                &user,
                access_url,
                &port,
                protocol,
                notes,
                rotate_by,
                &device,
            ],
        )
        .await?;
    Ok(id)
}

async fn update(
    transaction: &Transaction<'_>,
    entry: &CredentialEntry,
    held: &Held,
    key_id: Uuid,
    device: Option<Uuid>,
) -> Result<(), Cause> {
    let port = entry.port.map(i32::from);
    let CredentialEntry { system_type, username, access_url, protocol, notes, rotate_by, .. } =
        entry;
    transaction
        .execute(
            UPDATE,
            &[
                &held.id,
                &key_id,
                system_type,
                username,
                access_url,
                &port,
                protocol,
                notes,
                rotate_by,
                &device,
            ],
        )
        .await?;
    Ok(())
}
