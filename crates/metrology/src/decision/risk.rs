//! What can go wrong with a decision.

use super::ToleranceLimits;
use crate::distribution::{normal_cdf, normal_density};
use crate::error::{Result, finite, number, positive};
use crate::numeric::quadrature::Rule;

/// Beyond so many standard deviations nothing is left that would count.
const FAR: f64 = 12.0;

/// Panels between two places where the integrand changes its shape.
const PANELS: usize = 8;

/// What is known of items before they are measured: normally distributed values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Process {
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

/// The probabilities that an item is decided on wrongly (JCGM 106:2012, 9.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GlobalRisk {
    /// That it does not conform and is accepted: the consumer's risk, PFA.
    pub false_accept: f64,
    /// That it conforms and is rejected: the producer's risk, PFR.
    pub false_reject: f64,
}

/// The probability that the true value lies outside the limits, a result having been measured with a standard
/// uncertainty: 1 - (Phi((U - y) / u) - Phi((L - y) / u)) (JCGM 106:2012, clause 7). Normal, with nothing known
/// before. Where the result is accepted it is the risk of a false accept, where it is rejected one minus it is that
/// of a false reject.
///
/// # Errors
/// When the result is not finite, and when the uncertainty is not above 0.
pub fn specific_risk(limits: &ToleranceLimits, result: f64, standard: f64) -> Result<f64> {
    let (result, standard) =
        (number("a result", result)?, positive("the standard uncertainty", standard)?);
    let (lower, upper) = limits.as_floats();
    let below = normal_cdf((lower - result) / standard);
    Ok(below + normal_cdf((result - upper) / standard))
}

/// The risks of measuring items of a process and accepting those within the acceptance limits
/// (JCGM 106:2012, 9.5): the double integral of the joint distribution of value and result,
/// both normal.
///
/// # Errors
/// When the process's deviation or the uncertainty is not above 0, and when a number is not finite.
pub fn global_risk(
    tolerance: &ToleranceLimits,
    accepted: &ToleranceLimits,
    process: &Process,
    standard: f64,
) -> Result<GlobalRisk> {
    let mean = number("the mean of the process", process.mean)?;
    let deviation = positive("the deviation of the process", process.deviation)?;
    let standard = positive("the standard uncertainty", standard)? / deviation;
    let scaled = |limit: f64| (limit - mean) / deviation;
    let of =
        |limits: &ToleranceLimits| (scaled(limits.as_floats().0), scaled(limits.as_floats().1));
    let joint = Joint { tolerance: of(tolerance), accepted: of(accepted), standard };
    let accepting = |value: f64| normal_density(value) * joint.accepted_at(value);
    let rejecting = |value: f64| normal_density(value) * joint.rejected_at(value);
    let (lower, upper) = joint.tolerance;
    let outside = joint.integral(accepting, -FAR, lower) + joint.integral(accepting, upper, FAR);
    Ok(GlobalRisk {
        false_accept: finite("the probability of false accept", outside)?,
        false_reject: finite(
            "the probability of false reject",
            joint.integral(rejecting, lower, upper),
        )?,
    })
}

/// Everything in standard deviations of the process, about its mean.
struct Joint {
    tolerance: (f64, f64),
    accepted: (f64, f64),
    standard: f64,
}

impl Joint {
    fn accepted_at(&self, value: f64) -> f64 {
        let (lower, upper) = self.accepted;
        let [lower, upper] = [lower, upper].map(|limit| (limit - value) / self.standard);
        // The smaller tails, so that far out nothing cancels.
        if lower > 0.0 {
            normal_cdf(-lower) - normal_cdf(-upper)
        } else {
            normal_cdf(upper) - normal_cdf(lower)
        }
    }

    fn rejected_at(&self, value: f64) -> f64 {
        let (lower, upper) = self.accepted;
        normal_cdf((lower - value) / self.standard) + normal_cdf((value - upper) / self.standard)
    }

