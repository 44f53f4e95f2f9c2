//! Which database, and the thread that records into it while a run goes on: the run never waits for it.

use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

use private_postgres::{ClusterConfig, DATABASE, Notice, RUN_ROLE, SUPERUSER, Server};
use result_store::{SchemaState, Store, StoreConfig, StoreError};
use run_journal::Position;
use tokio::sync::watch;

use crate::args::DatabaseArguments;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;
use crate::{connection, environment};

/// Which database was asked for.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// The journal alone.
    None,
    /// A server of somebody's.
    Given { url: String, config: Box<StoreConfig>, allow_superuser: bool },
    /// Our own server.
    Own(ClusterConfig),
}

/// A database that answers, and our own server behind it, if it is ours.
pub(crate) struct OpenDatabase {
    pub(crate) config: StoreConfig,
    pub(crate) url: String,
    pub(crate) notices: Vec<String>,
    allow_superuser: bool,
    server: Option<Server>,
}

/// Reads which database is asked for: `--db`, `DATABASE_URL`, `PGSERVICE`, else our own.
pub(crate) fn choose(arguments: &DatabaseArguments) -> Result<Database> {
    match arguments.db.as_deref() {
        Some("none") => Ok(Database::None),
        Some(url) if !url.trim().is_empty() => given(url, arguments.allow_superuser),
        // As libpq has it, a service alone names a server too.
        _ if connection::is_named() => given("postgresql://", arguments.allow_superuser),
        _ => Ok(Database::Own(environment::cluster_config(arguments.no_fetch)?)),
    }
}

fn given(url: &str, allow_superuser: bool) -> Result<Database> {
    let config = Box::new(connection::resolve(url)?);
    Ok(Database::Given { url: url.to_owned(), config, allow_superuser })
}

/// For commands that are of no use without a database.
pub(crate) fn choose_some(arguments: &DatabaseArguments) -> Result<Database> {
    match choose(arguments)? {
        Database::None => Err(Failure::usage("--db none: this command is about a database")),
        database => Ok(database),
    }
}

impl Database {
    /// Makes it answer: our own server is started and its schema brought up to this version; somebody else's is
    /// taken as it is. None for the journal alone. It blocks.
    pub(crate) fn open(&self) -> Result<Option<OpenDatabase>> {
        match self {
            Self::None => Ok(None),
            Self::Given { url, config, allow_superuser } => Ok(Some(OpenDatabase {
                config: config.as_ref().clone(),
                url: url.clone(),
                allow_superuser: *allow_superuser,
                notices: Vec::new(),
                server: None,
            })),
            Self::Own(cluster) => open_own(cluster).map(Some),
        }
    }
}

fn open_own(cluster: &ClusterConfig) -> Result<OpenDatabase> {
    let opened = private_postgres::open(cluster).map_err(Failure::store)?;
    let url = opened.server.url(RUN_ROLE, DATABASE);
    let owner = opened.server.url(SUPERUSER, DATABASE);
    let config = StoreConfig::from_url(&url).map_err(Failure::store)?;
    let owner = StoreConfig::from_url(&owner).map_err(Failure::store)?.create_database(true);
    block_on(async { bring_up(&config, &owner).await.map_err(Failure::store) })?;
    let notices = worth_telling(&opened.notices);
    let server = Some(opened.server);
    Ok(OpenDatabase { config, url, allow_superuser: false, notices, server })
}

/// That the cluster lies elsewhere is told when it is made, not at every run.
fn worth_telling(notices: &[Notice]) -> Vec<String> {
    let is_new = notices.iter().any(|notice| !matches!(notice, Notice::FolderMoved { .. }));
    let told = notices.iter().filter(|_| is_new);
    told.map(ToString::to_string).collect()
}

/// Our own server is ours to migrate. Its owner is asked only when something is to be done.
async fn bring_up(
    config: &StoreConfig,
    owner: &StoreConfig,
) -> std::result::Result<(), StoreError> {
    if let Ok(SchemaState::Current { .. }) = result_store::schema_state(config).await {
        return Ok(());
    }
    result_store::migrate(owner).await?;
    result_store::let_lock_parents(owner, RUN_ROLE).await
}

