//! The framer against the framing quirks, and against every way to split a stream.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

use proptest::prelude::*;
use scpi_protocol::framer::{
    AfterBlock, Assembler, BlockLength, Content, EmptyLines, Ending, Frame, FrameError, Framer,
    FramerConfig, IndefiniteBlock, Terminator,
};

/// The messages of a stream that arrives in these pieces.
fn messages<'s>(
    config: FramerConfig,
    pieces: impl IntoIterator<Item = &'s [u8]>,
) -> Result<Vec<Vec<u8>>, FrameError> {
    let (mut assembler, mut found) = (Assembler::new(config), Vec::new());
    for mut piece in pieces {
        while let Some(message) = assembler.next(&mut piece)? {
            found.push(message.to_vec());
        }
    }
    Ok(found)
}

fn config() -> FramerConfig {
    FramerConfig { max_line_bytes: 200, max_block_bytes: 1000, ..FramerConfig::default() }
}

/// Longer than what is looked at byte by byte.
const LONG_LIST: &[u8] = b"+1.00000000E+00,+2.00000000E+00,+3.00000000E+00,+4.00000000E+00,\
    +5.00000000E+00,+6.00000000E+00,+7.00000000E+00,+8.00000000E+00,+9.0E+0\r\n";

/// Its beginning, and more behind it.
const LONG_MIXED: &[u8] = b"+1.00000000E+00,+2.00000000E+00,+3.00000000E+00,+4.00000000E+00,\
    +5.00000000E+00,+6.00000000E+00,+7.00000000E+00,+8.00000000E+00,+9.0E+0,\"x\ny\",#12\n;";

/// Its id, how the dialect frames, the bytes, the messages in them.
type Quirk = (&'static str, FramerConfig, Vec<u8>, Vec<&'static [u8]>);

fn quirks() -> Vec<Quirk> {
    let lines = config();
    let no_terminator = FramerConfig { after_block: AfterBlock::Nothing, ..config() };
    let keep = FramerConfig { empty_lines: EmptyLines::Keep, ..config() };
    let carriage = FramerConfig { terminator: Terminator::CarriageReturn, ..config() };
    let unstated = FramerConfig { indefinite: IndefiniteBlock::UntilTerminator, ..config() };
    let plain = FramerConfig { content: Content::PlainText, ..config() };
    let counted = FramerConfig { block_length: BlockLength::WithTerminator, ..config() };
    let samples = FramerConfig { block_length: BlockLength::Samples(2), ..config() };
    vec![
        ("Q2 samples", samples, b"#12a\nbc\n1\n".to_vec(), vec![b"#14a\nbc", b"1"]),
        ("Q6 counts it", counted, b"#13a\n\n1\n#10".to_vec(), vec![b"#12a\n", b"1"]),
        ("a long list", lines, LONG_LIST.to_vec(), vec![LONG_LIST.strip_suffix(b"\r\n").unwrap()]),
        (
            "a long list with a string and a block behind it",
            lines,
            [&LONG_LIST[..135], b",\"x\ny\",#12\n;\n1\n"].concat(),
            vec![LONG_MIXED, b"1"],
        ),
        ("Q1 two line feeds", lines, b"#13abc\n\n1\n".to_vec(), vec![b"#13abc", b"1"]),
        (
            "Q3 header echo",
            lines,
            b"C1:WF ALL,#9000000003a\nb\n".to_vec(),
            vec![b"C1:WF ALL,#9000000003a\nb"],
        ),
        ("Q5 empty block", lines, b"#9000000000\n7\n".to_vec(), vec![b"#9000000000", b"7"]),
        ("Q6 no terminator", no_terminator, b"#13a\nb#11c".to_vec(), vec![b"#13a\nb", b"#11c"]),
        ("Q6 one all the same", no_terminator, b"#11c\n1\n".to_vec(), vec![b"#11c", b"1"]),
        ("Q9 empty line first", lines, b"\n+1.5\n".to_vec(), vec![b"+1.5"]),
        ("Q9 kept", keep, b"\n+1.5\n".to_vec(), vec![b"", b"+1.5"]),
        ("Q10 NUL first", lines, b"\0+1.5\n\0+2\n".to_vec(), vec![b"+1.5", b"+2"]),
        ("Q11 LF CR", lines, b"1\n\r2\n\r".to_vec(), vec![b"1", b"2"]),
        ("Q11 CR LF", lines, b"1\r\n2\r\n".to_vec(), vec![b"1", b"2"]),
        ("Q11 CR", carriage, b"1\r2\r\n3\r".to_vec(), vec![b"1", b"2", b"3"]),
        ("two blocks", lines, b"#12a\n,#11\n;\"x\ny\"\n".to_vec(), vec![b"#12a\n,#11\n;\"x\ny\""]),
        ("no block", lines, b"#HFF\n#3ab\n1#15x\n".to_vec(), vec![b"#HFF", b"#3ab", b"1#15x"]),
        ("apostrophe in a word", lines, b"0,No 'x'\nBob's\n".to_vec(), vec![b"0,No 'x'", b"Bob's"]),
        ("#0 as text", unstated, b"#01,2,3\n4\n".to_vec(), vec![b"#01,2,3", b"4"]),
        ("arbitrary text", plain, b"ACME, #19 'x,1\n".to_vec(), vec![b"ACME, #19 'x,1"]),
    ]
}

