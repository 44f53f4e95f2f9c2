//! When a step is run: conditions on earlier results.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::condition::{Clause, ClauseKind, Condition, parse_condition};
use crate::decision::State;
use crate::expression::{Expression, bind};
use crate::file::Node;
use crate::source::{Span, TextFault};
use crate::step::{Action, Premise, Step};
use crate::suggest;

use super::Checker;

impl Checker<'_> {
    /// What must hold, and what must not, for a step to be run.
    pub(super) fn premises(&mut self, node: &Node) -> Vec<Premise> {
        let keys = [("only_if", true), ("skip_if", false)];
        keys.into_iter().filter_map(|(key, wanted)| self.premise(node, key, wanted)).collect()
    }

    fn premise(&mut self, node: &Node, key: &str, wanted: bool) -> Option<Premise> {
        let text = node.text(key)?;
        let condition = match parse_condition(text.value) {
            Ok(condition) => condition,
            Err(fault) => {
                self.faults.add(self.source.fault_inside(&text.span, &fault));
                return None;
            }
        };
        self.fault_unless_known(&condition, &text.span);
        Some(Premise { text: text.value.trim().to_owned(), condition, wanted, span: text.span })
    }

    fn fault_unless_known(&mut self, condition: &Condition, token: &Span) {
        for clause in &condition.clauses {
            match &clause.kind {
                ClauseKind::Came { path, state, .. } => {
                    if let Some(message) = self.never_comes(path, *state) {
                        let fault = TextFault::new(&clause.span, message);
                        self.faults.add(self.source.fault_inside(token, &fault));
                    }
                }
                ClauseKind::Holds(term) => {
                    let bound = bind(&clause.text, term, &self.leaves, &self.parameters);
                    for fault in faults_of(clause, bound) {
                        self.faults.add(self.source.fault_inside(token, &fault));
                    }
                }
            }
        }
    }

    /// Why a path never comes out like this, where it never does.
    fn never_comes(&self, path: &str, state: State) -> Option<String> {
        let inside = format!("{path}/");
        let from = || (Bound::Included(path), Bound::Unbounded);
        let is_in = |leaf: &String| leaf == path || leaf.starts_with(&inside);
        // The path itself and what lies within come first of what begins with it: / sorts before the rest.
        let mut known = self.leaves.range::<str, _>(from()).map(|(leaf, _)| leaf).take(1);
        if !self.step_ids.contains(path) && !known.any(is_in) {
            let names = self.step_ids.iter().chain(self.leaves.keys());
            let names: BTreeSet<_> = names.map(|name| name.replace('/', ".")).collect();
            let wrong = path.replace('/', ".");
            let instead = suggest::instead(&wrong, names.iter().map(String::as_str));
            return Some(format!("there is no earlier step or result '{wrong}'{instead}"));
        }
        let needs_limit = matches!(state, State::Passed | State::Failed | State::Inconclusive);
        let mut limited = self.limited.range::<str, _>(from()).take(1);
        (needs_limit && !limited.any(is_in)).then(|| {
            let (path, state) = (path.replace('/', "."), state.word());
            format!("nothing in '{path}' has a limit, so that it never has {state}")
        })
    }

    /// Notes which results of a step are judged.
    pub(super) fn note_limits(&mut self, step: &Step) {
        for part in std::iter::once(&step.own).chain(&step.each) {
            let path = &part.path;
            let has_limit = match &part.action {
                Some(Action::Measure(draft)) => draft.limit.is_some(),
                Some(Action::Compute(draft)) => draft.limit.is_some(),
                Some(Action::Scpi(draft)) => draft.limit.is_some(),
                Some(Action::Prompt(draft)) => draft.limit.is_some(),
                Some(Action::Capture(draft)) => {
                    let judged = draft.measures.iter().filter(|taken| taken.limit.is_some());
                    self.limited.extend(judged.map(|taken| format!("{path}/{}", taken.id)));
                    false
                }
                Some(Action::Inspection(draft)) => {
                    let timed = draft.latency.iter().map(|_| format!("{path}/latency"));
                    self.limited.extend(timed);
                    true
                }
                Some(Action::Wait(_)) | None => false,
            };
            self.limited.extend(has_limit.then(|| path.clone()));
        }
    }
}

/// What is wrong with a comparison, moved to where it stands in the condition.
pub(crate) fn faults_of(
    clause: &Clause,
    bound: Result<Option<Expression>, Vec<TextFault>>,
) -> Vec<TextFault> {
    let mut faults = match bound {
        Ok(Some(bound)) => match bound.axes() {
            [] => Vec::new(),
            [axis, ..] => vec![TextFault::of_whole(format!(
                "this differs from point to point of {}: reduce it, as in max(x, over = {})",
                axis.name(),
                axis.name()
            ))],
        },
        Ok(None) => Vec::new(),
        Err(faults) => faults,
    };
    for fault in &mut faults {
        let Span { start, end } = fault.span;
        fault.span =
            start + clause.span.start..end.saturating_add(clause.span.start).min(clause.span.end);
    }
    faults
}
