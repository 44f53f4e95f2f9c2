//! Steps as they were checked: their texts are read, and stand for values once parameters and points are known.

use bench_catalog::{Setting, WaveformMeasure};

use crate::expression::Term;
use crate::limit::Form;
use crate::operation::{Judge, MeasuredBy, OnError, RetryOn};
use crate::source::{Located, Span};
use crate::text::{Operand, Template};

/// A quantity or a parameter, and the string of the plan that it stands in.
#[derive(Clone, Debug)]
pub(crate) struct Amount {
    pub(crate) operand: Operand,
    pub(crate) span: Span,
}

/// A limit and the string of the plan that it stands in.
#[derive(Clone, Debug)]
pub(crate) struct LimitText {
    pub(crate) text: String,
    pub(crate) form: Form,
    pub(crate) span: Span,
}

/// An expression and the string of the plan that it stands in.
#[derive(Clone, Debug)]
pub(crate) struct ExpressionText {
    pub(crate) text: String,
    pub(crate) term: Term,
    pub(crate) span: Span,
}

/// A step.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) id: Located<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) sweep: Vec<Axis>,
    /// Done once before the sweep: what is set; and at every point: the action.
    pub(crate) own: Part,
    /// Done at every point.
    pub(crate) each: Vec<Part>,
}

impl Step {
    /// The steps whose results it computes from.
    pub(crate) fn depends_on(&self) -> impl Iterator<Item = &str> {
        let term = match &self.own.action {
            Some(Action::Compute(compute)) => Some(&compute.expression.term),
            _ => None,
        };
        let paths = term.into_iter().flat_map(Term::references);
        paths.map(|path| path.split('/').next().unwrap_or(path))
    }
}

/// What a step and what is done at each of its points have in common.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) path: String,
    pub(crate) apply: Vec<Apply>,
    pub(crate) settle: Option<Amount>,
    pub(crate) action: Option<Action>,
    pub(crate) on_error: OnError,
}

/// The settings of one role, in the order of the wire.
#[derive(Clone, Debug)]
pub(crate) struct Apply {
    pub(crate) role: String,
    pub(crate) settings: Vec<Applied>,
    pub(crate) span: Span,
}

/// One setting.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    pub(crate) setting: Setting,
    pub(crate) value: AppliedValue,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum AppliedValue {
    Amount(Amount),
    Switch(bool),
    Word(Located<Template>),
}

/// An axis of a sweep.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) setting: Setting,
    pub(crate) series: Series,
    pub(crate) settle: Option<Amount>,
    pub(crate) expect_mode: Option<Located<String>>,
    pub(crate) span: Span,
}

/// The setpoints of an axis.
#[derive(Clone, Debug)]
pub(crate) enum Series {
    List(Vec<Amount>),
    Points { from: Amount, to: Amount, points: u32, logarithmic: bool },
    Step { from: Amount, to: Amount, step: Amount },
}

impl Series {
    /// All quantities in it.
    pub(crate) fn amounts(&self) -> Vec<&Amount> {
        match self {
            Self::List(amounts) => amounts.iter().collect(),
            Self::Points { from, to, .. } => vec![from, to],
            Self::Step { from, to, step } => vec![from, to, step],
        }
    }
}

/// What is done.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Measure(MeasureDraft),
    Capture(TakeDraft),
    Compute(ComputeDraft),
    Scpi(ScpiDraft),
    Wait(Amount),
}

#[derive(Clone, Debug)]
pub(crate) struct MeasureDraft {
    pub(crate) reading: String,
    pub(crate) judge: Judge,
    pub(crate) limit: Option<LimitText>,
    pub(crate) retry: Retry,
}

#[derive(Clone, Debug)]
pub(crate) struct TakeDraft {
    pub(crate) capture: String,
    pub(crate) measures: Vec<TakenDraft>,
    pub(crate) retry: Retry,
}

/// Something that is taken from a waveform.
#[derive(Clone, Debug)]
pub(crate) struct TakenDraft {
    pub(crate) id: String,
    pub(crate) quantity: WaveformMeasure,
    pub(crate) by: MeasuredBy,
    pub(crate) limit: Option<LimitText>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct ComputeDraft {
    pub(crate) expression: ExpressionText,
    pub(crate) limit: Option<LimitText>,
}

#[derive(Clone, Debug)]
pub(crate) struct ScpiDraft {
    pub(crate) role: String,
    pub(crate) message: Located<Template>,
    pub(crate) is_query: bool,
    /// None where the answer is text.
    pub(crate) unit: Option<bench_model::Unit>,
    pub(crate) limit: Option<LimitText>,
    pub(crate) retry: Retry,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    pub(crate) on: RetryOn,
}

/// What must have come down after the safe state.
#[derive(Clone, Debug)]
pub(crate) struct DischargedDraft {
    pub(crate) reading: String,
    pub(crate) limit: LimitText,
    pub(crate) within: Amount,
}
