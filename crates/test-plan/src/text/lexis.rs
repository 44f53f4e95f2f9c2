//! The leaves of limits and expressions, as nom parsers over text.

use std::borrow::Cow;

use bench_model::{Decimal, Unit};
use nom::branch::alt;
use nom::bytes::complete::take_while;
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{not, opt, peek, recognize};
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

use crate::source::{Span, TextFault};
use crate::suggest;

/// What a leaf found: the rest, and the value.
pub(crate) type Parsed<'i, T> = IResult<&'i str, T, Wanted<'i>>;

/// What is wanted, and the text before which it is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted<'i> {
    pub(crate) rest: &'i str,
    pub(crate) message: Cow<'static, str>,
}

impl<'i> ParseError<&'i str> for Wanted<'i> {
    fn from_error_kind(rest: &'i str, _: ErrorKind) -> Self {
        Self { rest, message: Cow::Borrowed("a quantity such as 5 V is wanted here") }
    }

    fn append(_: &'i str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// No other alternative may be tried: the element has begun and is broken.
pub(crate) fn broken<T>(rest: &str, message: impl Into<Cow<'static, str>>) -> Parsed<'_, T> {
    Err(nom::Err::Failure(Wanted { rest, message: message.into() }))
}

/// Another alternative may still fit.
pub(crate) fn other<T>(rest: &str, message: impl Into<Cow<'static, str>>) -> Parsed<'_, T> {
    Err(nom::Err::Error(Wanted { rest, message: message.into() }))
}

/// Turns the texts that parsers leave over into bytes of the whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grammar {
    length: usize,
}

impl Grammar {
    pub(crate) fn of(whole: &str) -> Self {
        Self { length: whole.len() }
    }

    /// The bytes between two rests.
    pub(crate) fn span(self, from: &str, to: &str) -> Span {
        self.length.saturating_sub(from.len())..self.length.saturating_sub(to.len())
    }

    /// Runs a parser over all of the text.
    ///
    /// `at_end` is what is wanted where something is left over.
    pub(crate) fn whole<'i, T>(
        self,
        text: &'i str,
        mut parser: impl Parser<&'i str, Output = T, Error = Wanted<'i>>,
        at_end: &'static str,
    ) -> Result<T, TextFault> {
        let (rest, value) = parser.parse(text).map_err(|error| self.fault(error, text))?;
        match space(rest) {
            Ok(("", _)) => Ok(value),
            Ok((rest, _)) => Err(self.left_over(rest, at_end)),
            Err(error) => Err(self.fault(error, text)),
        }
    }

    fn left_over(self, rest: &str, at_end: &str) -> TextFault {
        let shown: String = rest.chars().take(24).collect();
        TextFault::new(&self.span(rest, ""), format!("'{shown}' is too much here; {at_end}"))
    }

    fn fault(self, error: nom::Err<Wanted<'_>>, whole: &str) -> TextFault {
        match error {
            nom::Err::Error(wanted) | nom::Err::Failure(wanted) => {
                TextFault::new(&self.span(wanted.rest, behind_word(wanted.rest)), wanted.message)
            }
            nom::Err::Incomplete(_) => TextFault::new(&(0..whole.len()), "it ends too early"),
        }
    }
}

/// White space.
pub(crate) fn space(input: &str) -> Parsed<'_, &str> {
    take_while(char::is_whitespace).parse(input)
}

/// A name: a letter, then letters, digits and `_`.
pub(crate) fn word(input: &str) -> Parsed<'_, &str> {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (rest, name) = take_while(goes_on).parse(input)?;
    match name.bytes().next() {
        Some(first) if first.is_ascii_alphabetic() => Ok((rest, name)),
        _ => other(input, "a name is wanted here"),
    }
}

