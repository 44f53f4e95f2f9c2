//! What has been judged so far, for what is computed from it.

use std::collections::BTreeMap;

use bench_model::{Measured, Place, Point};

/// Judged values by the path of their leaf, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    by_path: BTreeMap<String, Vec<(Point, Measured)>>,
}

impl Taken {
    pub(crate) fn add(&mut self, place: &Place, measured: Measured) {
        self.by_path.entry(place.path.clone()).or_default().push((place.point.clone(), measured));
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
}
