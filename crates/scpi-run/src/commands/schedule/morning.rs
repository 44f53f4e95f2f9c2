//! The morning report: made of a night, shown, written, given to a command; and made again of what was kept.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bench_model::{RunRecord, SessionId};
use run_journal::{JournalFolder, read_run};
use test_report::{Baseline, JobMaterial, Morning, MorningOptions, NightJob};

use super::night::Shift;
use super::nights::{Nights, read, write_asked};
use crate::args::{DatabaseArguments, ScheduleReportArguments, ScheduleRunArguments};
use crate::commands::{baseline, print};
use crate::database::Database;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Runs of a job before this night that it is held against, at most.
const MAX_BEFORE: usize = 30;
/// For the command of `--notify`.
const NOTIFY_PATIENCE: Duration = Duration::from_secs(60);

/// Makes it of a night that has ended, and gives it to whoever wants it.
pub(super) fn make(
    mut shift: Shift,
    exit: Exit,
    database: &Database,
    arguments: &ScheduleRunArguments,
) -> Result<Exit> {
    shift.night.notes.extend(catch_up(&shift, database));
    let material = material(&shift, &arguments.database)?;
    let lines = shift.nights.lines_before(shift.night.started_at);
    let sweep = &shift.file.sweep;
    let mut options = MorningOptions {
        alpha: sweep.alpha,
        calibration_within_days: sweep.calibration_within_days,
        exit: exit.code(),
    };
    let mut morning = Morning::of(&shift.night, &material, lines, options);
    let exit = with_moves(exit, &morning, arguments.fail_if_moved);
    options.exit = exit.code();
    morning.exit = options.exit;
    shift.nights.keep(&shift.night);
    shift.nights.keep_morning(&morning);
    give(&morning, arguments)?;
    Ok(exit)
}

fn with_moves(exit: Exit, morning: &Morning, fail_if_moved: bool) -> Exit {
    let moved = fail_if_moved && !morning.moved.is_empty();
    Exit::worst([exit, if moved { Exit::Fail } else { Exit::Pass }])
}

fn give(morning: &Morning, arguments: &ScheduleRunArguments) -> Result<()> {
    let json = morning.json().map_err(Failure::internal)?;
    if arguments.json {
        print(&json)
    } else {
        print(&morning.text(environment::look()))
    }
    if let Some(file) = &arguments.html {
        write_asked("--html", file, &morning.html())?;
    }
    if let Some(folder) = &arguments.report {
        write_asked("--report", &folder.join("morning.html"), &morning.html())?;
        write_asked("--report", &folder.join("morning.json"), &json)?;
    }
    if let Some(command) = &arguments.notify {
        // Whoever is to be told, and is not, changes nothing of the night.
        if let Err(why) = notify(command, &json) {
            say!("scpi-run: --notify '{command}': {why}");
        }
    }
    Ok(())
}

/// Gives the summary to a command of the shell, which may take its time, but not for ever.
fn notify(command: &str, json: &str) -> std::result::Result<(), String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = shell.spawn().map_err(|error| error.to_string())?;
    let mut input = child.stdin.take().ok_or("it has no input")?;
    let json = json.to_owned();
    // It need not read; a pipe that nobody reads takes no more than it holds.
    std::thread::spawn(move || input.write_all(json.as_bytes()));
    let over = std::time::Instant::now() + NOTIFY_PATIENCE;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(status.to_string()),
            None if std::time::Instant::now() >= over => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it did not end within {} s", NOTIFY_PATIENCE.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Sends what the database has not got of this night, and says when it cannot.
fn catch_up(shift: &Shift, database: &Database) -> Option<String> {
    let sessions: Vec<SessionId> =
        shift.night.jobs.iter().flat_map(|job| job.sessions.iter().copied()).collect();
    if sessions.is_empty() {
        return None;
    }
    let sent = database.open().and_then(|open| {
        let Some(open) = open else { return Ok(()) };
        let folder = environment::journal_folder()?;
        let sent = block_on(async {
            let mut store = open.connect_to_record().await.map_err(Failure::store)?;
            for session in &sessions {
                store.catch_up(&folder.path_of(*session)).await.map_err(Failure::store)?;
            }
            Ok(())
        });
        open.close()?;
        sent
    });
    let runs = sessions.len();
    sent.err().map(|failure| {
        format!(
            "the database has not got all of the {runs} runs: {failure}; `scpi-run sync` sends them"
        )
    })
}

