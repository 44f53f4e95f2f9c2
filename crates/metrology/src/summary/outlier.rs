//! Values that lie far from the others. They are flagged, never taken away.

use crate::distribution::student_quantile;
use crate::error::{Result, StatisticsError, at_least, at_most, enough, probability};
use crate::numeric::{real, twofold};

/// Which values are suspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrubbsSide {
    /// The lowest.
    Lowest,
    /// The highest.
    Highest,
    /// The one furthest from the mean.
    Either,
}

/// What Grubbs' test says of the suspected value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrubbsResult {
    /// Its index, counted from 0.
    pub index: usize,
    /// Its distance from the mean in standard deviations.
    pub statistic: f64,
    /// What the distance must pass.
    pub critical: f64,
    /// Whether it does.
    pub is_outlier: bool,
}

/// One step of the generalised test: the value furthest out once those before it are set aside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EsdStep {
    /// Its index, counted from 0.
    pub index: usize,
    /// Its distance from the mean of those that are left, in their standard deviations.
    pub statistic: f64,
    /// What the distance must pass.
    pub critical: f64,
    /// Whether it counts as an outlier: this step or a later one passes.
    pub is_outlier: bool,
}

/// Grubbs' test for one outlier at significance `alpha` (Grubbs, Technometrics 11 (1969) 1; NIST/SEMATECH
/// e-Handbook, 1.3.5.17.1). Normal values are supposed.
///
/// # Errors
/// With fewer than three values, when one is not finite, when all are equal, and when `alpha` is no probability.
pub fn grubbs(values: &[f64], side: GrubbsSide, alpha: f64) -> Result<GrubbsResult> {
    let critical = grubbs_critical(values.len(), side, alpha)?;
    enough("values for Grubbs' test", values, 3)?;
    let all: Vec<usize> = (0..values.len()).collect();
    let (index, statistic) = furthest(values, &all, side)?;
    Ok(GrubbsResult { index, statistic, critical, is_outlier: statistic > critical })
}

/// The critical value of Grubbs' test: (n - 1) / sqrt(n) sqrt(t^2 / (n - 2 + t^2)), t being the upper quantile of
/// Student's t with n - 2 degrees of freedom at alpha / n, for either side at alpha / 2n.
///
/// # Errors
/// For fewer than three values, and when `alpha` is no probability.
pub fn grubbs_critical(count: usize, side: GrubbsSide, alpha: f64) -> Result<f64> {
    at_least("values for Grubbs' test", count, 3)?;
    let alpha = probability("the significance", alpha)?;
    let sides = if side == GrubbsSide::Either { 2.0 } else { 1.0 };
    let n = real(count);
    let t = student_quantile(n - 2.0, alpha / (sides * n))?;
    Ok((n - 1.0) / n.sqrt() * (t * t / (n - 2.0 + t * t)).sqrt())
}

/// Rosner's generalised extreme studentised deviate test for up to `most` outliers at significance `alpha`
/// (Technometrics 25 (1983) 165; NIST/SEMATECH e-Handbook, 1.3.5.17.3). Normal values are supposed; the handbook
/// trusts it from 25 values on, and still well from 15 on.
///
/// The steps in their order; the outliers are those flagged.
///
/// # Errors
/// Unless there are two values more than `most`, when one is not finite, when those left are all equal, and when
/// `alpha` is no probability.
pub fn generalised_esd(values: &[f64], most: usize, alpha: f64) -> Result<Vec<EsdStep>> {
    at_least("values for the generalised ESD test", values.len(), most.saturating_add(2))?;
    enough("values for the generalised ESD test", values, 3)?;
    let mut left: Vec<usize> = (0..values.len()).collect();
    let mut steps = Vec::new();
    for number in 1..=most {
        let (index, statistic) = furthest(values, &left, GrubbsSide::Either)?;
        let critical = generalised_esd_critical(values.len(), number, alpha)?;
        steps.push(EsdStep { index, statistic, critical, is_outlier: false });
        left.retain(|other| *other != index);
    }
    let passing = steps.iter().rposition(|step| step.statistic > step.critical);
    let outliers = passing.map_or(0, |last| last + 1);
    steps.iter_mut().take(outliers).for_each(|step| step.is_outlier = true);
    Ok(steps)
}

/// The critical value of one step, counted from 1, of the generalised test of `count` values:
/// (n - i) t / sqrt((n - i - 1 + t^2)(n - i + 1)), t being the quantile of Student's t with n - i - 1 degrees of
/// freedom at 1 - alpha / (2 (n - i + 1)).
///
/// # Errors
/// When the step is not in 1 ... n - 2, and when `alpha` is no probability.
pub fn generalised_esd_critical(count: usize, step: usize, alpha: f64) -> Result<f64> {
    let what = "steps of the generalised ESD test";
    at_least(what, step, 1)?;
    at_most(what, step, count.saturating_sub(2))?;
    let alpha = probability("the significance", alpha)?;
    let left = real(count - step);
    let t = -student_quantile(left - 1.0, alpha / (2.0 * (left + 1.0)))?;
    Ok(left * t / ((left - 1.0 + t * t) * (left + 1.0)).sqrt())
}