impl OpenDatabase {
    /// A connection.
    pub(crate) async fn connect(&self) -> std::result::Result<Store, StoreError> {
        Store::connect(&self.config).await
    }

    /// A connection to record by. A run needs no superuser, whose mistakes know no bounds.
    pub(crate) async fn connect_to_record(&self) -> std::result::Result<Store, StoreError> {
        let mut store = self.connect().await?;
        if !self.allow_superuser {
            store.refuse_superuser().await?;
        }
        Ok(store)
    }

    /// The same database as a role that may more, on our own server; somebody else's is asked as its URL says.
    pub(crate) fn config_as(&self, role: &str) -> Result<StoreConfig> {
        match &self.server {
            Some(server) => {
                StoreConfig::from_url(&server.url(role, DATABASE)).map_err(Failure::store)
            }
            None => Ok(self.config.clone()),
        }
    }

    /// Says what a person should know of how it was opened.
    pub(crate) fn tell_notices(&self) {
        for notice in &self.notices {
            say!("scpi-run: {notice}");
        }
    }

    /// We are done with it. Our own server goes on if it ran before or somebody uses it.
    pub(crate) fn close(self) -> Result<()> {
        self.server.map_or(Ok(()), |server| server.release().map(|_| ()).map_err(Failure::store))
    }

    /// We are done with it, and our own server goes on.
    pub(crate) fn leave_running(self) -> Result<()> {
        self.server.map_or(Ok(()), |server| server.keep_running().map_err(Failure::store))
    }

    /// `psql`, connected to it.
    pub(crate) fn psql(&self) -> Result<Command> {
        match &self.server {
            Some(server) => server.psql(RUN_ROLE, DATABASE).map_err(Failure::store),
            None => {
                let mut command = Command::new("psql");
                // Not the URL: a password in an argument is everybody's to read.
                command.envs(self.config.libpq_variables());
                Ok(command)
            }
        }
    }
}

/// What the recorder came to.
pub(crate) struct Recorded {
    /// Where the rows are. Our own server goes on while this is held.
    pub(crate) open: OpenDatabase,
}

/// The database of one session held for the next ones, so that our own server is not started for each.
#[derive(Default)]
pub(crate) struct HeldDatabase {
    open: Option<OpenDatabase>,
}

impl HeldDatabase {
    /// Holds the first; the others are of no further use.
    pub(crate) fn hold(&mut self, open: OpenDatabase) -> Result<()> {
        if self.open.is_some() {
            return open.close();
        }
        self.open = Some(open);
        Ok(())
    }

    /// We are done with it.
    pub(crate) fn close(self) -> Result<()> {
        self.open.map_or(Ok(()), OpenDatabase::close)
    }
}

/// The thread that opens the database and follows the journal of a run into it.
pub(crate) struct Recorder {
    worker: JoinHandle<Result<Option<Recorded>>>,
}

impl Recorder {
    /// Starts it.
    pub(crate) fn spawn(
        database: Database,
        journal: PathBuf,
        synced: watch::Receiver<Position>,
    ) -> Result<Self> {
        let worker = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || record(&database, journal, synced));
        let worker = worker
            .map_err(|error| Failure::internal(format!("no thread for the recorder: {error}")))?;
        Ok(Self { worker })
    }

    /// Waits until everything is in the database, or cannot be.
    pub(crate) fn join(self) -> Result<Option<Recorded>> {
        self.worker.join().unwrap_or_else(|_| Err(Failure::internal("the recorder panicked")))
    }
}

fn record(
    database: &Database,
    journal: PathBuf,
    synced: watch::Receiver<Position>,
) -> Result<Option<Recorded>> {
    let Some(mut open) = database.open()? else { return Ok(None) };
    let followed = block_on(async {
        let mut store = open.connect_to_record().await.map_err(Failure::store)?;
        store.follow(&journal, synced).await.map_err(Failure::store)
    });
    match followed {
        Ok(done) => {
            if done.rejected > 0 {
                let advice = "`scpi-run sync --show-rejected` says why";
                let told = format!("{} events could not be stored; {advice}", done.rejected);
                open.notices.push(told);
            }
            Ok(Some(Recorded { open }))
        }
        Err(failure) => {
            open.close()?;
            Err(failure)
        }
    }
}
