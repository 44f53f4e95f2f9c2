//! The whole way of one session: bind, run, make safe, say how it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::time::Duration;

use bench_catalog::{Bench, Dialect, Function, Setting};
use bench_instruments::safe_state::Stage;
use bench_instruments::{Channel, OpenOptions};
use bench_model::{
    Presence, Quantity, Record, Resumed, RunEvent, SafeState, SessionEnd, SessionStart,
    SessionStatus, Timestamp, Verdict, VerdictCounts,
};
use futures_util::FutureExt;
use test_plan::{AMBIENT, Inputs, KnownAccuracy, Plan, SafeStateOrder, Schedule, Selection};
use tokio::sync::mpsc;

use crate::bind::{Bound, Wanted, bind, presence};
use crate::by_hand::{ByHand, by_hand, tell_by_hand};
use crate::calibration::years_since;
use crate::decide;
use crate::emit::{Emitter, JournalLost};
use crate::execute::{Attended, Execution};
use crate::halt::Halt;
use crate::operator::Operator;
use crate::prepare::Instruments;
use crate::resume::{Continuation, Rest, rest};
use crate::safe::{SafeEnd, end_safely, stages};
use crate::sites::{AtSite, Gates};
use crate::stop::Stop;

/// What is run, and where.
pub struct Session<'s> {
    /// How it begins; its counts come from an expansion without dialects.
    pub start: SessionStart,
    /// The checked plan.
    pub plan: &'s Plan,
    /// Values of parameters and of the environment.
    pub set: &'s BTreeMap<String, String>,
    /// Which steps.
    pub selection: &'s Selection,
    /// The roles that its operations need.
    pub roles: BTreeSet<String>,
    /// The instruments.
    pub bench: &'s Bench,
    /// How they are opened.
    pub options: &'s OpenOptions,
    /// Who answers questions.
    pub operator: &'s dyn Operator,
    /// Whether front panels are locked while it runs.
    pub lockout: bool,
    /// The file, in PEM, of the authorities that the system trusts to say who a server is.
    pub authorities: Option<PathBuf>,
    /// What it goes on from, where it was cut.
    pub resume: Option<Continuation>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// As the record has it, if there still is one.
    pub end: SessionEnd,
    /// Faults of the equipment, the worst first.
    pub equipment_faults: Vec<String>,
    /// Outputs that could not be confirmed off.
    pub unconfirmed: Vec<String>,
    /// Whether the journal failed.
    pub journal_lost: bool,
    /// Whether we failed: a panic.
    pub internal_fault: bool,
}

/// The whole way of one session among those of all sites.
pub(crate) async fn run_at(
    session: &Session<'_>,
    journal: mpsc::Sender<Record>,
    stop: Stop,
    mut place: AtSite,
) -> Outcome {
    let last_seq = session.resume.as_ref().map_or(0, |resume| resume.last_seq);
    let mut emitter = Emitter::new(journal, last_seq);
    let mut ending = Ending::default();
    let bound = match begin(session, &mut emitter).await {
        Ok(()) => {
            let who = Wanted {
                plan: session.plan,
                roles: &session.roles,
                before: session.resume.as_ref().map(|resume| resume.instruments.as_slice()),
            };
            let opened = place.opened().await;
            bind(&who, session.bench, &opened, &mut emitter).await
        }
        Err(lost) => Err(lost),
    };
    match bound {
        Ok(bound) => run_bound(session, bound, emitter, stop, place, ending).await,
        Err(_) => {
            ending.journal_lost = true;
            ending.finish(&mut emitter).await
        }
    }
}

async fn begin(session: &Session<'_>, emitter: &mut Emitter) -> Result<(), JournalLost> {
    match &session.resume {
        Some(resume) => {
            emitter.emit(RunEvent::Resumed(Box::new(resume.resumed.clone()))).await?;
            tell_gap(resume, emitter).await
        }
        None => emitter.emit(RunEvent::SessionStarted(Box::new(session.start.clone()))).await,
    }
}

async fn run_bound(
    session: &Session<'_>,
    bound: Bound,
    mut emitter: Emitter,
    stop: Stop,
    mut place: AtSite,
    mut ending: Ending,
) -> Outcome {
    let stages = stages(session.plan, &bound.channels);
    let simulated = session.start.simulated;
    let (schedule, hands) = match ready(session, &bound, &mut ending) {
        Some(ready) if ending.is_guarded(place.arm(&stages).await) => ready,
        _ => {
            let _ = tell_offline(&bound, &BTreeSet::new(), &mut emitter).await;
            return ending.finish(&mut emitter).await;
        }
    };
    if tell_by_hand(&hands, session.bench, simulated, &mut emitter).await.is_err() {
        ending.journal_lost = true;
    }
    let attended = Attended {
        operator: session.operator,
        stages: &stages,
        simulated,
        keeps_on_in_pause: session.plan.safe_state.keeps_on_in_pause,
    };
    let turns = place.turns();
    let mut execution =
        Execution::new(&bound.channels, session.bench, emitter, stop, attended, turns);
    execution.by_hand = hands;
    execution.authorities.clone_from(&session.authorities);
    if let Some(resume) = &session.resume {
        execution.keep(&resume.results, &resume.readings);
    }
    let way = Way {
        plan: session.plan,
        schedule: &schedule,
        stages: &stages,
        safe_state: &session.plan.safe_state,
        instruments: &bound.instruments,
        lockout: session.lockout,
        resume: session.resume.as_ref(),
    };
    walk_to_safety(&mut execution, &way, place.gates(), &mut ending).await;
    let lost = execution.lost().clone();
    place.leave(&lost).await;
    let mut emitter = execution.emitter;
    let _ = tell_offline(&bound, &lost, &mut emitter).await;
    ending.finish(&mut emitter).await
}

