//! Readings until their mean is known well enough.

use bench_model::{Quantity, Value};
use metrology::process::{Sampling, StoppingRule};
use metrology::summary::Moments;
use test_plan::ReadingSpec;

/// How sure it must be that the mean lies within the half width that is asked for.
const COVERAGE: f64 = 0.95;

/// Digits of what is shown to people.
const SHOWN_DIGITS: u32 = 2;

/// The readings of one attempt so far, and what is asked of them.
pub(crate) struct Precision {
    rule: Option<StoppingRule>,
    wanted: Option<Quantity>,
    moments: Moments,
    sampling: Option<Sampling>,
    /// The power of ten of the last digit that was not zero in any reading.
    last_digit: Option<i32>,
}

impl Precision {
    /// Of a reading that is taken a fixed number of times, or until its mean is precise.
    pub(crate) fn of(spec: &ReadingSpec) -> Self {
        let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let rule = spec.until.as_ref().and_then(|until| {
            let half = until.half_width.in_base()?.to_f64();
            StoppingRule::new(half, COVERAGE, size(until.at_least), size(spec.samples)).ok()
        });
        let wanted = spec.until.as_ref().map(|until| until.half_width.clone());
        Self { rule, wanted, moments: Moments::default(), sampling: None, last_digit: None }
    }

    /// One reading more. After one that is no number all are taken.
    pub(crate) fn add(&mut self, value: &Value) {
        let own = value.finite().map(|number| number.without_trailing_zeros().exponent());
        self.last_digit = self.last_digit.into_iter().chain(own).min();
        let pushed = value.finite().and_then(|number| self.moments.push(number.to_f64()).ok());
        if pushed.is_none() {
            self.rule = None;
            return;
        }
        self.sampling = self.rule.and_then(|rule| rule.after(&self.moments).ok());
    }

    /// Whether no further reading is wanted.
    pub(crate) fn is_reached(&self) -> bool {
        matches!(self.sampling, Some(Sampling::Precise(_))) && !self.is_too_coarse()
    }

    /// Readings that agree to their last digit tell no more than that digit, however many there are.
    fn is_too_coarse(&self) -> bool {
        let half = self.last_digit.map_or(0.0, |power| 0.5 * 10_f64.powi(power));
        let wanted = self.wanted.as_ref().and_then(Quantity::in_base);
        let scatters = self.moments.standard_deviation().is_ok_and(|own| own >= half);
        !scatters && wanted.is_some_and(|wanted| wanted.to_f64() < half)
    }

    /// What people should know when all readings were not enough.
    pub(crate) fn missed(&self) -> Option<String> {
        let (Some(Sampling::Exhausted(half)), Some(wanted)) = (self.sampling, &self.wanted) else {
            return None;
        };
        let base = bench_model::Unit::base(wanted.unit.dimension());
        let half = bench_model::Decimal::from_f64_shortest(half)?;
        let half = Quantity::new(half, base).for_display(SHOWN_DIGITS);
        let count = self.moments.count();
        Some(format!("after {count} readings their mean is known to ± {half}, not to ± {wanted}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_catalog::{Function, ReadingSettings};
    use test_plan::Precise;

    fn of(until: Option<&str>, samples: u32) -> Precision {
        let settings = ReadingSettings {
            function: Function::DcVoltage,
            range: None,
            nplc: None,
            auto_zero: None,
            input_impedance: None,
        };
        let half_width = |text: &str| Precise { half_width: text.parse().unwrap(), at_least: 3 };
        Precision::of(&ReadingSpec {
            name: "v".into(),
            role: "dmm".into(),
            settings,
            samples,
            entry: None,
            corrections: Vec::new(),
            until: until.map(half_width),
        })
    }

    fn after(precision: &mut Precision, values: &[&str]) -> bool {
        values.iter().for_each(|value| precision.add(&value.parse().unwrap()));
        precision.is_reached()
    }

    #[test]
    fn it_is_reached_when_the_mean_is_known_well_enough() {
        assert!(!after(&mut of(Some("1 V"), 9), &["1", "1"]), "three at least");
        assert!(after(&mut of(Some("1 V"), 9), &["1", "1.1", "1.2"]));
        assert!(!after(&mut of(Some("1 mV"), 9), &["1", "1.1", "1.2"]));
        assert!(!after(&mut of(Some("1 V"), 9), &["1", "NaN", "1", "1"]), "no number");
        assert!(!after(&mut of(Some("1 mV"), 9), &["1.01", "1.01", "1.01"]), "a digit of 10 mV");
        assert!(after(&mut of(Some("6 mV"), 9), &["1.01", "1.01", "1.010"]));
        assert!(!after(&mut of(None, 9), &["1", "1", "1", "1"]), "all are wanted");
    }

    #[test]
    fn what_is_missed_is_said() {
        let mut precision = of(Some("1 mV"), 3);
        assert!(!after(&mut precision, &["1", "1.1", "1.2"]));
        let missed = precision.missed().unwrap();
        assert_eq!(missed, "after 3 readings their mean is known to ± 250 mV, not to ± 1 mV");
        assert_eq!(of(None, 3).missed(), None);
    }
}
