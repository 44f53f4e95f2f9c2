//! Building messages and writing them. Numbers are written in base units without a suffix: a cut
//! `5 MV` would be 5 V.

use std::fmt;

use exact_decimal::Decimal;
use nom::Parser;
use nom::combinator::all_consuming;

use super::{Base, Header, Number, Parameter, ProgramMessage, ProgramUnit, grammar};
use crate::channel_list::ChannelList;
use crate::fault::{SyntaxError, SyntaxFault};

/// Builds one unit, parameter by parameter.
///
/// ```
/// use scpi_protocol::program::ProgramMessage;
///
/// let message = ProgramMessage::command("VOLT")?.number(&"5.00".parse()?).channels(&[1, 2]).message();
/// assert_eq!(message.to_bytes(), b"VOLT 5.00,(@1,2)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct UnitBuilder {
    unit: ProgramUnit,
}

impl ProgramMessage {
    /// Begins a message of one unit with this header, `?` included for a query.
    ///
    /// # Errors
    /// When the text is no header.
    pub fn command(header: &str) -> Result<UnitBuilder, SyntaxError> {
        let unit = ProgramUnit { header: header.parse()?, parameters: Vec::new() };
        Ok(UnitBuilder { unit })
    }

    /// Adds a unit; its header is taken from the root where it does not say so itself.
    #[must_use]
    pub fn then(mut self, next: UnitBuilder) -> Self {
        let mut unit = next.unit;
        unit.header.absolute |= !unit.header.common && !self.units.is_empty();
        self.units.push(unit);
        self
    }

    /// The bytes for the wire, without a terminator.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            if at > 0 {
                bytes.push(b';');
            }
            write_unit(unit, &mut bytes);
        }
        bytes
    }
}

impl UnitBuilder {
    /// A number, in base units.
    pub fn number(self, value: &Decimal) -> Self {
        self.parameter(Parameter::Number(Number { value: value.clone(), suffix: None }))
    }

    /// A word such as `MIN` or `CH1`.
    pub fn word(self, word: &str) -> Self {
        self.parameter(Parameter::Word(word.to_owned()))
    }

    /// `ON` or `OFF`.
    pub fn switch(self, on: bool) -> Self {
        self.word(if on { "ON" } else { "OFF" })
    }

    /// A quoted string.
    pub fn text(self, text: &str) -> Self {
        self.parameter(Parameter::Text(text.to_owned()))
    }

    /// A definite block.
    pub fn block(self, bytes: &[u8]) -> Self {
        self.parameter(Parameter::Block(bytes.to_vec()))
    }

    /// A list of channels.
    pub fn channels(self, channels: &[u32]) -> Self {
        self.parameter(Parameter::Channels(ChannelList::of(channels)))
    }

    /// Any parameter.
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.unit.parameters.push(parameter);
        self
    }

    /// The message of this one unit.
    #[must_use]
    pub fn message(self) -> ProgramMessage {
        ProgramMessage { units: vec![self.unit] }
    }
}

impl std::str::FromStr for Header {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        match all_consuming(grammar::header).parse(text.as_bytes()) {
            Ok((_, header)) => Ok(header),
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => {
                Err(SyntaxError::at_rest(text.as_bytes(), fault.rest, fault.what))
            }
            Err(nom::Err::Incomplete(_)) => {
                Err(SyntaxError::at_rest(text.as_bytes(), b"", SyntaxFault::Syntax))
            }
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lead = match (self.common, self.absolute) {
            (true, _) => "*",
            (false, true) => ":",
            (false, false) => "",
        };
        write!(f, "{lead}{}{}", self.mnemonics.join(":"), if self.query { "?" } else { "" })
    }
}

fn write_unit(unit: &ProgramUnit, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(unit.header.to_string().as_bytes());
    for (at, parameter) in unit.parameters.iter().enumerate() {
        bytes.push(if at == 0 { b' ' } else { b',' });
        write_parameter(parameter, bytes);
    }
}

fn write_parameter(parameter: &Parameter, bytes: &mut Vec<u8>) {
    let text = match parameter {
        Parameter::Number(Number { value, suffix: None }) => value.to_string(),
        Parameter::Number(Number { value, suffix: Some(suffix) }) => format!("{value} {suffix}"),
        Parameter::NonDecimal { base: Base::Binary, value } => format!("#B{value:b}"),
        Parameter::NonDecimal { base: Base::Octal, value } => format!("#Q{value:o}"),
        Parameter::NonDecimal { base: Base::Hexadecimal, value } => format!("#H{value:X}"),
        Parameter::Word(word) => word.clone(),
        Parameter::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        Parameter::Channels(list) => list.to_string(),
        Parameter::Expression(inside) => format!("({inside})"),
        Parameter::Block(data) => {
            bytes.extend_from_slice(&crate::block::header(data.len()));
            bytes.extend_from_slice(data);
            return;
        }
    };
    bytes.extend_from_slice(text.as_bytes());
}
