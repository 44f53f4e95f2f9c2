//! What is taken along one axis, where the setpoints themselves count: slopes, integrals, crossings.

use bench_model::Decimal;

type Taken = Result<Decimal, String>;

fn wide<E>(_: E) -> String {
    "the value passes the bounds of a decimal".to_owned()
}

/// The slope of the straight line with the least squares. All sums are exact; the quotient has 34 digits.
pub(super) fn slope(xs: &[Decimal], ys: &[Decimal]) -> Taken {
    let (mut sum_x, mut sum_y) = (Decimal::zero(), Decimal::zero());
    let (mut sum_xx, mut sum_xy) = (Decimal::zero(), Decimal::zero());
    for (x, y) in xs.iter().zip(ys) {
        sum_x = sum_x.checked_add(x).map_err(wide)?;
        sum_y = sum_y.checked_add(y).map_err(wide)?;
        sum_xx = sum_xx.checked_add(&x.checked_mul(x).map_err(wide)?).map_err(wide)?;
        sum_xy = sum_xy.checked_add(&x.checked_mul(y).map_err(wide)?).map_err(wide)?;
    }
    let count = Decimal::from(u64::try_from(xs.len().min(ys.len())).unwrap_or(u64::MAX));
    let less = |whole: &Decimal, one: &Decimal, two: &Decimal| {
        let scaled = whole.checked_mul(&count).map_err(wide)?;
        scaled.checked_sub(&one.checked_mul(two).map_err(wide)?).map_err(wide)
    };
    let (above, below) = (less(&sum_xy, &sum_x, &sum_y)?, less(&sum_xx, &sum_x, &sum_x)?);
    if below.is_zero() {
        return Err("a slope needs two setpoints that differ".to_owned());
    }
    above.checked_div(&below).map_err(wide)
}

/// The integral by trapezoids, exact.
pub(super) fn integral(xs: &[Decimal], ys: &[Decimal]) -> Taken {
    let half: Decimal = Decimal::from(5_u32).scale_by_power_of_ten(-1).ok_or_else(|| wide(()))?;
    let mut sum = Decimal::zero();
    for (x, y) in xs.windows(2).zip(ys.windows(2)) {
        let ([x0, x1], [y0, y1]) = (x, y) else { continue };
        let width = x1.checked_sub(x0).map_err(wide)?;
        let height = y0.checked_add(y1).map_err(wide)?.checked_mul(&half).map_err(wide)?;
        sum = sum.checked_add(&width.checked_mul(&height).map_err(wide)?).map_err(wide)?;
    }
    Ok(sum)
}

/// Where a value first crosses a level on its way along the axis, by a straight line between the setpoints before
/// and behind it. Values behind the crossing are not asked for: a sweep that was stopped there has none.
pub(super) fn crossing<E: From<String>>(
    xs: &[Decimal],
    level: &Decimal,
    mut value: impl FnMut(usize) -> Result<Decimal, E>,
) -> Result<Decimal, E> {
    let mut before: Option<(&Decimal, Decimal)> = None;
    for (index, x) in xs.iter().enumerate() {
        let off = value(index)?.checked_sub(level).map_err(wide)?;
        if off.is_zero() {
            return Ok(x.clone());
        }
        if let Some((x0, off0)) = &before
            && off0.is_negative() != off.is_negative()
        {
            return between(x0, off0, x, &off).map_err(E::from);
        }
        before = Some((x, off));
    }
    Err(E::from(format!("the value crosses {level} nowhere on this axis")))
}

/// Where a straight line through two points of opposite signs is zero.
fn between(x0: &Decimal, off0: &Decimal, x1: &Decimal, off1: &Decimal) -> Taken {
    let width = x1.checked_sub(x0).map_err(wide)?;
    let fall = off0.checked_sub(off1).map_err(wide)?;
    let part = width.checked_mul(off0).map_err(wide)?.checked_div(&fall).map_err(wide)?;
    x0.checked_add(&part).map_err(wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(values: &[&str]) -> Vec<Decimal> {
        values.iter().map(|value| value.parse().unwrap()).collect()
    }

    fn crossed(xs: &[&str], ys: &[&str], level: &str) -> Result<String, String> {
        let (ys, level) = (all(ys), level.parse().unwrap());
        let value = |index: usize| ys.get(index).cloned().ok_or_else(|| "no value".to_owned());
        crossing(&all(xs), &level, value).map(|value| value.to_string())
    }

    #[test]
    fn a_crossing_lies_on_the_line_between_its_neighbours() {
        let down = ["7", "6", "5", "4"];
        for (ys, level, wanted) in [
            (&["5.0", "5.0", "4.0"][..], "4.5", Ok("5.50")),
            (&["5", "4"], "4.75", Ok("6.75")),
            (&["5", "4.5", "4"], "4.5", Ok("6")),
            (&["4.5", "9"], "4.5", Ok("7")),
            (&["4", "5", "4", "3"], "4.5", Ok("6.5")),
            (&["5", "5", "5", "5"], "4.5", Err("nowhere")),
            (&["5", "5"], "4.5", Err("no value")),
        ] {
            match (crossed(&down, ys, level), wanted) {
                (Ok(found), Ok(wanted)) => {
                    let [found, wanted] = [found, wanted.to_owned()].map(|x| x.parse::<Decimal>());
                    assert_eq!(found.unwrap(), wanted.unwrap(), "{ys:?}");
                }
                (Err(found), Err(wanted)) => assert!(found.contains(wanted), "{found}"),
                (found, wanted) => panic!("{ys:?}: {found:?}, not {wanted:?}"),
            }
        }
    }

    #[test]
    fn a_slope_is_that_of_the_least_squares() {
        // Anscombe's first set: slope 0.5000909..., published to 0.5001.
        let xs = all(&["10", "8", "13", "9", "11", "14", "6", "4", "12", "7", "5"]);
        let ys = all(&[
            "8.04", "6.95", "7.58", "8.81", "8.33", "9.96", "7.24", "4.26", "10.84", "4.82", "5.68",
        ]);
        let found = slope(&xs, &ys).unwrap();
        assert!(found.to_string().starts_with("0.500090909090909090909"), "{found}");
        assert_eq!(slope(&all(&["0", "0.1"]), &all(&["5", "4.9"])).unwrap(), "-1".parse().unwrap());
        assert!(slope(&all(&["1"]), &all(&["1"])).is_err());
    }

    #[test]
    fn an_integral_is_the_sum_of_its_trapezoids() {
        let (xs, ys) = (all(&["0", "1", "3"]), all(&["1", "2", "2"]));
        assert_eq!(integral(&xs, &ys).unwrap(), "5.5".parse().unwrap());
        let back = integral(&all(&["3", "1"]), &all(&["2", "2"])).unwrap();
        assert_eq!(back, "-4".parse().unwrap());
        assert!(integral(&all(&["3"]), &all(&["2"])).unwrap().is_zero());
    }
}
