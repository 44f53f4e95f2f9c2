//! The leaves that program and response messages share, as nom parsers over bytes.
//!
//! IEEE 488.2 gives the talker and the listener nearly the same elements (clauses 7.7 and 8.7);
//! where the listener must accept more, the more forgiving form is here and is said beside it.

use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{take, take_while, take_while1};
use nom::character::complete::{char, one_of};
use nom::combinator::{opt, recognize};
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

use crate::fault::SyntaxFault;

/// Digits that an exponent may have before it is refused unread; 488.2 clause 7.7.2.4.2 asks for 32 000.
const MAX_EXPONENT_DIGITS: usize = 6;

/// What a leaf found: the rest, and the value.
pub(crate) type Parsed<'i, T> = IResult<&'i [u8], T, Fault<'i>>;

/// A fault and the bytes before which it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault<'i> {
    pub(crate) rest: &'i [u8],
    pub(crate) what: SyntaxFault,
}

impl<'i> ParseError<&'i [u8]> for Fault<'i> {
    fn from_error_kind(rest: &'i [u8], _: ErrorKind) -> Self {
        Self { rest, what: SyntaxFault::Syntax }
    }

    fn append(_: &'i [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// No other alternative may be tried: the element has begun and is broken.
pub(crate) fn broken<T>(rest: &[u8], what: SyntaxFault) -> Parsed<'_, T> {
    Err(nom::Err::Failure(Fault { rest, what }))
}

/// Another alternative may still fit.
pub(crate) fn other<T>(rest: &[u8]) -> Parsed<'_, T> {
    Err(nom::Err::Error(Fault { rest, what: SyntaxFault::Syntax }))
}

/// `<white space>`, clause 7.4.1.2: the codes 0 to 9 and 11 to 32.
pub(crate) fn is_white(byte: u8) -> bool {
    byte <= 32 && byte != b'\n'
}

/// `<white space>*`.
pub(crate) fn white(input: &[u8]) -> Parsed<'_, &[u8]> {
    take_while(is_white).parse(input)
}

/// `<program mnemonic>`, clause 7.6.1.2: a letter, then letters, digits and `_`.
pub(crate) fn mnemonic(input: &[u8]) -> Parsed<'_, &str> {
    let (rest, name) = recognize((take_while1(is_letter), take_while(is_mnemonic))).parse(input)?;
    text(input, name).map(|name| (rest, name))
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

fn is_mnemonic(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Bytes as text, or a fault that lies before them.
pub(crate) fn text<'i>(at: &'i [u8], bytes: &'i [u8]) -> Result<&'i str, nom::Err<Fault<'i>>> {
    std::str::from_utf8(bytes)
        .map_err(|_| nom::Err::Failure(Fault { rest: at, what: SyntaxFault::InvalidCharacter }))
}

/// `<digit>+`.
pub(crate) fn digits(input: &[u8]) -> Parsed<'_, &[u8]> {
    take_while1(|byte: u8| byte.is_ascii_digit()).parse(input)
}

/// `<DECIMAL NUMERIC PROGRAM DATA>`, clause 7.7.2: NR1, NR2 and NR3 in one, with white space allowed
/// around the `E`. The text comes back without that white space.
pub(crate) fn decimal(input: &[u8]) -> Parsed<'_, Cow<'_, str>> {
    let (after, mantissa) =
        recognize((opt(one_of("+-")), alt((mantissa, fraction)))).parse(input)?;
    let Ok((rest, (is_spaced, power))) = exponent(after) else {
        return text(input, mantissa).map(|plain| (after, Cow::Borrowed(plain)));
    };
    if power.len() > MAX_EXPONENT_DIGITS {
        return broken(after, SyntaxFault::ExponentTooLarge);
    }
    if !is_spaced {
        let whole = input.get(..input.len() - rest.len()).unwrap_or_default();
        return text(input, whole).map(|plain| (rest, Cow::Borrowed(plain)));
    }
    let (mantissa, power) = (text(input, mantissa)?, text(input, power)?);
    Ok((rest, Cow::Owned(format!("{mantissa}E{power}"))))
}

/// `<mantissa>` that begins with a digit: `12`, `12.`, `12.5`.
fn mantissa(input: &[u8]) -> Parsed<'_, &[u8]> {
    recognize((digits, opt((char('.'), opt(digits))))).parse(input)
}

/// `<mantissa>` that begins with the point: `.5`.
fn fraction(input: &[u8]) -> Parsed<'_, &[u8]> {
    recognize((char('.'), digits)).parse(input)
}

/// `<exponent>`: white space, `E`, white space, sign, digits; whether there was any white space.
fn exponent(input: &[u8]) -> Parsed<'_, (bool, &[u8])> {
    let power = recognize((opt(one_of("+-")), digits));
    let (rest, (before, _, after, power)) = (white, one_of("eE"), white, power).parse(input)?;
    Ok((rest, (!before.is_empty() || !after.is_empty(), power)))
}

/// The base of a `<NON-DECIMAL NUMERIC PROGRAM DATA>`, clause 7.7.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `#B`.
    Binary,
    /// `#Q`.
    Octal,
    /// `#H`.
    Hexadecimal,
}

impl Base {
    /// 2, 8 or 16.
    #[must_use]
    pub fn radix(self) -> u32 {
        match self {
            Self::Binary => 2,
            Self::Octal => 8,
            Self::Hexadecimal => 16,
        }
    }

    fn of(letter: char) -> Option<Self> {
        match letter.to_ascii_uppercase() {
            'B' => Some(Self::Binary),
            'Q' => Some(Self::Octal),
            'H' => Some(Self::Hexadecimal),
            _ => None,
        }
    }
}

