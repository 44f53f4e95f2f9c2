//! How one channel is switched off and asked whether it is: ready made, so that who does it needs no dialect.

use bench_catalog::{Part, SettingWords};
use scpi_client::Instrument;

use crate::channel::Channel;

/// The messages that switch one channel off, and the proof of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OffOrder {
    /// The role that the channel plays.
    pub role: String,
    /// The instrument's name in the bench file.
    pub instrument: String,
    /// The channel, from 1.
    pub channel: u32,
    /// What switches it off, in order; empty where its dialect has no output.
    pub off: Vec<String>,
    /// What asks whether it is off, where its dialect can ask.
    pub get: Option<String>,
    /// The part of its answer that is meant, where it is not all of it.
    #[serde(default)]
    pub part: Option<Part>,
    /// The instrument's own word for an output that is on.
    pub on_word: Option<String>,
    /// The instrument's own word for an output that is off.
    pub off_word: Option<String>,
}

/// An order, and the connection over which it is carried out.
#[derive(Clone, Debug)]
pub struct Switch {
    /// What is sent.
    pub order: OffOrder,
    /// To whom.
    pub client: Instrument,
}

impl Channel {
    /// How this channel is switched off.
    #[must_use]
    pub fn off_order(&self) -> OffOrder {
        let output = self.output();
        let words = output.and_then(|setting| self.instrument().dialect.setting(setting));
        let word = |state| words.and_then(|words| words.word(state)).map(str::to_owned);
        OffOrder {
            role: self.role().to_owned(),
            instrument: self.instrument().name().to_owned(),
            channel: self.number(),
            off: words.and_then(|words| self.off_messages(words)).unwrap_or_default(),
            get: words.and_then(|words| words.get_message(&self.values())),
            part: words.and_then(|words| words.part.clone()),
            on_word: word("on"),
            off_word: word("off"),
        }
    }

    fn off_messages(&self, words: &SettingWords) -> Option<Vec<String>> {
        Some(words.set_messages(&self.values().with("value", words.word("off")?)))
    }

    /// The same with this channel's connection.
    pub(crate) fn switch(&self) -> Switch {
        Switch { order: self.off_order(), client: self.instrument().client.clone() }
    }
}