/// What is to be done, and what of it a person reads, if it can be done with who is there. Whoever is refused is so
/// before the guard is armed.
fn ready(session: &Session<'_>, bound: &Bound, ending: &mut Ending) -> Option<(Schedule, ByHand)> {
    let scheduled = scheduled(session, bound).and_then(|schedule| {
        let hands = by_hand(session.plan, &schedule, session.bench, session.start.simulated)?;
        Ok((schedule, hands))
    });
    scheduled.map_err(|faults| ending.fail(faults)).ok()
}

fn scheduled(session: &Session<'_>, bound: &Bound) -> Result<Schedule, Vec<String>> {
    if !bound.faults.is_empty() {
        return Err(bound.faults.clone());
    }
    let dialect_of = |role: &str| -> Option<&Dialect> {
        bound.channels.get(role).map(|channel| channel.instrument().dialect())
    };
    let channel_of = |role: &str| bound.channels.get(role).map(Channel::number);
    let most_of = |role: &str, setting: Setting| session.bench.most(role, setting);
    let years_of = |role: &str| {
        let channel = bound.channels.get(role)?;
        years_since(channel.instrument().calibration())
    };
    let accuracy_of = |role: &str, function: Function| {
        let (tables, days) = decide::accuracy_of(bound.channels.get(role)?, function);
        Some(KnownAccuracy { tables, days })
    };
    let inputs = Inputs {
        set: session.set,
        selection: session.selection.clone(),
        dialect_of: &dialect_of,
        channel_of: &channel_of,
        most_of: &most_of,
        years_of: Some(&years_of),
        accuracy_of: &accuracy_of,
        simulated: session.start.simulated,
    };
    let schedule = session.plan.expand(&inputs);
    schedule.map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// What is done, by whom, and how it ends.
struct Way<'s> {
    plan: &'s Plan,
    schedule: &'s Schedule,
    stages: &'s [Stage],
    safe_state: &'s SafeStateOrder,
    instruments: &'s Instruments,
    lockout: bool,
    resume: Option<&'s Continuation>,
}

/// The walk, and the safe state however it ended.
async fn walk_to_safety(
    execution: &mut Execution<'_>,
    way: &Way<'_>,
    gates: Gates,
    ending: &mut Ending,
) {
    let walked = AssertUnwindSafe(walk(execution, way, gates)).catch_unwind().await;
    execution.held = None;
    ending.take(execution, walked.ok());
    let reason = ending.reason_of_safe_state();
    let is_calm = matches!(ending.status, Some(SessionStatus::Completed | SessionStatus::Aborted));
    if is_calm {
        wind_down(execution, &way.safe_state.ramps).await;
    }
    let is_calm = is_calm && !execution.stop.requested().is_some_and(|reason| reason.at_once);
    let end = SafeEnd {
        stages: way.stages,
        kept_on: &way.safe_state.kept_on,
        discharge_by: is_calm.then_some(&way.safe_state.discharge_by),
        channels: execution.channels,
        discharged: way.schedule.discharged.as_ref(),
        turns: &execution.turns,
        stop: &execution.stop,
    };
    ending.safe = Some(end_safely(&end, &mut execution.emitter, &reason).await);
}

/// Supplies come down in steps, where the plan wants that and nobody is in haste.
async fn wind_down(execution: &mut Execution<'_>, ramps: &BTreeMap<String, Duration>) {
    if ramps.is_empty() {
        return;
    }
    let mut stop = execution.stop.clone();
    let mut faults = Vec::new();
    let work = async { faults = execution.wind_down(ramps).await };
    stop.unless_in_haste(work).await;
    for fault in faults {
        // Without a journal there is nobody to tell.
        let _ = execution.emitter.warn(fault).await;
    }
}

/// Setup, steps, cleanup; the cleanup is run whatever failed before it.
async fn walk(execution: &mut Execution<'_>, way: &Way<'_>, gates: Gates) -> Result<(), Halt> {
    let schedule = way.schedule;
    for warning in &schedule.warnings {
        execution.emitter.warn(warning.to_string()).await?;
    }
    execution.look_at_certificates(schedule).await?;
    execution.ambient = schedule.environment.get(AMBIENT).and_then(Quantity::in_base);
    execution.prepare(way.instruments, way.stages, way.lockout, gates).await?;
    execution.warm_up(way.plan).await?;
    execution.run_setup(&schedule.setup).await?;
    match way.resume {
        None => execution.run(&schedule.steps).await?,
        Some(resume) => walk_on(execution, rest(&schedule.steps, resume)).await?,
    }
    execution.unblock();
    execution.run(&schedule.cleanup).await
}

