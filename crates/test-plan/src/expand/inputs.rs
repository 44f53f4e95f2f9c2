//! `--set`: parameters and surroundings.

use std::collections::BTreeMap;

use bench_model::{Measured, Place, Point, Quantity, Value, Verdict};

use crate::check::ENVIRONMENT_STEP;
use crate::fault::Fault;
use crate::operation::{Measure, OnError, Operation, RetryOn};
use crate::plan::{EnvironmentSource, EnvironmentSpec};
use crate::resolver::Judged;
use crate::suggest;
use crate::text::Given;
use crate::uncertainty::PlannedDecision;

use super::Expander;

/// Where a fault of an argument is said to lie.
const ARGUMENT: &str = "--set";

impl Expander<'_, '_> {
    /// Puts the values that were set in the places of the defaults.
    pub(super) fn set_parameters(&mut self) {
        let plan = self.plan;
        for (name, text) in self.inputs.set {
            let given = Given::of(text);
            match plan.parameters.get(name) {
                Some(parameter) => match parameter.refuses(name, &given) {
                    Some(message) => self.refused(message),
                    None => self.parameters.set(name, given),
                },
                None if plan.environment.contains_key(name) => {}
                None => {
                    let names = plan.parameters.keys().chain(plan.environment.keys());
                    let instead = suggest::instead(name, names.map(String::as_str));
                    self.refused(format!("the plan has no parameter '{name}'{instead}"));
                }
            }
        }
    }

    fn refused(&mut self, message: String) {
        self.faults.add(Fault::of_whole(ARGUMENT, message));
    }

    /// What is stated of the surroundings, within its limits.
    pub(super) fn environment(&mut self) -> BTreeMap<String, Quantity> {
        let plan = self.plan;
        let mut stated = BTreeMap::new();
        for (name, spec) in &plan.environment {
            let EnvironmentSource::Ask { question, sim } = &spec.from else { continue };
            let value = match self.inputs.set.get(name) {
                Some(text) => self.stated(name, text, sim),
                None if self.inputs.simulated => Some(sim.clone()),
                None => {
                    let message = format!(
                        "{name} is not stated ({question}): --set {name}=\"{sim}\" is wanted"
                    );
                    self.fault(&spec.span, message);
                    None
                }
            };
            if let Some(value) = value.filter(|value| self.is_within(name, spec, value)) {
                stated.insert(name.clone(), value);
            }
        }
        stated
    }

    fn stated(&mut self, name: &str, text: &str, such_as: &Quantity) -> Option<Quantity> {
        match text.parse::<Quantity>() {
            Ok(value) if value.unit.dimension() == such_as.unit.dimension() => Some(value),
            _ => {
                self.refused(format!(
                    "{name} is a quantity such as {such_as}, and '{text}' is none"
                ));
                None
            }
        }
    }

    fn is_within(&mut self, name: &str, spec: &EnvironmentSpec, value: &Quantity) -> bool {
        let Some(limit) = &spec.limit else { return true };
        let point = Point::default();
        let unit = Some(&value.unit);
        let judged = Judged { point: &point, range: None, unit, drift: None };
        let Some(planned) = self.resolved(|resolver| resolver.drafted(limit, judged)) else {
            return false;
        };
        let number = Value::Finite(value.value.clone());
        let measured = Measured::number(number, value.unit.clone());
        if planned.limit.judge(&measured).verdict() == Verdict::Pass {
            return true;
        }
        self.fault(limit.span(), format!("{name} is {value}, and {} is wanted", planned.limit));
        false
    }

    /// Readings of the surroundings, before anything else.
    pub(super) fn read_environment(&mut self) {
        let plan = self.plan;
        let read: Vec<_> = plan
            .environment
            .iter()
            .filter_map(|(name, spec)| match &spec.from {
                EnvironmentSource::Reading(reading) => Some((name, spec, reading)),
                EnvironmentSource::Ask { .. } => None,
            })
            .collect();
        if read.is_empty() {
            return;
        }
        let step = ENVIRONMENT_STEP.to_owned();
        self.push(Operation::StepStarted { step: step.clone() });
        for (name, spec, reading) in read {
            self.read_one(name, spec, reading);
        }
        self.push(Operation::StepFinished { step });
    }

    fn read_one(&mut self, name: &str, spec: &EnvironmentSpec, reading: &str) {
        let Some(reading) = self.reading(reading) else { return };
        let place = Place { path: format!("{ENVIRONMENT_STEP}/{name}"), point: Point::default() };
        let limit = self.limit_of_reading(spec.limit.as_ref(), &reading, &place.point);
        let judge = self.plan.readings.get(&reading.name).map(|draft| draft.judge);
        self.count_result(limit.as_ref());
        self.planned_readings += u64::from(reading.samples);
        self.push(Operation::Measure(Box::new(Measure {
            place,
            reading,
            judge: judge.unwrap_or_default(),
            limit,
            decision: PlannedDecision::default(),
            attempts: 1,
            retry_on: RetryOn::default(),
            on_error: OnError::default(),
        })));
    }
}
