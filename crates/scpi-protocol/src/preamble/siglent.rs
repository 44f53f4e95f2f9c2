//! Siglent's WAVEDESC record (SDS programming guide EN11G): 346 bytes, little-endian.

use exact_decimal::Decimal;

use super::{Encoding, HorizontalAxis, Preamble, PreambleError, VerticalAxis};
use crate::response::ByteOrder;

/// Bytes of the record.
pub(super) const WAVEDESC_BYTES: usize = 346;

const COMM_TYPE: usize = 32;
const WAVE_ARRAY_COUNT: usize = 116;
const VERTICAL_GAIN: usize = 156;
const VERTICAL_OFFSET: usize = 160;
const CODE_PER_DIV: usize = 164;
const HORIZONTAL_INTERVAL: usize = 176;
const HORIZONTAL_OFFSET: usize = 180;
const PROBE: usize = 328;

impl Preamble {
    /// Reads the WAVEDESC record that the block of Siglent's waveform preamble holds.
    /// V = (code * gain / codes per division - offset) * probe; the samples are in two's complement. Gain and offset are
    /// those of the input (quirk Q34): the factor of the probe has a field of its own, as the guide's example reads it.
    /// `samples` and the interval do not
    /// follow a stride that has been set (quirk Q34).
    ///
    /// The record does not say at which time the first sample lies: it is the left edge of the screen, half of its
    /// `divisions` before the trigger (SDS1104X-E programming guide, p. 142-143: 14 divisions; SDS guide EN11C: 10).
    ///
    /// # Errors
    /// When the record is too short or its numbers are not finite; and when a trigger delay was set: of its sign,
    /// the published examples do not agree.
    pub fn siglent(
        record: &[u8],
        time_per_division: &Decimal,
        divisions: u8,
    ) -> Result<Self, PreambleError> {
        if record.len() < WAVEDESC_BYTES || !record.starts_with(b"WAVEDESC") {
            let found = record.len();
            return Err(PreambleError::FieldCount { found, wanted: "the 346 bytes of WAVEDESC" });
        }
        no_delay(record)?;
        let gain = single(record, VERTICAL_GAIN, "vertical gain")?;
        let codes = single(record, CODE_PER_DIV, "codes per division")?;
        let probe = single(record, PROBE, "probe").ok().filter(|probe| !probe.is_zero());
        let probe = probe.ok_or(PreambleError::Field { name: "probe", wanted: "a factor" })?;
        let offset = single(record, VERTICAL_OFFSET, "vertical offset")?;
        let at_tip = |value: &Decimal| {
            value.checked_mul(&probe).map_err(|_| no_number("vertical gain and offset"))
        };
        let increment = at_tip(&gain)?.checked_div(&codes);
        let increment = increment.map_err(|_| no_number("codes per division"))?;
        Ok(Self {
            samples: u64::from(u32::from_le_bytes(take(record, WAVE_ARRAY_COUNT, "count")?)),
            encoding: encoding(record)?,
            vertical: VerticalAxis {
                increment,
                zero: Decimal::zero(),
                offset: -at_tip(&offset)?,
                unit: Some("V".to_owned()),
            },
            horizontal: HorizontalAxis {
                increment: single(record, HORIZONTAL_INTERVAL, "horizontal interval")?,
                origin: left_edge(time_per_division, divisions)?,
                reference: Decimal::zero(),
                unit: Some("s".to_owned()),
            },
        })
    }
}

fn no_delay(record: &[u8]) -> Result<(), PreambleError> {
    let name = "horizontal offset";
    if double(record, HORIZONTAL_OFFSET, name)?.is_zero() {
        return Ok(());
    }
    Err(PreambleError::Field { name, wanted: "0, as without a trigger delay" })
}

/// Half of the screen before the trigger.
pub(super) fn left_edge(
    time_per_division: &Decimal,
    divisions: u8,
) -> Result<Decimal, PreambleError> {
    let half = Decimal::from(i32::from(divisions)).checked_mul(&Decimal::from(5));
    let half = half.ok().and_then(|tenfold| tenfold.scale_by_power_of_ten(-1));
    let edge = half.and_then(|half| half.checked_mul(time_per_division).ok());
    edge.map(|edge| -edge)
        .ok_or(PreambleError::Field { name: "time per division", wanted: "a time" })
}

