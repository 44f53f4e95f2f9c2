//! The values that a statistic is given, and numbers with their units.

use bench_model::{Decimal, Figure, Quantity, Unit};
use metrology::StatisticsError;
use metrology::summary::offsets_from_first;

use super::Options;

/// Probability with which intervals hold, where a plan does not say.
const CONFIDENCE: f64 = 0.95;

/// Values that belong together, such as those of one subgroup, with what they are called.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::expression) struct Group {
    pub(in crate::expression) values: Vec<Decimal>,
    pub(in crate::expression) names: Vec<String>,
}

/// All values of a call, in base units, group by group along its first axis.
#[derive(Clone, Debug)]
pub(in crate::expression) struct Data {
    groups: Vec<Group>,
    /// How many setpoints each axis has.
    sizes: Vec<usize>,
    unit: Unit,
    first: Decimal,
    offsets: Vec<f64>,
}

impl Data {
    pub(in crate::expression) fn new(
        groups: Vec<Group>,
        sizes: Vec<usize>,
        unit: Unit,
    ) -> Result<Self, String> {
        let values: Vec<_> = groups.iter().flat_map(|group| group.values.iter().cloned()).collect();
        let first = values.first().cloned().ok_or_else(|| "there are no values".to_owned())?;
        // Differences are exact, so that a small spread on a large value is kept.
        let offsets = offsets_from_first(&values).ok_or_else(too_wide)?;
        Ok(Self { groups, sizes, unit, first, offsets })
    }

    /// How far each value lies from the first.
    pub(super) fn offsets(&self) -> &[f64] {
        &self.offsets
    }

    pub(super) fn count(&self) -> usize {
        self.offsets.len()
    }

    pub(super) fn unit(&self) -> &Unit {
        &self.unit
    }

    pub(super) fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Decimal> {
        self.groups.iter().flat_map(|group| &group.values)
    }

    /// The offsets, group by group.
    pub(super) fn subgroups(&self) -> Vec<Vec<f64>> {
        let mut left = self.offsets.as_slice();
        let groups = self.groups.iter().map(|group| {
            let (own, rest) = left.split_at_checked(group.values.len()).unwrap_or((left, &[]));
            left = rest;
            own.to_vec()
        });
        groups.collect()
    }

    /// What a value is called.
    pub(super) fn name(&self, index: usize) -> &str {
        let mut names = self.groups.iter().flat_map(|group| &group.names);
        names.nth(index).map_or("", String::as_str)
    }

    /// What a group is called.
    pub(super) fn group_name(&self, index: usize) -> String {
        let first = self.groups.get(index).and_then(|group| group.names.first());
        let name = first.map_or("", String::as_str);
        name.split(", ").next().unwrap_or(name).to_owned()
    }

    /// How far an amount lies from the first value.
    pub(super) fn offset_of(&self, amount: &Decimal) -> Result<f64, String> {
        amount.checked_sub(&self.first).map(|apart| apart.to_f64()).map_err(|_| too_wide())
    }

    /// An offset as an amount.
    pub(super) fn amount(&self, offset: f64) -> Result<Decimal, String> {
        self.first.checked_add(&decimal(offset)?).map_err(|_| too_wide())
    }

    /// An offset as a quantity.
    pub(super) fn at(&self, offset: f64) -> Result<Quantity, String> {
        Ok(Quantity::new(self.amount(offset)?, self.unit.clone()))
    }

    /// A difference, such as a standard deviation, as a quantity.
    pub(super) fn spread(&self, value: f64) -> Result<Quantity, String> {
        Ok(Quantity::new(decimal(value)?, self.unit.clone()))
    }
}

/// A float, turned once into its shortest decimal.
pub(super) fn decimal(value: f64) -> Result<Decimal, String> {
    Decimal::from_f64_shortest(value).ok_or_else(too_wide)
}

/// A pure number.
pub(super) fn pure(value: f64) -> Result<Quantity, String> {
    Ok(Quantity::new(decimal(value)?, Unit::none()))
}

pub(super) fn whole(value: usize) -> Decimal {
    Decimal::from(u64::try_from(value).unwrap_or(u64::MAX))
}

/// A count as a pure number.
pub(super) fn counted(value: usize) -> Quantity {
    Quantity::new(whole(value), Unit::none())
}

/// A number without an interval.
pub(super) fn figure(name: &str, value: Quantity) -> Figure {
    Figure { name: name.to_owned(), value, low: None, high: None, remark: None }
}

/// A number with its interval.
pub(super) fn with_interval(name: &str, value: Quantity, low: Quantity, high: Quantity) -> Figure {
    Figure { low: Some(low), high: Some(high), ..figure(name, value) }
}

pub(super) fn with_remark(name: &str, value: Quantity, remark: String) -> Figure {
    Figure { remark: Some(remark), ..figure(name, value) }
}

pub(super) fn too_wide() -> String {
    "the value passes the bounds of a decimal".to_owned()
}

pub(super) fn said(error: StatisticsError) -> String {
    error.to_string()
}

/// An option as a float, or what holds without it.
pub(super) fn option(options: &Options, name: &str, otherwise: f64) -> f64 {
    options.get(name).map_or(otherwise, Decimal::to_f64)
}

pub(super) fn confidence(options: &Options) -> f64 {
    option(options, "confidence", CONFIDENCE)
}

/// A probability as people read it.
pub(super) fn probability(value: f64) -> String {
    if value < 1e-4 { "< 0.0001".to_owned() } else { format!("{value:.4}") }
}
