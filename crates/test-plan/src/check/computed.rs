//! How computed values are decided on, and what is known of the items of a process.

use bench_model::{Decimal, Unit};
use metrology::decision::DecisionRule;

use crate::expression::Expression;
use crate::file::Node;
use crate::source::{Located, Span};
use crate::step::{ComputedDecisionDraft, ComputedUncertaintyDraft, LimitDraft, ProcessDraft};
use crate::uncertainty::{MonteCarlo, Propagation};

use super::Checker;

impl Checker<'_> {
    /// The rule of a measurement or a computation.
    pub(super) fn rule(&mut self, node: &Node) -> Located<DecisionRule> {
        let rule = node
            .text("decision_rule")
            .and_then(|text| Some(Located::new(DecisionRule::named(text.value)?, text.span)));
        rule.unwrap_or_else(|| Located::new(DecisionRule::Simple, node.span.clone()))
    }

    /// A rule that goes by an uncertainty needs a limit between bounds.
    pub(super) fn fault_unless_bounded(
        &mut self,
        node: &Node,
        rule: &Located<DecisionRule>,
        limit: Option<&LimitDraft>,
    ) {
        if !node.has("limit") {
            let message = "there is no limit here on which a rule could decide";
            self.fault(&rule.span, message);
        }
        if limit.is_some_and(LimitDraft::is_of_words) {
            let message = "a limit of words has no guard band; the rule 'simple' is wanted";
            self.fault(&rule.span, message);
        }
    }

    /// How a computed value is decided on.
    pub(super) fn computed_decision(
        &mut self,
        node: &Node,
        expression: &Expression,
        limit: Option<&LimitDraft>,
    ) -> ComputedDecisionDraft {
        let rule = self.rule(node);
        if rule.value.needs_uncertainty() {
            if !node.has("uncertainty") {
                let message = format!(
                    "the rule '{}' goes by how uncertain the result is: add uncertainty = \"propagated\" or U itself",
                    rule.value.word()
                );
                self.fault(&rule.span, message);
            }
            self.fault_unless_bounded(node, &rule, limit);
        }
        let uncertainty = self.computed_uncertainty(node, expression);
        let process = self.process(node, expression.unit());
        ComputedDecisionDraft { rule: *rule, uncertainty, process, span: rule.span }
    }

    fn computed_uncertainty(
        &mut self,
        node: &Node,
        expression: &Expression,
    ) -> Option<ComputedUncertaintyDraft> {
        let text = node.text("uncertainty");
        let is_propagated = text.as_ref().is_some_and(|text| text.value == "propagated");
        for key in ["correlation", "monte_carlo"] {
            if node.has(key) && !is_propagated {
                let message = format!("'{key}' is of uncertainty = \"propagated\" alone");
                self.fault(&node.span_of(key), message);
            }
        }
        let span = text?.span;
        if !is_propagated {
            let value = self.positive(node, "uncertainty", expression.unit());
            return value.map(ComputedUncertaintyDraft::Value);
        }
        self.fault_if_unknown(expression, &span);
        let correlation = self.correlation_of_readings(node)?;
        let monte_carlo = self.monte_carlo(node);
        let how = Propagation { correlation, monte_carlo };
        Some(ComputedUncertaintyDraft::Propagated(how))
    }

    fn fault_if_unknown(&mut self, expression: &Expression, span: &Span) {
        let mut unknown: Vec<_> = expression.without_uncertainty().map(str::to_owned).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for path in unknown {
            let name = path.replace('/', ".");
            let message = format!(
                "'{name}' says not how uncertain it is: its measurement wants uncertainty = \"data_sheet\", \
                 \"budget\" or U itself"
            );
            self.fault(span, message);
        }
    }

    fn correlation_of_readings(&mut self, node: &Node) -> Option<f64> {
        let Some(Located { value, span }) = node.number("correlation") else { return Some(1.0) };
        if value.is_negative() && !value.is_zero() || *value > Decimal::from(1) {
            let message = format!("a correlation of {value}; 0 to 1 is wanted");
            self.fault(&span, message);
            return None;
        }
        Some(value.to_f64())
    }

    fn monte_carlo(&mut self, node: &Node) -> Option<MonteCarlo> {
        let node = node.node("monte_carlo")?;
        let trials = node.whole("trials")?.value;
        let seed = node.whole("seed").map_or(1, |seed| seed.value);
        let trials = usize::try_from(trials).unwrap_or(usize::MAX);
        Some(MonteCarlo { trials, seed: u64::from(seed) })
    }

    /// What is known of items before they are measured.
    pub(super) fn process(&mut self, node: &Node, unit: &Unit) -> Option<ProcessDraft> {
        let span = node.span_of("process");
        let own = node.node("process")?;
        let mean = self.quantity(own, "mean", unit);
        let deviation = self.positive(own, "deviation", unit);
        if !node.has("uncertainty") || !node.has("limit") {
            let message =
                "global risks are of a limit and an uncertainty; both are wanted beside 'process'";
            self.fault(&span, message);
        }
        Some(ProcessDraft { mean: mean?, deviation: deviation? })
    }
}
