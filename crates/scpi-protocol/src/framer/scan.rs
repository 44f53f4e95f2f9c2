//! The lexical walk under the framer: one byte at a time, over ordinary text at table speed.

use super::{AfterBlock, Content, Ending, FrameError, FramerConfig, IndefiniteBlock};

/// Text from which on it pays to look for what is special in it first.
const LONG_TEXT_BYTES: usize = 64;

/// Where in the text the walk stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// An element may begin here: quotes and `#` have their meaning.
    #[default]
    ElementStart,
    /// Inside an element: only separators and the terminator count.
    Inside,
    /// Inside a string that this quote closes.
    Quote(u8),
    /// After `#`.
    Hash,
    /// In the length of a block.
    Header { digits: u8, missing: u8, length: u64 },
    /// After `#0`, where the carrier says how far it goes.
    Data,
}

/// The walk through one message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    place: Place,
    had_block: bool,
    is_over: bool,
}

/// What the walk came to, and after how many bytes.
pub(super) struct Found {
    pub(super) bytes: usize,
    pub(super) event: Event,
}

pub(super) enum Event {
    NeedsMore,
    /// The last bytes taken are the terminator.
    Line {
        terminator_bytes: usize,
    },
    /// The last bytes taken are the header of a block.
    Block {
        length: usize,
        header_bytes: usize,
    },
}

/// What one byte did.
enum Step {
    On(Place),
    End,
    Block(u64, u8),
}

impl Scan {
    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn had_block(&self) -> bool {
        self.had_block
    }

    /// The message ended with its block, without a terminator.
    pub(super) fn message_is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn after_block(&mut self, after: AfterBlock) {
        self.place = Place::Inside;
        self.is_over = after == AfterBlock::Nothing;
    }

    /// Walks to the end of the message or to a block.
    pub(super) fn run(
        &mut self,
        input: &[u8],
        config: &FramerConfig,
        ending: Ending,
    ) -> Result<Found, FrameError> {
        if self.is_over {
            return Ok(Found { bytes: 0, event: Event::Line { terminator_bytes: 0 } });
        }
        if self.place == Place::Data {
            return Ok(Found { bytes: input.len(), event: Event::NeedsMore });
        }
        let mut bytes = 0;
        if let Some((run, end)) = self.ordinary_run(input, config, ending) {
            if end {
                return Ok(Found { bytes: run, event: Event::Line { terminator_bytes: 1 } });
            }
            bytes = run;
        }
        while let Some(&byte) = input.get(bytes) {
            bytes += 1;
            match step(self.place, byte, config) {
                Step::On(Place::Inside) => {
                    self.place = Place::Inside;
                    bytes += ordinary(input.get(bytes..).unwrap_or_default());
                }
                Step::On(place) => self.place = place,
                Step::End if ending == Ending::Carrier => self.place = Place::Inside,
                Step::End => {
                    return Ok(Found { bytes, event: Event::Line { terminator_bytes: 1 } });
                }
                Step::Block(length, digits) => return self.block(bytes, length, digits, config),
            }
            self.note_indefinite(config, ending)?;
            if self.place == Place::Data {
                return Ok(Found { bytes: input.len(), event: Event::NeedsMore });
            }
        }
        Ok(Found { bytes, event: Event::NeedsMore })
    }

    /// Long text is mostly numbers: up to the terminator, or to the first byte that could begin a string or a
    /// block, nothing needs to be looked at one by one. How many bytes, and whether they end the message.
    fn ordinary_run(
        &mut self,
        input: &[u8],
        config: &FramerConfig,
        ending: Ending,
    ) -> Option<(usize, bool)> {
        let is_outside = matches!(self.place, Place::ElementStart | Place::Inside);
        if input.len() < LONG_TEXT_BYTES || !is_outside || config.content == Content::PlainText {
            return None;
        }
        let special = memchr::memchr3(b'"', b'\'', b'#', input).unwrap_or(input.len());
        let text = input.get(..special).unwrap_or_default();
        if ending == Ending::Terminator
            && let Some(at) = memchr::memchr(config.terminator.byte(), text)
        {
            self.place = Place::Inside;
            return Some((at + 1, true));
        }
        let last = *text.last()?;
        let is_separator = matches!(separator(last), Step::On(Place::ElementStart));
        self.place = if is_separator { Place::ElementStart } else { Place::Inside };
        Some((text.len(), false))
    }

