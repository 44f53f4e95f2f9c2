//! The setpoints of an axis, in exact decimals: both ends are points, and every point is spelled one way.

use bench_model::{Decimal, Quantity, Unit};

use crate::bounds::{LOG_POINT_DIGITS, MAX_POINTS};
use crate::fault::Fault;
use crate::resolver::Resolver;
use crate::step::{Amount, Axis, Series};

/// The setpoints of an axis with the parameters in force, not yet rounded to what an instrument can do.
pub(crate) fn setpoints(
    axis: &Axis,
    unit: &Unit,
    with: &Resolver<'_>,
) -> Result<Vec<Quantity>, Fault> {
    let fault = |message: String| with.source.fault(&axis.span, message);
    let base = |amount: &Amount| {
        let quantity = with.quantity(amount, unit)?;
        quantity.in_base().ok_or_else(|| with.source.fault(&amount.span, "too many digits"))
    };
    let values = match &axis.series {
        Series::List(amounts) => amounts.iter().map(base).collect::<Result<Vec<_>, _>>()?,
        Series::Points { from, to, points, logarithmic } => {
            let (from, to) = (base(from)?, base(to)?);
            let between = if *logarithmic { logarithmic_points } else { linear_points };
            between(&from, &to, *points).map_err(fault)?
        }
        Series::Step { from, to, step: by } => {
            let (from, to, step) = (base(from)?, base(to)?, base(by)?);
            stepped(&from, &to, &step).map_err(|message| with.source.fault(&by.span, message))?
        }
        Series::Count(count) => (1..=*count).map(Decimal::from).collect(),
        Series::Every { every: by, during } => {
            let (every, during) = (base(by)?, base(during)?);
            paced(&every, &during).map_err(|message| with.source.fault(&by.span, message))?
        }
    };
    Ok(values.into_iter().map(|value| tidy(value, unit)).collect())
}

/// A value in base units as it is shown everywhere: `100 mA`, `7 V`, `0 A`.
pub(crate) fn tidy(base: Decimal, unit: &Unit) -> Quantity {
    let unit = Unit::base(unit.dimension());
    if base.is_zero() {
        return Quantity::new(Decimal::zero(), unit);
    }
    let shown = Quantity::new(base.without_trailing_zeros(), unit).in_engineering_prefix();
    Quantity::new(shown.value, shown.unit)
}

/// The nearest multiple of a resolution, half to even.
pub(crate) fn rounded(quantity: &Quantity, resolution: &Quantity) -> Option<Quantity> {
    let step = resolution.in_base()?;
    let value = quantity.in_base()?;
    let steps = value.checked_div(&step).ok()?.round_to_exponent(0);
    Some(tidy(steps.checked_mul(&step).ok()?, &quantity.unit))
}

fn too_wide<E>(_: E) -> String {
    "the setpoints need more digits than a decimal may have".to_owned()
}

fn linear_points(from: &Decimal, to: &Decimal, points: u32) -> Result<Vec<Decimal>, String> {
    let last = points.saturating_sub(1);
    let span = to.checked_sub(from).map_err(too_wide)?;
    let point = |index: u32| match index {
        0 => Ok(from.clone()),
        index if index == last => Ok(to.clone()),
        index => {
            let part = span.checked_mul(&Decimal::from(index)).map_err(too_wide)?;
            let part = part.checked_div(&Decimal::from(last)).map_err(too_wide)?;
            from.checked_add(&part).map_err(too_wide)
        }
    };
    (0..points).map(point).collect()
}

fn logarithmic_points(from: &Decimal, to: &Decimal, points: u32) -> Result<Vec<Decimal>, String> {
    let zero = Decimal::zero();
    if from == &zero || to == &zero || from.is_negative() != to.is_negative() {
        return Err("logarithmic spacing needs both ends on the same side of zero".to_owned());
    }
    let last = points.saturating_sub(1);
    let ratio = to.to_f64() / from.to_f64();
    let point = |index: u32| match index {
        0 => Ok(from.clone()),
        index if index == last => Ok(to.clone()),
        index => {
            let value = from.to_f64() * ratio.powf(f64::from(index) / f64::from(last));
            let value = Decimal::from_f64_shortest(value).ok_or_else(|| too_wide(()))?;
            Ok(value.round_to_digits(LOG_POINT_DIGITS))
        }
    };
    (0..points).map(point).collect()
}

