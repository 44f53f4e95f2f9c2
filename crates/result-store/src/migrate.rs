//! Brings a database to the schema of this version.

use refinery::error::Kind;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::embedded;
use crate::error::{Cause, Doing, StoreError, described};
use crate::schema::{SchemaState, state_of};

/// The database that every server has, from which others are made.
pub(crate) const MAINTENANCE_DATABASE: &str = "postgres";
/// The oldest server that has all that the migrations use, as it numbers itself.
const OLDEST_SERVER: i32 = 150_000;
/// Times that the roles are tried: they belong to the whole server, and another migrate may be at them.
const ROLE_ATTEMPTS: u32 = 3;
/// Holds other migrations of this database off. An open transaction, so that a pooler cannot part it from its
/// lock.
const LOCK: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '60s'; \
    SELECT pg_advisory_xact_lock(hashtext('scpi_run.migrate'))";

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The migrations that were missing, in order.
    pub applied: Vec<String>,
    /// The version now.
    pub version: u32,
    /// What an operator should know: roles that could not be made.
    pub notes: Vec<String>,
}

/// Brings a database to the schema of this version; one that has it already is left as it is. Two at once wait
/// for each other. Each migration is a transaction of its own.
///
/// # Errors
///
/// When the database cannot be reached, its schema is newer than this program or was edited, or a
/// migration fails; those before it stay.
pub async fn migrate(config: &StoreConfig) -> Result<Migrated, StoreError> {
    if config.makes_database() {
        make_database(config).await?;
    }
    let _lock = lock(config).await?;
    let connection = Connection::open(config).await?;
    require_recent(&connection, config).await?;
    let state = state_of(&*connection).await.doing(config.place(), "read its schema's version")?;
    match state {
        SchemaState::Newer { .. } | SchemaState::Edited { .. } => {
            state.require_current(config.place())?
        }
        SchemaState::Current { .. } if !is_owner(&connection, config).await? => {
            return Ok(Migrated {
                applied: Vec::new(),
                version: embedded::version(),
                notes: Vec::new(),
            });
        }
        _ => {}
    }
    let notes = make_roles(&connection, config).await?.into_iter().collect();
    let owner = owner(&connection).await.doing(config.place(), "find its owner")?;
    let mut connection = Connection::open(&config.as_role(&owner)).await?;
    let applied = apply(&mut connection, config, embedded::runner()).await?;
    finish(&connection).await.doing(config.place(), "grant rights and make partitions")?;
    Ok(Migrated { applied, version: embedded::version(), notes })
}

async fn require_recent(client: &Client, config: &StoreConfig) -> Result<(), StoreError> {
    let query =
        "SELECT current_setting('server_version_num')::integer, current_setting('server_version')";
    let row = client.query_one(query, &[]).await;
    let version = row.and_then(|row| Ok((row.try_get::<_, i32>(0)?, row.try_get(1)?)));
    match version.doing(config.place(), "ask the server's version")? {
        (number, found) if number < OLDEST_SERVER => {
            Err(StoreError::new(config.place(), "migrate", Cause::OldServer { found }))
        }
        _ => Ok(()),
    }
}

/// Makes the database where it is missing.
pub(crate) async fn make_database(config: &StoreConfig) -> Result<(), StoreError> {
    match Connection::open(config).await {
        Ok(_) => return Ok(()),
        Err(error) if error.is(&SqlState::UNDEFINED_DATABASE) => {}
        Err(error) => return Err(error),
    }
    let server = config.in_database(MAINTENANCE_DATABASE);
    let connection = Connection::open(&server).await?;
    let name = quoted(config.database());
    let statement = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
    let made =
        connection.batch_execute(&statement).await.doing(config.place(), "make the database");
    match made {
        // Another one was faster.
        Err(error)
            if error.is(&SqlState::DUPLICATE_DATABASE) || error.is(&SqlState::UNIQUE_VIOLATION) =>
        {
            Ok(())
        }
        made => made,
    }
}

/// An identifier as SQL takes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn lock(config: &StoreConfig) -> Result<Connection, StoreError> {
    let connection = Connection::open(config).await?;
    let locked = connection.batch_execute(LOCK).await;
    locked.doing(config.place(), "wait for another migration")?;
    Ok(connection)
}

