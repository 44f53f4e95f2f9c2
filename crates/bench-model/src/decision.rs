//! How measurement uncertainty counted when a result was judged.

use exact_decimal::Decimal;

use crate::limit::Limit;
use crate::quantity::Quantity;
use crate::value::Measured;
use crate::verdict::{Judgement, Verdict};

/// What is stated of a result, from best to worst (ILAC-G8:09/2019, 4.2.3). Rules that are not the non-binary one
/// state the first and the last alone.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Conformity {
    /// Within the acceptance limits.
    Pass,
    /// Within the tolerance, but within the guard band.
    ConditionalPass,
    /// Outside the tolerance, but by less than the guard band.
    ConditionalFail,
    /// Outside.
    Fail,
}

impl Conformity {
    /// How it is said.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::ConditionalPass => "conditional pass",
            Self::ConditionalFail => "conditional fail",
            Self::Fail => "fail",
        }
    }

    /// Whether it needs to be said beside the verdict.
    #[must_use]
    pub fn is_conditional(self) -> bool {
        matches!(self, Self::ConditionalPass | Self::ConditionalFail)
    }
}

/// The rule by which a result was judged, and all that the rule went by: with the limit and the reading it gives the
/// verdict again.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Decision {
    /// The rule's word: `simple`, `ilac_g8_w_u`.
    pub rule: String,
    /// The limit less the guard band, within which a result passes; none: the limit itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Limit>,
    /// Of a rule with conditional statements: beyond this a result fails for certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails_beyond: Option<Limit>,
    /// The width of the guard band inside each bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard_band: Option<Quantity>,
    /// Why nothing can be said by this rule: what it goes by is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
    /// What is stated, where a number was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conformity: Option<Conformity>,
    /// How uncertain the result is, where the plan states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Box<StatedUncertainty>>,
    /// The test uncertainty ratio: half of the tolerance over U; none of one bound alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_uncertainty_ratio: Option<Decimal>,
    /// Of a result that passed: the probability that the true value lies outside the limit, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_accept: Option<Decimal>,
    /// Of a result that failed: the probability that the true value lies inside the limit, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_reject: Option<Decimal>,
    /// What goes wrong with items of the process that the plan states, before any of them is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global: Option<Box<GlobalRisks>>,
}

/// The probabilities that an item of a process is decided on wrongly by a rule (JCGM 106:2012, 9.5).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct GlobalRisks {
    /// The mean of the process.
    pub mean: Quantity,
    /// Its standard deviation.
    pub deviation: Quantity,
    /// That an item does not conform and is accepted, 0 to 1: the consumer's risk.
    pub false_accept: Decimal,
    /// That an item conforms and is rejected, 0 to 1: the producer's risk.
    pub false_reject: Decimal,
}

/// How uncertain a result is, and what that was made of.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StatedUncertainty {
    /// Where it comes from: `data_sheet`, `budget`, `value`.
    pub source: String,
    /// The combined standard uncertainty u.
    pub standard: Quantity,
    /// The expanded uncertainty U = k u.
    pub expanded: Quantity,
    /// The coverage factor k.
    pub factor: Decimal,
    /// The probability that U covers, 0 to 1.
    pub coverage: Decimal,
    /// The effective degrees of freedom; none: infinitely many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freedom: Option<Decimal>,
    /// What it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<UncertaintyComponent>,
}

/// One line of an uncertainty budget.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct UncertaintyComponent {
    /// What it is called.
    pub name: String,
    /// `A`: from the scatter of readings; `B`: from anything else.
    pub kind: String,
    /// Its distribution: `normal`, `rectangular`.
    pub distribution: String,
    /// Its standard uncertainty, in its own unit.
    pub standard: Quantity,
    /// Unit of the result per unit of the input.
    pub sensitivity: Quantity,
    /// What it comes from, where other results may come from the same: `dmm dc_voltage 10 V`. Components of one
    /// source move together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Degrees of freedom; none: infinitely many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freedom: Option<Decimal>,
    /// Its part of the combined variance, 0 to 1; of correlated ones a part may lie below.
    pub share: Decimal,
}

