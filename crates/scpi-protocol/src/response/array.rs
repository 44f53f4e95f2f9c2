//! Arrays of one type, from the bytes of a block or from a list of numbers.

use super::{float_list, number};
use crate::escape::Escaped;

/// Which byte of a sample comes first in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant (`FORMat:BORDer SWAPped`).
    LittleEndian,
    /// The most significant (`FORMat:BORDer NORMal`, the standard's default).
    BigEndian,
}

/// An array that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// A block that ends inside a sample.
    #[error("{bytes} bytes are no whole number of samples of {sample_bytes} bytes")]
    PartOfASample {
        /// Of the block.
        bytes: usize,
        /// Of one sample.
        sample_bytes: usize,
    },
    /// An element of a list that is no number of the wanted type.
    #[error("element {index} of the list, '{element}', is no {wanted}")]
    NotOfType {
        /// Its place, from 0.
        index: usize,
        /// Its text, escaped and cut.
        element: String,
        /// The wanted type.
        wanted: &'static str,
    },
}

/// A type that a sample can have.
pub trait Sample: Sized + Copy {
    /// Its name, for messages.
    const NAME: &'static str;
    /// Its size in a block, in bytes.
    const BYTES: usize;
    /// From exactly [`BYTES`](Self::BYTES) bytes.
    fn from_bytes(bytes: &[u8], order: ByteOrder) -> Option<Self>;
    /// From the text of a number.
    fn from_text(text: &str) -> Option<Self>;
    /// Adds a whole list, where there is a faster way than one by one; else nothing. The place of an element that
    /// is none, from 0.
    #[doc(hidden)]
    fn extend_from_list(_list: &[u8], _samples: &mut Vec<Self>) -> Option<Result<(), usize>> {
        None
    }
}

macro_rules! sample {
    ($($type:ident: $from_text:expr $(, $from_list:expr)?;)*) => {
        $(impl Sample for $type {
            const NAME: &'static str = stringify!($type);
            const BYTES: usize = size_of::<$type>();

            fn from_bytes(bytes: &[u8], order: ByteOrder) -> Option<Self> {
                let bytes = bytes.try_into().ok()?;
                Some(match order {
                    ByteOrder::LittleEndian => Self::from_le_bytes(bytes),
                    ByteOrder::BigEndian => Self::from_be_bytes(bytes),
                })
            }

            fn from_text(text: &str) -> Option<Self> {
                let read: fn(&str) -> Option<$type> = $from_text;
                read(text)
            }

            $(fn extend_from_list(list: &[u8], samples: &mut Vec<Self>) -> Option<Result<(), usize>> {
                Some($from_list(list, samples))
            })?
        })*
    };
}

/// An integer, also one that is written as a float (quirk Q29).
fn integer<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.strip_prefix('+').unwrap_or(text).parse().ok().or_else(|| {
        let value: exact_decimal::Decimal = text.parse().ok()?;
        let whole = value.without_trailing_zeros();
        let fits = whole.exponent() >= 0 && whole.order() <= 19;
        fits.then(|| whole.to_plain_string().parse().ok()).flatten()
    })
}

sample! {
    i8: integer;
    i16: integer;
    i32: integer;
    i64: integer;
    u8: integer;
    u16: integer;
    u32: integer;
    u64: integer;
    f32: |text| text.parse().ok();
    f64: |text| text.parse().ok(), float_list::decode;
}

/// Adds the samples of a block to `samples`.
///
/// ```
/// use scpi_protocol::response::{ByteOrder, decode_block};
///
/// let mut samples: Vec<i16> = Vec::new();
/// decode_block(&[0x00, 0x01, 0xff, 0xff], ByteOrder::BigEndian, &mut samples)?;
/// assert_eq!(samples, [1, -1]);
/// # Ok::<(), scpi_protocol::response::ArrayError>(())
/// ```
///
/// # Errors
/// When the block ends inside a sample; nothing is added then.
pub fn decode_block<T: Sample>(
    block: &[u8],
    order: ByteOrder,
    samples: &mut Vec<T>,
) -> Result<(), ArrayError> {
    if !block.len().is_multiple_of(T::BYTES) {
        return Err(ArrayError::PartOfASample { bytes: block.len(), sample_bytes: T::BYTES });
    }
    samples.reserve(block.len() / T::BYTES);
    samples.extend(block.chunks_exact(T::BYTES).filter_map(|bytes| T::from_bytes(bytes, order)));
    Ok(())
}