    fn block(
        &mut self,
        bytes: usize,
        length: u64,
        digits: u8,
        config: &FramerConfig,
    ) -> Result<Found, FrameError> {
        let max_bytes = config.max_block_bytes;
        let length = config.block_length.bytes(length);
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= max_bytes)
            .ok_or(FrameError::BlockTooLong { length, max_bytes })?;
        self.place = Place::Inside;
        self.had_block = true;
        let header_bytes = usize::from(digits) + 2;
        Ok(Found { bytes, event: Event::Block { length, header_bytes } })
    }

    /// `#0` shows as a header of no digits.
    fn note_indefinite(&mut self, config: &FramerConfig, ending: Ending) -> Result<(), FrameError> {
        if !matches!(self.place, Place::Header { digits: 0, .. }) {
            return Ok(());
        }
        if ending == Ending::Carrier {
            self.place = Place::Data;
            return Ok(());
        }
        self.place = Place::Inside;
        match config.indefinite {
            IndefiniteBlock::Refuse => Err(FrameError::IndefiniteBlock),
            IndefiniteBlock::UntilTerminator => Ok(()),
        }
    }
}

fn step(place: Place, byte: u8, config: &FramerConfig) -> Step {
    let end = config.terminator.byte();
    match (config.content, place) {
        (Content::PlainText, _) if byte == end => Step::End,
        (Content::PlainText, _) => Step::On(Place::Inside),
        (_, Place::Quote(open)) if byte == open => Step::On(Place::ElementStart),
        (_, Place::Quote(_)) => Step::On(place),
        _ if byte == end => Step::End,
        (_, Place::ElementStart) => element_start(byte),
        (_, Place::Inside) => separator(byte),
        (_, Place::Data) => Step::On(Place::Data),
        (_, Place::Hash) => hash(byte),
        (_, Place::Header { digits, missing, length }) => {
            length_digit(byte, digits, missing, length)
        }
    }
}

fn element_start(byte: u8) -> Step {
    match byte {
        b'"' | b'\'' => Step::On(Place::Quote(byte)),
        b'#' => Step::On(Place::Hash),
        _ => separator(byte),
    }
}

/// After a separator or white space, an element may begin; a header echo ends in white space.
fn separator(byte: u8) -> Step {
    match byte {
        b',' | b';' | b' ' | b'\t' => Step::On(Place::ElementStart),
        _ => Step::On(Place::Inside),
    }
}

fn hash(byte: u8) -> Step {
    match byte {
        b'0'..=b'9' => {
            Step::On(Place::Header { digits: byte - b'0', missing: byte - b'0', length: 0 })
        }
        _ => separator(byte),
    }
}

fn length_digit(byte: u8, digits: u8, missing: u8, length: u64) -> Step {
    if !byte.is_ascii_digit() {
        // No block after all: text that only looked like one.
        return separator(byte);
    }
    let length = length * 10 + u64::from(byte - b'0');
    match missing {
        0 | 1 => Step::Block(length, digits),
        _ => Step::On(Place::Header { digits, missing: missing - 1, length }),
    }
}

/// How many bytes at the front cannot change the place `Inside`.
fn ordinary(input: &[u8]) -> usize {
    input.iter().position(|&byte| matters(byte)).unwrap_or(input.len())
}

fn matters(byte: u8) -> bool {
    byte <= b' ' || byte == b',' || byte == b';'
}
