//! What a run does, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{CaptureSettings, ReadingSettings, Setting, SettingValue, WaveformMeasure};
use bench_model::{Limit, Place, Point, Quantity, Unit};

use metrology::MaskPoint;

use crate::correction::Correction;
use crate::decision::{OnlyIf, StopWhen};
use crate::expression::Expression;
use crate::fault::Fault;
use crate::infrastructure::Inspection;
use crate::prompt::Prompt;
use crate::uncertainty::{ComputedDecision, PlannedDecision};

/// All operations of a run, with every parameter, setpoint and limit resolved.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// What always runs first.
    pub setup: Vec<Operation>,
    /// What was asked for.
    pub steps: Vec<Operation>,
    /// What always runs last.
    pub cleanup: Vec<Operation>,
    /// How many results will be judged: those with a limit, each point counted.
    pub planned_results: u64,
    /// How many readings are taken, further attempts not counted.
    pub planned_readings: u64,
    /// The parameters in force.
    pub parameters: BTreeMap<String, String>,
    /// What was stated of the surroundings.
    pub environment: BTreeMap<String, Quantity>,
    /// Whether only a part of the plan was asked for.
    pub partial: bool,
    /// The roles that take part, those aside that a person reads.
    pub roles_used: BTreeSet<String>,
    /// The roles that a person reads.
    pub read_by_hand: BTreeSet<String>,
    /// What must have come down after the safe state.
    pub discharged: Option<Discharged>,
    /// What readings are corrected by.
    pub corrections: Vec<Arc<Correction>>,
    /// What is no fault, and should be known before the run.
    pub warnings: Vec<Fault>,
}

impl Schedule {
    /// Setup, steps and cleanup.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.setup.iter().chain(&self.steps).chain(&self.cleanup)
    }
}

/// What must have come down after everything was switched off. A warning, no verdict.
#[derive(Clone, Debug)]
pub struct Discharged {
    /// What is read.
    pub reading: Arc<ReadingSpec>,
    /// What it must be.
    pub limit: PlannedLimit,
    /// How long it may take.
    pub within: Duration,
}

/// When readings are at rest. Where they do not come to rest, the point is an error of the equipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stability {
    /// What is read, once each time.
    pub reading: Arc<ReadingSpec>,
    /// How far apart the readings of a window may lie.
    pub tolerance: Quantity,
    /// For how long they must.
    pub window: Duration,
    /// How long it may take.
    pub within: Duration,
}

/// One thing that a run does.
#[derive(Clone, Debug)]
pub enum Operation {
    /// A step begins.
    StepStarted {
        /// Its id.
        step: String,
    },
    /// What is not done by then is not done any more.
    Timeout {
        /// The step; the whole plan where none is named.
        step: Option<String>,
        /// From now on.
        time: Duration,
    },
    /// The rest of a step is left out, unless earlier results are as they must be.
    OnlyIf(Box<OnlyIf>),
    /// Something is set.
    Set(Box<Set>),
    /// A supply must say that it regulates so.
    ExpectMode {
        /// The step.
        step: String,
        /// Where in its sweep.
        point: Point,
        /// Who is asked.
        role: String,
        /// `cv` or `cc`.
        mode: String,
    },
    /// Time passes.
    Settle {
        /// The step.
        step: String,
        /// Where in its sweep.
        point: Point,
        /// How long.
        time: Duration,
    },
    /// A time since the first point of an axis is waited for.
    Pace {
        /// The step.
        step: String,
        /// Where in its sweep, that axis left out.
        around: Point,
        /// The axis.
        axis: String,
        /// Since its first point.
        at: Duration,
    },
    /// Readings are taken until they come to rest. They are looked at and not recorded.
    SettleUntilStable {
        /// The step.
        step: String,
        /// Where in its sweep.
        point: Point,
        /// When they are at rest.
        until: Arc<Stability>,
    },
    /// A reading is taken and judged.
    Measure(Box<Measure>),
    /// A waveform is captured and measured.
    Capture(Box<Capture>),
    /// A value is computed and judged.
    Compute(Box<Compute>),
    /// Any SCPI is sent.
    Raw(Box<Raw>),
    /// Something is asked of the infrastructure.
    Inspection(Box<Inspection>),
    /// The operator is asked.
    Prompt(Box<Prompt>),
    /// The rest of an axis is left out, where a result lies beyond a level.
    StopWhen(Box<StopWhen>),
    /// A step is over.
    StepFinished {
        /// Its id.
        step: String,
    },
}

/// Something is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The step.
    pub step: String,
    /// The axes up to and including the one that moves; empty outside of sweeps.
    pub point: Point,
    /// Whose setting.
    pub role: String,
    /// Which.
    pub setting: Setting,
    /// The value, as it is sent.
    pub value: SettingValue,
}

/// A limit at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLimit {
    /// As the plan writes it.
    pub text: String,
    /// Resolved.
    pub limit: Limit,
}

