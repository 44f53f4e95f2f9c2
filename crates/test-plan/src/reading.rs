//! How quantities are read and waveforms captured: checked, with the texts that parameters still change.

use std::sync::Arc;

use bench_catalog::Function;
use bench_model::{Decimal, Quantity, Unit};
use metrology::uncertainty::Shape;

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
    pub(crate) until: Option<PreciseDraft>,
    pub(crate) budget: Vec<BudgetLineDraft>,
    pub(crate) corrections: Vec<Arc<CorrectionDraft>>,
    /// Of what is read.
    pub(crate) raw_unit: Unit,
    /// Of what is judged, corrected.
    pub(crate) unit: Unit,
    /// Where a person reads it.
    pub(crate) entry: Option<EntryDraft>,
}

/// What a person is asked to read.
#[derive(Clone, Debug)]
pub(crate) struct EntryDraft {
    pub(crate) question: Option<String>,
    pub(crate) sim: Option<Quantity>,
}

/// A correction of the plan.
#[derive(Clone, Debug)]
pub(crate) struct CorrectionDraft {
    pub(crate) name: String,
    pub(crate) form: CorrectionForm,
    pub(crate) uncertainty: Option<Amount>,
    pub(crate) certificate: Option<String>,
    pub(crate) due: Option<String>,
}

/// What a correction does.
#[derive(Clone, Debug)]
pub(crate) enum CorrectionForm {
    Shunt(Amount),
    Gain(Amount),
    Offset(Amount),
    /// The path of an earlier result.
    Zero(Located<String>),
}

impl CorrectionForm {
    /// The number that the plan states.
    pub(crate) fn amount(&self) -> Option<&Amount> {
        match self {
            Self::Shunt(own) | Self::Gain(own) | Self::Offset(own) => Some(own),
            Self::Zero(_) => None,
        }
    }
}

/// When the mean of readings is precise enough.
#[derive(Clone, Debug)]
pub(crate) struct PreciseDraft {
    pub(crate) half_width: Amount,
    pub(crate) at_least: u32,
}

/// One line of a reading's uncertainty budget.
#[derive(Clone, Debug)]
pub(crate) struct BudgetLineDraft {
    pub(crate) name: String,
    pub(crate) input: InputDraft,
    pub(crate) shape: Shape,
    /// Unit of the reading per unit of the input.
    pub(crate) sensitivity: Quantity,
    pub(crate) freedom: Option<Decimal>,
    /// With which other line, and by which coefficient.
    pub(crate) correlated: Option<(String, Decimal)>,
}

/// How uncertain an input of a budget is.
#[derive(Clone, Debug)]
pub(crate) enum InputDraft {
    DataSheet,
    Standard(Amount),
    Within(Amount),
    Expanded(Amount, Decimal),
}

impl InputDraft {
    /// The distribution where the plan names none.
    pub(crate) fn usual_shape(&self) -> Shape {
        match self {
            Self::DataSheet | Self::Within(_) => Shape::Rectangular,
            Self::Standard(_) | Self::Expanded(..) => Shape::Normal,
        }
    }
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
