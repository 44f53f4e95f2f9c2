//! The value of an expression at a point.

use std::cell::Cell;
use std::collections::HashMap;

use bench_model::{Decimal, Measured, Place, Point, Value};

use crate::bounds::MAX_EVALUATIONS;

use super::function::Function;
use super::study::of_study;
use super::term::Operator;
use super::{Along, AxisValues, Bound, Expression, Reference, along};

/// What was judged so far.
pub trait Results {
    /// Every value of a leaf with its point, by the leaf's path: `rail/vout`.
    fn of(&self, path: &str) -> Vec<(Point, Measured)>;

    /// Whether a leaf has no value at a point because its axis ended before it.
    fn ended(&self, _path: &str, _point: &Point) -> bool {
        false
    }
}

/// Why an expression has no value at a point.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotComputed {
    /// In words.
    pub reason: String,
}

impl From<String> for NotComputed {
    fn from(reason: String) -> Self {
        Self { reason }
    }
}

impl Expression {
    /// The value at a point, in [`unit`](Self::unit). Exact; a quotient and a mean have 34 digits.
    ///
    /// # Errors
    /// When a value that it needs is missing or no finite number, or cannot be computed with.
    pub fn evaluate(&self, point: &Point, results: &dyn Results) -> Result<Measured, NotComputed> {
        let of = |reference: &Reference| {
            let by_point = results.of(&reference.path).into_iter();
            by_point.map(|(point, measured)| (point.to_string(), measured)).collect()
        };
        let known = Known {
            references: &self.references,
            values: self.references.iter().map(of).collect(),
            taken: Cell::new(0),
            results,
            has_ended: Cell::new(false),
        };
        let base = known.value(&self.root, &mut point.clone())?;
        let value = self.unit.from_base(&base).ok_or_else(too_wide)?;
        Ok(Measured::number(Value::Finite(value), self.unit.clone()))
    }
}

fn too_wide() -> NotComputed {
    NotComputed { reason: "the value needs more digits than a decimal may have".to_owned() }
}

/// The values of all references, by point.
struct Known<'a> {
    references: &'a [Reference],
    values: Vec<HashMap<String, Measured>>,
    /// How many values were taken so far.
    taken: Cell<u64>,
    results: &'a dyn Results,
    /// Whether the last value that was missing lies behind the end of an axis.
    has_ended: Cell<bool>,
}

