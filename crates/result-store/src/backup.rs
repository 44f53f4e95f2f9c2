//! What a backup needs of the database itself; the dump is PostgreSQL's own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use tokio_postgres::GenericClient;
use tokio_postgres::config::Host;

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::error::{Cause, Doing, StoreError};
use crate::migrate::{MAINTENANCE_DATABASE, migrate, quoted};
use crate::recorder::from_sql;
use crate::verify::{Fault, Finding, verify};

/// The time series.
const FAMILIES: [&str; 5] = [
    "network.health_history",
    "scpi.measurements",
    "virtualization.vm_metrics",
    "ai_ml.model_inference_log",
    "audit.system_events",
];
/// Everything that holds rows, parts not told from their whole.
const TABLES: &str = "SELECT format('%I.%I', nspname, relname) FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname IN (
        'infrastructure', 'credentials', 'network', 'virtualization', 'ai_ml', 'testing', 'scpi', 'audit', 'scpi_run')
    ORDER BY 1";
/// The same rows have the same texts, whoever asks.
const SETTINGS: &str = "SET TimeZone = 'UTC'; SET DateStyle = ISO; SET IntervalStyle = iso_8601;
    SET extra_float_digits = 1; SET bytea_output = hex";

/// How many rows, and a sum over the hashes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Rows.
    pub rows: u64,
    /// The sum, in which their order does not matter.
    pub hash: String,
}

/// Tables and what is in them.
pub type Contents = BTreeMap<String, Content>;

/// A state of the database, which lasts as long as this value: a dump by [`id`](Self::id) holds exactly it.
pub struct Snapshot {
    connection: Connection,
    place: String,
    id: String,
}

impl Snapshot {
    /// Takes one.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or asked.
    pub async fn take(config: &StoreConfig) -> Result<Self, StoreError> {
        let connection = Connection::open(config).await?;
        // It waits in this transaction for as long as the dump takes.
        let begin = format!(
            "{SETTINGS}; SET idle_in_transaction_session_timeout = 0;
             BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        );
        connection.batch_execute(&begin).await.doing(config.place(), "begin a backup")?;
        let row =
            tokio_postgres::Client::query_one(&connection, "SELECT pg_export_snapshot()", &[])
                .await;
        let id = row.and_then(|row| row.try_get(0)).doing(config.place(), "begin a backup")?;
        Ok(Self { connection, place: config.place().to_owned(), id })
    }

    /// For `pg_dump --snapshot`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is in it: of all tables, or of a month of the time series.
    ///
    /// # Errors
    ///
    /// When this role may not read all of it.
    pub async fn contents(&self, month: Option<&Month>) -> Result<Contents, StoreError> {
        contents(&*self.connection, month).await.doing(&self.place, "sum up its rows")
    }
}

/// A month of the time series: `2026-03`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    year: u16,
    month: u8,
}

impl std::str::FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("'{text}' is no month: write it as 2026-03");
        let (year, month) = text.split_once('-').ok_or_else(fault)?;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !is_number(year) || !is_number(month) {
            return Err(fault());
        }
        let (year, month) =
            (year.parse().map_err(|_| fault())?, month.parse().map_err(|_| fault())?);
        if (2000..=9999).contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(fault())
        }
    }
}

impl Month {
    /// Its partitions: `scpi.measurements_2026_03` and the other four.
    #[must_use]
    pub fn partitions(&self) -> Vec<String> {
        let Self { year, month } = self;
        FAMILIES.iter().map(|family| format!("{family}_{year:04}_{month:02}")).collect()
    }

    pub(crate) fn first_day(&self) -> String {
        format!("{self}-01")
    }
}

/// `2026-03`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

async fn contents(
    client: &impl GenericClient,
    month: Option<&Month>,
) -> Result<Contents, tokio_postgres::Error> {
    let tables = match month {
        Some(month) => month.partitions(),
        None => {
            let rows = client.query(TABLES, &[]).await?;
            rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?
        }
    };
    let mut contents = Contents::new();
    for table in tables {
        let query = format!(
            "SELECT count(*), coalesce(sum(hashtextextended(one::text, 0)), 0)::text FROM {table} AS one"
        );
        let row = client.query_one(&query, &[]).await?;
        let content = Content { rows: from_sql(row.try_get(0)?), hash: row.try_get(1)? };
        contents.insert(table, content);
    }
    Ok(contents)
}

