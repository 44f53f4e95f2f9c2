//! Which secrets there are, and who asked for them; no secret is in it.

use tokio_postgres::Row;

use crate::error::{Doing, StoreError};
use crate::store::Store;

const LIST: &str = "
    SELECT system_name, system_type, username, coalesce(access_url, ''),
        concat_ws(', ',
            -- A sealed text of nothing has 29 bytes: format, nonce and tag.
            CASE WHEN length(password_encrypted) <> 29 OR one.key_id IS NULL THEN 'password' END,
            CASE WHEN ssh_key_encrypted IS NOT NULL THEN 'ssh_key' END,
            CASE WHEN api_key_encrypted IS NOT NULL THEN 'api_key' END),
        coalesce(key_name, ''),
        coalesce(to_char(last_used_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), ''),
        coalesce(rotation_date::text, ''),
        coalesce(rotation_required, false) OR coalesce(rotation_date <= current_date, false)
    FROM credentials.system_credentials AS one LEFT JOIN credentials.encryption_keys AS key ON key.key_id = one.key_id
    ORDER BY system_name";
const LOG: &str = "
    SELECT to_char(accessed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
        coalesce(system_name, log.metadata ->> 'system_name', ''), accessed_by, coalesce(access_method, ''),
        coalesce(purpose, ''), coalesce(success, false), coalesce(log.metadata ->> 'secret', ''),
        coalesce(log.metadata ->> 'problem', ''), coalesce(host(source_ip), '')
    FROM credentials.credential_access_log AS log LEFT JOIN credentials.system_credentials USING (credential_id)
    ORDER BY accessed_at DESC, log_id DESC LIMIT $1";

/// A system and what is known of its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSummary {
    /// Its name.
    pub system_name: String,
    /// What it is: `nas`, `scpi`.
    pub system_type: String,
    /// The name to log in with.
    pub username: String,
    /// Where it is; empty where that is not known.
    pub access_url: String,
    /// Which secrets there are: `password, ssh_key`.
    pub secrets: String,
    /// The key that they are under; empty where another program encrypted them.
    pub key: String,
    /// When one was last read, in UTC; empty before.
    pub last_used_at: String,
    /// The day by which it is to be replaced; empty where there is none.
    pub rotate_by: String,
    /// Whether that day has come.
    pub is_due: bool,
}

/// Somebody asked for a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedAccess {
    /// When, in UTC.
    pub at: String,
    /// Of which system.
    pub system_name: String,
    /// Who.
    pub by: String,
    /// `manual`, `automated_script`, `api`.
    pub method: String,
    /// For what.
    pub purpose: String,
    /// Whether it was given out.
    pub success: bool,
    /// Which secret.
    pub secret: String,
    /// Why it was not given out.
    pub problem: String,
    /// From where; empty over the local socket.
    pub source: String,
}

impl Store {
    /// All systems with secrets.
    ///
    /// # Errors
    ///
    /// When this role may not, or the database cannot be asked.
    pub async fn credentials(&mut self) -> Result<Vec<CredentialSummary>, StoreError> {
        let rows = self.connection_mut().query(LIST, &[]).await;
        let listed = rows.and_then(|rows| rows.iter().map(summary).collect());
        listed.doing(self.place(), "list the credentials")
    }

    /// Who asked for secrets, the latest first.
    ///
    /// # Errors
    ///
    /// When this role may not, or the database cannot be asked.
    pub async fn credential_log(&mut self, limit: u32) -> Result<Vec<LoggedAccess>, StoreError> {
        let rows = self.connection_mut().query(LOG, &[&i64::from(limit)]).await;
        let log = rows.and_then(|rows| rows.iter().map(logged).collect());
        log.doing(self.place(), "read the access log")
    }
}

fn summary(row: &Row) -> Result<CredentialSummary, tokio_postgres::Error> {
    Ok(CredentialSummary {
        system_name: row.try_get(0)?,
        system_type: row.try_get(1)?,
        username: row.try_get(2)?,
        access_url: row.try_get(3)?,
        secrets: row.try_get(4)?,
        key: row.try_get(5)?,
        last_used_at: row.try_get(6)?,
        rotate_by: row.try_get(7)?,
        is_due: row.try_get(8)?,
    })
}

fn logged(row: &Row) -> Result<LoggedAccess, tokio_postgres::Error> {
    Ok(LoggedAccess {
        at: row.try_get(0)?,
        system_name: row.try_get(1)?,
        by: row.try_get(2)?,
        method: row.try_get(3)?,
        purpose: row.try_get(4)?,
        success: row.try_get(5)?,
        secret: row.try_get(6)?,
        problem: row.try_get(7)?,
        source: row.try_get(8)?,
    })
}
