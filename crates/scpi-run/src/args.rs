//! The command line. Names and codes are fixed: scripts depend on them.
//!
//! | file | holds |
//! | --- | --- |
//! | `run`, `past`, `db`, `credentials`, `schedule` | what these commands are told |
//! | `values` | values of options, read from their text |

mod credentials;
mod db;
mod past;
mod run;
mod schedule;
mod values;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::settings::Settings;

pub(crate) use credentials::{CredentialsAction, KeyArguments, SecretArguments, SecretWord};
pub(crate) use db::{
    ArchiveArguments, DbAction, InventoryAction, LegacyArguments, ReportArguments, ReportWord,
    RetentionArguments, RightsWord, RolesAction,
};
pub(crate) use past::{
    BaselineAction, CheckArguments, CompareArguments, HistoryArguments, OutcomeWord,
    RunReportArguments, TrendArguments,
};
pub(crate) use run::{ProgressMode, ReportFiles, ResumeArguments, RunArguments, TriggerWord};
pub(crate) use schedule::{
    ScheduleAction, ScheduleAddArguments, ScheduleReportArguments, ScheduleRunArguments,
};
use values::name_and_value;

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
    Report(RunReportArguments),
    /// Prove the record of a run anew: its hash chain, and every row in PostgreSQL against it
    ///
    /// Exit codes: 0 the journal is whole and the database has the same, as far as it was sent; 2 no such run;
    /// 40 the journal is damaged, the database differs, or it cannot be asked (with --db none it is not).
    Verify {
        /// The run's id, its first characters, or `latest`
        run: String,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Go on with a run that crashed or was stopped, in the same record
    Resume(ResumeArguments),
    /// Regression sweeps: many plans, benches and DUTs in one night, by the clock, with a report in the morning
    Schedule {
        #[command(subcommand)]
        action: ScheduleAction,
    },
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
pub(crate) struct PlanArguments {
    /// Test plans, and sweep files
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Test plans
    Plan,
    /// Bench files
    Bench,
    /// Sweep files
    Sweep,
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
