//! Measurements of the screen, as `:MEASure:ITEM?` gives them: from the codes, so with their steps and clipped.

use super::capture::Capture;

/// Samples on the screen.
pub(super) const SCREEN_SAMPLES: u32 = 1000;

/// What is answered where there is nothing to measure.
const NOTHING: f64 = 9.9e37;

/// What a crossing must move beyond the middle to count, as a part of peak to peak.
const HYSTERESIS: f64 = 0.1;

/// Below this many codes peak to peak there is only noise.
const LEAST_CODES: f64 = 4.0;

/// What can be measured.
pub(super) const ITEMS: [&str; 7] = ["VMAX", "VMIN", "VPP", "VAVG", "VRMS", "FREQuency", "PERiod"];

/// One of [`ITEMS`] of a channel; 9.9E37 where it cannot be measured.
pub(super) fn measure(capture: &Capture, channel: usize, item: usize) -> f64 {
    let codes = capture.codes(channel, 0..SCREEN_SAMPLES, false);
    if codes.is_empty() {
        return NOTHING;
    }
    let volts: Vec<f64> = codes.iter().map(|code| capture.volts(channel, *code)).collect();
    let highest = volts.iter().copied().fold(f64::MIN, f64::max);
    let lowest = volts.iter().copied().fold(f64::MAX, f64::min);
    match item {
        0 => highest,
        1 => lowest,
        2 => highest - lowest,
        3 => mean(&volts),
        4 => mean(&volts.iter().map(|volts| volts * volts).collect::<Vec<_>>()).sqrt(),
        _ => {
            let increment = capture.time_increment(false);
            let step = capture.volts(channel, 1) - capture.volts(channel, 0);
            let moves = highest - lowest >= LEAST_CODES * step;
            let period = moves.then(|| period(&volts, lowest, highest)).flatten();
            match (period.map(|samples| samples * increment), item) {
                (None, _) => NOTHING,
                (Some(seconds), 5) => 1.0 / seconds,
                (Some(seconds), _) => seconds,
            }
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(SCREEN_SAMPLES)
}

/// The mean distance of rising crossings of the middle, in samples.
fn period(volts: &[f64], lowest: f64, highest: f64) -> Option<f64> {
    let middle = f64::midpoint(lowest, highest);
    let margin = (highest - lowest) * HYSTERESIS;
    let (mut was_low, mut rises, mut first, mut last) = (false, 0_u32, 0.0, 0.0);
    for (place, value) in (0_u32..).zip(volts) {
        if *value < middle - margin {
            was_low = true;
        } else if was_low && *value > middle + margin {
            was_low = false;
            last = f64::from(place);
            first = if rises == 0 { last } else { first };
            rises += 1;
        }
    }
    (rises >= 2).then(|| (last - first) / f64::from(rises - 1))
}
