//! Verdicts, ordered by how bad they are.

use std::fmt;

use crate::quantity::Quantity;

/// How a step came out. The greatest is the worst, and a whole takes the worst of its parts.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Measured without a limit; never counts.
    Recorded,
    /// Not done, with a reason.
    Skip,
    /// Within its limit.
    Pass,
    /// Nothing can be said.
    Inconclusive,
    /// Outside its limit.
    Fail,
    /// The equipment failed, not the DUT.
    Error,
}

impl Verdict {
    /// All of them, the worst first.
    pub const WORST_FIRST: [Self; 6] =
        [Self::Error, Self::Fail, Self::Inconclusive, Self::Pass, Self::Skip, Self::Recorded];

    /// The word that is shown and stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Recorded => "RECORDED",
            Self::Skip => "SKIP",
            Self::Pass => "PASS",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Fail => "FAIL",
            Self::Error => "ERROR",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A verdict with its reason and margin. A `Pass` comes from [`Limit::judge`](crate::Limit::judge) alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    verdict: Verdict,
    margin: Option<Quantity>,
    reason: Option<String>,
}

impl Judgement {
    pub(crate) fn new(verdict: Verdict, margin: Option<Quantity>, reason: Option<String>) -> Self {
        Self { verdict, margin, reason }
    }

    /// Measured without a limit.
    #[must_use]
    pub fn recorded() -> Self {
        Self::new(Verdict::Recorded, None, None)
    }

    /// Not done.
    #[must_use]
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self::new(Verdict::Skip, None, Some(reason.into()))
    }

    /// Nothing can be said.
    #[must_use]
    pub fn inconclusive(reason: impl Into<String>) -> Self {
        Self::new(Verdict::Inconclusive, None, Some(reason.into()))
    }

    /// Not as it must be, where that is no matter of numbers: no answer, no connection.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, None, Some(reason.into()))
    }

    /// The equipment failed.
    #[must_use]
    pub fn error(reason: impl Into<String>) -> Self {
        Self::new(Verdict::Error, None, Some(reason.into()))
    }

    /// The worst of several, and of equals the one with the smallest margin; none of none.
    #[must_use]
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(|one, two| if two.is_worse_than(&one) { two } else { one })
    }

    fn is_worse_than(&self, other: &Self) -> bool {
        match self.verdict.cmp(&other.verdict) {
            std::cmp::Ordering::Equal => match (&self.margin, &other.margin) {
                (Some(own), Some(others)) => own < others,
                _ => false,
            },
            order => order.is_gt(),
        }
    }

    /// How it came out.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// How far inside the nearest bound, below zero outside; in the limit's base unit.
    #[must_use]
    pub fn margin(&self) -> Option<&Quantity> {
        self.margin.as_ref()
    }

    /// Why, in words, where it is not plain.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// How many results came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VerdictCounts {
    /// PASS.
    pub pass: u64,
    /// FAIL.
    pub fail: u64,
    /// ERROR.
    pub error: u64,
    /// INCONCLUSIVE.
    pub inconclusive: u64,
    /// SKIP.
    pub skip: u64,
    /// RECORDED.
    pub recorded: u64,
}

impl VerdictCounts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Error => &mut self.error,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Skip => &mut self.skip,
            Verdict::Recorded => &mut self.recorded,
        } += 1;
    }

    /// How many of one kind.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Pass => self.pass,
            Verdict::Fail => self.fail,
            Verdict::Error => self.error,
            Verdict::Inconclusive => self.inconclusive,
            Verdict::Skip => self.skip,
            Verdict::Recorded => self.recorded,
        }
    }

    /// All that count: everything but RECORDED.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.pass + self.fail + self.error + self.inconclusive + self.skip
    }

    /// The worst that occurred.
    #[must_use]
    pub fn worst(&self) -> Option<Verdict> {
        Verdict::WORST_FIRST.into_iter().find(|verdict| self.of(*verdict) > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_wins() {
        let all = [Judgement::recorded(), Judgement::error("no answer"), Judgement::skipped("off")];
        assert_eq!(Judgement::worst(all).unwrap().verdict(), Verdict::Error);
        assert_eq!(Judgement::worst([]), None);
    }

    #[test]
    fn counts_know_their_worst() {
        let mut counts = VerdictCounts::default();
        assert_eq!(counts.worst(), None);
        counts.add(Verdict::Recorded);
        counts.add(Verdict::Pass);
        assert_eq!(counts.worst(), Some(Verdict::Pass));
        counts.add(Verdict::Fail);
        counts.add(Verdict::Inconclusive);
        assert_eq!(counts.worst(), Some(Verdict::Fail));
        assert_eq!(counts.judged(), 3);
    }
}
