//! What can be told from a message before it is sent.

use scpi_protocol::framer::{Assembler, Content, FramerConfig, Terminator};
use scpi_protocol::program::units;
use scpi_protocol::response::{Response, ResponseError};
use scpi_protocol::status::StatusByte;

use crate::config::ClientConfig;

/// Whether the instrument takes it as one message: no terminator outside of strings and blocks.
pub(crate) fn is_one(message: &[u8], config: &ClientConfig) -> bool {
    let terminators = config.write_terminator.as_bytes();
    if !message.iter().any(|byte| terminators.contains(byte)) {
        return true;
    }
    let framing = FramerConfig {
        terminator: Terminator::LineFeed,
        content: Content::Elements,
        ..config.framing
    };
    let mut assembler = Assembler::new(framing);
    let mut input = message;
    matches!(assembler.next(&mut input), Ok(None))
}

/// Whether it asks for an answer. What is not SCPI at all is taken as a command.
pub(crate) fn asks(message: &[u8]) -> bool {
    message.contains(&b'?') && units(message).any(|unit| unit.is_ok_and(|unit| unit.header.query))
}

/// Whether its answer is arbitrary text (IEEE 488.2 clauses 10.14 and 10.20): quotes and `#` mean nothing
/// in it.
pub(crate) fn is_answered_in_plain_text(query: &[u8]) -> bool {
    let query = query.trim_ascii();
    query.eq_ignore_ascii_case(b"*IDN?") || query.eq_ignore_ascii_case(b"*OPT?")
}

/// The answer to `*STB?` (clause 10.36): a whole number up to 255.
pub(crate) fn status_byte(answer: &Response) -> Result<StatusByte, ResponseError> {
    answer.integer().map(|byte| StatusByte(u8::try_from(byte & 0xFF).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_or_two() {
        let config = ClientConfig::default();
        for (message, one) in [
            (&b"VOLT 5"[..], true),
            (b"VOLT 5\nOUTP ON", false),
            (b"VOLT 5\n", false),
            (b"DISP \"a\nb\"", true),
            (b"DATA #13a\nb", true),
        ] {
            assert_eq!(is_one(message, &config), one, "{}", message.escape_ascii());
        }
    }

    #[test]
    fn what_asks() {
        assert!(asks(b"VOLT 5;VOLT?"));
        assert!(!asks(b"DISP \"why?\""));
        assert!(!asks(b"*CLS"));
        assert!(is_answered_in_plain_text(b" *idn?"));
    }
}
