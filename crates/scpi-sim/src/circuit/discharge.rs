//! The discharge of a battery through a load: how far it has come, and when it ends.

/// A discharge, from the moment at which the input went on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Discharge {
    /// Below this voltage it ends, in volts.
    pub(crate) stop_volts: Option<f64>,
    /// After so much charge, in coulombs.
    pub(crate) stop_coulombs: Option<f64>,
    /// After so much time, in seconds.
    pub(crate) stop_seconds: Option<f64>,
    pub(crate) taken: Taken,
}

/// What was taken out of a battery.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Taken {
    /// In coulombs.
    pub(crate) coulombs: f64,
    /// In joules.
    pub(crate) joules: f64,
    /// For so long.
    pub(crate) seconds: f64,
}

impl Discharge {
    /// The longest step of time while it runs, in seconds: by so much it may go past its end.
    pub(super) const STEP: f64 = 1.0;

    /// Adds what went through in a step; whether it is over.
    pub(super) fn go_on(&mut self, volts: f64, amperes: f64, seconds: f64) -> bool {
        let taken = &mut self.taken;
        taken.coulombs += amperes * seconds;
        taken.joules += volts * amperes * seconds;
        taken.seconds += seconds;
        self.stop_volts.is_some_and(|stop| volts < stop)
            || self.stop_coulombs.is_some_and(|stop| taken.coulombs >= stop)
            || self.stop_seconds.is_some_and(|stop| taken.seconds >= stop)
    }
}
