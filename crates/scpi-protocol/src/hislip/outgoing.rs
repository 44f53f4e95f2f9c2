//! What one side says, cut into messages that the other side takes.

use super::header::{HEADER_BYTES, Header};
use super::id::MessageId;
use super::kind::{Kind, RMT_DELIVERED};

/// The least that is believed when the other side says how long a message may be, in bytes.
pub const LEAST_MESSAGE_BYTES: u64 = 256;

/// The numbers of the messages into which one program message was cut; an answer bears one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Of the first.
    pub first: MessageId,
    /// Of the last.
    pub last: MessageId,
}

impl Labels {
    /// Whether an answer with this number answers it.
    #[must_use]
    pub fn has(self, id: MessageId) -> bool {
        !id.is_before(self.first) && !self.last.is_before(id)
    }
}

/// Numbers and cuts what a client says.
#[derive(Clone, Debug)]
pub struct Outgoing {
    next: MessageId,
    max_payload_bytes: usize,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self::new(LEAST_MESSAGE_BYTES)
    }
}

impl Outgoing {
    /// For a side that takes messages of so many bytes, headers included.
    #[must_use]
    pub fn new(max_message_bytes: u64) -> Self {
        Self { next: MessageId::FIRST, max_payload_bytes: max_payload(max_message_bytes) }
    }

    /// Starts the numbers anew, as after a device clear.
    pub fn restart(&mut self) {
        self.next = MessageId::FIRST;
    }

    /// The number of the last message; that before the first when there was none.
    #[must_use]
    pub fn last(&self) -> MessageId {
        MessageId::of_number(self.next.number().wrapping_sub(2))
    }

    /// Appends a program message to `wire`, as `Data` messages and a `DataEnd`. The first says whether an answer
    /// has been delivered since the last message.
    pub fn say(&mut self, message: &[u8], rmt_delivered: bool, wire: &mut Vec<u8>) -> Labels {
        let first = self.next;
        let mut control = if rmt_delivered { RMT_DELIVERED } else { 0 };
        for (chunk, is_last) in chunks(message, self.max_payload_bytes) {
            let kind = if is_last { Kind::DataEnd } else { Kind::Data };
            append(wire, kind, control, self.next, chunk);
            self.next = self.next.next();
            control = 0;
        }
        Labels { first, last: self.last() }
    }

    /// Appends an answer to `wire`, every piece with the number of what it answers; with END unless it is cut.
    pub fn answer(
        answer: &[u8],
        to: MessageId,
        max_message_bytes: u64,
        has_end: bool,
        wire: &mut Vec<u8>,
    ) {
        for (chunk, is_last) in chunks(answer, max_payload(max_message_bytes)) {
            let kind = if is_last && has_end { Kind::DataEnd } else { Kind::Data };
            append(wire, kind, 0, to, chunk);
        }
    }
}

fn append(wire: &mut Vec<u8>, kind: Kind, control: u8, id: MessageId, payload: &[u8]) {
    let header = Header::new(kind, control, id.number(), payload.len() as u64);
    wire.extend_from_slice(&header.to_bytes());
    wire.extend_from_slice(payload);
}

fn max_payload(max_message_bytes: u64) -> usize {
    let bytes = max_message_bytes.max(LEAST_MESSAGE_BYTES) - HEADER_BYTES as u64;
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// At least one, which may be empty; the last is marked.
fn chunks(bytes: &[u8], most: usize) -> impl Iterator<Item = (&[u8], bool)> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let (chunk, after) = rest?.split_at_checked(most).unwrap_or((rest?, &[]));
        rest = (!after.is_empty()).then_some(after);
        Some((chunk, rest.is_none()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::splitter::Messages;
    use super::*;

    #[test]
    fn a_long_message_is_cut_and_numbered() {
        let mut outgoing = Outgoing::new(LEAST_MESSAGE_BYTES);
        let (text, mut wire) = ([b'x'; 500], Vec::new());
        let labels = outgoing.say(&text, true, &mut wire);
        let (mut messages, mut input, mut found) = (Messages::new(1000), wire.as_slice(), vec![]);
        while let Some(message) = messages.next(&mut input).unwrap() {
            found.push((message.header.kind, message.header.control, message.payload.len()));
            assert!(labels.has(MessageId::of_number(message.header.parameter)));
        }
        assert_eq!(found, [(Kind::Data, 1, 240), (Kind::Data, 0, 240), (Kind::DataEnd, 0, 20)]);
        assert_eq!(labels.last, MessageId::FIRST.next().next());
        assert!(!labels.has(labels.last.next()) && !labels.has(outgoing.next));
        outgoing.restart();
        assert_eq!(outgoing.say(b"*CLS", false, &mut wire).first, MessageId::FIRST);
    }

    #[test]
    fn an_empty_message_is_one_all_the_same() {
        let mut wire = Vec::new();
        Outgoing::default().say(b"", false, &mut wire);
        assert_eq!(wire.len(), HEADER_BYTES);
        Outgoing::answer(&[1; 300], MessageId::FIRST, 256, false, &mut wire);
        assert_eq!(wire.get(18), Some(&Kind::Data.number()));
    }
}
