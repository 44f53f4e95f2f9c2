//! How computed values are decided on, with the parameters in force.

use bench_model::{Quantity, Unit};
use metrology::decision::{
    ResultUncertainty, TUR_REFUSED_BELOW, TUR_WARNED_BELOW, ToleranceLimits,
};

use crate::operation::PlannedLimit;
use crate::step::{ComputedDecisionDraft, ComputedUncertaintyDraft, ProcessDraft};
use crate::uncertainty::{ComputedDecision, ComputedUncertainty, PlannedProcess};

use super::Expander;

impl Expander<'_, '_> {
    /// The decision on a computed value; simple acceptance where the draft is broken, which is noted.
    pub(super) fn computed_decision(
        &mut self,
        draft: &ComputedDecisionDraft,
        unit: &Unit,
        limit: Option<&PlannedLimit>,
    ) -> ComputedDecision {
        let uncertainty = match &draft.uncertainty {
            Some(ComputedUncertaintyDraft::Propagated(how)) => {
                Some(ComputedUncertainty::Propagated(how.clone()))
            }
            Some(ComputedUncertaintyDraft::Value(amount)) => {
                let value = self.resolved(|resolver| resolver.positive(amount, unit));
                if let (Some(value), Some(limit)) = (&value, limit) {
                    self.foresee_value(draft, value, limit);
                }
                value.map(ComputedUncertainty::Value)
            }
            None => None,
        };
        let process = draft.process.as_ref().and_then(|own| self.process(own, unit));
        ComputedDecision { rule: draft.rule, uncertainty, process }
    }

    pub(super) fn process(&mut self, draft: &ProcessDraft, unit: &Unit) -> Option<PlannedProcess> {
        let mean = self.resolved(|resolver| resolver.quantity(&draft.mean, unit))?;
        let deviation = self.resolved(|resolver| resolver.positive(&draft.deviation, unit))?;
        Some(PlannedProcess { mean, deviation })
    }

    /// The ratio is known before the run where the plan states U.
    fn foresee_value(
        &mut self,
        draft: &ComputedDecisionDraft,
        expanded: &Quantity,
        planned: &PlannedLimit,
    ) {
        let expanded = expanded.to_unit(&unit_of(planned)).map(|own| own.value.to_f64());
        let uncertainty = expanded.and_then(|own| ResultUncertainty::from_expanded(own).ok());
        let Some(uncertainty) = uncertainty else { return };
        let tolerance = ToleranceLimits::of(&planned.limit);
        let ratio = tolerance.and_then(|own| own.test_uncertainty_ratio(&uncertainty));
        let said = |ratio: f64| format!("the test uncertainty ratio is {ratio:.2}");
        match ratio {
            Ok(ratio) if ratio < TUR_REFUSED_BELOW => {
                let message = format!("{}; below 1 nothing can be decided", said(ratio));
                self.fault(&draft.span, message);
            }
            Ok(ratio) if ratio < TUR_WARNED_BELOW => {
                self.warn(&draft.span, ratio, format!("{}; 4 or more is wanted", said(ratio)));
            }
            _ => {}
        }
        if let Err(error) = draft.rule.decision(&planned.limit, Some(&uncertainty)) {
            self.fault(&draft.span, format!("the rule '{}': {error}", draft.rule.word()));
        }
    }
}

/// The unit of a limit between bounds.
fn unit_of(planned: &PlannedLimit) -> Unit {
    match &planned.limit {
        bench_model::Limit::Range { unit, .. } => unit.clone(),
        _ => Unit::none(),
    }
}
