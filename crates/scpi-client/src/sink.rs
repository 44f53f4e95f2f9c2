//! Where the pieces of an answer go.

use scpi_protocol::framer::Frame;

/// Takes the frames of one answer, in order.
pub(crate) trait Sink: Send {
    fn frame(&mut self, frame: Frame<'_>);
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
    fn frame(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Line(text) => self.bytes.extend_from_slice(text),
            Frame::BlockStart { text, header, length } => {
                self.bytes.reserve(text.len() + header.len() + length);
                self.bytes.extend_from_slice(text);
                self.bytes.extend_from_slice(header);
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
    pub(crate) around: Vec<u8>,
}

impl Sink for OneBlock<'_> {
    fn frame(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Line(text) => self.around.extend_from_slice(text),
            Frame::BlockStart { text, length, .. } => {
                self.around.extend_from_slice(text);
                self.blocks += 1;
                self.data.reserve(length);
            }
            Frame::BlockChunk(bytes) if self.blocks == 1 => self.data.extend_from_slice(bytes),
            Frame::BlockChunk(_) | Frame::BlockEnd => {}
        }
    }
}
