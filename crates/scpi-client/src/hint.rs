//! What a silence or half an answer most likely means: the quirk, and the line of the dialect that would mend it.

use std::fmt;
use std::time::Duration;

use scpi_protocol::framer::{Chunks, FrameError, IndefiniteBlock, Terminator, Waiting};

use crate::config::ClientConfig;
use crate::error::{Cause, Unanswered};

/// Messages closer than this are too fast for some instruments (quirk Q16).
const FAST: Duration = Duration::from_millis(50);

/// A likely reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The quirk's id, `Q6`.
    pub quirk: &'static str,
    /// What it is.
    pub what: &'static str,
    /// The line of the dialect that would mend it; none where no dialect can.
    pub dialect_line: Option<&'static str>,
}

/// `a block without a terminator (Q6): in the dialect, [wire] after_block = "nothing"`.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.quirk)?;
        match self.dialect_line {
            Some(line) => write!(f, ": in the dialect, {line}"),
            None => Ok(()),
        }
    }
}

/// What went before the query that failed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Before {
    /// Whether nothing has been answered on this connection yet.
    pub(crate) is_first: bool,
    /// How long before it the last message was sent.
    pub(crate) last_message: Option<Duration>,
}

/// The likely reasons, the likeliest first.
pub(crate) fn of(
    cause: &Cause,
    command: &[u8],
    config: &ClientConfig,
    before: Before,
) -> Vec<Hint> {
    match cause {
        Cause::ReadTimeout(unanswered) if unanswered.received_bytes == 0 => {
            silence(command, config, before)
        }
        Cause::ReadTimeout(unanswered) => half(unanswered, config).into_iter().collect(),
        Cause::Frame(FrameError::IndefiniteBlock)
            if config.framing.indefinite == IndefiniteBlock::Refuse =>
        {
            vec![INDEFINITE]
        }
        Cause::Echoed => vec![ECHO],
        Cause::NotOneBlock { blocks: 0, .. } => vec![HEADERLESS],
        Cause::NotOneBlock { blocks: 1, .. } => vec![SAMPLES],
        _ => Vec::new(),
    }
}

fn silence(command: &[u8], config: &ClientConfig, before: Before) -> Vec<Hint> {
    let asks_completion = command.to_ascii_uppercase().ends_with(b"*OPC?");
    let is_fast = before.last_message.is_some_and(|ago| ago < FAST) && config.min_gap.is_zero();
    let is_plain = config.write_terminator == "\n";
    let candidates = [
        (asks_completion, COMPLETION),
        (before.is_first && is_plain, TERMINATOR),
        (before.is_first, SLOW_START),
        (is_fast && !before.is_first, TOO_FAST),
        (!before.is_first, UNKNOWN_QUERY),
    ];
    candidates.into_iter().filter(|(fits, _)| *fits).map(|(_, hint)| hint).collect()
}

fn half(unanswered: &Unanswered, config: &ClientConfig) -> Option<Hint> {
    let text = unanswered.received.as_str();
    match unanswered.waiting_for {
        Waiting::AfterBlock(_) => Some(BARE_BLOCK),
        Waiting::BlockBytes { missing: 1, .. } => Some(COUNTED_TERMINATOR),
        Waiting::BlockBytes { .. } => Some(SHORT_BLOCK),
        Waiting::Terminator(Terminator::LineFeed) if text.ends_with("\\r") => Some(RETURN_ONLY),
        Waiting::Terminator(_) if is_chunk(text) && config.framing.chunks == Chunks::None => {
            Some(CHUNKS)
        }
        Waiting::Terminator(_) => Some(NO_TERMINATOR),
        _ => None,
    }
}

/// Four bytes of length, of which the last two are 0, before the data.
fn is_chunk(escaped: &str) -> bool {
    escaped.get(..20).unwrap_or(escaped).contains("\\x00\\x00")
}

