//! Waveform preambles: what the codes of a block mean, as samples with axes.
//!
//! Every maker writes the same straight line in its own words; here it is always
//!
//! > value = (code - zero) * increment + offset, and time = (index - reference) * increment + origin
//!
//! | maker | query | `zero`, `offset` |
//! | --- | --- | --- |
//! | Rigol | `:WAV:PRE?`, 10 numbers | YORigin + YREFerence, 0 |
//! | Keysight | `:WAV:PRE?`, 10 numbers | YREFerence, YORigin |
//! | Tektronix | `WFMO?`, fields between `;` | YOFf, YZEro |
//! | Siglent | `:WAV:PRE?`, a binary record | 0, - vertical offset |
//! | Siglent, older | `C1:VDIV?`, `C1:OFST?`, `TDIV?`, `SARA?` | 0, - OFST |
//!
//! Preambles are known to lie about the number of samples (quirk Q34): the block has the last word.
//!
//! ```
//! use scpi_protocol::preamble::Preamble;
//! use scpi_protocol::response::Response;
//!
//! let answer = Response::new(b"0,2,1000,1,2.000000E-4,-1.000000E-1,0.000000,1.9963E-02,-50,128".to_vec());
//! let preamble = Preamble::rigol(&answer)?;
//! assert_eq!(preamble.vertical.value(78)?, "0".parse()?);
//! assert_eq!(preamble.vertical.value(178)?, "1.9963".parse()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod siglent;
mod siglent_scales;
mod tektronix;
mod values;

use exact_decimal::{ArithmeticError, Decimal};

pub use values::{NoCodes, Values};

use crate::response::{ArrayError, ByteOrder, NumericValue, Response, decode_block};

/// What is known of a waveform before its block is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Preamble {
    /// How many samples there should be; 0 where it is not told.
    pub samples: u64,
    /// How a sample is written.
    pub encoding: Encoding,
    /// From a code to a value.
    pub vertical: VerticalAxis,
    /// From an index to a time.
    pub horizontal: HorizontalAxis,
}

/// How a sample is written in the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Bytes of a block.
    Binary {
        /// Of one sample: 1 or 2.
        bytes: u8,
        /// Two's complement, else from 0 up.
        is_signed: bool,
        /// Of two bytes, which comes first. The preambles of Rigol, Keysight and Siglent do not say it;
        /// what their instruments do unless set otherwise is given.
        order: ByteOrder,
    },
    /// A list of numbers that are values already.
    Ascii,
}

/// From a code to a value: `(code - zero) * increment + offset`.
#[derive(Clone, Debug, PartialEq)]
pub struct VerticalAxis {
    /// The value of one step.
    pub increment: Decimal,
    /// The code of `offset`.
    pub zero: Decimal,
    /// The value at `zero`.
    pub offset: Decimal,
    /// The unit, where the preamble says it.
    pub unit: Option<String>,
}

/// From an index to a time: `(index - reference) * increment + origin`.
#[derive(Clone, Debug, PartialEq)]
pub struct HorizontalAxis {
    /// Between two samples.
    pub increment: Decimal,
    /// The time at `reference`.
    pub origin: Decimal,
    /// The index of `origin`.
    pub reference: Decimal,
    /// The unit, where the preamble says it.
    pub unit: Option<String>,
}

/// A preamble that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreambleError {
    /// Too few fields, or too many.
    #[error("the preamble has {found} fields, {wanted} are wanted")]
    FieldCount {
        /// As answered.
        found: usize,
        /// As the maker documents it.
        wanted: &'static str,
    },
    /// A field of another kind.
    #[error("field {name} of the preamble is not {wanted}")]
    Field {
        /// Its name in the maker's manual.
        name: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
}

impl VerticalAxis {
    /// The exact value of a code.
    ///
    /// # Errors
    /// When the numbers of the preamble lie too far apart for an exact result.
    pub fn value(&self, code: i32) -> Result<Decimal, ArithmeticError> {
        Decimal::from(code)
            .checked_sub(&self.zero)?
            .checked_mul(&self.increment)?
            .checked_add(&self.offset)
    }
}

impl HorizontalAxis {
    /// The exact time of the sample with this index, from 0.
    ///
    /// # Errors
    /// As [`VerticalAxis::value`].
    pub fn time(&self, index: u64) -> Result<Decimal, ArithmeticError> {
        Decimal::from(index)
            .checked_sub(&self.reference)?
            .checked_mul(&self.increment)?
            .checked_add(&self.origin)
    }
}

