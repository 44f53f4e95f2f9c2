//! What a circuit that remembers was like a moment ago: what a meter integrates over.

use std::collections::VecDeque;

use super::solve::Rest;

/// States that are kept; with more, every second one is forgotten.
const MOST: usize = 2048;

/// How long they are kept, in seconds: longer than any reading takes.
const KEPT: f64 = 20.0;

/// States of the past, the oldest first, each with its time.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    states: VecDeque<(f64, Rest)>,
}

impl History {
    pub(super) fn note(&mut self, time: f64, rest: &Rest) {
        while self.states.get(1).is_some_and(|(second, _)| *second < time - KEPT) {
            self.states.pop_front();
        }
        if self.states.len() >= MOST {
            let mut keep = false;
            self.states.retain(|_| {
                keep = !keep;
                keep
            });
        }
        self.states.push_back((time, rest.clone()));
    }

    /// The mean of a part of the state between two times, along straight lines between the states.
    pub(super) fn mean(&self, begin: f64, end: f64, part: impl Fn(&Rest) -> f64) -> Option<f64> {
        let (_, last) = self.states.back()?;
        if end <= begin {
            return Some(part(last));
        }
        let pairs = self.states.iter().zip(self.states.iter().skip(1));
        let (mut area, mut covered) = (0.0, 0.0);
        for ((from, one), (to, two)) in pairs {
            let (low, high) = (from.max(begin), to.min(end));
            if high <= low || to <= from {
                continue;
            }
            let at = |time: f64| part(one) + (part(two) - part(one)) * (time - from) / (to - from);
            area += (high - low) * f64::midpoint(at(low), at(high));
            covered += high - low;
        }
        Some(if covered > 0.0 { area / covered } else { part(last) })
    }
}
