//! Long lists of numbers as `f64`, bit for bit what the standard library reads, several times as fast.
//!
//! Instruments write all numbers of a list alike: `+1.23456789E+00,`. The layout is learnt from one of them, and the
//! next are read at fixed places, eight digits at a time, every byte checked. What does not fit is read one digit
//! at a time, and what has more digits than a float holds by the standard library.

use super::number;

/// Powers of ten that are exact as `f64`.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Whole numbers up to here are exact as `f64`.
const EXACT: u64 = 1 << 53;

/// Digits that fit into 64 bits, whatever they are.
const MAX_DIGITS: usize = 19;

/// Elements after which a list that has no layout is taken to have none.
const MAX_MISSES: u32 = 8;

/// Bytes of an element of fixed layout besides its decimals: sign, digit, point, `E`, sign, two digits, comma.
const AROUND: usize = 8;

/// Adds the numbers of a list to `samples`; else the place of the first element that is none, from 0.
pub(super) fn decode(list: &[u8], samples: &mut Vec<f64>) -> Result<(), usize> {
    let before = samples.len();
    let mut rest = list;
    let mut misses = 0;
    loop {
        let Some((value, length)) = element(rest) else { return Err(samples.len() - before) };
        samples.push(value);
        let Some((b',', next)) = rest.get(length..).and_then(<[u8]>::split_first) else {
            return Ok(());
        };
        rest = next;
        if misses < MAX_MISSES {
            let left = alike(length + 1, rest, samples);
            misses += u32::from(left.len() == rest.len());
            rest = left;
        }
    }
}

/// Reads elements of this many bytes from the front while they have the layout; the rest.
fn alike<'l>(stride: usize, list: &'l [u8], samples: &mut Vec<f64>) -> &'l [u8] {
    match stride {
        11 => run::<11>(list, samples),
        12 => run::<12>(list, samples),
        13 => run::<13>(list, samples),
        14 => run::<14>(list, samples),
        15 => run::<15>(list, samples),
        16 => run::<16>(list, samples),
        17 => run::<17>(list, samples),
        18 => run::<18>(list, samples),
        _ => list,
    }
}

fn run<'l, const N: usize>(list: &'l [u8], samples: &mut Vec<f64>) -> &'l [u8] {
    let (elements, _) = list.as_chunks::<N>();
    samples.reserve(elements.len());
    let before = samples.len();
    samples.extend(elements.iter().map_while(fixed::<N>));
    list.get((samples.len() - before) * N..).unwrap_or_default()
}

/// `+1.23456789E+00,` of N bytes.
#[inline]
fn fixed<const N: usize>(element: &[u8; N]) -> Option<f64> {
    let (head, decimals) = element.split_first_chunk::<3>()?;
    let (decimals, tail) = decimals.split_at_checked(N - AROUND)?;
    let tail: &[u8; 5] = tail.try_into().ok()?;
    let [sign, whole, b'.'] = *head else { return None };
    let [b'E' | b'e', power_sign, tens, ones, b','] = *tail else { return None };
    let mut digits = u64::from(digit(whole)?);
    let (eights, single) = decimals.as_chunks::<8>();
    for eight in eights {
        digits = digits * 100_000_000 + u64::from(eight_digits(*eight)?);
    }
    for one in single {
        digits = digits * 10 + u64::from(digit(*one)?);
    }
    let power = i32::from(digit(tens)?) * 10 + i32::from(digit(ones)?);
    let power = if is_minus(power_sign)? { -power } else { power };
    let value = exact(digits, power - i32::try_from(N - AROUND).ok()?)?;
    Some(if is_minus(sign)? { -value } else { value })
}

fn is_minus(sign: u8) -> Option<bool> {
    matches!(sign, b'+' | b'-').then_some(sign == b'-')
}

fn digit(byte: u8) -> Option<u8> {
    let value = byte.wrapping_sub(b'0');
    (value < 10).then_some(value)
}

