//! Two runs, place by place.

use std::collections::{BTreeMap, BTreeSet};

use bench_model::RunRecord;
use metrology::comparison::difference_of_means;

use super::changes::{Change, Circumstances};
use super::level::{Level, levels};
use super::moved::{Moved, weigh_all};
use super::words;
use crate::look::Look;

/// What is different between two runs.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Comparison {
    /// The run that is compared with, in words.
    pub before: String,
    /// The run that is compared.
    pub after: String,
    /// What else was different: plan, firmware, parameters.
    pub changes: Vec<Change>,
    /// Every place that both have a number of.
    pub places: Vec<Moved>,
    /// Places that only the first has a number of.
    pub only_before: Vec<String>,
    /// Places that only the second has a number of.
    pub only_after: Vec<String>,
}

impl Comparison {
    /// Compares. A shift is held against how the readings within each run scatter (Welch's test), so that a place of
    /// a single reading has a shift and no interval.
    #[must_use]
    pub fn of(before: &RunRecord, after: &RunRecord) -> Self {
        let (old, new) = (levels(before), levels(after));
        let by_place: BTreeMap<&str, &Level> =
            old.iter().map(|level| (level.place.as_str(), level)).collect();
        let compared = |level: &Level| compare(by_place.get(level.place.as_str())?, level);
        let mut places: Vec<Moved> = new.iter().filter_map(compared).collect();
        weigh_all(&mut places);
        Self {
            before: words::run(before),
            after: words::run(after),
            changes: Circumstances::of(before).changes(&Circumstances::of(after)),
            only_before: missing(&old, &places),
            only_after: missing(&new, &places),
            places,
        }
    }

    /// For a screen. `alpha` is how often a run that has not moved may be called moved; with `all`, every place is
    /// listed, else those that moved or came out otherwise.
    #[must_use]
    pub fn text(&self, alpha: f64, all: bool, look: Look) -> String {
        words::comparison(self, alpha, all, look)
    }

    /// For programs, as one JSON object.
    ///
    /// # Errors
    ///
    /// When a number has no JSON.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn compare(before: &Level, after: &Level) -> Option<Moved> {
    let mut moved = Moved::of(before.value.clone(), after)?;
    moved.verdict_before = Some(before.verdict);
    let Some((one, other)) = before.scatter.zip(after.scatter) else { return Some(moved) };
    let difference = moved.shift.value.to_f64();
    let significance = difference_of_means(difference, one, other);
    Some(moved.held_against(one.deviation, one.count, significance))
}

fn missing(levels: &[Level], compared: &[Moved]) -> Vec<String> {
    let known: BTreeSet<&str> = compared.iter().map(|one| one.place.as_str()).collect();
    let places = levels.iter().map(|level| &level.place);
    places.filter(|place| !known.contains(place.as_str())).cloned().collect()
}