impl Encoding {
    /// The codes of a block; none for [`Ascii`](Self::Ascii), whose numbers are values.
    ///
    /// # Errors
    /// When the block ends inside a sample.
    pub fn codes(self, block: &[u8]) -> Result<Vec<i32>, ArrayError> {
        match self {
            Self::Ascii => Ok(Vec::new()),
            Self::Binary { bytes: 1, is_signed: true, order } => widened::<i8>(block, order),
            Self::Binary { bytes: 1, is_signed: false, order } => widened::<u8>(block, order),
            Self::Binary { is_signed: true, order, .. } => widened::<i16>(block, order),
            Self::Binary { is_signed: false, order, .. } => widened::<u16>(block, order),
        }
    }
}

fn widened<T: crate::response::Sample + Into<i32>>(
    block: &[u8],
    order: ByteOrder,
) -> Result<Vec<i32>, ArrayError> {
    let mut samples: Vec<T> = Vec::new();
    decode_block(block, order, &mut samples)?;
    Ok(samples.into_iter().map(Into::into).collect())
}

impl Preamble {
    /// Reads the ten fields of Rigol's `:WAVeform:PREamble?`: format, type, points, count, xincrement, xorigin,
    /// xreference, yincrement, yorigin, yreference. V = (code - yorigin - yreference) * yincrement.
    ///
    /// # Errors
    /// When it has other fields.
    pub fn rigol(answer: &Response) -> Result<Self, PreambleError> {
        let fields = TenFields::read(answer)?;
        let sum = fields.y_origin.checked_add(&fields.y_reference);
        let zero =
            sum.map_err(|_| PreambleError::Field { name: "yorigin", wanted: "near yreference" })?;
        let encoding = fields.encoding(2, ByteOrder::LittleEndian)?;
        Ok(fields.into_preamble(encoding, zero, Decimal::zero()))
    }

    /// Reads the ten fields of Keysight's `:WAVeform:PREamble?` (InfiniiVision), in the same order.
    /// V = (code - yreference) * yincrement + yorigin.
    ///
    /// # Errors
    /// When it has other fields.
    pub fn keysight(answer: &Response) -> Result<Self, PreambleError> {
        let fields = TenFields::read(answer)?;
        let (zero, offset) = (fields.y_reference.clone(), fields.y_origin.clone());
        let encoding = fields.encoding(4, ByteOrder::BigEndian)?;
        Ok(fields.into_preamble(encoding, zero, offset))
    }
}

struct TenFields {
    format: Decimal,
    points: u64,
    x_increment: Decimal,
    x_origin: Decimal,
    x_reference: Decimal,
    y_increment: Decimal,
    y_origin: Decimal,
    y_reference: Decimal,
}

const TEN_NAMES: [&str; 10] = [
    "format",
    "type",
    "points",
    "count",
    "xincrement",
    "xorigin",
    "xreference",
    "yincrement",
    "yorigin",
    "yreference",
];

impl TenFields {
    fn read(answer: &Response) -> Result<Self, PreambleError> {
        let numbers = answer
            .numbers()
            .map_err(|_| PreambleError::Field { name: "1 to 10", wanted: "a number" })?;
        let mut values = Vec::with_capacity(TEN_NAMES.len());
        for (number, name) in numbers.iter().zip(TEN_NAMES) {
            match number.value() {
                Some(NumericValue::Finite(value)) if is_sensible(&value) => values.push(value),
                _ => return Err(PreambleError::Field { name, wanted: "a finite number" }),
            }
        }
        let found = numbers.len();
        let wrong_count = |_| PreambleError::FieldCount { found, wanted: "10" };
        let fields: [Decimal; 10] = values.try_into().map_err(wrong_count)?;
        if found != TEN_NAMES.len() {
            return Err(PreambleError::FieldCount { found, wanted: "10" });
        }
        let [
            format,
            _,
            points,
            _,
            x_increment,
            x_origin,
            x_reference,
            y_increment,
            y_origin,
            y_reference,
        ] = fields;
        for (name, increment) in [("xincrement", &x_increment), ("yincrement", &y_increment)] {
            if increment.is_zero() {
                return Err(PreambleError::Field { name, wanted: "a step other than 0" });
            }
        }
        let points =
            whole(&points).ok_or(PreambleError::Field { name: "points", wanted: "a count" })?;
        Ok(Self {
            format,
            points,
            x_increment,
            x_origin,
            x_reference,
            y_increment,
            y_origin,
            y_reference,
        })
    }

