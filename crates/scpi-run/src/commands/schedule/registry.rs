//! Which schedules there are: a file for each, in the data folder.

use std::fs;
use std::path::{Path, PathBuf};

use bench_model::Timestamp;
use jiff::tz::TimeZone;
use night_shift::Calendar;

use super::nights::{Nights, read, write_whole};
use super::sweep_file;
use crate::args::ScheduleRunArguments;
use crate::commands::print;
use crate::commands::table::{Column, table};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::time_zone;

/// A sweep that runs by the clock.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Schedule {
    pub(super) name: String,
    /// The sweep file, by its whole path.
    pub(super) sweep: String,
    /// A calendar expression.
    pub(super) on: String,
    /// The time zone of the sweep file.
    #[serde(default)]
    pub(super) time_zone: Option<String>,
    pub(super) jitter_s: u64,
    pub(super) by: By,
    pub(super) added_at: Timestamp,
    /// The last time that was due and begun, by the loop.
    #[serde(default)]
    pub(super) last_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) notify: Option<String>,
    #[serde(default)]
    pub(super) report: Option<PathBuf>,
    #[serde(default)]
    pub(super) fail_if_moved: bool,
}

/// Who begins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    /// A timer of the user's.
    User,
    /// A timer of the machine's.
    System,
    /// `scpi-run schedule run --loop`.
    Loop,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::User => "systemd, the user's",
            Self::System => "systemd, the machine's",
            Self::Loop => "schedule run --loop",
        }
    }
}

impl Schedule {
    /// What the command line says, else what was said when it was added.
    pub(super) fn over(&self, arguments: &ScheduleRunArguments) -> ScheduleRunArguments {
        let mut own = arguments.clone();
        own.notify = own.notify.or_else(|| self.notify.clone());
        own.report = own.report.or_else(|| self.report.clone());
        own.fail_if_moved |= self.fail_if_moved;
        own
    }

    /// When it is due, and by which clock.
    pub(super) fn calendar(&self) -> Result<(Calendar, TimeZone)> {
        let calendar: Calendar = self.on.parse().map_err(Failure::usage)?;
        let zone = time_zone::zone(calendar.zone().or(self.time_zone.as_deref()))?;
        Ok((calendar, zone))
    }
}

fn folder() -> Result<PathBuf> {
    Ok(environment::data_folder()?.join("schedules"))
}

fn file_of(name: &str) -> Result<PathBuf> {
    Ok(folder()?.join(format!("{name}.json")))
}

/// All, by their names.
pub(super) fn all() -> Result<Vec<Schedule>> {
    let Ok(entries) = fs::read_dir(folder()?) else { return Ok(Vec::new()) };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "json"));
    let mut found: Vec<Schedule> = files.filter_map(|file| read(&file)).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// The one that a word names; none where the word is a file, or no schedule has the name.
pub(super) fn find(word: &Path) -> Result<Option<Schedule>> {
    match word.to_str().filter(|name| !name.contains(['/', '.'])) {
        Some(name) if !word.exists() => named(name).map(Some),
        _ => Ok(None),
    }
}

/// The one with this name.
pub(super) fn named(name: &str) -> Result<Schedule> {
    let all = all()?;
    let known: Vec<&str> = all.iter().map(|own| own.name.as_str()).collect();
    let known = if known.is_empty() { "there is none yet".to_owned() } else { known.join(", ") };
    let found = all.iter().find(|own| own.name == name).cloned();
    found.ok_or_else(|| Failure::usage(format!("no schedule is called '{name}': {known}")))
}

/// Keeps one; one of the same name is replaced.
pub(super) fn keep(schedule: &Schedule) -> Result<()> {
    let text = serde_json::to_vec_pretty(schedule).map_err(Failure::internal)?;
    let file = file_of(&schedule.name)?;
    write_whole(&file, &text)
        .map_err(|error| Failure::store(format!("{}: {error}", file.display())))
}

/// Forgets one.
pub(super) fn forget(schedule: &Schedule) -> Result<()> {
    let file = file_of(&schedule.name)?;
    fs::remove_file(&file).map_err(|error| Failure::store(format!("{}: {error}", file.display())))
}

/// `schedule list`.
pub(super) fn list() -> Result<Exit> {
    let all = all()?;
    if all.is_empty() {
        print("no schedule yet; `scpi-run schedule add SWEEP --on 'Mon..Fri 22:00'` makes one\n");
        return Ok(Exit::Pass);
    }
    let columns =
        ["NAME", "ON", "NEXT (UTC)", "LAST (UTC)", "CAME OUT", "SWEEP", "BY"].map(Column::text);
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    print(&table(&columns, &rows));
    Ok(Exit::Pass)
}

fn row(schedule: &Schedule) -> Vec<String> {
    let shown = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
    let next = schedule.calendar().and_then(|(calendar, zone)| {
        calendar.next_after(Timestamp::now(), &zone).map_err(Failure::usage)
    });
    let sweep = sweep_file::read(Path::new(&schedule.sweep)).map(|file| file.sweep.name);
    let last = sweep.as_ref().ok().and_then(|name| Nights::of(name).ok()?.last_morning());
    let came_out =
        last.as_ref().map(|last| format!("exit {}, {} moved", last.exit, last.moved.len()));
    vec![
        schedule.name.clone(),
        schedule.on.clone(),
        next.map_or_else(|failure| failure.to_string(), shown),
        last.map_or_else(|| "-".to_owned(), |last| shown(last.started_at)),
        came_out.unwrap_or_else(|| "-".to_owned()),
        sweep.map_or_else(|failure| failure.to_string(), |_| schedule.sweep.clone()),
        schedule.by.word().to_owned(),
    ]
}