/// `<NON-DECIMAL NUMERIC PROGRAM DATA>`, clause 7.7.4: `#H`, `#Q` or `#B` and digits of that base.
pub(crate) fn non_decimal(input: &[u8]) -> Parsed<'_, (Base, u64)> {
    let (after, (_, letter)) = (char('#'), one_of("HhQqBb")).parse(input)?;
    let Some(base) = Base::of(letter) else { return other(input) };
    let (rest, digits) = take_while(|byte: u8| byte.is_ascii_alphanumeric()).parse(after)?;
    match u64::from_str_radix(text(after, digits)?, base.radix()) {
        Ok(value) => Ok((rest, (base, value))),
        Err(_) => broken(after, SyntaxFault::InvalidNumber),
    }
}

/// `<STRING PROGRAM DATA>`, clause 7.7.5: either quote; the quote itself is doubled inside.
pub(crate) fn string(input: &[u8]) -> Parsed<'_, Cow<'_, [u8]>> {
    let (body, quote) = one_of("\"'").parse(input)?;
    let quote = if quote == '"' { b'"' } else { b'\'' };
    let mut at = 0;
    let mut doubled = false;
    loop {
        match (body.get(at), body.get(at + 1)) {
            (None, _) => return broken(input, SyntaxFault::InvalidString),
            (Some(&one), Some(&two)) if one == quote && two == quote => {
                doubled = true;
                at += 2;
            }
            (Some(&one), _) if one == quote => break,
            _ => at += 1,
        }
    }
    let (inside, rest) = body.split_at_checked(at).unwrap_or((body, &[]));
    let value = if doubled { Cow::Owned(undouble(inside, quote)) } else { Cow::Borrowed(inside) };
    Ok((rest.get(1..).unwrap_or_default(), value))
}

fn undouble(inside: &[u8], quote: u8) -> Vec<u8> {
    let mut value = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter();
    while let Some(&byte) = bytes.next() {
        value.push(byte);
        if byte == quote {
            bytes.next();
        }
    }
    value
}

/// `<ARBITRARY BLOCK PROGRAM DATA>`, clause 7.7.6: `#` digit length bytes, or `#0` bytes up to the end
/// of the message.
pub(crate) fn block(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (after, (_, count)) = (char('#'), one_of("0123456789")).parse(input)?;
    let count = count.to_digit(10).unwrap_or(0) as usize;
    if count == 0 {
        return Ok((&[], after));
    }
    let broken_block =
        |_| nom::Err::Failure(Fault { rest: input, what: SyntaxFault::InvalidBlock });
    let (data, length) = take::<_, _, Fault<'_>>(count).parse(after).map_err(broken_block)?;
    match text(after, length)?.parse::<usize>() {
        Ok(length) => take(length).parse(data).map_err(broken_block),
        Err(_) => broken(input, SyntaxFault::InvalidBlock),
    }
}

/// `<EXPRESSION PROGRAM DATA>`, clause 7.7.7: balanced parentheses; what stands in quotes does not count.
/// The text comes back without the outer pair.
pub(crate) fn expression(input: &[u8]) -> Parsed<'_, &str> {
    let (body, _) = char('(').parse(input)?;
    let (mut depth, mut quote) = (1_usize, None);
    for (at, &byte) in body.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (inside, rest) = body.split_at_checked(at).unwrap_or((body, &[]));
            return Ok((rest.get(1..).unwrap_or_default(), text(input, inside)?));
        }
    }
    broken(input, SyntaxFault::InvalidExpression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_end_where_the_number_ends() {
        for (input, number, rest) in [
            ("1.5E+3,2", "1.5E+3", ",2"),
            ("1.5 E 3 V", "1.5E3", " V"),
            (".5", ".5", ""),
            ("-7.V", "-7.", "V"),
            ("5EXV", "5", "EXV"),
            ("+9.9E37;", "+9.9E37", ";"),
        ] {
            let (left, found) = decimal(input.as_bytes()).unwrap();
            assert_eq!((found.as_ref(), left), (number, rest.as_bytes()), "{input}");
        }
        assert!(decimal(b"1E9999999").is_err());
        assert!(decimal(b".").is_err());
    }

    #[test]
    fn strings_keep_what_is_inside() {
        for (input, inside, rest) in [
            (&b"'it''s',2"[..], &b"it's"[..], &b",2"[..]),
            (b"\"a\nb;c\"", b"a\nb;c", b""),
            (b"\"\"", b"", b""),
            (b"\"a\"\"\"", b"a\"", b""),
        ] {
            let (left, found) = string(input).unwrap();
            assert_eq!((found.as_ref(), left), (inside, rest));
        }
        assert!(string(b"\"open").is_err());
        assert!(string(b"\"open\"\"").is_err());
    }

    #[test]
    fn blocks_and_bases() {
        assert_eq!(block(b"#15a\nb;c,1").unwrap(), (&b",1"[..], &b"a\nb;c"[..]));
        assert_eq!(block(b"#0abc").unwrap(), (&b""[..], &b"abc"[..]));
        assert!(block(b"#3100ab").is_err());
        assert!(block(b"#1x").is_err());
        assert_eq!(non_decimal(b"#HfF ").unwrap(), (&b" "[..], (Base::Hexadecimal, 255)));
        assert_eq!(non_decimal(b"#Q17").unwrap().1, (Base::Octal, 15));
        assert_eq!(non_decimal(b"#b101").unwrap().1, (Base::Binary, 5));
        assert!(non_decimal(b"#B12").is_err());
        assert_eq!(expression(b"(@1,(2),\")\")x").unwrap(), (&b"x"[..], "@1,(2),\")\""));
        assert!(expression(b"((1)").is_err());
    }
}
