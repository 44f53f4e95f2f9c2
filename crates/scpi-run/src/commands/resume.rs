//! `scpi-run resume RUN`: goes on with a session that was cut, in the same record.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bench_model::{
    Origin, Reading, Record, Resumed, RunEvent, RunRecord, SessionEnd, SessionStart, SessionStatus,
    StepResult, Timestamp, VerdictCounts,
};
use run_journal::read_all;
use test_plan::{Operation, Plan, Resume, Schedule, Selection};
use test_runner::Continuation;

use crate::args::{BenchArguments, ResumeArguments, RunArguments};
use crate::commands::run::{Cut, Prepared, origin_of, run_prepared};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::past::own_journal;
use crate::plan::{LoadedPlan, PlanInputs, expand, load};
use crate::{bench, guardian};

/// Goes on with a run.
pub(crate) fn resume(arguments: &ResumeArguments) -> Result<Exit> {
    let file = own_journal(&arguments.run)?;
    if file.is_live().map_err(Failure::store)? {
        return Err(Failure::usage(format!("the run {} still goes on", file.session)));
    }
    // What the guardian did belongs before what comes now.
    guardian::join(&file.path)?;
    let records = read_all(&file.path).map_err(Failure::store)?;
    let run = RunRecord::of(records.iter().cloned());
    let Some(start) = run.start.clone() else {
        return Err(Failure::usage(format!("{}: nothing was begun", file.path.display())));
    };
    if let Some(SessionEnd { status: SessionStatus::Completed, .. }) = &run.end {
        return Err(Failure::usage(format!("the run {} came to its end", start.session)));
    }
    let origin = start.origin.clone().ok_or_else(|| {
        Failure::usage("the run was recorded by a version that did not say how to go on with it")
    })?;
    let loaded = same_plan(&start, &origin)?;
    let inputs = inputs_of(&start, &origin);
    let mut again = arguments.as_of_run();
    again.bench = bench_of(arguments, &origin);
    let file_of_plan = PathBuf::from(&loaded.text.file);
    let mut choice = bench::choose(&again.bench, None, &file_of_plan)?;
    if let Some(site) = &origin.site {
        choice.bench = choice.bench.at_site(site)?;
    }
    warn_of_other_bench(&origin, &choice.origin.sha256);
    let schedule = same_schedule(&loaded, &inputs, &start)?;
    choice.bench.check_roles(&schedule.roles_used)?;
    let continuation = continuation(&loaded.plan, &schedule, &records, run.clone())?;
    tell(&continuation.resumed);
    let prepared = Prepared {
        dut: start.dut.clone(),
        origin: origin_of(choice.origin, origin.site.clone(), &inputs),
        set: inputs.set.clone(),
        chosen: choice.bench,
        loaded: std::rc::Rc::new(loaded),
        schedule,
        cut: Some(Cut { start, continuation, run, journal: file.path }),
    };
    run_prepared(prepared, &again, &inputs)
}

/// The plan as it was run: another one would give another record.
fn same_plan(start: &SessionStart, origin: &Origin) -> Result<LoadedPlan> {
    let file = Path::new(&origin.folder).join(&start.plan.file);
    let loaded = load(&file)?;
    if loaded.text.sha256 != start.plan.sha256 {
        return Err(Failure::new(
            Exit::PlanInvalid,
            format!(
                "{}: the plan has changed since the run was begun, and a run has one plan; `scpi-run {}` begins \
                 another",
                file.display(),
                start.plan.file
            ),
        ));
    }
    Ok(loaded)
}

/// The plan's other files may have changed.
fn same_schedule(
    loaded: &LoadedPlan,
    inputs: &PlanInputs,
    start: &SessionStart,
) -> Result<Schedule> {
    let schedule = expand(loaded, &inputs.inputs(start.simulated))?;
    let now = (schedule.planned_results, schedule.planned_readings);
    if now != (start.planned_results, start.planned_readings) {
        return Err(Failure::new(
            Exit::PlanInvalid,
            format!(
                "the plan gives {} results now, and the run was begun for {}: files that it names have changed",
                now.0, start.planned_results
            ),
        ));
    }
    Ok(schedule)
}

fn inputs_of(start: &SessionStart, origin: &Origin) -> PlanInputs {
    let Origin { set, steps, tags, skip, .. } = origin.clone();
    let stated = start.environment.iter().map(|(name, value)| (name.clone(), value.to_string()));
    let set = stated.chain(set).collect();
    PlanInputs { set, selection: Selection { steps, tags, skip } }
}

fn bench_of(arguments: &ResumeArguments, origin: &Origin) -> BenchArguments {
    let file = Path::new(&origin.folder).join(&origin.bench.file);
    match (&arguments.bench, origin.bench.simulated) {
        (Some(file), _) => BenchArguments { sim: None, bench: Some(file.clone()) },
        (None, true) => BenchArguments { sim: Some(file.display().to_string()), bench: None },
        (None, false) => BenchArguments { sim: None, bench: Some(file) },
    }
}

fn warn_of_other_bench(origin: &Origin, sha256: &str) {
    if origin.bench.sha256 != sha256 {
        say!("scpi-run: the bench file has changed since; its instruments must be the same");
    }
}

