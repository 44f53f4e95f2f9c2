//! Program messages: what a controller says to an instrument (IEEE 488.2 clause 7).
//!
//! | file | holds |
//! | --- | --- |
//! | `grammar` | bytes to [`ProgramUnit`]s, unit by unit, as an instrument takes them |
//! | `print` | building a message and writing it |
//! | `suffix` | units and multipliers after a number: `5 MV` is 0.005 V, `1 MHZ` is 1 000 000 Hz |
//! | `pattern`, `tree` | which command a header means: short and long forms, optional nodes, the tree walk |

mod grammar;
mod pattern;
mod print;
mod suffix;
mod tree;

use std::borrow::Cow;

use exact_decimal::Decimal;

use crate::channel_list::ChannelList;
pub use crate::fault::{SyntaxError, SyntaxFault};
pub use crate::lexis::Base;

pub use grammar::{MAX_MNEMONIC_BYTES, Units, units};
pub use pattern::{Pattern, PatternError};
pub use print::UnitBuilder;
pub use suffix::{SuffixError, base_units};
pub use tree::{CommandTree, HeaderPath, LookupError, Match};

/// A whole message: `<PROGRAM MESSAGE>`, clause 7.3.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProgramMessage {
    /// Its units, in order.
    pub units: Vec<ProgramUnit>,
}

/// One command or query: `<PROGRAM MESSAGE UNIT>`, clause 7.3.3.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramUnit {
    /// What is asked for.
    pub header: Header,
    /// With what.
    pub parameters: Vec<Parameter>,
}

/// The header of a unit, clause 7.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `*IDN?`: a common command, outside the tree.
    pub common: bool,
    /// It begins with `:`, at the root of the tree.
    pub absolute: bool,
    /// It ends in `?`.
    pub query: bool,
    /// The mnemonics between the colons, as written, numeric suffixes included.
    pub mnemonics: Vec<String>,
}

/// One program data element, clause 7.7.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Parameter {
    /// A decimal number with its unit.
    Number(Number),
    /// `#H`, `#Q` or `#B`.
    NonDecimal {
        /// How it was written.
        base: Base,
        /// What it is.
        value: u64,
    },
    /// A word: `MIN`, `ON`, `CH1`.
    Word(String),
    /// A quoted string, without its quotes.
    Text(String),
    /// The bytes of a block.
    Block(Vec<u8>),
    /// A channel list.
    Channels(ChannelList),
    /// Any other expression, without its parentheses.
    Expression(String),
}

/// A decimal number as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// The number, exact, before its multiplier is applied.
    pub value: Decimal,
    /// Its suffix as written: `MV`, `KHZ`, `V/US`.
    pub suffix: Option<String>,
}

/// A numeric setting as SCPI-99 volume 1 clause 7.2 lets it be given: a number or one of three words.
#[derive(Clone, Debug, PartialEq)]
pub enum NumericSetting {
    /// A number, in base units.
    Value(Decimal),
    /// `MINimum`.
    Minimum,
    /// `MAXimum`.
    Maximum,
    /// `DEFault`.
    Default,
}

impl ProgramMessage {
    /// Reads a whole message, its terminator already taken off.
    ///
    /// An instrument that executes unit by unit, errors included, uses [`units`] instead.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn parse(message: &[u8]) -> Result<Self, SyntaxError> {
        Ok(Self { units: units(message).collect::<Result<_, _>>()? })
    }

    /// Whether any unit asks for an answer.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.units.iter().any(|unit| unit.header.query)
    }
}

impl Parameter {
    /// A number in base units: `5 MV` with the unit `V` gives 0.005, bare numbers are taken as they are.
    ///
    /// # Errors
    /// The standard error number that an instrument reports: -104 for another kind of data, -131 for
    /// a unit other than `unit`.
    pub fn number(&self, unit: &str) -> Result<Decimal, i32> {
        match self {
            Self::Number(number) => number.in_base_units(unit).map_err(|error| error.code()),
            Self::NonDecimal { value, .. } => Ok(Decimal::from(*value)),
            _ => Err(DATA_TYPE_ERROR),
        }
    }

    /// A number in base units, or `MINimum`, `MAXimum`, `DEFault`.
    ///
    /// # Errors
    /// As [`number`](Self::number), and -224 for another word.
    pub fn numeric_setting(&self, unit: &str) -> Result<NumericSetting, i32> {
        let Self::Word(word) = self else { return self.number(unit).map(NumericSetting::Value) };
        let is = |form| pattern::matches_word(form, word);
        match () {
            () if is("MINimum") => Ok(NumericSetting::Minimum),
            () if is("MAXimum") => Ok(NumericSetting::Maximum),
            () if is("DEFault") => Ok(NumericSetting::Default),
            () => Err(ILLEGAL_PARAMETER_VALUE),
        }
    }

    /// `ON`, `OFF` or a number, which is on unless it rounds to 0 (SCPI-99 volume 1 clause 7.3).
    ///
    /// # Errors
    /// The standard error number: -104 for another kind of data, -224 for another word.
    pub fn boolean(&self) -> Result<bool, i32> {
        match self {
            Self::Word(word) if word.eq_ignore_ascii_case("ON") => Ok(true),
            Self::Word(word) if word.eq_ignore_ascii_case("OFF") => Ok(false),
            Self::Word(_) => Err(ILLEGAL_PARAMETER_VALUE),
            Self::Number(Number { value, suffix: None }) => {
                Ok(!value.round_to_exponent(0).is_zero())
            }
            _ => Err(DATA_TYPE_ERROR),
        }
    }

    /// Which of some words this is, each given as its long form with the short form in capitals
    /// (`IMMediate`): its place in the list.
    ///
    /// # Errors
    /// The standard error number: -104 for another kind of data, -224 for a word not in the list.
    pub fn choice(&self, words: &[&str]) -> Result<usize, i32> {
        let Self::Word(word) = self else { return Err(DATA_TYPE_ERROR) };
        let place = words.iter().position(|form| pattern::matches_word(form, word));
        place.ok_or(ILLEGAL_PARAMETER_VALUE)
    }

    /// The channels of a list.
    ///
    /// # Errors
    /// The standard error number: -104 for another kind of data, -224 for channels of a matrix.
    pub fn channels(&self) -> Result<Vec<u32>, i32> {
        let Self::Channels(list) = self else { return Err(DATA_TYPE_ERROR) };
        list.channels().ok_or(ILLEGAL_PARAMETER_VALUE)
    }

    /// The text of a string or of a word.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }
}

/// -104, "Data type error".
const DATA_TYPE_ERROR: i32 = -104;
/// -224, "Illegal parameter value".
const ILLEGAL_PARAMETER_VALUE: i32 = -224;

impl Number {
    /// The value in base units of this unit; a bare number is in base units already.
    ///
    /// # Errors
    /// When the suffix is no multiple of `unit`.
    pub fn in_base_units(&self, unit: &str) -> Result<Decimal, SuffixError> {
        match &self.suffix {
            None => Ok(self.value.clone()),
            Some(suffix) => base_units(&self.value, suffix, unit),
        }
    }
}
