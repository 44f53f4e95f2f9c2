//! A rule applied to a limit: the decision that is recorded with a result.

use bench_model::{Bound, Decision, GlobalRisks, Limit, Measured, Quantity, Unit, Verdict};
use exact_decimal::Decimal;

use super::{
    AcceptanceLimits, DecisionRule, Process, ResultUncertainty, ToleranceLimits, global_risk,
    specific_risk,
};
use crate::error::{Result, StatisticsError};

impl ToleranceLimits {
    /// The bounds of a limit, in its unit.
    ///
    /// # Errors
    /// When it is no range of numbers, and when both its bounds are the same.
    pub fn of(limit: &Limit) -> Result<Self> {
        let Limit::Range { low, high, .. } = limit else {
            let missing = "a limit between bounds";
            return Err(StatisticsError::Missing { what: "a tolerance", missing });
        };
        let bound = |bound: &Option<Bound>| bound.as_ref().map(|bound| bound.value.clone());
        Self::new(bound(low), bound(high))
    }
}

impl DecisionRule {
    /// The decision by this rule on a limit, with its acceptance limits, for a result that is so uncertain. Bounds
    /// that are themselves outside stay so. The uncertainty is in the unit of the limit.
    ///
    /// # Errors
    /// When the limit is no range, when the rule needs an uncertainty and there is none, and when nothing is left
    /// between the guard bands.
    pub fn decision(
        self,
        limit: &Limit,
        uncertainty: Option<&ResultUncertainty>,
    ) -> Result<Decision> {
        let mut decision = Decision { rule: self.word().to_owned(), ..Decision::default() };
        let Some(uncertainty) = uncertainty else {
            let missing = "an uncertainty";
            let needs = self.needs_uncertainty();
            let refused = StatisticsError::Missing { what: "this decision rule", missing };
            return if needs { Err(refused) } else { Ok(decision) };
        };
        let tolerance = ToleranceLimits::of(limit)?;
        let ratio = tolerance.test_uncertainty_ratio(uncertainty).ok();
        decision.test_uncertainty_ratio = ratio.and_then(Decimal::from_f64_shortest);
        if self.needs_uncertainty() {
            guard(&mut decision, limit, &self.acceptance(&tolerance, uncertainty)?);
        }
        Ok(decision)
    }
}

fn guard(decision: &mut Decision, limit: &Limit, acceptance: &AcceptanceLimits) {
    decision.accepted = moved(limit, acceptance.accepted());
    decision.fails_beyond = acceptance.fails_beyond().and_then(|outer| moved(limit, outer));
    let band = Decimal::from_f64_shortest(acceptance.guard_band());
    decision.guard_band = band.map(|band| Quantity::new(band, unit_of(limit)));
}

/// The same limit with its bounds elsewhere.
fn moved(limit: &Limit, to: &ToleranceLimits) -> Option<Limit> {
    let Limit::Range { low, high, unit } = limit else { return None };
    let moved = |bound: &Option<Bound>, to: Option<&Decimal>| {
        let inclusive = bound.as_ref()?.inclusive;
        Some(Bound { value: to?.clone(), inclusive })
    };
    let (low, high) = (moved(low, to.lower()), moved(high, to.upper()));
    Some(Limit::Range { low, high, unit: unit.clone() })
}

fn unit_of(limit: &Limit) -> Unit {
    match limit {
        Limit::Range { unit, .. } | Limit::OneOf { unit, .. } => unit.clone(),
        _ => Unit::none(),
    }
}

/// Completes a decision with what is stated of the result, and with the probability that this is wrong: the specific
/// risk (JCGM 106:2012, clause 7), nothing being known of the DUT before. The uncertainty is in the unit of the
/// limit.
pub fn state(
    decision: &mut Decision,
    limit: &Limit,
    measured: &Measured,
    uncertainty: Option<&ResultUncertainty>,
) {
    decision.conformity = decision.stated(limit, measured);
    let outside = uncertainty.and_then(|own| outside(limit, measured, own.standard()));
    match decision.judge(limit, measured).verdict() {
        Verdict::Pass => decision.false_accept = outside.and_then(Decimal::from_f64_shortest),
        Verdict::Fail => {
            let inside = outside.map(|outside| 1.0 - outside);
            decision.false_reject = inside.and_then(Decimal::from_f64_shortest);
        }
        _ => {}
    }
}

