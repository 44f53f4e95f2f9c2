//! How quantities are read and waveforms captured: checked, with the texts that parameters still change.

use bench_catalog::Function;
use bench_model::Decimal;

use crate::operation::Judge;
use crate::source::{Located, Span};
use crate::step::Amount;

/// A reading of the plan.
#[derive(Clone, Debug)]
pub(crate) struct ReadingDraft {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) function: Located<Function>,
    pub(crate) range: Option<RangeText>,
    pub(crate) nplc: Option<Located<Decimal>>,
    pub(crate) auto_zero: Option<Located<bool>>,
    pub(crate) input_impedance: Option<Located<String>>,
    pub(crate) samples: u32,
    pub(crate) judge: Judge,
}

#[derive(Clone, Debug)]
pub(crate) enum RangeText {
    Auto(Span),
    Fixed(Amount),
}

/// A capture of the plan.
#[derive(Clone, Debug)]
pub(crate) struct CaptureDraft {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) probe: Decimal,
    pub(crate) coupling: Located<String>,
    pub(crate) bandwidth: Located<String>,
    pub(crate) scale: Amount,
    pub(crate) offset: Option<Amount>,
    pub(crate) time_base: Amount,
    pub(crate) acquisition: Located<String>,
    pub(crate) trigger: TriggerDraft,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct TriggerDraft {
    pub(crate) level: Option<Amount>,
    pub(crate) slope: Located<String>,
    pub(crate) timeout: Amount,
    pub(crate) is_auto: bool,
}
