//! Decision rules and the guard band of each.

use super::{AcceptanceLimits, ToleranceLimits};
use crate::error::{Result, domain, not_negative, positive};

/// Below this test uncertainty ratio somebody should be warned.
pub const TUR_WARNED_BELOW: f64 = 4.0;

/// Below this test uncertainty ratio nothing can be decided.
pub const TUR_REFUSED_BELOW: f64 = 1.0;

/// The factor that gives 95 % conformance to one limit, as ISO 14253-1 rounds it.
const ONE_SIDED_95: f64 = 1.65;

/// How measurement uncertainty is accounted for when conformity is stated (ISO/IEC 17025:2017, 7.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DecisionRule {
    /// Accepted within the tolerance: no guard band (ILAC-G8:09/2019, 4.2.1). On a limit the risk is a half.
    #[default]
    Simple,
    /// Accepted when U within the tolerance: w = U (ILAC-G8:09/2019, 4.2.2). The risk of accepting what
    /// does not conform is below 2.5 %.
    IlacG8,
    /// As [`IlacG8`](Self::IlacG8), with words for what lies within U of a limit (ILAC-G8:09/2019, 4.2.3).
    NonBinary,
    /// Conformance proved with 95 %: w = 1.65 u (ISO 14253-1:2017).
    Iso14253,
    /// The probability of false accept held below 2 %: w = U (1.04 - exp(0.38 ln TUR - 0.54)), none above
    /// TUR 4.6 (ANSI/NCSL Z540.3-2006 Handbook, method 6; Dobbert, NCSLI 2008).
    Z540Method6,
    /// w = T - sqrt(T^2 - U^2), T being half of the tolerance (root difference of squares; NCSLI RP-10).
    RootDifference,
}

/// How uncertain a result is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResultUncertainty {
    standard: f64,
    expanded: f64,
}

impl ResultUncertainty {
    /// A standard uncertainty u and the expanded one U for 95 %, both in the unit of the result.
    ///
    /// # Errors
    /// When one is negative or not finite, and when U is below u.
    pub fn new(standard: f64, expanded: f64) -> Result<Self> {
        let standard = not_negative("a standard uncertainty", standard)?;
        let expanded = not_negative("an expanded uncertainty", expanded)?;
        let wanted = "not below the standard uncertainty";
        domain("an expanded uncertainty", expanded, expanded >= standard, wanted)?;
        Ok(Self { standard, expanded })
    }

    /// An expanded uncertainty U for 95 % with k = 2.
    ///
    /// # Errors
    /// When it is negative or not finite.
    pub fn from_expanded(expanded: f64) -> Result<Self> {
        Self::new(expanded / 2.0, expanded)
    }

    /// u, in the unit of the result.
    #[must_use]
    pub fn standard(&self) -> f64 {
        self.standard
    }

    /// U, in the unit of the result.
    #[must_use]
    pub fn expanded(&self) -> f64 {
        self.expanded
    }
}

impl ToleranceLimits {
    /// The test uncertainty ratio: the span of the tolerance over twice U (ANSI/NCSL Z540.3-2006).
    ///
    /// # Errors
    /// Of one limit alone, and when U is 0.
    pub fn test_uncertainty_ratio(&self, uncertainty: &ResultUncertainty) -> Result<f64> {
        Ok(self.half_span()? / positive("the expanded uncertainty", uncertainty.expanded)?)
    }
}

impl DecisionRule {
    /// All of them, with the word of each.
    pub const ALL: [(&'static str, Self); 6] = [
        ("simple", Self::Simple),
        ("ilac_g8_w_u", Self::IlacG8),
        ("non_binary", Self::NonBinary),
        ("iso_14253_1", Self::Iso14253),
        ("z540_3_method_6", Self::Z540Method6),
        ("root_difference_of_squares", Self::RootDifference),
    ];

    /// The one of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == word).map(|(_, rule)| *rule)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, own)| *own == self).map_or("", |(word, _)| word)
    }

