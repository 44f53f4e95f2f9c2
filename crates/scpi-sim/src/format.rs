//! Numbers as the different instruments write them.

/// With so many decimals and no exponent: `5.000`. Nothing is ever minus zero.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// As a C library prints `%.4E`: `1.9963E-02`.
pub(crate) fn exponent(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$E}", value + 0.0);
    let (mantissa, power) = text.split_once('E').unwrap_or((&text, "0"));
    let (sign, digits) = match power.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', power),
    };
    format!("{mantissa}E{sign}{digits:0>2}")
}

/// As Keysight's multimeters answer, nine digits with both signs: `+4.99987654E+00`.
pub(crate) fn nine_digits(value: f64) -> String {
    let text = exponent(value, 8);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// As Rigol's oscilloscopes answer, without a leading zero in the exponent: `2.000000E-4`.
pub(crate) fn short_exponent(value: f64) -> String {
    format!("{:.6E}", value + 0.0)
}

/// As Tektronix's oscilloscopes answer, with an exponent that is a multiple of three: `15.6250E-6`, `6.4000E+3`, `0.0000`.
pub(crate) fn engineering(value: f64) -> String {
    let text = format!("{value:e}");
    let power: i32 = text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let three = power.div_euclid(3) * 3;
    let mantissa = fixed(value / 10_f64.powi(three), 4);
    match three {
        0 => mantissa,
        three => format!("{mantissa}E{three:+}"),
    }
}

/// As a C library prints `%.{digits}g`: `1000`, `0.001`, `8.4e-09`.
pub(crate) fn general(value: f64, digits: usize) -> String {
    let digits = digits.max(1);
    let text = format!("{:.*e}", digits - 1, value + 0.0);
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let is_fixed = (-4..i32::try_from(digits).unwrap_or(i32::MAX)).contains(&power);
    if !is_fixed {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", short(mantissa), power.abs());
    }
    let decimals =
        i32::try_from(digits).unwrap_or(i32::MAX).saturating_sub(1).saturating_sub(power);
    short(&fixed(value, usize::try_from(decimals).unwrap_or(0))).to_owned()
}

/// Without the zeros that a decimal point makes superfluous.
fn short(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        for (found, wanted) in [
            (fixed(5.01138, 4), "5.0114"),
            (fixed(-0.00001, 3), "0.000"),
            (fixed(-0.1, 3), "-0.100"),
            (exponent(0.019_963, 4), "1.9963E-02"),
            (exponent(1e6, 4), "1.0000E+06"),
            (nine_digits(4.999_876_54), "+4.99987654E+00"),
            (nine_digits(-3.215e-7), "-3.21500000E-07"),
            (nine_digits(-0.0), "+0.00000000E+00"),
            (nine_digits(9.9e37), "+9.90000000E+37"),
            (short_exponent(2e-4), "2.000000E-4"),
            (short_exponent(1.0), "1.000000E0"),
            (general(1_234.567_890_1, 10), "1234.56789"),
            (general(12_345_678.123_456, 10), "12345678.12"),
            (general(8.4e-9, 6), "8.4e-09"),
            (engineering(4e-9), "4.0000E-9"),
            (engineering(-20e-6), "-20.0000E-6"),
            (engineering(15.625e-6), "15.6250E-6"),
            (engineering(6400.0), "6.4000E+3"),
            (engineering(0.0), "0.0000"),
            (general(100.0, 6), "100"),
            (general(0.0005, 6), "0.0005"),
            (general(1e7, 6), "1e+07"),
            (general(0.0, 6), "0"),
            (general(-1.999, 6), "-1.999"),
            (general(0.1 + 0.2, 6), "0.3"),
        ] {
            assert_eq!(found, wanted);
        }
    }
}
