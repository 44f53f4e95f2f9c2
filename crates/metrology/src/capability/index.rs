//! Capability indices, each with its confidence interval.

use crate::distribution::{chi_squared_quantile, noncentral_t_cdf, normal_quantile};
use crate::error::{
    Result, StatisticsError, at_least, domain, finite, freedom, number, positive, probability,
};
use crate::numeric::{real, root};
use crate::summary::Moments;

/// Up to here the interval of a one-sided index is that of non-central t; beyond, samples are so large that the
/// normal approximation says the same.
const LARGEST_EXACT: f64 = 200.0;

/// What is known of a process from a sample: in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    count: usize,
    mean: f64,
    deviation: f64,
    freedom: f64,
}

impl Sample {
    /// The overall deviation: its indices are the ones of performance, Pp and Ppk.
    ///
    /// # Errors
    /// With fewer than two values, and when all are equal.
    pub fn overall(moments: &Moments) -> Result<Self> {
        let [mean, deviation] = [moments.mean()?, moments.standard_deviation()?];
        Self::new(moments.count(), mean, deviation, real(moments.count()) - 1.0)
    }

    /// A deviation known another way, with its degrees of freedom: the one within subgroups makes the indices those
    /// of capability, Cp and Cpk.
    ///
    /// # Errors
    /// Without values, below one degree of freedom, when the deviation is not above 0, and when a number is not
    /// finite.
    pub fn new(count: usize, mean: f64, deviation: f64, degrees: f64) -> Result<Self> {
        at_least("values of a process", count, 1)?;
        let what = "values of a process";
        if deviation == 0.0 {
            return Err(StatisticsError::NoSpread { what });
        }
        let [mean, deviation] = [number("a mean", mean)?, positive("a deviation", deviation)?];
        let degrees = freedom("the degrees of freedom of a deviation", degrees)?;
        let freedom = finite("the degrees of freedom of a deviation", degrees)?;
        Ok(Self { count, mean, deviation, freedom })
    }

    pub(crate) fn mean(&self) -> f64 {
        self.mean
    }

    pub(crate) fn deviation(&self) -> f64 {
        self.deviation
    }
}

/// One limit or two, and what the process aims at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpecificationLimits {
    lower: Option<f64>,
    upper: Option<f64>,
    target: Option<f64>,
}

impl SpecificationLimits {
    /// From what there is.
    ///
    /// # Errors
    /// Without a limit, when the lower is not below the upper, and when a number is not finite.
    pub fn new(lower: Option<f64>, upper: Option<f64>, target: Option<f64>) -> Result<Self> {
        for given in [lower, upper, target].into_iter().flatten() {
            number("a limit or target", given)?;
        }
        match (lower, upper) {
            (None, None) => {
                return Err(StatisticsError::Missing { what: "a capability", missing: "a limit" });
            }
            (Some(low), Some(high)) => {
                domain("the lower limit", low, low < high, "one below the upper limit")?
            }
            _ => 0.0,
        };
        Ok(Self { lower, upper, target })
    }

    pub(crate) fn both(&self) -> (Option<f64>, Option<f64>) {
        (self.lower, self.upper)
    }
}

/// An index and the interval that holds its true value with the confidence asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// The estimate.
    pub estimate: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The indices of a process. With the overall deviation they are called Pp, Ppk and so on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capability {
    /// Cp = (USL - LSL) / 6 s; none with one limit.
    pub cp: Option<Index>,
    /// Cpk, the smaller of Cpu and Cpl.
    pub cpk: Index,
    /// Cpu = (USL - m) / 3 s; none without an upper limit.
    pub cpu: Option<Index>,
    /// Cpl = (m - LSL) / 3 s; none without a lower limit.
    pub cpl: Option<Index>,
    /// Cpm = (USL - LSL) / (6 sqrt(s^2 + (m - T)^2)); none without a target and both limits.
    pub cpm: Option<Index>,
}

