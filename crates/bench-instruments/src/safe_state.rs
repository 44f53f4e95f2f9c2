//! Everything off, and the proof of it.
//!
//! Off commands go out stage by stage, all channels of a stage at the same time; a stage waits for its writes and
//! never for an answer. Then everything is read back at the same time, each instrument brought into step where
//! it must be. An instrument that is dead delays nobody else, and nothing is reset.

use std::time::Duration;

use bench_catalog::{Class, Setting, SettingWords};
use bench_model::OutputSafety;
use futures_util::future::join_all;
use scpi_client::ClientError;
use scpi_protocol::Escaped;
use tokio::time::{Instant, timeout_at};

use crate::answer;
use crate::channel::Channel;

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
    let mut outputs = Vec::new();
    for stage in stages {
        let meant = stage.0.iter().filter(|it| it.instrument().dialect.class.can_energise());
        outputs.extend(join_all(meant.map(switch_off)).await);
    }
    let deadline = Instant::now() + READ_BACK_WAIT;
    join_all(outputs.iter().map(|output| confirm(output, deadline))).await
}

/// A channel whose off command has gone out, or could not.
struct SwitchedOff<'c> {
    channel: &'c Channel,
    output: Option<Output<'c>>,
    unsent: Option<String>,
}

/// How the output of a channel is switched off, and asked for.
struct Output<'c> {
    words: &'c SettingWords,
    off: Vec<String>,
    get: Option<String>,
}

impl<'c> Output<'c> {
    fn of(channel: &'c Channel, setting: Setting) -> Option<Self> {
        let words = channel.instrument().dialect.setting(setting)?;
        let off = words.set_messages(&channel.values().with("value", words.word("off")?));
        let get = words.get_message(&channel.values());
        (!off.is_empty()).then_some(Self { words, off, get })
    }
}

async fn switch_off(channel: &Channel) -> SwitchedOff<'_> {
    let deadline = Instant::now() + STAGE_WAIT;
    let output = channel.output().and_then(|setting| Output::of(channel, setting));
    let Some(output) = output else { return SwitchedOff { channel, output, unsent: None } };
    let sent = timeout_at(deadline, send_now(channel, &output.off, deadline)).await;
    let unsent = sent.unwrap_or_else(|_| Err(too_late())).err();
    SwitchedOff { channel, output: Some(output), unsent }
}

/// A connection that turns out to be closed is made anew, once a message.
async fn send_now(channel: &Channel, messages: &[String], deadline: Instant) -> Result<(), String> {
    for message in messages {
        let left = || deadline.saturating_duration_since(Instant::now());
        let mut sent = channel.instrument().client.write_now(message, left()).await;
        if sent.as_ref().is_err_and(ClientError::is_disconnected) && !left().is_zero() {
            sent = channel.instrument().client.write_now(message, left()).await;
        }
        sent.map_err(|error| if error.is_timeout() { too_late() } else { failed(&error) })?;
    }
    Ok(())
}

fn too_late() -> String {
    format!("the off command was not taken within {STAGE_WAIT:?}")
}

async fn confirm(it: &SwitchedOff<'_>, deadline: Instant) -> OutputSafety {
    let confirmed = match &it.output {
        None => Err("its dialect has no output that could be switched off".to_owned()),
        Some(output) => {
            let late = |_| Err(format!("no read-back within {READ_BACK_WAIT:?}"));
            timeout_at(deadline, read_back(it.channel, output)).await.unwrap_or_else(late)
        }
    };
    let detail = confirmed.err().map(|fault| match &it.unsent {
        Some(unsent) if *unsent != fault => format!("{unsent}; {fault}"),
        _ => fault,
    });
    OutputSafety {
        role: it.channel.role().to_owned(),
        instrument: it.channel.instrument().name().to_owned(),
        channel: it.channel.number(),
        confirmed_off: detail.is_none(),
        detail,
    }
}

async fn read_back(channel: &Channel, output: &Output<'_>) -> Result<(), String> {
    let get = output.get.as_deref().ok_or("its dialect cannot ask whether the output is off")?;
    let mut found = is_off(channel, output.words, get).await;
    for _ in 1..READ_BACKS {
        if found.is_ok() {
            break;
        }
        for message in &output.off {
            let sent = channel.instrument().client.write(message).await;
            sent.map_err(|error| failed(&error))?;
        }
        found = is_off(channel, output.words, get).await;
    }
    found
}

async fn is_off(channel: &Channel, words: &SettingWords, get: &str) -> Result<(), String> {
    let client = &channel.instrument().client;
    let wait = client.config().read_timeout.min(READ_BACK_ANSWER_WAIT);
    let answer = client.query_within(get, wait).await.map_err(|error| failed(&error))?;
    match answer::switch(&answer, words) {
        Some(false) => Ok(()),
        _ => Err(format!("'{get}' answers '{}'", Escaped::new(answer.raw()))),
    }
}

fn failed(error: &ClientError) -> String {
    format!("'{}': {}", error.command(), error.cause())
}
