//! The axes of a session's sweeps, as columns of a table of readings.

use std::fmt::{self, Display, Formatter};

use bench_model::{Coordinate, Quantity, Reading, Unit};

/// A column of setpoints: an axis in its base unit.
#[derive(PartialEq)]
pub(crate) struct Axis {
    name: String,
    unit: String,
}

/// `axis vset [V]`.
impl Display for Axis {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "axis {} [{}]", self.name, self.unit)
    }
}

impl Axis {
    fn of(Coordinate { axis, value }: &Coordinate) -> Self {
        Self { name: axis.clone(), unit: Unit::base(value.unit.dimension()).symbol().to_owned() }
    }

    /// Where a reading was taken on it.
    pub(crate) fn of_reading<'r>(&self, reading: &'r Reading) -> Option<&'r Quantity> {
        let mut coordinates = reading.place.point.0.iter();
        coordinates.find(|own| Self::of(own) == *self).map(|own| &own.value)
    }
}

/// All axes, in the order in which they first come.
pub(crate) fn axes<'r>(readings: impl Iterator<Item = &'r Reading>) -> Vec<Axis> {
    let mut axes = Vec::new();
    for coordinate in readings.flat_map(|reading| &reading.place.point.0) {
        let axis = Axis::of(coordinate);
        if !axes.contains(&axis) {
            axes.push(axis);
        }
    }
    axes
}
