//! The grammar of response messages, IEEE 488.2 clauses 8.3 to 8.7, with nom. It never fails on what an
//! instrument may say: an element of no known form is arbitrary text.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{map, opt, recognize};
use nom::multi::separated_list1;
use nom::sequence::{preceded, terminated};

use super::number::{self, NonNumber, NumberReply};
use super::{Datum, ResponseUnit};
use crate::channel_list::ChannelList;
use crate::lexis::{self, Base, Parsed, other, white};

/// `<RESPONSE MESSAGE>`, clause 8.3: units separated by `;`.
pub(super) fn message(input: &[u8]) -> Vec<ResponseUnit<'_>> {
    let mut units = Vec::new();
    let mut rest = input;
    loop {
        let (after, unit) = unit(rest);
        units.push(unit);
        match after.split_first() {
            Some((_, next)) => rest = next,
            None => return units,
        }
    }
}

/// `<RESPONSE MESSAGE UNIT>`, clause 8.3.2: an optional header, then data separated by `,`. What is left
/// begins with `;` or is empty.
fn unit(input: &[u8]) -> (&[u8], ResponseUnit<'_>) {
    let (mut rest, header) = match echoed_header(input) {
        Ok((rest, header)) => (rest, Some(header)),
        Err(_) => (input, None),
    };
    let mut data = Vec::new();
    loop {
        let (after, element) = element(rest);
        data.push(element);
        match after.split_first() {
            Some((b',', next)) => rest = next,
            _ => return (after, ResponseUnit { header, data }),
        }
    }
}

/// `<RESPONSE HEADER>`, clause 8.4: mnemonics in capitals joined by `:`, then one blank and data. Text of
/// several words in capitals looks the same; `*IDN?` and the like are therefore never read by this grammar.
fn echoed_header(input: &[u8]) -> Parsed<'_, &str> {
    let capitals = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let name = recognize((take_while1(|byte: u8| byte.is_ascii_uppercase()), take_while(capitals)));
    let path = recognize((opt(alt((tag(":"), tag("*")))), separated_list1(char(':'), name)));
    let (rest, header) = terminated(path, char(' ')).parse(input)?;
    match rest.first() {
        None | Some(b' ' | b',' | b';') => other(input),
        Some(_) => Ok((rest, lexis::text(input, header)?)),
    }
}

/// `<RESPONSE DATA>`, clause 8.7, up to the `,` or `;` after it.
fn element(input: &[u8]) -> (&[u8], Datum<'_>) {
    let known = preceded(white, terminated(known_form, white)).parse(input);
    match known {
        Ok((rest, datum)) if matches!(rest.first(), None | Some(b',' | b';')) => (rest, datum),
        _ => arbitrary(input),
    }
}

/// `<ARBITRARY ASCII RESPONSE DATA>`, clause 8.7.11, cut at a separator as instruments send it in lists;
/// nothing is `Empty` (clause 8.7 knows no such thing; instruments do, quirk Q33).
fn arbitrary(input: &[u8]) -> (&[u8], Datum<'_>) {
    let end = input.iter().position(|byte| b",;".contains(byte)).unwrap_or(input.len());
    let (text, rest) = input.split_at_checked(end).unwrap_or((input, &[]));
    match std::str::from_utf8(text).map(str::trim) {
        Ok("") => (rest, Datum::Empty),
        Ok(token) => {
            (rest, NonNumber::of_token(token).map_or(Datum::Arbitrary(text), Datum::NonNumber))
        }
        Err(_) => (rest, Datum::Arbitrary(text)),
    }
}

fn known_form(input: &[u8]) -> Parsed<'_, Datum<'_>> {
    alt((
        number,
        c_hexadecimal,
        word,
        map(lexis::string, Datum::Text),
        map(lexis::non_decimal, |(base, value)| Datum::NonDecimal { base, value }),
        map(lexis::block, Datum::Block),
        expression,
    ))
    .parse(input)
}

/// `<NR1>`, `<NR2>` and `<NR3 NUMERIC RESPONSE DATA>`, clauses 8.7.2 to 8.7.4, with a unit behind it.
fn number(input: &[u8]) -> Parsed<'_, Datum<'_>> {
    if number::scan(input).is_none() {
        return other(input);
    }
    let end = input.iter().position(|byte| b",;".contains(byte)).unwrap_or(input.len());
    let (text, rest) = input.split_at_checked(end).unwrap_or((input, &[]));
    match NumberReply::parse(text.trim_ascii_end()) {
        Some(number) => Ok((rest, Datum::Number(number))),
        None => other(input),
    }
}

/// `0x0224`, which is in no standard but in some answers (status words of Siglent supplies).
fn c_hexadecimal(input: &[u8]) -> Parsed<'_, Datum<'_>> {
    let digits = take_while1(|byte: u8| byte.is_ascii_hexdigit());
    let (rest, digits) = preceded(alt((tag("0x"), tag("0X"))), digits).parse(input)?;
    match u64::from_str_radix(lexis::text(input, digits)?, 16) {
        Ok(value) => Ok((rest, Datum::NonDecimal { base: Base::Hexadecimal, value })),
        Err(_) => other(input),
    }
}

/// `<CHARACTER RESPONSE DATA>`, clause 8.7.1; lower case is taken too.
fn word(input: &[u8]) -> Parsed<'_, Datum<'_>> {
    map(lexis::mnemonic, |word| {
        NonNumber::of_token(word).map_or(Datum::Word(word), Datum::NonNumber)
    })
    .parse(input)
}

/// `<EXPRESSION RESPONSE DATA>`, clause 8.7.12.
fn expression(input: &[u8]) -> Parsed<'_, Datum<'_>> {
    let (rest, inside) = lexis::expression(input)?;
    let list = ChannelList::parse_inside(inside).map(|(_, list)| Datum::Channels(list));
    Ok((rest, list.unwrap_or(Datum::Expression(inside))))
}