#[test]
fn quirks_frame_whole_and_split_at_every_byte() {
    for (quirk, config, stream, wanted) in quirks() {
        let whole = messages(config, [stream.as_slice()]).unwrap();
        assert_eq!(whole, wanted, "{quirk}");
        for at in 0..=stream.len() {
            let (one, two) = stream.split_at(at);
            assert_eq!(messages(config, [one, two]).unwrap(), wanted, "{quirk} split at {at}");
        }
        assert_eq!(messages(config, stream.chunks(1)).unwrap(), wanted, "{quirk} byte by byte");
    }
}

#[test]
fn bounds_are_kept_before_anything_is_reserved() {
    let long = "1".repeat(201);
    for (stream, error) in [
        (long.as_bytes(), FrameError::LineTooLong { max_bytes: 200 }),
        (b"#9999999999", FrameError::BlockTooLong { length: 999_999_999, max_bytes: 1000 }),
        (b"#41001", FrameError::BlockTooLong { length: 1001, max_bytes: 1000 }),
        (b"#0abc\n", FrameError::IndefiniteBlock),
    ] {
        assert_eq!(messages(config(), [stream]), Err(error));
        assert_eq!(messages(config(), stream.chunks(1)), Err(error));
    }
}

#[test]
fn a_failed_framer_stays_failed_until_it_is_reset() {
    let mut framer = Framer::new(config());
    assert!(framer.next(&mut &b"#0"[..]).is_err());
    assert!(framer.next(&mut &b"1\n"[..]).is_err());
    framer.reset();
    assert_eq!(framer.next(&mut &b"1\n"[..]), Ok(Some(Frame::Line(b"1"))));
}

#[test]
fn says_what_it_waits_for() {
    for (stream, waiting) in [
        ("", "the first byte of an answer"),
        ("\n", "the first byte of an answer"),
        ("1.5", "a line feed"),
        ("\"open", "the closing \" of a string"),
        ("#42", "the length of a block"),
        ("#15ab", "3 more bytes of a block of 5"),
        ("#12ab", "a line feed behind the block"),
    ] {
        let mut framer = Framer::new(config());
        let mut input = stream.as_bytes();
        while framer.next(&mut input).unwrap().is_some() {}
        assert_eq!(framer.waiting_for().to_string(), waiting, "{stream}");
    }
}

