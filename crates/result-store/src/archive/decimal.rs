//! A number as a DECIMAL of Parquet has it: a whole number of its last decimal, big-endian, in two's complement
//! (Apache Parquet, `LogicalTypes.md`, DECIMAL).

use bench_model::Decimal;

/// Digits of a DECIMAL that every reader knows.
pub(super) const PRECISION: u32 = 38;

/// The bytes of a number with so many decimals; none where it is no finite one, or has no place in 38 digits.
pub(super) fn bytes(text: &str, scale: u32) -> Option<Vec<u8>> {
    text.parse::<Decimal>().ok()?.to_unscaled_bytes(scale, PRECISION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_its_unscaled_digits() {
        let longest = "9".repeat(38);
        for (text, scale, expected) in [
            ("1", 0, Some(vec![1])),
            ("1.00", 2, Some(vec![100])),
            ("-1.00", 2, Some(vec![0x9c])),
            ("1.5", 3, Some(vec![0x05, 0xdc])),
            ("127", 0, Some(vec![0x7f])),
            ("128", 0, Some(vec![0, 0x80])),
            ("-128", 0, Some(vec![0x80])),
            ("-129", 0, Some(vec![0xff, 0x7f])),
            ("0.000", 3, Some(vec![0])),
            ("-0.0004", 4, Some(vec![0xfc])),
            ("1.234", 2, None),
            ("NaN", 2, None),
            ("-Infinity", 2, None),
            (&format!("1{}", "0".repeat(38)), 0, None),
            (&longest, 1, None),
        ] {
            assert_eq!(bytes(text, scale), expected, "{text} with {scale} decimals");
        }
        assert_eq!(bytes(&longest, 0).map(|bytes| bytes.len()), Some(16));
    }
}
