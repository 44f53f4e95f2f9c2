//! The words that one model of instrument speaks.

use std::collections::BTreeMap;

use bench_model::{Decimal, Quantity};
use scpi_protocol::identity::Identity;

use crate::accuracy::AccuracyTable;
use crate::capture_words::CaptureWords;
use crate::class::Class;
use crate::front_panel::FrontPanel;
use crate::function::{Function, WaveformMeasure};
use crate::part::Part;
use crate::registry::identity_fits;
use crate::request::Range;
use crate::setting::Setting;
use crate::template::{Template, Values};
use crate::wire::WireWords;

/// How a model, or a family of models, is spoken to.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// Its name, as a bench file gives it.
    pub name: String,
    /// What it is called by people.
    pub title: String,
    /// Where its words stand: the programming guide.
    pub source: String,
    /// What its instruments are.
    pub class: Class,
    /// `MAKER,MODEL` of `*IDN?`, either with `*` at its end.
    pub identities: Vec<String>,
    /// One for each channel, where the model is none of [`models`](Self::models).
    pub channels: Vec<ChannelLimits>,
    /// Models whose channels are others.
    #[serde(default)]
    pub models: Vec<ModelLimits>,
    /// The query for the next entry of the error queue; none where there is no queue.
    #[serde(default = "standard_error_query")]
    pub error_query: Option<String>,
    /// What is asked to wait until a setting has taken effect, where that is not a lie (quirk Q17).
    #[serde(default = "standard_completion")]
    pub completion_query: Option<String>,
    /// The least time between two messages, in milliseconds (quirk Q16).
    #[serde(default)]
    pub min_gap_ms: u64,
    /// How many queries it takes before it has answered the first; 1 where that is not known.
    #[serde(default = "one_by_one")]
    pub pipelined: usize,
    /// How its messages are framed, where it is not as the standard has it.
    #[serde(default)]
    pub wire: WireWords,
    /// What it is known for, by the numbers of the quirks (`Q16`).
    #[serde(default)]
    pub quirks: Vec<String>,
    /// Sent at the start of a session, once everything that can energise is off: what brings the instrument from
    /// whatever state it is in to a known one. Never what switches anything on.
    #[serde(default)]
    pub preset: Vec<String>,
    /// Who may turn its knobs.
    #[serde(default)]
    pub front_panel: FrontPanel,
    /// SHA-256 of its file, in hexadecimal.
    #[serde(skip)]
    pub sha256: String,
    #[serde(default)]
    settings: BTreeMap<Setting, SettingWords>,
    #[serde(default)]
    functions: BTreeMap<Function, FunctionWords>,
    /// How a source says in which mode it regulates.
    #[serde(default)]
    pub regulation: Option<RegulationWords>,
    /// How a waveform is captured.
    #[serde(default)]
    pub capture: Option<CaptureWords>,
    #[serde(default)]
    measures: BTreeMap<WaveformMeasure, Template>,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants a default of the field's own type")]
fn standard_error_query() -> Option<String> {
    Some("SYST:ERR?".to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants a default of the field's own type")]
fn standard_completion() -> Option<String> {
    Some("*OPC?".to_owned())
}

fn one_by_one() -> usize {
    1
}

/// The most that a channel can do, from the data sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelLimits {
    /// The most voltage that it supplies or stands.
    #[serde(default)]
    pub max_voltage: Option<Quantity>,
    /// The most current that it supplies or stands.
    #[serde(default)]
    pub max_current: Option<Quantity>,
    /// The most power that it supplies or takes.
    #[serde(default)]
    pub max_power: Option<Quantity>,
}

/// The channels of some of the models that speak a dialect.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelLimits {
    /// `MAKER,MODEL` of `*IDN?`, either with `*` at its end.
    pub identities: Vec<String>,
    /// One for each channel.
    pub channels: Vec<ChannelLimits>,
}

/// How something is set, and asked for.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingWords {
    set: Vec<Template>,
    #[serde(default)]
    get: Option<Template>,
    /// The part of the answer that is meant, where it is not all of it.
    #[serde(default)]
    pub part: Option<Part>,
    /// The smallest step that can be set; what is sent is a multiple of it.
    #[serde(default)]
    pub resolution: Option<Quantity>,
    #[serde(default)]
    words: BTreeMap<String, String>,
}

/// How something is measured.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionWords {
    /// Sent once before the readings, each where the plan states all of its places. The first must reset what
    /// the plan does not state.
    #[serde(default)]
    configure: Vec<Template>,
    read: Template,
    /// The ranges, from the smallest; empty where there is one only.
    #[serde(default)]
    pub ranges: Vec<Quantity>,
    /// The integration times in power line cycles; empty where they cannot be chosen.
    #[serde(default)]
    pub nplc: Vec<Decimal>,
    /// Whether auto-zero can be chosen.
    #[serde(default)]
    pub auto_zero: bool,
    /// Input impedances by the plan's text, with the instrument's word.
    #[serde(default)]
    pub input_impedance: BTreeMap<String, String>,
    /// The instrument's word for a range that it chooses itself.
    #[serde(default)]
    pub auto_range: Option<String>,
    /// What its readings are accurate to, by the data sheet.
    #[serde(default)]
    pub accuracy: Vec<AccuracyTable>,
}

/// How a source says in which mode it regulates.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegulationWords {
    get: Template,
    /// The part of the answer that is meant, where it is not all of it.
    #[serde(default)]
    pub part: Option<Part>,
    /// The plan's word, `cv` or `cc`, with the instrument's.
    pub words: BTreeMap<String, String>,
}

