//! The grammar of program messages, IEEE 488.2 clauses 7.3 to 7.7, with nom.

use exact_decimal::Decimal;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{map, opt};
use nom::multi::separated_list1;
use nom::sequence::{preceded, terminated};

use super::{Header, Number, Parameter, ProgramUnit};
use crate::channel_list::ChannelList;
use crate::fault::{SyntaxError, SyntaxFault};
use crate::lexis::{self, Fault, Parsed, broken, white};

/// The longest mnemonic that is taken. The standard says 12 (clause 7.6.1.4.1); instruments exist
/// with 16 (`PARAMETER_CUSTOM`), so that this is a bound and not the rule.
pub const MAX_MNEMONIC_BYTES: usize = 32;

/// Digits that a mantissa may have, clause 7.7.2.4.1.
const MAX_MANTISSA_DIGITS: usize = 255;
/// The largest exponent, clause 7.7.2.4.2.
const MAX_EXPONENT: i64 = 32_000;
/// Bytes that a suffix may have, clause 7.7.3.4.
const MAX_SUFFIX_BYTES: usize = 12;

/// The units of a message, read one after the other: those before a fault are still executed, as an
/// instrument does. After a fault nothing more comes (the rest of the message is discarded).
#[derive(Clone, Debug)]
pub struct Units<'i> {
    message: &'i [u8],
    rest: &'i [u8],
}

/// Reads a message whose terminator is already taken off, unit by unit.
#[must_use]
pub fn units(message: &[u8]) -> Units<'_> {
    Units { message, rest: message }
}

impl Iterator for Units<'_> {
    type Item = Result<ProgramUnit, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.rest.iter().position(|&byte| byte != b';' && !lexis::is_white(byte))?;
        let input = self.rest.get(start..)?;
        self.rest = &[];
        match terminated(unit, unit_end).parse(input) {
            Ok((rest, unit)) => {
                self.rest = rest;
                Some(Ok(unit))
            }
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => {
                Some(Err(SyntaxError::at_rest(self.message, fault.rest, fault.what)))
            }
            Err(nom::Err::Incomplete(_)) => {
                Some(Err(SyntaxError::at_rest(self.message, input, SyntaxFault::Syntax)))
            }
        }
    }
}

/// `<PROGRAM MESSAGE UNIT SEPARATOR>`, clause 7.4.1: white space and `;`, or the end.
fn unit_end(input: &[u8]) -> Parsed<'_, ()> {
    let (rest, _) = white(input)?;
    match rest.split_first() {
        None => Ok((rest, ())),
        Some((b';', rest)) => Ok((rest, ())),
        Some(_) => broken(rest, SyntaxFault::InvalidSeparator),
    }
}

/// `<PROGRAM MESSAGE UNIT>`, clause 7.3.3: a header, and after white space its data.
fn unit(input: &[u8]) -> Parsed<'_, ProgramUnit> {
    let (after, header) = header(input)?;
    let (data, gap) = white(after)?;
    match (data.first(), gap) {
        (None | Some(b';'), _) => Ok((data, ProgramUnit { header, parameters: Vec::new() })),
        (Some(_), []) => broken(data, SyntaxFault::HeaderSeparator),
        (Some(_), _) => {
            let (rest, parameters) = separated_list1(comma, parameter).parse(data)?;
            Ok((rest, ProgramUnit { header, parameters }))
        }
    }
}

/// `<PROGRAM DATA SEPARATOR>`, clause 7.4.2: `,` with white space around it. After it, data must follow.
fn comma(input: &[u8]) -> Parsed<'_, ()> {
    let (rest, _) = (white, char(','), white).parse(input)?;
    match rest.first() {
        None | Some(b',' | b';') => broken(rest, SyntaxFault::Syntax),
        Some(_) => Ok((rest, ())),
    }
}

/// `<COMMAND PROGRAM HEADER>` and `<QUERY PROGRAM HEADER>`, clauses 7.6.1 and 7.6.2.
pub(super) fn header(input: &[u8]) -> Parsed<'_, Header> {
    map((alt((common, compound)), opt(char('?'))), |(header, question)| Header {
        query: question.is_some(),
        ..header
    })
    .parse(input)
}

