//! Reading a tape.

use std::collections::BTreeMap;
use std::time::Duration;

/// The most bytes that one piece may stand for.
const MAX_PIECE_BYTES: usize = 256 << 20;

/// A line of a tape that is none, or a tape that cannot be said again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}; {right}")]
pub struct TapeFault {
    /// The file's name, as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub right: String,
}

/// What was said to each instrument, and what it said.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape {
    /// In the order of their addresses.
    pub(super) instruments: BTreeMap<String, Vec<Turn>>,
}

/// A message, and what came before the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Turn {
    /// With its end.
    pub(super) sent: Vec<u8>,
    /// Each piece, and how long after the message it came.
    pub(super) came: Vec<(Duration, Vec<u8>)>,
    /// When it was sent.
    at: Duration,
}

/// A line taken apart.
struct Piece<'l> {
    at: Duration,
    address: &'l str,
    sign: &'l str,
    text: &'l str,
}

impl Tape {
    /// Reads a tape; `file` is its name in messages.
    ///
    /// # Errors
    /// The first line that is none, or that is of a kind of address that cannot be said again.
    pub fn parse(file: &str, text: &str) -> Result<Self, TapeFault> {
        let mut instruments: BTreeMap<String, Vec<Turn>> = BTreeMap::new();
        let mut last = 0;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fault = |(what, right): (String, &str)| TapeFault {
                file: file.to_owned(),
                line: number + 1,
                what,
                right: right.to_owned(),
            };
            last = number + 1;
            let piece = piece(line).map_err(fault)?;
            let turns = instruments.entry(piece.address.to_owned()).or_default();
            match piece.sign {
                ">" => sent(turns, &piece, bytes(piece.text).map_err(fault)?),
                "<" => came(turns, &piece, bytes(piece.text).map_err(fault)?),
                _ => {}
            }
        }
        instruments.retain(|_, turns| !turns.is_empty());
        if instruments.is_empty() {
            let (what, right) = ("nothing is said on this tape", "a tape of --trace is wanted");
            let (what, right) = (what.to_owned(), right.to_owned());
            return Err(TapeFault { file: file.to_owned(), line: last.max(1), what, right });
        }
        Ok(Self { instruments })
    }
}

fn piece(line: &str) -> Result<Piece<'_>, (String, &'static str)> {
    let right = "SECONDS ADDRESS > BYTES, < BYTES or # NOTE is wanted";
    let none = || (format!("'{}' is no line of a tape", line.escape_debug()), right);
    let mut parts = line.splitn(4, ' ');
    let (seconds, address) = (parts.next().ok_or_else(none)?, parts.next().ok_or_else(none)?);
    let (sign, text) = (parts.next().ok_or_else(none)?, parts.next().unwrap_or_default());
    let seconds: f64 = seconds.parse().map_err(|_| none())?;
    let at = Duration::try_from_secs_f64(seconds).map_err(|_| none())?;
    if !matches!(sign, ">" | "<" | "#") {
        return Err(none());
    }
    if !address.starts_with("tcp://") && !address.starts_with("serial://") {
        let what = format!("'{address}' is neither a raw socket nor a serial line");
        return Err((what, "only what is said there can be said again"));
    }
    Ok(Piece { at, address, sign, text })
}

/// Messages as they were sent, each a turn of its own; what has no end goes on in the next piece.
fn sent(turns: &mut Vec<Turn>, piece: &Piece<'_>, bytes: Vec<u8>) {
    for part in bytes.split_inclusive(|byte| *byte == b'\n') {
        match turns.last_mut().filter(|turn| !turn.sent.ends_with(b"\n") && turn.came.is_empty()) {
            Some(turn) => turn.sent.extend_from_slice(part),
            None => {
                turns.push(Turn { sent: part.to_vec(), came: Vec::new(), at: piece.at });
            }
        }
    }
}

fn came(turns: &mut Vec<Turn>, piece: &Piece<'_>, bytes: Vec<u8>) {
    if turns.is_empty() {
        // Said without being asked.
        turns.push(Turn { at: piece.at, ..Turn::default() });
    }
    if let Some(turn) = turns.last_mut() {
        turn.came.push((piece.at.saturating_sub(turn.at), bytes));
    }
}

/// Bytes as a tape shows them: `\n`, `\x00`, and how many there were where not all are shown, which are zeros then.
fn bytes(text: &str) -> Result<Vec<u8>, (String, &'static str)> {
    let (shown, length) = cut(text);
    let mut bytes = Vec::with_capacity(shown.len());
    let mut rest = shown.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let escaped = rest.next().and_then(|letter| match letter {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'\\' | b'"' | b'\'' => Some(letter),
            b'x' => hex(rest.next()?, rest.next()?),
            _ => None,
        });
        let none =
            || (format!("'{}' ends in no byte", text.escape_debug()), "\\n or \\x00 is wanted");
        bytes.push(escaped.ok_or_else(none)?);
    }
    if let Some(length) = length.filter(|length| *length <= MAX_PIECE_BYTES) {
        bytes.resize(length.max(bytes.len()), 0);
    }
    Ok(bytes)
}

/// `ab... (6 bytes)`
fn cut(text: &str) -> (&str, Option<usize>) {
    let found = text
        .rsplit_once("... (")
        .and_then(|(shown, count)| Some((shown, count.strip_suffix(" bytes)")?.parse().ok()?)));
    found.map_or((text, None), |(shown, count)| (shown, Some(count)))
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_of_a_dialogue() {
        let tape = Tape::parse(
            "t",
            "0.1 tcp://h:1 # connected\n0.2 tcp://h:1 > :A 1\\n*IDN?\\n\n0.3 tcp://h:1 < AC\n\
             0.4 tcp://h:1 < ME\\x00\\n\n0.5 tcp://h:1 > B?\\n\n0.6 tcp://h:1 < #... (6 bytes)\n",
        );
        let turns = &tape.unwrap().instruments["tcp://h:1"];
        let said: Vec<_> = turns.iter().map(|turn| turn.sent.as_slice()).collect();
        assert_eq!(said, [b":A 1\n".as_slice(), b"*IDN?\n", b"B?\n"]);
        let times: Vec<_> = turns[1].came.iter().map(|(time, _)| time.as_millis()).collect();
        assert_eq!(
            (times, turns[1].came[1].1.as_slice()),
            (vec![100, 200], b"ME\x00\n".as_slice())
        );
        assert_eq!(turns[2].came[0].1, b"#\0\0\0\0\0");
    }

    #[test]
    fn what_is_no_tape() {
        for (text, line, what) in [
            ("", 1, "nothing is said on this tape"),
            ("0.1 tcp://h:1 > A\nfoo", 2, "'foo' is no line of a tape"),
            ("x tcp://h:1 > A", 1, "'x tcp://h:1 > A' is no line of a tape"),
            (
                "0 vxi11://h:1/inst0 > A",
                1,
                "'vxi11://h:1/inst0' is neither a raw socket nor a serial line",
            ),
            ("0 tcp://h:1 > A\\", 1, "'A\\\\' ends in no byte"),
        ] {
            let fault = Tape::parse("t", text).unwrap_err();
            assert_eq!((fault.line, fault.what.as_str()), (line, what));
        }
    }
}
