//! Suffixes: a multiplier and a unit, IEEE 488.2 clause 7.7.3 and its table 7-1.
//!
//! `M` is milli, but `MHZ` and `MOHM` are mega (clause 7.7.3.3); `MA` is mega, but `MA` alone is
//! milliampere. A client therefore writes base units without a suffix, and only the listener reads them.

use exact_decimal::Decimal;

/// Powers of ten by their letters, the longest first (table 7-1).
const MULTIPLIERS: [(&str, i32); 12] = [
    ("EX", 18),
    ("PE", 15),
    ("MA", 6),
    ("T", 12),
    ("G", 9),
    ("K", 3),
    ("M", -3),
    ("U", -6),
    ("N", -9),
    ("P", -12),
    ("F", -15),
    ("A", -18),
];

/// Units with which `M` means mega.
const MEGA_UNITS: [&str; 2] = ["HZ", "OHM"];

/// Why a number cannot be brought to base units.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuffixError {
    /// The suffix is no multiple of the unit.
    #[error("the suffix '{suffix}' is no multiple of {unit}")]
    WrongUnit {
        /// As written.
        suffix: String,
        /// What is wanted.
        unit: String,
    },
    /// The multiplied number passes the bounds of a decimal.
    #[error("the number with the suffix '{suffix}' is too large or too small")]
    OutOfRange {
        /// As written.
        suffix: String,
    },
}

impl SuffixError {
    /// The standard error number that an instrument reports.
    #[must_use]
    pub fn code(&self) -> i32 {
        match self {
            Self::WrongUnit { .. } => -131,
            Self::OutOfRange { .. } => -222,
        }
    }
}

/// `value` with this suffix, in base units of `unit` (`V`, `HZ`, `OHM`; any case).
///
/// ```
/// use scpi_protocol::program::base_units;
///
/// assert_eq!(base_units(&"5".parse()?, "MV", "V")?.to_string(), "0.005");
/// assert_eq!(base_units(&"1.50".parse()?, "MHz", "HZ")?, "1500000".parse()?); // mega, not milli
/// assert!(base_units(&"5".parse()?, "A", "V").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the suffix is no multiple of `unit`.
pub fn base_units(value: &Decimal, suffix: &str, unit: &str) -> Result<Decimal, SuffixError> {
    let (suffix, unit) = (suffix.to_ascii_uppercase(), unit.to_ascii_uppercase());
    let Some(power) = power_of(&suffix, &unit) else {
        return Err(SuffixError::WrongUnit { suffix, unit });
    };
    value.scale_by_power_of_ten(power).ok_or(SuffixError::OutOfRange { suffix })
}

fn power_of(suffix: &str, unit: &str) -> Option<i32> {
    let letters = suffix.strip_suffix(unit).filter(|_| !unit.is_empty())?;
    match letters {
        "" => Some(0),
        "M" if MEGA_UNITS.contains(&unit) => Some(6),
        _ => MULTIPLIERS.iter().find(|(name, _)| *name == letters).map(|(_, power)| *power),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipliers_of_the_standard() {
        for (suffix, unit, power) in [
            ("V", "V", Some(0)),
            ("MV", "V", Some(-3)),
            ("MAV", "V", Some(6)),
            ("UV", "v", Some(-6)),
            ("MA", "A", Some(-3)),
            ("MHZ", "HZ", Some(6)),
            ("MAHZ", "HZ", Some(6)),
            ("KHZ", "HZ", Some(3)),
            ("MOHM", "OHM", Some(6)),
            ("UOHM", "OHM", Some(-6)),
            ("MS", "S", Some(-3)),
            ("NS", "S", Some(-9)),
            ("EXW", "W", Some(18)),
            ("PF", "F", Some(-12)),
            ("A", "V", None),
            ("QV", "V", None),
            ("V", "", None),
        ] {
            let found = base_units(&Decimal::from(1), suffix, unit).ok();
            let wanted = power.and_then(|power| Decimal::from(1).scale_by_power_of_ten(power));
            assert_eq!(found, wanted, "{suffix} for {unit}");
        }
    }
}
