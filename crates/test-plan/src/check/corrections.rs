//! Corrections: what each does, and whether it fits the readings that name it.

use std::sync::Arc;

use bench_model::{Dimension, Timestamp, Unit};

use crate::expression::Leaf;
use crate::file::Node;
use crate::reading::{CorrectionDraft, CorrectionForm, ReadingDraft};
use crate::source::Located;
use crate::step::Amount;
use crate::suggest;

use super::{Checker, Known};

/// What a correction does; one of them.
const FORMS: [&str; 4] = ["shunt", "gain", "offset", "zero"];

impl Checker<'_> {
    pub(super) fn corrections(&mut self, root: &Node) -> Known<CorrectionDraft> {
        let named = root.named("corrections");
        named
            .map(|(name, node)| (name.value.clone(), self.correction(name, node).map(Arc::new)))
            .collect()
    }

    fn correction(&mut self, name: &str, node: &Node) -> Option<CorrectionDraft> {
        let form = self.form(node);
        let due = self.due(node);
        let form = form?;
        let uncertainty = self.uncertainty_of(node, &form);
        Some(CorrectionDraft {
            name: name.to_owned(),
            form,
            uncertainty,
            certificate: node.owned("certificate"),
            due,
        })
    }

    fn form(&mut self, node: &Node) -> Option<CorrectionForm> {
        let given: Vec<_> = FORMS.into_iter().filter(|key| node.has(key)).collect();
        let [only] = given.as_slice() else {
            let all = suggest::listed(FORMS).unwrap_or_default();
            self.fault(&node.span, format!("a correction has one of {all}"));
            return None;
        };
        match *only {
            "shunt" => self.positive(node, "shunt", &Unit::ohm()).map(CorrectionForm::Shunt),
            "gain" => self.not_zero(node, "gain").map(CorrectionForm::Gain),
            "offset" => self.amount(node, "offset").map(CorrectionForm::Offset),
            _ => {
                let path = node.text("zero")?;
                let path = Located::new(path.value.replace('.', "/"), path.span);
                Some(CorrectionForm::Zero(path))
            }
        }
    }

    fn not_zero(&mut self, node: &Node, key: &str) -> Option<Amount> {
        let amount = self.amount(node, key)?;
        let value = self.resolved(|resolver| resolver.any(&amount))?;
        if value.value.is_zero() {
            self.fault(&amount.span, format!("'{key}' is {value}; another number is wanted"));
            return None;
        }
        Some(amount)
    }

    /// In the unit of the number, or a part of it.
    fn uncertainty_of(&mut self, node: &Node, form: &CorrectionForm) -> Option<Amount> {
        let amount = self.amount(node, "uncertainty")?;
        let own = self.resolved(|resolver| resolver.any(&amount))?;
        let number = match form.amount() {
            Some(number) => Some(self.resolved(|resolver| resolver.any(number))?),
            None => None,
        };
        let is_part = own.unit.is_dimensionless() && number.is_some();
        let fits = number.is_none_or(|number| number.unit.dimension() == own.unit.dimension());
        if !is_part && !fits {
            let message = format!("{own} is neither in the unit of the number nor a part of it");
            self.fault(&amount.span, message);
            return None;
        }
        if own.value.is_negative() {
            self.fault(&amount.span, format!("{own} is no uncertainty: 0 or more is wanted"));
            return None;
        }
        Some(amount)
    }

    fn due(&mut self, node: &Node) -> Option<String> {
        let text = node.text("due")?;
        let midnight = format!("{}T00:00:00Z", text.value);
        if midnight.parse::<Timestamp>().is_err() || text.value.len() != "2027-05-31".len() {
            let message = format!("'{}' is no date; one such as 2027-05-31 is wanted", text.value);
            self.fault(&text.span, message);
            return None;
        }
        Some(text.value.to_owned())
    }

    /// The corrections that a reading names, each fitting what the ones before it left.
    pub(super) fn corrections_of(
        &mut self,
        node: &Node,
        unit: &Unit,
    ) -> (Vec<Arc<CorrectionDraft>>, Unit) {
        let mut dimension = unit.dimension();
        let mut found = Vec::new();
        for name in node.texts("corrections") {
            let span = name.span.clone();
            let Some(draft) = self.correction_named(name) else { continue };
            match self.behind(&draft, dimension) {
                Some(behind) => dimension = behind,
                None => {
                    let message = format!(
                        "the correction '{}' does not fit a reading in {}",
                        draft.name,
                        Unit::base(dimension)
                    );
                    self.fault(&span, message);
                }
            }
            found.push(draft);
        }
        let unit = if found.is_empty() { unit.clone() } else { Unit::base(dimension) };
        (found, unit)
    }

    fn behind(&mut self, draft: &CorrectionDraft, of: Dimension) -> Option<Dimension> {
        let own = match draft.form.amount() {
            Some(amount) => self.resolved(|resolver| resolver.any(amount))?.unit.dimension(),
            None => of,
        };
        match &draft.form {
            CorrectionForm::Shunt(_) => {
                (of == Unit::volt().dimension()).then(|| of.per(own)).flatten()
            }
            CorrectionForm::Gain(_) => of.times(own),
            CorrectionForm::Offset(_) | CorrectionForm::Zero(_) => (own == of).then_some(of),
        }
    }

    /// The paths of results that a measurement takes off: known by then, of its unit, of no sweep.
    pub(super) fn zeros_of(&mut self, reading: &ReadingDraft) -> Vec<String> {
        let mut dimension = reading.raw_unit.dimension();
        let mut found = Vec::new();
        for draft in &reading.corrections {
            if let CorrectionForm::Zero(path) = &draft.form {
                self.fault_unless_zero(path, dimension);
                found.push(path.value.clone());
            }
            dimension = self.behind(draft, dimension).unwrap_or(dimension);
        }
        found
    }

    fn fault_unless_zero(&mut self, path: &Located<String>, dimension: Dimension) {
        let message = match self.leaves.get(&path.value) {
            None => {
                let instead = suggest::instead(&path.value, self.leaves.keys().map(String::as_str));
                format!("there is no earlier result '{}'{instead}", path.value)
            }
            Some(None) => return,
            Some(Some(Leaf { axes, .. })) if !axes.is_empty() => {
                format!(
                    "'{}' has a value at each point of a sweep; a zero is one value",
                    path.value
                )
            }
            Some(Some(Leaf { unit, .. })) => match unit {
                Some(unit) if unit.dimension() == dimension => return,
                Some(unit) => {
                    let wanted = Unit::base(dimension);
                    format!(
                        "'{}' is in {unit}, and it is taken off what is in {wanted}",
                        path.value
                    )
                }
                None => format!("'{}' is a text; a zero is a number", path.value),
            },
        };
        self.fault(&path.span, message);
    }
}
