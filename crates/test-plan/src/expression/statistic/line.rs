//! Straight lines with the least squares along an axis.

use bench_model::{Analysis, Decimal, Dimension, Figure, Quantity, Unit};
use metrology::Summary;
use metrology::process::LinearFit;
use metrology::summary::offsets_from_first;

use super::data::{decimal, figure, pure, said, too_wide, with_interval};
use crate::expression::along::slope;

/// The probability with which the intervals hold.
const CONFIDENCE: f64 = 0.95;

type Taken = Result<Decimal, String>;

/// Where the line meets zero of the axis. Exact but for the quotients, which have 34 digits.
pub(in crate::expression) fn intercept(xs: &[Decimal], ys: &[Decimal]) -> Taken {
    let rise = slope(xs, ys)?;
    let [x, y] = [xs, ys].map(|own| Summary::of(own).map(|own| own.mean).ok_or_else(too_wide));
    let back = rise.checked_mul(&x?).map_err(|_| too_wide())?;
    y?.checked_sub(&back).map_err(|_| too_wide())
}

/// How far a value lies off the line, at most.
pub(in crate::expression) fn nonlinearity(xs: &[Decimal], ys: &[Decimal]) -> Taken {
    let (rise, start) = (slope(xs, ys)?, intercept(xs, ys)?);
    let mut most = Decimal::zero();
    for (x, y) in xs.iter().zip(ys) {
        let line = rise.checked_mul(x).and_then(|risen| risen.checked_add(&start));
        let off = line.and_then(|line| y.checked_sub(&line)).map_err(|_| too_wide())?.abs();
        most = most.max(off);
    }
    Ok(most)
}

/// Slope and intercept with their intervals; none of two points, which lie on any line.
pub(in crate::expression) fn line_analysis(
    xs: &[Decimal],
    ys: &[Decimal],
    of: Dimension,
    axis: Dimension,
) -> Option<Analysis> {
    told(xs, ys, of, axis).ok().flatten()
}

fn told(
    xs: &[Decimal],
    ys: &[Decimal],
    of: Dimension,
    axis: Dimension,
) -> Result<Option<Analysis>, String> {
    if xs.len() < 3 {
        return Ok(None);
    }
    let of_xs = offsets_from_first(xs).ok_or_else(too_wide)?;
    let of_ys = offsets_from_first(ys).ok_or_else(too_wide)?;
    let fit = LinearFit::of(&of_xs, &of_ys).map_err(said)?;
    let (own, unit) = (Unit::base(of), of.per(axis).map(Unit::base).unwrap_or_else(Unit::none));
    let rise = fit.slope_half_width(CONFIDENCE).map_err(said)?;
    let zero = -xs.first().map_or(0.0, Decimal::to_f64);
    let half = fit.half_width_at(zero, CONFIDENCE).map_err(said)?;
    let mut figures = vec![
        about("slope", slope(xs, ys)?, rise, &unit)?,
        about("intercept", intercept(xs, ys)?, half, &own)?,
        figure(
            "residual deviation",
            Quantity::new(decimal(fit.residual_deviation())?, own.clone()),
        ),
        figure("nonlinearity", Quantity::new(nonlinearity(xs, ys)?, own)),
    ];
    if let Ok(determination) = fit.determination() {
        figures.push(figure("R²", pure(determination)?));
    }
    Ok(Some(Analysis {
        title: "Straight line".to_owned(),
        method: "least squares; intervals by Student's t with n - 2 degrees of freedom".to_owned(),
        confidence: Some(decimal(CONFIDENCE)?),
        figures,
        remarks: Vec::new(),
    }))
}

fn about(name: &str, value: Decimal, half: f64, unit: &Unit) -> Result<Figure, String> {
    let half = decimal(half)?;
    let low = value.checked_sub(&half).map_err(|_| too_wide())?;
    let high = value.checked_add(&half).map_err(|_| too_wide())?;
    let of = |value: Decimal| Quantity::new(value, unit.clone());
    Ok(with_interval(name, of(value), of(low), of(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST StRD, linear regression, Norris: slope 1.00211681802045 (s.d. 0.000429796848199937), intercept
    /// -0.262323073774029 (s.d. 0.232818234301152), 34 degrees of freedom.
    #[test]
    fn norris_is_certified() {
        let text = include_str!("../../../../../fixtures/published/strd-norris.txt");
        let data = text.split_once("\ndata\n").unwrap().1;
        let pairs = data.lines().map(|line| {
            let mut numbers = line.split_whitespace().map(|own| own.parse::<Decimal>().unwrap());
            (numbers.next().unwrap(), numbers.next().unwrap())
        });
        let (ys, xs): (Vec<_>, Vec<_>) = pairs.unzip();
        let near = |found: &Decimal, wanted: f64| {
            assert!((found.to_f64() / wanted - 1.0).abs() < 1e-12, "{found}, not {wanted}");
        };
        near(&slope(&xs, &ys).unwrap(), 1.002_116_818_020_45);
        near(&intercept(&xs, &ys).unwrap(), -0.262_323_073_774_029);
        let volt = Unit::volt().dimension();
        let told = line_analysis(&xs, &ys, volt, volt).unwrap();
        let slope = told.figure("slope").unwrap();
        let half = slope.high.clone().unwrap().value.checked_sub(&slope.value.value).unwrap();
        // t of 34 degrees of freedom for 95 %: 2.0322.
        assert!((half.to_f64() / (2.032_245 * 0.000_429_796_848_199_937) - 1.0).abs() < 1e-6);
        assert!(line_analysis(&xs[..2], &ys[..2], volt, volt).is_none());
    }

    #[test]
    fn off_the_line_is_the_largest_residual() {
        let of = |texts: [&str; 4]| texts.map(|text| text.parse::<Decimal>().unwrap());
        let (xs, ys) = (of(["0", "1", "2", "3"]), of(["0", "1", "2", "7"]));
        let found = nonlinearity(&xs, &ys).unwrap();
        assert_eq!(found.to_f64(), 1.6, "the line is 2.2 x - 0.8");
    }
}
