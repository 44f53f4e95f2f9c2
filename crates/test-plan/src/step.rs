//! Steps as they were checked: their texts are read, and stand for values once parameters and points are known.

use std::sync::Arc;

use bench_catalog::{Setting, WaveformMeasure};
use metrology::MaskPoint;
use metrology::decision::DecisionRule;

use crate::axes::Order;
use crate::condition::Condition;
use crate::expression::Term;
use crate::infrastructure::InspectionDraft;
use crate::limit::Form;
use crate::operation::{Judge, MeasuredBy, OnError, RetryOn};
use crate::prompt::PromptDraft;
use crate::source::{Located, Span};
use crate::text::{Level, Operand, Template};
use crate::uncertainty::Propagation;

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

/// A limit of a plan.
#[derive(Clone, Debug)]
pub(crate) enum LimitDraft {
    /// The same text at all points.
    Same(LimitText),
    /// Another one at each setpoint of an axis.
    ByPoint(LimitTable),
}

/// Limits by the setpoints of an axis.
#[derive(Clone, Debug)]
pub(crate) struct LimitTable {
    pub(crate) axis: Located<String>,
    pub(crate) rows: Vec<(Amount, LimitText)>,
    pub(crate) span: Span,
}

impl LimitDraft {
    fn first(&self) -> Option<&LimitText> {
        match self {
            Self::Same(limit) => Some(limit),
            Self::ByPoint(table) => table.rows.first().map(|(_, limit)| limit),
        }
    }

    /// The % or ppm in which it is written, where it is.
    pub(crate) fn relative_unit(&self) -> Option<bench_model::Unit> {
        self.first().and_then(|limit| limit.form.relative_unit())
    }

    /// Whether it is a limit of words.
    pub(crate) fn is_of_words(&self) -> bool {
        self.first().is_some_and(|limit| limit.form.is_of_words())
    }

    pub(crate) fn span(&self) -> &Span {
        match self {
            Self::Same(limit) => &limit.span,
            Self::ByPoint(table) => &table.span,
        }
    }
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
    /// When it is run.
    pub(crate) premises: Vec<Premise>,
    pub(crate) sweep: Vec<Axis>,
    /// How long all of it may take.
    pub(crate) timeout: Option<Amount>,
    /// What ends its innermost axis early.
    pub(crate) stop: Option<StopDraft>,
    /// Done once before the sweep: what is set; and at every point: the action.
    pub(crate) own: Part,
    /// Done at every point.
    pub(crate) each: Vec<Part>,
}

impl Step {
    /// The steps whose results it computes from or whose verdicts it asks for.
    pub(crate) fn depends_on(&self) -> impl Iterator<Item = &str> {
        let term = match &self.own.action {
            Some(Action::Compute(compute)) => Some(&compute.expression.term),
            _ => None,
        };
        let parts = std::iter::once(&self.own).chain(&self.each);
        let zeros = parts.flat_map(Part::zeros).map(String::as_str);
        let asked = self.premises.iter().flat_map(|premise| premise.condition.references());
        let paths = term.into_iter().flat_map(Term::references).chain(asked).chain(zeros);
        paths.map(|path| path.split('/').next().unwrap_or(path))
    }
}

/// When a step is run, and the string of the plan that says so.
#[derive(Clone, Debug)]
pub(crate) struct Premise {
    pub(crate) text: String,
    pub(crate) condition: Condition,
    /// Whether it must hold, or must not.
    pub(crate) wanted: bool,
    pub(crate) span: Span,
}

/// What a step and what is done at each of its points have in common.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) path: String,
    pub(crate) apply: Vec<Apply>,
    pub(crate) settle: Option<Settle>,
    pub(crate) action: Option<Action>,
    pub(crate) on_error: OnError,
}

impl Part {
    fn zeros(&self) -> &[String] {
        match &self.action {
            Some(Action::Measure(measure)) => &measure.zeros,
            _ => &[],
        }
    }
}

/// What is waited for before something is read.
#[derive(Clone, Debug)]
pub(crate) enum Settle {
    For(Amount),
    UntilStable(Box<StableDraft>),
}

/// Readings that must come to rest.
#[derive(Clone, Debug)]
pub(crate) struct StableDraft {
    pub(crate) reading: String,
    pub(crate) tolerance: Amount,
    pub(crate) window: Amount,
    pub(crate) within: Amount,
    pub(crate) span: Span,
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

/// What ends an axis early: a result of this step beyond a level.
#[derive(Clone, Debug)]
pub(crate) struct StopDraft {
    pub(crate) axis: String,
    pub(crate) leaf: String,
    pub(crate) is_below: bool,
    pub(crate) level: LevelText,
}

/// A level and the string of the plan that it stands in.
#[derive(Clone, Debug)]
pub(crate) struct LevelText {
    pub(crate) level: Level,
    pub(crate) span: Span,
}

/// An axis of a sweep. Several that are zipped make one dimension of it.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) name: String,
    /// What is set; nothing where the axis only counts, as trials do.
    pub(crate) sets: Option<AxisSetting>,
    pub(crate) series: Series,
    pub(crate) order: Order,
    /// Whether it moves together with the axis before it.
    pub(crate) zipped: bool,
    pub(crate) settle: Option<Settle>,
    pub(crate) expect_mode: Option<Located<String>>,
    pub(crate) span: Span,
}

