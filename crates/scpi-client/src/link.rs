//! The receiving half: bytes to answers, answers to their queries.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use scpi_protocol::framer::{Chunks, Content, Ending, Frame, Framer, Unchunker};
use scpi_protocol::hislip::Labels;
use scpi_protocol::identity::Identity;
use scpi_protocol::session::{Arrival, OutOfStep, Session};
use tokio::time::Instant;

use crate::config::{ClientConfig, SLOWEST_BLOCK_BYTES_PER_SECOND};
use crate::error::{Cause, Unanswered};
use crate::hint::Before;
use crate::history::{Head, History};
use crate::sink::{Discard, Sink};
use crate::tape::{Recorder, TapeEvent};
use crate::transport::{Arrived, ReadHalf};
use crate::writer::closed;

/// Bytes that one read takes at most, of short answers.
const READ_BYTES: usize = 64 << 10;

/// The same of long ones.
const MAX_READ_BYTES: usize = 256 << 10;

/// Bytes that are looked at although nothing is owed, before the connection is given up.
const MAX_UNASKED_BYTES: u64 = 1 << 20;

/// What is known about the answers of a connection.
pub(crate) struct Link {
    pub(crate) current: Option<ReadHalf>,
    /// The number of the last connection that it had.
    pub(crate) generation: u64,
    pub(crate) session: Session,
    /// The queries whose answers are owed, oldest first.
    pub(crate) owed: VecDeque<Vec<u8>>,
    /// An answered query's buffer, for the next one.
    spare: Vec<u8>,
    pub(crate) known: Option<Identity>,
    /// Where this connection can be cleared.
    pub(crate) control_port: Option<u16>,
    /// A new connection, on which the known identity is not confirmed yet.
    pub(crate) is_unconfirmed: bool,
    history: History,
    /// When the last exchange ended, and how long after it the one at hand began.
    last_end: Option<Instant>,
    pause: Option<Duration>,
    framer: Framer,
    /// Takes the lengths of chunks out of what comes.
    unchunker: Unchunker,
    /// What the last read gave, and how much of it is framed.
    read: Vec<u8>,
    framed: usize,
    /// Whether the carrier says that the answer ends with it.
    ends: bool,
    /// Of the answer that is coming.
    received: Head,
}

/// What became of the bytes at hand.
struct Pumped {
    is_complete: bool,
    announced_bytes: usize,
}

