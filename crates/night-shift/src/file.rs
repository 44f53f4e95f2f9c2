//! A sweep file as it is written, before it is checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::sweep::{OnFailure, Order, WhenInUse};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SweepFile {
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) help: Option<String>,
    #[serde(default)]
    pub(crate) on: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) time_zone: Option<String>,
    #[serde(default)]
    pub(crate) jitter: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) budget: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) quiet_hours: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) order: Order,
    #[serde(default)]
    pub(crate) in_use: WhenInUse,
    #[serde(default)]
    pub(crate) alpha: Option<Spanned<f64>>,
    #[serde(default)]
    pub(crate) calibration_within_days: Option<u32>,
    #[serde(default)]
    pub(crate) defaults: JobFile,
    #[serde(default)]
    pub(crate) jobs: Vec<Spanned<JobFile>>,
}

/// What `[defaults]` and each of `[[jobs]]` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobFile {
    #[serde(default)]
    pub(crate) plan: Option<OneOrMany>,
    #[serde(default)]
    pub(crate) bench: Option<OneOrMany>,
    #[serde(default)]
    pub(crate) sim: Option<Sim>,
    #[serde(default)]
    pub(crate) dut: Option<OneOrMany>,
    #[serde(default)]
    pub(crate) set: BTreeMap<String, OneOrMany>,
    #[serde(default)]
    pub(crate) tags: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) skip: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) steps: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) repeat: Option<Spanned<u32>>,
    #[serde(default)]
    pub(crate) budget: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) baseline: Option<String>,
    #[serde(default)]
    pub(crate) on_failure: Option<OnFailure>,
}

/// `true`, or the name of a simulated bench.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sim {
    Own(bool),
    Named(OneOrMany),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(Scalar),
    Many(Vec<Scalar>),
}

/// A value as a command line would have it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Text(String),
    Whole(i64),
    Number(f64),
    Flag(bool),
}

impl OneOrMany {
    /// All of them, as text.
    pub(crate) fn texts(&self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one.text()],
            Self::Many(many) => many.iter().map(Scalar::text).collect(),
        }
    }
}

impl Scalar {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}