    /// What it means, for reports.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Simple => {
                "Simple acceptance (ILAC-G8:09/2019, 4.2.1): no guard band; on a bound the risk of a wrong decision \
                 is one half."
            }
            Self::IlacG8 => {
                "Guard band of U inside each bound (ILAC-G8:09/2019, 4.2.2): the risk of accepting what does not \
                 conform is below 2.5 %."
            }
            Self::NonBinary => {
                "Guard bands of U on both sides of each bound (ILAC-G8:09/2019, 4.2.3): within U of a bound a result \
                 passes or fails conditionally; a conditional pass counts as PASS, a conditional fail as FAIL."
            }
            Self::Iso14253 => {
                "Guard band of 1.65 u inside each bound: conformity is proved with 95 % (ISO 14253-1)."
            }
            Self::Z540Method6 => {
                "Guard band by the test uncertainty ratio, which keeps the probability of false accept below 2 % \
                 (ANSI/NCSL Z540.3, method 6)."
            }
            Self::RootDifference => {
                "Acceptance limits at the root of the difference of the squares of tolerance and U."
            }
        }
    }

    /// Whether it has to know how uncertain a result is.
    #[must_use]
    pub fn needs_uncertainty(self) -> bool {
        self != Self::Simple
    }

    /// The width of its guard band inside each limit, in the unit of the limits.
    ///
    /// # Errors
    /// For method 6 and the root difference: of one limit alone, and below a test uncertainty ratio of 1.
    pub fn guard_band(
        self,
        limits: &ToleranceLimits,
        uncertainty: &ResultUncertainty,
    ) -> Result<f64> {
        match self {
            Self::Simple => Ok(0.0),
            Self::IlacG8 | Self::NonBinary => Ok(uncertainty.expanded),
            Self::Iso14253 => Ok(ONE_SIDED_95 * uncertainty.standard),
            Self::Z540Method6 | Self::RootDifference if uncertainty.expanded == 0.0 => Ok(0.0),
            Self::Z540Method6 => {
                let ratio = limits.test_uncertainty_ratio(uncertainty)?;
                Ok(uncertainty.expanded * method_6_multiplier(ratio)?)
            }
            Self::RootDifference => {
                let ratio = limits.test_uncertainty_ratio(uncertainty)?;
                Ok(limits.half_span()? * (1.0 - root_difference_factor(ratio)?))
            }
        }
    }

    /// The limits that a result is compared with: the tolerance less the guard band. The band is turned once into
    /// its shortest decimal; from there on all is exact.
    ///
    /// # Errors
    /// As [`guard_band`](Self::guard_band), and when nothing is left between the bands.
    pub fn acceptance(
        self,
        limits: &ToleranceLimits,
        uncertainty: &ResultUncertainty,
    ) -> Result<AcceptanceLimits> {
        let band = self.guard_band(limits, uncertainty)?;
        let accepted = limits.narrowed(band)?;
        let fails_beyond = match self {
            Self::NonBinary => Some(limits.narrowed(-uncertainty.expanded)?),
            _ => None,
        };
        Ok(AcceptanceLimits { tolerance: limits.clone(), accepted, fails_beyond, band })
    }
}

/// The multiplier of U in method 6: 1.04 - exp(0.38 ln TUR - 0.54), never below 0.
///
/// # Errors
/// Below a ratio of 1.
pub fn method_6_multiplier(ratio: f64) -> Result<f64> {
    let ratio = usable(ratio)?;
    Ok((1.04 - (0.38 * ratio.ln() - 0.54).exp()).max(0.0))
}

/// What the root difference of squares leaves of a tolerance: sqrt(1 - 1 / TUR^2).
///
/// # Errors
/// Below a ratio of 1.
pub fn root_difference_factor(ratio: f64) -> Result<f64> {
    let ratio = usable(ratio)?;
    Ok((1.0 - 1.0 / (ratio * ratio)).sqrt())
}

