//! Bits of a status register: `bits 4, 7 set and 0-3 clear`.

use bench_model::Bits;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, u32 as whole};
use nom::combinator::{opt, value};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};

use crate::text::{Parsed, broken, space};

use super::form::Form;

const WANTED: &str = "bits are such as: bits 4, 7 set and 0-3 clear; 63 is the highest";

/// What stands behind the word `bits`.
pub(super) fn bits(input: &str) -> Parsed<'_, Form> {
    let and = || (space, tag("and"), space, opt((tag("bit"), opt(char('s')))));
    let Ok((rest, groups)) = separated_list1(and(), group).parse(input) else {
        return broken(input, WANTED);
    };
    let mut bits = Bits::default();
    for (places, is_set) in groups {
        *if is_set { &mut bits.set } else { &mut bits.clear } |= places;
    }
    if bits.set & bits.clear != 0 {
        return broken(input, "nothing can meet this: a bit is to be set and clear");
    }
    Ok((rest, Form::Bits(bits)))
}

fn group(input: &str) -> Parsed<'_, (u64, bool)> {
    let comma = || delimited(space, char(','), space);
    let places = preceded(space, separated_list1(comma(), places));
    let state = alt((value(true, tag("set")), value(false, tag("clear"))));
    let (rest, (places, _, is_set)) = (places, space, state).parse(input)?;
    Ok((rest, (places.into_iter().fold(0, |all, own| all | own), is_set)))
}

/// `4`, `0-3`.
fn places(input: &str) -> Parsed<'_, u64> {
    let (rest, (first, last)) = (whole, opt(preceded(char('-'), whole))).parse(input)?;
    let last = last.unwrap_or(first);
    if first > last || last >= u64::BITS {
        return broken(input, WANTED);
    }
    let width = last - first + 1;
    let ones = 1_u64.checked_shl(width).map_or(u64::MAX, |beyond| beyond - 1);
    Ok((rest, ones << first))
}

#[cfg(test)]
mod tests {
    use super::super::parse_limit;
    use super::*;

    #[test]
    fn bits_are_named_by_their_places() {
        for (text, set, clear) in [
            ("bits 4, 7 set and 0-3 clear", 0x90, 0x0F),
            ("bit 3 clear", 0, 8),
            ("bits 0-63 set", u64::MAX, 0),
            ("bits 1 set and bit 2 set and bits 63 clear", 6, 1 << 63),
        ] {
            assert_eq!(parse_limit(text).unwrap(), Form::Bits(Bits { set, clear }), "{text}");
        }
        for text in [
            "bits",
            "bits 4",
            "bits 64 set",
            "bits 3-1 set",
            "bits 4 set and 0-4 clear",
            "bits x set",
        ] {
            assert!(parse_limit(text).is_err(), "{text}");
        }
    }
}
