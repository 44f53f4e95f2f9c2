//! Decision rules with their limits and uncertainties, and what they come to before anything is read: a rule that
//! cannot decide is a fault, one that decides on shaky ground a warning.

use std::sync::Arc;

use bench_model::{Decimal, Limit};
use metrology::decision::{TUR_REFUSED_BELOW, TUR_WARNED_BELOW, ToleranceLimits};

use crate::operation::{PlannedLimit, ReadingSpec};
use crate::reading::{BudgetLineDraft, InputDraft};
use crate::source::Span;
use crate::step::{DecisionDraft, UncertaintyDraft};
use crate::uncertainty::{
    BudgetInput, BudgetLine, Circumstances, CorrectedFrom, Evaluated, PlannedBudget,
    PlannedDecision, UncertaintySource,
};

use super::Expander;

/// What the plan asks for as the temperature around the bench.
pub const AMBIENT: &str = "ambient";

impl Expander<'_, '_> {
    /// The decision at a point; simple acceptance where the draft is broken, which is noted.
    pub(super) fn decision(
        &mut self,
        draft: &DecisionDraft,
        reading: &ReadingSpec,
        limit: Option<&PlannedLimit>,
    ) -> PlannedDecision {
        let uncertainty = draft.uncertainty.as_ref();
        let uncertainty = uncertainty.and_then(|draft| self.source_of(draft, reading));
        let unit = reading.unit();
        let process = draft.process.as_ref().and_then(|own| self.process(own, &unit));
        let decision = PlannedDecision { rule: draft.rule, uncertainty, process };
        if let (Some(source), Some(planned)) = (&decision.uncertainty, limit) {
            self.foresee(draft, source, reading, planned);
        }
        decision
    }

    fn source_of(
        &mut self,
        draft: &UncertaintyDraft,
        reading: &ReadingSpec,
    ) -> Option<UncertaintySource> {
        match draft {
            UncertaintyDraft::DataSheet(_) => Some(UncertaintySource::DataSheet),
            UncertaintyDraft::Budget(_) => {
                self.budget(&reading.name).map(|own| UncertaintySource::Budget(Arc::new(own)))
            }
            UncertaintyDraft::Value(amount) => {
                let unit = reading.unit();
                let value = self.resolved(|resolver| resolver.positive(amount, &unit));
                value.map(UncertaintySource::Value)
            }
        }
    }

    fn budget(&mut self, reading: &str) -> Option<PlannedBudget> {
        let drafts = &self.plan.readings.get(reading)?.budget;
        let lines: Vec<_> = drafts.iter().filter_map(|draft| self.budget_line(draft)).collect();
        let index = |name: &str| drafts.iter().position(|draft| draft.name == name);
        let correlations = drafts.iter().enumerate().filter_map(|(own, draft)| {
            let (with, coefficient) = draft.correlated.as_ref()?;
            Some((own, index(with)?, coefficient.clone()))
        });
        let correlations = correlations.collect();
        (lines.len() == drafts.len()).then_some(PlannedBudget { lines, correlations })
    }

    fn budget_line(&mut self, draft: &BudgetLineDraft) -> Option<BudgetLine> {
        let input = match &draft.input {
            InputDraft::DataSheet => BudgetInput::DataSheet,
            InputDraft::Standard(own) => {
                BudgetInput::Standard(self.resolved(|resolver| resolver.any(own))?)
            }
            InputDraft::Within(own) => {
                BudgetInput::Within(self.resolved(|resolver| resolver.any(own))?)
            }
            InputDraft::Expanded(own, factor) => {
                let own = self.resolved(|resolver| resolver.any(own))?;
                BudgetInput::Expanded(own, factor.clone())
            }
        };
        Some(BudgetLine {
            name: draft.name.clone(),
            input,
            shape: draft.shape,
            sensitivity: draft.sensitivity.clone(),
            freedom: draft.freedom.clone(),
        })
    }

    /// What the decision will be like, the scatter of readings left out, at the bound that lies farthest from zero.
    fn foresee(
        &mut self,
        draft: &DecisionDraft,
        source: &UncertaintySource,
        reading: &ReadingSpec,
        planned: &PlannedLimit,
    ) {
        let Some(farthest) = farthest(&planned.limit) else {
            if draft.rule.needs_uncertainty() {
                let message = format!(
                    "'{}' has no bounds inside which a guard band could lie; the rule 'simple' is wanted",
                    planned.limit
                );
                self.fault(&draft.span, message);
            }
            return;
        };
        let accuracy = (self.inputs.accuracy_of)(&reading.role, reading.settings.function);
        if source.needs_data_sheet() && accuracy.is_none() {
            return;
        }
        let celsius = self.ambient.clone();
        let numbers = reading.numbers_stated();
        let corrected = CorrectedFrom::of(reading, &farthest, &numbers);
        let evaluated = source.evaluate(&Circumstances {
            reading: &farthest,
            unit: &reading.unit(),
            corrected: corrected.as_ref(),
            range: reading.settings.range.as_ref(),
            accuracy,
            celsius: celsius.as_ref(),
            scatter: None,
            source: None,
        });
        let span = draft.uncertainty.as_ref().map_or(&draft.span, |own| own.span());
        match evaluated {
            Ok(evaluated) => self.foresee_ratio(draft, span, &evaluated, planned),
            Err(error) => self.fault(span, error.to_string()),
        }
    }

    fn foresee_ratio(
        &mut self,
        draft: &DecisionDraft,
        span: &Span,
        evaluated: &Evaluated,
        planned: &PlannedLimit,
    ) {
        let tolerance = ToleranceLimits::of(&planned.limit);
        let ratio = tolerance.and_then(|own| own.test_uncertainty_ratio(&evaluated.result));
        let said = |ratio: f64| {
            format!(
                "the test uncertainty ratio is {ratio:.2}: U is {} for {}",
                evaluated.stated.expanded.for_display(2),
                planned.limit
            )
        };
        match ratio {
            Ok(ratio) if ratio < TUR_REFUSED_BELOW => {
                let message = format!("{}; below 1 nothing can be decided", said(ratio));
                self.fault(span, message);
                return;
            }
            Ok(ratio) if ratio < TUR_WARNED_BELOW => {
                self.warn(span, ratio, format!("{}; 4 or more is wanted", said(ratio)));
            }
            _ => {}
        }
        if let Err(error) = draft.rule.decision(&planned.limit, Some(&evaluated.result)) {
            self.fault(&draft.span, format!("the rule '{}': {error}", draft.rule.word()));
        }
    }
}

/// The bound farthest from zero, in base units.
fn farthest(limit: &Limit) -> Option<Decimal> {
    let Limit::Range { low, high, unit } = limit else { return None };
    let bounds = low.iter().chain(high).filter_map(|bound| unit.to_base(&bound.value));
    bounds.map(|bound| bound.abs()).max()
}
