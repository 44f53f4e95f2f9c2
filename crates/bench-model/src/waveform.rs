//! A captured waveform: the codes as they came, and what they mean.

use exact_decimal::Decimal;
use jiff::Timestamp;

use crate::ids::{ResultId, WaveformId};
use crate::path::Place;
use crate::unit::Unit;

/// How one code lies in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeFormat {
    /// One signed byte.
    I8,
    /// One unsigned byte.
    U8,
    /// Two bytes, signed, the low one first.
    I16Le,
    /// Two bytes, signed, the high one first.
    I16Be,
    /// Two bytes, unsigned, the low one first.
    U16Le,
    /// Two bytes, unsigned, the high one first.
    U16Be,
}

impl CodeFormat {
    /// Bytes of one code.
    #[must_use]
    pub fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            _ => 2,
        }
    }

    /// The lowest and the highest code that there can be.
    #[must_use]
    pub fn code_range(self) -> (i32, i32) {
        match self {
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::U8 => (u8::MIN.into(), u8::MAX.into()),
            Self::I16Le | Self::I16Be => (i16::MIN.into(), i16::MAX.into()),
            Self::U16Le | Self::U16Be => (u16::MIN.into(), u16::MAX.into()),
        }
    }

    /// The word that is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16Le => "i16_le",
            Self::I16Be => "i16_be",
            Self::U16Le => "u16_le",
            Self::U16Be => "u16_be",
        }
    }

    fn code(self, bytes: &[u8]) -> Option<i32> {
        Some(match (self, bytes) {
            (Self::I8, [one]) => i32::from(one.cast_signed()),
            (Self::U8, [one]) => i32::from(*one),
            (Self::I16Le, [low, high]) => i32::from(i16::from_le_bytes([*low, *high])),
            (Self::I16Be, [high, low]) => i32::from(i16::from_be_bytes([*high, *low])),
            (Self::U16Le, [low, high]) => i32::from(u16::from_le_bytes([*low, *high])),
            (Self::U16Be, [high, low]) => i32::from(u16::from_be_bytes([*high, *low])),
            _ => return None,
        })
    }
}

/// Samples with their axes. A sample is `(code - y_zero) x y_increment + y_offset`, at
/// `(index - x_reference) x x_increment + x_origin`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Waveform {
    /// Its id.
    pub id: WaveformId,
    /// The result that it was captured for.
    pub result: ResultId,
    /// Where in the plan.
    pub place: Place,
    /// The role that was asked.
    pub role: String,
    /// The instrument that plays it.
    pub instrument: String,
    /// Its channel.
    pub channel: u32,
    /// The bytes of the block.
    #[serde(with = "as_base64")]
    pub codes: Vec<u8>,
    /// How the codes lie in them.
    pub format: CodeFormat,
    /// The code of zero.
    pub y_zero: Decimal,
    /// Units per code.
    pub y_increment: Decimal,
    /// The value of the zero code.
    pub y_offset: Decimal,
    /// Of the samples.
    pub y_unit: Unit,
    /// The sample that lies at the origin.
    pub x_reference: Decimal,
    /// Seconds per sample.
    pub x_increment: Decimal,
    /// The time of the reference, in seconds.
    pub x_origin: Decimal,
    /// The preamble, as it came.
    pub preamble: String,
    /// When it was captured.
    pub captured_at: Timestamp,
}

impl Waveform {
    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len() / self.format.width()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The codes as numbers.
    pub fn codes(&self) -> impl Iterator<Item = i32> {
        self.codes.chunks_exact(self.format.width()).filter_map(|bytes| self.format.code(bytes))
    }

    /// The sample of a code, exact. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn sample(&self, code: i32) -> Option<Decimal> {
        let from_zero = Decimal::from(code).checked_sub(&self.y_zero).ok()?;
        from_zero.checked_mul(&self.y_increment).ok()?.checked_add(&self.y_offset).ok()
    }
}

mod as_base64 {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    pub(super) fn serialize<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        STANDARD.decode(text.as_bytes()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The preamble that a Rigol MSO5000 gives: 19.963 mV per code, zero at code 78.
    fn waveform(format: CodeFormat, codes: Vec<u8>) -> Waveform {
        let number = |text: &str| text.parse().unwrap();
        let id = uuid::Uuid::nil();
        Waveform {
            id: WaveformId(id),
            result: ResultId(id),
            place: Place { path: "ripple".into(), point: crate::Point::default() },
            role: "scope".into(),
            instrument: "scope".into(),
            channel: 1,
            codes,
            format,
            y_zero: number("78"),
            y_increment: number("1.9963E-02"),
            y_offset: number("0"),
            y_unit: Unit::volt(),
            x_reference: number("0"),
            x_increment: number("2E-4"),
            x_origin: number("-0.1"),
            preamble: "0,2,1000,1,...".into(),
            captured_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn samples_are_exact() {
        let waveform = waveform(CodeFormat::U8, vec![78, 80, 0]);
        let samples: Vec<_> = waveform
            .codes()
            .filter_map(|code| waveform.sample(code))
            .map(|s| s.to_string())
            .collect();
        assert_eq!(samples, ["0.000000", "0.039926", "-1.557114"]);
    }

    #[test]
    fn every_format_is_read() {
        for (format, bytes, code) in [
            (CodeFormat::I8, vec![0xff], -1),
            (CodeFormat::U8, vec![0xff], 255),
            (CodeFormat::I16Le, vec![0xfe, 0xff], -2),
            (CodeFormat::I16Be, vec![0xff, 0xfe], -2),
            (CodeFormat::U16Le, vec![0x01, 0x80], 0x8001),
            (CodeFormat::U16Be, vec![0x80, 0x01], 0x8001),
        ] {
            assert_eq!(waveform(format, bytes).codes().collect::<Vec<_>>(), [code], "{format:?}");
        }
    }

    #[test]
    fn the_codes_survive_json() {
        let waveform = waveform(CodeFormat::U8, (0..=255).collect());
        let json = serde_json::to_string(&waveform).unwrap();
        assert_eq!(serde_json::from_str::<Waveform>(&json).unwrap(), waveform);
    }
}
