//! The walk through the operations, and what is not run after a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use bench_catalog::{Bench, ReadingSettings};
use bench_instruments::safe_state::Stage;
use bench_instruments::{Answer, Channel, InstrumentError};
use bench_model::{
    Analysis, Decimal, Decision, Judgement, Limit, Measured, Place, Point, Presence, Quantity,
    Reading, ReadingId, ResultId, RunEvent, StepResult, Timestamp, Verdict, VerdictCounts,
    WaveformId,
};
use test_plan::{OnError, Operation, PlannedLimit, Set};
use uuid::Uuid;

use crate::bind::{Channels, presence};
use crate::by_hand::ByHand;
use crate::emit::Emitter;
use crate::halt::Halt;
use crate::operator::Operator;
use crate::premise::Verdicts;
use crate::settle::Pace;
use crate::stop::Stop;
use crate::taken::Taken;
use crate::timeout::Deadlines;
use crate::turns::{Hold, SiteTurns};

/// Why leaves are not measured, and how they count.
#[derive(Clone, Debug)]
struct Blocked {
    /// None: every step.
    step: Option<String>,
    /// Every point that lies on this one.
    point: Point,
    verdict: Verdict,
    reason: String,
}

/// The state of a session while its operations run.
pub(crate) struct Execution<'s> {
    pub(crate) channels: &'s Channels,
    pub(crate) bench: &'s Bench,
    pub(crate) emitter: Emitter,
    pub(crate) stop: Stop,
    pub(crate) taken: Taken,
    pub(crate) verdicts: Verdicts,
    /// The temperature around the bench in °C, where it was stated.
    pub(crate) ambient: Option<Decimal>,
    pub(crate) counts: VerdictCounts,
    /// How each instrument's channel was configured last, and over which of its connections.
    pub(crate) configured: BTreeMap<(String, u32), (u64, ReadingSettings)>,
    /// Faults of the equipment that no leaf has borne.
    pub(crate) faults: Vec<String>,
    /// Errors among the results of before the session was cut.
    kept_errors: u64,
    blocked: Vec<Blocked>,
    step: String,
    worst_of_step: Option<Verdict>,
    lost: BTreeSet<String>,
    pub(crate) deadlines: Deadlines,
    /// When the first points of axes of time were begun.
    pub(crate) paces: BTreeMap<String, Pace>,
    /// What a person reads.
    pub(crate) by_hand: ByHand,
    /// The file of the authorities that the system trusts.
    pub(crate) authorities: Option<PathBuf>,
    /// Who is asked, and what is switched off for it.
    pub(crate) attended: Attended<'s>,
    /// Outputs that the plan has switched on, in that order.
    pub(crate) switched_on: Vec<Set>,
    /// What supplies were set to last.
    pub(crate) voltages: BTreeMap<String, Quantity>,
    /// The wait behind what was set last.
    pub(crate) last_settle: Duration,
    /// Whose turn it is with what other sites use too.
    pub(crate) turns: SiteTurns,
    /// What the step holds of it until its end.
    pub(crate) held: Option<Hold>,
}

/// Who may be near the bench.
#[derive(Clone, Copy)]
pub(crate) struct Attended<'s> {
    pub(crate) operator: &'s dyn Operator,
    /// Everything that can energise, in the order in which it is switched off.
    pub(crate) stages: &'s [Stage],
    /// Whether simulated answers are taken.
    pub(crate) simulated: bool,
    /// Whether outputs stay as they are in a pause.
    pub(crate) keeps_on_in_pause: bool,
}

/// A leaf on its way to its verdict.
pub(crate) struct Leaf {
    pub(crate) id: ResultId,
    pub(crate) place: Place,
    pub(crate) role: Option<String>,
    pub(crate) limit: Option<PlannedLimit>,
    /// How the limit was applied; simply, where nobody says.
    pub(crate) decision: Option<Decision>,
    pub(crate) on_error: OnError,
    pub(crate) started_at: Timestamp,
    pub(crate) readings: Vec<ReadingId>,
    pub(crate) waveforms: Vec<WaveformId>,
    pub(crate) statistics: BTreeMap<String, Quantity>,
    pub(crate) analyses: Vec<Analysis>,
    pub(crate) judged_on: Option<String>,
    pub(crate) attempts: u32,
    /// What of the inventory is judged, where it is not an instrument.
    pub(crate) device: Option<String>,
    pub(crate) service: Option<String>,
}

