//! What several readings of one result say of their scatter.

use bench_model::{Analysis, Decimal, Quantity, Unit};
use metrology::Summary;
use metrology::summary::{
    effective_count, exact_median, flag_outliers, lag1_autocorrelation, offsets_from_first,
};

use crate::execute::Leaf;

/// The significance at which a reading is flagged as an outlier.
const OUTLIER_ALPHA: f64 = 0.05;

/// From so many readings on outliers are looked for.
const OUTLIERS_FROM: usize = 5;

/// From so many readings on their correlation says something.
const CORRELATION_FROM: usize = 10;

/// The statistics of the readings, by name.
pub(crate) fn tell_statistics(leaf: &mut Leaf, summary: &Summary, unit: &Unit) {
    let count = u64::try_from(summary.count).unwrap_or(u64::MAX);
    let mut add = |name: &str, value: Option<Decimal>, unit: &Unit| {
        if let Some(value) = value {
            leaf.statistics.insert(name.to_owned(), Quantity::new(value, unit.clone()));
        }
    };
    add("count", Some(Decimal::from(count)), &Unit::none());
    add("mean", Some(summary.mean.clone()), unit);
    add("min", Some(summary.minimum.clone()), unit);
    add("max", Some(summary.maximum.clone()), unit);
    add("sd", summary.standard_deviation(), unit);
    add("mean_interval_95", summary.mean_interval_95(), unit);
}

/// Whether readings follow from those before them, and which lie far from the others. They are flagged, and count.
pub(crate) fn tell_scatter(leaf: &mut Leaf, values: &[Decimal], unit: &Unit) {
    let mut add = |name: &str, value: Option<Decimal>, unit: &Unit| {
        if let Some(value) = value {
            leaf.statistics.insert(name.to_owned(), Quantity::new(value, unit.clone()));
        }
    };
    add("median", exact_median(values), unit);
    let Some(offsets) = offsets_from_first(values) else { return };
    if values.len() >= CORRELATION_FROM
        && let Ok(lag1) = lag1_autocorrelation(&offsets)
    {
        let effective = effective_count(values.len(), lag1).ok();
        add("lag_1", Decimal::from_f64_shortest(lag1), &Unit::none());
        add("effective_count", effective.and_then(Decimal::from_f64_shortest), &Unit::none());
    }
    if let Some((flagged, analysis)) = outliers(values, &offsets, unit) {
        add("outliers", Some(Decimal::from(flagged)), &Unit::none());
        leaf.analyses.retain(|own| own.title != analysis.title);
        if flagged > 0 {
            leaf.analyses.push(analysis);
        }
    }
}

/// How many are flagged, and what is recorded of them; none of too few readings or of readings that are all alike.
fn outliers(values: &[Decimal], offsets: &[f64], unit: &Unit) -> Option<(u32, Analysis)> {
    if values.len() < OUTLIERS_FROM {
        return None;
    }
    let found = flag_outliers(offsets, None, OUTLIER_ALPHA).ok()?;
    let analysis = found.analysis(values, unit, |index| format!("sample {}", index + 1));
    Some((u32::try_from(found.flagged().count()).ok()?, analysis))
}
