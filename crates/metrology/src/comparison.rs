//! Whether a level has moved: differences of means and of one further value, with their intervals.
//!
//! Everything here holds for values that scatter normally and independently of each other. Readings of one run are
//! seldom independent of what else changes from run to run: who compares runs takes one value a run where there are
//! several.

use crate::distribution::{student_cdf, student_quantile};

/// Two-sided 95 %: the quantile of the upper side.
const UPPER_95: f64 = 0.975;

/// How values scatter, and how many of them said so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scatter {
    /// How many values; at least two.
    pub count: u32,
    /// Their experimental standard deviation, above zero.
    pub deviation: f64,
}

impl Scatter {
    fn is_usable(self) -> bool {
        self.count >= 2 && self.deviation.is_finite() && self.deviation > 0.0
    }

    /// Of the mean, squared.
    fn variance_of_mean(self) -> f64 {
        self.deviation * self.deviation / f64::from(self.count)
    }

    fn freedom(self) -> f64 {
        f64::from(self.count) - 1.0
    }
}

/// A difference between two levels, and what can be said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Significance {
    /// Half of the interval that holds the true difference with 95 %.
    pub half_width_95: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// How often a difference as large would be seen if there were none, from 0 to 1.
    pub p: f64,
}

impl Significance {
    /// Of a difference whose standard error is known with so many degrees of freedom.
    fn of(difference: f64, standard_error: f64, freedom: f64) -> Option<Self> {
        let t = difference.abs() / standard_error;
        let own = Self {
            half_width_95: student_quantile(freedom, UPPER_95).ok()? * standard_error,
            freedom,
            p: (2.0 * student_cdf(freedom, -t).ok()?).min(1.0),
        };
        (own.half_width_95.is_finite() && own.p.is_finite()).then_some(own)
    }
}

/// The difference of two means whose scatter need not be equal: Welch's test, with the degrees of freedom of Welch
/// and Satterthwaite (NIST/SEMATECH e-Handbook, 7.3.1; GUM, annex G.4.1). `None` when a scatter is of fewer than two
/// values, or none at all.
#[must_use]
pub fn difference_of_means(difference: f64, one: Scatter, other: Scatter) -> Option<Significance> {
    if !one.is_usable() || !other.is_usable() {
        return None;
    }
    let (a, b) = (one.variance_of_mean(), other.variance_of_mean());
    let freedom = (a + b).powi(2) / (a * a / one.freedom() + b * b / other.freedom());
    Significance::of(difference, (a + b).sqrt(), freedom)
}

/// One further value against the mean of those before it, by the interval that predicts it:
/// s √(1 + 1/n), n - 1 degrees of freedom (Hahn and Meeker, Statistical Intervals, 4.7). `None` when the scatter is of
/// fewer than two values, or none at all.
#[must_use]
pub fn one_more_value(difference: f64, before: Scatter) -> Option<Significance> {
    if !before.is_usable() {
        return None;
    }
    let error = before.deviation * (1.0 + 1.0 / f64::from(before.count)).sqrt();
    Significance::of(difference, error, before.freedom())
}

/// From how many standard deviations on one further value is seen to differ from so many before it, when a difference
/// is said at a probability below `p`. `None` of fewer than two values, and where `p` is no probability above zero.
#[must_use]
pub fn seen_from(values_before: u32, p: f64) -> Option<f64> {
    let freedom = f64::from(values_before.checked_sub(1)?);
    let factor = (1.0 + 1.0 / f64::from(values_before)).sqrt();
    // From the lower tail: 1 - p/2 would lose the digits of a small p.
    let quantile = student_quantile(freedom, p / 2.0).ok()?;
    Some(-quantile * factor).filter(|from| from.is_finite() && *from > 0.0)
}