/// Completes a decision with what goes wrong with items of a process that are decided on so: the global risks
/// (JCGM 106:2012, 9.5). The uncertainty is in the unit of the limit.
///
/// # Errors
/// When the limit is no range, when the process has no unit of the limit, and as [`global_risk`].
pub fn state_global(
    decision: &mut Decision,
    limit: &Limit,
    [mean, deviation]: [&Quantity; 2],
    uncertainty: &ResultUncertainty,
) -> Result<()> {
    let tolerance = ToleranceLimits::of(limit)?;
    let accepted = match &decision.accepted {
        Some(accepted) => ToleranceLimits::of(accepted)?,
        None => tolerance.clone(),
    };
    let unit = unit_of(limit);
    let missing = StatisticsError::Missing { what: "a process", missing: "the unit of the limit" };
    let own =
        |quantity: &Quantity| quantity.to_unit(&unit).map(|own| own.value.to_f64()).ok_or(missing);
    let process = Process { mean: own(mean)?, deviation: own(deviation)? };
    let found = global_risk(&tolerance, &accepted, &process, uncertainty.standard())?;
    let probability = |value: f64| {
        let bounds = StatisticsError::Bounds { what: "a probability" };
        Decimal::from_f64_shortest(value.clamp(0.0, 1.0)).ok_or(bounds)
    };
    decision.global = Some(Box::new(GlobalRisks {
        mean: mean.clone(),
        deviation: deviation.clone(),
        false_accept: probability(found.false_accept)?,
        false_reject: probability(found.false_reject)?,
    }));
    Ok(())
}

/// The probability that the true value lies outside.
fn outside(limit: &Limit, measured: &Measured, standard: f64) -> Option<f64> {
    let tolerance = ToleranceLimits::of(limit).ok()?;
    let own = measured.quantity()?.to_unit(&unit_of(limit))?;
    specific_risk(&tolerance, own.value.to_f64(), standard).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::Conformity;

    fn limit(low: Option<&str>, high: Option<&str>, inclusive: bool) -> Limit {
        let bound = |text: &str| Bound { value: text.parse().unwrap(), inclusive };
        Limit::Range { low: low.map(bound), high: high.map(bound), unit: Unit::volt() }
    }

    fn decided(rule: DecisionRule, limit: &Limit, value: &str) -> Decision {
        let uncertainty = ResultUncertainty::from_expanded(0.01).unwrap();
        let mut decision = rule.decision(limit, Some(&uncertainty)).unwrap();
        let measured = Measured::number(value.parse().unwrap(), Unit::volt());
        state(&mut decision, limit, &measured, Some(&uncertainty));
        decision
    }

    #[test]
    fn a_guard_band_lies_inside_each_bound() {
        let both = limit(Some("4.95"), Some("5.05"), true);
        let found = decided(DecisionRule::IlacG8, &both, "5.041");
        assert_eq!(found.accepted, Some(limit(Some("4.96"), Some("5.04"), true)));
        assert_eq!(found.guard_band.as_ref().unwrap().to_string(), "0.01 V");
        assert_eq!(found.test_uncertainty_ratio, Some("5".parse().unwrap()));
        assert_eq!(found.conformity, Some(Conformity::Fail));
        assert_eq!(found.false_accept, None);
        // 9 mV of 5 mV each: Phi(1.8) = 0.9641 lies inside.
        let inside = found.false_reject.unwrap().to_f64();
        assert!((inside - 0.9641).abs() < 5e-5, "{inside}");
        let open = limit(None, Some("5.05"), false);
        let found = decided(DecisionRule::IlacG8, &open, "5");
        assert_eq!(found.accepted, Some(limit(None, Some("5.04"), false)));
        assert_eq!(
            (found.test_uncertainty_ratio, found.conformity),
            (None, Some(Conformity::Pass))
        );
    }

    #[test]
    fn conditional_statements_keep_the_verdict_of_the_limit() {
        let both = limit(Some("4.95"), Some("5.05"), true);
        let found = decided(DecisionRule::NonBinary, &both, "5.045");
        assert_eq!(found.conformity, Some(Conformity::ConditionalPass));
        assert_eq!(found.fails_beyond, Some(limit(Some("4.94"), Some("5.06"), true)));
        assert!(found.false_accept.unwrap().to_f64() > 0.15);
    }

    #[test]
    fn what_cannot_be_decided_is_an_error() {
        let both = limit(Some("4.95"), Some("5.05"), true);
        assert!(DecisionRule::IlacG8.decision(&both, None).is_err());
        assert_eq!(DecisionRule::Simple.decision(&both, None), Ok(Decision::simple()));
        let wide = ResultUncertainty::from_expanded(0.06).unwrap();
        assert!(DecisionRule::IlacG8.decision(&both, Some(&wide)).is_err());
        assert!(DecisionRule::IlacG8.decision(&Limit::Overload, Some(&wide)).is_err());
    }
}