/// Of those left, the one furthest out, and how far in standard deviations.
fn furthest(values: &[f64], left: &[usize], side: GrubbsSide) -> Result<(usize, f64)> {
    let what = "values for a test for outliers";
    let kept: Vec<f64> = left.iter().filter_map(|index| values.get(*index)).copied().collect();
    let mean = twofold::mean(&kept);
    let deviation =
        (twofold::squares_about(&kept, mean) / real(kept.len().saturating_sub(1))).sqrt();
    if deviation == 0.0 {
        return Err(StatisticsError::NoSpread { what });
    }
    let distance = |value: f64| match side {
        GrubbsSide::Lowest => mean - value,
        GrubbsSide::Highest => value - mean,
        GrubbsSide::Either => (value - mean).abs(),
    };
    let far = left.iter().zip(&kept).map(|(index, value)| (*index, distance(*value) / deviation));
    let furthest = far.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    furthest.filter(|(_, apart)| apart.is_finite()).ok_or(StatisticsError::Bounds { what })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST/SEMATECH e-Handbook, 1.3.5.17.1 (Tietjen and Moore 1972): G 2.4687, critical 2.032, and Grubbs 1969,
    /// table 1, for other counts. The handbook cuts digits off where others round.
    #[test]
    fn grubbs_is_that_of_the_nist_handbook() {
        let masses = [199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57];
        let found = grubbs(&masses, GrubbsSide::Highest, 0.05).unwrap();
        assert_eq!((found.index, found.is_outlier), (7, true));
        assert!((found.statistic - 2.4687).abs() < 1e-4, "{}", found.statistic);
        assert!((found.critical - 2.032).abs() < 5e-4, "{}", found.critical);
        assert!(!grubbs(&masses, GrubbsSide::Lowest, 0.05).unwrap().is_outlier);
        assert_eq!(grubbs(&masses, GrubbsSide::Either, 0.05).unwrap().index, 7);
        for (count, alpha, wanted) in [
            (3, 0.05, 1.153),
            (10, 0.05, 2.176),
            (10, 0.01, 2.410),
            (20, 0.05, 2.557),
            (30, 0.05, 2.745),
        ] {
            let found = grubbs_critical(count, GrubbsSide::Highest, alpha).unwrap();
            assert!((found - wanted).abs() < 6e-4, "{count} {alpha}: {found} {wanted}");
        }
    }

    /// NIST/SEMATECH e-Handbook, 1.3.5.17.3, Rosner's 54 values: three outliers; its digits are cut off.
    #[test]
    fn the_generalised_test_is_that_of_the_nist_handbook() {
        let values = [
            -0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56,
            1.58, 1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10,
            2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92,
            2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01,
        ];
        let steps = generalised_esd(&values, 10, 0.05).unwrap();
        let published = [
            (3.118, 3.158),
            (2.942, 3.151),
            (3.179, 3.143),
            (2.810, 3.136),
            (2.815, 3.128),
            (2.848, 3.120),
            (2.279, 3.111),
            (2.310, 3.103),
            (2.101, 3.094),
            (2.067, 3.085),
        ];
        for (step, (statistic, critical)) in steps.iter().zip(published) {
            assert!((step.statistic - statistic).abs() < 1e-3, "{step:?} {statistic}");
            assert!((step.critical - critical).abs() < 1e-3, "{step:?} {critical}");
        }
        let flagged = steps.iter().filter(|step| step.is_outlier).map(|step| values[step.index]);
        assert_eq!(flagged.collect::<Vec<_>>(), [6.01, 5.42, 5.34]);
    }

    #[test]
    fn the_domain_is_kept() {
        assert!(grubbs(&[1.0, 2.0], GrubbsSide::Either, 0.05).is_err());
        assert!(grubbs(&[1.0, 2.0, f64::NAN], GrubbsSide::Either, 0.05).is_err());
        assert!(grubbs(&[1.0, 2.0, 3.0], GrubbsSide::Either, 0.0).is_err());
        let equal = StatisticsError::NoSpread { what: "values for a test for outliers" };
        assert_eq!(grubbs(&[1.0; 5], GrubbsSide::Either, 0.05), Err(equal));
        assert_eq!(generalised_esd(&[1.0, 1.0, 1.0, 1.0, 7.0], 2, 0.05), Err(equal));
        assert!(generalised_esd(&[1.0, 2.0, 3.0], 2, 0.05).is_err());
        assert_eq!(generalised_esd(&[1.0, 2.0, 3.0], 0, 0.05), Ok(vec![]));
    }
}
