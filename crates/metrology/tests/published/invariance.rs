//! What must not change when readings are shifted, scaled, reordered or divided.

use metrology::allan::{AllanKind, PhaseSeries};
use metrology::capability::{Sample, SpecificationLimits, anderson_darling, capability};
use metrology::gauge::{Study, one_way};
use metrology::process::{LinearFit, individuals, pettitt};
use metrology::summary::{
    GrubbsSide, Moments, QuantileDefinition, grubbs, lag1_autocorrelation, median, quantile,
};
use metrology::uncertainty::{Budget, Component, CoverageMethod, Shape};
use proptest::prelude::*;

use crate::fixture::agree;

/// Whole numbers, so that shifts and scales by powers of two are exact.
fn readings() -> impl Strategy<Value = Vec<f64>> {
    let reading = (-100_000_i32..100_000).prop_map(f64::from);
    prop::collection::vec(reading, 4..3_000)
        .prop_filter("they differ", |all| all.iter().any(|value| *value != all[0]))
}

fn deviation(values: &[f64]) -> f64 {
    Moments::of(values).unwrap().standard_deviation().unwrap()
}

proptest! {
    #[test]
    fn a_shift_moves_the_mean_alone(values in readings(), shift in -1_000_000_i32..1_000_000) {
        let shift = f64::from(shift);
        let shifted: Vec<f64> = values.iter().map(|value| value + shift).collect();
        agree(deviation(&shifted), deviation(&values), 1e-13);
        prop_assert_eq!(median(&shifted).unwrap(), median(&values).unwrap() + shift);
        let lag1 = lag1_autocorrelation(&values).unwrap();
        prop_assert!((lag1_autocorrelation(&shifted).unwrap() - lag1).abs() < 1e-12);
        let (one, other) = (grubbs(&values, GrubbsSide::Either, 0.05).unwrap(), grubbs(&shifted, GrubbsSide::Either, 0.05).unwrap());
        prop_assert!((one.statistic - other.statistic).abs() < 1e-11);
    }

    #[test]
    fn a_scale_scales(values in readings(), power in -20_i32..20) {
        let scale = 2_f64.powi(power);
        let scaled: Vec<f64> = values.iter().map(|value| -value * scale).collect();
        agree(deviation(&scaled), deviation(&values) * scale, 1e-14);
        agree(median(&scaled).unwrap(), -median(&values).unwrap() * scale, 1e-14);
        let lag1 = lag1_autocorrelation(&values).unwrap();
        prop_assert!((lag1_autocorrelation(&scaled).unwrap() - lag1).abs() < 1e-13);
    }

    #[test]
    fn parts_merged_are_the_whole(values in readings(), at in any::<prop::sample::Index>(), again in any::<prop::sample::Index>()) {
        let (at, again) = (at.index(values.len()), again.index(values.len()));
        let (low, high) = (at.min(again), at.max(again));
        let parts = [&values[..low], &values[low..high], &values[high..]];
        let [a, b, c] = parts.map(|part| Moments::of(part).unwrap());
        let whole = Moments::of(&values).unwrap();
        for merged in [a.merged(&b).unwrap().merged(&c), c.merged(&a).unwrap().merged(&b)] {
            let merged = merged.unwrap();
            prop_assert_eq!(merged.count(), values.len());
            prop_assert_eq!(merged.minimum(), whole.minimum());
            prop_assert_eq!(merged.maximum(), whole.maximum());
            prop_assert!((merged.mean().unwrap() - whole.mean().unwrap()).abs() < 1e-9);
            agree(merged.standard_deviation().unwrap(), whole.standard_deviation().unwrap(), 1e-13);
        }
    }

    #[test]
    fn the_order_is_nothing_to_quantiles(values in readings(), p in 0.0..=1.0_f64) {
        let mut turned = values.clone();
        turned.reverse();
        for definition in [QuantileDefinition::Linear, QuantileDefinition::NistHandbook] {
            let found = quantile(&values, p, definition).unwrap();
            prop_assert_eq!(found, quantile(&turned, p, definition).unwrap());
            let moments = Moments::of(&values).unwrap();
            prop_assert!(found >= moments.minimum().unwrap() && found <= moments.maximum().unwrap());
        }
        agree(deviation(&turned), deviation(&values), 1e-13);
    }

    #[test]
    fn stability_knows_no_offset_and_no_direction(values in readings(), shift in -1_000_i32..1_000, power in -8_i32..8) {
        let (shift, scale) = (f64::from(shift), 2_f64.powi(power));
        let changed: Vec<f64> = values.iter().rev().map(|value| (value + shift) * scale).collect();
        let series = [values, changed].map(|own| PhaseSeries::from_frequencies(&own, 1.0).unwrap());
        for kind in [AllanKind::Overlapping, AllanKind::Modified, AllanKind::OverlappingHadamard] {
            let [own, changed] = [0, 1].map(|index| series[index].deviation(kind, 1).unwrap().deviation);
            agree(changed, own * scale, 1e-9);
        }
    }

    #[test]
    fn a_drift_is_nothing_to_hadamard(values in readings(), drift in -100_i32..100) {
        let drifting = values.iter().zip(0..).map(|(value, at)| value + f64::from(drift * at));
        let series = [values.clone(), drifting.collect()]
            .map(|own| PhaseSeries::from_frequencies(&own, 1.0).unwrap());
        let [own, drifting] = series.map(|own| own.deviation(AllanKind::OverlappingHadamard, 1).unwrap());
        prop_assert!((drifting.deviation - own.deviation).abs() <= 1e-6 * own.deviation.max(1e-3));
    }

    #[test]
    fn a_line_follows_its_points(values in readings(), shift in -1_000_i32..1_000, power in -8_i32..8) {
        let (shift, scale) = (f64::from(shift), 2_f64.powi(power));
        let x: Vec<f64> = (0..).take(values.len()).map(f64::from).collect();
        let own = LinearFit::of(&x, &values).unwrap();
        let moved: Vec<f64> = x.iter().map(|x| (x + shift) * scale).collect();
        let other = LinearFit::of(&moved, &values).unwrap();
        prop_assert!((other.slope() * scale - own.slope()).abs() < 1e-7 * own.slope_error().max(1e-3));
        agree(other.residual_deviation(), own.residual_deviation(), 1e-9);
        agree(other.slope_half_width(0.95).unwrap() * scale, own.slope_half_width(0.95).unwrap(), 1e-9);
        prop_assert!(own.prediction_half_width(0.0, 0.9).unwrap() >= own.half_width_at(0.0, 0.9).unwrap());
    }

    #[test]
    fn indices_and_tests_know_no_unit(values in prop::collection::vec(-1_000_i32..1_000, 8..60), shift in -1_000_i32..1_000, power in -8_i32..8) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        prop_assume!(values.iter().any(|value| *value != values[0]));
        let (shift, scale) = (f64::from(shift), 2_f64.powi(power));
        let change = |value: f64| (value + shift) * scale;
        let changed: Vec<f64> = values.iter().copied().map(change).collect();
        let index = |values: &[f64], change: &dyn Fn(f64) -> f64| {
            let sample = Sample::overall(&Moments::of(values).unwrap()).unwrap();
            let limits = SpecificationLimits::new(Some(change(-1_500.0)), Some(change(1_500.0)), None);
            capability(&sample, &limits.unwrap(), 0.95).unwrap()
        };
        let (own, other) = (index(&values, &|value| value), index(&changed, &change));
        agree(other.cpk.estimate, own.cpk.estimate, 1e-10);
        agree(other.cpk.low, own.cpk.low, 1e-9);
        prop_assert!(own.cpk.low < own.cpk.estimate && own.cpk.estimate < own.cpk.high);
        let [own, other] = [&values, &changed].map(|own| anderson_darling(own).unwrap());
        agree(other.statistic, own.statistic, 1e-9);
        let [own, other] = [&values, &changed].map(|own| pettitt(own).unwrap());
        prop_assert_eq!((other.before, other.statistic), (own.before, own.statistic));
        let [own, other] = [&values, &changed].map(|own| individuals(own).unwrap());
        prop_assert!((other.within - own.within * scale).abs() < 1e-9 * scale * own.within.max(1.0));
    }

    /// The squares of all readings about their mean are those between and within, however they are grouped.
    #[test]
    fn squares_add_up(values in prop::collection::vec(-1_000_i32..1_000, 24), swap in 0..3_usize) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let total = Moments::of(&values).unwrap();
        prop_assume!(total.variance().unwrap() > 0.0);
        let total = total.variance().unwrap() * 23.0;
        let groups: Vec<Vec<f64>> = values.chunks(5).map(<[f64]>::to_vec).collect();
        let ways = one_way(&groups).unwrap();
        agree(ways.between_squares + ways.within_squares, total, 1e-12);
        let cells: Vec<Vec<Vec<f64>>> =
            values.chunks(6).map(|part| part.chunks(2).map(<[f64]>::to_vec).collect()).collect();
        let mut turned = cells.clone();
        turned.swap(0, swap);
        turned.iter_mut().for_each(|part| part.reverse());
        let studies = [cells, turned].map(|cells| Study::new(cells).unwrap().anova(0.25));
        if let [Ok(own), Ok(other)] = studies {
            let rows = [own.parts, own.operators, own.interaction, own.repeatability];
            agree(rows.iter().map(|row| row.squares).sum(), total, 1e-12);
            prop_assert!((own.parts.squares - other.parts.squares).abs() < 1e-9 * total);
            prop_assert!((own.operators.squares - other.operators.squares).abs() < 1e-9 * total);
            prop_assert_eq!(own.pooling, other.pooling);
        }
    }

    #[test]
    fn a_budget_scales_with_its_unit(standards in prop::collection::vec(0.001..10.0_f64, 1..6), power in -8_i32..8) {
        let scale = 2_f64.powi(power);
        let shapes = [Shape::Rectangular, Shape::Normal, Shape::Triangular, Shape::Arcsine];
        let budget = |scale: f64, reversed: bool| {
            let parts = standards.iter().zip(shapes.iter().cycle());
            let mut parts: Vec<Component> =
                parts.map(|(own, shape)| Component::new("", own * scale, *shape).unwrap()).collect();
            if reversed {
                parts.reverse();
            }
            Budget::new(parts).unwrap()
        };
        for method in [CoverageMethod::Dominant, CoverageMethod::Student] {
            let own = budget(1.0, false).expanded(0.95, method).unwrap();
            let other = budget(scale, true).expanded(0.95, method).unwrap();
            agree(other.factor, own.factor, 1e-12);
            agree(other.expanded, own.expanded * scale, 1e-12);
        }
        let shares: f64 = budget(1.0, false).rows().unwrap().iter().map(|row| row.share).sum();
        agree(shares, 1.0, 1e-12);
    }
}
