//! The scales of Siglent's older oscilloscopes, whose waveform has no preamble of its own.

use exact_decimal::Decimal;

use super::siglent::left_edge;
use super::{Encoding, HorizontalAxis, Preamble, PreambleError, VerticalAxis, is_sensible};
use crate::response::{ByteOrder, NumericValue, Response};

/// Codes of a division of the screen.
const CODES_PER_DIVISION: i32 = 25;

/// What is asked, in this order, with the letters of its unit.
const SCALES: [(&str, &str); 4] = [("VDIV", "V"), ("OFST", "V"), ("TDIV", "S"), ("SARA", "SA/S")];

impl Preamble {
    /// Reads `VDIV?`, `OFST?`, `TDIV?` and `SARA?`, with header and unit or without (`CHDR`, quirks Q27 and Q28).
    /// V = code * VDIV / 25 - OFST, codes in two's complement; the first sample lies half of the screen's `divisions`
    /// before the trigger (Digital Oscilloscopes Series Programming Guide PG01-E02, p. 142-143: 14 divisions), without
    /// a trigger delay. How many samples there are is not told: `samples` is 0.
    ///
    /// # Errors
    /// When there are not four answers, or one is not its number.
    pub fn siglent_scales(answers: &[Response], divisions: u8) -> Result<Self, PreambleError> {
        let wrong_count =
            PreambleError::FieldCount { found: answers.len(), wanted: "VDIV, OFST, TDIV and SARA" };
        let [volts, offset, time, rate] = answers else { return Err(wrong_count) };
        let [volts, offset, time, rate] =
            [(volts, SCALES[0]), (offset, SCALES[1]), (time, SCALES[2]), (rate, SCALES[3])]
                .map(|(answer, (name, unit))| scale(answer, name, unit));
        let (volts, offset, time, rate) = (volts?, offset?, time?, rate?);
        let no_step = |name| move |_| PreambleError::Field { name, wanted: "more than 0" };
        let increment = volts.checked_div(&Decimal::from(CODES_PER_DIVISION));
        let interval = Decimal::from(1).checked_div(&rate);
        Ok(Self {
            samples: 0,
            encoding: Encoding::Binary {
                bytes: 1,
                is_signed: true,
                order: ByteOrder::LittleEndian,
            },
            vertical: VerticalAxis {
                increment: increment.map_err(no_step("VDIV"))?,
                zero: Decimal::zero(),
                offset: -offset,
                unit: Some("V".to_owned()),
            },
            horizontal: HorizontalAxis {
                increment: interval.map_err(no_step("SARA"))?,
                origin: left_edge(&time, divisions)?,
                reference: Decimal::zero(),
                unit: Some("s".to_owned()),
            },
        })
    }
}

/// The number of an answer, in its unit without a multiple: `1.00GSa/s` is 1E9.
fn scale(answer: &Response, name: &'static str, unit: &str) -> Result<Decimal, PreambleError> {
    let fault = PreambleError::Field { name, wanted: "a number with its own unit" };
    let text = answer.text().map_err(|_| fault.clone())?.trim();
    let text = text.rsplit(' ').next().unwrap_or(text).to_ascii_uppercase();
    let (text, power) = without_unit(&text, unit);
    let answer = Response::new(text.as_bytes().to_vec());
    let number = answer.number().ok().filter(|number| number.suffix.is_none());
    match number.and_then(|number| number.value()) {
        Some(NumericValue::Finite(value)) if is_sensible(&value) => {
            value.scale_by_power_of_ten(power).ok_or(fault)
        }
        _ => Err(fault),
    }
}

/// A number without its unit, and the power of ten of the unit's multiple.
fn without_unit<'t>(text: &'t str, unit: &str) -> (&'t str, i32) {
    let Some(text) = text.strip_suffix(unit) else { return (text, 0) };
    // `M` is mega before samples and milli before the rest.
    let mega = if unit == "SA/S" { 6 } else { -3 };
    let multiples = [("G", 9), ("K", 3), ("M", mega), ("U", -6), ("N", -9)];
    let multiple =
        multiples.into_iter().find_map(|(prefix, power)| Some((text.strip_suffix(prefix)?, power)));
    multiple.unwrap_or((text, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preamble(answers: [&str; 4]) -> Result<Preamble, PreambleError> {
        let answers = answers.map(|text| Response::new(text.as_bytes().to_vec()));
        Preamble::siglent_scales(&answers, 14)
    }

    /// The guide's example of the conversion, p. 142: 0.5 V a division, offset -0.5 V, and 5 ns a division at 1 GSa/s
    /// on p. 143.
    #[test]
    fn the_guides_example() {
        for answers in [
            ["5.00E-01", "-5.00E-01", "5.00E-09", "1.00E+09"],
            ["C1:VDIV 5.00E-01V", "C1:OFST -5.00E-01V", "TDIV 5.00E-09S", "SARA 1.00GSa/s"],
            ["500mV", "-500mV", "5NS", "1000MSa/s"],
        ] {
            let preamble = preamble(answers).unwrap();
            assert_eq!(preamble.vertical.value(2).unwrap(), "0.54".parse().unwrap());
            assert_eq!(preamble.horizontal.time(0).unwrap(), "-35E-9".parse().unwrap());
            assert_eq!(preamble.horizontal.time(1).unwrap(), "-34E-9".parse().unwrap());
            assert_eq!(preamble.encoding.codes(&[2, 0xFE]), Ok(vec![2, -2]));
        }
    }

    #[test]
    fn what_is_no_scale_is_refused() {
        for answers in [
            ["", "0", "1", "1"],
            ["1", "0", "1", "0"],
            ["1", "0", "x", "1"],
            ["1A", "0", "1", "1"],
            ["1", "9.9E37", "1", "1"],
        ] {
            assert!(preamble(answers).is_err(), "{answers:?}");
        }
        assert!(Preamble::siglent_scales(&[], 14).is_err());
    }
}
