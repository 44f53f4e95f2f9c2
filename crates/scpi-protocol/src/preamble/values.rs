//! Codes to values while they arrive.

use super::{Encoding, Preamble, VerticalAxis};
use crate::response::ByteOrder;

/// Turns the bytes of a block into values, in any split. The values are floats, for looking at; exact ones are
/// made of the codes by [`VerticalAxis::value`].
///
/// ```
/// use scpi_protocol::preamble::{Preamble, Values};
/// use scpi_protocol::response::Response;
///
/// let answer = Response::new(b"1,2,2,1,1E-6,0,0,0.5,0,0".to_vec()); // WORD, a step of 0.5 V
/// let (mut values, mut volts) = (Values::of(&Preamble::rigol(&answer)?)?, Vec::new());
/// values.push(&[2, 0, 4], &mut volts);
/// values.push(&[0], &mut volts);
/// assert_eq!(volts, [1.0, 2.0]);
/// assert!(values.is_whole());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Values {
    scale: f64,
    shift: f64,
    form: Form,
    /// The first byte of a sample whose second has not come.
    half: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    I8,
    U8,
    I16(ByteOrder),
    U16(ByteOrder),
}

/// The samples are no bytes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the samples are numbers in a list: their values need no scale")]
pub struct NoCodes;

impl Values {
    /// For the samples of a waveform.
    ///
    /// # Errors
    /// They are a list of numbers.
    pub fn of(preamble: &Preamble) -> Result<Self, NoCodes> {
        let Encoding::Binary { bytes, is_signed, order } = preamble.encoding else {
            return Err(NoCodes);
        };
        let form = match (bytes, is_signed) {
            (1, true) => Form::I8,
            (1, false) => Form::U8,
            (_, true) => Form::I16(order),
            (_, false) => Form::U16(order),
        };
        let VerticalAxis { increment, zero, offset, .. } = &preamble.vertical;
        let (scale, offset) = (increment.to_f64(), offset.to_f64());
        Ok(Self { scale, shift: offset - zero.to_f64() * scale, form, half: None })
    }

    /// Bytes of one sample.
    #[must_use]
    pub fn sample_bytes(&self) -> usize {
        if matches!(self.form, Form::I8 | Form::U8) { 1 } else { 2 }
    }

    /// Whether the bytes so far end with a whole sample.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.half.is_none()
    }

    /// Adds the values of the next bytes.
    pub fn push(&mut self, bytes: &[u8], values: &mut Vec<f64>) {
        match self.form {
            Form::I8 => self.single(bytes, values, |byte| f64::from(i8::from_le_bytes([byte]))),
            Form::U8 => self.single(bytes, values, f64::from),
            Form::I16(ByteOrder::BigEndian) => {
                self.double(bytes, values, |pair| f64::from(i16::from_be_bytes(pair)));
            }
            Form::I16(ByteOrder::LittleEndian) => {
                self.double(bytes, values, |pair| f64::from(i16::from_le_bytes(pair)));
            }
            Form::U16(ByteOrder::BigEndian) => {
                self.double(bytes, values, |pair| f64::from(u16::from_be_bytes(pair)));
            }
            Form::U16(ByteOrder::LittleEndian) => {
                self.double(bytes, values, |pair| f64::from(u16::from_le_bytes(pair)));
            }
        }
    }

    fn single(&self, bytes: &[u8], values: &mut Vec<f64>, code: impl Fn(u8) -> f64) {
        values.extend(bytes.iter().map(|byte| code(*byte) * self.scale + self.shift));
    }

    fn double(&mut self, mut bytes: &[u8], values: &mut Vec<f64>, code: impl Fn([u8; 2]) -> f64) {
        let (scale, shift) = (self.scale, self.shift);
        let value = |pair: [u8; 2]| code(pair) * scale + shift;
        if let (Some(first), Some((second, rest))) = (self.half, bytes.split_first()) {
            values.push(value([first, *second]));
            (self.half, bytes) = (None, rest);
        }
        let (pairs, rest) = bytes.as_chunks::<2>();
        values.extend(pairs.iter().map(|pair| value(*pair)));
        self.half = rest.first().copied().or(self.half);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Response;

    #[test]
    fn any_split_gives_the_exact_values_as_floats() {
        let answer = Response::new(b"1,2,3,1,1E-6,0,0,1E-3,5E-1,128".to_vec());
        let preamble = Preamble::keysight(&answer).unwrap();
        let block = [0, 128, 1, 0, 255, 255];
        let exact = [128, 256, 65535].map(|code| preamble.vertical.value(code).unwrap().to_f64());
        for split in 0..=block.len() {
            let mut values = Values::of(&preamble).unwrap();
            let mut found = Vec::new();
            let (one, two) = block.split_at(split);
            values.push(one, &mut found);
            assert_eq!(values.is_whole(), split % 2 == 0);
            values.push(two, &mut found);
            assert_eq!(found.len(), 3);
            assert!(found.iter().zip(exact).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        }
    }

    #[test]
    fn lists_need_no_scale() {
        let answer = Response::new(b"4,2,3,1,1E-6,0,0,1E-3,5E-1,128".to_vec());
        assert_eq!(Values::of(&Preamble::keysight(&answer).unwrap()).unwrap_err(), NoCodes);
    }
}
