//! `scpi-run PLAN...`: the main job. Journal first, then instruments; the database follows by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_instruments::OpenOptions;
use bench_model::{
    BenchOrigin, Dut, EVENT_FORMAT, Origin, RunRecord, SessionId, SessionStart, Verdict,
};
use run_journal::{JournalFolder, JournalThread, JournalWriter, Observer};
use test_plan::{Schedule, Selection};
use test_report::OutputFault;
use test_runner::{
    Continuation, Outcome, Session, Stop, run as run_session, run_guarded, stop_channel,
};
use uuid::Uuid;

use crate::args::RunArguments;
use crate::bench::{self, Choice, ChosenBench};
use crate::bench_knowledge::BenchKnowledge;
use crate::commands::report;
use crate::database::{self, Database, HeldDatabase, Recorded, Recorder};
use crate::dialects::dialects;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian::{Guardian, HEARTBEAT, report_beside};
use crate::leases::Leases;
use crate::locks::{self, Locks, WhenTaken};
use crate::operator::{self, TerminalOperator};
use crate::plan::{LoadedPlan, PlanInputs, expand, load};
#[cfg(debug_assertions)]
use crate::provoked::by_signal;
use crate::runtime::block_on;
use crate::signals::Signals;
use crate::{dut, environment, surroundings, tape};

mod expected;
mod last_lines;
mod screen;

use screen::observers;

/// For a connection to an instrument.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// For an answer, beyond the integration time; a bench file may give another.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// A plan that is ready to be run.
pub(crate) struct Prepared {
    pub(crate) loaded: LoadedPlan,
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
    prepared: &Prepared,
    arguments: &RunArguments,
    inputs: &PlanInputs,
) -> Result<Exit> {
    report::check(&arguments.conduct.files)?;
    let database = database::choose(&arguments.conduct.database)?;
    let mut held = HeldDatabase::default();
    let ended = one(prepared, arguments, inputs, &database, &mut held);
    held.close()?;
    ended
}

fn run_all(
    prepared: &[Prepared],
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
            let exit = one(plan, arguments, inputs, database, held)?;
            exits.push(exit);
            let failed = exit != Exit::Pass;
            if exit == Exit::Aborted || failed && (arguments.fail_fast || arguments.until_fail) {
                return Ok(Exit::worst(exits));
            }
        }
    }
    Ok(Exit::worst(exits))
}

/// Reads a plan and checks all that can be without an instrument.
pub(crate) fn prepare(
    file: &Path,
    arguments: &RunArguments,
    inputs: &PlanInputs,
) -> Result<Prepared> {
    let loaded = load(file)?;
    let Choice { bench: chosen, origin } = if loaded.plan.roles.is_empty() {
        Choice::none()
    } else {
        bench::choose(&arguments.bench, loaded.plan.sim.as_deref(), file)?
    };
    let simulated = chosen.is_simulated();
    let inputs = surroundings::stated(inputs, &loaded.plan, simulated, arguments.trigger)?;
    let origin = origin_of(origin, &inputs);
    let own = inputs.inputs(simulated);
    let mut schedule = expand(&loaded, &own)?;
    chosen.check_roles(&schedule.roles_used)?;
    if let ChosenBench::Real(bench) = &chosen
        && !loaded.plan.roles.is_empty()
    {
        schedule = BenchKnowledge::of(bench.clone())?.expand(&loaded, &own)?;
    }
    operator::check(&schedule, simulated, arguments.trigger)?;
    let dut = dut::of_run(&loaded.plan.dut, arguments.dut.as_deref(), simulated)?;
    Ok(Prepared { loaded, schedule, chosen, dut, origin, set: inputs.set, cut: None })
}

/// One session, from its bench to its last lines.
fn one(
    prepared: &Prepared,
    arguments: &RunArguments,
    inputs: &PlanInputs,
    database: &Database,
    held: &mut HeldDatabase,
) -> Result<Exit> {
    let start = session_start(prepared, arguments);
    let Ran { outcome, path, thread, recorder, json_fault } =
        on_bench(prepared, arguments, inputs, start, database)?;
    let journal_fault = thread.join().err();
    let recorded = recorder.join();
    last_lines::tell(&outcome, &path, journal_fault.as_ref(), &recorded, arguments.conduct.json);
    if let Some(fault) = json_fault.as_ref().and_then(OutputFault::get) {
        say!("scpi-run: --json: {fault}");
    }
    let mut exits = exits(&outcome, &recorded, arguments.conduct.require_db);
    if journal_fault.is_some() {
        exits.push(Exit::Store);
    }
    exits.extend(report::write(
        &arguments.conduct.files,
        arguments.conduct.report.as_deref(),
        &path,
    ));
    if let Ok(Some(recorded)) = recorded {
        held.hold(recorded.open)?;
    }
    Ok(Exit::worst(exits))
}

/// A session that has ended, and who still works on its record.
struct Ran {
    outcome: Outcome,
    path: PathBuf,
    thread: JournalThread,
    recorder: Recorder,
    json_fault: Option<OutputFault>,
}

/// A journal with its thread.
struct Journal {
    path: PathBuf,
    sender: tokio::sync::mpsc::Sender<bench_model::Record>,
    thread: JournalThread,
}

impl Journal {
    fn open(
        folder: &JournalFolder,
        session: SessionId,
        cut: Option<&Cut>,
        observers: Vec<Box<dyn Observer>>,
    ) -> Result<Self> {
        let writer = match cut {
            Some(cut) => JournalWriter::reopen(&cut.journal),
            None => JournalWriter::create(folder, session),
        };
        let writer = writer.map_err(Failure::store)?;
        let path = writer.path().to_owned();
        let (sender, thread) = JournalThread::spawn(writer, observers)
            .map_err(|error| Failure::store(format!("no thread for the journal: {error}")))?;
        Ok(Self { path, sender, thread })
    }
}

