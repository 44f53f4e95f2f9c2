//! Where a reading lies between its bounds, in a few characters.

use bench_model::StepResult;

use crate::between::Between;
use crate::phrase::is_bad;

/// Places for a mark between the bounds, and how many that is as a number.
const PLACES: (usize, f64) = (9, 9.0);

/// `|---o-----|`; a bound that is not there is a space, and what did not pass is an `x`: `|---------|x`.
pub(super) fn limit_bar(result: &StepResult) -> Option<String> {
    let between = Between::of(result)?;
    let fraction = between.fraction();
    let stroke = |is_there| if is_there { '|' } else { ' ' };
    let mark = if is_bad(result.verdict) { 'x' } else { 'o' };
    let (low, high) = (stroke(between.has_low()), stroke(between.has_high()));
    let line = "-".repeat(PLACES.0);
    if !fraction.is_finite() {
        return None;
    }
    if between.has_low() && fraction < 0.0 {
        return Some(format!("{mark}{low}{line}{high}"));
    }
    if between.has_high() && fraction > 1.0 {
        return Some(format!("{low}{line}{high}{mark}"));
    }
    // The last place that is not beyond it: no cast is needed.
    let before = (1_u8..).map(f64::from).take(PLACES.0 - 1);
    let before = before.filter(|place| place / PLACES.1 <= fraction).count();
    let (left, right) = ("-".repeat(before), "-".repeat(PLACES.0 - 1 - before));
    Some(format!("{low}{left}{mark}{right}{high}"))
}