/// Where the word for a range stands.
const RANGE_PLACE: &str = "range";

/// Where the word for a range that the instrument chooses stands, in a message of its own.
const AUTO_RANGE_PLACE: &str = "auto_range";

pub(crate) fn filled(templates: &[Template], values: &Values) -> Vec<String> {
    templates.iter().filter_map(|template| template.fill(values)).collect()
}

impl Dialect {
    /// How something is set, where it can be.
    #[must_use]
    pub fn setting(&self, setting: Setting) -> Option<&SettingWords> {
        self.settings.get(&setting)
    }

    /// How something is measured, where it can be.
    #[must_use]
    pub fn function(&self, function: Function) -> Option<&FunctionWords> {
        self.functions.get(&function)
    }

    /// The query by which the instrument takes something from its waveform.
    #[must_use]
    pub fn measure(&self, measure: WaveformMeasure, values: &Values) -> Option<String> {
        self.measures.get(&measure)?.fill(values)
    }

    /// Whether the instrument itself takes this from its waveform.
    #[must_use]
    pub fn has_measure(&self, measure: WaveformMeasure) -> bool {
        self.measures.contains_key(&measure)
    }

    /// The smallest step of a setting, where it is known.
    #[must_use]
    pub fn resolution(&self, setting: Setting) -> Option<&Quantity> {
        self.setting(setting)?.resolution.as_ref()
    }

    /// What a channel can do; channels count from 1.
    #[must_use]
    pub fn channel(&self, channel: u32) -> Option<&ChannelLimits> {
        self.channels.get(usize::try_from(channel).ok()?.checked_sub(1)?)
    }

    /// How many channels there are.
    #[must_use]
    pub fn channel_count(&self) -> u32 {
        u32::try_from(self.channels.len()).unwrap_or(u32::MAX)
    }

    /// The words of all that it measures or sets.
    #[must_use]
    pub fn capabilities(&self) -> Vec<String> {
        let functions = self.functions.keys().map(|function| function.word());
        let settings = self.settings.keys().map(|setting| setting.word());
        let capture = self.capture.iter().map(|_| "waveform");
        functions.chain(capture).chain(settings).map(str::to_owned).collect()
    }

    /// What it measures.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.keys()
    }

    /// The same for one model: with the channels and the accuracy that this model has.
    #[must_use]
    pub fn of_model(&self, identity: &Identity) -> Self {
        let is_it = |model: &&ModelLimits| {
            model.identities.iter().any(|wanted| identity_fits(wanted, identity))
        };
        let mut own = self.clone();
        if let Some(model) = self.models.iter().find(is_it) {
            own.channels.clone_from(&model.channels);
        }
        for words in own.functions.values_mut() {
            words.accuracy.retain(|table| table.is_of(identity));
        }
        own
    }

    pub(crate) fn accuracies(&self) -> impl Iterator<Item = (Function, &AccuracyTable)> {
        self.functions
            .iter()
            .flat_map(|(function, words)| words.accuracy.iter().map(|table| (*function, table)))
    }

    pub(crate) fn settings(&self) -> impl Iterator<Item = (&Setting, &SettingWords)> {
        self.settings.iter()
    }
}

impl SettingWords {
    /// What sets it; `value` is the number in base units, or the plan's word.
    #[must_use]
    pub fn set_messages(&self, values: &Values) -> Vec<String> {
        filled(&self.set, values)
    }

    /// What asks for it, where it can be asked for.
    #[must_use]
    pub fn get_message(&self, values: &Values) -> Option<String> {
        self.get.as_ref()?.fill(values)
    }

    /// Whether it can be asked for.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.get.is_some()
    }

    /// The plan's words that it has one for.
    pub(crate) fn plan_words(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    /// The instrument's word for one of the plan's: `ON` for `on`.
    #[must_use]
    pub fn word(&self, plans: &str) -> Option<&str> {
        self.words.get(plans).map(String::as_str)
    }
}

impl FunctionWords {
    /// What is sent once before the readings.
    #[must_use]
    pub fn configure_messages(&self, values: &Values) -> Vec<String> {
        filled(&self.configure, values)
    }

    /// The instrument's word for a range, with the name of the place where it stands. `None` where it has no such
    /// range.
    #[must_use]
    pub fn range_word(&self, range: &Range) -> Option<(&'static str, String)> {
        match range {
            Range::Auto => {
                let places = || self.configure.iter().flat_map(Template::places);
                let is_own = places().any(|place| place == AUTO_RANGE_PLACE);
                let place = if is_own { AUTO_RANGE_PLACE } else { RANGE_PLACE };
                Some((place, self.auto_range.clone()?))
            }
            Range::Fixed(wanted) => {
                let is_wanted = |own: &&Quantity| {
                    (*own).partial_cmp(wanted).is_some_and(std::cmp::Ordering::is_eq)
                };
                let known = self.ranges.iter().find(is_wanted)?;
                Some((RANGE_PLACE, known.in_base()?.to_plain_string()))
            }
        }
    }

    /// The query for one reading.
    #[must_use]
    pub fn read_message(&self, values: &Values) -> Option<String> {
        self.read.fill(values)
    }
}

impl RegulationWords {
    /// The query for the mode.
    #[must_use]
    pub fn get_message(&self, values: &Values) -> Option<String> {
        self.get.fill(values)
    }
}