fn usable(ratio: f64) -> Result<f64> {
    let holds = ratio.is_finite() && ratio >= TUR_REFUSED_BELOW;
    domain("the test uncertainty ratio", ratio, holds, "1 or above")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(value: &str, half: &str) -> ToleranceLimits {
        let [value, half] =
            [value, half].map(|text| text.parse::<exact_decimal::Decimal>().unwrap());
        let lower = value.checked_sub(&half).unwrap();
        ToleranceLimits::new(Some(lower), value.checked_add(&half).ok()).unwrap()
    }

    /// ANSI/NCSL Z540.3 Handbook, method 6, and the root difference of squares, by their test uncertainty ratio.
    #[test]
    fn factors_are_the_published_ones() {
        for (ratio, wanted) in
            [(1.5, 0.3602), (2.0, 0.2816), (3.0, 0.1553), (4.0, 0.0531), (5.0, 0.0)]
        {
            let found = method_6_multiplier(ratio).unwrap();
            assert!((found - wanted).abs() <= 6e-5, "{ratio}: {found}");
        }
        for (ratio, wanted) in [(2.0, 0.8660), (4.0, 0.9682)] {
            let found = root_difference_factor(ratio).unwrap();
            assert!((found - wanted).abs() <= 5e-5, "{ratio}: {found}");
        }
        for ratio in [0.99, f64::NAN, f64::INFINITY] {
            assert!(method_6_multiplier(ratio).is_err() && root_difference_factor(ratio).is_err());
        }
    }

    /// A 34401A at 10 V verified with a 5560A (U 75 uV), microvolts: 24-hour and 1-year limits.
    #[test]
    fn acceptance_limits_of_a_multimeter() {
        let uncertainty = ResultUncertainty::from_expanded(75.0).unwrap();
        let day = about("0", "190");
        assert!((day.test_uncertainty_ratio(&uncertainty).unwrap() - 2.53).abs() < 0.005);
        for (rule, wanted) in [
            (DecisionRule::Simple, 190.0),
            (DecisionRule::Z540Method6, 174.2),
            (DecisionRule::RootDifference, 174.5),
            (DecisionRule::Iso14253, 128.1),
            (DecisionRule::IlacG8, 115.0),
            (DecisionRule::NonBinary, 115.0),
        ] {
            let found = rule.acceptance(&day, &uncertainty).unwrap();
            let upper = found.accepted.upper().unwrap().to_f64();
            assert!((upper - wanted).abs() <= 0.08, "{rule:?}: {upper}");
            assert_eq!(found.accepted.lower().unwrap().to_f64(), -upper);
        }
        let year = about("0", "400");
        let found = DecisionRule::Z540Method6.acceptance(&year, &uncertainty).unwrap();
        assert_eq!(found.accepted, year, "ratio 5.33: no guard band");
    }

    #[test]
    fn what_a_rule_cannot_do_is_an_error() {
        let wide = ResultUncertainty::from_expanded(2.0).unwrap();
        let narrow = about("0", "1");
        for (_, rule) in DecisionRule::ALL.into_iter().filter(|(_, rule)| rule.needs_uncertainty())
        {
            assert!(rule.acceptance(&narrow, &wide).is_err(), "{rule:?}");
        }
        let one = ToleranceLimits::new(None, narrow.upper().cloned()).unwrap();
        assert!(DecisionRule::Z540Method6.acceptance(&one, &wide).is_err());
        assert!(DecisionRule::Iso14253.acceptance(&one, &wide).is_ok());
        let certain = ResultUncertainty::from_expanded(0.0).unwrap();
        assert_eq!(DecisionRule::Z540Method6.guard_band(&narrow, &certain), Ok(0.0));
        assert!(ResultUncertainty::new(2.0, 1.0).is_err());
        assert!(ResultUncertainty::from_expanded(f64::NAN).is_err());
    }

    #[test]
    fn words_are_of_one_rule_each() {
        for (word, rule) in DecisionRule::ALL {
            assert_eq!((DecisionRule::named(word), rule.word()), (Some(rule), word));
        }
        assert_eq!(DecisionRule::named("guess"), None);
    }
}
