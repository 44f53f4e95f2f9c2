//! What is asked of the infrastructure, with the parameters in force.

use bench_model::{Place, Unit};

use crate::infrastructure::{
    INSPECTION_TIMEOUT, Inspection, InspectionDraft, InspectionKind, InspectionLatency,
    InspectionTarget,
};
use crate::operation::{OnError, Operation};

use super::Expander;

impl Expander<'_, '_> {
    pub(super) fn inspection(&mut self, draft: &InspectionDraft, place: Place, on_error: OnError) {
        let Some(target) = self.inspection_target(&draft.kind) else { return };
        let unit = draft.kind.unit();
        let limit = self.limit(Some(&draft.limit), &place.point, None, unit.as_ref());
        let second = Unit::second();
        let within = self.limit(draft.latency.as_ref(), &place.point, None, Some(&second));
        let latency = within.map(|limit| {
            let path = format!("{}/latency", place.path);
            InspectionLatency { place: Place { path, point: place.point.clone() }, limit }
        });
        let timeout = draft.timeout.as_ref();
        let timeout = timeout.and_then(|time| self.resolved(|resolver| resolver.duration(time)));
        let Some(limit) = limit else { return };
        self.planned_results += 1 + u64::from(latency.is_some());
        self.push(Operation::Inspection(Box::new(Inspection {
            place,
            target,
            limit,
            latency,
            timeout: timeout.unwrap_or(INSPECTION_TIMEOUT),
            ca: draft.ca.clone(),
            owner: draft.owner.clone(),
            on_error,
        })));
    }

    fn inspection_target(&mut self, kind: &InspectionKind) -> Option<InspectionTarget> {
        match kind {
            InspectionKind::Identity(role) => {
                self.roles_used.insert(role.clone());
                Some(InspectionTarget::Identity(role.clone()))
            }
            InspectionKind::Address { kind, text } => {
                let filled = self.resolved(|resolver| resolver.fill(text))?;
                match InspectionTarget::parse(kind, &filled) {
                    Ok(target) => Some(target),
                    Err(message) => {
                        self.fault(&text.span, message);
                        None
                    }
                }
            }
        }
    }
}
