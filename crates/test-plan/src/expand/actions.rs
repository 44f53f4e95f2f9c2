//! What is done at a point.

use std::sync::Arc;

use bench_model::{Place, Point, Unit};

use crate::axes::AxisValues;
use crate::caps;
use crate::expression::{Expression, Leaf, bind};
use crate::operation::{
    Capture, CaptureMeasure, Compute, Measure, OnError, Operation, PlannedLimit, Raw,
};
use crate::scpi::{MessageKind, kind_of_message};
use crate::step::{
    Action, ComputeDraft, MeasureDraft, Part, ScpiDraft, Step, TakeDraft, TakenDraft,
};

use super::Expander;
use super::steps::Site;

impl Expander<'_, '_> {
    /// The results of a step, which later steps may refer to; without axes they are known, and broken.
    pub(super) fn note_results(&mut self, step: &Step, axes: Option<&[AxisValues]>) {
        for part in std::iter::once(&step.own).chain(&step.each) {
            match &part.action {
                Some(Action::Measure(draft)) => {
                    let reading = self.plan.readings.get(&draft.reading);
                    self.note(&part.path, reading.map(|own| own.unit.clone()), axes);
                    let several = self.plan.readings.get(&draft.reading).map(|own| own.samples > 1);
                    let uncertain = draft.decision.uncertainty.is_some();
                    self.know_more(&part.path, several.unwrap_or_default(), uncertain);
                }
                Some(Action::Capture(draft)) => {
                    for taken in &draft.measures {
                        let path = format!("{}/{}", part.path, taken.id);
                        self.note(&path, Some(taken.quantity.unit()), axes);
                    }
                }
                Some(Action::Scpi(draft)) if draft.is_query => {
                    self.note(&part.path, draft.unit.clone(), axes);
                }
                Some(Action::Prompt(draft)) => {
                    self.note(&part.path, draft.kind.unit().cloned(), axes);
                }
                Some(Action::Inspection(draft)) => {
                    self.note(&part.path, draft.kind.unit(), axes);
                    let latency = format!("{}/latency", part.path);
                    self.note(&latency, Some(Unit::second()), axes);
                }
                _ => {}
            }
        }
    }

    fn note(&mut self, path: &str, unit: Option<Unit>, axes: Option<&[AxisValues]>) {
        let leaf = axes.map(|axes| Leaf { unit, axes: axes.to_vec(), ..Leaf::default() });
        self.leaves.insert(path.to_owned(), leaf);
    }

    fn know_more(&mut self, path: &str, samples: bool, uncertain: bool) {
        if let Some(Some(leaf)) = self.leaves.get_mut(path) {
            (leaf.samples, leaf.uncertain) = (samples, uncertain);
        }
    }

    pub(super) fn act(&mut self, part: &Part, step: &str, point: &Point) {
        let place = Place { path: part.path.clone(), point: point.clone() };
        match &part.action {
            Some(Action::Measure(draft)) => self.measure(draft, place, part.on_error),
            Some(Action::Capture(draft)) => self.take(draft, place, part.on_error),
            Some(Action::Scpi(draft)) => self.raw(draft, place, part.on_error),
            Some(Action::Inspection(draft)) => self.inspection(draft, place, part.on_error),
            Some(Action::Prompt(draft)) => self.prompt(draft, place, part.on_error),
            Some(Action::Wait(time)) => self.wait(time, step, point),
            Some(Action::Compute(_)) | None => {}
        }
    }

    pub(super) fn count_result(&mut self, limit: Option<&PlannedLimit>) {
        self.planned_results += u64::from(limit.is_some());
    }

    fn measure(&mut self, draft: &MeasureDraft, place: Place, on_error: OnError) {
        let Some(reading) = self.reading(&draft.reading) else { return };
        let limit = self.limit_of_reading(draft.limit.as_ref(), &reading, &place.point);
        let decision = self.decision(&draft.decision, &reading, limit.as_ref());
        self.count_result(limit.as_ref());
        self.planned_readings += u64::from(reading.samples);
        self.push(Operation::Measure(Box::new(Measure {
            place,
            reading,
            judge: draft.judge,
            limit,
            decision,
            attempts: draft.retry.attempts,
            retry_on: draft.retry.on,
            on_error,
        })));
    }

    fn take(&mut self, draft: &TakeDraft, place: Place, on_error: OnError) {
        let Some(capture) = self.capture(&draft.capture) else { return };
        let measures: Vec<_> =
            draft.measures.iter().map(|taken| self.taken(taken, &capture.role, &place)).collect();
        let step = place.path.split('/').next().unwrap_or_default().to_owned();
        let point = place.point.clone();
        let meanwhile = self.sets_of(&draft.meanwhile, Site { step: &step, point: &point });
        self.push(Operation::Capture(Box::new(Capture {
            place,
            capture,
            meanwhile,
            measures,
            attempts: draft.retry.attempts,
            retry_on: draft.retry.on,
            on_error,
        })));
    }