fn session_start(prepared: &Prepared, arguments: &RunArguments) -> SessionStart {
    let Prepared { loaded, schedule, chosen, dut, origin, cut, .. } = prepared;
    if let Some(cut) = cut {
        return cut.start.clone();
    }
    SessionStart {
        session: SessionId(Uuid::now_v7()),
        format: EVENT_FORMAT,
        software: environment::software(),
        plan: loaded.text.clone(),
        test_type: Some(loaded.plan.test_type.word().to_owned()),
        dut: dut.clone(),
        bench: chosen.name().to_owned(),
        simulated: chosen.is_simulated(),
        partial: schedule.partial,
        trigger: arguments.trigger.into(),
        operator: arguments.operator.clone().or_else(environment::operator),
        host: environment::host(),
        parameters: schedule.parameters.clone(),
        environment: schedule.environment.clone(),
        planned_results: schedule.planned_results,
        planned_readings: schedule.planned_readings,
        origin: Some(Box::new(origin.clone())),
    }
}

pub(crate) fn origin_of(bench: BenchOrigin, inputs: &PlanInputs) -> Origin {
    let Selection { steps, tags, skip } = inputs.selection.clone();
    Origin {
        build: environment::build(),
        folder: environment::folder(),
        bench,
        set: inputs.set.clone(),
        steps,
        tags,
        skip,
    }
}

/// Runs the session on its bench, with signals heard all the while. Nothing is recorded before the bench is there.
fn on_bench(
    prepared: &Prepared,
    arguments: &RunArguments,
    inputs: &PlanInputs,
    start: SessionStart,
    database: &Database,
) -> Result<Ran> {
    let dialects = dialects()?;
    let tape = arguments.conduct.trace.as_deref().map(tape::open).transpose()?;
    let options = OpenOptions {
        connect_timeout: CONNECT_TIMEOUT,
        read_timeout: READ_TIMEOUT,
        tape,
        logins: prepared.chosen.logins(&arguments.conduct.database)?,
        ..OpenOptions::new(dialects)
    };
    block_on(async {
        #[cfg(debug_assertions)]
        let options = OpenOptions { tape: Some(by_signal(options.tape)?), ..options };
        let mut signals = Signals::listen_awake()?;
        let outlives_us = prepared.chosen.outlives_us();
        let (locks, leases) = locked(prepared, arguments, database, &mut signals).await?;
        let ready = prepared.chosen.clone().ready().await?;
        let simulated = prepared.chosen.is_simulated();
        let asks = operator::asks(&prepared.schedule, simulated);
        let cut = prepared.cut.as_ref();
        let expected = || expected::time(&start, cut.is_some(), &prepared.schedule);
        let before = cut.map(|cut| cut.run.clone());
        let (watchers, json_fault) = observers(arguments, asks, before, expected);
        let Journal { path, sender, thread } =
            Journal::open(&environment::journal_folder()?, start.session, cut, watchers)?;
        let recorder = Recorder::spawn(database.clone(), path.clone(), thread.synced())?;
        let guardian = outlives_us.then(|| guardian(prepared, &path, &locks)).transpose()?;
        let (stopper, stop) = stop_channel();
        let operator = TerminalOperator::of_run(arguments.trigger);
        let session = Session {
            start,
            plan: &prepared.loaded.plan,
            set: &prepared.set,
            selection: &inputs.selection,
            roles: prepared.schedule.roles_used.clone(),
            bench: &ready.bench,
            options: &options,
            operator: &operator,
            lockout: arguments.conduct.lockout,
            resume: cut.map(|cut| cut.continuation.clone()),
        };
        let outcome = tokio::select! {
            outcome = guarded(session, sender, ready.timed(stop), guardian) => outcome,
            () = signals.stop(&stopper) => return Err(Failure::internal("signals ended")),
        };
        ready.close().await;
        if let Some(leases) = leases {
            leases.close();
        }
        Ok(Ran { outcome, path, thread, recorder, json_fault })
    })
}

/// The locks of the instruments that it uses, and their leases where hosts share a database; those in this process
/// are nobody else's.
async fn locked(
    prepared: &Prepared,
    arguments: &RunArguments,
    database: &Database,
    signals: &mut Signals,
) -> Result<(Locks, Option<Leases>)> {
    let ChosenBench::Real(bench) = &prepared.chosen else { return Ok((Locks::default(), None)) };
    let when_taken = if arguments.conduct.wait { WhenTaken::Wait } else { WhenTaken::Refuse };
    let roles = &prepared.schedule.roles_used;
    let taking = async {
        let locks = Locks::take(bench, roles, when_taken).await?;
        let leases = Leases::take(database, &locks::used(bench, roles), when_taken).await?;
        Ok((locks, leases))
    };
    tokio::select! {
        taken = taking => taken,
        name = signals.end() => {
            Err(Failure::new(Exit::Aborted, format!("{name}: nothing was begun")))
        }
    }
}

fn guardian(prepared: &Prepared, journal: &Path, locks: &Locks) -> Result<Guardian> {
    let heartbeat = prepared.loaded.plan.safe_state.heartbeat.unwrap_or(HEARTBEAT);
    Guardian::start(report_beside(journal), heartbeat, locks.duplicates()?)
}

async fn guarded(
    session: Session<'_>,
    journal: tokio::sync::mpsc::Sender<bench_model::Record>,
    stop: Stop,
    guardian: Option<Guardian>,
) -> Outcome {
    match guardian {
        Some(mut guardian) => run_guarded(session, journal, stop, &mut guardian).await,
        None => run_session(session, journal, stop).await,
    }
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
