//! The safe state at the end, and whether the DUT is discharged after it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bench_instruments::safe_state::{Stage, default_stages, make_safe, make_safe_in_turn};
use bench_instruments::{Channel, InstrumentError};
use bench_model::{Measured, OutputSafety, RunEvent, SafeState, Verdict};
use test_plan::{Discharged, Plan};
use tokio::time::timeout;

use crate::bind::Channels;
use crate::emit::Emitter;
use crate::stop::Stop;
use crate::turns::SiteTurns;

/// Between two looks at whether the DUT is discharged.
const DISCHARGE_PACE: Duration = Duration::from_millis(50);

/// The stages in the plan's order; what it does not name comes after, in the order of the classes.
pub(crate) fn stages(plan: &Plan, channels: &Channels) -> Vec<Stage> {
    let with_output =
        |role: &String| channels.get(role).filter(|it| it.output().is_some()).cloned();
    let named: Vec<Stage> = plan
        .safe_state
        .stages
        .iter()
        .map(|stage| Stage(stage.iter().filter_map(with_output).collect()))
        .filter(|stage: &Stage| !stage.0.is_empty())
        .collect();
    let is_named = |role: &str| plan.safe_state.stages.iter().flatten().any(|named| named == role);
    let is_kept = |role: &str| plan.safe_state.kept_on.contains_key(role);
    let others = channels.values().filter(|it| !is_named(it.role()) && !is_kept(it.role()));
    let others: Vec<_> = others.cloned().collect();
    named.into_iter().chain(default_stages(&others)).collect()
}

/// What a session ends with.
pub(crate) struct SafeEnd<'s> {
    pub(crate) stages: &'s [Stage],
    pub(crate) kept_on: &'s BTreeMap<String, String>,
    pub(crate) channels: &'s Channels,
    pub(crate) discharged: Option<&'s Discharged>,
    /// Loads that stay on for that; none where there is no time.
    pub(crate) discharge_by: Option<&'s BTreeSet<String>>,
    pub(crate) turns: &'s SiteTurns,
    pub(crate) stop: &'s Stop,
}

/// Switches off, looks whether it is off, and tells. The event is told to nobody if nobody listens any more.
pub(crate) async fn end_safely(
    end: &SafeEnd<'_>,
    emitter: &mut Emitter,
    reason: &str,
) -> SafeState {
    let (first, last) = end.parts();
    let mut outputs = end.off(first).await;
    let early = match last {
        Some(_) => Some(end.discharge().await),
        None => None,
    };
    if let Some(last) = last {
        outputs.extend(end.off(std::slice::from_ref(last)).await);
    }
    let state = SafeState { reason: reason.to_owned(), outputs };
    // Without a journal there is nobody to tell; the outcome says it all the same.
    let _ = emitter.emit(RunEvent::SafeState(state.clone())).await;
    for (role, reason) in end.kept_on.iter().filter(|(role, _)| end.channels.contains_key(*role)) {
        let _ = emitter.warn(format!("{role} is not switched off: {reason}")).await;
    }
    let warning = match early {
        Some(warning) => warning,
        None => end.discharge().await,
    };
    if let Some(warning) = warning {
        let _ = emitter.warn(warning).await;
    }
    state
}

impl SafeEnd<'_> {
    /// The loads that discharge are the last stage, and go off behind the others, where there is time.
    fn parts(&self) -> (&[Stage], Option<&Stage>) {
        let discharges = |stage: &Stage| {
            let is_meant = |by: &BTreeSet<String>| stage.0.iter().all(|it| by.contains(it.role()));
            self.discharge_by.is_some_and(is_meant)
        };
        match self.stages.split_last() {
            Some((last, first)) if !last.0.is_empty() && discharges(last) => (first, Some(last)),
            _ => (self.stages, None),
        }
    }

    async fn off(&self, stages: &[Stage]) -> Vec<OutputSafety> {
        match self.turns.has_others() {
            true => make_safe_in_turn(stages).await,
            false => make_safe(stages).await,
        }
    }

    /// Waits for the discharge that the plan wants; a warning when it does not come, or nobody has the time.
    async fn discharge(&self) -> Option<String> {
        let mut warning = None;
        let waiting = async { warning = self.discharged().await };
        match self.stop.clone().unless_in_haste(waiting).await {
            true => warning,
            false => Some("nobody waited until the DUT was discharged".to_owned()),
        }
    }

    async fn discharged(&self) -> Option<String> {
        let discharged = self.discharged?;
        let reads = self.channels.get(&discharged.reading.role).map(|it| it.instrument().name());
        let reads = reads.into_iter().collect();
        let waiting = timeout(discharged.within, self.turns.take(&reads));
        match waiting.await {
            Ok(_turn) => wait_for_discharge(discharged, self.channels).await,
            Err(_) => Some("other sites held what reads whether the DUT is discharged".to_owned()),
        }
    }
}

/// Reads until the limit is met; a warning when it is not in time.
async fn wait_for_discharge(discharged: &Discharged, channels: &Channels) -> Option<String> {
    let channel = channels.get(&discharged.reading.role)?;
    let mut last = "no reading".to_owned();
    let looking = timeout(discharged.within, look(discharged, channel, &mut last));
    match looking.await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("whether the DUT is discharged could not be read: {error}")),
        Err(_) => Some(format!(
            "the DUT is not discharged after {:?}: {last} at {}, and the plan wants {}",
            discharged.within, discharged.reading.name, discharged.limit.text
        )),
    }
}

async fn look(
    discharged: &Discharged,
    channel: &Channel,
    last: &mut String,
) -> Result<(), InstrumentError> {
    let settings = &discharged.reading.settings;
    channel.configure(settings).await?;
    loop {
        let answer = channel.read(settings).await?;
        let measured = Measured::number(answer.value, answer.unit);
        if discharged.limit.limit.judge(&measured).verdict() == Verdict::Pass {
            return Ok(());
        }
        *last = measured.for_display(4);
        tokio::time::sleep(DISCHARGE_PACE).await;
    }
}
