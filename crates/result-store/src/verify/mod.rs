//! What a database is, against what the migrations give.

mod catalogue;
mod data;
mod months;

use std::fmt;

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::error::{Doing, StoreError};
use crate::schema::state_of;

#[cfg(feature = "testing")]
pub(crate) use catalogue::{read as read_catalogue, text as catalogue_text};

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What it is about: `index scpi.idx_measurements_type`.
    pub object: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// It is not there.
    Missing,
    /// No migration gives it.
    Foreign,
    /// It is another one.
    Different {
        /// As it is.
        found: String,
        /// As it should be.
        wanted: String,
    },
    /// Rows lie where none should.
    Rows {
        /// How many; no more than a bound are counted.
        at_least: u64,
        /// What would be right.
        advice: &'static str,
    },
}

/// `index scpi.idx_measurements_type is missing`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, fault } = self;
        match fault {
            Fault::Missing => write!(f, "{object} is missing"),
            Fault::Foreign => write!(f, "{object} is not from the migrations"),
            Fault::Different { found, wanted } => {
                write!(f, "{object} is '{found}' and should be '{wanted}'")
            }
            Fault::Rows { at_least, advice } => {
                write!(f, "{object} holds rows, {at_least} or more: {advice}")
            }
        }
    }
}

/// Compares a database of this version with what the migrations, the roles and the grants give, months
/// included; nothing is changed. Empty where all is well.
///
/// # Errors
///
/// When the database cannot be asked, or has another version.
pub async fn verify(config: &StoreConfig) -> Result<Vec<Finding>, StoreError> {
    let mut connection = Connection::open(config).await?;
    let state = state_of(&*connection).await.doing(config.place(), "read its schema's version")?;
    state.require_current(config.place())?;
    let found = async {
        let transaction = connection.build_transaction().read_only(true).start().await?;
        // The server then writes every name with its schema, and every moment in UTC.
        transaction
            .batch_execute("SET LOCAL search_path = pg_catalog; SET LOCAL TimeZone = 'UTC'")
            .await?;
        let mut findings = catalogue::compare(&catalogue::read(&transaction).await?);
        findings.extend(months::check(&transaction).await?);
        if findings.is_empty() {
            // Without the tables there is nothing to count in them.
            findings.extend(data::check(&transaction).await?);
        }
        Ok::<_, tokio_postgres::Error>(findings)
    };
    found.await.doing(config.place(), "compare it with the migrations")
}
