//! A number as a DECIMAL of Parquet has it: a whole number of its last decimal, big-endian, in two's complement
//! (Apache Parquet, `LogicalTypes.md`, DECIMAL).

/// Digits of a DECIMAL that every reader knows.
pub(super) const PRECISION: u32 = 38;

/// The bytes of a number with so many decimals; none where it is no finite one, or has no place in 38 digits.
pub(super) fn bytes(text: &str, scale: u32) -> Option<Vec<u8>> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let shown = u32::try_from(decimals.len()).ok()?;
    let digits = format!("{whole}{decimals}");
    let unscaled: i128 = digits.parse().ok()?;
    let unscaled = unscaled.checked_mul(10_i128.checked_pow(scale.checked_sub(shown)?)?)?;
    let is_within = unscaled.unsigned_abs() < 10_u128.checked_pow(PRECISION)?;
    is_within.then(|| shortest(&unscaled.to_be_bytes()))
}

/// Without the bytes that only repeat the sign.
fn shortest(bytes: &[u8]) -> Vec<u8> {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let filler = if is_negative { 0xff } else { 0 };
    let mut rest = bytes;
    while let [first, next, ..] = rest {
        if *first != filler || (next & 0x80 != 0) != is_negative {
            break;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    rest.to_vec()
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