    fn taken(&mut self, draft: &TakenDraft, role: &str, place: &Place) -> CaptureMeasure {
        self.fault_if_not_taken(role, draft);
        let unit = draft.quantity.unit();
        let limit = self.limit(draft.limit.as_ref(), &place.point, None, Some(&unit));
        self.count_result(limit.as_ref());
        self.planned_readings += u64::from(draft.by == crate::operation::MeasuredBy::Scope);
        let place =
            Place { path: format!("{}/{}", place.path, draft.id), point: place.point.clone() };
        let mask = draft.mask.clone();
        CaptureMeasure { place, quantity: draft.quantity, by: draft.by, mask, limit }
    }

    fn raw(&mut self, draft: &ScpiDraft, place: Place, on_error: OnError) {
        let Some(message) = self.resolved(|resolver| resolver.fill(&draft.message)) else { return };
        if !self.is_allowed(draft, &message) {
            return;
        }
        let limit = self.limit(draft.limit.as_ref(), &place.point, None, draft.unit.as_ref());
        let sets = kind_of_message(&message) != MessageKind::Query;
        let role = self.plan.roles.get(&draft.role).filter(|_| sets);
        let caps = role.map(|role| caps::of_role(role)).unwrap_or_default();
        self.count_result(limit.as_ref());
        self.planned_readings += u64::from(draft.is_query);
        self.roles_used.insert(draft.role.clone());
        self.push(Operation::Raw(Box::new(Raw {
            place,
            role: draft.role.clone(),
            message,
            is_query: draft.is_query,
            caps,
            unit: draft.unit.clone(),
            limit,
            attempts: draft.retry.attempts,
            retry_on: draft.retry.on,
            on_error,
        })));
    }

    /// A parameter may have brought a command into a message that was checked as a query.
    fn is_allowed(&mut self, draft: &ScpiDraft, message: &str) -> bool {
        let role = self.plan.roles.get(&draft.role);
        let may = role.is_some_and(|role| role.raw_allowed || !role.class.can_energise());
        let fits = match kind_of_message(message) {
            MessageKind::Query => draft.is_query,
            MessageKind::Command => may && !draft.is_query,
            MessageKind::Mixed => may,
            MessageKind::Unsendable(_) => false,
        };
        if !fits {
            let message =
                format!("with its parameters this is '{message}', which is not allowed here");
            self.fault(&draft.message.span, message);
        }
        fits
    }

    pub(super) fn compute(&mut self, path: &str, draft: &ComputeDraft, on_error: OnError) {
        let Some(expression) = self.bound(draft) else {
            self.note(path, None, None);
            return;
        };
        let unit = expression.unit().clone();
        self.note(path, Some(unit.clone()), Some(expression.axes()));
        self.know_more(path, false, draft.decision.uncertainty.is_some());
        let expression = Arc::new(expression);
        for point in points(expression.axes()) {
            let limit = self.limit(draft.limit.as_ref(), &point, None, Some(&unit));
            self.count_result(limit.as_ref());
            let place = Place { path: path.to_owned(), point };
            let expression = Arc::clone(&expression);
            let decision = self.computed_decision(&draft.decision, &unit, limit.as_ref());
            let compute = Compute { place, expression, limit, decision, on_error };
            self.push(Operation::Compute(Box::new(compute)));
        }
    }

    fn bound(&mut self, draft: &ComputeDraft) -> Option<Expression> {
        let text = &draft.expression;
        match bind(&text.text, &text.term, &self.leaves, &self.parameters) {
            Ok(bound) => {
                let unit = draft.limit.as_ref().and_then(|limit| limit.relative_unit());
                bound.map(|bound| match &unit {
                    Some(unit) => bound.in_unit(unit),
                    None => bound,
                })
            }
            Err(faults) => {
                for fault in faults {
                    self.faults.add(self.plan.source.fault_inside(&text.span, &fault));
                }
                None
            }
        }
    }
}

/// All combinations of the axes' setpoints, the first axis outermost.
fn points(axes: &[AxisValues]) -> Vec<Point> {
    axes.iter().fold(vec![Point::default()], |points, axis| {
        let with = |point: &Point, index| {
            Point(point.0.iter().cloned().chain(axis.coordinates(index)).collect())
        };
        points
            .iter()
            .flat_map(|point| (0..axis.len()).map(|at| with(point, at)).collect::<Vec<_>>())
            .collect()
    })
}