/// What an axis sets.
#[derive(Clone, Debug)]
pub(crate) struct AxisSetting {
    pub(crate) role: String,
    pub(crate) setting: Setting,
}

/// The setpoints of an axis.
#[derive(Clone, Debug)]
pub(crate) enum Series {
    List(Vec<Amount>),
    Points {
        from: Amount,
        to: Amount,
        points: u32,
        logarithmic: bool,
    },
    Step {
        from: Amount,
        to: Amount,
        step: Amount,
    },
    /// 1, 2, .., and nothing is set.
    Count(u32),
    /// Times from zero, which are waited for.
    Every {
        every: Amount,
        during: Amount,
    },
}

impl Series {
    /// Whether its points are times that are waited for.
    pub(crate) fn is_paced(&self) -> bool {
        matches!(self, Self::Every { .. })
    }

    /// All quantities in it.
    pub(crate) fn amounts(&self) -> Vec<&Amount> {
        match self {
            Self::List(amounts) => amounts.iter().collect(),
            Self::Points { from, to, .. } => vec![from, to],
            Self::Step { from, to, step } => vec![from, to, step],
            Self::Count(_) => Vec::new(),
            Self::Every { every, during } => vec![every, during],
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
    Prompt(Box<PromptDraft>),
    Inspection(Box<InspectionDraft>),
    Wait(Amount),
}

#[derive(Clone, Debug)]
pub(crate) struct MeasureDraft {
    pub(crate) reading: String,
    pub(crate) judge: Judge,
    pub(crate) limit: Option<LimitDraft>,
    pub(crate) decision: DecisionDraft,
    pub(crate) retry: Retry,
    /// Results that are taken off its readings.
    pub(crate) zeros: Vec<String>,
}

/// How a measurement is decided on.
#[derive(Clone, Debug)]
pub(crate) struct DecisionDraft {
    pub(crate) rule: DecisionRule,
    pub(crate) uncertainty: Option<UncertaintyDraft>,
    pub(crate) process: Option<ProcessDraft>,
    /// Where the rule stands, else the measurement.
    pub(crate) span: Span,
}

/// What is known of items before they are measured.
#[derive(Clone, Debug)]
pub(crate) struct ProcessDraft {
    pub(crate) mean: Amount,
    pub(crate) deviation: Amount,
}

/// How a computed value is decided on.
#[derive(Clone, Debug)]
pub(crate) struct ComputedDecisionDraft {
    pub(crate) rule: DecisionRule,
    pub(crate) uncertainty: Option<ComputedUncertaintyDraft>,
    pub(crate) process: Option<ProcessDraft>,
    /// Where the rule stands, else the computation.
    pub(crate) span: Span,
}

/// Where the uncertainty of a computed value comes from.
#[derive(Clone, Debug)]
pub(crate) enum ComputedUncertaintyDraft {
    Propagated(Propagation),
    Value(Amount),
}

/// Where the uncertainty of a measurement comes from.
#[derive(Clone, Debug)]
pub(crate) enum UncertaintyDraft {
    DataSheet(Span),
    Budget(Span),
    Value(Amount),
}

impl UncertaintyDraft {
    pub(crate) fn span(&self) -> &Span {
        match self {
            Self::DataSheet(span) | Self::Budget(span) | Self::Value(Amount { span, .. }) => span,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct TakeDraft {
    pub(crate) capture: String,
    /// What is set once it is armed.
    pub(crate) meanwhile: Vec<Apply>,
    pub(crate) measures: Vec<TakenDraft>,
    pub(crate) retry: Retry,
}

/// Something that is taken from a waveform.
#[derive(Clone, Debug)]
pub(crate) struct TakenDraft {
    pub(crate) id: String,
    pub(crate) quantity: WaveformMeasure,
    pub(crate) by: MeasuredBy,
    pub(crate) mask: Option<Arc<[MaskPoint]>>,
    pub(crate) limit: Option<LimitDraft>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct ComputeDraft {
    pub(crate) expression: ExpressionText,
    pub(crate) limit: Option<LimitDraft>,
    pub(crate) decision: ComputedDecisionDraft,
}

#[derive(Clone, Debug)]
pub(crate) struct ScpiDraft {
    pub(crate) role: String,
    pub(crate) message: Located<Template>,
    pub(crate) is_query: bool,
    /// None where the answer is text.
    pub(crate) unit: Option<bench_model::Unit>,
    pub(crate) limit: Option<LimitDraft>,
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
    pub(crate) limit: LimitDraft,
    pub(crate) within: Amount,
}