/// The same probabilities, larger as there are more of them: of all that are below a level when nothing has moved,
/// one or more are so no more often than that level says (Holm, Scandinavian Journal of Statistics 6 (1979), 65-70).
#[must_use]
pub fn for_so_many(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    let of = |at: usize| probabilities.get(at).copied().unwrap_or(1.0);
    order.sort_by(|one, two| of(*one).total_cmp(&of(*two)));
    let mut adjusted = vec![1.0; probabilities.len()];
    let mut largest = 0.0_f64;
    for (left, at) in (1..=probabilities.len()).rev().zip(order) {
        let factor = u32::try_from(left).map_or(f64::MAX, f64::from);
        largest = largest.max((of(at) * factor).min(1.0));
        if let Some(own) = adjusted.get_mut(at) {
            *own = largest;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, wanted: f64, relative: f64) {
        assert!((found - wanted).abs() <= relative * wanted.abs(), "{found} instead of {wanted}");
    }

    fn scatter(count: u32, deviation: f64) -> Scatter {
        Scatter { count, deviation }
    }

    /// NIST/SEMATECH e-Handbook, 1.3.5.3, miles per gallon of US and Japanese cars (AUTO83B.DAT): n 249 and 79, means
    /// 20.14458 and 30.48101, deviations 6.41470 and 6.10771; the test without equal variances gives t = -12.94627
    /// with 136.8750 degrees of freedom.
    #[test]
    fn the_handbooks_cars_differ() {
        let difference = 20.14458 - 30.48101;
        let own = difference_of_means(difference, scatter(249, 6.41470), scatter(79, 6.10771));
        let own = own.unwrap();
        near(own.freedom, 136.8750, 1e-4);
        let t = student_quantile(own.freedom, UPPER_95).unwrap();
        near(difference.abs() / (own.half_width_95 / t), 12.94627, 1e-5);
        assert!(own.p < 1e-20, "{}", own.p);
    }

    /// With equal counts and deviations Welch's test is Student's with 2n - 2 degrees of freedom.
    #[test]
    fn equal_scatter_has_all_degrees_of_freedom() {
        let own = difference_of_means(1.0, scatter(6, 1.0), scatter(6, 1.0)).unwrap();
        near(own.freedom, 10.0, 1e-12);
        // t for 95 % and 10 degrees of freedom: GUM, table G.2.
        near(own.half_width_95, 2.23 * (2.0_f64 / 6.0).sqrt(), 2e-3);
    }

    #[test]
    fn one_more_value_lies_further_out_than_a_mean() {
        // t for 95 % and 4 degrees of freedom: GUM, table G.2.
        let own = one_more_value(0.0, scatter(5, 2.0)).unwrap();
        near(own.half_width_95, 2.78 * 2.0 * 1.2_f64.sqrt(), 2e-3);
        near(own.p, 1.0, 1e-12);
        let edge = one_more_value(own.half_width_95, scatter(5, 2.0)).unwrap();
        near(edge.p, 0.05, 1e-9);
    }

    #[test]
    fn nothing_is_said_without_scatter() {
        for (one, other) in [((1, 1.0), (5, 1.0)), ((5, 0.0), (5, 1.0)), ((5, 1.0), (5, f64::NAN))]
        {
            let (one, other) = (scatter(one.0, one.1), scatter(other.0, other.1));
            assert_eq!(difference_of_means(1.0, one, other), None, "{one:?} {other:?}");
        }
        assert_eq!(one_more_value(1.0, scatter(1, 1.0)), None);
    }

    #[test]
    fn what_is_seen_at_all_grows_with_fewer_values() {
        let from = seen_from(5, 0.05).unwrap();
        let own = one_more_value(from * 2.0, scatter(5, 2.0)).unwrap();
        near(own.p, 0.05, 1e-9);
        assert!(seen_from(3, 0.01).unwrap() > seen_from(30, 0.01).unwrap());
        assert_eq!((seen_from(1, 0.01), seen_from(5, 0.0), seen_from(0, 0.1)), (None, None, None));
    }

    #[test]
    fn of_many_probabilities_each_counts_less() {
        let adjusted = for_so_many(&[0.01, 0.04, 0.03, 0.005]);
        let wanted = [0.03, 0.06, 0.06, 0.02];
        adjusted.iter().zip(wanted).for_each(|(own, wanted)| near(*own, wanted, 1e-12));
        assert_eq!(for_so_many(&[]), Vec::<f64>::new());
        assert_eq!(for_so_many(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
