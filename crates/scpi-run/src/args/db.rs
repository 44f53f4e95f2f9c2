//! What is done with the database.

use std::path::PathBuf;

use bench_model::Timestamp;
use clap::{Args, Subcommand, ValueEnum};

use super::DatabaseArguments;
use super::values::day;

#[derive(Debug, Subcommand)]
pub(crate) enum DbAction {
    /// Print the database's URL for psql and the like; starts our own server where it does not run
    Url(DatabaseArguments),
    /// Say where the database is, how full it is, and what is still to be sent to it
    Status(DatabaseArguments),
    /// Start our own server and leave it running
    Start(DatabaseArguments),
    /// Stop our own server, unless somebody uses it or is connected
    Stop {
        /// End the sessions of whoever is connected, such as psql
        #[arg(long)]
        force: bool,
    },
    /// Open the database in psql
    Psql {
        #[command(flatten)]
        database: DatabaseArguments,
        /// Given to psql as they are
        #[arg(last = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Bring the database's schema up to this version of scpi-run
    Migrate {
        /// Make our own server's cluster anew with the newest PostgreSQL that is found, and keep the old one
        #[arg(long)]
        new_cluster: bool,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Compare the database with what the migrations give; exits with 40 when anything differs
    Verify(DatabaseArguments),
    /// List the months of the time series
    Partitions {
        /// First make this month and N after it
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=120))]
        ahead: Option<u32>,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Vacuum and analyse, refresh the summary by day, and put old journals away; for a timer
    Maintain {
        /// First drop the codes of waveforms that were captured before this day: 2026-01-01, in UTC
        #[arg(long, value_name = "DATE", value_parser = day)]
        drop_waveforms_before: Option<Timestamp>,
        #[command(flatten)]
        journals: RetentionArguments,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Answer a question that is asked often
    Report(ReportArguments),
    /// What there is in the lab, from a TOML file and into one
    Inventory {
        #[command(subcommand)]
        action: InventoryAction,
    },
    /// Dump the database into a file, and restore that into a scratch database to see that it is whole
    Backup {
        /// The file; one that is there is left as it is
        file: PathBuf,
        /// Only this month of the time series: 2026-03
        #[arg(long, value_name = "MONTH")]
        month: Option<result_store::Month>,
        /// Do not try whether it can be restored
        #[arg(long)]
        no_verify: bool,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Restore a dump into a database that is empty or missing
    Restore {
        /// The file
        file: PathBuf,
        /// It holds only this month of the time series, which must be empty: 2026-03
        #[arg(long, value_name = "MONTH")]
        month: Option<result_store::Month>,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Move everything from our own server to another one, see that it is the same there, and make that the default
    Move {
        /// The other server's database, empty or missing; or one with our schema, which gets what the journals have
        #[arg(value_name = "URL")]
        url: String,
        /// Never fetch PostgreSQL's server programs where there are none
        #[arg(long)]
        no_fetch: bool,
    },
    /// Take months of the time series out into Parquet files, and put them back; without either, list the files
    Archive(ArchiveArguments),
    /// Import the lab's old SQLite database: devices, services and history; what was imported before is not again
    ImportLegacy(LegacyArguments),
    /// Who may connect, and as what
    Roles {
        #[command(subcommand)]
        action: RolesAction,
    },
}

// What becomes of old journals of this machine.
#[derive(Debug, Args)]
pub(crate) struct RetentionArguments {
    /// Compress journals that were last written so many days ago, once this database has all that is in them
    #[arg(long, value_name = "DAYS")]
    pub(crate) compress_journals_after: Option<u32>,
    /// Remove compressed journals that are so many days old, once this database has their runs
    #[arg(long, value_name = "DAYS")]
    pub(crate) remove_journals_after: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct ArchiveArguments {
    /// Archive every month before this one, which is over: 2026-01. Each file is read back and compared first
    #[arg(long, value_name = "MONTH", conflicts_with = "restore")]
    pub(crate) before: Option<result_store::Month>,
    /// Put the rows of this month back
    #[arg(long, value_name = "MONTH")]
    pub(crate) restore: Option<result_store::Month>,
    /// The folder of the files; without it, `archive` beside the journals
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Args)]
pub(crate) struct LegacyArguments {
    /// The old database
    pub(crate) file: PathBuf,
    /// Leave history before this day where it is: 2026-01-01, in UTC
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) since: Option<Timestamp>,
    /// Say what would be imported and what skipped, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Which
    #[arg(value_enum)]
    pub(crate) name: ReportWord,
    /// Of so many days until now; without it, 7, and of tests 30
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: Option<u32>,
    /// As a list of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
    /// As comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportWord {
    /// How many devices there are of each type and status
    Infrastructure,
    /// How long each instrument was online, and how often it came and went
    EquipmentUptime,
    /// How many tests passed, for each type of session
    TestSuccess,
    /// How fast language models answered, and how often they failed
    ModelPerformance,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InventoryAction {
    /// Make what is missing and change what differs; what the file does not name stays
    Import {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Write what there is
    Export {
        /// The file; one that is there is left as it is; - for standard output
        file: PathBuf,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RolesAction {
    /// List who may connect
    List(DatabaseArguments),
    /// Make a login, or change its rights and password; the password is asked for, or comes from standard input
    Login {
        /// Its name
        name: String,
        /// What it may do
        #[arg(long, value_enum)]
        rights: RightsWord,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RightsWord {
    /// Write results and inventory; no secrets
    App,
    /// Read all but secrets
    Readonly,
    /// Everything of the schema, secrets too
    Admin,
}