/// Whether the user may act as the owner of what is there.
async fn is_owner(client: &Client, config: &StoreConfig) -> Result<bool, StoreError> {
    let query =
        "SELECT pg_has_role(nspowner, 'MEMBER') FROM pg_namespace WHERE nspname = 'infrastructure'";
    let row = client.query_opt(query, &[]).await.doing(config.place(), "find its owner")?;
    match row {
        Some(row) => row.try_get(0).doing(config.place(), "find its owner"),
        None => Ok(true),
    }
}

/// Makes the roles that are missing, and lets them into the database.
pub(crate) async fn make_roles_for(config: &StoreConfig) -> Result<Option<String>, StoreError> {
    let connection = Connection::open(config).await?;
    make_roles(&connection, config).await
}

/// Makes the roles; what an operator must know where this user may not.
async fn make_roles(client: &Client, config: &StoreConfig) -> Result<Option<String>, StoreError> {
    let mut attempts = 1;
    loop {
        let made =
            client.batch_execute(embedded::ROLES).await.doing(config.place(), "make the roles");
        match made {
            Ok(()) => return Ok(None),
            Err(error) if error.is(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                return Ok(Some(format!(
                    "{error}; everything belongs to this user, and only it has rights: have an administrator \
                     run migrations/roles.sql and migrate again"
                )));
            }
            // "tuple concurrently updated" has no code of its own.
            Err(error) if error.is(&SqlState::INTERNAL_ERROR) && attempts < ROLE_ATTEMPTS => {
                attempts += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whose the objects are, or will be: the owner role where it can be used, else this user.
async fn owner(client: &Client) -> Result<String, tokio_postgres::Error> {
    let query = "
        SELECT coalesce(
            (SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = 'infrastructure'),
            (SELECT rolname::text FROM pg_roles WHERE rolname = 'homelab_owner'
             AND pg_has_role(oid, 'MEMBER')
             AND has_database_privilege(oid, current_database(), 'CREATE')
             AND has_schema_privilege(oid, 'public', 'CREATE')),
            current_user::text
        )";
    client.query_one(query, &[]).await?.try_get(0)
}

/// As an older version of this program left a database: with the migrations up to one, its months and rights not yet
/// made.
#[cfg(feature = "testing")]
pub(crate) async fn migrate_to(config: &StoreConfig, version: u32) -> Result<(), StoreError> {
    let connection = Connection::open(config).await?;
    make_roles(&connection, config).await?;
    let owner = owner(&connection).await.doing(config.place(), "find its owner")?;
    let mut connection = Connection::open(&config.as_role(&owner)).await?;
    let version = i32::try_from(version).unwrap_or(i32::MAX);
    let runner = embedded::runner().set_target(refinery::Target::Version(version));
    apply(&mut connection, config, runner).await.map(|_| ())
}

async fn apply(
    connection: &mut Connection,
    config: &StoreConfig,
    runner: refinery::Runner,
) -> Result<Vec<String>, StoreError> {
    let prepared = connection.batch_execute("CREATE SCHEMA IF NOT EXISTS scpi_run").await;
    prepared.doing(config.place(), "make the schema scpi_run")?;
    let report = runner.run_async(&mut **connection).await;
    let report = report.map_err(failed).doing(config.place(), "migrate")?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

/// The library says which migration in the middle of a sentence.
fn failed(error: refinery::Error) -> Cause {
    match error.kind() {
        Kind::Connection(what, cause) => Cause::Migration {
            migration: what.trim_start_matches("error applying migration ").to_owned(),
            why: match cause.downcast_ref::<tokio_postgres::Error>() {
                Some(error) => described(error),
                None => cause.to_string(),
            },
        },
        other => {
            Cause::Migration { migration: "the set of migrations".into(), why: other.to_string() }
        }
    }
}

/// Rights, where there are roles to give them to, and the months that are needed now.
async fn finish(client: &Client) -> Result<(), tokio_postgres::Error> {
    let query = "SELECT count(*) = 3 FROM pg_roles
        WHERE rolname IN ('homelab_app', 'homelab_readonly', 'homelab_admin')";
    if client.query_one(query, &[]).await?.try_get(0)? {
        client.batch_execute(embedded::GRANTS).await?;
    }
    client.batch_execute("SELECT public.create_next_month_partitions()").await
}
