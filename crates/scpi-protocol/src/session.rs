//! The session: whose answer comes next. No answer is ever given to a query other than its own.
//!
//! Over a bare byte stream an answer has no label; only the order says which query it belongs to. A
//! [`Session`] counts: every query gets a [`Ticket`], every answer that arrives belongs to the oldest
//! ticket still owed. Who dropped its query does not wait any more, but the answer stays owed, is taken
//! in its turn and thrown away. Once an answer is missing, the order says nothing any more: the session
//! is *out of step*, and stays so until it is [proved](Session::proved) in step or the connection is new.
//!
//! ```
//! use scpi_protocol::session::{Arrival, OutOfStep, Session};
//!
//! let mut session = Session::new();
//! let first = session.ask()?; // and its caller goes away
//! let second = session.ask()?;
//! assert_eq!(session.arrive(), Arrival::For(first)); // thrown away
//! assert_eq!(session.arrive(), Arrival::For(second));
//!
//! session.ask()?;
//! session.lose(OutOfStep::NoAnswer); // it took too long
//! assert_eq!(session.ask(), Err(OutOfStep::NoAnswer)); // nothing is asked before the proof
//! # Ok::<(), OutOfStep>(())
//! ```

use crate::identity::Identity;

/// The place of a query among all queries of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// Whose answer arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// This query's.
    For(Ticket),
    /// Nobody's: nothing was owed. The session is out of step from here on.
    Unasked,
}

/// Why the order of answers says nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutOfStep {
    /// An answer did not come in time; it may still come.
    #[error("an answer did not come in time and may still come")]
    NoAnswer,
    /// An answer came to no query.
    #[error("an answer came that nothing had asked for")]
    Unasked,
    /// What came could not be framed.
    #[error("an answer could not be framed")]
    NotFramed,
    /// A message was cut while it was sent.
    #[error("a message was cut while it was sent")]
    CutMessage,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is owed.
    InStep,
    /// So many answers are owed, in order.
    Awaiting {
        /// Their number.
        owed: u64,
    },
    /// Whose answer comes next is not known.
    OutOfStep(OutOfStep),
}

/// Counts queries and answers of one connection.
#[derive(Clone, Debug, Default)]
pub struct Session {
    asked: u64,
    answered: u64,
    lost: Option<OutOfStep>,
}

impl Session {
    /// A new connection: in step, nothing owed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a query, before its first byte is sent.
    ///
    /// # Errors
    /// When the session is out of step: nothing may be asked then.
    pub fn ask(&mut self) -> Result<Ticket, OutOfStep> {
        if let Some(why) = self.lost {
            return Err(why);
        }
        let ticket = Ticket(self.asked);
        self.asked += 1;
        Ok(ticket)
    }

    /// Notes a whole answer, and says whose it is.
    pub fn arrive(&mut self) -> Arrival {
        if self.owed() == 0 {
            self.lose(OutOfStep::Unasked);
            return Arrival::Unasked;
        }
        let ticket = Ticket(self.answered);
        self.answered += 1;
        Arrival::For(ticket)
    }

    /// Answers that are still to come.
    #[must_use]
    pub fn owed(&self) -> u64 {
        self.asked - self.answered
    }

    /// The order is lost. The first reason is kept.
    pub fn lose(&mut self, why: OutOfStep) {
        self.lost.get_or_insert(why);
    }

    /// In step again: a device clear, a probe or a new connection has shown that nothing is owed.
    pub fn proved(&mut self) {
        self.answered = self.asked;
        self.lost = None;
    }

    /// Where it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (self.lost, self.owed()) {
            (Some(why), _) => Standing::OutOfStep(why),
            (None, 0) => Standing::InStep,
            (None, owed) => Standing::Awaiting { owed },
        }
    }
}

/// Answers that a probe looks at before it gives up: more than a client ever has owed.
pub const MAX_PROBED_ANSWERS: u32 = 64;

/// A probe by identity: `*IDN?` is sent to an instrument whose answer to it is known. Instruments answer in
/// order, so that once this very answer comes, everything older has come or never will. That holds
/// only while no older query that is still owed could be answered in the same way.
#[derive(Clone, Debug)]
pub struct Probe {
    known: Identity,
    looked_at: u32,
}

/// What an answer says about the probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeStep {
    /// An older answer: it is thrown away, and the next one is looked at.
    Older,
    /// The probe's own: in step.
    InStep,
    /// Too many answers, or another instrument: no proof can be had on this connection.
    Hopeless,
}

impl Probe {
    /// The query to send.
    pub const QUERY: &'static str = "*IDN?";

    /// A probe of the instrument with this identity; `None` when one of the owed queries could itself
    /// be answered so.
    #[must_use]
    pub fn new(known: &Identity, owed_queries: &[&str]) -> Option<Self> {
        let asks_identity = |query: &&str| query.to_ascii_uppercase().contains("*IDN?");
        let usable = !owed_queries.iter().any(asks_identity);
        usable.then(|| Self { known: known.clone(), looked_at: 0 })
    }

    /// Judges the next whole answer.
    pub fn look_at(&mut self, answer: &[u8]) -> ProbeStep {
        self.looked_at += 1;
        if answer.trim_ascii() == self.known.raw.trim().as_bytes() {
            return ProbeStep::InStep;
        }
        let other: Option<Identity> =
            std::str::from_utf8(answer).ok().and_then(|text| text.parse().ok());
        let is_other = other.is_some_and(|other| {
            other.serial.is_some()
                && !other.is_same_equipment(&self.known)
                && other.maker == self.known.maker
        });
        if is_other || self.looked_at >= MAX_PROBED_ANSWERS {
            return ProbeStep::Hopeless;
        }
        ProbeStep::Older
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_is_never_the_next_querys() {
        let mut session = Session::new();
        session.ask().unwrap();
        session.lose(OutOfStep::NoAnswer);
        session.lose(OutOfStep::NotFramed);
        assert_eq!(session.standing(), Standing::OutOfStep(OutOfStep::NoAnswer));
        assert!(session.ask().is_err());
        session.proved();
        assert_eq!((session.standing(), session.owed()), (Standing::InStep, 0));
        assert!(session.ask().is_ok());
        assert_eq!(session.standing(), Standing::Awaiting { owed: 1 });
    }

    #[test]
    fn an_answer_to_nothing_is_noticed() {
        let mut session = Session::new();
        assert_eq!(session.arrive(), Arrival::Unasked);
        assert_eq!(session.standing(), Standing::OutOfStep(OutOfStep::Unasked));
    }

    #[test]
    fn a_probe_passes_over_older_answers() {
        let known: Identity = "ACME,X,7,1.0".parse().unwrap();
        let mut probe = Probe::new(&known, &["READ?"]).unwrap();
        assert_eq!(probe.look_at(b"+1.5E+00"), ProbeStep::Older);
        assert_eq!(probe.look_at(b"ACME,X,7,1.0 "), ProbeStep::InStep);
        let mut probe = Probe::new(&known, &["READ?"]).unwrap();
        assert_eq!(probe.look_at(b"ACME,X,8,1.0"), ProbeStep::Hopeless);
        let mut probe = Probe::new(&known, &["READ?"]).unwrap();
        let steps: Vec<_> = (0..MAX_PROBED_ANSWERS).map(|_| probe.look_at(b"1")).collect();
        assert_eq!(steps.last(), Some(&ProbeStep::Hopeless));
        assert!(Probe::new(&known, &["*CLS;*idn?"]).is_none());
    }
}
