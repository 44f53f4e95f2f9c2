//! A fresh database for a test: on the server that all tests share, copied from a template that is migrated once,
//! dropped with its value.
//!
//! ```no_run
//! use private_postgres::RUN_ROLE;
//! use result_store::{Store, testing::TestDatabase};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let database = TestDatabase::new()?;
//! let store = Store::connect(&database.config(RUN_ROLE)?).await?;
//! # Ok(())
//! # }
//! ```

use postgres_types::ToSql as _;
use private_postgres::testing::TestServer;
use private_postgres::{RUN_ROLE, SUPERUSER};
use uuid::Uuid;

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::embedded;
use crate::error::{Doing, StoreError};
use crate::migrate::{migrate, migrate_to, quoted};
use crate::verify;

/// Writes a decimal as NUMERIC; false beyond its bounds. For the bench of its speed.
#[doc(hidden)]
pub fn encode_numeric(decimal: &bench_model::Decimal, out: &mut bytes::BytesMut) -> bool {
    let numeric = crate::numeric::Numeric::of_decimal(decimal);
    numeric.is_some_and(|it| it.to_sql(&postgres_types::Type::NUMERIC, out).is_ok())
}

/// The database of the server from which others are made and dropped.
const MAINTENANCE: &str = "postgres";

/// Whatever went wrong; a test fails with it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A database of a test's own.
#[derive(Debug)]
pub struct TestDatabase {
    server: TestServer,
    name: String,
}

impl TestDatabase {
    /// One with the schema of this version.
    ///
    /// # Errors
    ///
    /// When there is no server, or the migrations fail.
    pub fn new() -> Result<Self, Error> {
        let made = Self::named(TestServer::shared()?);
        let template = format!("scpi_template_{}", embedded::fingerprint());
        let turn = made.server.lock("template")?;
        let (server, database) = (made.config_in(MAINTENANCE)?, made.config_in(&template)?);
        waited(make_template(&server, &database, &template))?;
        drop(turn);
        let statement =
            format!("CREATE DATABASE {} TEMPLATE {}", quoted(&made.name), quoted(&template));
        waited(execute(&server, &statement))?;
        // What may be done with the database itself is not copied.
        waited(execute(&made.config(SUPERUSER)?, embedded::ROLES))?;
        Ok(made)
    }

    /// A name on the server without a database; [`migrate`](crate::migrate) may make it.
    ///
    /// # Errors
    ///
    /// When there is no server.
    pub fn missing() -> Result<Self, Error> {
        Ok(Self::named(TestServer::shared()?))
    }

    /// One with nothing in it.
    ///
    /// # Errors
    ///
    /// When there is no server.
    pub fn empty() -> Result<Self, Error> {
        let made = Self::missing()?;
        let statement = format!("CREATE DATABASE {}", quoted(&made.name));
        waited(execute(&made.config_in(MAINTENANCE)?, &statement))?;
        Ok(made)
    }

    /// One with the schema of an older version.
    ///
    /// # Errors
    ///
    /// When there is no server, or the migrations fail.
    pub fn at_version(version: u32) -> Result<Self, Error> {
        let made = Self::empty()?;
        waited(migrate_to(&made.config(SUPERUSER)?, version))?;
        Ok(made)
    }

    fn named(server: TestServer) -> Self {
        Self { server, name: format!("test_{}", Uuid::new_v4().simple()) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server that it is on.
    #[must_use]
    pub fn server(&self) -> &TestServer {
        &self.server
    }

    /// Its URL for a role: `homelab_app`, `postgres`.
    #[must_use]
    pub fn url(&self, role: &str) -> String {
        self.server.url(role, &self.name)
    }

    /// The URL of a run.
    #[must_use]
    pub fn run_url(&self) -> String {
        self.url(RUN_ROLE)
    }

    /// The same as what a store takes.
    ///
    /// # Errors
    ///
    /// When the URL cannot be read.
    pub fn config(&self, role: &str) -> Result<StoreConfig, StoreError> {
        StoreConfig::from_url(&self.url(role))
    }

    /// What `fixtures/schema/catalogue.txt` is to hold: every object of this database, its months left out.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    pub fn catalogue(&self) -> Result<String, Error> {
        let config = self.config(SUPERUSER)?;
        waited(async {
            let mut connection = Connection::open(&config).await?;
            let read = async {
                let transaction = connection.transaction().await?;
                transaction.batch_execute("SET LOCAL search_path = pg_catalog").await?;
                verify::read_catalogue(&transaction).await
            };
            let catalogue = read.await.doing(config.place(), "read its catalogue")?;
            Ok(verify::catalogue_text(&catalogue))
        })
    }

    fn config_in(&self, database: &str) -> Result<StoreConfig, StoreError> {
        StoreConfig::from_url(&self.server.url(SUPERUSER, database))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // The server goes with the last test, and all that is left on it.
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(&self.name));
        if let Ok(server) = self.config_in(MAINTENANCE) {
            let _ = waited(execute(&server, &statement));
        }
    }
}

async fn make_template(
    server: &StoreConfig,
    database: &StoreConfig,
    name: &str,
) -> Result<(), StoreError> {
    let mut connection = Connection::open(server).await?;
    let query = "SELECT datistemplate FROM pg_database WHERE datname = $1";
    let found = connection.query_opt(query, &[&name]).await;
    let found = found.and_then(|row| row.map(|row| row.try_get::<_, bool>(0)).transpose());
    if found.doing(server.place(), "look for the template")? == Some(true) {
        return Ok(());
    }
    let name = quoted(name);
    execute(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    migrate(&database.clone().create_database(true)).await?;
    // Marked when it is whole.
    execute(server, &format!("ALTER DATABASE {name} IS_TEMPLATE true")).await
}

async fn execute(config: &StoreConfig, statement: &str) -> Result<(), StoreError> {
    let connection = Connection::open(config).await?;
    connection.batch_execute(statement).await.doing(config.place(), "set a test up")
}

/// Waits for the end of something, in a test that may itself be asynchronous or not.
fn waited<T: Send>(work: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Ok(runtime.block_on(work)?)
        });
        waiting.join().map_err(|_| "the thread that set a test up panicked")?
    })
}
