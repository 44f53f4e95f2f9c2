//! The results of one leaf together.

use std::collections::HashMap;

use bench_model::{Quantity, StepResult, Verdict};

use crate::phrase::is_bad;

/// The results of one path.
pub(crate) struct Leaf<'r> {
    pub(crate) path: &'r str,
    pub(crate) results: Vec<&'r StepResult>,
}

/// In the order in which they were first judged.
pub(crate) fn leaves<'r>(results: impl IntoIterator<Item = &'r StepResult>) -> Vec<Leaf<'r>> {
    let mut leaves: Vec<Leaf<'_>> = Vec::new();
    let mut places = HashMap::new();
    for result in results {
        let path = result.place.path.as_str();
        let at = *places.entry(path).or_insert(leaves.len());
        match leaves.get_mut(at) {
            Some(leaf) => leaf.results.push(result),
            None => leaves.push(Leaf { path, results: vec![result] }),
        }
    }
    leaves
}

impl<'r> Leaf<'r> {
    /// Those that came out so.
    pub(crate) fn of(&self, verdict: Verdict) -> Vec<&'r StepResult> {
        self.results.iter().copied().filter(|result| result.verdict == verdict).collect()
    }

    /// Those that people must look at.
    pub(crate) fn bad(&self) -> Vec<&'r StepResult> {
        self.results.iter().copied().filter(|result| is_bad(result.verdict)).collect()
    }
}

/// The result with the smallest margin, where any has one.
pub(crate) fn closest<'r>(results: &[&'r StepResult]) -> Option<&'r StepResult> {
    let margin = |result: &StepResult| result.margin.as_ref().and_then(Quantity::in_base);
    let with_margin = results.iter().filter_map(|result| Some((margin(result)?, *result)));
    with_margin.min_by(|(one, _), (two, _)| one.cmp(two)).map(|(_, result)| result)
}