#[test]
fn a_line_in_one_piece_is_not_copied() {
    let stream = b"+1.5E+00\n".to_vec();
    let mut framer = Framer::new(config());
    let mut input = stream.as_slice();
    match framer.next(&mut input).unwrap() {
        Some(Frame::Line(line)) => assert!(std::ptr::eq(line.as_ptr(), stream.as_ptr())),
        other => panic!("{other:?}"),
    }
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let element = prop_oneof![
        "[A-Za-z0-9+.-]{1,8}".prop_map(String::into_bytes),
        "\"[a-z,;\n#]{0,6}\"".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..20)
            .prop_map(|data| scpi_protocol::block::definite(&data)),
    ];
    proptest::collection::vec(element, 1..5).prop_map(|elements| elements.join(&b','))
}

proptest! {
    #[test]
    fn any_split_gives_the_same_messages(
        sent in proptest::collection::vec(message(), 1..5),
        cuts in proptest::collection::vec(1_usize..12, 1..40),
    ) {
        let stream: Vec<u8> = sent.iter().flat_map(|m| m.iter().copied().chain([b'\n'])).collect();
        let (mut pieces, mut rest) = (Vec::new(), stream.as_slice());
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*cut));
            pieces.push(piece);
            rest = after;
            if rest.is_empty() { break; }
        }
        prop_assert_eq!(messages(config(), pieces).unwrap(), sent);
    }

    #[test]
    fn garbage_never_stops_it(stream in proptest::collection::vec(any::<u8>(), 0..300)) {
        let whole = messages(config(), [stream.as_slice()]);
        prop_assert_eq!(messages(config(), stream.chunks(1)).is_err(), whole.is_err());
    }
}

/// A message whose end the carrier says, in pieces of this size.
fn carried(
    config: FramerConfig,
    message: &[u8],
    size: usize,
) -> Result<Option<Vec<u8>>, FrameError> {
    let mut framer = Framer::new(config);
    framer.set_ending(Ending::Carrier);
    let mut found = Vec::new();
    for mut piece in message.chunks(size) {
        while let Some(frame) = framer.next(&mut piece)? {
            match frame {
                Frame::BlockStart { text, header, .. } => found.extend([text, header].concat()),
                Frame::BlockChunk(bytes) => found.extend_from_slice(bytes),
                Frame::BlockEnd => {}
                Frame::Line(line) => panic!("a line before the end: {line:?}"),
            }
        }
    }
    let last = framer.end()?.map(|frame| match frame {
        Frame::Line(line) => line.to_vec(),
        other => panic!("{other:?} at the end"),
    });
    assert!(framer.is_between_messages());
    Ok(last.map(|line| [found, line].concat()))
}

/// Where END is known, a line feed before it is data, and `#0` has an end (IEEE 488.2 clause 8.7.10).
#[test]
fn the_carrier_ends_a_message() {
    let nothing_after = FramerConfig { after_block: AfterBlock::Nothing, ..config() };
    for (config, message, wanted) in [
        (config(), &b"5\n"[..], Some(&b"5"[..])),
        (config(), b"5", Some(b"5")),
        (config(), b"a\nb\r\n", Some(b"a\nb")),
        (config(), b"\n\0 5\n\n", Some(b" 5")),
        (config(), b"#15a\nb\nc\n\n", Some(b"#15a\nb\nc")),
        (config(), b"#15a\nb\nc", Some(b"#15a\nb\nc")),
        (nothing_after, b"#12\n\n\n", Some(b"#12\n\n")),
        (config(), b"#0a\n\"#9,#9\n\n", Some(b"#0a\n\"#9,#9\n")),
        (config(), b"\n", None),
        (config(), b"", None),
    ] {
        for size in 1..=message.len().max(1) {
            let found = carried(config, message, size).unwrap();
            assert_eq!(found.as_deref(), wanted, "{} by {size}", message.escape_ascii());
        }
    }
    let found = carried(config(), b"#15a\n", 9);
    assert_eq!(found, Err(FrameError::EndInBlock { missing: 3, length: 5 }));
}
