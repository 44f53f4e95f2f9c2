//! What the fuzz targets do, and the test that replays their kept inputs on the stable compiler: bytes go through a
//! parser, and what must hold for any bytes is held.

#![allow(dead_code, reason = "each target uses one of them")]

use exact_decimal::Decimal;
use scpi_protocol::address::Address;
use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::framer::{
    AfterBlock, Assembler, BlockLength, Chunks, Content, EmptyLines, Ending, Frame, Framer,
    FramerConfig, IndefiniteBlock, Terminator, Unchunker,
};
use scpi_protocol::hislip::Messages;
use scpi_protocol::identity::Identity;
use scpi_protocol::mdns;
use scpi_protocol::preamble::{Preamble, Values};
use scpi_protocol::program::{ProgramMessage, units};
use scpi_protocol::response::{Response, decode_list};
use scpi_protocol::vxi11::{Call, Records, Reply};

/// Takes any bytes, and panics where something does not hold.
type Body = fn(&[u8]);

/// The bodies by the names of their targets.
pub(crate) const ALL: [(&str, Body); 7] = [
    ("framer", framer),
    ("response", response),
    ("program", program),
    ("text", text),
    ("wire", wire),
    ("preamble", preamble),
    ("list", list),
];

const MAX_BYTES: usize = 1 << 16;

/// Any split gives the same messages; no more is kept than is allowed.
pub(crate) fn framer(data: &[u8]) {
    let Some((&[choices, more, size], stream)) = data.split_first_chunk::<3>() else { return };
    let config = config(choices, more);
    let whole = messages(config, [stream]);
    let split = messages(config, stream.chunks(usize::from(size) + 1));
    assert_eq!(whole, split, "{config:?}");
    let mut framer = Framer::new(config);
    framer.set_ending(Ending::Carrier);
    let mut rest = stream;
    while let Ok(Some(frame)) = framer.next(&mut rest) {
        if let Frame::BlockStart { length, .. } = frame {
            assert!(length <= MAX_BYTES);
        }
    }
    let _ = framer.waiting_for().to_string();
    let _ = framer.end();
    unchunk(stream, usize::from(size) + 1);
}

fn config(choices: u8, more: u8) -> FramerConfig {
    let has = |bit: u8| choices & 1 << bit != 0;
    FramerConfig {
        terminator: if has(0) { Terminator::CarriageReturn } else { Terminator::LineFeed },
        content: if has(1) { Content::PlainText } else { Content::Elements },
        indefinite: if has(2) { IndefiniteBlock::UntilTerminator } else { IndefiniteBlock::Refuse },
        after_block: if has(3) { AfterBlock::Nothing } else { AfterBlock::Terminator },
        empty_lines: if has(4) { EmptyLines::Keep } else { EmptyLines::Skip },
        block_length: match more % 4 {
            0 | 1 => BlockLength::Bytes,
            2 => BlockLength::WithTerminator,
            _ => BlockLength::Samples(2),
        },
        chunks: Chunks::None,
        max_line_bytes: MAX_BYTES,
        max_block_bytes: MAX_BYTES,
    }
}

/// The messages up to the first that cannot be framed.
fn messages<'s>(config: FramerConfig, pieces: impl IntoIterator<Item = &'s [u8]>) -> Vec<Vec<u8>> {
    let (mut assembler, mut found) = (Assembler::new(config), Vec::new());
    for mut piece in pieces {
        loop {
            match assembler.next(&mut piece) {
                Ok(Some(message)) => found.push(message.to_vec()),
                Ok(None) => break,
                Err(_) => return found,
            }
        }
    }
    found
}

fn unchunk(stream: &[u8], size: usize) {
    let mut whole = stream.to_vec();
    Unchunker::new(Chunks::LittleEndian).strip(&mut whole);
    let mut unchunker = Unchunker::new(Chunks::LittleEndian);
    let mut pieces = Vec::new();
    for piece in stream.chunks(size) {
        let mut piece = piece.to_vec();
        unchunker.strip(&mut piece);
        pieces.extend(piece);
    }
    assert_eq!(whole, pieces);
}

