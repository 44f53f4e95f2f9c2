//! HiSLIP in every split, and a dialogue as the standard has it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

use proptest::prelude::*;
use scpi_protocol::hislip::{Header, Kind, Message, MessageId, Messages, Outgoing};

fn message() -> impl Strategy<Value = Message> {
    let payload = proptest::collection::vec(any::<u8>(), 0..40);
    (any::<u8>(), any::<u8>(), any::<u32>(), payload).prop_map(
        |(kind, control, parameter, payload)| Message {
            header: Header::new(Kind::of_number(kind), control, parameter, payload.len() as u64),
            payload,
        },
    )
}

fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<Message> {
    let (mut messages, mut found) = (Messages::new(1 << 20), Vec::new());
    for mut piece in pieces {
        while let Some(message) = messages.next(&mut piece).unwrap() {
            found.push(message);
        }
    }
    found
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_in_every_split(
        sent in proptest::collection::vec(message(), 0..5),
        size in 1_usize..50,
    ) {
        let mut wire = Vec::new();
        for Message { header, payload } in &sent {
            wire.extend_from_slice(&header.to_bytes());
            wire.extend_from_slice(payload);
        }
        prop_assert_eq!(&read(wire.chunks(size)), &sent);
        prop_assert_eq!(&read([wire.as_slice()]), &sent);
    }

    #[test]
    fn no_bytes_stop_the_splitter(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut messages = Messages::new(100);
        let mut input = bytes.as_slice();
        while let Ok(Some(_)) = messages.next(&mut input) {}
    }

    #[test]
    fn a_message_of_any_length_arrives_whole(
        text in proptest::collection::vec(any::<u8>(), 0..2000),
        most in 0_u64..700,
    ) {
        let (mut outgoing, mut wire) = (Outgoing::new(most), Vec::new());
        let labels = outgoing.say(&text, true, &mut wire);
        let found = read([wire.as_slice()]);
        prop_assert_eq!(found.iter().flat_map(|message| &message.payload).copied().collect::<Vec<_>>(), text);
        let last = found.last().unwrap();
        prop_assert_eq!(last.header.kind, Kind::DataEnd);
        prop_assert_eq!(last.header.parameter, labels.last.number());
        prop_assert!(found.iter().all(|message| labels.has(MessageId::of_number(message.header.parameter))));
    }
}

/// What PyVISA-py 0.8.1 sends for `open_resource`, `write("*IDN?\n")` and `clear`, and what it takes for an
/// answer.
#[test]
fn a_dialogue_of_pyvisa_py() {
    const WIRE: &[u8] = b"HS\x00\x00\x01\x00xx\x00\x00\x00\x00\x00\x00\x00\x07hislip0\
        HS\x11\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\
        HS\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x10\x00\x00\
        HS\x07\x00\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x06*IDN?\n\
        HS\x13\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
        HS\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";
    let found = read([WIRE]);
    let kinds: Vec<_> = found.iter().map(|message| message.header.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Initialize,
            Kind::AsyncInitialize,
            Kind::AsyncMaximumMessageSize,
            Kind::DataEnd,
            Kind::AsyncDeviceClear,
            Kind::DeviceClearComplete,
        ]
    );
    assert_eq!(found[0].payload, b"hislip0");
    let mut own = Vec::new();
    Outgoing::new(1 << 20).say(b"*IDN?\n", false, &mut own);
    let at = WIRE.len() - 32 - own.len();
    assert_eq!(own, WIRE[at..at + own.len()]);
}
