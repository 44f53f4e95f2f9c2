//! Sums of exact numbers that lose nothing, in parts that can be merged.

use exact_decimal::Decimal;

/// Readings summed up one by one or in parts, every digit kept: the sum and the sum of squares are exact, so the
/// order and the division into parts change nothing at all.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningSums {
    count: u64,
    sum: Decimal,
    squares: Decimal,
    extremes: Option<(Decimal, Decimal)>,
}

impl Default for RunningSums {
    fn default() -> Self {
        Self { count: 0, sum: Decimal::zero(), squares: Decimal::zero(), extremes: None }
    }
}

impl RunningSums {
    /// Without readings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one reading more. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn with(&self, reading: &Decimal) -> Option<Self> {
        let one = Self {
            count: 1,
            sum: reading.clone(),
            squares: reading.checked_mul(reading).ok()?,
            extremes: Some((reading.clone(), reading.clone())),
        };
        self.merged(&one)
    }

    /// Both together. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Option<Self> {
        let extremes = match (&self.extremes, &other.extremes) {
            (Some(own), Some(others)) => {
                let lowest = (&own.0).min(&others.0).clone();
                Some((lowest, (&own.1).max(&others.1).clone()))
            }
            (own, others) => own.clone().or_else(|| others.clone()),
        };
        Some(Self {
            count: self.count.checked_add(other.count)?,
            sum: self.sum.checked_add(&other.sum).ok()?,
            squares: self.squares.checked_add(&other.squares).ok()?,
            extremes,
        })
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The exact sum.
    #[must_use]
    pub fn sum(&self) -> &Decimal {
        &self.sum
    }

    /// The lowest and the highest; none without readings.
    #[must_use]
    pub fn extremes(&self) -> Option<(&Decimal, &Decimal)> {
        self.extremes.as_ref().map(|(lowest, highest)| (lowest, highest))
    }

    /// The exact sum over n, to 34 digits; none without readings.
    #[must_use]
    pub fn mean(&self) -> Option<Decimal> {
        self.sum.checked_div(&Decimal::from(self.count)).ok()
    }

    /// The experimental standard deviation over n - 1 (GUM, JCGM 100:2008, 4.2.2): the root of
    /// (n sum x^2 - (sum x)^2) / (n (n - 1)), exact up to the quotient of 34 digits. None of fewer than two
    /// readings.
    #[must_use]
    pub fn standard_deviation(&self) -> Option<Decimal> {
        let (count, freedom) = (Decimal::from(self.count), self.count.checked_sub(1)?);
        let of_squares = count.checked_mul(&self.squares).ok()?;
        let apart = of_squares.checked_sub(&self.sum.checked_mul(&self.sum).ok()?).ok()?;
        let divisor = count.checked_mul(&Decimal::from(freedom)).ok()?;
        Decimal::from_f64_shortest(apart.checked_div(&divisor).ok()?.to_f64().sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Summary;

    fn sums(texts: &[&str]) -> RunningSums {
        let readings = texts.iter().map(|text| text.parse::<Decimal>().unwrap());
        readings.fold(RunningSums::new(), |sums, reading| sums.with(&reading).unwrap())
    }

    #[test]
    fn parts_are_the_whole() {
        let whole = sums(&["1.000000001", "-2e12", "3E-9", "0.1"]);
        let parts = sums(&["1.000000001", "-2e12"]).merged(&sums(&["3E-9", "0.1"])).unwrap();
        assert_eq!(whole, parts);
        assert_eq!(whole.sum().to_string(), "-1999999999998.899999996");
        assert_eq!(RunningSums::new().merged(&whole), Some(whole));
    }

    #[test]
    fn it_says_what_the_summary_says() {
        let texts = ["4.9990", "5.0010", "5.0003", "5.00031"];
        let summary = Summary::of(&texts.map(|text| text.parse().unwrap())).unwrap();
        let sums = sums(&texts);
        assert_eq!(sums.mean(), Some(summary.mean.clone()));
        assert_eq!(sums.extremes(), Some((&summary.minimum, &summary.maximum)));
        let both = [sums.standard_deviation(), summary.standard_deviation()];
        let [own, others] = both.map(|deviation| deviation.unwrap().to_f64());
        assert!((own / others - 1.0).abs() < 1e-14);
    }

    #[test]
    fn none_and_one_have_no_deviation() {
        assert_eq!(RunningSums::new().mean(), None);
        assert_eq!(RunningSums::new().standard_deviation(), None);
        assert_eq!(sums(&["5"]).standard_deviation(), None);
        assert_eq!(sums(&["5", "5.0"]).standard_deviation(), Some(Decimal::zero()));
    }
}
