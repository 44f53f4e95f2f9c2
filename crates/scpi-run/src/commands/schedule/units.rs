//! `schedule add` and `schedule remove`: a schedule, and its units of systemd.

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_model::Timestamp;
use night_shift::{Calendar, Scope, UnitSpec, Units};

use super::nights::write_whole;
use super::registry::{self, By, Schedule};
use super::sweep_file::{self, SweepFile};
use crate::args::ScheduleAddArguments;
use crate::commands::print;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Units of the machine.
const SYSTEM_UNITS: &str = "/etc/systemd/system";

/// Makes a schedule, or replaces the one of the same name.
pub(super) fn add(arguments: &ScheduleAddArguments) -> Result<Exit> {
    let file = sweep_file::read(&arguments.sweep)?;
    let (schedule, calendar) = schedule(arguments, &file)?;
    let (calendar_zone, zone) = schedule.calendar()?;
    let next = calendar_zone.next_after(Timestamp::now(), &zone).map_err(Failure::usage)?;
    let units = units(&schedule, &calendar, &file)?;
    if arguments.dry_run {
        for (name, text) in
            [(&units.service_name, &units.service), (&units.timer_name, &units.timer)]
        {
            print(&format!("# {}\n{text}\n", unit_folder(schedule.by)?.join(name).display()));
        }
        return Ok(Exit::Pass);
    }
    let schedule = install(schedule, &units)?;
    registry::keep(&schedule)?;
    let by = match schedule.by {
        By::Loop => "`scpi-run schedule run --loop` runs it",
        By::User | By::System => "systemd runs it",
    };
    print(&format!("'{}' is next due at {next}; {by}\n", schedule.name));
    Ok(Exit::Pass)
}

fn schedule(arguments: &ScheduleAddArguments, file: &SweepFile) -> Result<(Schedule, Calendar)> {
    let sweep = &file.sweep;
    let calendar = arguments.on.clone().or_else(|| sweep.on.clone()).ok_or_else(|| {
        Failure::usage("when? --on 'Mon..Fri 22:00' says it, or a line such as on = \"Mon..Fri 22:00\" in the sweep")
    })?;
    let name = arguments.name.clone().unwrap_or_else(|| sweep.name.clone());
    if let Some(fault) = night_shift::name_fault(&name) {
        return Err(Failure::usage(format!("--name: {fault}")));
    }
    let by = match (arguments.system, arguments.no_systemd) {
        (_, true) => By::Loop,
        (true, false) => By::System,
        (false, false) => By::User,
    };
    let schedule = Schedule {
        name,
        sweep: whole(&arguments.sweep)?.display().to_string(),
        on: calendar.to_string(),
        time_zone: sweep.time_zone.clone(),
        jitter_s: arguments.jitter.unwrap_or(sweep.jitter).as_secs(),
        by,
        added_at: Timestamp::now(),
        last_at: None,
        notify: arguments.notify.clone(),
        report: arguments
            .report
            .as_deref()
            .map(std::path::absolute)
            .transpose()
            .map_err(Failure::usage)?,
        fail_if_moved: arguments.fail_if_moved,
    };
    Ok((schedule, calendar))
}

fn whole(file: &Path) -> Result<PathBuf> {
    file.canonicalize().map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}

fn units(schedule: &Schedule, calendar: &Calendar, file: &SweepFile) -> Result<Units> {
    let program = std::env::current_exe().map_err(Failure::internal)?.display().to_string();
    let arguments =
        ["schedule", "run", &schedule.name, "--trigger", "scheduled"].map(str::to_owned);
    let benches: Vec<String> = file
        .benches()
        .iter()
        .map(|bench| whole(Path::new(bench)).map(|bench| bench.display().to_string()))
        .collect::<Result<_>>()?;
    // The timer's clock is that of the sweep, which the expression itself names for systemd.
    let on = match (calendar.zone(), &schedule.time_zone) {
        (None, Some(zone)) => format!("{calendar} {zone}").parse().map_err(Failure::usage)?,
        _ => calendar.clone(),
    };
    let data = environment::data_folder()?;
    let data = data.parent().unwrap_or(&data).display().to_string();
    Ok(Units::of(&UnitSpec {
        name: &schedule.name,
        on: &on,
        jitter: std::time::Duration::from_secs(schedule.jitter_s),
        budget: file.sweep.budget,
        program: &program,
        arguments: &arguments,
        benches: &benches,
        folder: "/",
        environment: &[("XDG_DATA_HOME".to_owned(), data)],
        scope: if schedule.by == By::System { Scope::System } else { Scope::User },
    }))
}

fn unit_folder(by: By) -> Result<PathBuf> {
    if by == By::System {
        return Ok(PathBuf::from(SYSTEM_UNITS));
    }
    let settings = environment::settings_file();
    let folder = settings.as_deref().and_then(|file| file.parent()?.parent());
    let folder = folder
        .ok_or_else(|| Failure::usage("neither XDG_CONFIG_HOME nor HOME is an absolute path"))?;
    Ok(folder.join("systemd/user"))
}

/// Writes the units and has systemd take them. Where there is none, nothing is left, and the loop is to run it.
fn install(schedule: Schedule, units: &Units) -> Result<Schedule> {
    if schedule.by == By::Loop {
        return Ok(schedule);
    }
    let folder = unit_folder(schedule.by)?;
    for (name, text) in [(&units.service_name, &units.service), (&units.timer_name, &units.timer)] {
        let file = folder.join(name);
        write_whole(&file, text.as_bytes())
            .map_err(|error| Failure::store(format!("{}: {error}", file.display())))?;
    }
    let taken = systemctl(schedule.by, &["daemon-reload"])
        .and_then(|()| systemctl(schedule.by, &["enable", "--now", &units.timer_name]));
    match taken {
        Ok(()) => Ok(schedule),
        Err(why) => {
            say!("scpi-run: systemd does not take it ({why}); no unit is left behind");
            take_away(&folder, &schedule.name);
            Ok(Schedule { by: By::Loop, ..schedule })
        }
    }
}

fn take_away(folder: &Path, name: &str) {
    for ending in ["service", "timer"] {
        let file = folder.join(format!("scpi-run-{name}.{ending}"));
        match std::fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => say!("scpi-run: {}: {error}", file.display()),
        }
    }
}

fn systemctl(by: By, words: &[&str]) -> std::result::Result<(), String> {
    let mut command = Command::new("systemctl");
    command.args((by == By::User).then_some("--user")).args(words);
    let output = command.output().map_err(|error| format!("systemctl: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next().unwrap_or("systemctl failed").trim().escape_debug().to_string())
}

/// Takes a schedule away.
pub(super) fn remove(name: &str) -> Result<Exit> {
    let schedule = registry::named(name)?;
    if schedule.by != By::Loop {
        let timer = format!("scpi-run-{name}.timer");
        if let Err(why) = systemctl(schedule.by, &["disable", "--now", &timer]) {
            say!("scpi-run: {timer}: {why}");
        }
        take_away(&unit_folder(schedule.by)?, name);
        if let Err(why) = systemctl(schedule.by, &["daemon-reload"]) {
            say!("scpi-run: {why}");
        }
    }
    registry::forget(&schedule)?;
    print(&format!("'{name}' runs no more; what it measured is kept\n"));
    Ok(Exit::Pass)
}
