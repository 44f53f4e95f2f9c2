//! Values far from the others. They are flagged, never taken away.

use bench_model::Decimal;
use metrology::summary::flag_outliers;

use super::data::{Data, option, said, whole};
use super::{Found, Options};

/// The significance of a flag.
const ALPHA: f64 = 0.05;

/// How many values are flagged.
pub(super) fn outliers(data: &Data, options: &Options) -> Found {
    let most = options.get("most").and_then(|most| most.to_plain_string().parse().ok());
    let alpha = option(options, "alpha", ALPHA);
    let found = flag_outliers(data.offsets(), most, alpha).map_err(said)?;
    let values: Vec<Decimal> = data.values().cloned().collect();
    let analysis = found.analysis(&values, data.unit(), |index| data.name(index).to_owned());
    Ok((whole(found.flagged().count()), analysis))
}