impl Link {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        Self {
            current: None,
            generation: 0,
            session: Session::new(),
            owed: VecDeque::new(),
            spare: Vec::new(),
            known: None,
            control_port: None,
            is_unconfirmed: false,
            history: History::default(),
            last_end: None,
            pause: None,
            framer: Framer::new(config.framing),
            unchunker: Unchunker::new(config.framing.chunks),
            read: Vec::with_capacity(READ_BYTES),
            framed: 0,
            ends: false,
            received: Head::default(),
        }
    }

    /// Starts anew on a connection, or on none.
    pub(crate) fn take(&mut self, connection: Option<(ReadHalf, u64)>) {
        self.control_port = None;
        self.is_unconfirmed = connection.is_some() && self.known.is_some();
        self.generation = connection.as_ref().map_or(self.generation, |(_, number)| *number);
        self.current = connection.map(|(half, _)| half);
        self.session = Session::new();
        self.unchunker = Unchunker::new(self.framer.config().chunks);
        self.framer.set_ending(self.current.as_ref().map_or(Ending::Terminator, ReadHalf::ending));
        self.forget();
    }

    /// Forgets all that is under way, as after a device clear.
    pub(crate) fn forget(&mut self) {
        self.owed.clear();
        self.framer.reset();
        self.read.clear();
        self.framed = 0;
        self.ends = false;
        self.received.clear();
    }

    /// Forgets half an answer, of which the rest will not come; what is read and not framed yet is still looked at.
    pub(crate) fn restart_framing(&mut self) {
        self.framer.reset();
        self.received.clear();
    }

    /// Whether the carrier can make the instrument forget what is under way.
    pub(crate) fn has_device_clear(&self) -> bool {
        self.current.as_ref().is_some_and(ReadHalf::has_device_clear)
    }

    /// From now on, the answer with these labels is waited for.
    pub(crate) fn listen_for(&mut self, labels: Option<Labels>) {
        if let Some(half) = &mut self.current {
            half.listen_for(labels);
        }
    }

    /// Notes a query whose first byte has gone.
    pub(crate) fn ask(&mut self, command: &[u8]) {
        if self.session.ask().is_ok() {
            let mut kept = std::mem::take(&mut self.spare);
            kept.clear();
            kept.extend_from_slice(command);
            self.owed.push_back(kept);
        }
    }

    pub(crate) fn set_content(&mut self, content: Content) {
        self.framer.set_content(content);
    }

    /// Notes that an exchange begins, now.
    pub(crate) fn begin(&mut self) -> Instant {
        let now = Instant::now();
        self.pause = self.last_end.map(|end| now.saturating_duration_since(end));
        now
    }

    /// What went before the exchange that has begun.
    pub(crate) fn before(&self) -> Before {
        Before { is_first: !self.history.has_answers(), last_message: self.pause }
    }

    /// What comes back as it was sent is no answer (quirk Q13); the answer may follow.
    pub(crate) fn refuse_echo(&mut self, query: &[u8]) -> Result<(), Cause> {
        if !self.received.is_line(query) {
            return Ok(());
        }
        self.session.lose(OutOfStep::Unasked);
        Err(Cause::Echoed)
    }

    /// Keeps an exchange for the errors to come.
    pub(crate) fn remember(&mut self, command: &[u8], is_answered: bool, took: Duration) {
        self.last_end = Some(Instant::now());
        self.history.push(command, is_answered.then_some(&self.received), took);
    }

    /// Takes the answers that are owed to dropped queries and throws them away.
    pub(crate) async fn discard_owed(
        &mut self,
        config: &ClientConfig,
        recorder: &Recorder,
    ) -> Result<(), Cause> {
        while self.session.owed() > 0 {
            self.receive(config.read_timeout, config, recorder, &mut Discard).await?;
        }
        Ok(())
    }

    /// Looks, without waiting, at what came although nothing is owed: an answer to nothing puts the session
    /// out of step, the end of the stream closes it; empty lines are let pass.
    pub(crate) fn notice_unasked(&mut self, recorder: &Recorder) {
        let before = self.received.total();
        loop {
            match self.pump(&mut Discard) {
                Ok(Pumped { is_complete: false, .. }) => {}
                Ok(_) => self.session.lose(OutOfStep::Unasked),
                Err(_) => return self.session.lose(OutOfStep::NotFramed),
            }
            if self.framed < self.read.len() || self.ends {
                continue;
            }
            match self.read_now(recorder) {
                Ok(true) if self.received.total() - before <= MAX_UNASKED_BYTES => {}
                Ok(true) => return self.session.lose(OutOfStep::NotFramed),
                Ok(false) => break,
                Err(_) => return self.take(None),
            }
        }
        if !self.framer.is_between_messages() {
            self.session.lose(OutOfStep::Unasked);
        }
    }

    /// Receives one whole answer and counts it.
    pub(crate) async fn receive(
        &mut self,
        timeout: Duration,
        config: &ClientConfig,
        recorder: &Recorder,
        sink: &mut dyn Sink,
    ) -> Result<(), Cause> {
        match self.receive_message(timeout, config, recorder, sink).await {
            Ok(()) => {
                if let Arrival::For(_) = self.session.arrive() {
                    self.spare = self.owed.pop_front().unwrap_or_default();
                }
                Ok(())
            }
            Err(cause) => {
                self.note_failure(&cause);
                Err(cause)
            }
        }
    }

    fn note_failure(&mut self, cause: &Cause) {
        match cause {
            Cause::ReadTimeout(_) => self.session.lose(OutOfStep::NoAnswer),
            Cause::Frame(_) | Cause::AnswerTooLong { .. } => {
                self.session.lose(OutOfStep::NotFramed)
            }
            // Nothing is owed any more: that is what it says.
            Cause::Interrupted => {
                self.session.proved();
                self.forget();
            }
            _ => self.take(None),
        }
    }

    async fn receive_message(
        &mut self,
        timeout: Duration,
        config: &ClientConfig,
        recorder: &Recorder,
        sink: &mut dyn Sink,
    ) -> Result<(), Cause> {
        if self.framer.is_between_messages() {
            self.received.clear();
        }
        let mut deadline = Instant::now() + timeout;
        let mut has_read = false;
        loop {
            let pumped = self.pump(sink)?;
            if pumped.is_complete {
                return Ok(());
            }
            deadline += slowest_time(pumped.announced_bytes);
            if self.received.total() > config.max_answer_bytes as u64 {
                return Err(Cause::AnswerTooLong { max_bytes: config.max_answer_bytes });
            }
            // Who sends without end, and never anything that ends, never makes a read wait.
            if has_read && Instant::now() >= deadline {
                return Err(self.unanswered(timeout));
            }
            let has_come = match self.passable(sink, recorder) {
                Some((half, data, most)) => {
                    let before = data.len();
                    let result = half.read_at_most(data, most, deadline).await;
                    let passed = data.len() - before;
                    self.note_passed(result, passed)?
                }
                None => self.read_until(deadline, recorder).await?,
            };
            if !has_come {
                return Err(self.unanswered(timeout));
            }
            has_read = true;
        }
    }

    /// Long blocks go from the system into the caller's memory at once: where from, where to, and how much.
    fn passable<'a>(
        &'a mut self,
        sink: &'a mut dyn Sink,
        recorder: &Recorder,
    ) -> Option<(&'a mut ReadHalf, &'a mut Vec<u8>, usize)> {
        let missing = self.framer.missing_in_block();
        let is_plain = self.framer.config().chunks == Chunks::None && !recorder.is_on();
        if missing < READ_BYTES || !is_plain {
            return None;
        }
        let half = self.current.as_mut().filter(|half| half.can_pass())?;
        Some((half, sink.block_data()?, missing))
    }

    fn note_passed(
        &mut self,
        result: io::Result<Option<Arrived>>,
        bytes: usize,
    ) -> Result<bool, Cause> {
        self.read.clear();
        self.framed = 0;
        self.framer.note_passed(bytes);
        self.received.count(bytes);
        match result {
            Ok(None) => Ok(false),
            Ok(Some(Arrived::Bytes)) => Ok(true),
            Ok(Some(_)) => Err(Cause::Closed { received: self.received_so_far() }),
            Err(error) => Err(Cause::Broken(error)),
        }
    }

    /// Frames what is at hand, up to the end of a message.
    fn pump(&mut self, sink: &mut dyn Sink) -> Result<Pumped, Cause> {
        let mut pumped = Pumped { is_complete: false, announced_bytes: 0 };
        let mut input = self.read.get(self.framed..).unwrap_or_default();
        let whole = input.len();
        while let Some(frame) = self.framer.next(&mut input)? {
            sink.frame(frame);
            match frame {
                Frame::Line(_) => {
                    pumped.is_complete = true;
                    break;
                }
                Frame::BlockStart { length, .. } => pumped.announced_bytes += length,
                Frame::BlockChunk(_) | Frame::BlockEnd => {}
            }
        }
        let (taken, ends) = (whole - input.len(), std::mem::take(&mut self.ends));
        if ends && let Some(frame) = self.framer.end()? {
            sink.frame(frame);
            pumped.is_complete = true;
        }
        let piece = self.read.get(self.framed..self.framed + taken).unwrap_or_default();
        self.received.add(piece);
        self.framed += taken;
        Ok(pumped)
    }

    /// Reads once; `false` when the deadline passed first. Everything read before has been framed.
    async fn read_until(&mut self, deadline: Instant, recorder: &Recorder) -> Result<bool, Cause> {
        let Some(half) = &mut self.current else { return Err(closed()) };
        // Who fills the buffer has more to say.
        let is_full = self.read.len() == self.read.capacity();
        self.read.clear();
        self.framed = 0;
        if is_full && self.read.capacity() < MAX_READ_BYTES {
            self.read.reserve(MAX_READ_BYTES);
        }
        let result = half.read(&mut self.read, deadline).await;
        self.note_read(result, recorder)
    }

    /// Reads what is there; `false` when nothing is.
    fn read_now(&mut self, recorder: &Recorder) -> Result<bool, Cause> {
        let Some(half) = &mut self.current else { return Err(closed()) };
        self.read.clear();
        self.framed = 0;
        let result = half.read_now(&mut self.read);
        self.note_read(result, recorder)
    }

    fn note_read(
        &mut self,
        result: io::Result<Option<Arrived>>,
        recorder: &Recorder,
    ) -> Result<bool, Cause> {
        match result {
            Ok(None) => Ok(false),
            Ok(Some(Arrived::Closed)) => Err(Cause::Closed { received: self.received_so_far() }),
            Ok(Some(Arrived::Interrupted)) => Err(Cause::Interrupted),
            Ok(Some(arrived)) => {
                self.ends = arrived == Arrived::End;
                recorder.record(TapeEvent::Received(&self.read));
                self.unchunker.strip(&mut self.read);
                Ok(true)
            }
            Err(error) => Err(Cause::Broken(error)),
        }
    }

    /// The last exchanges, one a line.
    pub(crate) fn history(&self) -> Vec<String> {
        self.history.lines()
    }

    fn unanswered(&self, after: Duration) -> Cause {
        Cause::ReadTimeout(Box::new(Unanswered {
            after,
            received_bytes: self.received.total(),
            received: self.received_so_far(),
            waiting_for: self.framer.waiting_for(),
        }))
    }

    fn received_so_far(&self) -> String {
        if self.framer.is_between_messages() { String::new() } else { self.received.escaped() }
    }
}

/// The time that a block of this size may take beyond the read timeout.
fn slowest_time(bytes: usize) -> Duration {
    let seconds =
        u64::try_from(bytes).unwrap_or(u64::MAX) / u64::from(SLOWEST_BLOCK_BYTES_PER_SECOND);
    Duration::from_secs(seconds)
}