fn stepped(from: &Decimal, to: &Decimal, step: &Decimal) -> Result<Vec<Decimal>, String> {
    let span = to.checked_sub(from).map_err(too_wide)?;
    if step.is_zero() || (span.is_negative() != step.is_negative() && !span.is_zero()) {
        return Err(format!("a step of {step} never leads from {from} to {to}"));
    }
    let steps = span.checked_div(step).map_err(too_wide)?;
    if steps != steps.round_to_exponent(0) {
        return Err(format!(
            "steps of {step} from {from} do not end on {to}; both ends are points: use 'points', or another \
             step"
        ));
    }
    let count: usize = steps.to_plain_string().parse().map_err(too_wide)?;
    if count >= MAX_POINTS {
        return Err(format!("{steps} steps; at most {MAX_POINTS} points make a sweep"));
    }
    let mut values = vec![from.clone()];
    for _ in 0..count {
        let next = values.last().unwrap_or(from).checked_add(step).map_err(too_wide)?;
        values.push(next);
    }
    Ok(values)
}

/// Times from zero, the last of them within `during`.
fn paced(every: &Decimal, during: &Decimal) -> Result<Vec<Decimal>, String> {
    let zero = Decimal::zero();
    if *every <= zero || during < every {
        return Err(format!("every {every} s for {during} s is no time that passes"));
    }
    let mut values = vec![zero];
    loop {
        let next = values.last().unwrap_or(every).checked_add(every).map_err(too_wide)?;
        if next > *during {
            return Ok(values);
        }
        if values.len() >= MAX_POINTS {
            return Err(format!(
                "at most {MAX_POINTS} points make a sweep; a longer 'every' is wanted"
            ));
        }
        values.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: Result<Vec<Decimal>, String>) -> String {
        let values = values.unwrap().into_iter().map(|value| tidy(value, &Unit::ampere()));
        values.map(|value| value.to_string()).collect::<Vec<_>>().join(", ")
    }

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn both_ends_are_points() {
        assert_eq!(
            shown(linear_points(&d("0.000"), &d("0.500"), 6)),
            "0 A, 100 mA, 200 mA, 300 mA, 400 mA, 500 mA"
        );
        assert_eq!(shown(linear_points(&d("1"), &d("-1"), 3)), "1 A, 0 A, -1 A");
        assert!(shown(linear_points(&d("0"), &d("1"), 4)).ends_with("mA, 1 A"));
        assert_eq!(shown(stepped(&d("0"), &d("0.3"), &d("0.1"))), "0 A, 100 mA, 200 mA, 300 mA");
        assert_eq!(shown(stepped(&d("3"), &d("1"), &d("-1"))), "3 A, 2 A, 1 A");
        assert_eq!(shown(logarithmic_points(&d("0.001"), &d("1"), 4)), "1 mA, 10 mA, 100 mA, 1 A");
        assert_eq!(shown(logarithmic_points(&d("1"), &d("10"), 3)), "1 A, 3.16228 A, 10 A");
    }

    #[test]
    fn time_passes_from_zero_and_not_beyond_its_end() {
        let times = |every: &str, during: &str| {
            paced(&d(every), &d(during))
                .map(|times| times.iter().map(ToString::to_string).collect())
        };
        assert_eq!(
            times("0.5", "1.6"),
            Ok(vec!["0".into(), "0.5".into(), "1.0".into(), "1.5".into()])
        );
        assert_eq!(times("60", "60"), Ok(vec!["0".to_owned(), "60".to_owned()]));
        for (every, during) in [("0", "5"), ("-1", "5"), ("10", "5"), ("0.001", "1000")] {
            assert!(times(every, during).is_err(), "{every} {during}");
        }
    }

    #[test]
    fn what_never_arrives_is_refused() {
        for (from, to, step) in [
            ("0", "1", "0.3"),
            ("0", "1", "-0.1"),
            ("0", "1", "0"),
            ("0", "1", "1E-9"),
            ("1", "0", "1"),
        ] {
            assert!(stepped(&d(from), &d(to), &d(step)).is_err(), "{from} {to} {step}");
        }
        assert!(logarithmic_points(&d("0"), &d("1"), 3).is_err());
        assert!(logarithmic_points(&d("-1"), &d("1"), 3).is_err());
    }

    #[test]
    fn what_is_sent_is_a_multiple_of_the_resolution() {
        for (value, resolution, sent) in [
            ("3.3333 V", "1 mV", "3.333 V"),
            ("0.0005 V", "1 mV", "0 V"),
            ("0.0015 V", "1 mV", "2 mV"),
            ("1.2345 V", "5 mV", "1.235 V"),
            ("7.000 V", "1 mV", "7 V"),
            ("-2.5 V", "1 V", "-2 V"),
        ] {
            let found = rounded(&value.parse().unwrap(), &resolution.parse().unwrap()).unwrap();
            assert_eq!(found.to_string(), sent, "{value}");
        }
    }
}
