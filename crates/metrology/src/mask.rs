//! A mask for a waveform: between which levels its samples must lie.

use bench_model::Waveform;
use exact_decimal::Decimal;

use crate::waveform::MeasureError;

/// A corner of a mask. Between two corners both bounds are straight lines; two corners at one time are a step.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskPoint {
    /// When, in seconds from the trigger.
    pub time_s: f64,
    /// The lowest that a sample may be, in the waveform's unit.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

/// How many samples lie outside of a mask. A sample on its edge is inside; those before its first corner and behind
/// its last are not judged.
///
/// # Errors
/// When no sample lies within the mask's times, or the samples are clipped.
pub fn mask_violations(waveform: &Waveform, mask: &[MaskPoint]) -> Result<Decimal, MeasureError> {
    crate::waveform::refuse_clipped(waveform, &waveform.codes().collect::<Vec<_>>())?;
    let (mut judged, mut outside) = (0_u64, 0_u64);
    for (index, code) in waveform.codes().enumerate() {
        let bounds = time_of(waveform, index).and_then(|time| bounds_at(mask, time));
        let Some((low, high)) = bounds else { continue };
        let sample = waveform.sample(code).ok_or(MeasureError::Bounds)?.to_f64();
        judged += 1;
        outside += u64::from(!(low..=high).contains(&sample));
    }
    if judged == 0 { Err(MeasureError::OutsideMask) } else { Ok(Decimal::from(outside)) }
}

fn time_of(waveform: &Waveform, index: usize) -> Option<f64> {
    let index = f64::from(u32::try_from(index).ok()?);
    let from_reference = index - waveform.x_reference.to_f64();
    Some(from_reference * waveform.x_increment.to_f64() + waveform.x_origin.to_f64())
}

fn bounds_at(mask: &[MaskPoint], time: f64) -> Option<(f64, f64)> {
    let after = mask.partition_point(|point| point.time_s <= time);
    let (from, to) = (mask.get(after.checked_sub(1)?)?, mask.get(after));
    let Some(to) = to else { return (from.time_s >= time).then_some((from.low, from.high)) };
    let part = (time - from.time_s) / (to.time_s - from.time_s);
    let along = |from: f64, to: f64| (to - from).mul_add(part, from);
    Some((along(from.low, to.low), along(from.high, to.high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corner(time_s: f64, low: f64, high: f64) -> MaskPoint {
        MaskPoint { time_s, low, high }
    }

    #[test]
    fn bounds_are_straight_between_corners_and_step_where_two_share_a_time() {
        let mask = [
            corner(0.0, -1.0, 1.0),
            corner(2.0, -1.0, 3.0),
            corner(2.0, 0.0, 4.0),
            corner(3.0, 0.0, 4.0),
        ];
        for (time, bounds) in [
            (-0.1, None),
            (0.0, Some((-1.0, 1.0))),
            (1.0, Some((-1.0, 2.0))),
            (2.0, Some((0.0, 4.0))),
            (3.0, Some((0.0, 4.0))),
            (3.1, None),
        ] {
            assert_eq!(bounds_at(&mask, time), bounds, "{time}");
        }
    }
}
