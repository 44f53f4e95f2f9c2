//! The scale of an axis: its ends, its ticks, and where a value lies on it.

/// About how many ticks an axis has.
const TICKS: f64 = 5.0;
/// More than an axis ever has.
const MAX_TICKS: u32 = 12;
/// The part of the span that is left free at each end.
const MARGIN: f64 = 0.06;
/// From this ratio of the largest to the smallest value on, a logarithmic scale shows more.
const LOGARITHMIC_RATIO: f64 = 200.0;
/// From what on a logarithmic scale begins, at the lowest.
const MIN_LOGARITHMIC: f64 = 1e-40;
/// What is larger is not drawn.
pub(super) const MAX_DRAWN: f64 = 1e60;

/// An axis from one value to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    is_logarithmic: bool,
    /// Where the ticks are, and their labels.
    pub(super) ticks: Vec<(f64, String)>,
}

/// Whether a value can be drawn.
pub(super) fn can_draw(value: f64) -> bool {
    value.is_finite() && value.abs() < MAX_DRAWN
}

/// The smallest and the largest of what can be drawn.
pub(super) fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| can_draw(*value)).fold(None, |ends, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

impl Scale {
    /// With free room at both ends.
    pub(super) fn roomy(low: f64, high: f64) -> Self {
        let span = if high > low { high - low } else { low.abs().max(1e-9) };
        Self::linear(low - MARGIN * span, high + MARGIN * span)
    }

    /// Logarithmic where the values ask for it.
    pub(super) fn across(low: f64, high: f64) -> Self {
        if low > MIN_LOGARITHMIC && high / low >= LOGARITHMIC_RATIO {
            return Self::logarithmic(low, high);
        }
        Self::even(low, high)
    }

    /// From end to end, every step as wide.
    pub(super) fn even(low: f64, high: f64) -> Self {
        if high > low { Self::linear(low, high) } else { Self::roomy(low, high) }
    }

    fn linear(low: f64, high: f64) -> Self {
        Self { low, high, is_logarithmic: false, ticks: linear_ticks(low, high) }
    }

    fn logarithmic(low: f64, high: f64) -> Self {
        let decades = (-60..=60).map(|power| 10_f64.powi(power));
        // The ends themselves may lie a rounding error beside a decade.
        let inside = decades.filter(|decade| *decade > low * 0.999 && *decade < high * 1.001);
        let decades: Vec<f64> = inside.collect();
        let every = decades.len().div_ceil(8).max(1);
        let ticks = decades.into_iter().step_by(every).map(|decade| (decade, engineering(decade)));
        Self { low, high, is_logarithmic: true, ticks: ticks.collect() }
    }

    /// From 0 at the lower end to 1 at the upper.
    pub(super) fn at(&self, value: f64) -> f64 {
        if self.is_logarithmic {
            return (value / self.low).log10() / (self.high / self.low).log10();
        }
        (value - self.low) / (self.high - self.low)
    }
}

fn linear_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let step = round_step((high - low) / TICKS);
    if step.is_nan() || step <= 0.0 {
        return Vec::new();
    }
    let first = (low / step).ceil();
    let decimals = decimals(step);
    let ticks = (0..MAX_TICKS).map(|number| (first + f64::from(number)) * step);
    let inside = ticks.take_while(|tick| *tick <= high + step * 1e-6);
    inside.map(|tick| (tick, label(tick, step, decimals))).collect()
}

/// 1, 2 or 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|one| one * power)
        .find(|one| *one >= step * 0.999)
        .unwrap_or(10.0 * power)
}

fn decimals(step: f64) -> usize {
    (0..15)
        .find(|decimals| step * 10_f64.powi(*decimals) > 0.999)
        .and_then(|d| usize::try_from(d).ok())
        .unwrap_or(15)
}

fn label(tick: f64, step: f64, decimals: usize) -> String {
    // Nothing but a rounding error beside zero.
    let tick = if tick.abs() < step * 1e-6 { 0.0 } else { tick };
    if tick.abs() >= 1e9 || decimals >= 12 {
        format!("{tick:e}")
    } else {
        format!("{tick:.decimals$}")
    }
}

/// `100`, `1k`, `10M`.
fn engineering(decade: f64) -> String {
    for (power, prefix) in [(9, "G"), (6, "M"), (3, "k"), (0, ""), (-3, "m"), (-6, "µ"), (-9, "n")]
    {
        let scaled = decade / 10_f64.powi(power);
        if (0.999..999.5).contains(&scaled) {
            return format!("{scaled:.0}{prefix}");
        }
    }
    format!("{decade:e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_show_enough_digits() {
        for (low, high, wanted) in [
            (0.0, 10.0, &["0", "2", "4", "6", "8", "10"][..]),
            (4.9998, 5.0002, &["4.9998", "4.9999", "5.0000", "5.0001", "5.0002"]),
            (-1.0, 1.0, &["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        ] {
            assert_eq!(labels(&Scale::linear(low, high)), wanted);
        }
    }

    #[test]
    fn wide_sweeps_are_logarithmic() {
        let scale = Scale::across(10.0, 1e6);
        assert_eq!(labels(&scale), ["10", "100", "1k", "10k", "100k", "1M"]);
        assert!((scale.at(1e6) - 1.0).abs() < 1e-9 && scale.at(10.0).abs() < 1e-9);
        assert!(Scale::across(0.0, 1e6).at(5e5) > 0.49);
    }

    #[test]
    fn no_value_stops_a_scale() {
        let odd = [0.0, -0.0, 1e-300, 5e59, -5e59, 1e15, f64::MIN_POSITIVE, 3.3];
        for low in odd {
            for high in odd.into_iter().filter(|high| *high >= low) {
                for scale in [Scale::roomy(low, high), Scale::across(low, high)] {
                    assert!(scale.ticks.len() <= 12, "{low} {high}");
                    assert!(
                        scale.at(low).is_finite() && scale.at(high).is_finite(),
                        "{low} {high}"
                    );
                }
            }
        }
        assert_eq!(ends([f64::NAN, f64::INFINITY].into_iter()), None);
    }
}
