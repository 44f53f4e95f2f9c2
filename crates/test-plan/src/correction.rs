//! Corrections of readings: a zero taken off, a shunt, a gain, an offset. What an instrument gave stays a reading of
//! its own; what is judged is the corrected one.

use bench_model::{CorrectionInput, Decimal, Dimension, Quantity, Unit};

use crate::operation::ReadingSpec;

/// What a correction does with a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorrectionBy {
    /// Divides a voltage by a resistance: the current through a shunt.
    Shunt(Quantity),
    /// Multiplies.
    Gain(Quantity),
    /// Adds.
    Offset(Quantity),
    /// Takes off the result of an earlier step, by its path.
    Zero(String),
}

/// One correction of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Its name.
    pub name: String,
    /// What it does.
    pub by: CorrectionBy,
    /// How uncertain its number is, for 95 % with k = 2, in base units.
    pub uncertainty: Option<Quantity>,
    /// The certificate that states it.
    pub certificate: Option<String>,
    /// Until when that holds: `YYYY-MM-DD`.
    pub due: Option<String>,
    /// Whether a run must not go by it any longer than that.
    pub required: bool,
}

/// A corrected value in base units, and how it follows what it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// The value.
    pub value: Decimal,
    /// Its change by that of the reading.
    pub by_reading: Decimal,
    /// Its change by that of each correction's number.
    pub by_input: Vec<Decimal>,
}

impl Correction {
    /// The unit of a reading behind it. `None` where it does not fit one of this dimension.
    #[must_use]
    pub fn dimension(&self, of: Dimension) -> Option<Dimension> {
        match &self.by {
            CorrectionBy::Shunt(shunt) => of.per(shunt.unit.dimension()),
            CorrectionBy::Gain(gain) => of.times(gain.unit.dimension()),
            CorrectionBy::Offset(own) => (own.unit.dimension() == of).then_some(of),
            CorrectionBy::Zero(_) => Some(of),
        }
    }

    /// The number that the plan states, where it is not measured.
    #[must_use]
    pub fn stated(&self) -> Option<&Quantity> {
        match &self.by {
            CorrectionBy::Shunt(own) | CorrectionBy::Gain(own) | CorrectionBy::Offset(own) => {
                Some(own)
            }
            CorrectionBy::Zero(_) => None,
        }
    }

    /// For the record, with its number.
    #[must_use]
    pub fn input(&self, value: Quantity) -> CorrectionInput {
        let result = match &self.by {
            CorrectionBy::Zero(path) => Some(path.clone()),
            _ => None,
        };
        CorrectionInput {
            name: self.name.clone(),
            value,
            uncertainty: self.uncertainty.clone(),
            certificate: self.certificate.clone(),
            due: self.due.clone(),
            result,
        }
    }

    /// The value behind it, its change by that of the value before it and by that of its own number.
    fn forward(&self, value: &Decimal, own: &Decimal) -> Option<(Decimal, Decimal, Decimal)> {
        let one = Decimal::from(1_u32);
        Some(match &self.by {
            CorrectionBy::Shunt(_) => {
                let quotient = value.checked_div(own).ok()?;
                let by_own = negated(&quotient)?.checked_div(own).ok()?;
                (quotient, one.checked_div(own).ok()?, by_own)
            }
            CorrectionBy::Gain(_) => (value.checked_mul(own).ok()?, own.clone(), value.clone()),
            CorrectionBy::Offset(_) => (value.checked_add(own).ok()?, one.clone(), one),
            CorrectionBy::Zero(_) => (value.checked_sub(own).ok()?, one.clone(), negated(&one)?),
        })
    }

    fn back(&self, value: &Decimal, own: &Decimal) -> Option<Decimal> {
        match &self.by {
            CorrectionBy::Shunt(_) => value.checked_mul(own).ok(),
            CorrectionBy::Gain(_) => value.checked_div(own).ok(),
            CorrectionBy::Offset(_) => value.checked_sub(own).ok(),
            CorrectionBy::Zero(_) => value.checked_add(own).ok(),
        }
    }

    fn written(&self, inner: &str) -> String {
        let name = &self.name;
        let inner = if inner.contains([' ', '+']) && self.is_product() {
            format!("({inner})")
        } else {
            inner.to_owned()
        };
        match &self.by {
            CorrectionBy::Shunt(_) => format!("{inner} / {name}"),
            CorrectionBy::Gain(_) => format!("{inner} * {name}"),
            CorrectionBy::Offset(_) => format!("{inner} + {name}"),
            CorrectionBy::Zero(_) => format!("{inner} - {name}"),
        }
    }

