//! Gauge studies: every operator (or instrument, or bench) measures every part several times.

use bench_model::Decimal;
use metrology::gauge::{Study, Variation};
use metrology::summary::offsets_from_first;

use super::function::Function;

/// Below this probability of an interaction as large by chance it is kept, else pooled with the repeatability.
const SIGNIFICANCE: f64 = 0.25;

/// A property of the study whose readings these are, by part, then operator, then trial, so many of each. By analysis
/// of variance (AIAG, Measurement Systems Analysis, 4th edition, chapter III, section B), turned once into its
/// shortest decimal.
pub(super) fn of_study(
    function: Function,
    values: &[Decimal],
    sizes: [usize; 3],
) -> Result<Decimal, String> {
    let study = study(values, sizes)?;
    let anova = study.anova(SIGNIFICANCE).map_err(|error| error.to_string())?;
    let variation: Variation = anova.variation();
    let value = match function {
        Function::Repeatability => variation.repeatability,
        Function::Reproducibility => variation.reproducibility(),
        Function::PartVariation => variation.parts,
        Function::DistinctCategories => {
            let categories = variation.distinct_categories().map_err(|error| error.to_string())?;
            return Ok(Decimal::from(u64::try_from(categories).unwrap_or(u64::MAX)));
        }
        _ => variation.gauge(),
    };
    Decimal::from_f64_shortest(value)
        .ok_or_else(|| "the value passes the bounds of a decimal".to_owned())
}

fn study(values: &[Decimal], [_, operators, trials]: [usize; 3]) -> Result<Study, String> {
    // Differences are exact, so that a small spread on a large value is kept.
    let too_wide = || "the values pass the bounds of a decimal".to_owned();
    let offsets = offsets_from_first(values).ok_or_else(too_wide)?;
    let of_part = |part: &[f64]| part.chunks(trials.max(1)).map(<[f64]>::to_vec).collect();
    let size = operators.saturating_mul(trials).max(1);
    Study::new(offsets.chunks(size).map(of_part).collect()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AIAG's ten parts, three appraisers, three trials, from the project's published data.
    fn aiag() -> Vec<Decimal> {
        let text = include_str!("../../../../fixtures/published/aiag-gauge.txt");
        let data = text.split_once("\ndata\n").unwrap().1;
        let rows: Vec<Vec<&str>> =
            data.lines().map(|line| line.split_whitespace().skip(2).collect()).collect();
        // By part, then appraiser, then trial: the rows are appraisers with their trials.
        (0..10).flat_map(|part| rows.iter().map(move |row| row[part].parse().unwrap())).collect()
    }

    #[test]
    fn a_study_comes_out_as_published() {
        for (function, wanted) in [
            (Function::GaugeRr, 0.302_373),
            (Function::Repeatability, 0.199_933),
            (Function::Reproducibility, 0.226_838),
            (Function::PartVariation, 1.042_327),
            (Function::DistinctCategories, 4.0),
        ] {
            let found = of_study(function, &aiag(), [10, 3, 3]).unwrap().to_f64();
            assert!((found - wanted).abs() < 2e-6, "{function:?}: {found}");
        }
        let still = vec![Decimal::from(1); 8];
        assert!(of_study(Function::GaugeRr, &still, [2, 2, 2]).is_err());
        assert!(of_study(Function::GaugeRr, &still, [8, 1, 1]).is_err());
    }
}
