//! Quantities, limits and names, wherever they stand.

use std::sync::Arc;

use bench_catalog::Range;
use bench_model::{Quantity, Unit};

use crate::file::Node;
use crate::plan::Role;
use crate::reading::{CaptureDraft, CorrectionDraft, ReadingDraft};
use crate::source::{Located, Span};
use crate::step::Amount;
use crate::suggest;
use crate::text::{Template, parse_operand};

use super::{Checker, Known};

/// The part of a name: none where it is known and broken, else what is wrong with the name.
fn find<T>(known: &Known<T>, what: &str, name: &str) -> Result<Option<Arc<T>>, String> {
    known.get(name).cloned().ok_or_else(|| {
        let instead = suggest::instead(name, known.keys().map(String::as_str));
        format!("there is no {what} '{name}'{instead}")
    })
}

impl Checker<'_> {
    pub(super) fn role_named(&mut self, name: Located<&str>) -> Option<Arc<Role>> {
        self.used.insert(("role", name.value.to_owned()));
        let found = find(&self.roles, "role", name.value);
        self.found(found, &name.span)
    }

    pub(super) fn reading_named(&mut self, name: Located<&str>) -> Option<Arc<ReadingDraft>> {
        self.used.insert(("reading", name.value.to_owned()));
        let found = find(&self.readings, "reading", name.value);
        self.found(found, &name.span)
    }

    pub(super) fn correction_named(&mut self, name: Located<&str>) -> Option<Arc<CorrectionDraft>> {
        self.used.insert(("correction", name.value.to_owned()));
        let found = find(&self.corrections, "correction", name.value);
        self.found(found, &name.span)
    }

    pub(super) fn capture_named(&mut self, name: Located<&str>) -> Option<Arc<CaptureDraft>> {
        self.used.insert(("capture", name.value.to_owned()));
        let found = find(&self.captures, "capture", name.value);
        self.found(found, &name.span)
    }

    fn found<T>(&mut self, found: Result<Option<T>, String>, span: &Span) -> Option<T> {
        found.unwrap_or_else(|message| {
            self.fault(span, message);
            None
        })
    }

    /// A text that is one quantity.
    pub(super) fn amount_of(&mut self, text: Located<&str>) -> Option<Amount> {
        match parse_operand(text.value) {
            Ok(operand) => Some(Amount { operand, span: text.span }),
            Err(fault) => {
                self.faults.add(self.source.fault_inside(&text.span, &fault));
                None
            }
        }
    }

    pub(super) fn amount(&mut self, node: &Node, key: &str) -> Option<Amount> {
        self.amount_of(node.text(key)?)
    }

    /// A quantity of a dimension.
    pub(super) fn quantity(&mut self, node: &Node, key: &str, unit: &Unit) -> Option<Amount> {
        let amount = self.amount(node, key)?;
        self.resolved(|resolver| resolver.quantity(&amount, unit))?;
        Some(amount)
    }

    /// A quantity above zero.
    pub(super) fn positive(&mut self, node: &Node, key: &str, unit: &Unit) -> Option<Amount> {
        let amount = self.amount(node, key)?;
        self.resolved(|resolver| resolver.positive(&amount, unit))?;
        Some(amount)
    }

    /// A time.
    pub(super) fn time(&mut self, node: &Node, key: &str) -> Option<Amount> {
        let amount = self.amount(node, key)?;
        self.resolved(|resolver| resolver.duration(&amount))?;
        Some(amount)
    }

    /// A quantity that no parameter changes.
    pub(super) fn fixed_quantity(&mut self, node: &Node, key: &str) -> Option<Quantity> {
        let Located { value, span } = node.text(key)?;
        match value.parse() {
            Ok(quantity) => Some(quantity),
            Err(_) if value.trim_start().starts_with('$') => {
                self.fault(&span, format!("'{key}' is written out: no parameter changes it"));
                None
            }
            Err(_) => {
                // Read again for a fault with its place.
                let amount = self.amount_of(Located::new(value, span))?;
                self.resolved(|resolver| resolver.any(&amount))
            }
        }
    }

    /// The same in a unit and above zero: what protects the bench, or is a word to an instrument.
    pub(super) fn fixed_positive(
        &mut self,
        node: &Node,
        key: &str,
        unit: &Unit,
    ) -> Option<Quantity> {
        let quantity = self.fixed_quantity(node, key)?;
        let span = node.span_of(key);
        if quantity.unit.dimension() != unit.dimension() {
            self.fault(&span, format!("'{key}' is wanted in {unit}, not as {quantity}"));
            return None;
        }
        if quantity.value.is_negative() || quantity.value.is_zero() {
            self.fault(&span, format!("'{key}' is {quantity}; more than zero is wanted"));
            return None;
        }
        Some(quantity)
    }

    /// A text in which parameters may stand.
    pub(super) fn template(&mut self, text: Located<&str>) -> Option<Located<Template>> {
        match Template::parse(text.value) {
            Ok(template) => Some(Located::new(template, text.span)),
            Err(fault) => {
                self.faults.add(self.source.fault_inside(&text.span, &fault));
                None
            }
        }
    }

    /// The range of a reading, with the default parameters.
    pub(super) fn range_of(&mut self, reading: &ReadingDraft) -> Option<Range> {
        let unit = reading.function.unit();
        let range = reading.range.as_ref()?;
        self.resolved(|resolver| resolver.range(range, &unit))
    }

    /// A name that must not be there yet.
    pub(super) fn fault_if_twice(&mut self, is_new: bool, what: &str, name: &str, span: &Span) {
        if !is_new {
            self.fault(span, format!("'{name}' is the name of another {what}; names are unique"));
        }
    }
}
