//! What a raw message does.

use scpi_protocol::program::ProgramMessage;

/// What a raw message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    /// It asks, and sets nothing.
    Query,
    /// It asks nothing.
    Command,
    /// It asks, and does something besides; so may what is not standard SCPI.
    Mixed,
    /// It is no message at all.
    Unsendable(&'static str),
}

/// What a message is. What the grammar of SCPI does not know is taken to do something.
pub(crate) fn kind_of_message(message: &str) -> MessageKind {
    if message.trim().is_empty() {
        return MessageKind::Unsendable("the message is empty");
    }
    if message.chars().any(char::is_control) {
        return MessageKind::Unsendable(
            "a message is one line, without control characters; several are several steps",
        );
    }
    let queries: Option<Vec<bool>> = ProgramMessage::parse(message.as_bytes())
        .ok()
        .map(|parsed| parsed.units.iter().map(|unit| unit.header.query).collect());
    match queries {
        Some(queries) if queries.iter().all(|query| *query) => MessageKind::Query,
        Some(queries) if queries.contains(&true) => MessageKind::Mixed,
        None if message.contains('?') => MessageKind::Mixed,
        _ => MessageKind::Command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_something_is_not_taken_for_a_question() {
        for (message, kind) in [
            ("SYST:TEMP?", MessageKind::Query),
            ("*IDN?;*OPC?", MessageKind::Query),
            ("MEAS:VOLT? (@1)", MessageKind::Query),
            ("OUTP ON", MessageKind::Command),
            ("OUTP ON;*OPC?", MessageKind::Mixed),
            ("VSET1:5.0", MessageKind::Command),
            ("VOUT1$?", MessageKind::Mixed),
            ("DISP:TEXT \"why?\"", MessageKind::Command),
        ] {
            assert_eq!(kind_of_message(message), kind, "{message}");
        }
        for message in ["", " ", "A\nB"] {
            assert!(matches!(kind_of_message(message), MessageKind::Unsendable(_)));
        }
    }
}
