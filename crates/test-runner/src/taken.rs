//! What has been judged so far, for what is computed from it.

use std::collections::BTreeMap;

use bench_model::{Measured, Place, Point};

/// Judged values by the path of their leaf, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    by_path: BTreeMap<String, Vec<(Point, Measured)>>,
    /// Steps, and the points around an axis of theirs that ended early.
    ended: Vec<(String, Point)>,
}

impl Taken {
    pub(crate) fn add(&mut self, place: &Place, measured: Measured) {
        self.by_path.entry(place.path.clone()).or_default().push((place.point.clone(), measured));
    }

    /// Notes that an axis of a step ended before its last setpoint.
    pub(crate) fn end_axis(&mut self, step: &str, around: &Point) {
        self.ended.push((step.to_owned(), around.clone()));
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
}