impl Leaf {
    pub(crate) fn new(place: &Place, role: Option<&str>, limit: Option<&PlannedLimit>) -> Self {
        Self {
            id: ResultId(Uuid::now_v7()),
            place: place.clone(),
            role: role.map(str::to_owned),
            limit: limit.cloned(),
            decision: None,
            on_error: OnError::Stop,
            started_at: Timestamp::now(),
            readings: Vec::new(),
            waveforms: Vec::new(),
            statistics: BTreeMap::new(),
            analyses: Vec::new(),
            judged_on: None,
            attempts: 1,
            device: None,
            service: None,
        }
    }

    /// An answer as a reading for this leaf; how it was taken is added by who knows.
    pub(crate) fn reading(&mut self, channel: &Channel, function: &str, answer: Answer) -> Reading {
        let instrument = channel.instrument().name();
        self.reading_of((channel.role(), instrument, channel.number()), function, answer)
    }

    /// The same of a role, its instrument and its channel.
    pub(crate) fn reading_of(
        &mut self,
        (role, instrument, channel): (&str, &str, u32),
        function: &str,
        answer: Answer,
    ) -> Reading {
        let id = ReadingId(Uuid::now_v7());
        self.readings.push(id);
        Reading {
            id,
            result: self.id,
            place: self.place.clone(),
            role: role.to_owned(),
            instrument: instrument.to_owned(),
            channel,
            function: function.to_owned(),
            raw: answer.raw,
            value: answer.value,
            unit: answer.unit,
            range: None,
            nplc: None,
            integration_s: None,
            sample: 0,
            attempt: self.attempts,
            correction: None,
            taken_at: Timestamp::now(),
        }
    }

    /// Judged by its limit; recorded where it has none.
    pub(crate) fn judge(&self, measured: &Measured) -> Judgement {
        self.limit
            .as_ref()
            .map_or_else(Judgement::recorded, |planned| planned.limit.judge(measured))
    }
}

/// The decision on a number by its limit alone.
fn simple(limit: Option<&PlannedLimit>, actual: Option<&Measured>) -> Option<Decision> {
    let (PlannedLimit { limit, .. }, actual) = limit.zip(actual)?;
    let mut decision = matches!(limit, Limit::Range { .. }).then(Decision::simple)?;
    decision.conformity = decision.stated(limit, actual);
    Some(decision)
}

impl<'s> Execution<'s> {
    pub(crate) fn new(
        channels: &'s Channels,
        bench: &'s Bench,
        emitter: Emitter,
        stop: Stop,
        attended: Attended<'s>,
        turns: SiteTurns,
    ) -> Self {
        Self {
            channels,
            bench,
            emitter,
            stop,
            taken: Taken::default(),
            verdicts: Verdicts::default(),
            ambient: None,
            counts: VerdictCounts::default(),
            configured: BTreeMap::new(),
            faults: Vec::new(),
            kept_errors: 0,
            blocked: Vec::new(),
            step: String::new(),
            worst_of_step: None,
            lost: BTreeSet::new(),
            deadlines: Deadlines::default(),
            paces: BTreeMap::new(),
            by_hand: ByHand::new(),
            authorities: None,
            attended,
            switched_on: Vec::new(),
            voltages: BTreeMap::new(),
            last_settle: Duration::ZERO,
            turns,
            held: None,
        }
    }

    /// Takes what had been judged before the session was cut.
    pub(crate) fn keep(&mut self, results: &[StepResult], readings: &[Reading]) {
        for result in results {
            self.counts.add(result.verdict);
            self.verdicts.of_leaf(&result.place.path).add(result.verdict);
            if let Some(actual) = &result.actual {
                self.taken.add(&result.place, actual.clone());
            }
            self.note_uncertainty(&result.place, result.decision.as_deref());
            self.taken.keep_samples(result, readings);
        }
        self.kept_errors = self.counts.error;
    }

    /// Runs operations in order.
    pub(crate) async fn run(&mut self, operations: &[Operation]) -> Result<(), Halt> {
        for (at, operation) in operations.iter().enumerate() {
            self.stop.check()?;
            self.pause().await?;
            self.look_at_the_time().await?;
            if self.turns.is_alone() {
                self.one(operation).await?;
            } else {
                self.one_in_turn(operation, operations.get(at..).unwrap_or_default()).await?;
            }
        }
        Ok(())
    }

