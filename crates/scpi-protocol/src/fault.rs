//! What is wrong with a message, and which standard error says so.

use std::fmt;

/// A syntax fault, named after the command error of SCPI-99 volume 2 clause 21.8.9 that reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyntaxFault {
    /// A byte that no element has.
    InvalidCharacter,
    /// No element can stand here.
    Syntax,
    /// A `,` or `;` is wanted here.
    InvalidSeparator,
    /// White space is wanted between the header and its parameters.
    HeaderSeparator,
    /// A mnemonic beyond [`MAX_MNEMONIC_BYTES`](crate::program::MAX_MNEMONIC_BYTES).
    MnemonicTooLong,
    /// A number with a byte that does not belong in it.
    InvalidNumber,
    /// An exponent beyond ±32000.
    ExponentTooLarge,
    /// A mantissa of more than 255 digits.
    TooManyDigits,
    /// A suffix that is no unit.
    InvalidSuffix,
    /// A suffix of more than 12 bytes.
    SuffixTooLong,
    /// A string without its closing quote, or no text.
    InvalidString,
    /// A block whose length is no number, or that ends early.
    InvalidBlock,
    /// An expression without its closing parenthesis, or a broken channel list.
    InvalidExpression,
}

impl SyntaxFault {
    /// The standard error number, -100 to -199.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::InvalidCharacter => -101,
            Self::Syntax => -102,
            Self::InvalidSeparator => -103,
            Self::HeaderSeparator => -111,
            Self::MnemonicTooLong => -112,
            Self::InvalidNumber => -121,
            Self::ExponentTooLarge => -123,
            Self::TooManyDigits => -124,
            Self::InvalidSuffix => -131,
            Self::SuffixTooLong => -134,
            Self::InvalidString => -151,
            Self::InvalidBlock => -161,
            Self::InvalidExpression => -171,
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::InvalidCharacter => "a byte that has no meaning in a message",
            Self::Syntax => "a header, a number, a word, a string, a block or '(' is wanted",
            Self::InvalidSeparator => "',' or ';' is wanted",
            Self::HeaderSeparator => "white space is wanted between header and parameter",
            Self::MnemonicTooLong => "the mnemonic is too long",
            Self::InvalidNumber => "not the digits of a number of this kind",
            Self::ExponentTooLarge => "an exponent of at most ±32000 is wanted",
            Self::TooManyDigits => "at most 255 digits are wanted",
            Self::InvalidSuffix => "a unit such as V, MV, KHZ or OHM is wanted",
            Self::SuffixTooLong => "a unit of at most 12 characters is wanted",
            Self::InvalidString => "the closing quote is missing",
            Self::InvalidBlock => "the block ends before its stated length",
            Self::InvalidExpression => {
                "a closed '(...)' is wanted, in a channel list such as (@1,3:5)"
            }
        }
    }
}

impl fmt::Display for SyntaxFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.explanation())
    }
}

/// A message that cannot be read, with the place of the fault in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {what} (found '{}')", .found.escape_ascii())]
pub struct SyntaxError {
    /// What is wrong.
    pub what: SyntaxFault,
    /// The fault lies before this byte of the message, counted from 0.
    pub at: usize,
    /// The first bytes from there on, for the message to people.
    pub found: Vec<u8>,
}

/// Bytes of the message that an error shows.
const SHOWN_BYTES: usize = 16;

impl SyntaxError {
    pub(crate) fn at_rest(message: &[u8], rest: &[u8], what: SyntaxFault) -> Self {
        let found = rest.get(..rest.len().min(SHOWN_BYTES)).unwrap_or_default().to_vec();
        Self { what, at: message.len().saturating_sub(rest.len()), found }
    }

    /// The standard error number, -100 to -199.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.what.code()
    }
}
