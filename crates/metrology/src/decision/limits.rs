//! The limits of a tolerance.

use exact_decimal::Decimal;

use crate::error::{Result, StatisticsError, domain};

/// A lower limit, an upper limit, or both, exact and in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToleranceLimits {
    lower: Option<Decimal>,
    upper: Option<Decimal>,
}

impl ToleranceLimits {
    /// From what there is.
    ///
    /// # Errors
    /// Without a limit, and when the lower is not below the upper.
    pub fn new(lower: Option<Decimal>, upper: Option<Decimal>) -> Result<Self> {
        match (&lower, &upper) {
            (None, None) => {
                Err(StatisticsError::Missing { what: "a tolerance", missing: "a limit" })
            }
            (Some(low), Some(high)) if low >= high => {
                domain("the lower limit", low.to_f64(), false, "one below the upper limit")?;
                Ok(Self { lower, upper })
            }
            _ => Ok(Self { lower, upper }),
        }
    }

    /// The lower limit.
    #[must_use]
    pub fn lower(&self) -> Option<&Decimal> {
        self.lower.as_ref()
    }

    /// The upper limit.
    #[must_use]
    pub fn upper(&self) -> Option<&Decimal> {
        self.upper.as_ref()
    }

    /// Half of the span between both limits.
    ///
    /// # Errors
    /// Of one limit alone.
    pub fn half_span(&self) -> Result<f64> {
        let missing = "the second limit";
        let (Some(lower), Some(upper)) = (&self.lower, &self.upper) else {
            return Err(StatisticsError::Missing { what: "half of a tolerance", missing });
        };
        let span = upper.checked_sub(lower);
        let span = span.map_err(|_| StatisticsError::Bounds { what: "half of a tolerance" })?;
        Ok(span.to_f64() / 2.0)
    }

    /// Both limits as floats, infinite where there is none.
    pub(crate) fn as_floats(&self) -> (f64, f64) {
        let lower = self.lower.as_ref().map_or(f64::NEG_INFINITY, Decimal::to_f64);
        (lower, self.upper.as_ref().map_or(f64::INFINITY, Decimal::to_f64))
    }

    /// Both limits moved inwards by a width, outwards by a negative one.
    pub(crate) fn narrowed(&self, width: f64) -> Result<Self> {
        let bounds = StatisticsError::Bounds { what: "a guard band" };
        let width = Decimal::from_f64_shortest(width).ok_or(bounds)?;
        let lower = self.lower.as_ref().map(|limit| limit.checked_add(&width));
        let upper = self.upper.as_ref().map(|limit| limit.checked_sub(&width));
        let lower = lower.transpose().map_err(|_| bounds)?;
        let upper = upper.transpose().map_err(|_| bounds)?;
        match (&lower, &upper) {
            (Some(low), Some(high)) if low > high => Err(StatisticsError::NoAcceptanceZone),
            _ => Ok(Self { lower, upper }),
        }
    }

    pub(crate) fn holds(&self, value: &Decimal) -> bool {
        let above = self.lower.as_ref().is_none_or(|limit| value >= limit);
        above && self.upper.as_ref().is_none_or(|limit| value <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Decimal> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn limits_are_limits() {
        assert!(ToleranceLimits::new(None, None).is_err());
        assert!(ToleranceLimits::new(number("1"), number("1.0")).is_err());
        let both = ToleranceLimits::new(number("4.95"), number("5.05")).unwrap();
        assert_eq!(both.half_span(), Ok(0.05));
        let narrow = both.narrowed(0.0012).unwrap();
        assert_eq!((narrow.lower, narrow.upper), (number("4.9512"), number("5.0488")));
        assert_eq!(both.narrowed(0.06), Err(StatisticsError::NoAcceptanceZone));
        assert!(both.narrowed(f64::NAN).is_err());
        let one = ToleranceLimits::new(None, number("5")).unwrap();
        assert!(one.half_span().is_err());
        assert_eq!(one.narrowed(-0.5).unwrap().upper, number("5.5"));
    }
}
