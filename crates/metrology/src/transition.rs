//! How long a waveform takes from one of its two states to the other: IEEE Std 181, 10 % to 90 %.

use std::collections::BTreeMap;

/// Where a transition begins and ends, as parts of the way from the low state to the high one.
const REFERENCES: [f64; 2] = [0.1, 0.9];

/// The first rise through both references, in samples; between two samples by a straight line. `None` where the codes
/// have no two states, or hold no whole rise.
pub(crate) fn rise(codes: &[i32], low: i32, high: i32) -> Option<f64> {
    let (bottom, top) = states(codes, low, high)?;
    let [begin, end] = REFERENCES.map(|part| bottom + (top - bottom) * part);
    let mut begun = None;
    let mut position = 0.0;
    for pair in codes.windows(2) {
        let [before, after] = pair else { continue };
        let (before, after) = (f64::from(*before), f64::from(*after));
        let through = |level: f64| {
            (before < level && after >= level)
                .then(|| position + (level - before) / (after - before))
        };
        begun = match through(begin) {
            Some(at) => Some(at),
            // It fell back before it arrived.
            None if after < begin => None,
            None => begun,
        };
        if let (Some(from), Some(to)) = (begun, through(end)) {
            return Some(to - from);
        }
        position += 1.0;
    }
    None
}

/// The two states: the codes that come most often in the lower and in the upper half. Noise, ringing and overshoot do
/// not move them, as they move the extremes.
fn states(codes: &[i32], low: i32, high: i32) -> Option<(f64, f64)> {
    let middle = f64::midpoint(f64::from(low), f64::from(high));
    let mut counts = [BTreeMap::new(), BTreeMap::new()];
    for code in codes {
        let half = usize::from(f64::from(*code) >= middle);
        if let Some(counts) = counts.get_mut(half) {
            *counts.entry(*code).or_insert(0_u32) += 1;
        }
    }
    let [bottom, top] = counts.map(|counts| {
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(code, _)| f64::from(code))
    });
    bottom.zip(top).filter(|(bottom, top)| bottom < top)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(codes: &[i32]) -> Option<f64> {
        rise(codes, *codes.iter().min()?, *codes.iter().max()?)
    }

    #[test]
    fn a_straight_rise_takes_eight_tenths_of_its_length() {
        let flat = |code: i32| std::iter::repeat_n(code, 50);
        let ramp: Vec<i32> = flat(0).chain((0..=100).step_by(5)).chain(flat(100)).collect();
        assert!((of(&ramp).unwrap() - 16.0).abs() < 1e-9);
        // An overshoot moves the extremes and not the states.
        let over: Vec<i32> =
            flat(0).chain((0..=100).step_by(5)).chain([130]).chain(flat(100)).collect();
        assert!((of(&over).unwrap() - 16.0).abs() < 1e-9);
        let step: Vec<i32> = flat(0).chain(flat(100)).collect();
        assert!((of(&step).unwrap() - 0.8).abs() < 1e-9);
    }

    /// tr = 2.2 RC for a single pole: ln 9 of its time constant.
    #[test]
    fn a_single_pole_rises_in_ln_9_of_its_time_constant() {
        let tau = 40.0;
        let at = |index: i32| (1e6 * (1.0 - (-f64::from(index) / tau).exp())).round();
        #[allow(clippy::cast_possible_truncation, reason = "codes of this test are small")]
        let pole = (0..2000).map(|index| at(index) as i32);
        let codes: Vec<i32> = std::iter::repeat_n(0, 2000).chain(pole).collect();
        let found = of(&codes).unwrap();
        assert!((found / (tau * 9_f64.ln()) - 1.0).abs() < 1e-3, "{found}");
    }

    #[test]
    fn what_does_not_rise_has_no_rise_time() {
        assert_eq!(of(&[5, 5, 5, 5]), None);
        assert_eq!(of(&[9, 9, 9, 0, 0, 0]), None);
    }
}
