//! What ends an axis before its last setpoint.

use bench_model::Unit;

use crate::file::Node;
use crate::source::{Located, Span};
use crate::step::{Axis, LevelText, StopDraft};
use crate::suggest;
use crate::text::parse_level;

use super::Checker;

impl Checker<'_> {
    /// What stops the innermost axis of a step whose leaves are known by now.
    pub(super) fn stopping(
        &mut self,
        step: &Node,
        path: &str,
        sweep: &[Axis],
    ) -> Option<StopDraft> {
        let mut found = None;
        let axes: Vec<_> = step.nodes("sweep").collect();
        for (index, axis) in axes.iter().enumerate() {
            let Some(node) = axis.node("stop_when") else { continue };
            let is_innermost =
                axes.iter().skip(index + 1).all(|inner| super::sweep::is_zipped(inner));
            if let Some(message) = misplaced(axis, is_innermost) {
                self.fault(&node.span, message);
                continue;
            }
            found = self
                .stop(node, path)
                .zip(axis.text("axis"))
                .map(|(stop, name)| StopDraft { axis: name.value.to_owned(), ..stop });
        }
        found.filter(|stop| sweep.iter().any(|axis| axis.name == stop.axis))
    }

    fn stop(&mut self, node: &Node, step: &str) -> Option<StopDraft> {
        let (leaf, unit) = self.watched(node, step)?;
        let (text, is_below) = match (node.text("below"), node.text("above")) {
            (Some(text), None) => (text, true),
            (None, Some(text)) => (text, false),
            _ => {
                self.fault(
                    &node.span,
                    "one of 'below' and 'above' is wanted: below = \"99 % of first\"",
                );
                return None;
            }
        };
        let level = self.level(&text)?;
        let wanted = if level.level.of_first { Unit::none() } else { unit };
        self.resolved(|resolver| resolver.level(&level, &wanted))?;
        Some(StopDraft { axis: String::new(), leaf, is_below, level })
    }

    fn level(&mut self, text: &Located<&str>) -> Option<LevelText> {
        match parse_level(text.value) {
            Ok(level) => Some(LevelText { level, span: text.span.clone() }),
            Err(fault) => {
                self.faults.add(self.source.fault_inside(&text.span, &fault));
                None
            }
        }
    }

    /// The leaf that is looked at, and its unit.
    fn watched(&mut self, node: &Node, step: &str) -> Option<(String, Unit)> {
        let (path, span) = match node.text("leaf") {
            Some(leaf) => (format!("{step}/{}", leaf.value.replace('.', "/")), leaf.span),
            None => (step.to_owned(), node.span.clone()),
        };
        let Some(known) = self.leaves.get(&path) else {
            let message = self.no_such_leaf(&path, step);
            self.fault(&span, message);
            return None;
        };
        match known.as_ref()?.unit.clone() {
            Some(unit) => Some((path, unit)),
            None => self.no_number(&span),
        }
    }

    fn no_number<T>(&mut self, span: &Span) -> Option<T> {
        self.fault(span, "this result is text, and a number is wanted");
        None
    }

    fn no_such_leaf(&self, path: &str, step: &str) -> String {
        let inside = format!("{step}/");
        let own = self.leaves.keys().filter_map(|leaf| leaf.strip_prefix(&inside));
        let own: Vec<_> = own.map(|leaf| leaf.replace('/', ".")).collect();
        let wrong = path.strip_prefix(&inside).unwrap_or_default().replace('/', ".");
        let instead = suggest::instead(&wrong, own.iter().map(String::as_str));
        match wrong.as_str() {
            "" => format!("what is looked at? leaf = .. is wanted{instead}"),
            _ => format!("this step has no result '{wrong}'{instead}"),
        }
    }
}

/// Why an axis cannot stop early, where it cannot.
fn misplaced(axis: &Node, is_innermost: bool) -> Option<&'static str> {
    if super::sweep::is_zipped(axis) {
        return Some("it stops with the axis before it: 'stop_when' stands there");
    }
    if !is_innermost {
        return Some("only the innermost axis stops early");
    }
    let is_ordered = axis.text("direction").is_none_or(|direction| direction.value != "both");
    (!is_ordered || axis.has("shuffle"))
        .then_some("an axis that goes both ways or by chance is gone to its end")
}
