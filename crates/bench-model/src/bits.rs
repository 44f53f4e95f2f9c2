//! Bits that must be set or clear.

use std::fmt;

use crate::unit::Unit;
use crate::value::Value;
use crate::verdict::{Judgement, Verdict};

/// Bits of a whole number that must be set, and bits that must be clear; 0 is the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bits {
    /// Those that must be set.
    pub set: u64,
    /// Those that must be clear.
    pub clear: u64,
}

impl Bits {
    /// Judges a number. What is no whole number from 0 to 2^64 - 1 is an error: it has no bits.
    pub(crate) fn judge(self, value: &Value, unit: &Unit) -> Judgement {
        let is_plain = unit.symbol().is_empty();
        let number = value.finite().filter(|_| is_plain);
        let number = number.map(|number| number.without_trailing_zeros().to_plain_string());
        let Some(number) = number.and_then(|text| text.parse::<u64>().ok()) else {
            return Judgement::error(format!("{value} is no whole number, and so has no bits"));
        };
        let lacking = self.set & !number;
        let surplus = self.clear & number;
        let wrong: Vec<_> = [(lacking, "clear"), (surplus, "set")]
            .into_iter()
            .filter(|(bits, _)| *bits != 0)
            .map(|(bits, state)| format!("{} {state}", places(bits)))
            .collect();
        match wrong.is_empty() {
            true => Judgement::new(Verdict::Pass, None, None),
            false => Judgement::failed(wrong.join(" and ")),
        }
    }
}

/// `bit 4`, `bits 0-3, 7`.
fn places(bits: u64) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for place in (0..u64::BITS).filter(|place| bits >> place & 1 == 1) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == place => *last = place,
            _ => runs.push((place, place)),
        }
    }
    let shown = runs.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    let several = if bits.count_ones() == 1 { "" } else { "s" };
    format!("bit{several} {}", shown.collect::<Vec<_>>().join(", "))
}

/// `bits 4, 7 set and bits 0-3 clear`.
impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.set, "set"), (self.clear, "clear")];
        let parts = parts.into_iter().filter(|(bits, _)| *bits != 0);
        let shown = parts.map(|(bits, state)| format!("{} {state}", places(bits)));
        f.write_str(&shown.collect::<Vec<_>>().join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_judged_one_by_one() {
        let bits = Bits { set: 0b1001_0000, clear: 0b1111 };
        assert_eq!(bits.to_string(), "bits 4, 7 set and bits 0-3 clear");
        for (value, verdict, reason) in [
            ("144", Verdict::Pass, None),
            ("+1.7600E+02", Verdict::Pass, None),
            ("145", Verdict::Fail, Some("bit 0 set")),
            ("16", Verdict::Fail, Some("bit 7 clear")),
            ("3", Verdict::Fail, Some("bits 4, 7 clear and bits 0-1 set")),
            ("18446744073709551615", Verdict::Fail, Some("bits 0-3 set")),
            ("0.5", Verdict::Error, Some("0.5 is no whole number, and so has no bits")),
            ("-1", Verdict::Error, Some("-1 is no whole number, and so has no bits")),
            ("18446744073709551616", Verdict::Error, None),
            ("NaN", Verdict::Error, None),
        ] {
            let judged = bits.judge(&value.parse().unwrap(), &Unit::none());
            assert_eq!(judged.verdict(), verdict, "{value}");
            assert!(reason.is_none_or(|reason| judged.reason() == Some(reason)), "{judged:?}");
        }
        let volts = bits.judge(&"144".parse().unwrap(), &Unit::volt());
        assert_eq!(volts.verdict(), Verdict::Error);
    }
}
