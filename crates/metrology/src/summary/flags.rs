//! Readings of which some may be outliers: the test that fits their number, and what is recorded of it.

use bench_model::{Analysis, Figure, Quantity, Unit};
use exact_decimal::Decimal;

use super::outlier::{EsdStep, GrubbsSide, generalised_esd, grubbs};
use crate::error::Result;

/// From so many values on the generalised test holds; below it is Grubbs' for one outlier.
const ESD_FROM: usize = 15;

/// Of so many values one may be an outlier, where nobody says how many are looked for.
const ONE_IN: usize = 10;

/// Outliers that are looked for, at most.
const MOST: usize = 20;

/// What the test for outliers said of some values. They are flagged, never taken away.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlierFlags {
    steps: Vec<EsdStep>,
    alpha: f64,
    by_grubbs: bool,
}

/// Flags the values that lie far from the others at significance `alpha`: by Grubbs' test of either side below 15
/// values, else by the generalised ESD test for up to `most` outliers (a tenth of the values where it is not given,
/// 20 at most).
///
/// # Errors
/// As [`grubbs`](super::grubbs) and [`generalised_esd`](super::generalised_esd).
pub fn flag_outliers(values: &[f64], most: Option<usize>, alpha: f64) -> Result<OutlierFlags> {
    if values.len() < ESD_FROM {
        let found = grubbs(values, GrubbsSide::Either, alpha)?;
        let (index, statistic, critical) = (found.index, found.statistic, found.critical);
        let step = EsdStep { index, statistic, critical, is_outlier: found.is_outlier };
        return Ok(OutlierFlags { steps: vec![step], alpha, by_grubbs: true });
    }
    let most = most.unwrap_or(values.len() / ONE_IN).clamp(1, MOST);
    Ok(OutlierFlags { steps: generalised_esd(values, most, alpha)?, alpha, by_grubbs: false })
}

impl OutlierFlags {
    /// The indices of the values that are flagged, the furthest first.
    pub fn flagged(&self) -> impl Iterator<Item = usize> + '_ {
        self.steps.iter().filter(|step| step.is_outlier).map(|step| step.index)
    }

    /// What is recorded: each step with its value in `unit`, called by its name.
    pub fn analysis(
        &self,
        values: &[Decimal],
        unit: &Unit,
        name: impl Fn(usize) -> String,
    ) -> Analysis {
        let figure = |step: &EsdStep| {
            let value = values.get(step.index)?.clone();
            let said = if step.is_outlier { "outlier" } else { "not flagged" };
            let (apart, critical) = (step.statistic, step.critical);
            Some(Figure {
                name: name(step.index),
                value: Quantity::new(value, unit.clone()),
                low: None,
                high: None,
                remark: Some(format!("{said}: {apart:.3} s from the mean, critical {critical:.3}")),
            })
        };
        let test = match self.by_grubbs {
            true => "Grubbs' test, either side (NIST/SEMATECH e-Handbook, 1.3.5.17.1)",
            false => "generalised ESD test (Rosner 1983; NIST/SEMATECH e-Handbook, 1.3.5.17.3)",
        };
        Analysis {
            title: "Outliers".to_owned(),
            method: format!("{test}, α = {}; flagged, not taken away", self.alpha),
            confidence: None,
            figures: self.steps.iter().filter_map(figure).collect(),
            remarks: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST/SEMATECH e-Handbook, 1.3.5.17.1 and 1.3.5.17.3 (Rosner's 54 values, three outliers).
    #[test]
    fn the_test_goes_by_how_many_values_there_are() {
        let masses = [199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57];
        let few = flag_outliers(&masses, None, 0.05).unwrap();
        assert_eq!(few.flagged().collect::<Vec<_>>(), [7]);
        let values: Vec<Decimal> = masses.iter().map(|v| v.to_string().parse().unwrap()).collect();
        let told = few.analysis(&values, &Unit::volt(), |at| format!("sample {}", at + 1));
        assert_eq!(told.figures[0].name, "sample 8");
        assert!(
            told.figures[0].remark.as_ref().unwrap().starts_with("outlier: 2.469 s"),
            "{told:?}"
        );
        let mut many: Vec<f64> = (0..30).map(|at| f64::from(at % 7)).collect();
        many[11] = 60.0;
        many[20] = -50.0;
        let found = flag_outliers(&many, None, 0.05).unwrap();
        assert_eq!(found.flagged().collect::<Vec<_>>(), [11, 20]);
        assert!(flag_outliers(&[1.0, 1.0, 1.0], None, 0.05).is_err());
        assert!(flag_outliers(&[1.0, 2.0], None, 0.05).is_err());
    }
}
