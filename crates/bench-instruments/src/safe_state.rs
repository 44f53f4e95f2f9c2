//! Everything off, and the proof of it.
//!
//! Off commands go out stage by stage, all channels of a stage at the same time; a stage waits for its writes and
//! never for an answer. Then everything is read back at the same time, each instrument brought into step where
//! it must be. An instrument that is dead delays nobody else, and nothing is reset.

use std::collections::BTreeMap;
use std::time::Duration;

use bench_catalog::Class;
use bench_model::OutputSafety;
use futures_util::future::join_all;
use scpi_client::ClientError;
use scpi_protocol::Escaped;
use tokio::time::{Instant, timeout_at};

use crate::answer;
use crate::channel::Channel;
use crate::off_order::{OffOrder, Switch};

/// The longest that a stage waits for its writes.
pub const STAGE_WAIT: Duration = Duration::from_millis(200);

/// The longest that the read-back of all channels takes.
pub const READ_BACK_WAIT: Duration = Duration::from_secs(5);

/// The longest that one answer of a read-back is waited for.
pub const READ_BACK_ANSWER_WAIT: Duration = Duration::from_secs(2);

/// How often a channel is asked; before each time but the first, the off command is sent again.
const READ_BACKS: u32 = 2;

/// In which order outputs go off: what drives signals, what takes power, what supplies it.
const ORDER: [Class; 3] = [Class::Generator, Class::Load, Class::PowerSupply];

/// Channels that are switched off at the same time.
#[derive(Clone, Debug, Default)]
pub struct Stage(pub Vec<Channel>);

/// The stages where a plan gives none: generators, then loads, then supplies. Channels without an output are in
/// none of them.
#[must_use]
pub fn default_stages(channels: &[Channel]) -> Vec<Stage> {
    let of_class = |class: Class| {
        let is_meant = |channel: &&Channel| {
            channel.instrument().dialect.class == class && channel.output().is_some()
        };
        Stage(channels.iter().filter(is_meant).cloned().collect())
    };
    ORDER.into_iter().map(of_class).filter(|stage| !stage.0.is_empty()).collect()
}

/// Switches everything off, and says of each channel whether the instrument confirms it. A channel that cannot
/// energise anything is passed over.
pub async fn make_safe(stages: &[Stage]) -> Vec<OutputSafety> {
    let stages: Vec<_> = stages.iter().map(Stage::switches).collect();
    read_back(switch_off(&stages).await).await
}

/// The same among others who go on with the same instruments: an exchange of theirs that is in flight may end, for at most
/// [`STAGE_WAIT`], so that no off command cuts it.
pub async fn make_safe_in_turn(stages: &[Stage]) -> Vec<OutputSafety> {
    let channels = || stages.iter().flat_map(|stage| &stage.0);
    let instruments: BTreeMap<_, _> =
        channels().map(|it| (it.instrument().name(), it.instrument())).collect();
    let deadline = Instant::now() + STAGE_WAIT;
    let turns = instruments.values().map(|it| timeout_at(deadline, it.turn.lock()));
    let turns = join_all(turns).await;
    let switches: Vec<_> = stages.iter().map(Stage::switches).collect();
    let sent = switch_off(&switches).await;
    drop(turns);
    read_back(sent).await
}

impl Stage {
    fn switches(&self) -> Vec<Switch> {
        let meant = self.0.iter().filter(|it| it.instrument().dialect.class.can_energise());
        meant.map(Channel::switch).collect()
    }
}

/// A channel whose off command has gone out, or could not.
#[derive(Debug)]
pub struct SwitchedOff<'s> {
    switch: &'s Switch,
    unsent: Option<String>,
}

/// The first half of [`make_safe`]: off commands go out stage by stage. A stage waits for its writes at most
/// [`STAGE_WAIT`], and for nothing else.
pub async fn switch_off(stages: &[Vec<Switch>]) -> Vec<SwitchedOff<'_>> {
    let mut all = Vec::new();
    for stage in stages {
        all.extend(join_all(stage.iter().map(switch_one_off)).await);
    }
    all
}

/// The second half of [`make_safe`]: all are asked whether they are off, within [`READ_BACK_WAIT`].
pub async fn read_back(all: Vec<SwitchedOff<'_>>) -> Vec<OutputSafety> {
    let deadline = Instant::now() + READ_BACK_WAIT;
    join_all(all.iter().map(|it| confirm(it, deadline))).await
}

async fn switch_one_off(switch: &Switch) -> SwitchedOff<'_> {
    let deadline = Instant::now() + STAGE_WAIT;
    let sent = timeout_at(deadline, send_now(switch, deadline)).await;
    let unsent = sent.unwrap_or_else(|_| Err(too_late())).err();
    SwitchedOff { switch, unsent }
}

/// A connection that turns out to be closed is made anew, once a message.
async fn send_now(switch: &Switch, deadline: Instant) -> Result<(), String> {
    for message in &switch.order.off {
        let left = || deadline.saturating_duration_since(Instant::now());
        let mut sent = switch.client.write_now(message, left()).await;
        if sent.as_ref().is_err_and(ClientError::is_disconnected) && !left().is_zero() {
            sent = switch.client.write_now(message, left()).await;
        }
        sent.map_err(|error| if error.is_timeout() { too_late() } else { failed(&error) })?;
    }
    Ok(())
}

fn too_late() -> String {
    format!("the off command was not taken within {STAGE_WAIT:?}")
}

async fn confirm(it: &SwitchedOff<'_>, deadline: Instant) -> OutputSafety {
    let order = &it.switch.order;
    let confirmed = if order.off.is_empty() {
        Err("its dialect has no output that could be switched off".to_owned())
    } else {
        let late = |_| Err(format!("no read-back within {READ_BACK_WAIT:?}"));
        timeout_at(deadline, read_one_back(it.switch)).await.unwrap_or_else(late)
    };
    let detail = confirmed.err().map(|fault| match &it.unsent {
        Some(unsent) if *unsent != fault => format!("{unsent}; {fault}"),
        _ => fault,
    });
    OutputSafety {
        role: order.role.clone(),
        instrument: order.instrument.clone(),
        channel: order.channel,
        confirmed_off: detail.is_none(),
        detail,
    }
}

async fn read_one_back(switch: &Switch) -> Result<(), String> {
    let get = switch.order.get.as_deref();
    let get = get.ok_or("its dialect cannot ask whether the output is off")?;
    let mut found = is_off(switch, get).await;
    for _ in 1..READ_BACKS {
        if found.is_ok() {
            break;
        }
        for message in &switch.order.off {
            switch.client.write(message).await.map_err(|error| failed(&error))?;
        }
        found = is_off(switch, get).await;
    }
    found
}

async fn is_off(switch: &Switch, get: &str) -> Result<(), String> {
    let wait = switch.client.config().read_timeout.min(READ_BACK_ANSWER_WAIT);
    let answer = switch.client.query_within(get, wait).await.map_err(|error| failed(&error))?;
    let OffOrder { channel, part, on_word, off_word, .. } = &switch.order;
    let meant = answer::meant(&answer, part.as_ref(), *channel).ok();
    match meant.and_then(|meant| answer::is_on(&meant, on_word.as_deref(), off_word.as_deref())) {
        Some(false) => Ok(()),
        _ => Err(format!("'{get}' answers '{}'", Escaped::new(answer.raw()))),
    }
}

fn failed(error: &ClientError) -> String {
    format!("'{}': {}", error.command(), error.cause())
}
