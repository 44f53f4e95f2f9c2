//! Decimal to text. No form loses a digit.

use std::fmt;

use crate::Decimal;

/// A number smaller than `10^-MOST_LEADING_ZEROS` is written with an exponent.
const MOST_LEADING_ZEROS: i64 = 12;

/// Writes the digits it was given: plainly while that shows them, else as `d.dddE±n`.
/// What is written reads back with the same digits.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let plain = self.exponent <= 0 && self.magnitude(digits.len()) >= -MOST_LEADING_ZEROS;
        let body =
            if plain { plain_text(&digits, self.exponent) } else { scientific(self, &digits) };
        f.pad_integral(!self.negative, "", &body)
    }
}

impl Decimal {
    /// Without an exponent, as SQL's NUMERIC prints it: `1.2300E+05` is `123000`.
    #[must_use]
    pub fn to_plain_string(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}", plain_text(&self.digits(), self.exponent))
    }

    /// The power of ten of the first digit: 0 for 1..9, -3 for 0.001; 0 for zero.
    #[must_use]
    pub fn order(&self) -> i32 {
        let order = self.magnitude(self.digits().len());
        if self.is_zero() { 0 } else { i32::try_from(order).unwrap_or(i32::MAX) }
    }

    fn magnitude(&self, digits: usize) -> i64 {
        i64::from(self.exponent) + i64::try_from(digits).unwrap_or(i64::MAX) - 1
    }
}

fn plain_text(digits: &str, exponent: i32) -> String {
    let places = exponent.unsigned_abs() as usize;
    if digits == "0" && exponent > 0 {
        return "0".to_owned();
    }
    if exponent >= 0 {
        return format!("{digits}{}", "0".repeat(places));
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, decimals) = padded.split_at(padded.len() - places);
    format!("{whole}.{decimals}")
}

fn scientific(decimal: &Decimal, digits: &str) -> String {
    let power = decimal.magnitude(digits.len());
    match digits.split_at_checked(1) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}.{rest}E{power}"),
        _ => format!("{digits}E{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_plainly_and_with_exponent() {
        for (text, display, plain) in [
            ("0", "0", "0"),
            ("0E5", "0E5", "0"),
            ("-1.50", "-1.50", "-1.50"),
            ("1.2300E+05", "1.2300E5", "123000"),
            ("1E-20", "1E-20", "0.00000000000000000001"),
            ("1E3", "1E3", "1000"),
        ] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(decimal.to_string(), display);
            assert_eq!(decimal.to_plain_string(), plain);
            let again: Decimal = display.parse().unwrap();
            assert_eq!((again.exponent, again.digits()), (decimal.exponent, decimal.digits()));
        }
    }

    #[test]
    fn order_is_the_power_of_the_first_digit() {
        for (text, order) in
            [("1", 0), ("9.99", 0), ("10", 1), ("0.001", -3), ("0.00", 0), ("4E-9", -9)]
        {
            assert_eq!(text.parse::<Decimal>().unwrap().order(), order, "{text}");
        }
    }
}