/// What each job measured, and what it is held against.
fn material(shift: &Shift, database: &DatabaseArguments) -> Result<Vec<JobMaterial>> {
    let folder = environment::journal_folder()?;
    let wants = shift.jobs.iter().any(|job| job.baseline.is_some());
    let baselines = if wants { baseline::all(None, database)? } else { Vec::new() };
    let before = sessions_before(&shift.nights, shift);
    let jobs = shift.night.jobs.iter().zip(&shift.jobs);
    Ok(jobs
        .map(|(entry, job)| {
            let mut own =
                JobMaterial { runs: runs(&folder, &entry.sessions), ..JobMaterial::default() };
            let older = before.get(&entry.label).map(Vec::as_slice).unwrap_or_default();
            own.before = runs(&folder, older);
            own.before.retain(|run| is_alike(run, &own.runs));
            if let Some(name) = &job.baseline {
                match chosen(&baselines, name, &own.runs) {
                    Ok(baseline) => own.baseline = baseline,
                    Err(note) => own.notes.push(note),
                }
            }
            own
        })
        .collect())
}

/// The sessions of each job in the nights before, the oldest first.
fn sessions_before(nights: &Nights, shift: &Shift) -> BTreeMap<String, Vec<SessionId>> {
    let mut all: BTreeMap<String, Vec<SessionId>> = BTreeMap::new();
    for night in nights.before(shift.night.started_at) {
        for NightJob { label, sessions, .. } in night.jobs {
            let own = all.entry(label).or_default();
            let room = MAX_BEFORE.saturating_sub(own.len());
            own.extend(sessions.into_iter().rev().take(room));
        }
    }
    all.values_mut().for_each(|own| own.reverse());
    all
}

/// Those whose journals are there and can be read.
fn runs(folder: &JournalFolder, sessions: &[SessionId]) -> Vec<RunRecord> {
    sessions.iter().filter_map(|session| read_run(folder.path_of(*session)).ok()).collect()
}

/// Simulated runs are held against simulated ones alone.
fn is_alike(run: &RunRecord, now: &[RunRecord]) -> bool {
    let simulated = |run: &RunRecord| run.start.as_ref().map(|start| start.simulated);
    now.first().is_none_or(|first| simulated(first) == simulated(run))
}

fn chosen(
    all: &[Baseline],
    name: &str,
    runs: &[RunRecord],
) -> std::result::Result<Option<Baseline>, String> {
    let Some(start) = runs.first().and_then(|run| run.start.as_ref()) else { return Ok(None) };
    let plan = &start.plan.name;
    let is_it =
        |own: &&Baseline| own.name == name && own.plan == *plan && own.simulated == start.simulated;
    all.iter().find(is_it).cloned().map(Some).ok_or_else(|| {
        let kind = if start.simulated { "simulated " } else { "" };
        format!(
            "plan '{plan}' has no {kind}baseline '{name}', so that it is held against the runs before; \
             `scpi-run baseline set {name} RUN...` makes one"
        )
    })
}

/// `schedule report`: the last night of a sweep, or parts that ran elsewhere as one.
pub(super) fn again(arguments: &ScheduleReportArguments) -> Result<Exit> {
    let parts: Vec<Morning> = arguments.of.iter().map(|of| one(of)).collect::<Result<_>>()?;
    let exits: Vec<Exit> = parts.iter().map(|part| Exit::of_code(part.exit)).collect();
    let exit = Exit::worst(exits);
    let mut morning = Morning::merged(parts, exit.code())
        .ok_or_else(|| Failure::usage("of what? A sweep's name is wanted, or files"))?;
    let exit = with_moves(exit, &morning, arguments.fail_if_moved);
    morning.exit = exit.code();
    if let Some(file) = &arguments.html {
        write_asked("--html", file, &morning.html())?;
    }
    if arguments.json {
        print(&morning.json().map_err(Failure::internal)?);
    } else {
        print(&morning.text(environment::look()));
    }
    Ok(exit)
}

fn one(of: &str) -> Result<Morning> {
    if of.contains(['/', '.']) {
        let fault =
            || Failure::usage(format!("{of}: it is no morning.json of `schedule run --report`"));
        let morning: Morning = read(Path::new(of)).ok_or_else(fault)?;
        if morning.format > test_report::MORNING_FORMAT {
            return Err(Failure::usage(format!("{of}: it was written by a later version")));
        }
        return Ok(morning);
    }
    let last = Nights::of(of)?.last_morning();
    last.ok_or_else(|| Failure::usage(format!("no sweep '{of}' has run on this machine")))
}
