//! What a step does: measure, capture, compute, send, wait.

use std::collections::BTreeSet;

use bench_catalog::{Class, WaveformMeasure};
use bench_model::Unit;

use crate::axes::AxisValues;
use crate::expression::{Expression, Leaf, bind, parse_expression};
use crate::file::Node;
use crate::limit::parse_limit;
use crate::operation::{MeasuredBy, RetryOn};
use crate::scpi::{MessageKind, kind_of_message};
use crate::source::Located;
use crate::step::{
    Action, ComputeDraft, ExpressionText, LimitDraft, LimitText, MeasureDraft, Retry, ScpiDraft,
    TakeDraft, TakenDraft,
};

use super::Checker;
use super::readings::judge;

type Axes<'a> = Option<&'a [AxisValues]>;

impl Checker<'_> {
    /// The action of a step or a part of one, and the results that later steps may refer to.
    pub(super) fn action(&mut self, node: &Node, path: &str, axes: Axes<'_>) -> Option<Action> {
        if let Some(node) = node.node("measure") {
            self.leaf(path, None, None);
            return self.measure(node, path, axes).map(Action::Measure);
        }
        if let Some(node) = node.node("capture") {
            return self.take(node, path, axes).map(Action::Capture);
        }
        if let Some(node) = compute_of(node) {
            let draft = self.compute(node, path);
            if draft.is_none() {
                self.leaf(path, None, None);
            }
            return draft.map(Action::Compute);
        }
        if let Some(node) = node.node("scpi") {
            return self.scpi(node, path, axes).map(Action::Scpi);
        }
        if let Some(node) = node.node("prompt") {
            self.leaf(path, None, None);
            return self.prompt(node, path, axes).map(Box::new).map(Action::Prompt);
        }
        if let Some(node) = node.node("infrastructure") {
            self.leaf(path, None, None);
            return self.inspection(node, path, axes).map(Box::new).map(Action::Inspection);
        }
        self.time(node, "wait").map(Action::Wait)
    }

    /// Notes a result. Without axes or unit it is known, and broken.
    pub(super) fn leaf(&mut self, path: &str, axes: Axes<'_>, unit: Option<Option<Unit>>) {
        let leaf = axes.zip(unit).map(|(axes, unit)| Leaf {
            unit,
            axes: axes.to_vec(),
            ..Leaf::default()
        });
        if !path.is_empty() {
            self.leaves.insert(path.to_owned(), leaf);
        }
    }

    /// Notes of a result whether several readings are behind it, and whether its uncertainty is known.
    fn know_more(&mut self, path: &str, samples: bool, uncertain: bool) {
        if let Some(Some(leaf)) = self.leaves.get_mut(path) {
            (leaf.samples, leaf.uncertain) = (samples, uncertain);
        }
    }

    fn measure(&mut self, node: &Node, path: &str, axes: Axes<'_>) -> Option<MeasureDraft> {
        let retry = retry(node);
        let name = node.text("reading")?;
        let reading = self.reading_named(name)?;
        let zeros = self.zeros_of(&reading);
        let unit = reading.unit.clone();
        self.leaf(path, axes, Some(Some(unit.clone())));
        let range = self.range_of(&reading);
        let limit = self.limit(node, axes, range.as_ref(), Some(&unit));
        let judge = judge(node).unwrap_or(reading.judge);
        let decision = self.decision(node, &reading, limit.as_ref())?;
        self.know_more(path, reading.samples > 1, decision.uncertainty.is_some());
        Some(MeasureDraft { reading: reading.name.clone(), judge, limit, decision, retry, zeros })
    }

    fn take(&mut self, node: &Node, path: &str, axes: Axes<'_>) -> Option<TakeDraft> {
        let mut names = BTreeSet::new();
        let mut measures = Vec::new();
        for node in node.nodes("measure") {
            if let Some(id) = node.text("id") {
                let is_new = names.insert(id.value.to_owned());
                self.fault_if_twice(is_new, "measurement of this waveform", id.value, &id.span);
            }
            measures.extend(self.taken(node, path, axes));
        }
        if node.has("measure") && node.items("measure").is_empty() {
            let message = "nothing is taken from the waveform; one measurement at least is wanted";
            self.fault(&node.span_of("measure"), message);
        }
        let meanwhile = self.apply_under(node, "meanwhile");
        let name = node.text("capture")?;
        let capture = self.capture_named(name)?;
        Some(TakeDraft { capture: capture.name.clone(), meanwhile, measures, retry: retry(node) })
    }

    fn taken(&mut self, node: &Node, path: &str, axes: Axes<'_>) -> Option<TakenDraft> {
        let id = node.text("id")?;
        let quantity: WaveformMeasure = node.text("quantity")?.value.parse().ok()?;
        let unit = quantity.unit();
        if !path.is_empty() {
            self.leaf(&format!("{path}/{}", id.value), axes, Some(Some(unit.clone())));
        }
        let mask = self.mask(node, quantity);
        let limit = match node.has("limit") {
            true => self.limit(node, axes, None, Some(&unit)),
            false if node.has("mask") => usual_limit("== 0", node),
            false => None,
        };
        let by = match node.text("by")?.value {
            "scope" => MeasuredBy::Scope,
            _ => MeasuredBy::Samples,
        };
        let span = node.span_of("by");
        let id = id.value.to_owned();
        Some(TakenDraft { id, quantity, by, mask, limit, span })
    }

    fn compute(&mut self, node: &Node, path: &str) -> Option<ComputeDraft> {
        let expression = self.expression(node)?;
        let bound = self.bound(&expression)?;
        let limit = self.limit_text(node);
        let bound = match limit.and_then(|limit| limit.relative_unit()) {
            Some(unit) => bound.in_unit(&unit),
            None => bound,
        };
        let unit = bound.unit().clone();
        self.leaf(path, Some(bound.axes()), Some(Some(unit.clone())));
        let limit = self.limit(node, Some(bound.axes()), None, Some(&unit));
        let decision = self.computed_decision(node, &bound, limit.as_ref());
        self.know_more(path, false, decision.uncertainty.is_some());
        Some(ComputeDraft { expression, limit, decision })
    }

    fn expression(&mut self, node: &Node) -> Option<ExpressionText> {
        let Located { value, span } = node.text("value")?;
        match parse_expression(value) {
            Ok(term) => Some(ExpressionText { text: value.to_owned(), term, span }),
            Err(fault) => {
                self.faults.add(self.source.fault_inside(&span, &fault));
                None
            }
        }
    }

    fn bound(&mut self, expression: &ExpressionText) -> Option<Expression> {
        match bind(&expression.text, &expression.term, &self.leaves, &self.parameters) {
            Ok(bound) => bound,
            Err(faults) => {
                for fault in faults {
                    self.faults.add(self.source.fault_inside(&expression.span, &fault));
                }
                None
            }
        }
    }

    fn scpi(&mut self, node: &Node, path: &str, axes: Axes<'_>) -> Option<ScpiDraft> {
        let role = node.text("role").and_then(|role| self.role_named(role));
        let (text, is_query) = match (node.text("query"), node.text("command")) {
            (Some(query), None) => (query, true),
            (None, Some(command)) => (command, false),
            _ => {
                self.fault(&node.span, "one of 'query' and 'command' is wanted");
                return None;
            }
        };
        let unit = self.answer_unit(node, is_query);
        let message = self.template(text)?;
        let limit = self.answer_limit(node, is_query, unit.as_ref(), axes);
        // A number without a unit is asked for by a limit of numbers.
        let unit = unit
            .or_else(|| limit.as_ref().filter(|limit| !limit.is_of_words()).map(|_| Unit::none()));
        if is_query {
            self.leaf(path, axes, Some(unit.clone()));
        }
        let filled = self.resolved(|resolver| resolver.fill(&message))?;
        let role = role?;
        self.fault_unless_allowed(&role, &filled, is_query, &message);
        let retry = retry(node);
        Some(ScpiDraft { role: role.name.clone(), message, is_query, unit, limit, retry })
    }

    fn answer_unit(&mut self, node: &Node, is_query: bool) -> Option<Unit> {
        let text = node.text("unit")?;
        if !is_query {
            self.fault(&text.span, "a command has no answer, and so no unit");
            return None;
        }
        self.unit(&text)
    }

    fn answer_limit(
        &mut self,
        node: &Node,
        is_query: bool,
        unit: Option<&Unit>,
        axes: Axes<'_>,
    ) -> Option<crate::step::LimitDraft> {
        if !is_query && node.has("limit") {
            self.fault(&node.span_of("limit"), "a command has no answer, and so no limit");
            return None;
        }
        let limit = self.limit_text(node)?;
        if node.has("unit") && unit.is_none() {
            return Some(limit);
        }
        let number = unit.cloned().unwrap_or_else(Unit::none);
        let unit = (!limit.is_of_words() || unit.is_some()).then_some(&number);
        self.limit(node, axes, None, unit)
    }

    /// A command, or what could be one, is sent to nothing that can energise unless the plan says so.
    fn fault_unless_allowed(
        &mut self,
        role: &crate::plan::Role,
        filled: &str,
        is_query: bool,
        message: &Located<crate::text::Template>,
    ) {
        match kind_of_message(filled) {
            MessageKind::Unsendable(why) => self.fault(&message.span, why),
            MessageKind::Query if !is_query => {
                let why = format!("'{filled}' asks; write it as query = \"{filled}\"");
                self.fault(&message.span, why);
            }
            MessageKind::Command if is_query => {
                let why =
                    format!("'{filled}' asks nothing: a query ends in ?; write it as command = ..");
                self.fault(&message.span, why);
            }
            MessageKind::Command | MessageKind::Mixed
                if role.class.can_energise() && !role.raw_allowed =>
            {
                let (class, name) = (role.class, &role.name);
                let what = if role.class == Class::Instrument { "may be able to" } else { "can" };
                let why = format!(
                    "a raw command to the {class} '{name}', which {what} energise: its role needs \
                     raw_allowed = true"
                );
                self.fault(&message.span, why);
            }
            _ => {}
        }
    }
}

/// Only steps of their own compute; `each` has no such key.
fn compute_of(node: &Node) -> Option<&Node> {
    node.entries
        .iter()
        .any(|entry| entry.key.value == "compute")
        .then(|| node.node("compute"))
        .flatten()
}

/// The limit that holds where the plan states none.
pub(super) fn usual_limit(text: &str, node: &Node) -> Option<LimitDraft> {
    let (text, form) = (text.to_owned(), parse_limit(text).ok()?);
    Some(LimitDraft::Same(LimitText { text, form, span: node.span.clone() }))
}

fn retry(node: &Node) -> Retry {
    let Some(retry) = node.node("retry") else {
        return Retry { attempts: 1, on: RetryOn::default() };
    };
    let times = retry.whole("times").map_or(0, |times| *times);
    let on = match retry.text("on").map(|on| on.value) {
        Some("fail") => RetryOn::Fail,
        _ => RetryOn::Error,
    };
    Retry { attempts: times.saturating_add(1), on }
}
