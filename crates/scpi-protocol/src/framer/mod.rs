//! Bytes in any split to frames: where a message ends, and where data in it begins.
//!
//! A line feed ends a message, but inside a block (`#15a\nb\nc`) and inside a string it is data; and
//! the length of a block is bounded before anything is reserved for it. The framer never looks into
//! a message beyond that: whole small messages go to the parsers, bulk data goes where it is wanted
//! while it arrives.
//!
//! ```
//! use scpi_protocol::framer::{Frame, Framer, FramerConfig};
//!
//! let mut framer = Framer::new(FramerConfig::default());
//! let mut input: &[u8] = b"+1.5\n#15a\nb";
//! assert_eq!(framer.next(&mut input)?, Some(Frame::Line(b"+1.5")));
//! assert!(matches!(framer.next(&mut input)?, Some(Frame::BlockStart { length: 5, .. })));
//! assert_eq!(framer.next(&mut input)?, Some(Frame::BlockChunk(b"a\nb")));
//! assert_eq!(framer.next(&mut input)?, None);
//! assert_eq!(framer.waiting_for().to_string(), "2 more bytes of a block of 5");
//! # Ok::<(), scpi_protocol::framer::FrameError>(())
//! ```

mod assemble;
mod chunks;
mod config;
mod scan;

use std::fmt;

pub use assemble::Assembler;
pub use chunks::Unchunker;
pub use config::{
    AfterBlock, BlockLength, Chunks, Content, DEFAULT_MAX_BLOCK_BYTES, DEFAULT_MAX_LINE_BYTES,
    EmptyLines, Ending, FramerConfig, IndefiniteBlock, Terminator,
};
use scan::{Place, Scan};

/// A piece of a message. Every message ends with a `Line`, which is empty after a last block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'b> {
    /// The text up to the terminator, without it; the message ends here.
    Line(&'b [u8]),
    /// A definite block begins.
    BlockStart {
        /// The text of the message before it, since its start or the last block.
        text: &'b [u8],
        /// `#` and its digits, as they came.
        header: &'b [u8],
        /// Its bytes, within the bound.
        length: usize,
    },
    /// Bytes of the block, in order.
    BlockChunk(&'b [u8]),
    /// The block is complete.
    BlockEnd,
}

/// A message that cannot be framed. What follows it cannot be understood either: the connection
/// must be cleared or closed, and the framer [`reset`](Framer::reset).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// No terminator within the bound.
    #[error("no terminator within {max_bytes} bytes of text")]
    LineTooLong {
        /// The bound.
        max_bytes: usize,
    },
    /// A stated length beyond the bound.
    #[error("a block of {length} bytes is announced, the most that is taken is {max_bytes}")]
    BlockTooLong {
        /// As announced.
        length: u64,
        /// The bound.
        max_bytes: usize,
    },
    /// `#0` on a byte stream.
    #[error("a block of unstated length (#0) has no end on this connection")]
    IndefiniteBlock,
    /// END came before the last byte of a block.
    #[error("the answer ends {missing} bytes before the end of a block of {length}")]
    EndInBlock {
        /// Bytes that are missing.
        missing: usize,
        /// In all.
        length: usize,
    },
}

/// What has to come before the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waiting {
    /// The first byte of a message.
    Message,
    /// The terminator.
    Terminator(Terminator),
    /// The terminator behind a block that is complete.
    AfterBlock(Terminator),
    /// The closing quote of a string.
    Quote(char),
    /// The length of a block.
    BlockLength,
    /// Bytes of a block.
    BlockBytes {
        /// Still to come.
        missing: usize,
        /// In all.
        length: usize,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message => f.write_str("the first byte of an answer"),
            Self::Terminator(Terminator::LineFeed) => f.write_str("a line feed"),
            Self::Terminator(Terminator::CarriageReturn) => f.write_str("a carriage return"),
            Self::AfterBlock(Terminator::LineFeed) => f.write_str("a line feed behind the block"),
            Self::AfterBlock(Terminator::CarriageReturn) => {
                f.write_str("a carriage return behind the block")
            }
            Self::Quote(quote) => write!(f, "the closing {quote} of a string"),
            Self::BlockLength => f.write_str("the length of a block"),
            Self::BlockBytes { missing, length } => {
                write!(f, "{missing} more bytes of a block of {length}")
            }
        }
    }
}

