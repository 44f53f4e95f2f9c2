//! `scpi-run PLAN...`: the main job. Journal first, then instruments; the database follows by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bench_model::{Dut, Origin, RunRecord, SessionStart, Verdict};
use test_plan::Schedule;
use test_report::OutputFault;
use test_runner::{Continuation, Outcome};

use crate::args::RunArguments;
use crate::bench::{self, Choice, ChosenBench};
use crate::bench_knowledge::BenchKnowledge;
use crate::commands::report;
use crate::database::{self, Database, HeldDatabase, Recorded};
use crate::dut::{self, Seat};
use crate::exit::Exit;
use crate::failure::Result;
use crate::plan::{LoadedPlan, PlanInputs, expand, load};
use crate::{operator, sharing, surroundings};

mod expected;
mod last_lines;
mod screen;
mod side_by_side;

use last_lines::LastLines;
pub(crate) use side_by_side::origin_of;
use side_by_side::{Ran, Recording, on_bench};

/// A plan that is ready to be run.
pub(crate) struct Prepared {
    pub(crate) loaded: Rc<LoadedPlan>,
    pub(crate) schedule: Schedule,
    pub(crate) chosen: ChosenBench,
    pub(crate) dut: Dut,
    pub(crate) origin: Origin,
    /// Values of parameters, and what was said of the surroundings.
    pub(crate) set: BTreeMap<String, String>,
    /// The session that it goes on with.
    pub(crate) cut: Option<Cut>,
}

/// A session that was cut.
pub(crate) struct Cut {
    pub(crate) start: SessionStart,
    pub(crate) continuation: Continuation,
    /// All of it so far.
    pub(crate) run: RunRecord,
    pub(crate) journal: PathBuf,
}

/// Runs plans, one after the other. All of them are checked before the first is begun.
pub(crate) fn run(arguments: &RunArguments) -> Result<Exit> {
    report::check(&arguments.conduct.files)?;
    let inputs = PlanInputs::of(&arguments.inputs);
    let database = database::choose(&arguments.conduct.database)?;
    let mut prepared = Vec::new();
    let mut refused = Vec::new();
    for file in &plans_of(arguments) {
        match prepare(file, arguments, &inputs) {
            Ok(plan) => prepared.push(plan),
            Err(failure) => refused.push(failure.tell()),
        }
    }
    if !refused.is_empty() {
        return Ok(Exit::worst(refused));
    }
    let mut held = HeldDatabase::default();
    let ended = run_all(&prepared, arguments, &inputs, &database, &mut held);
    held.close()?;
    ended
}

/// All, or those of the part that was asked for.
fn plans_of(arguments: &RunArguments) -> Vec<PathBuf> {
    let plans = arguments.plans.clone();
    match arguments.shard {
        Some(shard) => shard.of(plans),
        None => plans,
    }
}

/// Runs one that is ready.
pub(crate) fn run_prepared(
    prepared: Prepared,
    arguments: &RunArguments,
    inputs: &PlanInputs,
) -> Result<Exit> {
    report::check(&arguments.conduct.files)?;
    let database = database::choose(&arguments.conduct.database)?;
    let mut held = HeldDatabase::default();
    let ended = at_all_sites(&[prepared], arguments, inputs, &database, &mut held);
    held.close()?;
    ended
}

fn run_all(
    prepared: &[Vec<Prepared>],
    arguments: &RunArguments,
    inputs: &PlanInputs,
    database: &Database,
    held: &mut HeldDatabase,
) -> Result<Exit> {
    let mut exits = Vec::new();
    let most =
        if arguments.until_fail && arguments.repeat == 1 { u32::MAX } else { arguments.repeat };
    for _ in 0..most {
        for plan in prepared {
            let exit = at_all_sites(plan, arguments, inputs, database, held)?;
            exits.push(exit);
            let failed = exit != Exit::Pass;
            if exit == Exit::Aborted || failed && (arguments.fail_fast || arguments.until_fail) {
                return Ok(Exit::worst(exits));
            }
        }
    }
    Ok(Exit::worst(exits))
}

