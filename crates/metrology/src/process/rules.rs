//! Patterns on a chart that chance hardly makes.

use crate::error::{Result, enough, number, positive};

/// The rules of the Western Electric handbook (Statistical Quality Control Handbook (1956), pages 25 to 28;
/// NIST/SEMATECH e-Handbook, 6.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalRule {
    /// One point beyond three standard deviations.
    BeyondThree,
    /// Two of three in a row beyond two, on one side.
    TwoOfThreeBeyondTwo,
    /// Four of five in a row beyond one, on one side.
    FourOfFiveBeyondOne,
    /// Eight in a row on one side.
    EightOnOneSide,
}

impl SignalRule {
    /// All four, with how many points of how many in a row lie beyond how many standard deviations.
    const ALL: [(Self, usize, usize, f64); 4] = [
        (Self::BeyondThree, 1, 1, 3.0),
        (Self::TwoOfThreeBeyondTwo, 2, 3, 2.0),
        (Self::FourOfFiveBeyondOne, 4, 5, 1.0),
        (Self::EightOnOneSide, 8, 8, 0.0),
    ];
}

/// A pattern that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The index of the point that completes it, counted from 0.
    pub index: usize,
    /// Which rule.
    pub rule: SignalRule,
    /// Whether on the upper side.
    pub is_above: bool,
}

/// Every place at which a rule is met, in the order of the points. The point that completes a pattern is part of
/// it.
///
/// # Errors
/// Without values, when one or the centre is not finite, and when the deviation is not above 0.
pub fn western_electric(values: &[f64], centre: f64, deviation: f64) -> Result<Vec<Signal>> {
    enough("values of a chart", values, 1)?;
    let centre = number("the centre line", centre)?;
    let deviation = positive("the deviation of a point", deviation)?;
    let scaled: Vec<f64> = values.iter().map(|value| (value - centre) / deviation).collect();
    let at = |index: usize| {
        let sides = [true, false].into_iter();
        sides.flat_map(move |is_above| SignalRule::ALL.map(|rule| (index, rule, is_above)))
    };
    let all = (0..scaled.len()).flat_map(at);
    let met = all.filter(|(index, rule, is_above)| is_met(&scaled, *index, rule, *is_above));
    Ok(met.map(|(index, (rule, ..), is_above)| Signal { index, rule, is_above }).collect())
}

fn is_met(
    scaled: &[f64],
    index: usize,
    (_, wanted, window, beyond): &(SignalRule, usize, usize, f64),
    is_above: bool,
) -> bool {
    let out = |value: &f64| if is_above { *value > *beyond } else { *value < -beyond };
    let seen = scaled.get(..=index).unwrap_or_default();
    let last = seen.get(seen.len().saturating_sub(*window)..).unwrap_or_default();
    seen.last().is_some_and(out) && last.iter().filter(|value| out(value)).count() >= *wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[f64]) -> Vec<(usize, SignalRule, bool)> {
        let signals = western_electric(values, 0.0, 1.0).unwrap();
        signals.iter().map(|signal| (signal.index, signal.rule, signal.is_above)).collect()
    }

    #[test]
    fn each_rule_is_met_by_its_own_pattern() {
        use SignalRule::{BeyondThree, EightOnOneSide, FourOfFiveBeyondOne, TwoOfThreeBeyondTwo};
        for (values, wanted) in [
            (vec![0.5, -3.1, 0.0], vec![(1, BeyondThree, false)]),
            (vec![2.1, 0.0, 2.1], vec![(2, TwoOfThreeBeyondTwo, true)]),
            (vec![2.1, 0.0, 0.0, 2.1], vec![]),
            (vec![2.1, -2.1, 0.3], vec![]),
            (vec![-1.1, -1.2, 0.0, -1.1, -1.1], vec![(4, FourOfFiveBeyondOne, false)]),
            (vec![1.1, 1.2, 1.1, 1.1, 0.0], vec![(3, FourOfFiveBeyondOne, true)]),
            (vec![0.1; 8], vec![(7, EightOnOneSide, true)]),
            (vec![0.1; 7], vec![]),
            (vec![0.0; 20], vec![]),
            (vec![3.0, 0.0, 0.0], vec![]),
        ] {
            assert_eq!(found(&values), wanted, "{values:?}");
        }
    }

    /// NIST/SEMATECH e-Handbook, 6.3.2.3: the first twelve means are in control, the shift after them is found by
    /// its first point.
    #[test]
    fn a_shift_is_found_at_once() {
        let values = [324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 328.325];
        let signals = western_electric(&values, 325.0, 0.635).unwrap();
        assert_eq!(signals[0], Signal { index: 7, rule: SignalRule::BeyondThree, is_above: true });
        assert!(western_electric(&values, 325.0, 0.0).is_err());
        assert!(western_electric(&[], 325.0, 1.0).is_err());
        assert!(western_electric(&[f64::NAN], 325.0, 1.0).is_err());
    }
}
