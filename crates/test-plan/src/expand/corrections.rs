//! What readings are corrected by, with the parameters in force.

use std::sync::Arc;

use bench_model::Quantity;

use crate::correction::{Correction, CorrectionBy};
use crate::plan::CalibrationRule;
use crate::reading::{CorrectionDraft, CorrectionForm, ReadingDraft};

use super::Expander;

impl Expander<'_, '_> {
    /// The corrections of a reading; none where one is broken, which is noted.
    pub(super) fn corrections_of(&mut self, draft: &ReadingDraft) -> Option<Vec<Arc<Correction>>> {
        let role = self.plan.roles.get(&draft.role);
        let required = role.is_some_and(|role| role.calibration == Some(CalibrationRule::Required));
        let all = draft.corrections.iter();
        all.map(|own| self.correction(own, required)).collect::<Vec<_>>().into_iter().collect()
    }

    fn correction(&mut self, draft: &CorrectionDraft, required: bool) -> Option<Arc<Correction>> {
        let key = (draft.name.clone(), required);
        if let Some(made) = self.corrections.get(&key) {
            return Some(Arc::clone(made));
        }
        let number = match draft.form.amount() {
            Some(amount) => Some(self.resolved(|resolver| resolver.any(amount))?),
            None => None,
        };
        let uncertainty = match &draft.uncertainty {
            Some(amount) => {
                let own = self.resolved(|resolver| resolver.any(amount))?;
                Some(absolute(own, number.as_ref())?)
            }
            None => None,
        };
        let by = match (&draft.form, number) {
            (CorrectionForm::Shunt(amount), Some(own)) if own.value.is_zero() => {
                self.fault(&amount.span, "with these parameters the shunt is zero");
                return None;
            }
            (CorrectionForm::Gain(amount), Some(own)) if own.value.is_zero() => {
                self.fault(&amount.span, "with these parameters the gain is zero");
                return None;
            }
            (CorrectionForm::Shunt(_), Some(own)) => CorrectionBy::Shunt(own),
            (CorrectionForm::Gain(_), Some(own)) => CorrectionBy::Gain(own),
            (CorrectionForm::Offset(_), Some(own)) => CorrectionBy::Offset(own),
            (CorrectionForm::Zero(path), _) => CorrectionBy::Zero(path.value.clone()),
            (_, None) => return None,
        };
        let CorrectionDraft { name, certificate, due, .. } = draft.clone();
        let made = Arc::new(Correction { name, by, uncertainty, certificate, due, required });
        self.corrections.insert(key, Arc::clone(&made));
        Some(made)
    }
}

/// A part of a number as an amount of its unit; a pure number beside a pure number is an amount already.
fn absolute(own: Quantity, number: Option<&Quantity>) -> Option<Quantity> {
    let Some(number) = number else { return Some(own) };
    let is_part = own.unit.is_dimensionless() && own.unit != number.unit;
    if !is_part {
        return Some(own);
    }
    let value = own.in_base()?.checked_mul(&number.value.abs()).ok()?;
    Some(Quantity::new(value, number.unit.clone()))
}
