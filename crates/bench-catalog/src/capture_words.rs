//! How an oscilloscope's waveforms are captured, `[capture]` of a dialect.

use std::collections::BTreeMap;

use crate::dialect::filled;
use crate::part::Part;
use crate::template::{Template, Values};

/// Which of the makers' preambles a scope sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PreambleForm {
    /// Ten numbers, Rigol's meaning.
    Rigol,
    /// Ten numbers, Keysight's meaning.
    Keysight,
    /// Named fields.
    Tektronix,
    /// A WAVEDESC record in a block, then the time base.
    Siglent,
    /// Volts a division, offset, time base and samples a second.
    SiglentScales,
}

impl PreambleForm {
    /// How many queries give it.
    #[must_use]
    pub fn queries(self) -> usize {
        match self {
            Self::Rigol | Self::Keysight | Self::Tektronix => 1,
            Self::Siglent => 2,
            Self::SiglentScales => 4,
        }
    }

    /// Whether the left edge of the screen is where its first sample lies, so that the divisions of the screen
    /// must be known.
    #[must_use]
    pub fn counts_divisions(self) -> bool {
        matches!(self, Self::Siglent | Self::SiglentScales)
    }
}

/// How a waveform is captured.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureWords {
    /// Asked before the configuration: the gain of the probe that tells what it is, so that the rest of the plan's
    /// attenuation can be set.
    #[serde(default)]
    probe_gain: Option<Template>,
    configure: Vec<Template>,
    arm: Vec<Template>,
    /// Asked until it answers [`done`](Self::done).
    pub state: String,
    /// The part of that answer that is meant, where it is not all of it.
    #[serde(default)]
    pub state_part: Option<Part>,
    /// What the state query answers when the acquisition is complete.
    pub done: Vec<String>,
    /// Sent when no trigger came and the plan says `auto`.
    pub force: String,
    /// Sent when no trigger came in time.
    pub abort: String,
    waveform: Vec<Template>,
    preamble: Queries,
    /// What the preamble means.
    pub preamble_form: PreambleForm,
    /// Across the screen, where the preamble counts by them.
    #[serde(default)]
    pub divisions: Option<u8>,
    data: Template,
    /// The instrument's word for each of the plan's, by what it is chosen for.
    words: BTreeMap<String, BTreeMap<String, String>>,
}

/// One query, or several whose answers belong together.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged)]
enum Queries {
    One(Template),
    Several(Vec<Template>),
}

impl Queries {
    fn all(&self) -> &[Template] {
        match self {
            Self::One(query) => std::slice::from_ref(query),
            Self::Several(queries) => queries,
        }
    }
}

impl CaptureWords {
    /// The query for the gain of the probe, where it tells it.
    #[must_use]
    pub fn probe_gain_message(&self, values: &Values) -> Option<String> {
        self.probe_gain.as_ref()?.fill(values)
    }

    /// What is sent before the acquisition.
    #[must_use]
    pub fn configure_messages(&self, values: &Values) -> Vec<String> {
        filled(&self.configure, values)
    }

    /// What begins the acquisition.
    #[must_use]
    pub fn arm_messages(&self, values: &Values) -> Vec<String> {
        filled(&self.arm, values)
    }

    /// What is sent before the waveform is asked for.
    #[must_use]
    pub fn waveform_messages(&self, values: &Values) -> Vec<String> {
        filled(&self.waveform, values)
    }

    /// The queries whose answers are the preamble.
    #[must_use]
    pub fn preamble_messages(&self, values: &Values) -> Vec<String> {
        filled(self.preamble.all(), values)
    }

    /// The query for the samples.
    #[must_use]
    pub fn data_message(&self, values: &Values) -> Option<String> {
        self.data.fill(values)
    }

    /// The instrument's word for one of the plan's: `NORM` for the acquisition `normal`.
    #[must_use]
    pub fn word(&self, what: &str, plans: &str) -> Option<&str> {
        self.words.get(what)?.get(plans).map(String::as_str)
    }

    /// The plan's words for something that can be chosen.
    pub fn choices(&self, what: &str) -> impl Iterator<Item = &str> {
        self.words.get(what).into_iter().flat_map(|words| words.keys().map(String::as_str))
    }

    /// What is wrong with it.
    pub(crate) fn fault(&self) -> Option<String> {
        let form = self.preamble_form;
        if self.preamble.all().len() != form.queries() {
            return Some(format!("the preamble {form:?} is asked by {} queries", form.queries()));
        }
        let is_short = form.counts_divisions() && self.divisions.is_none_or(|count| count == 0);
        is_short.then(|| format!("the preamble {form:?} needs the divisions of the screen"))
    }
}