/// How a quantity is read, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingSpec {
    /// Its name in the plan.
    pub name: String,
    /// Who reads it.
    pub role: String,
    /// What is told to the instrument.
    pub settings: ReadingSettings,
    /// How many readings are taken.
    pub samples: u32,
    /// When fewer are enough.
    pub until: Option<Precise>,
    /// What a person is asked to read, where no instrument is.
    pub entry: Option<Entry>,
    /// What they are corrected by, one after the other.
    pub corrections: Vec<Arc<Correction>>,
}

/// A reading that a person takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is asked.
    pub question: String,
    /// Of the answer, where it states none.
    pub unit: Unit,
    /// The answer on a simulated bench.
    pub sim: Option<Quantity>,
}

/// When the mean of readings is precise enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precise {
    /// Half of the interval that holds the mean with 95 %, at most.
    pub half_width: Quantity,
    /// How many readings are taken in any case.
    pub at_least: u32,
}

/// How a waveform is captured, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureSpec {
    /// Its name in the plan.
    pub name: String,
    /// The oscilloscope.
    pub role: String,
    /// What is told to the instrument.
    pub settings: CaptureSettings,
}

/// Which of several readings is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Judge {
    /// Their mean.
    #[default]
    Mean,
    /// Each of them; the worst counts.
    Each,
    /// The lowest.
    Min,
    /// The highest.
    Max,
    /// The last.
    Last,
}

impl Judge {
    /// The word of plans and records.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Each => "each",
            Self::Min => "min",
            Self::Max => "max",
            Self::Last => "last",
        }
    }
}

/// When there is a further attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryOn {
    /// After an error of the equipment.
    #[default]
    Error,
    /// Also when the limit is missed.
    Fail,
}

/// What an error of the equipment does to the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The rest is not run.
    #[default]
    Stop,
    /// The rest goes on.
    Continue,
}

/// A reading is taken and judged.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Where its result belongs.
    pub place: Place,
    /// What is read.
    pub reading: Arc<ReadingSpec>,
    /// Which of several is judged.
    pub judge: Judge,
    /// What it must be; recorded only where there is none.
    pub limit: Option<PlannedLimit>,
    /// How the limit is applied, and how uncertain the result is.
    pub decision: PlannedDecision,
    /// Attempts at most, the first included.
    pub attempts: u32,
    /// When there is a further one.
    pub retry_on: RetryOn,
    /// What an error does.
    pub on_error: OnError,
}

/// A waveform is captured and measured.
#[derive(Clone, Debug)]
pub struct Capture {
    /// Where the waveform belongs.
    pub place: Place,
    /// How it is captured.
    pub capture: Arc<CaptureSpec>,
    /// What is set once it is armed.
    pub meanwhile: Vec<Set>,
    /// What is taken from it.
    pub measures: Vec<CaptureMeasure>,
    /// Attempts at most, the first included.
    pub attempts: u32,
    /// When there is a further one.
    pub retry_on: RetryOn,
    /// What an error does.
    pub on_error: OnError,
}

/// Something is taken from a waveform and judged.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptureMeasure {
    /// Where its result belongs.
    pub place: Place,
    /// What is taken.
    pub quantity: WaveformMeasure,
    /// Who takes it.
    pub by: MeasuredBy,
    /// The mask within which samples must lie, where that is what is taken.
    pub mask: Option<Arc<[MaskPoint]>>,
    /// What it must be; recorded only where there is none.
    pub limit: Option<PlannedLimit>,
}

/// Who measures a waveform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasuredBy {
    /// We, from the samples.
    Samples,
    /// The oscilloscope.
    Scope,
}

impl MeasuredBy {
    /// The word of plans.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Scope => "scope",
        }
    }
}

/// A value is computed from earlier results and judged.
#[derive(Clone, Debug)]
pub struct Compute {
    /// Where its result belongs; its point is what is left of the axes.
    pub place: Place,
    /// How it is computed.
    pub expression: Arc<Expression>,
    /// What it must be; recorded only where there is none.
    pub limit: Option<PlannedLimit>,
    /// How the limit is applied, and how uncertain the value is.
    pub decision: ComputedDecision,
    /// What an error does.
    pub on_error: OnError,
}

/// Any SCPI is sent.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Where its result belongs.
    pub place: Place,
    /// Who is asked or told.
    pub role: String,
    /// What is sent.
    pub message: String,
    /// Whether an answer comes.
    pub is_query: bool,
    /// What must not lie beyond so much when the message has been sent; nothing where it sets nothing.
    pub caps: Vec<(Setting, Quantity)>,
    /// The unit of the answer; none where it is text.
    pub unit: Option<Unit>,
    /// What the answer must be; recorded only where there is none.
    pub limit: Option<PlannedLimit>,
    /// Attempts at most, the first included.
    pub attempts: u32,
    /// When there is a further one.
    pub retry_on: RetryOn,
    /// What an error does.
    pub on_error: OnError,
}
