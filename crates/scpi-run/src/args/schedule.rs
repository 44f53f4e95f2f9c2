//! What regression sweeps are told.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use night_shift::{Calendar, Shard};

use super::{DatabaseArguments, TriggerWord};

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleAction {
    /// Run a sweep by the clock: a timer and a service of systemd, else `schedule run --loop`
    Add(ScheduleAddArguments),
    /// List what runs by the clock: when it ran, how that came out, when it runs next
    List,
    /// Take a schedule away, and its units
    Remove {
        /// Its name
        name: String,
    },
    /// Run a sweep now; or stay and run all schedules by the clock
    Run(ScheduleRunArguments),
    /// Show the morning report of a sweep again, or one of several parts that ran elsewhere
    Report(ScheduleReportArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ScheduleAddArguments {
    /// The sweep file
    #[arg(value_name = "SWEEP")]
    pub(crate) sweep: PathBuf,
    /// When, as a calendar expression of systemd: 'Mon..Fri 22:00', '*-*-1 03:00 Europe/Berlin'; else as the file says
    #[arg(long, value_name = "CALENDAR")]
    pub(crate) on: Option<Calendar>,
    /// The schedule's name; without it, the sweep's
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Hold the beginning back by up to so much: '5 min'; else as the file says
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub(crate) jitter: Option<Duration>,
    /// Units of the machine, in /etc/systemd/system, instead of the user's
    #[arg(long)]
    pub(crate) system: bool,
    /// Write no units: `schedule run --loop` runs it
    #[arg(long, conflicts_with = "system")]
    pub(crate) no_systemd: bool,
    /// Print the units, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Give a command the summary as JSON on its standard input after each night
    #[arg(long, value_name = "COMMAND")]
    pub(crate) notify: Option<String>,
    /// Write the morning report, and every report of every run, into a folder
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Exit with 10 when anything moved
    #[arg(long)]
    pub(crate) fail_if_moved: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ScheduleRunArguments {
    /// The sweep file, or the name of a schedule
    #[arg(value_name = "SWEEP", required_unless_present = "loop")]
    pub(crate) sweep: Option<PathBuf>,
    /// Stay, and run every schedule when it is due: for machines without systemd
    #[arg(long = "loop", conflicts_with_all = ["sweep", "shard"])]
    pub(crate) r#loop: bool,
    /// Run only the K-th of N parts, so that several machines share the sweep: 2/5
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,
    /// Write the morning report, and every report of every run, into a folder
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Write the morning report as a page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Give a command the summary as JSON on its standard input
    #[arg(long, value_name = "COMMAND")]
    pub(crate) notify: Option<String>,
    /// Exit with 10 when anything moved
    #[arg(long)]
    pub(crate) fail_if_moved: bool,
    /// What began it
    #[arg(long, value_enum, default_value_t = TriggerWord::Manual)]
    pub(crate) trigger: TriggerWord,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ScheduleReportArguments {
    /// The sweep's name, for its last night; or the morning.json of parts that ran with --shard
    #[arg(value_name = "SWEEP|FILE", required = true)]
    pub(crate) of: Vec<String>,
    /// Write it as a page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Exit with 10 when anything moved
    #[arg(long)]
    pub(crate) fail_if_moved: bool,
}

fn length(text: &str) -> Result<Duration, String> {
    night_shift::duration(text).map_err(|error| error.to_string())
}
