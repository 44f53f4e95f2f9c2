//! The waveform on the wire: preamble and data (guide, chapter 2, `:WAVeform` commands).

use super::capture::{BLOCK_ROOM, Capture};
use super::measure::SCREEN_SAMPLES;
use super::setup::{FORMATS, MIDDLE_CODE, Transfer};
use crate::format::{exponent, short_exponent};
use crate::instrument::Answer;

/// Samples that one read gives at most.
pub(super) const MAX_SAMPLES: u32 = 250_000;

/// The place of RAW in the list of modes; that of MAXimum is before it.
const RAW: usize = 2;

/// Whether a transfer is of the memory: RAW, and MAXimum while the acquisition is stopped.
pub(super) fn is_of_memory(transfer: &Transfer, is_stopped: bool) -> bool {
    transfer.mode == RAW || (transfer.mode > 0 && is_stopped)
}

/// The samples that there are to be read.
pub(super) fn available(capture: Option<&Capture>, of_memory: bool) -> u32 {
    if !of_memory {
        return SCREEN_SAMPLES;
    }
    capture.and_then(|capture| crate::settings::whole(capture.points)).unwrap_or(SCREEN_SAMPLES)
}

/// `0,2,1000,1,2.000000E-4,-1.000000E-1,0.000000,1.9963E-02,-50,128`
pub(super) fn preamble(capture: Option<&Capture>, transfer: &Transfer, of_memory: bool) -> String {
    // BYTE is 0, WORD 1, ASCii 2.
    let format = [1, 0, 2][transfer.format];
    let mode = transfer.mode;
    let captured = capture
        .and_then(|capture| Some((capture, capture.channels.get(transfer.source)?.as_ref()?)));
    let (points, averages, x_increment, x_origin, y_increment, y_origin) = match captured {
        None => (0, 1, 0.0, 0.0, 0.0, 0.0),
        Some((capture, channel)) => (
            wanted(capture, transfer, of_memory).count(),
            capture.averages,
            capture.time_increment(of_memory),
            capture.time_origin(of_memory),
            channel.increment,
            channel.origin,
        ),
    };
    format!(
        "{format},{mode},{points},{averages},{},{},0.000000,{},{:.0},{MIDDLE_CODE:.0}",
        short_exponent(x_increment),
        short_exponent(x_origin),
        exponent(y_increment, 4),
        y_origin + 0.0,
    )
}

/// The data between start and stop: a block `#9000001000...`, empty where nothing was captured (quirk Q5), or
/// voltages between commas.
pub(super) fn data(capture: Option<&Capture>, transfer: &Transfer, of_memory: bool) -> Answer {
    let source = transfer.source;
    let range = capture.map_or(0..0, |capture| wanted(capture, transfer, of_memory));
    let codes = || capture.map_or_else(Vec::new, |it| it.codes(source, range.clone(), of_memory));
    match (FORMATS[transfer.format], capture) {
        ("ASCii", Some(capture)) => {
            let codes = codes();
            let volts = codes.iter().map(|code| short_exponent(capture.volts(source, *code)));
            Answer::Text(volts.collect::<Vec<_>>().join(","))
        }
        // Two bytes a sample, the low one first, of which the high one is always 0.
        ("WORD", _) => {
            Answer::Bytes(block(&codes().iter().flat_map(|code| [*code, 0]).collect::<Vec<_>>()))
        }
        // A deep memory is copied once.
        ("BYTE", Some(capture)) if capture.has(source) => {
            let mut block = Vec::with_capacity(range.len() + BLOCK_ROOM);
            block.extend_from_slice(format!("#9{:09}", range.len()).as_bytes());
            capture.add_codes(source, range, of_memory, &mut block);
            Answer::Bytes(block)
        }
        _ => Answer::Bytes(block(&[])),
    }
}

/// The indices that are read.
fn wanted(capture: &Capture, transfer: &Transfer, of_memory: bool) -> std::ops::Range<u32> {
    let end = transfer.stop.min(available(Some(capture), of_memory));
    let start = transfer.start.saturating_sub(1).min(end);
    start..end.min(start.saturating_add(MAX_SAMPLES))
}

/// Always with nine digits of length, as these instruments do.
fn block(data: &[u8]) -> Vec<u8> {
    [format!("#9{:09}", data.len()).as_bytes(), data].concat()
}
