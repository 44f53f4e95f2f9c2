//! What has been judged so far, for what is computed from it.

use std::collections::BTreeMap;

use bench_model::{Decimal, Measured, Place, Point, Reading, StatedUncertainty, StepResult, Value};
use test_plan::ErrorSource;

/// Judged values by the path of their leaf, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    by_path: BTreeMap<String, Vec<(Point, Measured)>>,
    /// Steps, and the points around an axis of theirs that ended early.
    ended: Vec<(String, Point)>,
    samples: BTreeMap<String, Vec<(Point, Vec<Decimal>)>>,
    stated: BTreeMap<String, Vec<(Point, StatedUncertainty)>>,
}

impl Taken {
    pub(crate) fn add(&mut self, place: &Place, measured: Measured) {
        self.by_path.entry(place.path.clone()).or_default().push((place.point.clone(), measured));
    }

    /// Notes that an axis of a step ended before its last setpoint.
    pub(crate) fn end_axis(&mut self, step: &str, around: &Point) {
        self.ended.push((step.to_owned(), around.clone()));
    }

    /// The readings behind a value, in base units.
    fn add_samples(&mut self, place: &Place, samples: Vec<Decimal>) {
        let of_path = self.samples.entry(place.path.clone()).or_default();
        // Those of the last attempt count.
        of_path.retain(|(point, _)| *point != place.point);
        of_path.push((place.point.clone(), samples));
    }

    /// The readings behind a value, where there are several; an overload is none to compute with.
    pub(crate) fn note_samples(&mut self, place: &Place, values: &[Value]) {
        if values.len() > 1 {
            self.add_samples(place, values.iter().filter_map(Value::finite).cloned().collect());
        }
    }

    /// The readings of the last attempt behind a result of before the session was cut.
    pub(crate) fn keep_samples(&mut self, result: &StepResult, readings: &[Reading]) {
        let own = readings.iter().filter(|own| own.result == result.id);
        let own: Vec<_> = own.filter(|own| own.attempt == result.attempts).collect();
        // Where readings were corrected, the corrected ones are what counts.
        let is_corrected = own.iter().any(|own| own.correction.is_some());
        let own = own.into_iter().filter(|own| own.correction.is_some() == is_corrected);
        let base = |own: &Reading| own.unit.to_base(own.value.finite()?);
        let samples: Vec<Decimal> = own.filter_map(base).collect();
        if samples.len() > 1 {
            self.add_samples(&result.place, samples);
        }
    }

    /// How uncertain a value is.
    pub(crate) fn add_uncertainty(&mut self, place: &Place, stated: &StatedUncertainty) {
        let of_path = self.stated.entry(place.path.clone()).or_default();
        of_path.push((place.point.clone(), stated.clone()));
    }

    /// The value of a leaf at a point; the later ones are looked at first.
    pub(crate) fn at(&self, path: &str, point: &Point) -> Option<&Measured> {
        let values = self.by_path.get(path)?;
        values.iter().rfind(|(own, _)| own == point).map(|(_, measured)| measured)
    }
}

impl test_plan::Results for Taken {
    fn of(&self, path: &str) -> Vec<(Point, Measured)> {
        self.by_path.get(path).cloned().unwrap_or_default()
    }

    fn ended(&self, path: &str, point: &Point) -> bool {
        let step = path.split('/').next().unwrap_or(path);
        let lies_on = |around: &Point| {
            around.0.iter().all(|fixed| point.get(&fixed.axis) == Some(&fixed.value))
        };
        self.ended.iter().any(|(own, around)| own == step && lies_on(around))
    }

    fn samples(&self, path: &str) -> Vec<(Point, Vec<Decimal>)> {
        self.samples.get(path).cloned().unwrap_or_default()
    }

    fn uncertainty(&self, place: &Place) -> Option<Vec<ErrorSource>> {
        let of_path = self.stated.get(&place.path)?;
        let (_, stated) = of_path.iter().rfind(|(point, _)| *point == place.point)?;
        Some(ErrorSource::of(place, stated))
    }
}
