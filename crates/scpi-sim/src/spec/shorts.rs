//! Short circuits: what feeds, bridged by what is as good as a wire.

use std::ops::Range;

use super::fault::Faults;
use crate::circuit::Pair;

/// Below this, across something that feeds, an element is a short circuit, in ohms: 1 V drives 50 A through it.
const SHORT_OHMS: f64 = 0.02;

/// What feeds and what bridges.
#[derive(Debug, Default)]
pub(super) struct Shorts {
    feeders: Vec<(Pair, String)>,
    bridges: Vec<(Pair, String, Range<usize>)>,
}

impl Shorts {
    /// Something that feeds whatever is between two nodes.
    pub(super) fn fed(&mut self, nodes: Pair, name: &str) {
        self.feeders.push((nodes, name.to_owned()));
    }

    /// Something that conducts between two nodes.
    pub(super) fn bridged(&mut self, nodes: Pair, ohms: f64, name: &str, place: &Range<usize>) {
        if ohms < SHORT_OHMS {
            self.bridges.push((nodes, name.to_owned(), place.clone()));
        }
    }

    /// Whatever closes a ring of wires around something that feeds.
    pub(super) fn check(&self, faults: &mut Faults<'_>) {
        let mut joined: Vec<Pair> = Vec::new();
        let mut told = vec![false; self.feeders.len()];
        for (nodes, name, place) in &self.bridges {
            joined.push(*nodes);
            for ((fed, feeder), told) in self.feeders.iter().zip(&mut told) {
                if !*told && reaches(&joined, *fed) {
                    *told = true;
                    let what = format!("{name} is a short circuit of {feeder}");
                    let right = format!("at least {SHORT_OHMS} Ω between its nodes are wanted");
                    faults.add(place, what, right);
                }
            }
        }
    }
}

/// Whether wires lead from one node to the other.
fn reaches(wires: &[Pair], [from, to]: Pair) -> bool {
    let mut seen = vec![from];
    let mut at = 0;
    while let Some(node) = seen.get(at).copied() {
        for [one, other] in wires {
            for next in [(*one == node).then_some(*other), (*other == node).then_some(*one)] {
                seen.extend(next.filter(|next| !seen.contains(next)));
            }
        }
        at += 1;
    }
    seen.contains(&to)
}