    /// Runs what comes first. After a fault nothing more is set or measured, in the rest of it and in the steps:
    /// what a source needs before it is switched on may be missing.
    pub(crate) async fn run_setup(&mut self, operations: &[Operation]) -> Result<(), Halt> {
        for operation in operations {
            self.run(std::slice::from_ref(operation)).await?;
            if let (Some(fault), false) = (self.setup_fault(), self.is_session_blocked()) {
                self.block_session(&fault);
            }
        }
        Ok(())
    }

    fn setup_fault(&self) -> Option<String> {
        match self.faults.first() {
            Some(fault) => Some(format!("the setup failed: {fault}")),
            None => (self.counts.error > self.kept_errors).then(|| "the setup failed".to_owned()),
        }
    }

    pub(crate) async fn one(&mut self, operation: &Operation) -> Result<(), Halt> {
        match operation {
            Operation::StepStarted { step } => self.begin_step(step).await,
            Operation::StepFinished { step } => self.end_step(step).await,
            Operation::Timeout { step, time } => {
                self.begin_timeout(step.is_some(), *time);
                Ok(())
            }
            Operation::OnlyIf(only) => self.only_if(only).await,
            Operation::Set(set) => self.set(set).await,
            Operation::ExpectMode { point, role, mode, .. } => {
                self.expect_mode(point, role, mode).await
            }
            Operation::Settle { point, time, .. } => self.settle(point, *time).await,
            Operation::Pace { around, axis, at, .. } => self.pace(around, axis, *at).await,
            Operation::SettleUntilStable { point, until, .. } => {
                self.settle_until_stable(point, until).await
            }
            Operation::StopWhen(stop) => {
                self.stop_when(stop);
                Ok(())
            }
            Operation::Measure(measure) => self.measure(measure).await,
            Operation::Capture(capture) => self.capture(capture).await,
            Operation::Compute(compute) => self.compute(compute).await,
            Operation::Raw(raw) => self.raw(raw).await,
            Operation::Inspection(inspection) => self.inspection(inspection).await,
            Operation::Prompt(prompt) => self.prompt(prompt).await,
        }
    }

    async fn begin_step(&mut self, step: &str) -> Result<(), Halt> {
        step.clone_into(&mut self.step);
        self.worst_of_step = None;
        Ok(self.emitter.emit(RunEvent::StepStarted { step: step.to_owned() }).await?)
    }

    async fn end_step(&mut self, step: &str) -> Result<(), Halt> {
        self.blocked.retain(|blocked| blocked.step.as_deref() != Some(step));
        self.deadlines.step = None;
        self.held = None;
        let verdict = self.worst_of_step.take().unwrap_or(Verdict::Recorded);
        Ok(self.emitter.emit(RunEvent::StepFinished { step: step.to_owned(), verdict }).await?)
    }

    /// Why nothing may be done at this point of the step, if anything stands in the way.
    pub(crate) fn is_blocked(&self, point: &Point) -> Option<Judgement> {
        let found = self.blocked.iter().find(|blocked| {
            blocked.step.as_ref().is_none_or(|step| *step == self.step)
                && blocked.point.0.iter().all(|fixed| point.get(&fixed.axis) == Some(&fixed.value))
        });
        found.map(|blocked| match blocked.verdict {
            Verdict::Error => Judgement::error(blocked.reason.clone()),
            _ => Judgement::skipped(blocked.reason.clone()),
        })
    }

    fn is_session_blocked(&self) -> bool {
        self.blocked.iter().any(|blocked| blocked.step.is_none())
    }

    /// Nothing more is set or measured in any step: their leaves are skipped.
    pub(crate) fn block_session(&mut self, reason: &str) {
        let (step, point) = (None, Point::default());
        let reason = reason.to_owned();
        self.blocked.push(Blocked { step, point, verdict: Verdict::Skip, reason });
    }

    /// Leaves at this point of the step have the equipment's error for their verdict.
    pub(crate) fn block_point(&mut self, point: &Point, reason: &str) {
        let step = Some(self.step.clone());
        let (point, reason) = (point.clone(), reason.to_owned());
        self.blocked.push(Blocked { step, point, verdict: Verdict::Error, reason });
    }

