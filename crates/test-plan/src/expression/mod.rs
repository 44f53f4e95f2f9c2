//! Expressions over earlier results: `(max(rail.vout, over = il) - min(rail.vout, over = il)) / 5 V`.
//!
//! | file | holds |
//! | --- | --- |
//! | `term` | the tree that a text stands for |
//! | `grammar` | text to tree |
//! | `bind` | tree to [`Expression`]: units and axes checked, parameters in their places |
//! | `evaluate` | the value at a point |
//! | `function`, `along`, `statistic` | the functions: over values, along an axis, with an analysis |

mod along;
mod bind;
mod evaluate;
mod function;
mod grammar;
mod statistic;
mod term;
#[cfg(test)]
mod tests;

use bench_model::{Decimal, Dimension, Unit};

use crate::axes::AxisValues;

pub use evaluate::{Computed, NotComputed, Results};

pub(crate) use bind::bind;
pub(crate) use evaluate::Known;
pub(crate) use grammar::parse_expression;
pub(crate) use term::Term;

use function::Function;
use statistic::Statistic;
use term::{Comparison, Operator};

/// An expression that is ready to be evaluated: every reference, unit and axis in it is checked.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    root: Bound,
    references: Vec<Reference>,
    axes: Vec<AxisValues>,
    unit: Unit,
}

impl Expression {
    /// As the plan writes it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The unit of its values.
    #[must_use]
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// The leaves that it refers to, by their paths.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.references.iter().map(|reference| reference.path.as_str())
    }

    /// The leaves that it refers to and of which no uncertainty is known, by their paths.
    pub(crate) fn without_uncertainty(&self) -> impl Iterator<Item = &str> {
        let unknown = self.references.iter().filter(|reference| !reference.uncertain);
        unknown.map(|reference| reference.path.as_str())
    }

    /// The axes that are not reduced.
    pub(crate) fn axes(&self) -> &[AxisValues] {
        &self.axes
    }

    /// The same with its values in another unit, such as %, where the dimension is the same.
    pub(crate) fn in_unit(self, unit: &Unit) -> Self {
        let same = unit.dimension() == self.unit.dimension();
        Self { unit: if same { unit.clone() } else { self.unit }, ..self }
    }
}

/// What an expression may refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leaf {
    /// None where it is text.
    pub(crate) unit: Option<Unit>,
    /// The axes of its sweep, the outermost first.
    pub(crate) axes: Vec<AxisValues>,
    /// Whether several readings are taken for it.
    pub(crate) samples: bool,
    /// Whether the plan says how uncertain it is.
    pub(crate) uncertain: bool,
}

#[derive(Clone, Debug)]
struct Reference {
    path: String,
    axes: Vec<String>,
    dimension: Dimension,
    /// Whether its readings are asked for one by one.
    samples: bool,
    uncertain: bool,
}

/// A tree whose references are numbers of [`Reference`]s and whose quantities are in base units.
#[derive(Clone, Debug)]
enum Bound {
    Number(Decimal),
    Reference(usize),
    Negated(Box<Bound>),
    Chain {
        first: Box<Bound>,
        rest: Vec<(Operator, Bound)>,
    },
    Call {
        function: Function,
        of: Box<Bound>,
        over: Vec<AxisValues>,
        /// Whether over the readings of each result as well.
        samples: bool,
    },
    /// A function that leaves an analysis.
    Statistic(Box<Statistical>),
    /// A function along one axis, of which it takes the setpoints in base units.
    Along(Box<Along>),
    /// 1 where it holds, else 0.
    Compared {
        sides: Box<[Bound; 2]>,
        by: Comparison,
    },
}

#[derive(Clone, Debug)]
struct Statistical {
    statistic: Statistic,
    of: Bound,
    over: Vec<AxisValues>,
    samples: bool,
    options: Vec<(String, Bound)>,
    /// The base unit of the values.
    unit: Unit,
}

#[derive(Clone, Debug)]
struct Along {
    function: Function,
    of: Bound,
    dimension: Dimension,
    /// None along the readings of one result, which count from 1.
    axis: Option<AxisValues>,
    of_axis: Dimension,
    /// Of the axis, in base units.
    setpoints: Vec<Decimal>,
    /// For a crossing: what is crossed.
    at: Option<Bound>,
}