    /// 0 is BYTE, 1 is WORD, and one number is ASCii (2 at Rigol, 4 at Keysight).
    fn encoding(&self, ascii: u64, order: ByteOrder) -> Result<Encoding, PreambleError> {
        match whole(&self.format) {
            Some(format) if format == ascii => Ok(Encoding::Ascii),
            Some(0) => Ok(Encoding::Binary { bytes: 1, is_signed: false, order }),
            Some(1) => Ok(Encoding::Binary { bytes: 2, is_signed: false, order }),
            _ => Err(PreambleError::Field { name: "format", wanted: "BYTE, WORD or ASCII" }),
        }
    }

    fn into_preamble(self, encoding: Encoding, zero: Decimal, offset: Decimal) -> Preamble {
        let Self { x_increment, x_origin, x_reference, y_increment, .. } = self;
        Preamble {
            samples: self.points,
            encoding,
            vertical: VerticalAxis { increment: y_increment, zero, offset, unit: None },
            horizontal: HorizontalAxis {
                increment: x_increment,
                origin: x_origin,
                reference: x_reference,
                unit: None,
            },
        }
    }
}

/// Powers of ten that a number of a preamble may have: what is beyond them is no scale of anything, and exact sums with
/// it would have as many digits.
const MAX_POWER: i32 = 300;

fn is_sensible(value: &Decimal) -> bool {
    let powers = -MAX_POWER..=MAX_POWER;
    powers.contains(&value.exponent()) && (value.is_zero() || powers.contains(&value.order()))
}

/// A count, also one that is written as a float (quirk Q29).
fn whole(value: &Decimal) -> Option<u64> {
    let plain = value.without_trailing_zeros();
    let fits = plain.exponent() >= 0 && plain.order() <= 18;
    fits.then(|| plain.to_plain_string().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn response(text: &str) -> Response {
        Response::new(text.as_bytes().to_vec())
    }

    /// MSO5074, as published: codes 78 is 0 V, a step is 19.963 mV, the first sample lies at -100 ms.
    #[test]
    fn rigol() {
        let answer = "0,2,1000,1,2.000000E-4,-1.000000E-1,0.000000,1.9963E-02,-50,128";
        let preamble = Preamble::rigol(&response(answer)).unwrap();
        assert_eq!(preamble.samples, 1000);
        assert_eq!(preamble.encoding.codes(&[0, 78, 255]), Ok(vec![0, 78, 255]));
        assert_eq!(preamble.vertical.value(79).unwrap(), d("0.019963"));
        assert_eq!(preamble.horizontal.time(0).unwrap(), d("-0.1"));
        assert_eq!(preamble.horizontal.time(500).unwrap(), d("0"));
    }

    /// DSOX1102G, as published.
    #[test]
    fn keysight() {
        let answer = "4,0,62500,1,1.6E-08,-5.0E-04,0,7.851759E-04,0,32768";
        let preamble = Preamble::keysight(&response(answer)).unwrap();
        assert_eq!((preamble.samples, preamble.encoding), (62500, Encoding::Ascii));
        assert_eq!(preamble.vertical.value(32769).unwrap(), d("7.851759E-04"));
        let word =
            Preamble::keysight(&response("+1,+0,+2,+1,+1E-9,+0E+0,+0,+1E-3,+5E-1,+128")).unwrap();
        assert_eq!(word.encoding.codes(&[1, 0, 0, 2]), Ok(vec![256, 2]));
        assert_eq!(word.vertical.value(128).unwrap(), d("0.5"));
    }

    #[test]
    fn broken_preambles_are_refused() {
        for answer in [
            "",
            "1,2,3",
            "x,2,1000,1,1,1,1,1,1,1",
            "0,2,1000,1,1,1,1,1,1,1,1",
            "7,2,10,1,1,1,1,1,1,1",
            "0,2,1.5,1,1,1,1,1,1,1",
            "0,2,10,1,9.9E37,1,1,1,1,1",
            "0,2,10,1,0,1,1,1,1,1",
            "0,2,10,1,1,1,1,0,1,1",
            "0,2,10,1,1,1E400,1,1,1,1",
            "0,2,10,1,1,1,1,1,1E-400,1",
            "0,2,10,1,1,1,1,1,0E-999999,1",
        ] {
            assert!(Preamble::rigol(&response(answer)).is_err(), "{answer}");
        }
    }
}