    /// Leaves at this point of the step are skipped.
    pub(crate) fn skip_points(&mut self, point: &Point, reason: String) {
        let (step, point) = (Some(self.step.clone()), point.clone());
        self.blocked.push(Blocked { step, point, verdict: Verdict::Skip, reason });
    }

    /// The step that is run.
    pub(crate) fn step(&self) -> &str {
        &self.step
    }

    /// What blocked the steps does not block the cleanup.
    pub(crate) fn unblock(&mut self) {
        self.blocked.clear();
        self.deadlines = Deadlines::default();
    }

    fn block_step(&mut self, place: &Place) {
        let reason = format!("the step was stopped by the error at {place}");
        let (step, point) = (Some(self.step.clone()), Point::default());
        self.blocked.push(Blocked { step, point, verdict: Verdict::Skip, reason });
    }

    /// The channel that plays a role; a plan is not run with a role that nobody plays.
    pub(crate) fn channel(&self, role: &str) -> Result<Channel, String> {
        let found = self.channels.get(role).cloned();
        found.ok_or_else(|| format!("nobody plays the role '{role}'"))
    }

    /// Tells that an instrument is gone, once.
    pub(crate) async fn note_loss(
        &mut self,
        channel: &Channel,
        error: &InstrumentError,
    ) -> Result<(), Halt> {
        let name = channel.instrument().name().to_owned();
        if error.is_lost() && self.lost.insert(name.clone()) {
            let message = Some(error.to_string());
            self.emitter.emit(presence(&name, Presence::Error, message)).await?;
        }
        Ok(())
    }

    /// The leaf has its verdict.
    pub(crate) async fn finish(
        &mut self,
        leaf: Leaf,
        judgement: &Judgement,
        actual: Option<Measured>,
    ) -> Result<(), Halt> {
        let verdict = judgement.verdict();
        self.counts.add(verdict);
        self.verdicts.of_leaf(&leaf.place.path).add(verdict);
        self.worst_of_step = self.worst_of_step.max(Some(verdict));
        if let Some(actual) = &actual {
            self.taken.add(&leaf.place, actual.clone());
        }
        self.note_uncertainty(&leaf.place, leaf.decision.as_ref());
        if verdict == Verdict::Error && leaf.on_error == OnError::Stop {
            self.block_step(&leaf.place);
        }
        let result = self.result_of(leaf, judgement, actual);
        Ok(self.emitter.emit(RunEvent::Judged(Box::new(result))).await?)
    }

    /// Keeps how uncertain a result is, for what is computed from it.
    fn note_uncertainty(&mut self, place: &Place, decision: Option<&Decision>) {
        if let Some(stated) = decision.and_then(|own| own.uncertainty.as_deref()) {
            self.taken.add_uncertainty(place, stated);
        }
    }

    fn result_of(&self, leaf: Leaf, judgement: &Judgement, actual: Option<Measured>) -> StepResult {
        let channel = leaf.role.as_ref().and_then(|role| self.channels.get(role));
        let by_hand = leaf.role.as_ref().and_then(|role| self.by_hand.get(role)).cloned();
        let instrument = channel.map(|channel| channel.instrument().name().to_owned()).or(by_hand);
        let decision = leaf.decision.or_else(|| simple(leaf.limit.as_ref(), actual.as_ref()));
        let (limit_text, limit) = leaf.limit.map(|planned| (planned.text, planned.limit)).unzip();
        StepResult {
            id: leaf.id,
            place: leaf.place,
            role: leaf.role,
            instrument,
            device: leaf.device,
            service: leaf.service,
            verdict: judgement.verdict(),
            limit_text,
            limit,
            decision: decision.map(Box::new),
            actual,
            judged_on: leaf.judged_on,
            margin: judgement.margin().cloned(),
            reason: judgement.reason().map(str::to_owned),
            readings: leaf.readings,
            waveforms: leaf.waveforms,
            statistics: leaf.statistics,
            analyses: leaf.analyses,
            attempts: leaf.attempts,
            started_at: leaf.started_at,
            finished_at: Timestamp::now(),
        }
    }

    /// Whether anything but a leaf's own verdict says that the equipment failed.
    pub(crate) fn note_fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// Instruments that were lost on the way.
    pub(crate) fn lost(&self) -> &BTreeSet<String> {
        &self.lost
    }
}