/// `<common command program header>`: `*` and a mnemonic.
fn common(input: &[u8]) -> Parsed<'_, Header> {
    map(preceded(char('*'), mnemonic), |name| Header {
        common: true,
        absolute: false,
        query: false,
        mnemonics: vec![name],
    })
    .parse(input)
}

/// `<simple command program header>` and `<compound command program header>`: mnemonics between colons.
fn compound(input: &[u8]) -> Parsed<'_, Header> {
    map((opt(char(':')), separated_list1(char(':'), mnemonic)), |(colon, mnemonics)| Header {
        common: false,
        absolute: colon.is_some(),
        query: false,
        mnemonics,
    })
    .parse(input)
}

fn mnemonic(input: &[u8]) -> Parsed<'_, String> {
    let (rest, name) = lexis::mnemonic(input)?;
    if name.len() > MAX_MNEMONIC_BYTES {
        return broken(input, SyntaxFault::MnemonicTooLong);
    }
    Ok((rest, name.to_owned()))
}

/// `<PROGRAM DATA>`, clause 7.7.
fn parameter(input: &[u8]) -> Parsed<'_, Parameter> {
    alt((
        number,
        word,
        text,
        map(lexis::non_decimal, |(base, value)| Parameter::NonDecimal { base, value }),
        map(lexis::block, |bytes| Parameter::Block(bytes.to_vec())),
        expression,
    ))
    .parse(input)
}

/// `<CHARACTER PROGRAM DATA>`, clause 7.7.1.
fn word(input: &[u8]) -> Parsed<'_, Parameter> {
    map(lexis::mnemonic, |word| Parameter::Word(word.to_owned())).parse(input)
}

/// `<STRING PROGRAM DATA>`, clause 7.7.5.
fn text(input: &[u8]) -> Parsed<'_, Parameter> {
    let (rest, bytes) = lexis::string(input)?;
    match String::from_utf8(bytes.into_owned()) {
        Ok(text) => Ok((rest, Parameter::Text(text))),
        Err(_) => broken(input, SyntaxFault::InvalidString),
    }
}

/// `<EXPRESSION PROGRAM DATA>`, clause 7.7.7; one that begins with `@` is a channel list.
fn expression(input: &[u8]) -> Parsed<'_, Parameter> {
    let (rest, inside) = lexis::expression(input)?;
    if inside.trim_start().starts_with('@') {
        let fault =
            |_| nom::Err::Failure(Fault { rest: input, what: SyntaxFault::InvalidExpression });
        let (_, list) = ChannelList::parse_inside(inside).map_err(fault)?;
        return Ok((rest, Parameter::Channels(list)));
    }
    Ok((rest, Parameter::Expression(inside.to_owned())))
}

/// `<DECIMAL NUMERIC PROGRAM DATA>` with an optional `<SUFFIX PROGRAM DATA>`, clauses 7.7.2 and 7.7.3.
fn number(input: &[u8]) -> Parsed<'_, Parameter> {
    let (after, digits) = lexis::decimal(input)?;
    let value = match checked(&digits) {
        Ok(value) => value,
        Err(what) => return broken(input, what),
    };
    let (rest, suffix) = opt(preceded(white, suffix)).parse(after)?;
    Ok((rest, Parameter::Number(Number { value, suffix })))
}

fn checked(text: &str) -> Result<Decimal, SyntaxFault> {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    if mantissa.bytes().filter(u8::is_ascii_digit).count() > MAX_MANTISSA_DIGITS {
        return Err(SyntaxFault::TooManyDigits);
    }
    match power.parse::<i64>() {
        Ok(power) if power.abs() <= MAX_EXPONENT => {
            text.parse().map_err(|_| SyntaxFault::InvalidNumber)
        }
        _ => Err(SyntaxFault::ExponentTooLarge),
    }
}

