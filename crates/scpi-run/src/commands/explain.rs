//! `scpi-run explain`: the operations that a run would do, and how long it would take.

use std::time::Duration;

use bench_model::SessionStatus;
use run_journal::read_run;
use test_plan::{Estimate, Operation};

use crate::args::PlanArguments;
use crate::bench_knowledge::BenchKnowledge;
use crate::commands::print;
use crate::commands::schedule::sweep_file::{self, is_sweep};
use crate::environment;
use crate::exit::Exit;
use crate::failure::Result;
use crate::plan::{LoadedPlan, PlanInputs, expand, load};

/// Journals that are looked at for how long the same plan took before, the newest first.
const MAX_JOURNALS: usize = 50;

/// Shows the operations of each plan, in order.
pub(crate) fn explain(arguments: &PlanArguments) -> Result<Exit> {
    let inputs = PlanInputs::of(&arguments.inputs);
    let bench = arguments.bench.as_deref().map(BenchKnowledge::read).transpose()?;
    for file in &arguments.plans {
        if is_sweep(file) {
            print(&sweep_file::explain(file)?);
            continue;
        }
        let loaded = load(file)?;
        let schedule = match &bench {
            Some(bench) => bench.expand(&loaded, &inputs.inputs(true))?,
            None => expand(&loaded, &inputs.inputs(true))?,
        };
        let line_frequency = bench.as_ref().map(BenchKnowledge::line_frequency_hz);
        let line_frequency = line_frequency.unwrap_or(bench_catalog::DEFAULT_LINE_FREQUENCY_HZ);
        let (results, readings) = (schedule.planned_results, schedule.planned_readings);
        let mut text = format!("{}: {results} results, {readings} readings\n", file.display());
        text.push_str(&time(&schedule.estimate(line_frequency), &loaded, schedule.partial));
        for (name, operations) in
            [("setup", &schedule.setup), ("steps", &schedule.steps), ("cleanup", &schedule.cleanup)]
        {
            text.push_str(&section(name, operations));
        }
        print(&text);
    }
    Ok(Exit::Pass)
}

fn section(name: &str, operations: &[Operation]) -> String {
    if operations.is_empty() {
        return String::new();
    }
    let lines: String = operations.iter().map(|operation| format!("  {operation}\n")).collect();
    format!("{name}\n{lines}")
}

/// `time: about 12 s (8 s waiting, 4 s measuring), 2 questions; 13 s the last time`.
fn time(estimate: &Estimate, loaded: &LoadedPlan, partial: bool) -> String {
    let least = if estimate.is_open { "at least" } else { "about" };
    let mut text = format!(
        "time: {least} {} ({} waiting, {} measuring)",
        shown(estimate.total()),
        shown(estimate.waiting),
        shown(estimate.measuring)
    );
    match estimate.questions {
        0 => {}
        1 => text.push_str(", 1 question"),
        more => text.push_str(&format!(", {more} questions")),
    }
    if let Some(before) = took_before(loaded).filter(|_| !partial) {
        text.push_str(&format!("; {} the last time", shown(before)));
    }
    text.push('\n');
    text
}

/// How long the same plan took, whole, when it ran last on this machine.
fn took_before(loaded: &LoadedPlan) -> Option<Duration> {
    let files = environment::journal_folder().ok()?.list().ok()?;
    files.into_iter().take(MAX_JOURNALS).find_map(|file| {
        let record = read_run(&file.path).ok()?;
        let start = record.start.as_ref()?;
        let is_same = start.plan.sha256 == loaded.text.sha256 && !start.partial;
        let is_whole = record.end.as_ref()?.status == SessionStatus::Completed;
        let took = record.ended_at?.duration_since(record.started_at?);
        Duration::try_from(took).ok().filter(|_| is_same && is_whole)
    })
}

/// `5.0 s`, `12 min`.
pub(crate) fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        10..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        _ => format!("{:.1} h", time.as_secs_f64() / 3600.0),
    }
}
