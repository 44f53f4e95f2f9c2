//! The parents of a batch of measurements locked once, instead of looked up for each row by the foreign keys: half of
//! a row's cost. They cannot go before the commit, so what the keys promise holds all the same.
//!
//! It is done where the role was given the parameter for it, as on our own server. The triggers that tell of a batch
//! fire in any case (`V28`).

use std::collections::BTreeSet;

use bench_model::SessionId;
use tokio_postgres::{Client, GenericClient, Transaction};
use uuid::Uuid;

use super::{Part, from_sql};
use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::error::{Doing, StoreError};

/// A superuser always may, and is not asked for that.
const MAY: &str = "SELECT current_setting('is_superuser') = 'off'
    AND has_parameter_privilege(current_user, 'session_replication_role', 'SET')";
const HAS: &str =
    "SELECT has_parameter_privilege($1::text::name, 'session_replication_role', 'SET')";
const TURN: &str = "SELECT pg_advisory_xact_lock(hashtext('scpi_run.parents'))::text";
const LOCK_SESSION: &str = "SELECT FROM testing.test_sessions WHERE session_id = $1 FOR KEY SHARE";
const LOCK_EQUIPMENT: &str = "SELECT count(*) FROM (
    SELECT FROM scpi.equipment WHERE equipment_id = ANY ($1) ORDER BY equipment_id FOR KEY SHARE
    ) AS known";
const OFF: &str = "SET LOCAL session_replication_role = replica";
const ON: &str = "SET LOCAL session_replication_role = origin";

/// Gives a role of our own server the parameter, so that its recorder writes twice as fast. By a superuser.
///
/// # Errors
///
/// When the database cannot be reached or refuses.
pub async fn let_lock_parents(superuser: &StoreConfig, role: &str) -> Result<(), StoreError> {
    let mut connection = Connection::open(superuser).await?;
    grant(&mut connection, role).await.doing(superuser.place(), "give the recorder its parameter")
}

/// One at a time: two who do it at once hinder each other.
async fn grant(client: &mut Client, role: &str) -> Part<()> {
    let transaction = client.transaction().await?;
    transaction.query_one(TURN, &[]).await?;
    if !transaction.query_one(HAS, &[&role]).await?.try_get::<_, bool>(0)? {
        let role = crate::migrate::quoted(role);
        let grant = format!("GRANT SET ON PARAMETER session_replication_role TO {role}");
        transaction.batch_execute(&grant).await?;
    }
    Ok(transaction.commit().await?)
}

/// Whether the role in use was given it.
pub(super) async fn may_lock(client: &impl GenericClient) -> Part<bool> {
    Ok(client.query_one(MAY, &[]).await?.try_get(0)?)
}

/// Locks the parents and switches the foreign keys off, until [`trust_nobody`]; false where a parent is missing: then the
/// keys are to say so.
pub(super) async fn lock(
    transaction: &Transaction<'_>,
    session: SessionId,
    equipment: &BTreeSet<Uuid>,
) -> Part<bool> {
    let wanted: Vec<Uuid> = equipment.iter().copied().collect();
    let is_known = transaction.query_opt(LOCK_SESSION, &[&session.0]).await?.is_some();
    let found: i64 = transaction.query_one(LOCK_EQUIPMENT, &[&wanted]).await?.try_get(0)?;
    let is_whole = is_known && usize::try_from(from_sql(found)) == Ok(wanted.len());
    if is_whole {
        transaction.batch_execute(OFF).await?;
    }
    Ok(is_whole)
}

/// Switches the foreign keys on again.
pub(super) async fn trust_nobody(transaction: &Transaction<'_>) -> Part<()> {
    Ok(transaction.batch_execute(ON).await?)
}