    /// In pieces between the places where acceptance sets in and ends.
    fn integral(&self, function: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
        let (from, to) = (from.clamp(-FAR, FAR), to.clamp(-FAR, FAR));
        let (lower, upper) = self.accepted;
        let edges = [lower, upper].into_iter().filter(|edge| edge.is_finite());
        let around =
            |edge: f64| [-8.0, -3.0, 0.0, 3.0, 8.0].map(|steps| edge + steps * self.standard);
        let mut cuts: Vec<f64> = edges.flat_map(around).chain([from, to, 0.0]).collect();
        cuts.retain(|cut| (from..=to).contains(cut));
        cuts.sort_by(f64::total_cmp);
        let rule = Rule::new();
        let pieces = cuts.iter().zip(cuts.iter().skip(1));
        pieces.map(|(low, high)| rule.integrate(&function, *low, *high, PANELS)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{DecisionRule, ResultUncertainty};

    fn limits(lower: Option<&str>, upper: Option<&str>) -> ToleranceLimits {
        let [lower, upper] = [lower, upper].map(|limit| limit.map(|text| text.parse().unwrap()));
        ToleranceLimits::new(lower, upper).unwrap()
    }

    /// JCGM 106:2012, examples of clause 7: a Zener diode conforms with 0.92, an oil with 0.66; and a process
    /// N(10, 0.4) within 9 to 11: 1.242 % outside, Cpk 0.8333.
    #[test]
    fn specific_risks_are_the_published_ones() {
        let zener = specific_risk(&limits(None, Some("-5.40")), -5.47, 0.05).unwrap();
        assert!((1.0 - zener - 0.92).abs() < 0.005, "{zener}");
        let oil = specific_risk(&limits(Some("12.5"), Some("16.3")), 13.6, 1.8).unwrap();
        assert!((1.0 - oil - 0.66).abs() < 0.005, "{oil}");
        let process = specific_risk(&limits(Some("9"), Some("11")), 10.0, 0.4).unwrap();
        assert!((process - 0.01242).abs() < 5e-6, "{process}");
    }

    /// Deaver, NCSL 1993: limits at two standard deviations of the process, ratio 4: 0.8 % and 1.5 %.
    #[test]
    fn global_risks_are_deavers() {
        let both = limits(Some("-2"), Some("2"));
        let process = Process { mean: 0.0, deviation: 1.0 };
        let found = global_risk(&both, &both, &process, 0.25).unwrap();
        assert!((found.false_accept - 0.008).abs() < 5e-5, "{found:?}");
        assert!((found.false_reject - 0.015).abs() < 2e-4, "{found:?}");
    }

    /// JCGM 106:2012, an example of 9.5: resistors of 1500 ohm ± 0.2 ohm, u0 0.12, um 0.04, accepted within
    /// ± 0.18 ohm: consumer's risk 1 %, producer's risk 7 %.
    #[test]
    fn global_risks_are_those_of_jcgm_106() {
        let tolerance = limits(Some("1499.8"), Some("1500.2"));
        let accepted = limits(Some("1499.82"), Some("1500.18"));
        let process = Process { mean: 1500.0, deviation: 0.12 };
        let found = global_risk(&tolerance, &accepted, &process, 0.04).unwrap();
        assert!((found.false_accept - 0.01).abs() < 0.0005, "{found:?}");
        assert!((found.false_reject - 0.07).abs() < 0.005, "{found:?}");
    }

    /// What method 6 is made for: below 2 % whatever the process, at its worst just there.
    #[test]
    fn method_6_holds_two_per_cent() {
        let tolerance = limits(Some("-1"), Some("1"));
        for ratio in [1.5, 2.0, 3.0, 4.0] {
            let uncertainty = ResultUncertainty::from_expanded(1.0 / ratio).unwrap();
            let accepted = DecisionRule::Z540Method6.acceptance(&tolerance, &uncertainty).unwrap();
            let risk = |deviation: f64| {
                let process = Process { mean: 0.0, deviation };
                let standard = uncertainty.standard();
                let found = global_risk(&tolerance, accepted.accepted(), &process, standard);
                found.unwrap().false_accept
            };
            let worst = (2..60).map(|step| risk(f64::from(step) * 0.05)).fold(0.0, f64::max);
            assert!((0.017..=0.0202).contains(&worst), "{ratio}: {worst}");
        }
    }

    /// Sharp or blunt, the two integrals are a part of the whole.
    #[test]
    fn extremes_stay_probabilities() {
        let both = limits(Some("-1"), Some("1"));
        let process = Process { mean: 0.3, deviation: 2.0 };
        let sharp = global_risk(&both, &both, &process, 1e-9).unwrap();
        assert!(sharp.false_accept < 1e-8 && sharp.false_reject < 1e-8, "{sharp:?}");
        let blunt = global_risk(&both, &both, &process, 1e3).unwrap();
        let inside = 1.0 - specific_risk(&both, 0.3, 2.0).unwrap();
        assert!((blunt.false_reject - inside).abs() < 1e-3, "{blunt:?} {inside}");
        let one = limits(None, Some("1"));
        assert!(global_risk(&one, &one, &process, 0.5).unwrap().false_accept > 0.0);
        for (mean, deviation, standard) in
            [(f64::NAN, 1.0, 1.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (0.0, 1.0, f64::NAN)]
        {
            assert!(global_risk(&both, &both, &Process { mean, deviation }, standard).is_err());
        }
        assert!(specific_risk(&both, 0.0, 0.0).is_err());
    }
}