/// Splits a stream of bytes into frames.
#[derive(Clone, Debug)]
pub struct Framer {
    config: FramerConfig,
    ending: Ending,
    scan: Scan,
    /// The text of an unfinished piece, where it came in more than one split.
    text: Vec<u8>,
    /// Its bytes were given out with the last frame.
    text_is_done: bool,
    block: Option<Block>,
    message_begun: bool,
    empty_lines: u64,
    failed: Option<FrameError>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    length: usize,
    missing: usize,
}

impl Framer {
    /// A framer that waits for a message.
    #[must_use]
    pub fn new(config: FramerConfig) -> Self {
        Self {
            config,
            ending: Ending::default(),
            scan: Scan::default(),
            text: Vec::new(),
            text_is_done: false,
            block: None,
            message_begun: false,
            empty_lines: 0,
            failed: None,
        }
    }

    /// Forgets an unfinished message, as after a device clear or on a new connection.
    pub fn reset(&mut self) {
        let (text, ending) = (std::mem::take(&mut self.text), self.ending);
        *self = Self { text, ending, ..Self::new(self.config) };
        self.text.clear();
    }

    /// Says who says where a message ends. Only between messages.
    pub fn set_ending(&mut self, ending: Ending) {
        self.ending = ending;
    }

    /// Says what the next message may hold. Only between messages.
    pub fn set_content(&mut self, content: Content) {
        self.config.content = content;
    }

    /// How it is configured.
    #[must_use]
    pub fn config(&self) -> &FramerConfig {
        &self.config
    }

    /// Whether nothing of a message has come.
    #[must_use]
    pub fn is_between_messages(&self) -> bool {
        !self.message_begun && self.block.is_none()
    }

    /// Empty lines dropped so far.
    #[must_use]
    pub fn empty_lines_skipped(&self) -> u64 {
        self.empty_lines
    }

    /// What has to come before the next frame; for the explanation of a timeout.
    #[must_use]
    pub fn waiting_for(&self) -> Waiting {
        match (self.block, self.scan.place()) {
            (Some(Block { length, missing }), _) => Waiting::BlockBytes { missing, length },
            (None, Place::Quote(quote)) => Waiting::Quote(char::from(quote)),
            (None, Place::Header { .. }) => Waiting::BlockLength,
            (None, _) if self.is_between_messages() => Waiting::Message,
            (None, _) if self.scan.had_block() && self.text.is_empty() => {
                Waiting::AfterBlock(self.config.terminator)
            }
            (None, _) => Waiting::Terminator(self.config.terminator),
        }
    }

    /// Bytes of a block that are still to come, where the framer is in the middle of one.
    #[must_use]
    pub fn missing_in_block(&self) -> usize {
        self.block.map_or(0, |block| block.missing)
    }

    /// So many bytes of the block that is coming have gone to where they are wanted, past the framer; never more
    /// than are [missing](Self::missing_in_block).
    pub fn note_passed(&mut self, bytes: usize) {
        if let Some(block) = &mut self.block {
            block.missing = block.missing.saturating_sub(bytes);
        }
    }