impl Decision {
    /// Within the limit is within the limit: no guard band.
    #[must_use]
    pub fn simple() -> Self {
        Self { rule: "simple".to_owned(), ..Self::default() }
    }

    /// The limit that gives the verdict: the acceptance limit, or the limit itself where the rule states conditional
    /// passes.
    #[must_use]
    pub fn judging<'a>(&'a self, limit: &'a Limit) -> &'a Limit {
        match (&self.accepted, &self.fails_beyond) {
            (Some(accepted), None) => accepted,
            _ => limit,
        }
    }

    /// Judges by the rule. [`Limit::judge`] makes the verdict, unless nothing can be said.
    #[must_use]
    pub fn judge(&self, limit: &Limit, measured: &Measured) -> Judgement {
        if let Some(why) = &self.undecided {
            return Judgement::inconclusive(why.clone());
        }
        self.judging(limit).judge(measured)
    }

    /// What is stated of a number by the rule; none of what neither passes nor fails.
    #[must_use]
    pub fn stated(&self, limit: &Limit, measured: &Measured) -> Option<Conformity> {
        let accepted = self.accepted.as_ref().unwrap_or(limit);
        let passes = |limit: &Limit| limit.judge(measured).verdict() == Verdict::Pass;
        match self.judge(limit, measured).verdict() {
            Verdict::Pass if passes(accepted) => Some(Conformity::Pass),
            Verdict::Pass => Some(Conformity::ConditionalPass),
            Verdict::Fail if self.fails_beyond.as_ref().is_some_and(passes) => {
                Some(Conformity::ConditionalFail)
            }
            Verdict::Fail => Some(Conformity::Fail),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Bound;
    use crate::unit::Unit;

    fn range(low: &str, high: &str) -> Limit {
        let [low, high] = [low, high].map(|at| Some(Bound::inclusive(at.parse().unwrap())));
        Limit::Range { low, high, unit: Unit::volt() }
    }

    fn volts(text: &str) -> Measured {
        Measured::number(text.parse().unwrap(), Unit::volt())
    }

    #[test]
    fn the_rule_says_which_limit_gives_the_verdict() {
        let limit = range("4.95", "5.05");
        let guarded = Decision { accepted: Some(range("4.96", "5.04")), ..Decision::simple() };
        let non_binary = Decision { fails_beyond: Some(range("4.94", "5.06")), ..guarded.clone() };
        let undecided = Decision { undecided: Some("no data sheet".into()), ..guarded.clone() };
        for (decision, value, verdict, stated) in [
            (&undecided, "5", Verdict::Inconclusive, None),
            (&Decision::simple(), "5.05", Verdict::Pass, Some(Conformity::Pass)),
            (&Decision::simple(), "5.051", Verdict::Fail, Some(Conformity::Fail)),
            (&guarded, "5.04", Verdict::Pass, Some(Conformity::Pass)),
            (&guarded, "5.05", Verdict::Fail, Some(Conformity::Fail)),
            (&non_binary, "5.04", Verdict::Pass, Some(Conformity::Pass)),
            (&non_binary, "5.05", Verdict::Pass, Some(Conformity::ConditionalPass)),
            (&non_binary, "5.06", Verdict::Fail, Some(Conformity::ConditionalFail)),
            (&non_binary, "5.0601", Verdict::Fail, Some(Conformity::Fail)),
            (&non_binary, "Infinity", Verdict::Fail, Some(Conformity::Fail)),
            (&non_binary, "NaN", Verdict::Inconclusive, None),
        ] {
            let measured = volts(value);
            assert_eq!(decision.judge(&limit, &measured).verdict(), verdict, "{value}");
            assert_eq!(decision.stated(&limit, &measured), stated, "{value}");
        }
    }

    #[test]
    fn a_decision_survives_json_and_is_short_where_it_is_simple() {
        let json = serde_json::to_string(&Decision::simple()).unwrap();
        assert_eq!(json, r#"{"rule":"simple"}"#);
        assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), Decision::simple());
    }
}
