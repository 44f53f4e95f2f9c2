//! What is left out of a run: steps by what came before them, the rest of an axis by what was read on it.

use std::sync::Arc;

use bench_model::{Place, Point, Quantity, Verdict, VerdictCounts};

use crate::expression::Expression;

/// When a step is run.
#[derive(Clone, Debug)]
pub struct OnlyIf {
    /// The step.
    pub step: String,
    /// Its condition, as the plan writes it.
    pub text: String,
    /// Whether the condition must hold, or must not.
    pub wanted: bool,
    /// Its parts.
    pub clauses: Vec<PremiseClause>,
    /// Whether one part is enough.
    pub is_any: bool,
    /// Whether the step has results that say why they were skipped.
    pub has_results: bool,
}

/// One part of a condition.
#[derive(Clone, Debug)]
pub struct PremiseClause {
    /// As the plan writes it.
    pub text: String,
    /// What it asks for.
    pub kind: PremiseKind,
}

/// What a part of a condition asks for.
#[derive(Clone, Debug)]
pub enum PremiseKind {
    /// How the results came out.
    Came {
        /// Of this leaf, or of all within this step.
        path: String,
        /// How.
        state: State,
        /// Whether it must not be so.
        negated: bool,
    },
    /// A comparison, whose value is 1 where it holds.
    Holds(Arc<Expression>),
}

/// How results came out, for conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// One passed at least, and nothing came out worse.
    Passed,
    /// One failed at least.
    Failed,
    /// The equipment failed at one of them.
    Errored,
    /// Nothing can be said of one of them.
    Inconclusive,
    /// None was done.
    Skipped,
    /// One was done at least, whatever it came to.
    Ran,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Passed, Self::Failed, Self::Errored, Self::Inconclusive, Self::Skipped, Self::Ran];

    /// The word of plans.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Inconclusive => "inconclusive",
            Self::Skipped => "skipped",
            Self::Ran => "ran",
        }
    }

    /// Whether results that are counted so came out like this.
    #[must_use]
    pub fn is_of(self, counts: &VerdictCounts) -> bool {
        match self {
            Self::Passed => counts.worst() == Some(Verdict::Pass),
            Self::Failed => counts.fail > 0,
            Self::Errored => counts.error > 0,
            Self::Inconclusive => counts.inconclusive > 0,
            Self::Skipped => counts.worst() == Some(Verdict::Skip),
            Self::Ran => counts.judged() + counts.recorded > counts.skip,
        }
    }
}

/// What ends an axis early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopWhen {
    /// The step.
    pub step: String,
    /// The axis that ends.
    pub axis: String,
    /// The result that is looked at, at the point at which it is.
    pub watched: Place,
    /// The first point of the axis there.
    pub first: Point,
    /// The points of the axes around it, which is all of the axis.
    pub around: Point,
    /// Whether it ends below the level, else above.
    pub is_below: bool,
    /// The level, or as a part of the value at the first point.
    pub level: Quantity,
    /// Whether it is such a part.
    pub of_first: bool,
}

impl StopWhen {
    /// When it ends, in words: `below 99 % of first`.
    #[must_use]
    pub fn condition(&self) -> String {
        let beyond = if self.is_below { "below" } else { "above" };
        let of_first = if self.of_first { " of first" } else { "" };
        format!("{beyond} {}{of_first}", self.level)
    }
}
