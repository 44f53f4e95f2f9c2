//! Response messages: what an instrument answers (IEEE 488.2 clause 8).
//!
//! A [`Response`] holds the bytes of one answer as they came. It is read as what was asked for: one
//! number, one text, one block, or any message of units and elements.
//!
//! ```
//! use scpi_protocol::response::{NumericValue, Response};
//!
//! let answer = Response::new(b"+4.95000000E+00".to_vec());
//! let number = answer.number()?;
//! assert_eq!(number.text, "+4.95000000E+00"); // every digit is kept
//! assert_eq!(number.value(), Some(NumericValue::Finite("4.95000000".parse()?)));
//!
//! let answer = Response::new(b"#13a\nb,'it''s',ON,(@1,2),,#HFF".to_vec());
//! assert_eq!(answer.parse().units[0].data.len(), 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod array;
mod float_list;
mod grammar;
mod number;

use std::borrow::Cow;

pub use array::{ArrayError, ByteOrder, Sample, decode_block, decode_list};
pub use number::{NonNumber, NumberForm, NumberReply, NumericValue, scan};

use crate::channel_list::ChannelList;
use crate::escape::Escaped;
pub use crate::lexis::Base;

/// One answer: its bytes as they came, without the terminator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    raw: Vec<u8>,
}

/// A whole answer, read.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseMessage<'r> {
    /// One unit per query of the message that asked.
    pub units: Vec<ResponseUnit<'r>>,
}

/// The answer to one query.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseUnit<'r> {
    /// The header that the instrument puts before it (quirk Q28).
    pub header: Option<&'r str>,
    /// Its elements; never none.
    pub data: Vec<Datum<'r>>,
}

/// One element, clause 8.7.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Datum<'r> {
    /// A decimal number.
    Number(NumberReply<'r>),
    /// A word or stars in the place of a number.
    NonNumber(NonNumber),
    /// `#H`, `#Q`, `#B`.
    NonDecimal {
        /// How it was written.
        base: Base,
        /// What it is.
        value: u64,
    },
    /// A quoted string, its doubled quotes single.
    Text(Cow<'r, [u8]>),
    /// A word.
    Word(&'r str),
    /// The bytes of a block.
    Block(&'r [u8]),
    /// A channel list.
    Channels(ChannelList),
    /// Any other expression, without its parentheses.
    Expression(&'r str),
    /// Nothing between two separators.
    Empty,
    /// Anything else.
    Arbitrary(&'r [u8]),
}

/// An answer of another kind than was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{answer}' is not {wanted}")]
pub struct ResponseError {
    /// What is wanted.
    pub wanted: &'static str,
    /// The answer, escaped and cut.
    pub answer: String,
}

impl Response {
    /// Takes the bytes of an answer.
    #[must_use]
    pub fn new(raw: Vec<u8>) -> Self {
        Self { raw }
    }

    /// The bytes as they came.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The bytes as they came.
    #[must_use]
    pub fn into_raw(self) -> Vec<u8> {
        self.raw
    }

    /// Units and elements.
    #[must_use]
    pub fn parse(&self) -> ResponseMessage<'_> {
        ResponseMessage::parse(&self.raw)
    }

    /// The whole answer as text, blanks around it dropped, quotes kept.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<&str, ResponseError> {
        let text = std::str::from_utf8(&self.raw).map_err(|_| self.is_not("text"))?;
        Ok(text.trim())
    }

    /// The one number that the answer is, behind an echoed header or not.
    ///
    /// # Errors
    /// When it is anything else, words for no number included: see [`numeric`](Self::numeric).
    pub fn number(&self) -> Result<NumberReply<'_>, ResponseError> {
        if let Some(number) = NumberReply::parse(self.raw.trim_ascii()) {
            return Ok(number);
        }
        match self.parse().into_single() {
            Some(Datum::Number(number)) => Ok(number),
            _ => Err(self.is_not("a number")),
        }
    }

    /// The value of the one number that the answer is, or what it stands for instead.
    ///
    /// # Errors
    /// When it is neither.
    pub fn numeric(&self) -> Result<NumericValue, ResponseError> {
        let wanted = "a number";
        match self.parse().into_single() {
            Some(Datum::Number(number)) => number.value().ok_or_else(|| self.is_not(wanted)),
            Some(Datum::NonNumber(what)) => Ok(NumericValue::NonNumber(what)),
            _ => Err(self.is_not(wanted)),
        }
    }

    /// An integer, also one that is written as a float (`4.0000E+06`, quirk Q29) or in another base.
    ///
    /// # Errors
    /// When it is no integer of 64 bits.
    pub fn integer(&self) -> Result<i64, ResponseError> {
        let wanted = "an integer";
        if let Some(value) = plain_integer(&self.raw) {
            return Ok(value);
        }
        let value = match self.parse().into_single() {
            Some(Datum::Number(number)) => integer_of(&number),
            Some(Datum::NonDecimal { value, .. }) => i64::try_from(value).ok(),
            _ => None,
        };
        value.ok_or_else(|| self.is_not(wanted))
    }

    /// `1`, `0`, `ON` or `OFF` (SCPI-99 volume 1 clause 7.3 has numbers answered; some answer words).
    ///
    /// # Errors
    /// When it is anything else.
    pub fn boolean(&self) -> Result<bool, ResponseError> {
        match plain_integer(&self.raw) {
            Some(0) => return Ok(false),
            Some(1) => return Ok(true),
            _ => {}
        }
        match self.parse().into_single() {
            Some(Datum::Word(word)) if word.eq_ignore_ascii_case("ON") => Ok(true),
            Some(Datum::Word(word)) if word.eq_ignore_ascii_case("OFF") => Ok(false),
            Some(Datum::Number(number)) if integer_of(&number) == Some(1) => Ok(true),
            Some(Datum::Number(number)) if integer_of(&number) == Some(0) => Ok(false),
            _ => Err(self.is_not("1, 0, ON or OFF")),
        }
    }

    /// The text of the one string that the answer is, without its quotes.
    ///
    /// # Errors
    /// When it is no quoted string of UTF-8.
    pub fn string(&self) -> Result<String, ResponseError> {
        match self.parse().into_single() {
            Some(Datum::Text(text)) => {
                String::from_utf8(text.into_owned()).map_err(|_| self.is_not("a string"))
            }
            _ => Err(self.is_not("a quoted string")),
        }
    }

    /// The bytes of the one block that the answer is.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn block(&self) -> Result<&[u8], ResponseError> {
        match self.parse().into_single() {
            Some(Datum::Block(bytes)) => Ok(bytes),
            _ => Err(self.is_not("a block")),
        }
    }

    /// The numbers of a list; a list that is wrapped in a block is unwrapped (quirk Q8).
    ///
    /// # Errors
    /// When an element is no number.
    pub fn numbers(&self) -> Result<Vec<NumberReply<'_>>, ResponseError> {
        let list = self.block().unwrap_or(&self.raw);
        ResponseMessage::parse(list)
            .into_unit()
            .and_then(|unit| unit.data.into_iter().map(Datum::into_number).collect())
            .ok_or_else(|| self.is_not("a list of numbers"))
    }

    fn is_not(&self, wanted: &'static str) -> ResponseError {
        ResponseError { wanted, answer: Escaped::new(&self.raw).to_string() }
    }
}

