//! The command line. Names and codes are fixed: scripts depend on them.

use std::path::PathBuf;

use bench_model::{Timestamp, Trigger, Verdict};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use result_store::HistoryOutcome;

use crate::settings::Settings;

/// What stands below the options.
const AFTER_HELP: &str = "\
Examples:
  scpi-run testplans/quickstart.toml --sim               run a plan on its simulated bench
  scpi-run plan.toml --bench lab.toml --dut CHG05-000001 run it on instruments, on this DUT
  scpi-run plan.toml --sim --junit out.xml --html out.html --db none      in CI
  scpi-run history --verdict fail --since 7d             what failed this week
  scpi-run report latest --html report.html              a report of the newest run

Every option may also come from the environment, as SCPI_RUN_ and its name in capitals
(SCPI_RUN_BENCH, SCPI_RUN_NO_FETCH=1; several values, one a line), and bench, database, operator,
report, letterhead, laboratory, authorised_by and key_file from ~/.config/scpi-run/config.toml.
The command line stands above the environment, the environment above the file.

Exit codes: 0 pass, 1 internal fault, 2 usage, 10 fail, 11 inconclusive, 20 plan invalid,
30 instrument error, 40 store error, 50 aborted, 51 not every output confirmed off.";

/// Runs TOML test plans against SCPI instruments, judges every reading and records all of it.
#[derive(Debug, Parser)]
#[command(name = "scpi-run", version, args_conflicts_with_subcommands = true)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show all faults of plans, each with its place in the file; touches no instrument
    Check(PlanArguments),
    /// Show the operations that a run would do, in order, with their limits; touches no instrument
    Explain(PlanArguments),
    /// Serve a simulated bench until Ctrl-C; prints `NAME ADDRESS` for each instrument, then `ready`
    Sim {
        /// A bench's name, or its TOML file; tape:FILE says a tape of --trace again, as long as every message is on it;
        /// tape:FILE?exact in its order alone, tape:FILE?timed as slowly as it was
        bench: String,
    },
    /// Put a bench into the safe state now, and say of every output whether it is off
    Safe {
        /// The bench file; every instrument in it is meant
        #[arg(long, value_name = "BENCH")]
        bench: PathBuf,
    },
    /// Ask every instrument who it is; say who is not there, not the same, or not calibrated, and keep what changed
    Scan(ScanArguments),
    /// Send one message to an instrument and print its answer
    Query {
        /// Where it is: tcp://192.168.1.20:5025, TCPIP::192.168.1.20::5025::SOCKET
        address: String,
        /// The message: '*IDN?'
        message: String,
        /// How long an answer is waited for, in milliseconds
        #[arg(long, default_value_t = 5000)]
        timeout_ms: u64,
    },
    /// Talk to an instrument line by line, with history and its error queue
    Console {
        /// Where it is: tcp://192.168.1.20:5025, TCPIP::192.168.1.20::INSTR, serial:///dev/ttyUSB0?baud=9600
        address: String,
        /// How long an answer is waited for, in milliseconds
        #[arg(long, default_value_t = 5000)]
        timeout_ms: u64,
        /// Write every byte to and from the instrument into a file
        #[arg(long, value_name = "FILE")]
        trace: Option<PathBuf>,
    },
    /// List the instruments on the network and on USB: asked by multicast DNS and VXI-11 broadcast
    Discover {
        /// Ask on this network interface alone: eth0
        #[arg(long, value_name = "INTERFACE")]
        interface: Option<String>,
        /// Write a bench file with them
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
        /// How long answers are waited for, in milliseconds
        #[arg(long, default_value_t = 2000)]
        timeout_ms: u64,
    },
    /// List past runs, the newest first: from PostgreSQL, else from the journals
    History(HistoryArguments),
    /// Show one past run, or all runs of a DUT: from PostgreSQL, else from the journals
    Show {
        /// The run's id, its first characters, or `latest`; else the serial number of a DUT
        run: String,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Compare two runs, place by place: what moved, how surely, and what else was different
    Compare(CompareArguments),
    /// Show how a step's values went over past runs
    Trend(TrendArguments),
    /// Named runs to compare with, so that a run that passes but has moved is seen
    Baseline {
        #[command(subcommand)]
        action: BaselineAction,
    },
    /// Write files of one past run: what to send, to print, and for spreadsheets and CI
    Report {
        /// The run's id, its first characters, or `latest`
        run: String,
        #[command(flatten)]
        files: ReportFiles,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Prove the record of a run anew: its hash chain, and every row in PostgreSQL against it
    ///
    /// Exit codes: 0 the journal is whole and the database has the same, as far as it was sent; 2 no such run;
    /// 40 the journal is damaged, the database differs, or it cannot be asked (with --db none it is not).
    Verify {
        /// The run's id, or its first characters
        run: String,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Go on with a run that crashed or was stopped, in the same record
    Resume(ResumeArguments),
    /// Send to PostgreSQL whatever journals it has not got, exactly once
    Sync {
        /// Send nothing, and list the events that the database would not store, each with the reason
        #[arg(long)]
        show_rejected: bool,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// The database: where it is, how it is, its server and its schema
    Db {
        #[command(subcommand)]
        action: DbAction,
    },
    /// Secrets of the lab's systems, encrypted with a key that stays on this machine
    Credentials {
        #[command(subcommand)]
        action: CredentialsAction,
    },
    /// Print a JSON Schema for editors
    Schema {
        /// Of what
        of: SchemaOf,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all commands
    Man {
        /// Write a page for each command into this folder
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
    /// Guard a run; only a run starts it
    #[command(hide = true)]
    Guardian,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Test plans, in the order in which they are run
    #[arg(value_name = "PLAN", required = true)]
    pub(crate) plans: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) bench: BenchArguments,
    /// The serial number of what is tested
    #[arg(long, value_name = "SERIAL")]
    pub(crate) dut: Option<String>,
    #[command(flatten)]
    pub(crate) inputs: InputArguments,
    /// Run everything N times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) repeat: u32,
    /// Repeat until a run does not pass (with --repeat: at most so often)
    #[arg(long)]
    pub(crate) until_fail: bool,
    /// Run no further plan after one that does not pass
    #[arg(long)]
    pub(crate) fail_fast: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
    /// Exit with 40 when the results are not in the database at the end
    #[arg(long)]
    pub(crate) require_db: bool,
    /// Write every kind of report of every run into a folder, each under its plan's name and its id
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) files: ReportFiles,
    /// Write every event as a line of JSON to standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressMode::Auto)]
    pub(crate) progress: ProgressMode,
    /// Write every byte to and from the instruments into a file
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Wait for instruments that another run uses, instead of refusing
    #[arg(long)]
    pub(crate) wait: bool,
    /// Lock the front panels while the run lasts, where the instruments can
    #[arg(long)]
    pub(crate) lockout: bool,
    /// Who runs it; without it, who is logged in
    #[arg(long, value_name = "NAME")]
    pub(crate) operator: Option<String>,
    /// What began the run
    #[arg(long, value_enum, default_value_t = TriggerWord::Manual)]
    pub(crate) trigger: TriggerWord,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArguments {
    /// The run's id, or its first characters
    pub(crate) run: String,
    /// The instruments' bench file, where it has moved
    #[arg(long, value_name = "BENCH")]
    pub(crate) bench: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
    /// Exit with 40 when the results are not in the database at the end
    #[arg(long)]
    pub(crate) require_db: bool,
    /// Write every kind of report into a folder, each under its plan's name and the run's id
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) files: ReportFiles,
    /// Write every further event as a line of JSON to standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressMode::Auto)]
    pub(crate) progress: ProgressMode,
    /// Write every byte to and from the instruments into a file
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Wait for instruments that another run uses, instead of refusing
    #[arg(long)]
    pub(crate) wait: bool,
    /// Lock the front panels while the run lasts, where the instruments can
    #[arg(long)]
    pub(crate) lockout: bool,
}

// Files that are made of a run; of several runs, each writes over the one before.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReportFiles {
    /// Write a report in one HTML file, to read, send and print
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write all readings as comma-separated values; verdicts, computed values and waveforms are not in it
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Write a JUnit report, for CI
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// HTML around the HTML report, with `<!-- report -->` where that goes; pictures as data: URLs
    #[arg(long, value_name = "FILE", env = "SCPI_RUN_LETTERHEAD")]
    pub(crate) letterhead: Option<PathBuf>,
    /// Who tests, for the HTML report
    #[arg(long, value_name = "NAME", env = "SCPI_RUN_LABORATORY")]
    pub(crate) laboratory: Option<String>,
    /// For whom, for the HTML report
    #[arg(long, value_name = "NAME")]
    pub(crate) customer: Option<String>,
    /// Who answers for the HTML report
    #[arg(long, value_name = "NAME")]
    pub(crate) authorised_by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// Test plans
    #[arg(value_name = "PLAN", required = true)]
    pub(crate) plans: Vec<PathBuf>,
    /// Hold the plans against a bench file too: who plays the roles, what they can do, their calibration
    #[arg(long, value_name = "BENCH")]
    pub(crate) bench: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) inputs: InputArguments,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// Run on a simulated bench in this process: the plan's own, or the one named
    #[arg(
        long,
        value_name = "BENCH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with = "bench"
    )]
    pub(crate) sim: Option<String>,
    /// Run on the instruments of a bench file
    #[arg(long, value_name = "BENCH")]
    pub(crate) bench: Option<PathBuf>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct InputArguments {
    /// Give a parameter or an environment value
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) set: Vec<(String, String)>,
    /// Run only steps with this tag, and what they need
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Leave out steps with this tag
    #[arg(long, value_name = "TAG")]
    pub(crate) skip: Vec<String>,
    /// Run only this step, and what it needs
    #[arg(long, value_name = "ID")]
    pub(crate) step: Vec<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DatabaseArguments {
    /// The PostgreSQL server for the results; none keeps the journal alone; without it, one of our own serves
    #[arg(long, value_name = "URL|none", env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) db: Option<String>,
    /// Never fetch PostgreSQL's server programs where there are none
    #[arg(long)]
    pub(crate) no_fetch: bool,
    /// Record as a superuser of somebody's server, which is refused otherwise: homelab_app may all that is needed
    #[arg(long)]
    pub(crate) allow_superuser: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    /// How many, at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// Only runs of the plan with this name
    #[arg(long, value_name = "NAME")]
    pub(crate) plan: Option<String>,
    /// Only runs of this DUT
    #[arg(long, value_name = "SERIAL")]
    pub(crate) dut: Option<String>,
    /// Only runs that came out so
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub(crate) verdict: Option<OutcomeWord>,
    /// Only runs that began then or later: 2026-10-09, 2026-10-09T08:53:20Z, or 7d for the last seven days
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub(crate) since: Option<Timestamp>,
    /// Only runs that began before
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub(crate) until: Option<Timestamp>,
    /// Only simulated runs, or only real ones
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub(crate) simulated: Option<bool>,
    /// Only runs of a part of their plan, or only whole ones
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub(crate) partial: Option<bool>,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeWord {
    /// Everything passed
    Pass,
    /// A result was outside its limit
    Fail,
    /// A result said nothing
    Inconclusive,
    /// An instrument failed
    Error,
    /// Somebody stopped it
    Aborted,
    /// It could not go on
    NotCompleted,
    /// It has no end: it runs, or was cut
    Unfinished,
}

impl OutcomeWord {
    pub(crate) fn outcome(self) -> HistoryOutcome {
        match self {
            Self::Pass => HistoryOutcome::Verdict(Verdict::Pass),
            Self::Fail => HistoryOutcome::Verdict(Verdict::Fail),
            Self::Inconclusive => HistoryOutcome::Verdict(Verdict::Inconclusive),
            Self::Error => HistoryOutcome::Verdict(Verdict::Error),
            Self::Aborted => HistoryOutcome::Aborted,
            Self::NotCompleted => HistoryOutcome::NotCompleted,
            Self::Unfinished => HistoryOutcome::Unfinished,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The run that is compared with: its id, its first characters, or `latest`
    pub(crate) before: String,
    /// The run that is compared
    pub(crate) after: String,
    /// List every place, not only those that moved or came out otherwise
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) level: LevelArguments,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Args)]
pub(crate) struct TrendArguments {
    /// The plan's name, or its file
    pub(crate) plan: String,
    /// The step's path, rail/vout, or one of its places, 'rail/vout[vi=7 V]'
    pub(crate) step: String,
    /// Only runs of this DUT
    #[arg(long, value_name = "SERIAL")]
    pub(crate) dut: Option<String>,
    /// Simulated runs, which are never among real ones
    #[arg(long)]
    pub(crate) simulated: bool,
    /// How many runs, at most: the newest
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// Write a page with plots and tables
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the plot of one place as a picture
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Args)]
pub(crate) struct LevelArguments {
    /// How often a run of which nothing has moved may be flagged: 0.01 is one in a hundred
    #[arg(long, value_name = "P", default_value_t = 0.01, value_parser = probability)]
    pub(crate) alpha: f64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineAction {
    /// Name runs of one plan as what later ones are compared with; more runs see smaller shifts
    Set {
        /// Its name; one that the plan has already is replaced
        name: String,
        /// The runs: their ids, their first characters, or `latest`
        #[arg(value_name = "RUN", required = true)]
        runs: Vec<String>,
        /// Keep it in this file, to go with the plan, instead of in the database
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// List the baselines
    List(DatabaseArguments),
    /// Say whether a run has moved since a baseline
    Check(CheckArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The run: its id, its first characters, or `latest`
    #[arg(default_value = "latest")]
    pub(crate) run: String,
    /// The baseline's name; where the plan has one alone, that one
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    pub(crate) name: Option<String>,
    /// The file that the baseline is in
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) level: LevelArguments,
    /// Exit with 10 when anything moved, for CI
    #[arg(long)]
    pub(crate) fail_if_moved: bool,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbAction {
    /// Print the database's URL for psql and the like; starts our own server where it does not run
    Url(DatabaseArguments),
    /// Say where the database is, how full it is, and what is still to be sent to it
    Status(DatabaseArguments),
    /// Start our own server and leave it running
    Start(DatabaseArguments),
    /// Stop our own server, unless somebody uses it
    Stop,
    /// Open the database in psql
    Psql {
        #[command(flatten)]
        database: DatabaseArguments,
        /// Given to psql as they are
        #[arg(last = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Bring the database's schema up to this version of scpi-run
    Migrate(DatabaseArguments),
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
    /// Vacuum and analyse, and refresh the summary by day; for a timer
    Maintain(DatabaseArguments),
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

#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// The instruments of this bench file; without it, those of the database's inventory
    #[arg(long, value_name = "BENCH")]
    pub(crate) bench: Option<PathBuf>,
    /// Warn of a calibration that ends within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=3650))]
    pub(crate) due_within: u32,
    /// What began it
    #[arg(long, value_enum, default_value_t = TriggerWord::Manual)]
    pub(crate) trigger: TriggerWord,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
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
    pub(crate) since: Option<bench_model::Timestamp>,
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

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsAction {
    /// Make a new key, in a file that only its owner can read
    Key {
        /// Where; a file that is there is left as it is
        file: PathBuf,
    },
    /// Keep a secret; it is asked for, or comes from standard input
    Set {
        /// The name of the system
        name: String,
        #[command(flatten)]
        secret: SecretArguments,
        /// What it is: nas, proxmox, vm, docker, unifi, scpi, database, service, other; needed for a new one
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// The name to log in with; needed for a new one
        #[arg(long)]
        user: Option<String>,
        /// The device's name in the inventory
        #[arg(long)]
        device: Option<String>,
        /// Where it is
        #[arg(long)]
        url: Option<String>,
        /// Its port
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
        /// How it is entered: ssh, https, smb, scpi
        #[arg(long)]
        protocol: Option<String>,
        /// The day by which the secret is to be replaced: 2026-12-31
        #[arg(long, value_name = "DAY")]
        rotate_by: Option<String>,
        /// Anything else
        #[arg(long)]
        notes: Option<String>,
    },
    /// Print a secret; that it was read, by whom and for what, is written down
    Get {
        /// The name of the system
        name: String,
        #[command(flatten)]
        secret: SecretArguments,
        /// For what, in words
        #[arg(long)]
        purpose: Option<String>,
    },
    /// List the systems, without their secrets
    List(DatabaseArguments),
    /// Encrypt everything under a new key
    Rotate {
        #[command(flatten)]
        key: KeyArguments,
        /// The new key
        #[arg(long, value_name = "FILE")]
        new_key_file: PathBuf,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Show who asked for secrets, the latest first, and which are to be replaced
    Audit {
        /// How many, at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SecretArguments {
    /// Which secret of it
    #[arg(long, value_enum, default_value_t = SecretWord::Password)]
    pub(crate) secret: SecretWord,
    #[command(flatten)]
    pub(crate) key: KeyArguments,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// The file of the key; only its owner may be able to read it
    #[arg(long, value_name = "FILE", env = "SCPI_RUN_KEY_FILE")]
    pub(crate) key_file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretWord {
    /// A password
    Password,
    /// A private key of SSH
    SshKey,
    /// A key of an API
    ApiKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    /// Live on a terminal, else plain
    Auto,
    /// A line for each result
    Plain,
    /// Failures and the summary alone
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Test plans
    Plan,
    /// Bench files
    Bench,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum TriggerWord {
    /// A person
    Manual,
    /// A program
    Automated,
    /// A timer
    Scheduled,
    /// A CI job
    CiCd,
}

impl From<TriggerWord> for Trigger {
    fn from(word: TriggerWord) -> Self {
        match word {
            TriggerWord::Manual => Self::Manual,
            TriggerWord::Automated => Self::Automated,
            TriggerWord::Scheduled => Self::Scheduled,
            TriggerWord::CiCd => Self::CiCd,
        }
    }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("'{text}' is no NAME=VALUE"))?;
    if name.is_empty() {
        return Err(format!("'{text}' has no name before the ="));
    }
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The first moment of a day in UTC.
fn day(text: &str) -> Result<bench_model::Timestamp, String> {
    let day: Result<jiff::civil::Date, _> = text.parse();
    let day = day.map_err(|_| format!("'{text}' is no day: write it as 2026-01-31"))?;
    let moment =
        jiff::tz::TimeZone::UTC.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()));
    moment.map_err(|error| error.to_string())
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("'{text}' is neither yes nor no")),
    }
}

/// A moment, a day of UTC from its midnight on, or so many days back.
fn moment(text: &str) -> Result<Timestamp, String> {
    let back = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok());
    if let Some(days) = back.filter(|days| (0..=100_000).contains(days)) {
        let span = Span::new().hours(days * 24);
        return Timestamp::now().checked_sub(span).map_err(|error| error.to_string());
    }
    let day = text.parse::<Date>().ok().filter(|_| !text.contains(['T', ':']));
    let midnight = day.map(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)));
    if let Some(midnight) = midnight {
        return midnight.map_err(|error| error.to_string());
    }
    text.parse().map_err(|_| {
        format!("'{text}' is no time: 2026-10-09, 2026-10-09T08:53:20Z, or 7d for seven days back")
    })
}

fn probability(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    let is_level = |number: &f64| *number > 0.0 && *number < 1.0;
    number.filter(is_level).ok_or_else(|| format!("'{text}' is no number between 0 and 1: 0.01"))
}

/// Reads the command line, the environment and the settings; help, version and faults end the process here, with 0
/// or 2.
pub(crate) fn read() -> Arguments {
    let command = Arguments::command();
    let settings = Settings::read().unwrap_or_else(|fault| {
        Arguments::command().error(ErrorKind::InvalidValue, format!("the settings: {fault}")).exit()
    });
    let matches = settings.applied_to(command).get_matches();
    let mut arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if matches.value_source("bench") == Some(ValueSource::CommandLine) {
        // The command line stands above a simulation that the environment asks for.
        arguments.run.bench.sim = None;
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_fixed_forms_are_read() {
        let read = |words: &[&str]| Arguments::try_parse_from(words);
        let run = read(&["scpi-run", "a.toml", "b.toml", "--sim", "--set", "x=1 V"]).unwrap().run;
        assert_eq!((run.plans.len(), run.bench.sim.as_deref()), (2, Some("")));
        assert_eq!(run.inputs.set, [("x".to_owned(), "1 V".to_owned())]);
        let run = read(&["scpi-run", "a.toml", "--sim=charger"]).unwrap().run;
        assert_eq!(run.bench.sim.as_deref(), Some("charger"));
        for wrong in [
            &["scpi-run"][..],
            &["scpi-run", "a.toml", "--sim", "--bench", "b.toml"],
            &["scpi-run", "a.toml", "--set", "x"],
            &["scpi-run", "a.toml", "--colour"],
            &["scpi-run", "query", "tcp://a"],
            &["scpi-run", "report"],
        ] {
            assert_eq!(read(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
        for right in [
            &["scpi-run", "db", "url"][..],
            &["scpi-run", "db", "psql", "--", "-c", "select 1"],
            &["scpi-run", "check", "a.toml"],
            &["scpi-run", "schema", "plan"],
            &["scpi-run", "report", "0199c0de", "--html", "a.html", "--csv", "a.csv"],
        ] {
            assert!(read(right).unwrap().command.is_some(), "{right:?}");
        }
    }
}
