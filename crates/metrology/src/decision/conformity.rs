//! What a rule says of a result.

pub use bench_model::Conformity;
use exact_decimal::Decimal;

use super::ToleranceLimits;

/// The limits that a rule compares a result with.
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptanceLimits {
    pub(crate) tolerance: ToleranceLimits,
    pub(crate) accepted: ToleranceLimits,
    pub(crate) fails_beyond: Option<ToleranceLimits>,
    pub(crate) band: f64,
}

impl AcceptanceLimits {
    /// The tolerance itself.
    #[must_use]
    pub fn tolerance(&self) -> &ToleranceLimits {
        &self.tolerance
    }

    /// Within these a result passes.
    #[must_use]
    pub fn accepted(&self) -> &ToleranceLimits {
        &self.accepted
    }

    /// Beyond these a result fails; between them and the accepted ones it does so conditionally. None: whatever
    /// does not pass fails.
    #[must_use]
    pub fn fails_beyond(&self) -> Option<&ToleranceLimits> {
        self.fails_beyond.as_ref()
    }

    /// The width of the guard band, in the unit of the limits.
    #[must_use]
    pub fn guard_band(&self) -> f64 {
        self.band
    }

    /// What is stated of a result. A result on a limit is within it.
    #[must_use]
    pub fn conformity(&self, result: &Decimal) -> Conformity {
        if self.accepted.holds(result) {
            return Conformity::Pass;
        }
        match &self.fails_beyond {
            Some(_) if self.tolerance.holds(result) => Conformity::ConditionalPass,
            Some(outer) if outer.holds(result) => Conformity::ConditionalFail,
            _ => Conformity::Fail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{DecisionRule, ResultUncertainty};

    fn stated(rule: DecisionRule, result: &str) -> Conformity {
        let [lower, upper] = ["4.95", "5.05"].map(|text| text.parse().ok());
        let limits = ToleranceLimits::new(lower, upper).unwrap();
        let uncertainty = ResultUncertainty::from_expanded(0.01).unwrap();
        rule.acceptance(&limits, &uncertainty).unwrap().conformity(&result.parse().unwrap())
    }

    /// On each limit exactly: no float rounds a result out of it.
    #[test]
    fn four_statements_of_the_non_binary_rule() {
        for (result, wanted) in [
            ("5.04", Conformity::Pass),
            ("4.96", Conformity::Pass),
            ("5.0400001", Conformity::ConditionalPass),
            ("5.05", Conformity::ConditionalPass),
            ("5.0500001", Conformity::ConditionalFail),
            ("4.94", Conformity::ConditionalFail),
            ("4.9399999", Conformity::Fail),
            ("5.0600001", Conformity::Fail),
        ] {
            assert_eq!(stated(DecisionRule::NonBinary, result), wanted, "{result}");
        }
    }

    #[test]
    fn two_statements_of_the_others() {
        for (rule, result, wanted) in [
            (DecisionRule::Simple, "5.05", Conformity::Pass),
            (DecisionRule::Simple, "5.0500001", Conformity::Fail),
            (DecisionRule::IlacG8, "5.04", Conformity::Pass),
            (DecisionRule::IlacG8, "5.0400001", Conformity::Fail),
            (DecisionRule::Iso14253, "5.04175", Conformity::Pass),
            (DecisionRule::Iso14253, "5.0417501", Conformity::Fail),
        ] {
            assert_eq!(stated(rule, result), wanted, "{rule:?} {result}");
        }
        assert!(Conformity::Pass < Conformity::Fail);
    }
}