/// A database for a while, on the same server: a backup is restored into it.
pub struct Scratch {
    config: StoreConfig,
    server: StoreConfig,
}

impl Scratch {
    /// Makes an empty one.
    ///
    /// # Errors
    ///
    /// When this user may make none.
    pub async fn make(config: &StoreConfig) -> Result<Self, StoreError> {
        let mut random = [0; 8];
        let filled = getrandom::fill(&mut random);
        let filled = filled.map_err(|_| Cause::Unfit("the system gives no random bytes".into()));
        filled.doing(config.place(), "name a database")?;
        let scratch =
            config.in_database(&format!("scpi_run_scratch_{:016x}", u64::from_be_bytes(random)));
        let name = quoted(scratch.database());
        let statement = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        let connection = Connection::open(config).await?;
        connection.batch_execute(&statement).await.doing(config.place(), "make a database")?;
        Ok(Self { config: scratch, server: config.clone() })
    }

    /// Where it is.
    #[must_use]
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// What is in it, and what is wrong with its schema.
    ///
    /// # Errors
    ///
    /// When it cannot be asked, or was not restored whole.
    pub async fn examine(
        &self,
        month: Option<&Month>,
    ) -> Result<(Contents, Vec<Finding>), StoreError> {
        let connection = Connection::open(&self.config).await?;
        connection.batch_execute(SETTINGS).await.doing(self.config.place(), "sum up its rows")?;
        let contents = contents(&*connection, month).await;
        let contents = contents.doing(self.config.place(), "sum up its rows")?;
        // Rights of the database itself are in no dump.
        migrate(&self.config).await?;
        let findings = verify(&self.config).await?.into_iter();
        // What is odd in the rows was so before.
        Ok((contents, findings.filter(|one| !matches!(one.fault, Fault::Rows { .. })).collect()))
    }

    /// Gives it the schema and a month without rows.
    ///
    /// # Errors
    ///
    /// When this user may not.
    pub async fn prepare_month(&self, month: &Month) -> Result<(), StoreError> {
        migrate(&self.config).await?;
        prepare_month(&self.config, month).await
    }