impl Known<'_> {
    fn value(&self, bound: &Bound, point: &mut Point) -> Result<Decimal, NotComputed> {
        match bound {
            Bound::Number(number) => Ok(number.clone()),
            Bound::Reference(index) => self.reference(*index, point),
            Bound::Negated(of) => Ok(-self.value(of, point)?),
            Bound::Chain { first, rest } => {
                let mut whole = self.value(first, point)?;
                for (operator, other) in rest {
                    whole = joined(&whole, *operator, &self.value(other, point)?)?;
                }
                Ok(whole)
            }
            Bound::Along(along) => self.taken_along(along, point),
            Bound::Compared { sides, by } => {
                let [left, right] = &**sides;
                let order = self.value(left, point)?.cmp(&self.value(right, point)?);
                Ok(Decimal::from(u32::from(by.holds(order))))
            }
            Bound::Call { function, of, over } => {
                let mut values = Vec::new();
                self.along(of, over, point, &mut values)?;
                match over.as_slice() {
                    [parts, operators, trials] if function.is_of_study() => {
                        let sizes = [parts.len(), operators.len(), trials.len()];
                        Ok(of_study(*function, &values, sizes)?)
                    }
                    _ => Ok(function.of(&values)?),
                }
            }
        }
    }

    /// What a function along one axis comes to.
    fn taken_along(&self, along: &Along, point: &mut Point) -> Result<Decimal, NotComputed> {
        let Along { function, of, axis, setpoints, at } = along;
        let level = at.as_ref().map(|at| self.value(at, point)).transpose()?;
        let mut value = |index| {
            let outside = point.0.len();
            point.0.extend(axis.coordinates(index));
            let found = self.value(of, point);
            point.0.truncate(outside);
            found
        };
        match (function, level) {
            (Function::First, _) => value(0),
            (Function::Last, _) => {
                let all = self.until_its_end(setpoints.len(), value)?;
                all.into_iter().next_back().ok_or_else(nothing_before_its_end)
            }
            (Function::Crossing, Some(level)) => along::crossing(setpoints, &level, value),
            _ => {
                let values = self.until_its_end(setpoints.len(), value)?;
                let setpoints = setpoints.get(..values.len()).unwrap_or(setpoints);
                let of = if *function == Function::Slope { along::slope } else { along::integral };
                Ok(of(setpoints, &values)?)
            }
        }
    }

    /// The values along an axis as far as it went: what `stop_when` left out is not missed.
    fn until_its_end(
        &self,
        count: usize,
        mut value: impl FnMut(usize) -> Result<Decimal, NotComputed>,
    ) -> Result<Vec<Decimal>, NotComputed> {
        let mut values = Vec::new();
        for index in 0..count {
            self.has_ended.set(false);
            match value(index) {
                Ok(value) => values.push(value),
                Err(_) if self.has_ended.get() && !values.is_empty() => break,
                Err(missing) => return Err(missing),
            }
        }
        Ok(values)
    }

    /// The values at all setpoints of the axes that are reduced; one value where there are none.
    fn along(
        &self,
        of: &Bound,
        over: &[AxisValues],
        point: &mut Point,
        values: &mut Vec<Decimal>,
    ) -> Result<(), NotComputed> {
        let Some((axis, others)) = over.split_first() else {
            values.push(self.value(of, point)?);
            return Ok(());
        };
        let outside = point.0.len();
        for index in 0..axis.len() {
            point.0.extend(axis.coordinates(index));
            let found = self.along(of, others, point, values);
            point.0.truncate(outside);
            found?;
        }
        Ok(())
    }

    fn reference(&self, index: usize, point: &Point) -> Result<Decimal, NotComputed> {
        // What is reduced inside of what is reduced multiplies.
        self.taken.set(self.taken.get() + 1);
        if self.taken.get() > MAX_EVALUATIONS {
            let reason = format!("it takes more than {MAX_EVALUATIONS} values");
            return Err(NotComputed { reason });
        }
        let (Some(reference), Some(values)) = (self.references.get(index), self.values.get(index))
        else {
            return Err(NotComputed { reason: "the expression is not bound".to_owned() });
        };
        // The innermost of equal names: an axis that is being reduced hides one of the point's own.
        let coordinate = |axis: &String| point.0.iter().rfind(|own| own.axis == *axis).cloned();
        let own = Point(reference.axes.iter().filter_map(coordinate).collect());
        let measured = values.get(&own.to_string());
        let place = Place { path: reference.path.clone(), point: own };
        let Some(measured) = measured else {
            self.has_ended.set(self.results.ended(&place.path, &place.point));
            return Err(NotComputed { reason: format!("{place} has no value") });
        };
        match measured.quantity() {
            Some(quantity) if quantity.unit.dimension() == reference.dimension => {
                quantity.in_base().ok_or_else(too_wide)
            }
            Some(quantity) => {
                Err(NotComputed { reason: format!("{place} came in {}", quantity.unit) })
            }
            None => Err(NotComputed { reason: format!("{place} is {measured}") }),
        }
    }
}

fn nothing_before_its_end() -> NotComputed {
    NotComputed { reason: "the axis ended before its first setpoint".to_owned() }
}

fn joined(left: &Decimal, operator: Operator, right: &Decimal) -> Result<Decimal, NotComputed> {
    let value = match operator {
        Operator::Plus => left.checked_add(right),
        Operator::Minus => left.checked_sub(right),
        Operator::Times => left.checked_mul(right),
        Operator::Per => left.checked_div(right),
    };
    value.map_err(|error| NotComputed { reason: error.to_string() })
}
