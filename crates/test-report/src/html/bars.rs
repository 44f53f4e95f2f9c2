//! Where a reading lies between its bounds, drawn in a row of a table.

use std::fmt::{self, Formatter};

use bench_model::StepResult;

use crate::between::Between;
use crate::phrase::is_bad;

/// Where the lower bound is drawn, of 100.
const LOW: f64 = 20.0;
/// Where the upper bound is drawn, of 100.
const HIGH: f64 = 80.0;
/// How near to the ends of the bar a mark may come.
const ENDS: f64 = 4.0;

/// Draws the bar; nothing where there is no number or no range.
pub(super) fn bar(result: &StepResult, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(between) = Between::of(result) else { return Ok(()) };
    let at = LOW + (HIGH - LOW) * between.fraction();
    if !at.is_finite() {
        return Ok(());
    }
    let at = at.clamp(ENDS, 100.0 - ENDS);
    let is_outside = is_bad(result.verdict);
    f.write_str("<svg class=\"bar\" viewBox=\"0 0 100 14\" role=\"img\"><title>")?;
    write!(f, "{}</title>", between.in_words(is_outside))?;
    let (from, to) = inside(&between);
    write!(f, "<path class=\"in\" d=\"M{from} 4H{to}V10H{from}z\"/><path class=\"bound\" d=\"")?;
    if between.has_low() {
        write!(f, "M{LOW} 1V13")?;
    }
    if between.has_high() {
        write!(f, "M{HIGH} 1V13")?;
    }
    f.write_str("\"/>")?;
    if is_outside {
        write!(f, "<path class=\"out\" d=\"M{at:.1} 1.5l5 5.5l-5 5.5l-5 -5.5z\"/></svg>")
    } else {
        write!(f, "<circle class=\"at\" cx=\"{at:.1}\" cy=\"7\" r=\"4\"/></svg>")
    }
}

/// From where to where readings pass.
fn inside(between: &Between) -> (f64, f64) {
    let from = if between.has_low() { LOW } else { 0.0 };
    let to = if between.has_high() { HIGH } else { 100.0 };
    (from, to)
}
