//! What is taken from the samples of a waveform.

use bench_model::{Unit, Value, Waveform};
use exact_decimal::Decimal;

use crate::transition;

/// What cannot be taken from a waveform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// There is no sample.
    #[error("the waveform has no sample")]
    Empty,
    /// Samples lie on the edge of the screen: the signal may go further.
    #[error(
        "{clipped} of {samples} samples lie at the end of the converter's range: the signal is clipped"
    )]
    Clipped {
        /// How many lie there.
        clipped: usize,
        /// Of how many.
        samples: usize,
    },
    /// Fewer than two periods are in it.
    #[error("the waveform holds no two whole periods; a slower time base is wanted")]
    TooFewPeriods,
    /// No whole rise is in it.
    #[error(
        "the waveform holds no whole rise from a low state to a high one; a slower time base is wanted"
    )]
    NoRise,
    /// No sample lies within the times of a mask.
    #[error("no sample lies within the times of the mask")]
    OutsideMask,
    /// Beyond the bounds of a decimal.
    #[error("the samples pass the bounds of a decimal")]
    Bounds,
    /// Not one of those that are taken from samples.
    #[error(
        "'{0}' is not taken from samples; one of peak_to_peak, rms, mean, minimum, maximum, frequency, rise_time is wanted"
    )]
    Unknown(String),
}

type Result<T> = std::result::Result<T, MeasureError>;

/// Takes a measure, by its word in the plan language, from the samples. Extremes, peak to peak and mean are
/// exact; the root mean square about zero and the frequency (between rising crossings of the middle, with a
/// tenth of the peak to peak value as hysteresis) are f64, turned once into shortest text; so is the rise time, from
/// 10 % to 90 % between the two states of the samples (IEEE Std 181).
///
/// # Errors
/// When there are no samples, when they are clipped, and when no two periods are in it.
pub fn measure_waveform(waveform: &Waveform, measure: &str) -> Result<(Value, Unit)> {
    let codes: Vec<i32> = waveform.codes().collect();
    let (low, high) = extremes(&codes)?;
    refuse_clipped(waveform, &codes)?;
    let unit = waveform.y_unit.clone();
    let value = match measure {
        "peak_to_peak" => span(waveform, low, high),
        "minimum" => waveform.sample(if waveform.y_increment.is_negative() { high } else { low }),
        "maximum" => waveform.sample(if waveform.y_increment.is_negative() { low } else { high }),
        "mean" => mean(waveform, &codes),
        "rms" => root_mean_square(waveform, &codes),
        "frequency" => {
            let frequency = frequency(waveform, &codes, low, high)?;
            return Ok((Value::Finite(frequency), Unit::hertz()));
        }
        "rise_time" => {
            let samples = transition::rise(&codes, low, high).ok_or(MeasureError::NoRise)?;
            let seconds = Decimal::from_f64_shortest(samples)
                .and_then(|samples| samples.checked_mul(&waveform.x_increment).ok());
            return Ok((Value::Finite(seconds.ok_or(MeasureError::Bounds)?), Unit::second()));
        }
        other => return Err(MeasureError::Unknown(other.to_owned())),
    };
    Ok((Value::Finite(value.ok_or(MeasureError::Bounds)?), unit))
}

fn extremes(codes: &[i32]) -> Result<(i32, i32)> {
    let low = codes.iter().min().ok_or(MeasureError::Empty)?;
    let high = codes.iter().max().ok_or(MeasureError::Empty)?;
    Ok((*low, *high))
}

pub(crate) fn refuse_clipped(waveform: &Waveform, codes: &[i32]) -> Result<()> {
    let (first, last) = waveform.format.code_range();
    let clipped = codes.iter().filter(|code| **code == first || **code == last).count();
    if clipped == 0 { Ok(()) } else { Err(MeasureError::Clipped { clipped, samples: codes.len() }) }
}

fn span(waveform: &Waveform, low: i32, high: i32) -> Option<Decimal> {
    let codes = Decimal::from(i64::from(high) - i64::from(low));
    codes.checked_mul(&waveform.y_increment).ok().map(|span| span.abs())
}

fn mean(waveform: &Waveform, codes: &[i32]) -> Option<Decimal> {
    let sum: i64 = codes.iter().copied().map(i64::from).sum();
    let count = u64::try_from(codes.len()).ok()?;
    let code = Decimal::from(sum).checked_div(&Decimal::from(count)).ok()?;
    let from_zero = code.checked_sub(&waveform.y_zero).ok()?;
    from_zero.checked_mul(&waveform.y_increment).ok()?.checked_add(&waveform.y_offset).ok()
}