/// The capability indices of normal values (NIST/SEMATECH e-Handbook, 6.1.6), each with a two-sided interval:
///
/// - Cp by chi squared: Cp sqrt(chi2(α/2) / ν) to Cp sqrt(chi2(1 - α/2) / ν) (Montgomery, Introduction to
///   Statistical Quality Control, 6th edition);
/// - Cpu and Cpl by inverting non-central t, of which 3 sqrt(n) Cpu is a value (Chou, Owen and Borrego, Journal of
///   Quality Technology 22 (1990) 223); with one limit Cpk is the one of them;
/// - Cpk of two limits as Cpk (1 ± z sqrt(1 / (9 n Cpk^2) + 1 / (2 ν))) (Bissell, Applied Statistics 39 (1990)
///   331; Montgomery);
/// - Cpm by chi squared with n (1 + a^2)^2 / (1 + 2 a^2) degrees of freedom, a = (m - T) / s (Boyles, Journal of
///   Quality Technology 23 (1991) 17).
///
/// # Errors
/// When the confidence is not between 0 and 1, and beyond the bounds of floats.
pub fn capability(
    sample: &Sample,
    limits: &SpecificationLimits,
    confidence: f64,
) -> Result<Capability> {
    let tail = (1.0 - probability("the confidence", confidence)?) / 2.0;
    let three = 3.0 * sample.deviation;
    let side = |distance: f64| one_sided(sample, distance / three, tail);
    let cpu = limits.upper.map(|upper| side(upper - sample.mean)).transpose()?;
    let cpl = limits.lower.map(|lower| side(sample.mean - lower)).transpose()?;
    let span = limits.lower.zip(limits.upper).map(|(lower, upper)| upper - lower);
    let cpk = match (cpu, cpl) {
        (Some(upper), Some(lower)) => bissell(sample, upper.estimate.min(lower.estimate), tail)?,
        (one, other) => one
            .or(other)
            .ok_or(StatisticsError::Missing { what: "a capability", missing: "a limit" })?,
    };
    let by_chi = |estimate: f64, freedom: f64| by_chi_squared(estimate, freedom, tail);
    let cp = span.map(|span| by_chi(span / (2.0 * three), sample.freedom)).transpose()?;
    let aimed = span.zip(limits.target);
    let cpm = aimed.map(|(span, target)| about_target(sample, span, target, tail)).transpose()?;
    Ok(Capability { cp, cpk, cpu, cpl, cpm })
}

fn by_chi_squared(estimate: f64, freedom: f64, tail: f64) -> Result<Index> {
    let end = |p: f64| Ok(estimate * (chi_squared_quantile(freedom, p)? / freedom).sqrt());
    let estimate = finite("a capability index", estimate)?;
    Ok(Index { estimate, low: end(tail)?, high: end(1.0 - tail)? })
}

fn about_target(sample: &Sample, span: f64, target: f64, tail: f64) -> Result<Index> {
    let aside = (sample.mean - target) / sample.deviation;
    let square = aside * aside;
    let freedom = real(sample.count) * (1.0 + square).powi(2) / (1.0 + 2.0 * square);
    by_chi_squared(span / (6.0 * sample.deviation * (1.0 + square).sqrt()), freedom, tail)
}

fn bissell(sample: &Sample, estimate: f64, tail: f64) -> Result<Index> {
    let estimate = finite("a capability index", estimate)?;
    let of_mean = 1.0 / (9.0 * real(sample.count));
    let half =
        -normal_quantile(tail)? * (of_mean + estimate * estimate / (2.0 * sample.freedom)).sqrt();
    Ok(Index { estimate, low: estimate - half, high: estimate + half })
}

fn one_sided(sample: &Sample, estimate: f64, tail: f64) -> Result<Index> {
    let scale = 3.0 * real(sample.count).sqrt();
    let t = finite("a capability index", estimate * scale)?;
    if t.abs() > LARGEST_EXACT {
        return bissell(sample, estimate, tail);
    }
    let end = |p: f64| Ok(noncentrality(sample.freedom, t, p)? / scale);
    Ok(Index { estimate, low: end(1.0 - tail)?, high: end(tail)? })
}

