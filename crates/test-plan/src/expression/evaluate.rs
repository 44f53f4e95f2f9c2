//! The value of an expression at a point.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use bench_model::{Analysis, Decimal, Measured, Place, Point, Value};

use crate::bounds::MAX_EVALUATIONS;
use crate::uncertainty::ErrorSource;

use super::function::Function;
use super::statistic::{Data, Group, Options, intercept, line_analysis, nonlinearity};
use super::term::Operator;
use super::{Along, AxisValues, Bound, Expression, Reference, Statistical, along};

/// What was judged so far.
pub trait Results {
    /// Every value of a leaf with its point, by the leaf's path: `rail/vout`.
    fn of(&self, path: &str) -> Vec<(Point, Measured)>;

    /// Whether a leaf has no value at a point because its axis ended before it.
    fn ended(&self, _path: &str, _point: &Point) -> bool {
        false
    }

    /// The readings behind each value of a leaf, in base units, where there were several.
    fn samples(&self, path: &str) -> Vec<(Point, Vec<Decimal>)> {
        let _ = path;
        Vec::new()
    }

    /// What makes a value uncertain; none where nobody knows.
    fn uncertainty(&self, place: &Place) -> Option<Vec<ErrorSource>> {
        let _ = place;
        None
    }
}

/// A value with what was found on the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// The value.
    pub value: Measured,
    /// One for each function of the expression that says more than its value.
    pub analyses: Vec<Analysis>,
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
        self.computed(point, results).map(|computed| computed.value)
    }

    /// The value at a point with the analyses behind it, as [`evaluate`](Self::evaluate) has it.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn computed(&self, point: &Point, results: &dyn Results) -> Result<Computed, NotComputed> {
        let known = Known::of(self, results);
        let base = known.at(point)?;
        let value = self.unit.from_base(&base).ok_or_else(too_wide)?;
        let value = Measured::number(Value::Finite(value), self.unit.clone());
        Ok(Computed { value, analyses: known.analyses.take() })
    }
}

fn too_wide() -> NotComputed {
    NotComputed { reason: "the value needs more digits than a decimal may have".to_owned() }
}

/// The values of all references, by point.
pub(crate) struct Known<'a> {
    root: &'a Bound,
    references: &'a [Reference],
    values: Vec<HashMap<String, Measured>>,
    samples: Vec<HashMap<String, Vec<Decimal>>>,
    /// How many values were taken so far.
    taken: Cell<u64>,
    results: &'a dyn Results,
    /// Whether the last value that was missing lies behind the end of an axis.
    has_ended: Cell<bool>,
    /// What was found beside values.
    analyses: RefCell<Vec<Analysis>>,
    /// The places whose values went into the last one, where they are asked for.
    inputs: RefCell<Option<BTreeMap<String, Place>>>,
    /// By how much a place's value is moved, to see what that does.
    moved: RefCell<HashMap<String, Decimal>>,
}

impl<'a> Known<'a> {
    /// What an expression refers to, as far as it is there.
    pub(crate) fn of(expression: &'a Expression, results: &'a dyn Results) -> Self {
        let values = |reference: &Reference| {
            let by_point = results.of(&reference.path).into_iter();
            by_point.map(|(point, measured)| (point.to_string(), measured)).collect()
        };
        let samples = |reference: &Reference| {
            let all = reference.samples.then(|| results.samples(&reference.path));
            let by_point = all.into_iter().flatten();
            by_point.map(|(point, readings)| (point.to_string(), readings)).collect()
        };
        let references = &expression.references;
        Self {
            root: &expression.root,
            references,
            values: references.iter().map(values).collect(),
            samples: references.iter().map(samples).collect(),
            taken: Cell::new(0),
            analyses: RefCell::default(),
            inputs: RefCell::default(),
            moved: RefCell::default(),
            results,
            has_ended: Cell::new(false),
        }
    }

    /// The value at a point, in base units.
    pub(crate) fn at(&self, point: &Point) -> Result<Decimal, NotComputed> {
        self.taken.set(0);
        self.value(self.root, &mut point.clone())
    }

    /// The places whose values go into the one at a point.
    pub(crate) fn inputs_at(&self, point: &Point) -> Result<BTreeMap<String, Place>, NotComputed> {
        self.inputs.replace(Some(BTreeMap::new()));
        self.at(point)?;
        Ok(self.inputs.take().unwrap_or_default())
    }