fn root_mean_square(waveform: &Waveform, codes: &[i32]) -> Option<Decimal> {
    let (zero, step) = (waveform.y_zero.to_f64(), waveform.y_increment.to_f64());
    let offset = waveform.y_offset.to_f64();
    let square = |code: &i32| ((f64::from(*code) - zero) * step + offset).powi(2);
    let squares: f64 = codes.iter().map(square).sum();
    let count = f64::from(u32::try_from(codes.len()).ok()?);
    Decimal::from_f64_shortest((squares / count).sqrt())
}

fn frequency(waveform: &Waveform, codes: &[i32], low: i32, high: i32) -> Result<Decimal> {
    let crossings = rising_crossings(codes, low, high);
    let (Some(first), Some(last)) = (crossings.first(), crossings.last()) else {
        return Err(MeasureError::TooFewPeriods);
    };
    let periods = crossings.len() - 1;
    if periods < 2 {
        return Err(MeasureError::TooFewPeriods);
    }
    let periods = f64::from(u32::try_from(periods).map_err(|_| MeasureError::Bounds)?);
    let seconds = (last - first) * waveform.x_increment.to_f64();
    Decimal::from_f64_shortest(periods / seconds).ok_or(MeasureError::Bounds)
}

/// Where the samples rise through the middle, in samples from the first, between two samples by a straight
/// line. A crossing counts again only after the signal was clearly below.
fn rising_crossings(codes: &[i32], low: i32, high: i32) -> Vec<f64> {
    let middle = f64::midpoint(f64::from(low), f64::from(high));
    let armed_below = middle - (f64::from(high) - f64::from(low)) / 10.0;
    let mut armed = false;
    let mut found = Vec::new();
    let mut position = 0.0;
    for pair in codes.windows(2) {
        let [before, after] =
            [pair.first(), pair.last()].map(|code| f64::from(*code.unwrap_or(&0)));
        armed |= before < armed_below;
        if armed && before < middle && after >= middle {
            found.push(position + (middle - before) / (after - before));
            armed = false;
        }
        position += 1.0;
    }
    found
}

#[cfg(test)]
mod tests {
    use bench_model::{CodeFormat, Place, Point, ResultId, Timestamp, WaveformId};

    use super::*;

    fn waveform(codes: Vec<u8>) -> Waveform {
        let number = |text: &str| text.parse().unwrap();
        let id = "018f0000-0000-7000-8000-000000000000";
        Waveform {
            id: id.parse::<WaveformId>().unwrap(),
            result: id.parse::<ResultId>().unwrap(),
            place: Place { path: "ripple".into(), point: Point::default() },
            role: "scope".into(),
            instrument: "scope".into(),
            channel: 1,
            codes,
            format: CodeFormat::U8,
            y_zero: number("128"),
            y_increment: number("0.001"),
            y_offset: number("0"),
            y_unit: Unit::volt(),
            x_reference: number("0"),
            x_increment: number("1E-6"),
            x_origin: number("0"),
            preamble: String::new(),
            captured_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn measured(codes: Vec<u8>, measure: &str) -> String {
        measure_waveform(&waveform(codes), measure).unwrap().0.to_string()
    }

    /// A square wave of 20 samples a period: 50 kHz at 1 MHz.
    fn square() -> Vec<u8> {
        (0..200).map(|at| if at % 20 < 10 { 118 } else { 138 }).collect()
    }

    #[test]
    fn a_square_wave_is_known_by_hand() {
        for (measure, value) in [
            ("peak_to_peak", "0.020"),
            ("minimum", "-0.010"),
            ("maximum", "0.010"),
            ("mean", "0.000"),
            ("rms", "0.01"),
            ("frequency", "50000"),
        ] {
            let found: Decimal = measured(square(), measure).parse().unwrap();
            let wanted: Decimal = value.parse().unwrap();
            let apart = found.checked_sub(&wanted).unwrap().abs().to_f64();
            assert!(apart <= 1e-9 * wanted.to_f64().abs(), "{measure}: {found}");
        }
        assert_eq!(measured(square(), "peak_to_peak"), "0.020", "exact, with its digits");
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        let clipped = measure_waveform(&waveform(vec![0, 128, 255]), "peak_to_peak");
        assert_eq!(clipped, Err(MeasureError::Clipped { clipped: 2, samples: 3 }));
        assert_eq!(measure_waveform(&waveform(vec![]), "mean"), Err(MeasureError::Empty));
        let flat = measure_waveform(&waveform(vec![128; 50]), "frequency");
        assert_eq!(flat, Err(MeasureError::TooFewPeriods));
        assert!(measure_waveform(&waveform(square()), "colour").is_err());
    }
}