/// A number without a sign: `5`, `.5`, `1.2e-3`. Two points end it: `4..5`.
pub(crate) fn number(input: &str) -> Parsed<'_, Decimal> {
    let decimals = (char('.'), not(peek(char('.'))), opt(digit1));
    let mantissa = alt((recognize((digit1, opt(decimals))), recognize((char('.'), digit1))));
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    let (rest, text) = recognize((mantissa, opt(exponent))).parse(input)?;
    match text.parse() {
        Ok(value) => Ok((rest, value)),
        Err(error) => broken(input, error.to_string()),
    }
}

/// The text behind the word or the character with which it begins.
fn behind_word(text: &str) -> &str {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let behind = text.trim_start_matches(is_word);
    if behind.len() < text.len() {
        return behind;
    }
    let mut characters = text.chars();
    characters.next();
    characters.as_str()
}

fn belongs_to_unit(c: char) -> bool {
    c.is_alphabetic() || "%‰°²^".contains(c)
}

/// A unit, which may be missing: then it is a pure number's. Of `V/x` as much as is a unit is taken. The
/// words in `not` are none.
pub(crate) fn unit<'i>(input: &'i str, not: &[&str]) -> Parsed<'i, Unit> {
    let (start, _) = space(input)?;
    let longest = unit_text(start);
    if longest.is_empty() || not.contains(&longest) {
        return Ok((input, Unit::none()));
    }
    let ends = longest.char_indices().filter(|(_, c)| is_joint(*c)).map(|(at, _)| at);
    let ends: Vec<_> = ends.chain([longest.len()]).collect();
    for end in ends.into_iter().rev() {
        let (text, rest) = start.split_at(end);
        if let Ok(unit) = text.parse() {
            return Ok((rest, unit));
        }
    }
    let wrong = longest.split(is_joint).next().unwrap_or_default();
    let instead = suggest::unit_instead(wrong);
    let message =
        format!("'{wrong}' is no unit; units are such as V, mA, kΩ, µs, Hz, °C, %, ppm{instead}");
    broken(start, message)
}

fn is_joint(c: char) -> bool {
    c == '/' || c == '·'
}

/// All that could be a unit: letters, with `/` and `·` where letters follow, and powers behind `^`.
fn unit_text(text: &str) -> &str {
    let mut end = 0;
    let mut before = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let joins = is_joint(c) && at > 0 && next.is_some_and(belongs_to_unit);
        let powers = c.is_ascii_digit() && before == '^';
        if !(belongs_to_unit(c) || joins || powers) {
            break;
        }
        end = at + c.len_utf8();
        before = c;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_they_end() {
        for (text, value, rest) in [
            ("5 V", "5", " V"),
            ("4.75..5.25", "4.75", "..5.25"),
            ("4..5", "4", "..5"),
            ("4. x", "4", " x"),
            (".5V", "0.5", "V"),
            ("2e-3 A", "0.002", " A"),
            ("2e", "2", "e"),
            ("5eV", "5", "eV"),
        ] {
            let (found, number) = number(text).unwrap();
            assert_eq!((number, found), (value.parse().unwrap(), rest), "{text}");
        }
        assert!(number("V").is_err());
    }

    #[test]
    fn units_are_as_long_as_they_are_units() {
        for (text, symbol, rest) in [
            (" V .. 5", "V", " .. 5"),
            ("%", "%", ""),
            (" mV/V", "mV/V", ""),
            (" V/rail.vout", "V", "/rail.vout"),
            (" V/2", "V", "/2"),
            (" V^2/Hz)", "V^2/Hz", ")"),
            (" ppm rdg", "ppm", " rdg"),
            (" rdg", "", " rdg"),
            (" ± 1", "", " ± 1"),
            (" \u{3bc}s", "µs", ""),
        ] {
            let (found, unit) = unit(text, &["rdg", "range"]).unwrap();
            assert_eq!((unit.symbol(), found), (symbol, rest), "{text}");
        }
        let error = unit(" volts", &[]).unwrap_err().to_string();
        assert!(error.contains("did you mean 'V'?"), "{error}");
    }
}
