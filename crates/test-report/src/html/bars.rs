//! Where a reading lies between its bounds, drawn in a row of a table.

use std::fmt::{self, Formatter};

use bench_model::{Bound, Decimal, Limit, StepResult};

use crate::phrase::is_bad;

/// Where the lower bound is drawn, of 100.
const LOW: f64 = 20.0;
/// Where the upper bound is drawn, of 100.
const HIGH: f64 = 80.0;
/// How near to the ends of the bar a mark may come.
const ENDS: f64 = 4.0;

/// A reading and its bounds in one unit.
struct Place {
    /// Above the lower bound.
    above_low: Option<f64>,
    /// Below the upper bound.
    below_high: Option<f64>,
    /// What a one-sided bar is measured by.
    scale: f64,
}

/// Draws the bar; nothing where there is no number or no range.
pub(super) fn bar(result: &StepResult, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(place) = place(result) else { return Ok(()) };
    let at = place.position();
    if !at.is_finite() {
        return Ok(());
    }
    let at = at.clamp(ENDS, 100.0 - ENDS);
    let is_outside = is_bad(result.verdict);
    f.write_str("<svg class=\"bar\" viewBox=\"0 0 100 14\" role=\"img\"><title>")?;
    write!(f, "{}</title>", place.in_words(is_outside))?;
    let (from, to) = place.inside();
    write!(f, "<path class=\"in\" d=\"M{from} 4H{to}V10H{from}z\"/><path class=\"bound\" d=\"")?;
    if place.above_low.is_some() {
        write!(f, "M{LOW} 1V13")?;
    }
    if place.below_high.is_some() {
        write!(f, "M{HIGH} 1V13")?;
    }
    f.write_str("\"/>")?;
    if is_outside {
        write!(f, "<path class=\"out\" d=\"M{at:.1} 1.5l5 5.5l-5 5.5l-5 -5.5z\"/></svg>")
    } else {
        write!(f, "<circle class=\"at\" cx=\"{at:.1}\" cy=\"7\" r=\"4\"/></svg>")
    }
}

impl Place {
    /// Of 100.
    fn position(&self) -> f64 {
        let width = HIGH - LOW;
        match (self.above_low, self.below_high) {
            (Some(above), Some(below)) => LOW + width * above / (above + below),
            (Some(above), None) => LOW + width * above / self.scale,
            (None, Some(below)) => HIGH - width * below / self.scale,
            (None, None) => f64::NAN,
        }
    }

    /// From where to where readings pass.
    fn inside(&self) -> (f64, f64) {
        let from = if self.above_low.is_some() { LOW } else { 0.0 };
        let to = if self.below_high.is_some() { HIGH } else { 100.0 };
        (from, to)
    }

    fn in_words(&self, is_outside: bool) -> String {
        let side = match (self.above_low, self.below_high) {
            (Some(above), _) if above < 0.0 => "below the lower bound",
            (_, Some(below)) if below < 0.0 => "above the upper bound",
            _ if is_outside => "outside",
            (Some(above), Some(below)) => {
                let percent = 100.0 * above / (above + below);
                return format!("{percent:.0} % of the way from the lower to the upper bound");
            }
            _ => "inside the bound",
        };
        side.to_owned()
    }
}

fn place(result: &StepResult) -> Option<Place> {
    let Some(Limit::Range { low, high, unit }) = &result.limit else { return None };
    let value = result.actual.as_ref()?.quantity()?.to_unit(unit)?.value;
    // Exact before it becomes a float: readings agree in many digits with their bounds.
    let above_low = distance(Some(&value), low.as_ref().map(|bound| &bound.value))?;
    let below_high = distance(high.as_ref().map(|bound| &bound.value), Some(&value))?;
    if let (Some(above), Some(below)) = (above_low, below_high)
        && above + below <= 0.0
    {
        return None;
    }
    let bounds = [low, high].into_iter().flatten();
    Some(Place { above_low, below_high, scale: scale(bounds, &value) })
}

/// `None` beyond the bounds of a decimal, `Some(None)` where one of them is not there.
fn distance(from: Option<&Decimal>, less: Option<&Decimal>) -> Option<Option<f64>> {
    match (from, less) {
        (Some(from), Some(less)) => from.checked_sub(less).ok().map(|apart| Some(apart.to_f64())),
        _ => Some(None),
    }
}

/// The size of the bound; of a bound at zero, the size of the reading.
fn scale<'b>(bounds: impl Iterator<Item = &'b Bound>, value: &Decimal) -> f64 {
    let size = |number: &Decimal| number.to_f64().abs();
    let bound = bounds.map(|bound| size(&bound.value)).fold(0.0, f64::max);
    if bound > 0.0 { bound } else { size(value).max(f64::MIN_POSITIVE) }
}
