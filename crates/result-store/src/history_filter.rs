//! Which past sessions are asked for: of the database, and of records that come from journals.

use bench_model::{RunRecord, SessionStatus, Timestamp, Verdict};

/// Which sessions are asked for; what is not named does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Those of a plan with this name.
    pub plan: Option<String>,
    /// Those of a DUT with this serial number.
    pub dut: Option<String>,
    /// Simulated ones alone, or real ones alone.
    pub simulated: Option<bool>,
    /// Those of a part of their plan alone, or of the whole alone.
    pub partial: Option<bool>,
    /// Those that came out so.
    pub outcome: Option<HistoryOutcome>,
    /// Those that began then or later.
    pub since: Option<Timestamp>,
    /// Those that began before.
    pub until: Option<Timestamp>,
}

/// How a session came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryOutcome {
    /// It ran to its end, and this was the worst.
    Verdict(Verdict),
    /// It was stopped.
    Aborted,
    /// It could not go on.
    NotCompleted,
    /// It has no end: it runs, or was cut.
    Unfinished,
}

impl HistoryFilter {
    /// The verdict that its row must have.
    pub(crate) fn verdict(&self) -> Option<&'static str> {
        match self.outcome {
            Some(HistoryOutcome::Verdict(verdict)) => Some(verdict.word()),
            _ => None,
        }
    }

    /// The status that its row must have.
    pub(crate) fn status(&self) -> Option<&'static str> {
        match self.outcome? {
            HistoryOutcome::Verdict(_) => Some(SessionStatus::Completed.word()),
            HistoryOutcome::Aborted => Some(SessionStatus::Aborted.word()),
            HistoryOutcome::NotCompleted => Some(SessionStatus::Failed.word()),
            HistoryOutcome::Unfinished => Some("running"),
        }
    }

    /// Whether a session is one of those that are asked for; one without a start never is.
    #[must_use]
    pub fn wants(&self, run: &RunRecord) -> bool {
        let Some((start, began)) = run.start.as_ref().zip(run.started_at) else { return false };
        self.plan.as_ref().is_none_or(|plan| *plan == start.plan.name)
            && self.dut.as_ref().is_none_or(|dut| start.dut.serial.as_ref() == Some(dut))
            && self.simulated.is_none_or(|simulated| simulated == start.simulated)
            && self.partial.is_none_or(|partial| partial == start.partial)
            && self.outcome.is_none_or(|outcome| outcome.is_of(run))
            && self.since.is_none_or(|since| began >= since)
            && self.until.is_none_or(|until| began < until)
    }
}

impl HistoryOutcome {
    fn is_of(self, run: &RunRecord) -> bool {
        match (self, &run.end) {
            (Self::Unfinished, None) => true,
            (Self::Verdict(verdict), Some(end)) => {
                end.status == SessionStatus::Completed && end.verdict == Some(verdict)
            }
            (Self::Aborted, Some(end)) => end.status == SessionStatus::Aborted,
            (Self::NotCompleted, Some(end)) => end.status == SessionStatus::Failed,
            (_, _) => false,
        }
    }
}