/// `<SUFFIX PROGRAM DATA>`, clause 7.7.3: letters, with `/`, `.` and powers in derived units.
fn suffix(input: &[u8]) -> Parsed<'_, String> {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'/';
    let goes_on = |byte: u8| byte.is_ascii_alphanumeric() || b"/.^-".contains(&byte);
    let (rest, (head, tail)) = (take_while1(starts), take_while(goes_on)).parse(input)?;
    if head.len() + tail.len() > MAX_SUFFIX_BYTES {
        return broken(input, SyntaxFault::SuffixTooLong);
    }
    let (head, tail) = (lexis::text(input, head)?, lexis::text(input, tail)?);
    Ok((rest, format!("{head}{tail}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::ProgramMessage;

    fn parameters(data: &str) -> Vec<Parameter> {
        let message = ProgramMessage::parse(format!("X {data}").as_bytes()).unwrap();
        message.units[0].parameters.clone()
    }

    fn number(value: &str, suffix: Option<&str>) -> Parameter {
        Parameter::Number(Number {
            value: value.parse().unwrap(),
            suffix: suffix.map(str::to_owned),
        })
    }

    #[test]
    fn every_data_element_of_the_standard() {
        for (data, wanted) in [
            ("5", number("5", None)),
            ("+1.5E-3", number("1.5E-3", None)),
            ("1.5 E 3", number("1.5E3", None)),
            ("5 MV", number("5", Some("MV"))),
            ("1.5MHZ", number("1.5", Some("MHZ"))),
            ("2V/US", number("2", Some("V/US"))),
            ("#HFF", Parameter::NonDecimal { base: crate::program::Base::Hexadecimal, value: 255 }),
            ("MIN", Parameter::Word("MIN".into())),
            ("\"a;\"\"b\"", Parameter::Text("a;\"b".into())),
            ("'x,\n'", Parameter::Text("x,\n".into())),
            ("#15a\nb;c", Parameter::Block(b"a\nb;c".to_vec())),
            ("#0abc", Parameter::Block(b"abc".to_vec())),
            ("(1+2)", Parameter::Expression("1+2".into())),
            ("(@1,3)", Parameter::Channels(ChannelList::of(&[1, 3]))),
        ] {
            assert_eq!(parameters(data), [wanted], "{data}");
        }
        assert_eq!(parameters("CH1 , ON,5").len(), 3);
    }

    #[test]
    fn units_end_outside_of_strings_and_blocks_only() {
        let message = b" *CLS ; :DISP:TEXT \"a;b\" ;DATA #13a;b,(@1,2);; MEAS?;";
        let headers: Vec<_> = units(message).map(|unit| unit.unwrap().header.to_string()).collect();
        assert_eq!(headers, ["*CLS", ":DISP:TEXT", "DATA", "MEAS?"]);
        assert_eq!(units(b" ; ").count(), 0);
    }

    #[test]
    fn faults_have_their_number_and_place() {
        for (message, code, at) in [
            ("VOLT\x7f", -111, 4),
            ("VOLT 5 5", -103, 7),
            ("VOLT ,5", -102, 5),
            ("VOLT 5,", -102, 7),
            ("5", -102, 0),
            ("VOLT \"open", -151, 5),
            ("VOLT #3100a", -161, 5),
            ("VOLT (@1", -171, 5),
            ("VOLT (@x)", -171, 5),
            ("VOLT #HXYZ", -121, 7),
            ("VOLT 1E99999", -123, 5),
            ("VOLT 5 ABCDEFGHIJKLM", -134, 7),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ", -112, 0),
            ("VOLT 5?", -103, 6),
        ] {
            let error = ProgramMessage::parse(message.as_bytes()).unwrap_err();
            assert_eq!((error.code(), error.at), (code, at), "{message}: {error}");
        }
        let long = format!("VOLT {}", "1".repeat(256));
        assert_eq!(ProgramMessage::parse(long.as_bytes()).unwrap_err().code(), -124);
    }

    #[test]
    fn units_before_a_fault_still_count() {
        let results: Vec<_> = units(b"VOLT 5;CURR $;OUTP ON").map(|unit| unit.is_ok()).collect();
        assert_eq!(results, [true, false]);
    }
}
