//! What several readings say together.

use exact_decimal::Decimal;

use crate::distribution::student_quantile;
use crate::numeric::twofold;

/// The most readings that are summed up at once.
pub const MAX_READINGS: usize = 1_000_000;

/// Two-sided 95 %: the quantile of the upper side.
const UPPER_95: f64 = 0.975;

/// Several readings of one quantity, in one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// How many.
    pub count: usize,
    /// Their exact sum.
    pub sum: Decimal,
    /// The exact sum over n, to 34 digits.
    pub mean: Decimal,
    /// The lowest, with the digits it came with.
    pub minimum: Decimal,
    /// The highest, with the digits it came with.
    pub maximum: Decimal,
    deviation: Option<f64>,
}

impl Summary {
    /// Sums up. `None` of none, of more than [`MAX_READINGS`], and beyond the bounds of a decimal.
    #[must_use]
    pub fn of(readings: &[Decimal]) -> Option<Self> {
        if readings.len() > MAX_READINGS {
            return None;
        }
        let zero = Decimal::zero();
        let sum = readings.iter().try_fold(zero, |sum, value| sum.checked_add(value).ok())?;
        let count = u64::try_from(readings.len()).ok()?;
        let mean = sum.checked_div(&Decimal::from(count)).ok()?;
        Some(Self {
            count: readings.len(),
            minimum: readings.iter().min()?.clone(),
            maximum: readings.iter().max()?.clone(),
            deviation: deviation(readings, &mean),
            sum,
            mean,
        })
    }

    /// The highest less the lowest, exact. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn delta(&self) -> Option<Decimal> {
        self.maximum.checked_sub(&self.minimum).ok()
    }

    /// The experimental standard deviation, over n - 1 (GUM, JCGM 100:2008, 4.2.2); none of one reading.
    #[must_use]
    pub fn standard_deviation(&self) -> Option<Decimal> {
        Decimal::from_f64_shortest(self.deviation?)
    }

    /// Half of the interval that holds the mean with 95 %, by Student's t with n - 1 degrees of freedom
    /// (GUM, annex G.3); none of one reading. It holds for readings that are independent of each other.
    #[must_use]
    pub fn mean_interval_95(&self) -> Option<Decimal> {
        let count = f64::from(u32::try_from(self.count).ok()?);
        let of_the_mean = self.deviation? / count.sqrt();
        let student = student_quantile(count - 1.0, UPPER_95).ok()?;
        Decimal::from_f64_shortest(student * of_the_mean)
    }
}

/// How far each reading lies from the first, as floats of exact differences; empty without readings. Whatever does
/// not change with a shift (deviation, autocorrelation, analysis of variance, Allan deviation of phases) loses no
/// digit when it is computed from these. `None` beyond the bounds of a decimal.
#[must_use]
pub fn offsets_from_first(readings: &[Decimal]) -> Option<Vec<f64>> {
    let Some(first) = readings.first() else { return Some(Vec::new()) };
    let offset = |reading: &Decimal| reading.checked_sub(first).ok().map(|apart| apart.to_f64());
    readings.iter().map(offset).collect()
}

/// Two passes: deviations from the exact mean are exact before they become floats, so that readings with many
/// equal leading digits lose nothing.
fn deviation(readings: &[Decimal], mean: &Decimal) -> Option<f64> {
    let freedom = u32::try_from(readings.len()).ok()?.checked_sub(1).filter(|n| *n > 0)?;
    let square = |value: &Decimal| {
        let apart = value.checked_sub(mean).ok()?.to_f64();
        Some(apart * apart)
    };
    let squares = readings.iter().map(square).collect::<Option<Vec<f64>>>()?;
    Some((twofold::sum(squares) / f64::from(freedom)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn close(found: Option<Decimal>, wanted: f64, relative: f64) {
        let found = found.unwrap().to_f64();
        assert!((found - wanted).abs() <= relative * wanted, "{found} instead of {wanted}");
    }

    /// NIST Statistical Reference Datasets, univariate, NumAcc3: certified mean 1000000.2, deviation 0.1.
    #[test]
    fn numacc3_loses_no_digit() {
        let mut readings = decimals(&["1000000.2"]);
        for _ in 0..500 {
            readings.extend(decimals(&["1000000.1", "1000000.3"]));
        }
        let summary = Summary::of(&readings).unwrap();
        assert_eq!(summary.mean, "1000000.2".parse().unwrap());
        close(summary.standard_deviation(), 0.1, 1e-14);
    }

    /// Student's t for 95 %: GUM table G.2.
    #[test]
    fn the_interval_of_the_mean_is_students() {
        for (count, t) in [(2_u32, 12.71), (3, 4.30), (5, 2.78), (6, 2.57), (11, 2.23)] {
            let readings: Vec<_> = (0..count).map(Decimal::from).collect();
            let summary = Summary::of(&readings).unwrap();
            let deviation = summary.standard_deviation().unwrap().to_f64();
            let wanted = t * deviation / f64::from(count).sqrt();
            close(summary.mean_interval_95(), wanted, 2e-3);
        }
    }

    #[test]
    fn extremes_keep_their_digits() {
        let summary = Summary::of(&decimals(&["+5.00000000E+00", "4.9", "5.1"])).unwrap();
        assert_eq!(summary.minimum.to_string(), "4.9");
        assert_eq!(summary.delta().unwrap().to_string(), "0.2");
        assert_eq!(summary.mean, "5".parse().unwrap());
    }

    #[test]
    fn one_reading_has_no_deviation_and_none_has_no_summary() {
        let one = Summary::of(&decimals(&["1.50"])).unwrap();
        assert_eq!((one.standard_deviation(), one.mean_interval_95()), (None, None));
        assert_eq!(Summary::of(&[]), None);
    }
}
