//! Exit codes: scripts depend on them.

use std::process::ExitCode;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything passed.
    Pass,
    /// We failed.
    Internal,
    /// The command line is wrong.
    Usage,
    /// A result is outside its limit.
    Fail,
    /// A result says nothing.
    Inconclusive,
    /// The plan is wrong.
    PlanInvalid,
    /// The equipment failed.
    Instrument,
    /// The journal failed, or a required database did.
    Store,
    /// Somebody stopped it.
    Aborted,
    /// An output could not be confirmed off.
    OutputsOn,
}

/// The one that counts when several hold, the first first.
const PRECEDENCE: [Exit; 10] = [
    Exit::Usage,
    Exit::PlanInvalid,
    Exit::OutputsOn,
    Exit::Aborted,
    Exit::Internal,
    Exit::Store,
    Exit::Instrument,
    Exit::Fail,
    Exit::Inconclusive,
    Exit::Pass,
];

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Fail => 10,
            Self::Inconclusive => 11,
            Self::PlanInvalid => 20,
            Self::Instrument => 30,
            Self::Store => 40,
            Self::Aborted => 50,
            Self::OutputsOn => 51,
        }
    }

    /// What a run of ours ended with; a code that is none of ours is our fault.
    pub(crate) fn of_code(code: u8) -> Self {
        PRECEDENCE.into_iter().find(|exit| exit.code() == code).unwrap_or(Self::Internal)
    }

    /// The one that counts of several; a pass of none.
    pub(crate) fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| PRECEDENCE.iter().position(|other| other == exit);
        all.into_iter().min_by_key(rank).unwrap_or(Self::Pass)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_wins() {
        for (all, worst) in [
            (&[][..], 0),
            (&[Exit::Pass, Exit::Inconclusive, Exit::Fail], 10),
            (&[Exit::Fail, Exit::Instrument], 30),
            (&[Exit::Instrument, Exit::Store], 40),
            (&[Exit::Store, Exit::Internal], 1),
            (&[Exit::Internal, Exit::Aborted], 50),
            (&[Exit::Aborted, Exit::OutputsOn, Exit::Fail], 51),
        ] {
            assert_eq!(Exit::worst(all.iter().copied()).code(), worst, "{all:?}");
        }
    }
}