/// The gap, for everybody who reads warnings.
async fn tell_gap(resume: &Continuation, emitter: &mut Emitter) -> Result<(), JournalLost> {
    let Resumed { cut_at, reason, step, at_point, superseded, .. } = &resume.resumed;
    let gap_s = Timestamp::now().duration_since(*cut_at).as_secs();
    let how =
        if *at_point { "at the point that was not judged yet" } else { "from its first point" };
    let goes_on = match step {
        Some(step) => format!("went on in {step}, {how}"),
        None => "went on after the last step".to_owned(),
    };
    let judged = superseded.len();
    let told = format!(
        "the run was cut at {cut_at} ({reason}); after {gap_s} s it {goes_on}; {judged} results were judged anew"
    );
    emitter.warn(told).await
}

/// What is left of a session that was cut. A setting that cannot be restored stops it as one of the setup does.
async fn walk_on(execution: &mut Execution<'_>, rest: Rest) -> Result<(), Halt> {
    for place in &rest.unsent {
        let told = format!("{place} was sent before the cut, and is not sent again");
        execution.emitter.warn(told).await?;
    }
    execution.run_setup(&rest.restore).await?;
    execution.run(&rest.operations).await
}

/// We are done with those that still answer.
async fn tell_offline(
    bound: &Bound,
    lost: &BTreeSet<String>,
    emitter: &mut Emitter,
) -> Result<(), Halt> {
    for name in bound.instruments.keys().filter(|name| !lost.contains(*name)) {
        emitter.emit(presence(name, Presence::Offline, None)).await?;
    }
    Ok(())
}

/// What is known of the end, as it comes to be known.
#[derive(Default)]
struct Ending {
    status: Option<SessionStatus>,
    reason: Option<String>,
    counts: VerdictCounts,
    faults: Vec<String>,
    safe: Option<SafeState>,
    journal_lost: bool,
    internal_fault: bool,
}

impl Ending {
    fn fail(&mut self, faults: Vec<String>) {
        self.status = Some(SessionStatus::Failed);
        self.reason = Some(faults.join("; "));
        self.faults = faults;
    }

    /// Nothing is switched on that nobody would switch off.
    fn is_guarded(&mut self, armed: Result<(), String>) -> bool {
        if let Err(fault) = &armed {
            self.status = Some(SessionStatus::Failed);
            self.reason = Some(fault.clone());
            self.internal_fault = true;
        }
        armed.is_ok()
    }

    /// What the walk came to; none after a panic.
    fn take(&mut self, execution: &Execution<'_>, walked: Option<Result<(), Halt>>) {
        self.counts = execution.counts;
        self.faults.clone_from(&execution.faults);
        match walked {
            Some(Ok(())) => self.status = Some(SessionStatus::Completed),
            Some(Err(Halt::Stopped(reason))) => {
                self.status = Some(SessionStatus::Aborted);
                self.reason = Some(reason.text);
            }
            Some(Err(Halt::JournalLost)) => {
                self.status = Some(SessionStatus::Failed);
                self.reason = Some("the journal could not be written".to_owned());
                self.journal_lost = true;
            }
            Some(Err(Halt::NotReady(faults))) => self.fail(faults),
            None => {
                self.status = Some(SessionStatus::Failed);
                self.reason = Some("internal fault: a panic".to_owned());
                self.internal_fault = true;
            }
        }
        let nothing_run = self.counts.judged() > 0 && self.counts.judged() == self.counts.skip;
        if nothing_run && !self.faults.is_empty() && self.status == Some(SessionStatus::Completed) {
            self.fail(self.faults.clone());
        }
    }

    fn reason_of_safe_state(&self) -> String {
        match self.status {
            Some(SessionStatus::Completed) => "end of plan".to_owned(),
            _ => self.reason.clone().unwrap_or_else(|| "end of plan".to_owned()),
        }
    }

    async fn finish(self, emitter: &mut Emitter) -> Outcome {
        let unconfirmed: Vec<String> = self
            .safe
            .iter()
            .flat_map(SafeState::unconfirmed)
            .map(|output| {
                let detail = output.detail.as_deref().unwrap_or("it did not say that it is off");
                format!(
                    "{} ({} channel {}): {detail}",
                    output.role, output.instrument, output.channel
                )
            })
            .collect();
        let end = SessionEnd {
            status: self.status.unwrap_or(SessionStatus::Failed),
            verdict: self.counts.worst().filter(|verdict| *verdict != Verdict::Recorded),
            counts: self.counts,
            outputs_off: unconfirmed.is_empty(),
            reason: self.reason,
        };
        let told = emitter.emit(RunEvent::SessionFinished(end.clone())).await;
        Outcome {
            end,
            equipment_faults: self.faults,
            unconfirmed,
            journal_lost: self.journal_lost || told.is_err(),
            internal_fault: self.internal_fault,
        }
    }
}
