//! Which schema a database has.

use std::fmt;

use tokio_postgres::error::SqlState;
use tokio_postgres::{GenericClient, Row};

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::embedded;
use crate::error::{Cause, Doing, StoreError};

/// The schema of a database, against the one that this version works with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaState {
    /// The right one.
    Current {
        /// Its version.
        version: u32,
    },
    /// An older one.
    Behind {
        /// Its version.
        version: u32,
        /// The version that is wanted.
        wanted: u32,
    },
    /// A newer program was here.
    Newer {
        /// Its version.
        version: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// A migration that was applied is not the one that this program holds.
    Edited {
        /// Which.
        migration: String,
    },
    /// None.
    Absent,
}

impl fmt::Display for SchemaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current { version } => write!(f, "its schema has version {version}"),
            Self::Behind { version, wanted } => write!(
                f,
                "its schema has version {version}, and {wanted} is wanted: `scpi-run db migrate` brings it there"
            ),
            Self::Newer { version, known } => write!(
                f,
                "its schema has version {version}, made by a newer scpi-run; this one knows {known}: use the newer"
            ),
            Self::Edited { migration } => write!(
                f,
                "migration {migration} was applied in another form than this scpi-run holds: use the scpi-run \
                 that made the database, or another database"
            ),
            Self::Absent => write!(f, "it has no schema of ours: `scpi-run db migrate` makes it"),
        }
    }
}

impl SchemaState {
    /// Nothing but the right one will do.
    pub(crate) fn require_current(self, place: &str) -> Result<(), StoreError> {
        match self {
            Self::Current { .. } => Ok(()),
            other => Err(StoreError::new(place, "use it", Cause::Schema(other))),
        }
    }
}

/// Looks which schema a database has; one that is not there has none.
///
/// # Errors
///
/// When the server cannot be asked.
pub async fn schema_state(config: &StoreConfig) -> Result<SchemaState, StoreError> {
    match Connection::open(config).await {
        Ok(mut connection) => {
            let asked = ask_state(&mut connection).await;
            asked.doing(config.place(), "read its schema's version")
        }
        Err(error) if error.is(&SqlState::UNDEFINED_DATABASE) => Ok(SchemaState::Absent),
        Err(error) => Err(error),
    }
}

/// The same, on an open connection.
pub(crate) async fn ask_state(
    connection: &mut Connection,
) -> Result<SchemaState, tokio_postgres::Error> {
    let watch = connection.watch();
    watch.over(async { state_of(&connection.reading().await?).await }).await
}

/// The same, within what is asked besides.
pub(crate) async fn state_of(
    client: &impl GenericClient,
) -> Result<SchemaState, tokio_postgres::Error> {
    let there =
        client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&embedded::HISTORY]).await?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(SchemaState::Absent);
    }
    let query =
        format!("SELECT version, name, checksum FROM {} ORDER BY version", embedded::HISTORY);
    let rows = client.query(&query, &[]).await?;
    let applied: Result<Vec<_>, _> = rows.iter().map(Applied::of).collect();
    Ok(compare(&applied?))
}

/// A migration as the database remembers it.
struct Applied {
    version: i32,
    name: Option<String>,
    checksum: Option<String>,
}

impl Applied {
    fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self { version: row.try_get(0)?, name: row.try_get(1)?, checksum: row.try_get(2)? })
    }

    fn is(&self, migration: &refinery::Migration) -> bool {
        self.name.as_deref() == Some(migration.name())
            && self.checksum.as_deref() == Some(&migration.checksum().to_string())
    }
}

fn compare(applied: &[Applied]) -> SchemaState {
    let (ours, known) = (embedded::migrations(), embedded::version());
    let Some(last) = applied.last() else { return SchemaState::Absent };
    let version = u32::try_from(last.version).unwrap_or_default();
    for entry in applied {
        match ours.iter().find(|migration| migration.version() == entry.version) {
            None => return SchemaState::Newer { version, known },
            Some(migration) if !entry.is(migration) => {
                return SchemaState::Edited { migration: migration.to_string() };
            }
            Some(_) => {}
        }
    }
    if applied.len() == ours.len() {
        SchemaState::Current { version }
    } else {
        SchemaState::Behind { version, wanted: known }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(up_to: usize) -> Vec<Applied> {
        let entry = |migration: &refinery::Migration| Applied {
            version: migration.version(),
            name: Some(migration.name().to_owned()),
            checksum: Some(migration.checksum().to_string()),
        };
        embedded::migrations().iter().take(up_to).map(entry).collect()
    }

    #[test]
    fn every_state_is_told_from_the_others() {
        let known = embedded::version();
        assert_eq!(compare(&[]), SchemaState::Absent);
        assert_eq!(compare(&applied(3)), SchemaState::Behind { version: 3, wanted: known });
        assert_eq!(compare(&applied(usize::MAX)), SchemaState::Current { version: known });

        let mut edited = applied(3);
        edited[1].checksum = Some("7".into());
        let migration = embedded::migrations()[1].to_string();
        assert_eq!(compare(&edited), SchemaState::Edited { migration });

        let mut newer = applied(usize::MAX);
        newer.push(Applied { version: 99, name: None, checksum: None });
        assert_eq!(compare(&newer), SchemaState::Newer { version: 99, known });
    }
}