/// Whatever a number is read as, its digits are those that came.
pub(crate) fn response(data: &[u8]) {
    let answer = Response::new(data.to_vec());
    let message = answer.parse();
    assert!(message.units.iter().all(|unit| !unit.data.is_empty()));
    if let Ok(number) = answer.number() {
        assert!(data.windows(number.text.len()).any(|part| part == number.text.as_bytes()));
        if let Ok(value) = number.text.parse::<f64>() {
            assert!(!value.is_nan());
        }
    }
    if let (Ok(integer), Ok(number)) = (answer.integer(), answer.number()) {
        let value: Option<Decimal> = number.text.parse().ok();
        assert_eq!(
            value.map(|it| it.without_trailing_zeros()),
            Some(Decimal::from(integer).without_trailing_zeros())
        );
    }
    let _ = (answer.numeric(), answer.boolean(), answer.string(), answer.block(), answer.text());
    let _ = answer.numbers().map(|all| all.len());
}

/// What is understood reads back from its print as the same.
pub(crate) fn program(data: &[u8]) {
    for unit in units(data) {
        let _ = unit.map_err(|error| error.to_string());
    }
    if let Ok(message) = ProgramMessage::parse(data) {
        let printed = message.to_bytes();
        let again = ProgramMessage::parse(&printed);
        assert_eq!(again.as_ref(), Ok(&message), "{}", printed.escape_ascii());
    }
}

/// Lines of text: what they say reads back from its print.
pub(crate) fn text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(entry) = text.parse::<ErrorEntry>() {
        let again = entry.to_string().parse::<ErrorEntry>();
        assert_eq!(again.map(|it| it.code), Ok(entry.code));
    }
    if let Ok(identity) = text.parse::<Identity>() {
        assert!(identity.is_same_equipment(&identity));
        assert!(!identity.to_string().contains('\n'));
    }
    if let Ok(address) = text.parse::<Address>() {
        let printed = address.to_string();
        assert_eq!(printed.parse(), Ok(address), "{printed}");
    }
}

/// Messages of the carriers, and of discovery.
pub(crate) fn wire(data: &[u8]) {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let (mut messages, mut rest) = (Messages::new(limit), data);
    while let Ok(Some(_)) = messages.next(&mut rest) {}
    let (mut records, mut rest) = (Records::new(MAX_BYTES), data);
    while let Ok(Some(record)) = records.next(&mut rest) {
        assert!(record.len() <= MAX_BYTES);
        let _ = (Call::parse(&record), Reply::parse(&record).map(|(reply, _)| reply.xid));
    }
    let _ = (Call::parse(data), Reply::parse(data).map(|(reply, _)| reply.xid));
    if let Ok(found) = mdns::records(data) {
        assert!(found.len() <= mdns::MAX_RECORDS);
    }
}

/// Preambles, and the codes of a block by them.
pub(crate) fn preamble(data: &[u8]) {
    let answer = Response::new(data.to_vec());
    let all = [Preamble::rigol(&answer), Preamble::keysight(&answer), Preamble::tektronix(&answer)];
    let record = Preamble::siglent(data, &Decimal::from(1), 10);
    for preamble in all.into_iter().chain([record]).flatten() {
        let _ = (preamble.vertical.value(-1), preamble.horizontal.time(1));
        let _ = preamble.encoding.codes(data);
        if let Ok(mut values) = Values::of(&preamble) {
            let mut found = Vec::new();
            values.push(data, &mut found);
            assert_eq!(found.len(), data.len() / values.sample_bytes());
        }
    }
}

/// A list of floats is read as the standard library reads its elements, bit for bit.
pub(crate) fn list(data: &[u8]) {
    let mut found: Vec<f64> = Vec::new();
    if decode_list(data, &mut found).is_err() {
        return;
    }
    let elements = data.split(|byte| *byte == b',');
    let wanted: Option<Vec<u64>> = elements
        .map(|element| {
            let text = std::str::from_utf8(element.trim_ascii()).ok()?;
            text.parse::<f64>().ok().map(f64::to_bits)
        })
        .collect();
    assert_eq!(wanted, Some(found.into_iter().map(f64::to_bits).collect()));
}
