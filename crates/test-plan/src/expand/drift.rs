//! What makes limits wider on this bench, at this temperature.

use std::collections::BTreeMap;
use std::sync::Arc;

use bench_model::{Decimal, Quantity};

use crate::limit::{Drift, degrees_outside};
use crate::plan::EnvironmentSource;

use super::{AMBIENT, Expander};

impl Expander<'_, '_> {
    /// Notes how far the ambient lies outside of where data sheets hold.
    pub(super) fn note_ambient(&mut self, stated: &BTreeMap<String, Quantity>) {
        let from = self.plan.environment.get(AMBIENT).map(|spec| &spec.from);
        self.degrees = match (stated.get(AMBIENT), from) {
            (Some(ambient), _) => degrees_outside(ambient)
                .ok_or_else(|| format!("{AMBIENT} is {ambient}, which is no temperature")),
            (None, Some(EnvironmentSource::Reading(_))) => Err(format!(
                "it depends on {AMBIENT}, which is read only while the plan runs; 'ask' states it before"
            )),
            (None, _) => Err(format!(
                "it depends on the ambient temperature: [environment] {AMBIENT} = {{ ask = .., sim = \"23 °C\" }} \
                 is wanted"
            )),
        };
    }

    /// What makes the limits of a role's instrument wider.
    pub(super) fn drift_of(&mut self, role: Option<&str>) -> Arc<Drift> {
        let name = role.unwrap_or_default();
        if let Some(known) = self.drifts.get(name) {
            return Arc::clone(known);
        }
        let years = self.years_of(role);
        let drift = Arc::new(Drift { years, degrees: self.degrees.clone() });
        self.drifts.insert(name.to_owned(), Arc::clone(&drift));
        drift
    }

    fn years_of(&self, role: Option<&str>) -> Result<Decimal, String> {
        let Some(role) = role else {
            return Err(
                "it grows with the years since a calibration, and this is no reading".into()
            );
        };
        match self.inputs.years_of {
            None => Drift::default().years,
            Some(years_of) => years_of(role).ok_or_else(|| {
                format!(
                    "it grows with the years since the calibration of '{role}', and the bench does not say when \
                     that was: calibration = {{ last = \"2026-05-01\" }}"
                )
            }),
        }
    }
}
