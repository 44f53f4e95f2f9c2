//! Whole messages out of frames, for who wants the raw bytes in one piece.

use crate::block::true_header;

use super::{Frame, FrameError, Framer, FramerConfig};

/// Puts the frames of a message together again: its bytes as they came, without the terminator.
///
/// ```
/// use scpi_protocol::framer::{Assembler, FramerConfig};
///
/// let mut messages = Assembler::new(FramerConfig::default());
/// let mut input: &[u8] = b"*CLS\nDATA #13a\nb;*OPC?\n";
/// assert_eq!(messages.next(&mut input)?, Some(&b"*CLS"[..]));
/// assert_eq!(messages.next(&mut input)?, Some(&b"DATA #13a\nb;*OPC?"[..]));
/// assert_eq!(messages.next(&mut input)?, None);
/// # Ok::<(), scpi_protocol::framer::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Assembler {
    framer: Framer,
    message: Vec<u8>,
    is_done: bool,
}

impl Assembler {
    /// Waits for a message.
    #[must_use]
    pub fn new(config: FramerConfig) -> Self {
        Self { framer: Framer::new(config), message: Vec::new(), is_done: false }
    }

    /// Takes bytes from the front of `input` up to the end of the next message; `None` when more
    /// is needed.
    ///
    /// # Errors
    /// As [`Framer::next`].
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<&[u8]>, FrameError> {
        if std::mem::take(&mut self.is_done) {
            self.message.clear();
        }
        while let Some(frame) = self.framer.next(input)? {
            match frame {
                Frame::Line(text) => {
                    self.message.extend_from_slice(text);
                    self.is_done = true;
                    return Ok(Some(&self.message));
                }
                Frame::BlockStart { text, header, length } => {
                    self.message.reserve(text.len() + header.len() + length);
                    self.message.extend_from_slice(text);
                    self.message.extend_from_slice(&true_header(header, length));
                }
                Frame::BlockChunk(bytes) => self.message.extend_from_slice(bytes),
                Frame::BlockEnd => {}
            }
        }
        Ok(None)
    }

    /// The framer below: what it waits for, what it may take.
    pub fn framer(&mut self) -> &mut Framer {
        &mut self.framer
    }

    /// The bytes of the unfinished message that have come, its last piece of text excepted.
    #[must_use]
    pub fn unfinished(&self) -> &[u8] {
        if self.is_done { &[] } else { &self.message }
    }

    /// Forgets an unfinished message.
    pub fn reset(&mut self) {
        self.framer.reset();
        self.message.clear();
    }
}
