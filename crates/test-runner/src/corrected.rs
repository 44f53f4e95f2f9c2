//! Corrected readings: each has a row of its own behind that of the reading that the instrument gave.

use bench_model::{
    Correction, Decimal, Measured, Point, Quantity, Reading, ReadingId, RunEvent, Unit, Value,
};
use test_plan::{CorrectionBy, ReadingSpec, Schedule};
use uuid::Uuid;

use crate::calibration::overdue_since;
use crate::execute::{Execution, Leaf};
use crate::halt::Halt;

/// What stands in the record for the function of a corrected reading.
const FUNCTION: &str = "corrected";

/// The corrections of one measurement with their numbers.
pub(crate) struct Correcting<'m> {
    spec: &'m ReadingSpec,
    /// In base units, one for each correction.
    pub(crate) numbers: Vec<Decimal>,
    inputs: Vec<bench_model::CorrectionInput>,
}

impl Correcting<'_> {
    /// A reading, corrected; what is no number stays what it is.
    pub(crate) fn of(&self, raw: &Value) -> Value {
        match raw {
            Value::Finite(number) if !self.spec.corrections.is_empty() => {
                let corrected = self.spec.corrected(number, &self.numbers);
                corrected.map_or(Value::NotANumber, |found| Value::Finite(found.value))
            }
            other => other.clone(),
        }
    }

    fn record(&self, of: ReadingId) -> Correction {
        Correction { of, formula: self.spec.formula(), inputs: self.inputs.clone() }
    }
}

impl Execution<'_> {
    /// The numbers of a reading's corrections. The error says which is missing.
    pub(crate) fn correcting<'m>(&self, spec: &'m ReadingSpec) -> Result<Correcting<'m>, String> {
        let (mut numbers, mut inputs) = (Vec::new(), Vec::new());
        for correction in &spec.corrections {
            let value = match &correction.by {
                CorrectionBy::Zero(path) => self.zero(path)?,
                _ => correction.stated().cloned().unwrap_or_else(nothing),
            };
            let beyond =
                || format!("the correction '{}' passes the bounds of a decimal", correction.name);
            numbers.push(value.in_base().ok_or_else(beyond)?);
            inputs.push(correction.input(value));
        }
        Ok(Correcting { spec, numbers, inputs })
    }

    fn zero(&self, path: &str) -> Result<Quantity, String> {
        let found = self.taken.at(path, &Point::default()).and_then(Measured::quantity);
        found.ok_or_else(|| format!("the zero '{path}' has no value"))
    }

    /// The corrected reading behind the one that the instrument gave.
    pub(crate) async fn tell_corrected(
        &mut self,
        correcting: &Correcting<'_>,
        leaf: &mut Leaf,
        raw: &Reading,
        value: &Value,
    ) -> Result<(), Halt> {
        if correcting.numbers.is_empty() {
            return Ok(());
        }
        let id = ReadingId(Uuid::now_v7());
        // It is the corrected one that is judged; it names the other.
        leaf.readings.retain(|own| *own != raw.id);
        leaf.readings.push(id);
        let reading = Reading {
            id,
            function: FUNCTION.to_owned(),
            raw: value.to_string(),
            value: value.clone(),
            unit: correcting.spec.unit(),
            range: None,
            correction: Some(Box::new(correcting.record(raw.id))),
            ..raw.clone()
        };
        Ok(self.emitter.emit(RunEvent::Reading(Box::new(reading))).await?)
    }

    /// Corrections whose certificates hold no longer: a warning, and no run where calibration is required.
    pub(crate) async fn look_at_certificates(&mut self, schedule: &Schedule) -> Result<(), Halt> {
        let mut faults = Vec::new();
        for correction in &schedule.corrections {
            let Some(due) = correction.due.as_deref().and_then(overdue_since) else { continue };
            let said = format!("the correction '{}' was due on {due}", correction.name);
            if correction.required {
                faults.push(said);
            } else {
                self.emitter.warn(said).await?;
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Halt::NotReady(faults)) }
    }
}

fn nothing() -> Quantity {
    Quantity::new(Decimal::zero(), Unit::none())
}
