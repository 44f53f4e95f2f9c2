//! How uncertain a reading is, and the rule by which it is decided on.
//!
//! | file | does |
//! | --- | --- |
//! | `corrected` | what the corrections of a reading make of it |
//! | `data_sheet` | what the instrument is accurate to |
//! | `evaluate` | sources of uncertainty to u, U, k and a budget |
//! | `sources` | what makes results uncertain, and what several of them share |
//! | `propagate` | the uncertainty of a computed value |

mod corrected;
mod data_sheet;
mod evaluate;
mod propagate;
mod sources;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bench_catalog::AccuracyTable;
use bench_model::{Decimal, Quantity};
use metrology::decision::DecisionRule;
use metrology::uncertainty::Shape;

pub use corrected::CorrectedFrom;
pub use evaluate::{Circumstances, Evaluated, UncertaintyError};
pub use propagate::{MonteCarlo, Propagated, Propagation};
pub use sources::ErrorSource;

/// How a result is decided on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlannedDecision {
    /// The rule; simple acceptance where the plan does not say.
    pub rule: DecisionRule,
    /// How uncertain the result is, where the plan states it.
    pub uncertainty: Option<UncertaintySource>,
    /// What is known of items before they are measured.
    pub process: Option<PlannedProcess>,
}

/// How a computed value is decided on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComputedDecision {
    /// The rule; simple acceptance where the plan does not say.
    pub rule: DecisionRule,
    /// How uncertain the value is, where the plan states it.
    pub uncertainty: Option<ComputedUncertainty>,
    /// What is known of items before they are measured.
    pub process: Option<PlannedProcess>,
}

/// Where the uncertainty of a computed value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ComputedUncertainty {
    /// Of what it is computed from, by the expression.
    Propagated(Propagation),
    /// Stated by the plan: U for 95 % with k = 2.
    Value(Quantity),
}

/// What is known of items before they are measured: values are normal about a mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedProcess {
    /// Their mean.
    pub mean: Quantity,
    /// Their standard deviation.
    pub deviation: Quantity,
}

/// Where the uncertainty of a result comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum UncertaintySource {
    /// The accuracy of the instrument, as a rectangle, and the scatter of several readings.
    DataSheet,
    /// What the plan lists for the reading, and the scatter of several readings.
    Budget(Arc<PlannedBudget>),
    /// Stated by the plan: U for 95 % with k = 2.
    Value(Quantity),
}

impl UncertaintySource {
    /// The word of plans and records.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::DataSheet => "data_sheet",
            Self::Budget(_) => "budget",
            Self::Value(_) => "value",
        }
    }

    /// Whether the accuracy of the instrument must be known.
    #[must_use]
    pub fn needs_data_sheet(&self) -> bool {
        let is_data_sheet = |line: &BudgetLine| matches!(line.input, BudgetInput::DataSheet);
        match self {
            Self::DataSheet => true,
            Self::Budget(budget) => budget.lines.iter().any(is_data_sheet),
            Self::Value(_) => false,
        }
    }
}

/// The uncertainty budget of a reading, as the plan lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedBudget {
    /// Its lines.
    pub lines: Vec<BudgetLine>,
    /// Two lines by their index, and how they are correlated, within ±1.
    pub correlations: Vec<(usize, usize, Decimal)>,
}

/// One line of a budget.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetLine {
    /// What it is called.
    pub name: String,
    /// How uncertain the input is.
    pub input: BudgetInput,
    /// Its distribution.
    pub shape: Shape,
    /// Unit of the reading per unit of the input.
    pub sensitivity: Quantity,
    /// Degrees of freedom; none: infinitely many.
    pub freedom: Option<Decimal>,
}

/// How uncertain an input of a budget is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BudgetInput {
    /// As the instrument's data sheet says.
    DataSheet,
    /// A standard uncertainty.
    Standard(Quantity),
    /// Bounds ±.
    Within(Quantity),
    /// An expanded uncertainty with its coverage factor, as certificates state it.
    Expanded(Quantity, Decimal),
}

/// What is known of the accuracy of the instrument that plays a role.
#[derive(Clone, Copy, Debug)]
pub struct KnownAccuracy<'a> {
    /// By its certificate or its data sheet.
    pub tables: &'a [AccuracyTable],
    /// How many days ago it was calibrated; none: nobody knows.
    pub days: Option<u32>,
}
