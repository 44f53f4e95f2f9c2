//! Where what was judged lies between the bounds of its limit.

use bench_model::{Bound, Decimal, Limit, StepResult};

/// A reading and its bounds in one unit.
pub(crate) struct Between {
    /// Above the lower bound.
    above_low: Option<f64>,
    /// Below the upper bound.
    below_high: Option<f64>,
    /// What a limit of one bound is measured by.
    scale: f64,
}

impl Between {
    /// None where there is no number or no range.
    pub(crate) fn of(result: &StepResult) -> Option<Self> {
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
        Some(Self { above_low, below_high, scale: scale(bounds, &value) })
    }

    pub(crate) fn has_low(&self) -> bool {
        self.above_low.is_some()
    }

    pub(crate) fn has_high(&self) -> bool {
        self.below_high.is_some()
    }

    /// 0 on the lower bound, 1 on the upper; no finite number where nothing can be said.
    pub(crate) fn fraction(&self) -> f64 {
        match (self.above_low, self.below_high) {
            (Some(above), Some(below)) => above / (above + below),
            (Some(above), None) => above / self.scale,
            (None, Some(below)) => 1.0 - below / self.scale,
            (None, None) => f64::NAN,
        }
    }

    pub(crate) fn in_words(&self, is_outside: bool) -> String {
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