fn tell(resumed: &Resumed) {
    let gap = Timestamp::now().duration_since(resumed.cut_at).as_secs();
    let step = resumed.step.as_deref();
    let at = step.map_or("after the last step".to_owned(), |step| format!("at {step}"));
    say!(
        "scpi-run: going on {at}, {gap} s after the run was cut: {}; {} results are judged anew",
        resumed.reason,
        resumed.superseded.len()
    );
}

/// Where a session goes on.
fn continuation(
    plan: &Plan,
    schedule: &Schedule,
    records: &[Record],
    run: RunRecord,
) -> Result<Continuation> {
    let finished = finished_steps(records);
    let ids = |operations: &[Operation]| step_ids(operations);
    let left = ids(&schedule.steps).into_iter().find(|step| !finished.contains(step));
    let begun = records.iter().any(
        |record| matches!(&record.event, RunEvent::StepStarted { step } if Some(step) == left.as_ref()),
    );
    let at_point = plan.resume == Resume::Point && begun;
    let always: BTreeSet<_> =
        ids(&schedule.setup).into_iter().chain(ids(&schedule.cleanup)).collect();
    let halves = if at_point { half_captures(schedule, &run) } else { BTreeSet::new() };
    let is_anew = |path: &str, place: &str| {
        let step = path.split('/').next().unwrap_or_default();
        always.contains(step)
            || halves.contains(place)
            || (!at_point && Some(step) == left.as_deref())
    };
    let (anew, results): (Vec<_>, Vec<_>) =
        run.results.into_iter().partition(|it| is_anew(&it.place.path, &it.place.to_string()));
    let mut counts = VerdictCounts::default();
    results.iter().for_each(|result| counts.add(result.verdict));
    let last = records.last().ok_or_else(|| Failure::usage("nothing was begun"))?;
    let end = run.end.as_ref();
    let resumed = Resumed {
        software: environment::software(),
        operator: environment::operator(),
        host: environment::host(),
        cut_at: last.at,
        ended: end.map(|end| end.status),
        reason: end.map_or("it did not come to say its end".to_owned(), |end| {
            end.reason.clone().unwrap_or_else(|| end.status.word().to_owned())
        }),
        step: left,
        at_point,
        superseded: anew.iter().map(|result| result.id).collect(),
        counts,
    };
    let finished = finished.into_iter().filter(|step| !always.contains(step)).collect();
    let instruments = run.instruments;
    let readings = readings_of(&results, records);
    Ok(Continuation { resumed, last_seq: last.seq, results, readings, finished, instruments })
}

/// The readings behind results, where there were several: later steps compute from them.
fn readings_of(results: &[StepResult], records: &[Record]) -> Vec<Reading> {
    let several = results.iter().filter(|result| result.readings.len() > 1);
    let wanted: BTreeSet<_> = several.flat_map(|result| &result.readings).collect();
    let readings = records.iter().filter_map(|record| match &record.event {
        RunEvent::Reading(reading) if wanted.contains(&reading.id) => Some((**reading).clone()),
        _ => None,
    });
    readings.collect()
}

/// Steps that came to their end, and were not begun again since.
fn finished_steps(records: &[Record]) -> BTreeSet<String> {
    let mut finished = BTreeSet::new();
    for record in records {
        match &record.event {
            RunEvent::StepStarted { step } => {
                finished.remove(step);
            }
            RunEvent::StepFinished { step, .. } => {
                finished.insert(step.clone());
            }
            _ => {}
        }
    }
    finished
}

fn step_ids(operations: &[Operation]) -> Vec<String> {
    let id = |operation: &Operation| match operation {
        Operation::StepStarted { step } => Some(step.clone()),
        _ => None,
    };
    operations.iter().filter_map(id).collect()
}

/// Places of captures of which not everything was judged: a waveform is captured and measured as one.
fn half_captures(schedule: &Schedule, run: &RunRecord) -> BTreeSet<String> {
    let mut halves = BTreeSet::new();
    for operation in &schedule.steps {
        let Operation::Capture(capture) = operation else { continue };
        let paths: BTreeSet<_> = capture.measures.iter().map(|it| &it.place.path).collect();
        let of_it = run.results.iter().filter(|result| paths.contains(&result.place.path));
        let mut by_point = std::collections::BTreeMap::<String, Vec<String>>::new();
        for result in of_it {
            let places = by_point.entry(result.place.point.to_string()).or_default();
            places.push(result.place.to_string());
        }
        let cut = by_point.into_values().filter(|places| places.len() % paths.len() != 0);
        halves.extend(cut.flatten());
    }
    halves
}

impl ResumeArguments {
    /// As if the run were begun with these.
    fn as_of_run(&self) -> RunArguments {
        RunArguments {
            plans: Vec::new(),
            bench: BenchArguments { sim: None, bench: None },
            dut: Vec::new(),
            inputs: crate::args::InputArguments::default(),
            repeat: 1,
            until_fail: false,
            shard: None,
            fail_fast: false,
            conduct: self.conduct.clone(),
            operator: None,
            trigger: crate::args::TriggerWord::Manual,
        }
    }
}
