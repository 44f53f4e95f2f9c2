//! The sending half: one message at a time, and what of it is still unsent.
//!
//! It has a lock of its own, so that an off command goes out while somebody else waits for an answer.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use scpi_protocol::hislip::Labels;
use tokio::time::{Instant, sleep_until};

use crate::config::ClientConfig;
use crate::error::Cause;
use crate::tape::{Recorder, TapeEvent};
use crate::transport::{Halves, ReadHalf, SideWay, WriteHalf};

/// The connection, and the message that is on its way.
#[derive(Default)]
pub(crate) struct Writer {
    current: Option<WriteHalf>,
    /// The other half of a new connection, until the receiving side takes it.
    unclaimed: Option<ReadHalf>,
    generation: u64,
    unsent: Vec<u8>,
    sent: usize,
    /// Whether all of it must go, although perhaps nothing has gone yet.
    has_begun: bool,
    /// By which its answer will be known.
    labels: Option<Labels>,
    /// Whether an off command was sent of which nothing proves yet that it was executed.
    pub(crate) is_off_unproved: bool,
    /// Whether somebody else may have left half a message on the connection.
    may_be_cut: bool,
    last_message: Option<Instant>,
}

impl Writer {
    pub(crate) fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// Takes a new connection; nothing is unsent on it.
    pub(crate) fn open(&mut self, (read, write): Halves) {
        self.close();
        self.generation += 1;
        self.unclaimed = Some(read);
        self.current = Some(write);
    }

    /// Takes a connection over on which somebody else may have left half a message.
    pub(crate) fn take_over(&mut self, halves: Halves) {
        self.open(halves);
        self.may_be_cut = true;
    }

    /// The receiving half of a connection that is new, once.
    pub(crate) fn claim(&mut self) -> Option<(ReadHalf, u64)> {
        self.unclaimed.take().map(|half| (half, self.generation))
    }

    /// A duplicate of the connection for another process, and its number, if it is newer than that.
    pub(crate) fn duplicate_newer(&self, than: u64) -> Option<(u64, OwnedFd)> {
        let half = self.current.as_ref().filter(|_| self.generation > than)?;
        Some((self.generation, half.duplicate()?))
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Closes the connection, unless it is a newer one.
    pub(crate) fn close_generation(&mut self, generation: u64) {
        if self.generation == generation {
            self.close();
        }
    }

    pub(crate) fn close(&mut self) {
        self.current = None;
        self.unclaimed = None;
        self.may_be_cut = false;
        self.unsent.clear();
        self.sent = 0;
        self.has_begun = false;
    }

    /// The way past all messages and answers, where the carrier has one.
    pub(crate) fn side_way(&self) -> Option<SideWay> {
        self.current.as_ref()?.side_way()
    }

    /// The sending half, between messages.
    pub(crate) async fn idle_half(
        &mut self,
        deadline: Instant,
        recorder: &Recorder,
    ) -> Result<&mut WriteHalf, Cause> {
        self.finish_cut_message(deadline, recorder).await?;
        self.current.as_mut().ok_or_else(closed)
    }

    /// Sends what a cancelled write left behind; a message of which nothing has gone is dropped.
    pub(crate) async fn finish_cut_message(
        &mut self,
        deadline: Instant,
        recorder: &Recorder,
    ) -> Result<(), Cause> {
        if self.sent == 0 && !self.has_begun {
            self.unsent.clear();
        }
        self.push(deadline, recorder, &mut |_| {}).await
    }

    /// Sends a message. `on_first_byte` is called once something of it has gone, with the labels of its answer,
    /// and not when nothing has.
    pub(crate) async fn send(
        &mut self,
        message: &[u8],
        config: &ClientConfig,
        recorder: &Recorder,
        on_first_byte: &mut (dyn FnMut(Option<Labels>) + Send),
    ) -> Result<(), Cause> {
        let deadline = Instant::now() + config.write_timeout;
        let finished = self.finish_cut_message(deadline, recorder).await;
        finished.map_err(|cause| in_time(cause, config.write_timeout))?;
        if !config.min_gap.is_zero() {
            self.keep_gap(config.min_gap).await;
        }
        if std::mem::take(&mut self.may_be_cut) {
            self.unsent.extend_from_slice(config.write_terminator.as_bytes());
        }
        let half = self.current.as_mut().ok_or_else(closed)?;
        self.labels = half.pack(message, config.write_terminator, &mut self.unsent);
        let result = self.push(deadline, recorder, on_first_byte).await;
        self.last_message = Some(Instant::now());
        result.map_err(|cause| in_time(cause, config.write_timeout))
    }

    async fn keep_gap(&self, gap: Duration) {
        if let Some(last) = self.last_message {
            sleep_until(last + gap).await;
        }
    }

    /// Every byte that goes is counted before the next wait, so that a drop at any wait loses nothing.
    async fn push(
        &mut self,
        deadline: Instant,
        recorder: &Recorder,
        on_first_byte: &mut (dyn FnMut(Option<Labels>) + Send),
    ) -> Result<(), Cause> {
        while let Some(rest) = self.unsent.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let Some(half) = &self.current else { return Err(closed()) };
            if half.commits_when_packed() && !self.has_begun {
                self.has_begun = true;
                on_first_byte(self.labels);
            }
            match half.send(rest, deadline).await {
                Ok(Some(bytes)) => {
                    recorder.record(TapeEvent::Sent(rest.get(..bytes).unwrap_or_default()));
                    if !self.has_begun {
                        self.has_begun = true;
                        on_first_byte(self.labels);
                    }
                    self.sent += bytes;
                }
                Ok(None) => return Err(self.too_slow()),
                Err(error) => return Err(self.broken(error)),
            }
        }
        self.unsent.clear();
        self.sent = 0;
        self.has_begun = false;
        Ok(())
    }

    fn broken(&mut self, error: io::Error) -> Cause {
        self.close();
        Cause::Broken(error)
    }

    /// Half a message cannot be taken back, and its rest must not come late: the connection is closed.
    fn too_slow(&mut self) -> Cause {
        self.close();
        Cause::WriteTimeout(Duration::ZERO)
    }
}

/// Only who set the deadline knows how long it was.
pub(crate) fn in_time(cause: Cause, timeout: Duration) -> Cause {
    match cause {
        Cause::WriteTimeout(_) => Cause::WriteTimeout(timeout),
        other => other,
    }
}

pub(crate) fn closed() -> Cause {
    Cause::Closed { received: String::new() }
}