fn encoding(record: &[u8]) -> Result<Encoding, PreambleError> {
    let bytes = match u16::from_le_bytes(take(record, COMM_TYPE, "comm_type")?) {
        0 => 1,
        1 => 2,
        _ => return Err(PreambleError::Field { name: "comm_type", wanted: "0 or 1" }),
    };
    Ok(Encoding::Binary { bytes, is_signed: true, order: ByteOrder::LittleEndian })
}

fn take<const N: usize>(
    record: &[u8],
    at: usize,
    name: &'static str,
) -> Result<[u8; N], PreambleError> {
    let bytes = record.get(at..at + N).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(no_number(name))
}

/// The shortest decimal of the float: 0.1 stays 0.1.
fn single(record: &[u8], at: usize, name: &'static str) -> Result<Decimal, PreambleError> {
    let value = f32::from_le_bytes(take(record, at, name)?);
    let text = value.is_finite().then(|| format!("{value:e}"));
    text.and_then(|text| text.parse().ok()).ok_or(no_number(name))
}

fn double(record: &[u8], at: usize, name: &'static str) -> Result<Decimal, PreambleError> {
    Decimal::from_f64_shortest(f64::from_le_bytes(take(record, at, name)?)).ok_or(no_number(name))
}

fn no_number(name: &'static str) -> PreambleError {
    PreambleError::Field { name, wanted: "a finite number" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Vec<u8> {
        let mut record = vec![0; WAVEDESC_BYTES];
        let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, b"WAVEDESC");
        put(COMM_TYPE, &1_u16.to_le_bytes());
        put(WAVE_ARRAY_COUNT, &1000_u32.to_le_bytes());
        put(VERTICAL_GAIN, &0.5_f32.to_le_bytes());
        put(VERTICAL_OFFSET, &(-1.5_f32).to_le_bytes());
        put(CODE_PER_DIV, &7680_f32.to_le_bytes());
        put(HORIZONTAL_INTERVAL, &1e-9_f32.to_le_bytes());
        put(PROBE, &1_f32.to_le_bytes());
        record
    }

    #[test]
    fn the_record_by_its_offsets() {
        let preamble = Preamble::siglent(&record(), &"100e-9".parse().unwrap(), 10).unwrap();
        assert_eq!(preamble.samples, 1000);
        assert_eq!(preamble.encoding.codes(&[0, 0x1e, 0, 0xe2]), Ok(vec![7680, -7680]));
        assert_eq!(preamble.vertical.value(0).unwrap(), "1.5".parse().unwrap());
        assert_eq!(
            preamble.vertical.value(7680).unwrap().round_to_exponent(-12),
            "2".parse().unwrap()
        );
        assert_eq!(preamble.horizontal.time(500).unwrap(), "0".parse().unwrap());
    }

    #[test]
    fn a_probe_weakens_gain_and_offset() {
        let mut record = record();
        record[PROBE..PROBE + 4].copy_from_slice(&10_f32.to_le_bytes());
        let preamble = Preamble::siglent(&record, &"100e-9".parse().unwrap(), 10).unwrap();
        assert_eq!(preamble.vertical.value(0).unwrap(), "15".parse().unwrap());
        let one_division = preamble.vertical.value(7680).unwrap().round_to_exponent(-12);
        assert_eq!(one_division, "20".parse().unwrap());
    }

    /// The example of the SDS1104X-E programming guide, p. 143, without its delay: 14 divisions of 5 ns.
    #[test]
    fn the_first_sample_lies_at_the_left_edge() {
        let preamble = Preamble::siglent(&record(), &"5.00E-09".parse().unwrap(), 14).unwrap();
        assert_eq!(preamble.horizontal.time(0).unwrap(), "-35E-9".parse().unwrap());
        assert_eq!(preamble.horizontal.time(1).unwrap(), "-34E-9".parse().unwrap());
    }

    #[test]
    fn broken_records_are_refused() {
        let mut no_codes = record();
        no_codes[CODE_PER_DIV..CODE_PER_DIV + 4].fill(0);
        let mut infinite = record();
        infinite[VERTICAL_GAIN..VERTICAL_GAIN + 4].copy_from_slice(&f32::INFINITY.to_le_bytes());
        let mut delayed = record();
        delayed[HORIZONTAL_OFFSET..HORIZONTAL_OFFSET + 8].copy_from_slice(&1e-6_f64.to_le_bytes());
        let mut no_probe = record();
        no_probe[PROBE..PROBE + 4].fill(0);
        let short = record()[..345].to_vec();
        for record in [Vec::new(), short, no_codes, infinite, delayed, no_probe] {
            assert!(Preamble::siglent(&record, &Decimal::from(1), 10).is_err());
        }
    }
}
