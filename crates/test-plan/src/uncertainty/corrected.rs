//! What the corrections of a reading make of its uncertainty.

use std::sync::Arc;

use bench_model::{Decimal, Unit};

use crate::correction::{Corrected, Correction};
use crate::operation::ReadingSpec;

/// The reading that a corrected value was made of.
#[derive(Clone, Debug)]
pub struct CorrectedFrom<'a> {
    /// What the instrument gave, in base units.
    pub raw: Decimal,
    /// Its base unit.
    pub unit: Unit,
    /// How the value follows it and the numbers.
    pub value: Corrected,
    /// What corrected it.
    pub corrections: &'a [Arc<Correction>],
}

impl<'a> CorrectedFrom<'a> {
    /// Behind a corrected value. `None` where nothing is corrected, and beyond the bounds of a decimal.
    #[must_use]
    pub fn of(reading: &'a ReadingSpec, value: &Decimal, numbers: &[Decimal]) -> Option<Self> {
        if reading.corrections.is_empty() {
            return None;
        }
        let raw = reading.uncorrected(value, numbers)?;
        let value = reading.corrected(&raw, numbers)?;
        let unit = reading.raw_unit();
        Some(Self { raw, unit, value, corrections: &reading.corrections })
    }
}