impl<'r> ResponseMessage<'r> {
    /// Reads an answer whose terminator is already taken off. Every answer can be read: what has no
    /// known form is arbitrary text.
    #[must_use]
    pub fn parse(raw: &'r [u8]) -> Self {
        Self { units: grammar::message(raw) }
    }

    /// The only unit.
    #[must_use]
    pub fn into_unit(self) -> Option<ResponseUnit<'r>> {
        let mut units = self.units.into_iter();
        units.next().filter(|_| units.next().is_none())
    }

    /// The only element of the only unit.
    #[must_use]
    pub fn into_single(self) -> Option<Datum<'r>> {
        let mut data = self.into_unit()?.data.into_iter();
        data.next().filter(|_| data.next().is_none())
    }
}

impl<'r> Datum<'r> {
    /// The number, if it is one.
    #[must_use]
    pub fn into_number(self) -> Option<NumberReply<'r>> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// The most common answers of all need no grammar.
fn plain_integer(raw: &[u8]) -> Option<i64> {
    let text = raw.trim_ascii();
    let (sign, digits) = match text.split_first()? {
        (b'-', digits) => (-1, digits),
        (b'+', digits) => (1, digits),
        _ => (1, text),
    };
    let fits = (1..=MAX_PLAIN_DIGITS).contains(&digits.len());
    let add = |value: i64, byte: &u8| {
        byte.is_ascii_digit().then(|| value * 10 + i64::from(byte.wrapping_sub(b'0')))
    };
    fits.then(|| digits.iter().try_fold(0, add)).flatten().map(|value| sign * value)
}

/// Digits that fit into 64 bits, whatever they are.
const MAX_PLAIN_DIGITS: usize = 18;

fn integer_of(number: &NumberReply<'_>) -> Option<i64> {
    let NumericValue::Finite(value) = number.value()? else { return None };
    let whole = value.without_trailing_zeros();
    let fits = whole.exponent() >= 0 && whole.order() <= 18;
    fits.then(|| whole.to_plain_string().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(answer: &[u8]) -> Vec<Datum<'_>> {
        ResponseMessage::parse(answer).into_unit().unwrap().data
    }

    fn number(
        text: &'static str,
        form: NumberForm,
        suffix: Option<&'static str>,
    ) -> Datum<'static> {
        Datum::Number(NumberReply { text, form, suffix })
    }