    /// The value at a point with the values of some places moved.
    pub(crate) fn moved(
        &self,
        point: &Point,
        by: HashMap<String, Decimal>,
    ) -> Result<Decimal, NotComputed> {
        self.moved.replace(by);
        let found = self.at(point);
        self.moved.take();
        found
    }

    fn tell(&self, analysis: impl FnOnce() -> Option<Analysis>) {
        // What is tried with moved values says nothing.
        if self.moved.borrow().is_empty() && self.inputs.borrow().is_none() {
            self.analyses.borrow_mut().extend(analysis());
        }
    }

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
            Bound::Call { function, of, over, samples } => {
                let mut group = Group::default();
                self.along(of, over, *samples, point, &mut group)?;
                Ok(function.of(&group.values)?)
            }
            Bound::Statistic(call) => self.statistic(call, point),
        }
    }

    /// A function that leaves an analysis.
    fn statistic(&self, call: &Statistical, point: &mut Point) -> Result<Decimal, NotComputed> {
        let Statistical { statistic, over, samples, options, unit, .. } = call;
        let groups = self.groups(call, point)?;
        let mut sizes: Vec<usize> = over.iter().map(AxisValues::len).collect();
        if *samples {
            sizes.push(groups.first().map_or(0, |group| group.values.len()));
        }
        let mut given = Options::new();
        for (name, bound) in options {
            given.insert(name.clone(), self.value(bound, point)?);
        }
        let data = Data::new(groups, sizes, unit.clone())?;
        let (value, analysis) = statistic.of(&data, &given)?;
        self.tell(|| Some(analysis));
        Ok(value)
    }

    /// The values along the axes, those at each setpoint of the first together.
    fn groups(&self, call: &Statistical, point: &mut Point) -> Result<Vec<Group>, NotComputed> {
        let Statistical { of, over, samples, .. } = call;
        let Some((first, others)) = over.split_first() else {
            let mut group = Group::default();
            self.along(of, &[], *samples, point, &mut group)?;
            group.names = named(&group, "", *samples);
            return Ok(vec![group]);
        };
        let outside = point.0.len();
        let mut groups = Vec::new();
        for index in 0..first.len() {
            point.0.extend(first.coordinates(index));
            let name = point_name(point.0.get(outside..).unwrap_or_default());
            let mut group = Group::default();
            let found = self.along(of, others, *samples, point, &mut group);
            point.0.truncate(outside);
            found?;
            group.names = named(&group, &name, *samples);
            groups.push(group);
        }
        Ok(groups)
    }

    /// What a function along one axis comes to.
    fn taken_along(&self, along: &Along, point: &mut Point) -> Result<Decimal, NotComputed> {
        let Along { function, of, dimension, axis, of_axis, at, .. } = along;
        let level = at.as_ref().map(|at| self.value(at, point)).transpose()?;
        let readings = match axis {
            Some(_) => None,
            None => Some(self.readings_behind(of, point)?),
        };
        let counted = readings.as_deref().map(counted);
        let setpoints = counted.as_ref().unwrap_or(&along.setpoints);
        let mut value = |index| match (&readings, axis) {
            (None, Some(axis)) => {
                let outside = point.0.len();
                point.0.extend(axis.coordinates(index));
                let found = self.value(of, point);
                point.0.truncate(outside);
                found
            }
            (readings, _) => {
                let own = readings.as_ref().and_then(|all| all.get(index));
                own.cloned().ok_or_else(nothing_before_its_end)
            }
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
                if *function != Function::Integral {
                    self.tell(|| line_analysis(setpoints, &values, *dimension, *of_axis));
                }
                let of = match function {
                    Function::Slope => along::slope,
                    Function::Intercept => intercept,
                    Function::Nonlinearity => nonlinearity,
                    _ => along::integral,
                };
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
        samples: bool,
        point: &mut Point,
        group: &mut Group,
    ) -> Result<(), NotComputed> {
        let Some((axis, others)) = over.split_first() else {
            match of {
                Bound::Reference(index) if samples => {
                    group.values.extend(self.readings(*index, point)?);
                }
                _ => group.values.push(self.value(of, point)?),
            }
            return Ok(());
        };
        let outside = point.0.len();
        for index in 0..axis.len() {
            point.0.extend(axis.coordinates(index));
            let found = self.along(of, others, samples, point, group);
            point.0.truncate(outside);
            found?;
        }
        Ok(())
    }

    /// The readings of one result, which stands alone.
    fn readings_behind(&self, of: &Bound, point: &mut Point) -> Result<Vec<Decimal>, NotComputed> {
        let mut group = Group::default();
        self.along(of, &[], true, point, &mut group)?;
        Ok(group.values)
    }

    /// The readings behind a value, moved with it.
    fn readings(&self, index: usize, point: &Point) -> Result<Vec<Decimal>, NotComputed> {
        let place = self.place(index, point)?;
        let name = place.to_string();
        let known = self.samples.get(index).and_then(|own| own.get(&place.point.to_string()));
        let Some(known) = known else {
            return Err(NotComputed { reason: format!("{place} has no readings") });
        };
        self.note_input(&name, &place);
        let moved = self.moved.borrow();
        let by = moved.get(&name);
        let reading = |own: &Decimal| match by {
            Some(by) => own.checked_add(by).map_err(|_| too_wide()),
            None => Ok(own.clone()),
        };
        known.iter().map(reading).collect()
    }

    fn note_input(&self, name: &str, place: &Place) {
        if let Some(inputs) = self.inputs.borrow_mut().as_mut() {
            inputs.insert(name.to_owned(), place.clone());
        }
    }

    /// Where a reference lies at a point.
    fn place(&self, index: usize, point: &Point) -> Result<Place, NotComputed> {
        let unbound = || NotComputed { reason: "the expression is not bound".to_owned() };
        let reference = self.references.get(index).ok_or_else(unbound)?;
        // The innermost of equal names: an axis that is being reduced hides one of the point's own.
        let coordinate = |axis: &String| point.0.iter().rfind(|own| own.axis == *axis).cloned();
        let own = Point(reference.axes.iter().filter_map(coordinate).collect());
        Ok(Place { path: reference.path.clone(), point: own })
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
        let place = self.place(index, point)?;
        let measured = values.get(&place.point.to_string());
        let Some(measured) = measured else {
            self.has_ended.set(self.results.ended(&place.path, &place.point));
            return Err(NotComputed { reason: format!("{place} has no value") });
        };
        match measured.quantity() {
            Some(quantity) if quantity.unit.dimension() == reference.dimension => {
                let value = quantity.in_base().ok_or_else(too_wide)?;
                self.as_moved(value, &place)
            }
            Some(quantity) => {
                Err(NotComputed { reason: format!("{place} came in {}", quantity.unit) })
            }
            None => Err(NotComputed { reason: format!("{place} is {measured}") }),
        }
    }

    /// A value that went into the whole, moved where that is tried.
    fn as_moved(&self, value: Decimal, place: &Place) -> Result<Decimal, NotComputed> {
        if self.moved.borrow().is_empty() && self.inputs.borrow().is_none() {
            return Ok(value);
        }
        let name = place.to_string();
        self.note_input(&name, place);
        match self.moved.borrow().get(&name) {
            Some(by) => value.checked_add(by).map_err(|_| too_wide()),
            None => Ok(value),
        }
    }
}

/// `vi=7 V, trial=2`.
fn point_name(coordinates: &[bench_model::Coordinate]) -> String {
    let said = coordinates.iter().map(|own| format!("{}={}", own.axis, own.value));
    said.collect::<Vec<_>>().join(", ")
}

/// What each value of a group is called.
fn named(group: &Group, name: &str, samples: bool) -> Vec<String> {
    let count = group.values.len();
    let what = if samples { "sample" } else { "value" };
    let one = |index: usize| match (name, count) {
        ("", _) => format!("{what} {}", index + 1),
        (name, 1) => name.to_owned(),
        (name, _) => format!("{name}, {what} {}", index + 1),
    };
    (0..count).map(one).collect()
}

/// 1, 2, 3 and so on: what the readings of one result stand along.
fn counted(readings: &[Decimal]) -> Vec<Decimal> {
    (1_u64..).zip(readings).map(|(number, _)| Decimal::from(number)).collect()
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