    /// Takes bytes from the front of `input` up to the end of the next frame. `None` when all of
    /// `input` is taken and more is needed.
    ///
    /// # Errors
    /// A bound is passed, or a block has no end. It stays so until [`reset`](Self::reset).
    pub fn next<'b, 'i: 'b>(
        &'b mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Frame<'b>>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if std::mem::take(&mut self.text_is_done) {
            self.text.clear();
        }
        match self.block {
            Some(block) => Ok(self.block_bytes(block, input)),
            None => self.text(input),
        }
    }

    /// The carrier says that the message ends here: its last `Line`, without terminators; `None` when there was
    /// nothing but an empty line, or nothing at all. Everything before it must have been taken.
    ///
    /// # Errors
    /// The message ends within a block, or could not be framed before. It stays so until
    /// [`reset`](Self::reset).
    pub fn end(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some(Block { length, missing }) = self.block {
            return Err(self.fail(FrameError::EndInBlock { missing, length }));
        }
        if std::mem::take(&mut self.text_is_done) {
            self.text.clear();
        }
        let is_data = self.scan.place() == Place::Data;
        let kept = line_bytes(&self.text, is_data);
        let is_empty = kept == 0 && !self.scan.had_block() && !is_data;
        self.start_message();
        self.text_is_done = true;
        if is_empty && self.config.empty_lines == EmptyLines::Skip {
            self.empty_lines += u64::from(!self.text.is_empty());
            return Ok(None);
        }
        Ok(Some(Frame::Line(self.text.get(..kept).unwrap_or_default())))
    }

    fn block_bytes<'i>(&mut self, block: Block, input: &mut &'i [u8]) -> Option<Frame<'i>> {
        if block.missing == 0 {
            self.block = None;
            let is_carried = self.ending == Ending::Carrier;
            let after = if is_carried { AfterBlock::Terminator } else { self.config.after_block };
            self.scan.after_block(after);
            return Some(Frame::BlockEnd);
        }
        let (chunk, rest) = input.split_at_checked(block.missing).unwrap_or((*input, &[]));
        *input = rest;
        self.block = Some(Block { missing: block.missing - chunk.len(), ..block });
        (!chunk.is_empty()).then_some(Frame::BlockChunk(chunk))
    }

    fn text<'b, 'i: 'b>(
        &'b mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Frame<'b>>, FrameError> {
        loop {
            if !self.message_begun && !self.scan.message_is_over() {
                self.drop_leading(input);
            }
            let found = self.scan.run(input, &self.config, self.ending);
            let found = found.map_err(|error| self.fail(error))?;
            let (piece, rest) = input.split_at_checked(found.bytes).unwrap_or((*input, &[]));
            *input = rest;
            self.message_begun |= !piece.is_empty();
            if self.text.len() + piece.len() > self.config.max_line_bytes {
                let max_bytes = self.config.max_line_bytes;
                return Err(self.fail(FrameError::LineTooLong { max_bytes }));
            }
            match found.event {
                scan::Event::NeedsMore => {
                    self.text.extend_from_slice(piece);
                    return Ok(None);
                }
                scan::Event::Line { terminator_bytes }
                    if self.is_skipped(piece, terminator_bytes) =>
                {
                    self.empty_lines += 1;
                    self.start_message();
                }
                scan::Event::Line { terminator_bytes } => {
                    self.start_message();
                    return Ok(Some(Frame::Line(self.line(piece, terminator_bytes))));
                }
                scan::Event::Block { length, header_bytes } => {
                    self.block = Some(Block { length, missing: length });
                    let whole = self.whole(piece);
                    let at = whole.len().saturating_sub(header_bytes);
                    let (text, header) = whole.split_at_checked(at).unwrap_or((whole, &[]));
                    return Ok(Some(Frame::BlockStart { text, header, length }));
                }
            }
        }
    }

    fn fail(&mut self, error: FrameError) -> FrameError {
        self.failed = Some(error);
        error
    }

    /// What no message begins with: NULs (quirk Q10), and the other half of the last terminator (Q11).
    fn drop_leading(&self, input: &mut &[u8]) {
        let other_half = match self.config.terminator {
            Terminator::LineFeed => b'\r',
            Terminator::CarriageReturn => b'\n',
        };
        let terminator = self.config.terminator.byte();
        let drops_lines =
            self.ending == Ending::Carrier && self.config.empty_lines == EmptyLines::Skip;
        let is_dropped =
            |byte: u8| byte == 0 || byte == other_half || (drops_lines && byte == terminator);
        let dropped = input.iter().take_while(|&&byte| is_dropped(byte)).count();
        *input = input.get(dropped..).unwrap_or_default();
    }

    fn is_skipped(&self, piece: &[u8], terminator_bytes: usize) -> bool {
        self.config.empty_lines == EmptyLines::Skip
            && !self.scan.had_block()
            && terminator_bytes > 0
            && self.text.is_empty()
            && piece.len() == terminator_bytes
    }

    fn start_message(&mut self) {
        self.scan = Scan::default();
        self.message_begun = false;
    }

    /// The text of this piece, joined with what came of it before; free of the terminator.
    fn line<'b>(&'b mut self, piece: &'b [u8], terminator_bytes: usize) -> &'b [u8] {
        let terminator = self.config.terminator;
        let whole = self.whole(piece);
        let line = whole.get(..whole.len().saturating_sub(terminator_bytes)).unwrap_or_default();
        match terminator {
            Terminator::LineFeed => line.strip_suffix(b"\r").unwrap_or(line),
            Terminator::CarriageReturn => line,
        }
    }

    fn whole<'b>(&'b mut self, piece: &'b [u8]) -> &'b [u8] {
        if self.text.is_empty() {
            return piece;
        }
        self.text.extend_from_slice(piece);
        self.text_is_done = true;
        &self.text
    }
}

/// How much of a message's last text is no terminator. Of data, only one line feed is none of it.
fn line_bytes(text: &[u8], is_data: bool) -> usize {
    if is_data {
        return text.strip_suffix(b"\n").unwrap_or(text).len();
    }
    let end = text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r'));
    end.map_or(0, |last| last + 1)
}