/// The non-centrality with which `t` is just the quantile of `p`; the probability falls as it rises.
fn noncentrality(freedom: f64, t: f64, p: f64) -> Result<f64> {
    let apart =
        |delta: f64| noncentral_t_cdf(freedom, delta, t).map_or(f64::NAN, |found| found - p);
    let found = if apart(t) > 0.0 {
        root::above(apart, t, 1.0)
    } else {
        root::above(|down| apart(-down), -t, 1.0).map(|down| -down)
    };
    finite("the end of an interval", found.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sample: Sample, lower: Option<f64>, upper: Option<f64>, target: f64) -> Capability {
        let limits = SpecificationLimits::new(lower, upper, Some(target)).unwrap();
        capability(&sample, &limits, 0.95).unwrap()
    }

    fn is(index: Option<Index>, wanted: [f64; 3], within: f64) {
        let Index { estimate, low, high } = index.unwrap();
        for (found, wanted) in [estimate, low, high].into_iter().zip(wanted) {
            assert!((found - wanted).abs() <= within, "{index:?} instead of {wanted}");
        }
    }

    /// NIST/SEMATECH e-Handbook, 6.1.6: limits 8 and 20, mean 16, deviation 2.
    #[test]
    fn indices_are_those_of_the_nist_handbook() {
        let sample = Sample::new(50, 16.0, 2.0, 49.0).unwrap();
        let own = found(sample, Some(8.0), Some(20.0), 14.0);
        for (index, wanted) in
            [(own.cp, 1.0), (own.cpu, 0.6667), (own.cpl, 1.3333), (Some(own.cpk), 0.6667)]
        {
            assert!((index.unwrap().estimate - wanted).abs() < 5e-5);
        }
        assert!((own.cpm.unwrap().estimate - 0.5_f64.sqrt()).abs() < 1e-15);
    }

    /// Montgomery, Introduction to Statistical Quality Control: limits 38 and 62, n 20, s 1.75: Cp 2.29, 1.57 to
    /// 3.01, from the rounded index; n 20, Cp 1.33: 0.911 to 1.749; n 20, Cpk 1.33: 0.88 to 1.78.
    #[test]
    fn intervals_are_montgomerys() {
        let wide = found(Sample::new(20, 50.0, 1.75, 19.0).unwrap(), Some(38.0), Some(62.0), 50.0);
        is(wide.cp, [2.29, 1.57, 3.01], 0.0055);
        let sample = Sample::new(20, 0.0, 1.0 / 3.99, 19.0).unwrap();
        let narrow = found(sample, Some(-1.0), Some(1.0), 0.0);
        is(narrow.cp, [1.33, 0.911, 1.749], 0.0006);
        is(Some(narrow.cpk), [1.33, 0.88, 1.78], 0.005);
    }

    /// The lower confidence limit of Cpu and the one-sided tolerance factor are one theorem: with k 2.911 (n 10,
    /// 95 % of 95 %, ISO 16269-6) the limit is 1.645 / 3.
    #[test]
    fn one_sided_intervals_agree_with_tolerance_factors() {
        let limits = SpecificationLimits::new(None, Some(2.911), None).unwrap();
        let sample = Sample::new(10, 0.0, 1.0, 9.0).unwrap();
        let own = capability(&sample, &limits, 0.90).unwrap();
        assert!((own.cpu.unwrap().low - 1.6449 / 3.0).abs() < 1e-4, "{own:?}");
        assert_eq!((own.cpu, own.cp, own.cpl), (Some(own.cpk), None, None));
        let limits = SpecificationLimits::new(Some(-2.911), None, None).unwrap();
        assert_eq!(capability(&sample, &limits, 0.90).unwrap().cpl, own.cpu);
    }

    #[test]
    fn exact_and_approximate_intervals_meet() {
        let index = |count: usize| {
            let sample = Sample::new(count, 0.0, 1.0, real(count) - 1.0).unwrap();
            (one_sided(&sample, 1.5, 0.025).unwrap(), bissell(&sample, 1.5, 0.025).unwrap())
        };
        let (exact, approximate) = index(1_500);
        assert!((exact.low - approximate.low).abs() < 2e-4, "{exact:?} {approximate:?}");
        let negative = one_sided(&Sample::new(8, 0.0, 1.0, 7.0).unwrap(), -0.4, 0.025).unwrap();
        assert!(negative.low < -0.4 && negative.high > -0.4, "{negative:?}");
    }

    #[test]
    fn the_domain_is_kept() {
        let moments = Moments::of(&[5.0, 5.0, 5.0]).unwrap();
        let equal = StatisticsError::NoSpread { what: "values of a process" };
        assert_eq!(Sample::overall(&moments), Err(equal));
        assert!(Sample::overall(&Moments::of(&[5.0]).unwrap()).is_err());
        assert!(Sample::new(5, f64::NAN, 1.0, 4.0).is_err());
        assert!(Sample::new(5, 0.0, 1.0, f64::INFINITY).is_err());
        assert!(SpecificationLimits::new(None, None, Some(1.0)).is_err());
        assert!(SpecificationLimits::new(Some(2.0), Some(2.0), None).is_err());
        assert!(SpecificationLimits::new(Some(f64::NAN), None, None).is_err());
        let sample = Sample::new(5, 0.0, 1.0, 4.0).unwrap();
        let limits = SpecificationLimits::new(None, Some(3.0), None).unwrap();
        assert!(capability(&sample, &limits, 1.0).is_err());
    }
}
