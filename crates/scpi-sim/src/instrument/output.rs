//! The answers to a message, and how they go out.

use std::time::Duration;

use super::Answer;
use crate::faults::FaultAction;
use crate::quirks::{Asked, Quirks, dressed, finished};

/// What a fault answers that garbles.
const GARBAGE: &[u8] = b"\x7f~@\x12\xfe%^&\x00\x81]";

/// By how much the length of a block is wrong where it shall be, in bytes.
const TOO_LONG: usize = 7;

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Next {
    /// It goes on.
    #[default]
    GoOn,
    /// It ends at once.
    Close,
    /// It is reset.
    Reset,
    /// Nothing goes either way any more.
    HalfOpen,
    /// Nothing is read any more.
    Deaf,
    /// All connections are reset, and nobody comes in for so long.
    Crash(Duration),
}

/// How bytes go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum How {
    /// All at once.
    #[default]
    AtOnce,
    /// One by one, with so much time between them.
    ByteByByte(Duration),
    /// With those that come after them.
    Later,
}

/// What a message led to.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) bytes: Vec<u8>,
    pub(crate) how: How,
    pub(crate) next: Next,
}

impl Sent {
    /// Nothing goes out, and this becomes of the connection.
    pub(crate) fn nothing(next: Next) -> Self {
        Self { next, ..Self::default() }
    }
}

/// The answers to a message, as they go out in one piece.
#[derive(Debug, Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    pub(super) answers: usize,
    /// Nothing can follow.
    pub(super) is_over: bool,
    is_cut: bool,
    how: How,
    /// What comes back before the answers.
    echo: Vec<u8>,
}

/// What an instrument remembers of its answers.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// The last one.
    pub(super) last: Option<Answer>,
    /// A block that is still to come (quirk Q22).
    pub(super) late: Option<Vec<u8>>,
    /// How many there were.
    pub(super) count: u64,
}

impl Output {
    /// What a fault does to the whole message.
    pub(super) fn struck(&mut self, fault: FaultAction, message: &[u8]) {
        match fault {
            FaultAction::Split => self.how = How::ByteByByte(Duration::ZERO),
            FaultAction::Drip(pause) => self.how = How::ByteByByte(pause),
            FaultAction::Hold => self.how = How::Later,
            FaultAction::Echo => self.echo = [message, b"\n"].concat(),
            _ => {}
        }
    }

    /// Adds an answer as faults and quirks make it.
    pub(super) fn push(
        &mut self,
        answer: Answer,
        fault: Option<FaultAction>,
        overload: &str,
        asked: &Asked<'_>,
        answered: &mut Answered,
        quirks: &Quirks,
    ) {
        self.is_over |= matches!(answer, Answer::Last(_));
        let answer = match fault {
            Some(FaultAction::Silent) => return,
            Some(FaultAction::Garbage) => Answer::Bytes(GARBAGE.to_vec()),
            Some(FaultAction::Overload) => Answer::Text(overload.to_owned()),
            Some(FaultAction::WrongLength) => wrong_length(answer),
            Some(FaultAction::Stale) => answered.last.replace(answer.clone()).unwrap_or(answer),
            _ => answer,
        };
        let Some(answer) = dressed(answer, asked) else { return };
        answered.count += 1;
        if !matches!(answer, Answer::Bytes(_)) {
            answered.last = Some(answer.clone());
        }
        let bytes = match answer {
            Answer::Text(text) | Answer::Last(text) => text.into_bytes(),
            Answer::Bytes(bytes) => bytes,
        };
        let bytes = match late(bytes, answered, quirks) {
            Some(bytes) if !self.is_cut => bytes,
            _ => return,
        };
        self.add(bytes, fault == Some(FaultAction::Cut));
    }

    fn add(&mut self, bytes: Vec<u8>, is_cut: bool) {
        self.is_cut = is_cut;
        let kept = if is_cut { bytes.len() / 2 } else { bytes.len() };
        if self.answers == 0 {
            // A waveform is not copied.
            self.bytes = bytes;
            self.bytes.truncate(kept);
        } else {
            self.bytes.push(b';');
            self.bytes.extend(bytes.iter().take(kept));
        }
        self.answers += 1;
    }

    /// All of it, with its end.
    pub(super) fn finish(mut self, quirks: &Quirks) -> Sent {
        if self.answers > 0 && !self.is_cut {
            self.bytes.push(b'\n');
        }
        if !self.bytes.is_empty() && !quirks.is_empty() {
            self.bytes = finished(self.bytes, quirks);
        }
        if !self.echo.is_empty() {
            self.bytes.splice(..0, self.echo);
        }
        Sent { bytes: self.bytes, how: self.how, next: Next::GoOn }
    }
}

/// Quirk Q22: a block does not come, until something else is asked.
fn late(bytes: Vec<u8>, answered: &mut Answered, quirks: &Quirks) -> Option<Vec<u8>> {
    if !quirks.has(22) {
        return Some(bytes);
    }
    if bytes.starts_with(b"#") {
        answered.late = Some(bytes);
        return None;
    }
    Some(answered.late.take().unwrap_or(bytes))
}

fn wrong_length(answer: Answer) -> Answer {
    let Answer::Bytes(bytes) = &answer else { return answer };
    let digit = bytes.get(1).and_then(|digit| digit.checked_sub(b'0'));
    let digits = usize::from(digit.unwrap_or(0));
    let data = bytes.get(2 + digits..).unwrap_or_default();
    let header = format!("#9{:09}", data.len() + TOO_LONG);
    Answer::Bytes([header.as_bytes(), data].concat())
}