    fn is_product(&self) -> bool {
        matches!(self.by, CorrectionBy::Shunt(_) | CorrectionBy::Gain(_))
    }
}

fn negated(value: &Decimal) -> Option<Decimal> {
    Decimal::zero().checked_sub(value).ok()
}

impl ReadingSpec {
    /// The base unit of what is read.
    #[must_use]
    pub fn raw_unit(&self) -> Unit {
        let entry = self.entry.as_ref().map(|entry| Unit::base(entry.unit.dimension()));
        entry.unwrap_or_else(|| self.settings.function.unit())
    }

    /// The base unit of what is judged: that of the function, where nothing is corrected.
    #[must_use]
    pub fn unit(&self) -> Unit {
        let of = self.raw_unit();
        if self.corrections.is_empty() {
            return of;
        }
        let fold = self.corrections.iter().try_fold(of.dimension(), |of, own| own.dimension(of));
        fold.map_or(of, Unit::base)
    }

    /// What is reckoned: `(raw - leads) / shunt`.
    #[must_use]
    pub fn formula(&self) -> String {
        self.corrections.iter().fold("raw".to_owned(), |inner, own| own.written(&inner))
    }

    /// A reading corrected by numbers in base units, one for each correction. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn corrected(&self, raw: &Decimal, numbers: &[Decimal]) -> Option<Corrected> {
        let one = Decimal::from(1_u32);
        let mut found = Corrected { value: raw.clone(), by_reading: one, by_input: Vec::new() };
        for (correction, own) in self.corrections.iter().zip(numbers) {
            let (value, by_value, by_own) = correction.forward(&found.value, own)?;
            for change in found.by_input.iter_mut().chain([&mut found.by_reading]) {
                *change = change.checked_mul(&by_value).ok()?;
            }
            found.by_input.push(by_own);
            found.value = value;
        }
        Some(found)
    }

    /// The numbers that the plan states; zero for what is measured first.
    pub(crate) fn numbers_stated(&self) -> Vec<Decimal> {
        let stated = |own: &Correction| own.stated().and_then(Quantity::in_base);
        self.corrections.iter().map(|own| stated(own).unwrap_or_else(Decimal::zero)).collect()
    }

    /// The reading that was corrected to a value.
    #[must_use]
    pub fn uncorrected(&self, value: &Decimal, numbers: &[Decimal]) -> Option<Decimal> {
        let pairs = self.corrections.iter().zip(numbers).rev();
        pairs
            .into_iter()
            .try_fold(value.clone(), |value, (correction, own)| correction.back(&value, own))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bench_catalog::{Function, ReadingSettings};

    use super::*;

    fn spec(corrections: Vec<CorrectionBy>) -> ReadingSpec {
        let settings = ReadingSettings {
            function: Function::DcVoltage,
            range: None,
            nplc: None,
            auto_zero: None,
            input_impedance: None,
        };
        let corrections = corrections.into_iter().enumerate().map(|(index, by)| {
            let name = format!("c{index}");
            let (uncertainty, certificate, due) = (None, None, None);
            Arc::new(Correction { name, by, uncertainty, certificate, due, required: false })
        });
        let (name, role) = ("i".to_owned(), "dmm".to_owned());
        let corrections = corrections.collect();
        ReadingSpec { name, role, settings, samples: 1, until: None, entry: None, corrections }
    }

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_shunt_behind_a_zero_gives_a_current() {
        let zero = CorrectionBy::Zero("leads".to_owned());
        let own = spec(vec![zero, CorrectionBy::Shunt("10 mΩ".parse().unwrap())]);
        assert_eq!((own.unit(), own.formula().as_str()), (Unit::ampere(), "(raw - c0) / c1"));
        let numbers = [number("0.0001"), number("0.01")];
        let found = own.corrected(&number("0.0101"), &numbers).unwrap();
        assert_eq!(found.value, number("1"));
        assert_eq!(found.by_reading, number("100"));
        assert_eq!(found.by_input, [number("-100"), number("-100")]);
        assert_eq!(own.uncorrected(&found.value, &numbers).unwrap(), number("0.0101"));
    }

    #[test]
    fn a_gain_and_an_offset_keep_their_order() {
        let gain = CorrectionBy::Gain("1.002".parse().unwrap());
        let own = spec(vec![gain, CorrectionBy::Offset("-1 mV".parse().unwrap())]);
        assert_eq!((own.unit(), own.formula().as_str()), (Unit::volt(), "raw * c0 + c1"));
        let found = own.corrected(&number("5"), &[number("1.002"), number("-0.001")]).unwrap();
        assert_eq!(found.value, number("5.009"));
        assert_eq!(found.by_input, [number("5"), number("1")]);
    }
}
