//! VXI-11 in every split, and a dialogue as third parties have it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

use proptest::prelude::*;
use scpi_protocol::vxi11::{
    Call, CreateLink, CreatedLink, DeviceError, Procedure, ReadReply, Records, Reply, Write, Xdr,
    call, record, reply,
};

fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<Vec<u8>> {
    let (mut records, mut found) = (Records::new(1 << 20), Vec::new());
    for mut piece in pieces {
        while let Some(record) = records.next(&mut piece).unwrap() {
            found.push(record);
        }
    }
    found
}

proptest! {
    #[test]
    fn records_read_back_in_every_split(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..5),
        size in 1_usize..50,
    ) {
        let wire: Vec<u8> = bodies.iter().flat_map(|body| record(body)).collect();
        prop_assert_eq!(&read(wire.chunks(size)), &bodies);
    }

    #[test]
    fn what_is_asked_reads_back(
        link in any::<i32>(),
        flags in any::<i32>(),
        data in proptest::collection::vec(any::<u8>(), 0..50),
    ) {
        let asked = Write { link, io_timeout_ms: 1, lock_timeout_ms: 2, flags, data };
        let wire = call(3, Procedure::Write, &asked);
        let records = read([wire.as_slice()]);
        let (header, rest) = Call::parse(&records[0]).unwrap();
        prop_assert_eq!(header.procedure(), Some(Procedure::Write));
        prop_assert_eq!(Write::of_bytes(rest).unwrap(), asked);
    }

    #[test]
    fn no_bytes_stop_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut records = Records::new(100);
        let mut input = bytes.as_slice();
        while let Ok(Some(_)) = records.next(&mut input) {}
        let _ = Call::parse(&bytes);
        let _ = Reply::parse(&bytes);
        let _ = CreateLink::of_bytes(&bytes);
        let _ = ReadReply::of_bytes(&bytes);
    }
}

/// The reply to a link (number 0, no bound on what is taken), and one whose last word is not filled up.
#[test]
fn replies_of_instruments_as_they_are() {
    let created = CreatedLink {
        error: DeviceError(0),
        link: 0,
        abort_port: 1024,
        max_receive_bytes: u32::MAX,
    };
    let wire = reply(9, &created);
    let words: [u32; 11] = [0x8000_0028, 9, 1, 0, 0, 0, 0, 0, 0, 1024, 0xFFFF_FFFF];
    assert_eq!(wire, words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>());
    let unfilled = b"\0\0\0\x09\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
        \0\0\0\0\0\0\0\x04\0\0\0\x021\n";
    let (header, said) = Reply::parse(unfilled).unwrap();
    assert_eq!(header.xid, 9);
    let found = ReadReply::of_bytes(said.unwrap()).unwrap();
    assert_eq!((found.reason, found.data.as_slice()), (4, &b"1\n"[..]));
}
