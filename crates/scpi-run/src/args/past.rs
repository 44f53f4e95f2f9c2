//! What is asked of past runs.

use std::path::PathBuf;

use bench_model::{Timestamp, Verdict};
use clap::{Args, Subcommand, ValueEnum};
use result_store::HistoryOutcome;

use super::DatabaseArguments;
use super::run::ReportFiles;
use super::values::{moment, probability, yes_or_no};

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
pub(crate) struct RunReportArguments {
    /// The run's id, its first characters, or `latest`
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) files: ReportFiles,
    /// Write every event as a line of JSON to standard output: all that is known of the run
    #[arg(long)]
    pub(crate) json: bool,
    /// The HTML report replaces an earlier one of this run: 1 is its first amendment
    #[arg(long, value_name = "N", requires = "reason", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) amendment: Option<u32>,
    /// What was changed in the amended report, and why
    #[arg(long, value_name = "TEXT", requires = "amendment")]
    pub(crate) reason: Option<String>,
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
