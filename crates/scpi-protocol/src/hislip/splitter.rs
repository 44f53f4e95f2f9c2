//! Bytes in any split to headers and payloads, every length bounded before it is believed.

use super::header::{HEADER_BYTES, Header};
use super::kind::Kind;

/// The longest payload of a message that is no data, in bytes: a name, a size, a text of an error.
pub const MAX_CONTROL_BYTES: u64 = 4096;

/// A stream that is no HiSLIP, or a message that is too long. Nothing after it can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HislipError {
    /// A message does not begin with `HS`.
    #[error("no HiSLIP: a message begins with '{}' instead of 'HS'", .0.escape_ascii())]
    Prologue([u8; 2]),
    /// A payload is longer than is taken.
    #[error("no HiSLIP: a payload of {length} bytes is announced, at most {max_bytes} are taken")]
    TooLong {
        /// As announced.
        length: u64,
        /// The bound.
        max_bytes: u64,
    },
}

/// A piece of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'i> {
    /// A message begins.
    Begin(Header),
    /// Bytes of its payload, in order, never none.
    Payload(&'i [u8]),
    /// Its payload is complete.
    End,
}

/// Splits the bytes of one channel.
#[derive(Clone, Debug)]
pub struct Splitter {
    max_data_bytes: u64,
    header: [u8; HEADER_BYTES],
    header_bytes: usize,
    /// Of the payload, still to come; none between messages.
    missing: Option<u64>,
    failed: Option<HislipError>,
}

impl Splitter {
    /// Waits for a message; `Data` and `DataEnd` may have payloads of so many bytes.
    #[must_use]
    pub fn new(max_data_bytes: u64) -> Self {
        let header = [0; HEADER_BYTES];
        Self { max_data_bytes, header, header_bytes: 0, missing: None, failed: None }
    }

    /// Takes bytes from the front of `input`; `None` when all are taken and more are needed.
    ///
    /// # Errors
    /// The stream is no HiSLIP, or a payload is too long. It stays so.
    pub fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Piece<'i>>, HislipError> {
        match (self.failed, self.missing) {
            (Some(error), _) => Err(error),
            (None, None) => self.header(input),
            (None, Some(0)) => {
                self.missing = None;
                Ok(Some(Piece::End))
            }
            (None, Some(missing)) => Ok(self.payload(missing, input)),
        }
    }

    fn header<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Piece<'i>>, HislipError> {
        let space = self.header.get_mut(self.header_bytes..).unwrap_or_default();
        let taken = space.len().min(input.len());
        let (front, rest) = input.split_at_checked(taken).unwrap_or((*input, &[]));
        space.iter_mut().zip(front).for_each(|(to, from)| *to = *from);
        *input = rest;
        self.header_bytes += taken;
        if self.header_bytes < HEADER_BYTES {
            return Ok(None);
        }
        self.header_bytes = 0;
        let header = Header::parse(self.header).and_then(|header| self.bounded(header));
        match header {
            Ok(header) => {
                self.missing = Some(header.length);
                Ok(Some(Piece::Begin(header)))
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    fn bounded(&self, header: Header) -> Result<Header, HislipError> {
        let is_data = matches!(header.kind, Kind::Data | Kind::DataEnd);
        let max_bytes = if is_data { self.max_data_bytes } else { MAX_CONTROL_BYTES };
        let length = header.length;
        if length <= max_bytes {
            Ok(header)
        } else {
            Err(HislipError::TooLong { length, max_bytes })
        }
    }

    fn payload<'i>(&mut self, missing: u64, input: &mut &'i [u8]) -> Option<Piece<'i>> {
        let most = usize::try_from(missing).unwrap_or(usize::MAX);
        let (piece, rest) = input.split_at_checked(most).unwrap_or((*input, &[]));
        *input = rest;
        self.missing = Some(missing - piece.len() as u64);
        (!piece.is_empty()).then_some(Piece::Payload(piece))
    }
}

/// A message with its payload in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its header.
    pub header: Header,
    /// Its payload, as long as the header says.
    pub payload: Vec<u8>,
}

/// Whole messages out of the bytes of one channel, for channels whose messages are short.
#[derive(Clone, Debug)]
pub struct Messages {
    splitter: Splitter,
    current: Option<Message>,
}

impl Messages {
    /// Waits for a message; `Data` and `DataEnd` may have payloads of so many bytes.
    #[must_use]
    pub fn new(max_data_bytes: u64) -> Self {
        Self { splitter: Splitter::new(max_data_bytes), current: None }
    }

    /// Takes bytes from the front of `input` up to the end of the next message; `None` when more are needed.
    ///
    /// # Errors
    /// As [`Splitter::next`].
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Message>, HislipError> {
        while let Some(piece) = self.splitter.next(input)? {
            match (piece, &mut self.current) {
                (Piece::Begin(header), current) => {
                    *current = Some(Message { header, payload: Vec::new() });
                }
                (Piece::Payload(bytes), Some(message)) => message.payload.extend_from_slice(bytes),
                (Piece::Payload(_), None) => {}
                (Piece::End, current) => return Ok(current.take()),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A length is refused before anything is reserved for it.
    #[test]
    fn enormous_lengths_cost_nothing() {
        for (kind, bound) in [(Kind::DataEnd, 1 << 20), (Kind::FatalError, MAX_CONTROL_BYTES)] {
            let bytes = Header::new(kind, 0, 0, 1 << 60).to_bytes();
            let mut messages = Messages::new(1 << 20);
            let wanted = HislipError::TooLong { length: 1 << 60, max_bytes: bound };
            assert_eq!(messages.next(&mut bytes.as_slice()), Err(wanted));
            assert_eq!(messages.next(&mut &b"HS"[..]), Err(wanted));
        }
    }

    #[test]
    fn a_message_without_payload_is_one() {
        let header = Header::alone(Kind::Trigger, 0, 2);
        let mut messages = Messages::new(0);
        let found = messages.next(&mut header.to_bytes().as_slice());
        assert_eq!(found, Ok(Some(Message { header, payload: Vec::new() })));
    }
}
