//! Where the pieces of an answer go.

use scpi_protocol::block::true_header;
use scpi_protocol::framer::Frame;
use scpi_protocol::preamble::Values;

/// Bytes around a block that are kept, for the message that says what came.
const MAX_TEXT_BYTES: usize = 256;

/// Takes the frames of one answer, in order.
pub(crate) trait Sink: Send {
    fn frame(&mut self, frame: Frame<'_>);

    /// Where the bytes of the block at hand go as they are, if they do.
    fn block_data(&mut self) -> Option<&mut Vec<u8>> {
        None
    }
}

/// An answer that nobody waits for any more.
pub(crate) struct Discard;

impl Sink for Discard {
    fn frame(&mut self, _: Frame<'_>) {}
}

/// The bytes of the whole answer, as they came.
#[derive(Default)]
pub(crate) struct Whole {
    pub(crate) bytes: Vec<u8>,
}

impl Sink for Whole {
    fn block_data(&mut self) -> Option<&mut Vec<u8>> {
        Some(&mut self.bytes)
    }

    fn frame(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Line(text) => self.bytes.extend_from_slice(text),
            Frame::BlockStart { text, header, length } => {
                self.bytes.reserve(text.len() + header.len() + length);
                self.bytes.extend_from_slice(text);
                self.bytes.extend_from_slice(&true_header(header, length));
            }
            Frame::BlockChunk(bytes) => self.bytes.extend_from_slice(bytes),
            Frame::BlockEnd => {}
        }
    }
}

/// The data of the one block of an answer, in the caller's buffer; what stands around it apart.
pub(crate) struct OneBlock<'b> {
    pub(crate) data: &'b mut Vec<u8>,
    pub(crate) blocks: u32,
    /// The text before the first block, where instruments echo headers.
    pub(crate) before: Vec<u8>,
    /// Everything else that is not in the block.
    pub(crate) after: Vec<u8>,
}

impl<'b> OneBlock<'b> {
    pub(crate) fn into(data: &'b mut Vec<u8>) -> Self {
        data.clear();
        Self { data, blocks: 0, before: Vec::new(), after: Vec::new() }
    }

    /// Whether one block came and nothing behind it that could belong to it.
    pub(crate) fn is_whole(&self) -> bool {
        self.blocks == 1 && self.after.trim_ascii().is_empty()
    }

    fn around(&mut self, text: &[u8]) {
        let part = if self.blocks == 0 { &mut self.before } else { &mut self.after };
        let free = MAX_TEXT_BYTES.saturating_sub(part.len());
        part.extend_from_slice(text.get(..text.len().min(free)).unwrap_or_default());
    }
}

impl Sink for OneBlock<'_> {
    fn block_data(&mut self) -> Option<&mut Vec<u8>> {
        (self.blocks == 1).then_some(&mut *self.data)
    }

    fn frame(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Line(text) => self.around(text),
            Frame::BlockStart { text, length, .. } => {
                self.around(text);
                self.blocks += 1;
                self.data.reserve(length);
            }
            Frame::BlockChunk(bytes) if self.blocks == 1 => self.data.extend_from_slice(bytes),
            Frame::BlockChunk(bytes) => self.around(bytes),
            Frame::BlockEnd => {}
        }
    }
}

/// The values of the one block of an answer, made while it arrives.
pub(crate) struct Converted<'v> {
    pub(crate) values: Values,
    pub(crate) to: &'v mut Vec<f64>,
    pub(crate) block: OneBlock<'v>,
}

impl Sink for Converted<'_> {
    fn frame(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::BlockChunk(bytes) if self.block.blocks == 1 => self.values.push(bytes, self.to),
            Frame::BlockStart { text, header, length } => {
                self.to.reserve(length / self.values.sample_bytes());
                self.block.frame(Frame::BlockStart { text, header, length: 0 });
            }
            other => self.block.frame(other),
        }
    }
}
