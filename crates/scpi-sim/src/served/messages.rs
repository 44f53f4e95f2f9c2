//! Bytes to messages, within bounds.

use scpi_protocol::framer::{Assembler, FrameError, FramerConfig, IndefiniteBlock};

/// The longest text that a message may have, in bytes.
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// The longest block in a message, in bytes.
const MAX_BLOCK_BYTES: usize = 16 << 20;

/// Bytes that are read at a time. They are held only while there is something to read, so that a client
/// that says nothing costs next to nothing.
pub(super) const READ_BYTES: usize = 4 << 10;

/// -363, "Input buffer overrun".
pub(super) const INPUT_BUFFER_OVERRUN: i32 = -363;

/// The messages of one client.
pub(super) struct Messages {
    assembler: Assembler,
}

impl Default for Messages {
    fn default() -> Self {
        let config = FramerConfig {
            max_line_bytes: MAX_MESSAGE_BYTES,
            max_block_bytes: MAX_BLOCK_BYTES,
            indefinite: IndefiniteBlock::UntilTerminator,
            ..FramerConfig::default()
        };
        Self { assembler: Assembler::new(config) }
    }
}

impl Messages {
    /// Takes bytes up to the end of the next message.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<&[u8]>, FrameError> {
        self.assembler.next(input)
    }

    /// The next message of bytes after which END may have come: it ends a message as a line feed does
    /// (IEEE 488.2 clause 7.5), and one that cannot end so is forgotten.
    pub(super) fn next_until(
        &mut self,
        input: &mut &[u8],
        has_end: bool,
    ) -> Result<Option<Vec<u8>>, FrameError> {
        if let Some(message) = self.assembler.next(input)? {
            return Ok(Some(message.to_vec()));
        }
        if !has_end || self.assembler.framer().is_between_messages() {
            return Ok(None);
        }
        let message = self.assembler.next(&mut &b"\n"[..])?.map(<[u8]>::to_vec);
        if message.is_none() {
            self.assembler.reset();
        }
        Ok(message)
    }

    /// Whether the begin of a message has come and its end has not.
    pub(super) fn is_within_one(&mut self) -> bool {
        !self.assembler.framer().is_between_messages()
    }

    /// Forgets an unfinished message.
    pub(super) fn forget(&mut self) {
        self.assembler.reset();
    }
}