/// Eight digits as one word, the first in the lowest byte: pairs, fours, eight.
fn eight_digits(bytes: [u8; 8]) -> Option<u32> {
    let word = u64::from_le_bytes(bytes);
    let above_nine = word.wrapping_add(0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0;
    if (word & 0xF0F0_F0F0_F0F0_F0F0) | (above_nine >> 4) != 0x3333_3333_3333_3333 {
        return None;
    }
    let ones = word & 0x0F0F_0F0F_0F0F_0F0F;
    let pairs = (ones.wrapping_mul(2561) >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(6_553_601) >> 16) & 0x0000_FFFF_0000_FFFF;
    u32::try_from(fours.wrapping_mul(42_949_672_960_001) >> 32).ok()
}

/// `digits * 10^power` where both are exact, so that one rounding is all there is (Clinger 1990).
#[expect(clippy::cast_precision_loss, reason = "no more than 2^53")]
fn exact(digits: u64, power: i32) -> Option<f64> {
    let scale = *POWERS.get(usize::try_from(power.unsigned_abs()).ok()?)?;
    let digits = (digits <= EXACT).then_some(digits as f64)?;
    Some(if power < 0 { digits / scale } else { digits * scale })
}

/// One element with the white space around it: its value, and its bytes up to the comma or the end.
fn element(input: &[u8]) -> Option<(f64, usize)> {
    let white = |from: usize| {
        let rest = input.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    };
    let start = white(0);
    let (value, length) = any(input.get(start..)?)?;
    let end = start + length;
    let end = end + white(end);
    matches!(input.get(end), None | Some(b',')).then_some((value, end))
}

/// A number in any of the standard's forms, in one pass.
fn any(input: &[u8]) -> Option<(f64, usize)> {
    let start = usize::from(matches!(input.first(), Some(b'+' | b'-')));
    let (whole, after_whole) = digits(input, start, 0);
    let mut count = after_whole - start;
    let (mut mantissa, mut end, mut decimals) = (whole, after_whole, 0);
    if input.get(end) == Some(&b'.') {
        let (all, after) = digits(input, end + 1, whole);
        decimals = after - end - 1;
        count += decimals;
        (mantissa, end) = (all, after);
    }
    if count == 0 {
        return None;
    }
    let (power, end) = exponent(input, end);
    let short = count <= MAX_DIGITS;
    let power = power.checked_sub(i32::try_from(decimals).ok()?);
    match power.filter(|_| short).and_then(|power| exact(mantissa, power)) {
        Some(value) => Some((if input.first() == Some(&b'-') { -value } else { value }, end)),
        None => by_library(input.get(..end)?).map(|value| (value, end)),
    }
}

/// Digits from a place on, added behind `before`: the number, and where they end.
fn digits(input: &[u8], from: usize, before: u64) -> (u64, usize) {
    let (mut value, mut at) = (before, from);
    while let Some(digit) = input.get(at).copied().and_then(digit) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (value, at)
}

/// `E+03` at a place, if it is there whole: the power, and where it ends. One beyond all floats is left to the
/// standard library.
fn exponent(input: &[u8], at: usize) -> (i32, usize) {
    if !matches!(input.get(at), Some(b'e' | b'E')) {
        return (0, at);
    }
    let sign = input.get(at + 1).copied().unwrap_or_default();
    let start = at + 1 + usize::from(matches!(sign, b'+' | b'-'));
    let (value, end) = digits(input, start, 0);
    if end == start {
        return (0, at);
    }
    let value = if end - start > 6 { i32::MAX } else { i32::try_from(value).unwrap_or(i32::MAX) };
    (if sign == b'-' { -value } else { value }, end)
}

fn by_library(text: &[u8]) -> Option<f64> {
    let (_, length) = number::scan(text)?;
    let whole = (length == text.len()).then_some(text)?;
    std::str::from_utf8(whole).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_split(list: &str) -> Vec<u64> {
        list.split(',').map(|text| text.trim().parse::<f64>().unwrap().to_bits()).collect()
    }

    fn ours(list: &str) -> Vec<u64> {
        let mut samples = Vec::new();
        decode(list.as_bytes(), &mut samples).unwrap();
        samples.into_iter().map(f64::to_bits).collect()
    }

    #[test]
    fn edges_of_what_is_exact() {
        for list in [
            "9007199254740992,9007199254740993,9007199254740995,-0,+0.0,0E5",
            "1e22,1e23,1E-22,1E-23,123456789012345678901234567890,0.1,.5,5.,1E400,1E-400",
            "+1.00000000E+00,+9.99999999E+99,-1.00000001E-09,+0.00000000E+00,-0.00000000E-00",
            "1E2147483647,1E-2147483648,1E99999999999,0.00000000000000000000000001E26",
            " 1.5 ,\t2 , 3",
        ] {
            assert_eq!(ours(list), by_split(list), "{list}");
        }
    }

    #[test]
    fn the_first_element_that_is_none_is_told() {
        let good = "+1.23456789E+00,";
        for (bad, at) in [
            ("", 3),
            ("+1.2345678xE+00", 3),
            ("+1.23456789E+0", 4),
            ("inf", 3),
            ("1 2", 3),
            ("+1.23456789E+00V", 3),
            ("+1.23456789F+00", 3),
            ("*1.23456789E+00", 3),
        ] {
            let list = format!("{good}{good}{good}{bad}");
            let found = decode(list.as_bytes(), &mut Vec::new());
            assert_eq!(found.err().unwrap_or(4), at, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn bit_for_bit_as_the_library(
            values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 1..40),
            digits in 1_usize..18,
            signed: bool,
        ) {
            let texts: Vec<_> = values
                .iter()
                .map(|value| {
                    let text = format!("{value:.digits$e}");
                    let (mantissa, power) = text.split_once('e').unwrap();
                    let power: i32 = power.parse().unwrap();
                    let plus = if signed && !mantissa.starts_with('-') { "+" } else { "" };
                    format!("{plus}{mantissa}E{power:+03}")
                })
                .collect();
            let list = texts.join(",");
            prop_assert_eq!(ours(&list), by_split(&list));
        }

        #[test]
        fn any_bytes_are_read_as_the_library_reads_them_or_refused(list in "[-+0-9.eE, ]{0,60}") {
            let mut samples = Vec::new();
            let result = decode(list.as_bytes(), &mut samples);
            let wanted: Option<Vec<f64>> = list
                .split(',')
                .map(|text| by_library(text.trim_ascii().as_bytes()))
                .collect();
            prop_assert_eq!(result.ok().map(|()| samples), wanted);
        }
    }
}
