//! The safe state at the end, and whether the DUT is discharged after it.

use std::collections::BTreeMap;
use std::time::Duration;

use bench_instruments::safe_state::{Stage, default_stages, make_safe};
use bench_instruments::{Channel, InstrumentError};
use bench_model::{Measured, RunEvent, SafeState, Verdict};
use test_plan::{Discharged, Plan};

use crate::bind::Channels;
use crate::emit::Emitter;

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

/// Switches off, looks whether it is off, and tells. The event is told to nobody if nobody listens any more.
pub(crate) async fn end_safely(
    stages: &[Stage],
    kept_on: &BTreeMap<String, String>,
    channels: &Channels,
    discharged: Option<&Discharged>,
    emitter: &mut Emitter,
    reason: &str,
) -> SafeState {
    let outputs = make_safe(stages).await;
    let state = SafeState { reason: reason.to_owned(), outputs };
    // Without a journal there is nobody to tell; the outcome says it all the same.
    let _ = emitter.emit(RunEvent::SafeState(state.clone())).await;
    for (role, reason) in kept_on.iter().filter(|(role, _)| channels.contains_key(*role)) {
        let _ = emitter.warn(format!("{role} is not switched off: {reason}")).await;
    }
    if let Some(discharged) = discharged
        && let Some(warning) = wait_for_discharge(discharged, channels).await
    {
        let _ = emitter.warn(warning).await;
    }
    state
}

/// Reads until the limit is met; a warning when it is not in time.
async fn wait_for_discharge(discharged: &Discharged, channels: &Channels) -> Option<String> {
    let channel = channels.get(&discharged.reading.role)?;
    let mut last = "no reading".to_owned();
    let looking = tokio::time::timeout(discharged.within, look(discharged, channel, &mut last));
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