    /// Puts it in the place of a database, which stays under the name that is given back. Nobody may be connected to
    /// either.
    ///
    /// # Errors
    ///
    /// When somebody is, or this user may not; both are as they were then.
    pub async fn take_place_of(&self, config: &StoreConfig) -> Result<String, StoreError> {
        let server = config.in_database(MAINTENANCE_DATABASE);
        let mut connection = Connection::open(&server).await?;
        let moved = async {
            let transaction = connection.transaction().await?;
            let query = "SELECT left($1::text, 40) || to_char(now() AT TIME ZONE 'UTC', '_before_YYYYMMDDHH24MISS')";
            let row = transaction.query_one(query, &[&config.database()]).await?;
            let before: String = row.try_get(0)?;
            for (from, to) in
                [(config.database(), before.as_str()), (self.config.database(), config.database())]
            {
                let rename = format!("ALTER DATABASE {} RENAME TO {}", quoted(from), quoted(to));
                transaction.batch_execute(&rename).await?;
            }
            transaction.commit().await?;
            Ok::<_, tokio_postgres::Error>(before)
        };
        moved.await.doing(config.place(), "put the restored database in its place")
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached.
    pub async fn remove(self) -> Result<(), StoreError> {
        let name = quoted(self.config.database());
        let connection = Connection::open(&self.server).await?;
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        connection.batch_execute(&drop).await.doing(self.server.place(), "remove a database")
    }
}

/// Makes a month of the time series, and sees that nothing is in it.
///
/// # Errors
///
/// When there are rows in it already, or this role may not.
pub async fn prepare_month(config: &StoreConfig, month: &Month) -> Result<(), StoreError> {
    let connection = Connection::open(config).await?;
    let make = "SELECT scpi_run.ensure_partitions($1::text::date, $1::text::date)";
    let made = tokio_postgres::Client::execute(&connection, make, &[&month.first_day()]).await;
    made.doing(config.place(), "make the month")?;
    let contents =
        contents(&*connection, Some(month)).await.doing(config.place(), "read the month")?;
    match contents.into_iter().find(|(_, content)| content.rows > 0) {
        None => Ok(()),
        Some((table, content)) => Err(StoreError::new(
            config.place(),
            "restore the month",
            Cause::Unfit(format!("{table} has {} rows: they would be doubled", content.rows)),
        )),
    }
}

/// Makes the database where it is missing, and sees that nothing of ours is in it.
///
/// # Errors
///
/// When there is something, or this user may not.
pub async fn prepare_restore(config: &StoreConfig) -> Result<(), StoreError> {
    crate::migrate::make_database(config).await?;
    crate::migrate::make_roles_for(config).await?;
    let connection = Connection::open(config).await?;
    let query = "SELECT string_agg(nspname, ', ') FROM pg_namespace WHERE nspname IN (
        'infrastructure', 'credentials', 'network', 'virtualization', 'ai_ml', 'testing', 'scpi', 'audit', 'scpi_run')";
    let row = tokio_postgres::Client::query_one(&connection, query, &[]).await;
    let found = row.and_then(|row| row.try_get::<_, Option<String>>(0));
    match found.doing(config.place(), "look what is in it")? {
        None => Ok(()),
        Some(schemas) => Err(StoreError::new(
            config.place(),
            "restore",
            Cause::Unfit(format!(
                "it has {schemas} already: give a database that is empty or missing"
            )),
        )),
    }
}

impl StoreConfig {
    /// The variables by which PostgreSQL's own programs find it: a password in an argument could be read by
    /// everybody.
    #[must_use]
    pub fn libpq_variables(&self) -> Vec<(&'static str, OsString)> {
        let postgres = self.postgres();
        let mut variables: Vec<(&'static str, OsString)> = Vec::new();
        match postgres.get_hosts().first() {
            Some(Host::Tcp(name)) => variables.push(("PGHOST", name.into())),
            Some(Host::Unix(folder)) => variables.push(("PGHOST", folder.into())),
            None => {}
        }
        let port = postgres.get_ports().first().copied().unwrap_or(5432);
        variables.push(("PGPORT", port.to_string().into()));
        variables.push(("PGDATABASE", self.database().into()));
        if let Some(user) = postgres.get_user() {
            variables.push(("PGUSER", user.into()));
        }
        if let Some(options) = postgres.get_options() {
            variables.push(("PGOPTIONS", options.into()));
        }
        if let Some(Ok(password)) = postgres.get_password().map(std::str::from_utf8) {
            variables.push(("PGPASSWORD", password.into()));
        }
        let names = ["PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLMODE"];
        for (name, value) in names.into_iter().zip(self.certificates()) {
            variables.extend(value.as_ref().map(|value| (name, value.into())));
        }
        variables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_written_in_one_way() {
        let month: Month = "2026-03".parse().unwrap();
        assert_eq!(month.partitions()[1], "scpi.measurements_2026_03");
        for wrong in
            ["2026-3", "2026-13", "2026-00", "1999-01", "26-03", "2026-03-01", "+026-03", ""]
        {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_password_is_in_a_variable() {
        let config = StoreConfig::from_url("postgresql://ann:s3cret@db.lab:5433/lab").unwrap();
        let variables = config.libpq_variables();
        for expected in [
            ("PGHOST", "db.lab"),
            ("PGPORT", "5433"),
            ("PGDATABASE", "lab"),
            ("PGPASSWORD", "s3cret"),
        ] {
            let expected = (expected.0, OsString::from(expected.1));
            assert!(variables.contains(&expected), "{expected:?}");
        }
    }
}