/// Adds the numbers of a list `1.5,2.5,...` to `samples`.
///
/// # Errors
/// At the first element that is no number of this type; those before it have been added.
pub fn decode_list<T: Sample>(list: &[u8], samples: &mut Vec<T>) -> Result<(), ArrayError> {
    if let Some(result) = T::extend_from_list(list, samples) {
        let fault = |index| {
            let element = list.split(|&byte| byte == b',').nth(index).unwrap_or_default();
            not_of_type::<T>(index, element)
        };
        return result.map_err(fault);
    }
    for (index, element) in list.split(|&byte| byte == b',').enumerate() {
        let sample = element_of(element.trim_ascii());
        samples.push(sample.ok_or_else(|| not_of_type::<T>(index, element))?);
    }
    Ok(())
}

fn not_of_type<T: Sample>(index: usize, element: &[u8]) -> ArrayError {
    let element = Escaped { bytes: element, shown: 40 }.to_string();
    ArrayError::NotOfType { index, element, wanted: T::NAME }
}

/// Only the forms of the standard are numbers: Rust's own `inf` and `nan` are not.
fn element_of<T: Sample>(element: &[u8]) -> Option<T> {
    let (_, length) = number::scan(element)?;
    let whole = (length == element.len()).then_some(element)?;
    T::from_text(std::str::from_utf8(whole).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block<T: Sample + PartialEq + std::fmt::Debug>(value: T, little: &[u8]) {
        let big: Vec<u8> = little.iter().rev().copied().collect();
        for (bytes, order) in [(little, ByteOrder::LittleEndian), (&big, ByteOrder::BigEndian)] {
            let mut samples: Vec<T> = Vec::new();
            decode_block(bytes, order, &mut samples).unwrap();
            assert_eq!(samples, [value]);
        }
    }

    #[test]
    fn every_type_in_either_byte_order() {
        block(-2_i8, &[0xfe]);
        block(-2_i16, &[0xfe, 0xff]);
        block(0x0102_0304_i32, &[4, 3, 2, 1]);
        block(-1_i64, &[0xff; 8]);
        block(200_u8, &[200]);
        block(0x0102_u16, &[2, 1]);
        block(1_u32, &[1, 0, 0, 0]);
        block(1_u64, &[1, 0, 0, 0, 0, 0, 0, 0]);
        block(1.5_f32, &[0, 0, 0xc0, 0x3f]);
        block(-2.0_f64, &[0, 0, 0, 0, 0, 0, 0, 0xc0]);
    }

    #[test]
    fn lists_and_their_faults() {
        let mut floats: Vec<f64> = Vec::new();
        decode_list(b"+1.5E+00, -2,.5", &mut floats).unwrap();
        assert_eq!(floats, [1.5, -2.0, 0.5]);
        let mut integers: Vec<u16> = Vec::new();
        decode_list(b"1.0000E+03,+7", &mut integers).unwrap();
        assert_eq!(integers, [1000, 7]);
        for list in [&b"1,,2"[..], b"inf", b"1.5V", b"", b"1,2,"] {
            assert!(decode_list(list, &mut Vec::<f64>::new()).is_err(), "{}", list.escape_ascii());
        }
        let error = decode_list(b"1,70000", &mut Vec::<u16>::new()).unwrap_err();
        assert_eq!(error.to_string(), "element 1 of the list, '70000', is no u16");
        let cut = decode_block::<u16>(&[1, 2, 3], ByteOrder::BigEndian, &mut Vec::new());
        assert_eq!(cut, Err(ArrayError::PartOfASample { bytes: 3, sample_bytes: 2 }));
    }
}