    #[test]
    fn every_response_data_type_of_the_standard() {
        for (answer, wanted) in [
            (&b"+12"[..], number("+12", NumberForm::Nr1, None)),
            (b"-12.50", number("-12.50", NumberForm::Nr2, None)),
            (b"+1.20E+03", number("+1.20E+03", NumberForm::Nr3, None)),
            (b"#HFA", Datum::NonDecimal { base: Base::Hexadecimal, value: 250 }),
            (b"0x0224", Datum::NonDecimal { base: Base::Hexadecimal, value: 0x224 }),
            (b"#Q17", Datum::NonDecimal { base: Base::Octal, value: 15 }),
            (b"#B101", Datum::NonDecimal { base: Base::Binary, value: 5 }),
            (b"\"a,;\"\"b\"", Datum::Text(Cow::Borrowed(b"a,;\"b"))),
            (b"'a\nb'", Datum::Text(Cow::Borrowed(b"a\nb"))),
            (b"SINE", Datum::Word("SINE")),
            (b"#15a\nb;,", Datum::Block(b"a\nb;,")),
            (b"#0abc;,", Datum::Block(b"abc;,")),
            (b"(1+2)", Datum::Expression("1+2")),
            (b"(@1,3)", Datum::Channels(ChannelList::of(&[1, 3]))),
            (b"", Datum::Empty),
            (b"CH1:30V/3A", Datum::Arbitrary(b"CH1:30V/3A")),
            (b"****", Datum::NonNumber(NonNumber::NotMeasured)),
            (b"\xff\xfe", Datum::Arbitrary(b"\xff\xfe")),
        ] {
            assert_eq!(data(answer), [wanted], "{}", answer.escape_ascii());
        }
    }

    #[test]
    fn structure_of_recorded_answers() {
        let list = data(b"WVTP,SINE,FRQ,1000HZ,PERI,0.001S");
        assert_eq!(list.len(), 6);
        assert_eq!(list[3], number("1000", NumberForm::Nr1, Some("HZ")));
        assert_eq!(data(b"1,,3,")[1], Datum::Empty);
        assert_eq!(data(b"1,,3,").len(), 4);

        let message = ResponseMessage::parse(b"2;16;ASCII;\"Ch1, DC; 1V/div\";4.0000E-9");
        assert_eq!(message.units.len(), 5);
        assert_eq!(message.units[3].data, [Datum::Text(Cow::Borrowed(b"Ch1, DC; 1V/div"))]);

        let two = data(b"#12ab,#11c,7");
        assert_eq!(two[..2], [Datum::Block(b"ab"), Datum::Block(b"c")]);
    }

    #[test]
    fn echoed_headers_stand_apart() {
        for (answer, header, elements) in [
            (&b"INR 8193"[..], Some("INR"), 1),
            (b"C1:WF ALL,#12ab", Some("C1:WF"), 2),
            (b"BWL C1,OFF,C2,OFF", Some("BWL"), 4),
            (b":WFMOUTPRE:BYT_NR 2", Some(":WFMOUTPRE:BYT_NR"), 1),
            (b"SINE", None, 1),
            (b"No error", None, 1),
            (b"1.5", None, 1),
        ] {
            let unit = ResponseMessage::parse(answer).into_unit().unwrap();
            assert_eq!((unit.header, unit.data.len()), (header, elements));
        }
        assert_eq!(Response::new(b"INR 8193".to_vec()).integer(), Ok(8193));
    }

    #[test]
    fn read_as_what_was_asked_for() {
        let response = |text: &str| Response::new(text.as_bytes().to_vec());
        assert_eq!(response(" +1.0000E+03 ").integer(), Ok(1000));
        assert_eq!(response("#H10").integer(), Ok(16));
        assert!(response("1.5").integer().is_err());
        assert!(response("1E999").integer().is_err());
        assert_eq!(response("ON").boolean(), Ok(true));
        assert_eq!(response("0").boolean(), Ok(false));
        assert!(response("2").boolean().is_err());
        assert_eq!(response("\"VOLT +1.0E+01\"").string().unwrap(), "VOLT +1.0E+01");
        assert_eq!(
            response("OVERLOAD").numeric(),
            Ok(NumericValue::NonNumber(NonNumber::Overload))
        );
        let error = response("MAYBE").boolean().unwrap_err();
        assert_eq!(error.to_string(), "'MAYBE' is not 1, 0, ON or OFF");
    }

    /// Quirk Q8: splitting at commas loses the first reading of a list that is wrapped in a block.
    #[test]
    fn a_list_inside_a_block_is_a_list() {
        let wrapped = Response::new(b"#231+2.87536000E-04,+3.18131400E-03".to_vec());
        let texts: Vec<_> = wrapped.numbers().unwrap().iter().map(|number| number.text).collect();
        assert_eq!(texts, ["+2.87536000E-04", "+3.18131400E-03"]);
        assert!(Response::new(b"1,x,3".to_vec()).numbers().is_err());
    }
}