const COMPLETION: Hint = Hint {
    quirk: "Q17",
    what: "some instruments never answer *OPC?",
    dialect_line: Some("completion_query = \"\""),
};
const TERMINATOR: Hint = Hint {
    quirk: "Q12",
    what: "the instrument may want another terminator",
    dialect_line: Some("[wire] write_terminator = \"crlf\""),
};
const SLOW_START: Hint = Hint {
    quirk: "Q15",
    what: "some instruments take 10 s to the first answer: a longer timeout in the bench file",
    dialect_line: None,
};
const TOO_FAST: Hint = Hint {
    quirk: "Q16",
    what: "messages that come too fast are dropped by some instruments",
    dialect_line: Some("min_gap_ms = 50"),
};
const UNKNOWN_QUERY: Hint = Hint {
    quirk: "Q23",
    what: "a query that the instrument does not know is not answered; its error queue says so",
    dialect_line: None,
};
const BARE_BLOCK: Hint = Hint {
    quirk: "Q6",
    what: "the block is complete, and no terminator follows it",
    dialect_line: Some("[wire] after_block = \"nothing\""),
};
const COUNTED_TERMINATOR: Hint = Hint {
    quirk: "Q6",
    what: "the length of the block may count its terminator",
    dialect_line: Some("[wire] block_length = \"with_terminator\""),
};
const SHORT_BLOCK: Hint = Hint {
    quirk: "Q4",
    what: "some oscilloscopes send less than they announce: fewer points a read",
    dialect_line: None,
};
const RETURN_ONLY: Hint = Hint {
    quirk: "Q11",
    what: "the answer ends with a carriage return alone",
    dialect_line: Some("[wire] read_terminator = \"cr\""),
};
const CHUNKS: Hint = Hint {
    quirk: "Q14",
    what: "the answer may come in chunks with their lengths",
    dialect_line: Some("[wire] chunks = \"little_endian\""),
};
const NO_TERMINATOR: Hint = Hint {
    quirk: "Q11",
    what: "the answer has no terminator, or its rest was lost",
    dialect_line: None,
};
const INDEFINITE: Hint = Hint {
    quirk: "Q8",
    what: "a block of unstated length ends with its line where it holds text",
    dialect_line: Some("[wire] indefinite_block = \"until_terminator\""),
};
const ECHO: Hint = Hint {
    quirk: "Q13",
    what: "this port echoes, as terminals want it: take the instrument's raw port, or switch the echo off",
    dialect_line: None,
};
const HEADERLESS: Hint = Hint {
    quirk: "Q7",
    what: "some screen dumps have no header, and no end on this connection",
    dialect_line: None,
};
const SAMPLES: Hint = Hint {
    quirk: "Q2",
    what: "the length of the block may count samples of two bytes",
    dialect_line: Some("[wire] block_length = \"samples_of_2_bytes\""),
};

#[cfg(test)]
mod tests {
    use super::*;

    fn unanswered(received: &str, waiting_for: Waiting) -> Cause {
        Cause::ReadTimeout(Box::new(Unanswered {
            after: FAST,
            received_bytes: received.len() as u64,
            received: received.to_owned(),
            waiting_for,
        }))
    }

    #[test]
    fn the_likely_quirk_of_each_silence_and_half_answer() {
        let config = ClientConfig::default();
        let first = Before { is_first: true, last_message: None };
        let quick = Before { is_first: false, last_message: Some(Duration::from_millis(1)) };
        let line = Waiting::Terminator(Terminator::LineFeed);
        let block = |missing| Waiting::BlockBytes { missing, length: 100 };
        for (cause, command, before, quirks) in [
            (
                unanswered("", Waiting::Message),
                &b"*OPC?"[..],
                Before::default(),
                &["Q17", "Q23"][..],
            ),
            (unanswered("", Waiting::Message), b"*IDN?", first, &["Q12", "Q15"]),
            (unanswered("", Waiting::Message), b"READ?", quick, &["Q16", "Q23"]),
            (unanswered("#15ab", Waiting::AfterBlock(Terminator::LineFeed)), b"C?", quick, &["Q6"]),
            (unanswered("#15ab", block(1)), b"C?", quick, &["Q6"]),
            (unanswered("#15ab", block(2)), b"C?", quick, &["Q4"]),
            (unanswered("1.5\\r", line), b"READ?", quick, &["Q11"]),
            (unanswered("\\x05\\x00\\x00\\x00+1.5", line), b"READ?", quick, &["Q14"]),
            (unanswered("\"op", Waiting::Quote('"')), b"READ?", quick, &[]),
            (Cause::Frame(FrameError::IndefiniteBlock), b"C?", quick, &["Q8"]),
        ] {
            let found: Vec<_> =
                of(&cause, command, &config, before).iter().map(|hint| hint.quirk).collect();
            assert_eq!(found, quirks, "{cause}");
        }
        let text = "the block is complete, and no terminator follows it (Q6): \
                    in the dialect, [wire] after_block = \"nothing\"";
        assert_eq!(BARE_BLOCK.to_string(), text);
    }
}
