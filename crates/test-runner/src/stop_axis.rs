//! An axis that ends before its last setpoint, because of what was read on it.

use bench_model::{Decimal, Measured, Point, Quantity, Unit};
use test_plan::StopWhen;

use crate::execute::Execution;
use crate::taken::Taken;

/// Digits of what is shown to people.
const SHOWN_DIGITS: u32 = 5;

impl Execution<'_> {
    /// Leaves out the rest of an axis, if what it watches lies beyond its level. What has no value stops nothing.
    pub(crate) fn stop_when(&mut self, stop: &StopWhen) {
        if let Some(reason) = reached(stop, &self.taken) {
            self.taken.end_axis(&stop.step, &stop.around);
            self.skip_points(&stop.around, reason);
        }
    }
}

/// Why the axis ends here, where it does.
fn reached(stop: &StopWhen, taken: &Taken) -> Option<String> {
    let at = |point: &Point| in_base(taken.at(&stop.watched.path, point)?);
    let value = at(&stop.watched.point)?;
    let level = match stop.of_first {
        true => at(&stop.first)?.checked_mul(&stop.level.in_base()?).ok()?,
        false => stop.level.in_base()?,
    };
    let is_beyond = if stop.is_below { value < level } else { value > level };
    is_beyond.then(|| {
        let unit = taken.at(&stop.watched.path, &stop.watched.point).and_then(unit_of);
        let shown = |value: &Decimal| {
            Quantity::new(value.clone(), unit.clone().unwrap_or_else(Unit::none))
                .for_display(SHOWN_DIGITS)
        };
        let (axis, path, condition) = (&stop.axis, &stop.watched.path, stop.condition());
        let at = stop.watched.point.get(axis).map(ToString::to_string).unwrap_or_default();
        let of_first = if stop.of_first { format!(", {}", shown(&level)) } else { String::new() };
        format!("{axis} was stopped at {at}: {path} is {}, {condition}{of_first}", shown(&value))
    })
}

fn in_base(measured: &Measured) -> Option<Decimal> {
    measured.quantity()?.in_base()
}

fn unit_of(measured: &Measured) -> Option<Unit> {
    measured.quantity().map(|quantity| Unit::base(quantity.unit.dimension()))
}

#[cfg(test)]
mod tests {
    use bench_model::{Coordinate, Place};

    use super::*;

    fn point(volts: &str) -> Point {
        Point(vec![Coordinate { axis: "vin".into(), value: volts.parse().unwrap() }])
    }

    fn taken(values: &[(&str, &str)]) -> Taken {
        let mut taken = Taken::default();
        for (volts, value) in values {
            let place = Place { path: "vout".into(), point: point(volts) };
            taken.add(&place, Measured::number(value.parse().unwrap(), Unit::volt()));
        }
        taken
    }

    fn stop(is_below: bool, level: &str, of_first: bool) -> StopWhen {
        StopWhen {
            step: "rail".into(),
            axis: "vin".into(),
            watched: Place { path: "vout".into(), point: point("6 V") },
            first: point("7 V"),
            around: Point::default(),
            is_below,
            level: level.parse().unwrap(),
            of_first,
        }
    }

    #[test]
    fn an_axis_ends_beyond_its_level_and_not_on_it() {
        for (first, value, stop, ends) in [
            ("5.00", "4.95", stop(true, "99 %", true), false),
            ("5.00", "4.9499", stop(true, "99 %", true), true),
            ("5.00", "4.7", stop(true, "4.75 V", false), true),
            ("5.00", "4.7", stop(false, "4.75 V", false), false),
            ("5.00", "4.7501", stop(false, "4750 mV", false), true),
            ("NaN", "4.7", stop(true, "99 %", true), false),
            ("5.00", "Infinity", stop(false, "4.75 V", false), false),
        ] {
            let found = reached(&stop, &taken(&[("7 V", first), ("6 V", value)]));
            assert_eq!(found.is_some(), ends, "{first} {value}: {found:?}");
        }
        let missing = taken(&[("7 V", "5.00")]);
        assert_eq!(reached(&stop(true, "99 %", true), &missing), None);
        let found = reached(&stop(true, "99 %", true), &taken(&[("7 V", "5"), ("6 V", "4.9")]));
        assert_eq!(
            found.unwrap(),
            "vin was stopped at 6 V: vout is 4.9 V, below 99 % of first, 4.95 V"
        );
    }
}
