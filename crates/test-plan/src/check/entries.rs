//! Readings that a person takes.

use bench_catalog::{Class, Function};
use bench_model::Unit;

use crate::file::Node;
use crate::plan::Role;
use crate::reading::EntryDraft;
use crate::source::Located;

use super::Checker;

/// What a person is not told.
const OF_INSTRUMENTS: [&str; 3] = ["nplc", "auto_zero", "input_impedance"];

/// What only a person is told.
const OF_PERSONS: [&str; 3] = ["unit", "ask", "sim"];

impl Checker<'_> {
    /// The unit of what is read: that of the function, or the plan's own where a person reads something else.
    pub(super) fn raw_unit(
        &mut self,
        node: &Node,
        role: &Role,
        function: &Located<Function>,
    ) -> Option<Unit> {
        let is_own = role.class == Class::Manual && **function == Function::Entry;
        match node.text("unit") {
            Some(text) if is_own => self.unit(&text),
            None if is_own && node.has("unit") => None,
            None if is_own => {
                let message = "an entry lacks its 'unit': \"mm\"; \"\" where it has none";
                self.fault(&node.span, message);
                None
            }
            Some(text) if role.class == Class::Manual => {
                let message = format!(
                    "{} is in {}; a unit goes with \"entry\"",
                    function.word(),
                    function.unit()
                );
                self.fault(&text.span, message);
                None
            }
            _ => Some(function.unit()),
        }
    }

    /// What a person is asked, where a person reads.
    pub(super) fn entry(&mut self, node: &Node, role: &Role, unit: &Unit) -> Option<EntryDraft> {
        let is_manual = role.class == Class::Manual;
        let strange: &[&str] = if is_manual { &OF_INSTRUMENTS } else { &OF_PERSONS };
        for key in strange.iter().filter(|key| node.has(key)) {
            let whose = if is_manual { "a person reads" } else { "is read over its connection" };
            let message = format!(
                "'{key}' says nothing to the {} '{}', which {whose}",
                role.class, role.name
            );
            self.fault(&node.span_of(key), message);
        }
        if !is_manual {
            return None;
        }
        let sim = match node.has("sim") {
            true => {
                let amount = self.quantity(node, "sim", unit)?;
                Some(self.resolved(|resolver| resolver.quantity(&amount, unit))?)
            }
            false => None,
        };
        Some(EntryDraft { question: node.owned("ask"), sim })
    }

    /// What is read again and again until it is at rest is no work for a person.
    pub(super) fn fault_if_by_hand(&mut self, name: &Located<&str>) {
        let reading = self.readings.get(name.value).cloned().flatten();
        if reading.is_some_and(|reading| reading.entry.is_some()) {
            let message =
                format!("'{}' is read by hand, and here it is read again and again", name.value);
            self.fault(&name.span, message);
        }
    }
}