/// A plan for each site of the bench that takes part, checked as far as it can be without an instrument; for the whole bench where that has none.
pub(crate) fn prepare(
    file: &Path,
    arguments: &RunArguments,
    inputs: &PlanInputs,
) -> Result<Vec<Prepared>> {
    let loaded = Rc::new(load(file)?);
    let Choice { bench: chosen, origin } = if loaded.plan.roles.is_empty() {
        Choice::none()
    } else {
        bench::choose(&arguments.bench, loaded.plan.sim.as_deref(), file)?
    };
    let simulated = chosen.is_simulated();
    let inputs = surroundings::stated(inputs, &loaded.plan, simulated, arguments.trigger)?;
    let mut all = Vec::new();
    for Seat { site, serial } in dut::seats(chosen.sites(), &arguments.dut)? {
        let chosen = match &site {
            Some(site) => chosen.at_site(site)?,
            None => chosen.clone(),
        };
        let origin = origin_of(origin.clone(), site, &inputs);
        all.push(prepare_one(&loaded, chosen, origin, serial.as_deref(), arguments, &inputs)?);
    }
    let sites: Vec<_> = all.iter().map(|own| (own.chosen.clone(), &own.schedule)).collect();
    sharing::check(&loaded, &sites)?;
    Ok(all)
}

fn prepare_one(
    loaded: &Rc<LoadedPlan>,
    chosen: ChosenBench,
    origin: Origin,
    serial: Option<&str>,
    arguments: &RunArguments,
    inputs: &PlanInputs,
) -> Result<Prepared> {
    let simulated = chosen.is_simulated();
    let own = inputs.inputs(simulated);
    let mut schedule = expand(loaded, &own)?;
    chosen.check_roles(&schedule.roles_used)?;
    if let ChosenBench::Real(bench) = &chosen
        && !loaded.plan.roles.is_empty()
    {
        schedule = BenchKnowledge::of(bench.clone())?.expand(loaded, &own)?;
    }
    operator::check(&schedule, simulated, arguments.trigger)?;
    let dut = dut::of_run(&loaded.plan.dut, origin.site.as_deref(), serial, simulated)?;
    let (loaded, set) = (Rc::clone(loaded), inputs.set.clone());
    Ok(Prepared { loaded, schedule, chosen, dut, origin, set, cut: None })
}

/// One session at each site, from their bench to their last lines.
fn at_all_sites(
    prepared: &[Prepared],
    arguments: &RunArguments,
    inputs: &PlanInputs,
    database: &Database,
    held: &mut HeldDatabase,
) -> Result<Exit> {
    let mut exits = Vec::new();
    for ran in on_bench(prepared, arguments, inputs, database)? {
        exits.push(end(ran, arguments, held)?);
    }
    Ok(Exit::worst(exits))
}

/// Waits for what still works on the record of a session, and says the last lines.
fn end(ran: Ran, arguments: &RunArguments, held: &mut HeldDatabase) -> Result<Exit> {
    let Ran { outcome, site, record } = ran;
    let Recording { path, thread, recorder, json_fault } = record;
    let journal_fault = thread.join().err();
    let recorded = recorder.join();
    let is_json = arguments.conduct.json;
    let last = LastLines { site: site.as_deref(), journal: &path, output_is_json: is_json };
    last.tell(&outcome, journal_fault.as_ref(), &recorded);
    if let Some(fault) = json_fault.as_ref().and_then(OutputFault::get) {
        say!("scpi-run: --json: {fault}");
    }
    let mut exits = exits(&outcome, &recorded, arguments.conduct.require_db);
    if journal_fault.is_some() {
        exits.push(Exit::Store);
    }
    let files = match &site {
        Some(site) => arguments.conduct.files.of_site(site),
        None => arguments.conduct.files.clone(),
    };
    exits.extend(report::write(&files, arguments.conduct.report.as_deref(), &path));
    if let Ok(Some(recorded)) = recorded {
        held.hold(recorded.open)?;
    }
    Ok(Exit::worst(exits))
}

fn exits(outcome: &Outcome, recorded: &Result<Option<Recorded>>, require_db: bool) -> Vec<Exit> {
    use bench_model::SessionStatus::{Aborted, Failed};
    let holds = [
        (!outcome.unconfirmed.is_empty(), Exit::OutputsOn),
        (outcome.end.status == Aborted, Exit::Aborted),
        (outcome.internal_fault, Exit::Internal),
        (outcome.journal_lost, Exit::Store),
        (require_db && !matches!(recorded, Ok(Some(_))), Exit::Store),
        (outcome.end.status == Failed, Exit::Instrument),
        (!outcome.equipment_faults.is_empty(), Exit::Instrument),
        (outcome.end.verdict == Some(Verdict::Error), Exit::Instrument),
        (outcome.end.counts.fail > 0, Exit::Fail),
        (outcome.end.counts.inconclusive > 0, Exit::Inconclusive),
    ];
    holds.into_iter().filter(|(holds, _)| *holds).map(|(_, exit)| exit).collect()
}
