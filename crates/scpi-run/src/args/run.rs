//! What a run, and one that is gone on with, is told.

use std::path::PathBuf;

use bench_model::Trigger;
use clap::{Args, ValueEnum};

use super::{BenchArguments, DatabaseArguments, InputArguments};

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Test plans, in the order in which they are run
    #[arg(value_name = "PLAN", required = true)]
    pub(crate) plans: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) bench: BenchArguments,
    /// The serial number of what is tested; on a bench with sites SITE=SERIAL, once for each site that takes part
    #[arg(long, value_name = "SERIAL")]
    pub(crate) dut: Vec<String>,
    #[command(flatten)]
    pub(crate) inputs: InputArguments,
    /// Run everything N times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) repeat: u32,
    /// Repeat until a run does not pass (with --repeat: at most so often)
    #[arg(long)]
    pub(crate) until_fail: bool,
    /// Run only the K-th of N parts of the plans, so that several machines share them: 2/5
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<night_shift::Shard>,
    /// Run no further plan after one that does not pass
    #[arg(long)]
    pub(crate) fail_fast: bool,
    #[command(flatten)]
    pub(crate) conduct: ConductArguments,
    /// Who runs it; without it, who is logged in
    #[arg(long, value_name = "NAME")]
    pub(crate) operator: Option<String>,
    /// What began the run
    #[arg(long, value_enum, default_value_t = TriggerWord::Manual)]
    pub(crate) trigger: TriggerWord,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArguments {
    /// The run's id, its first characters, or `latest`
    pub(crate) run: String,
    /// The instruments' bench file, where it has moved
    #[arg(long, value_name = "BENCH")]
    pub(crate) bench: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) conduct: ConductArguments,
}

// How a run is recorded, shown and reported, and what it does with instruments that others may use.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConductArguments {
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
    /// Write every event, as it happens, as a line of JSON to standard output
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
    /// Write all readings as Apache Parquet, with exact decimals and the verdicts of their results; computed values
    /// and waveforms are not in it
    #[arg(long, value_name = "FILE")]
    pub(crate) parquet: Option<PathBuf>,
    /// Write a JUnit report, for CI; limits as numbers, statistics and waveforms are not in it
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

impl ReportFiles {
    /// The same for one of several sites: its name goes before the ending, `report.left.html`.
    pub(crate) fn of_site(&self, site: &str) -> Self {
        let own = |file: &Option<PathBuf>| {
            let file = file.as_ref()?;
            let ending = file.extension().map(|ending| format!(".{}", ending.display()));
            Some(file.with_extension(format!("{site}{}", ending.unwrap_or_default())))
        };
        let (html, csv, junit) = (own(&self.html), own(&self.csv), own(&self.junit));
        Self { html, csv, junit, ..self.clone() }
    }
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
