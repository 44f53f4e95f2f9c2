//! How fast the time of a bench goes.

use std::time::Duration;

/// How much waiting a second of bench time costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    seconds_per_second: f64,
}

impl Pace {
    /// As on a real bench.
    pub(crate) const REAL: Self = Self { seconds_per_second: 1.0 };
    /// Integration and settling cost no waiting.
    pub(crate) const FAST: Self = Self { seconds_per_second: 0.0 };

    /// So many times faster than a real bench. `None` unless that is a positive, finite number.
    pub(crate) fn times_faster(times: f64) -> Option<Self> {
        let possible = times.is_finite() && times > 0.0;
        possible.then(|| Self { seconds_per_second: 1.0 / times })
    }

    /// How much time passes on the bench in a time here, in seconds; none where waiting costs nothing.
    pub(crate) fn passed(self, here: Duration) -> f64 {
        if self.seconds_per_second > 0.0 {
            here.as_secs_f64() / self.seconds_per_second
        } else {
            0.0
        }
    }

    /// Whether waiting costs nothing.
    pub(crate) fn is_fast(self) -> bool {
        self.seconds_per_second == 0.0
    }

    /// What a time on the bench costs here.
    pub(crate) fn cost(self, time: Duration) -> Duration {
        Duration::try_from_secs_f64(time.as_secs_f64() * self.seconds_per_second)
            .unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_scaled() {
        let second = Duration::from_secs(1);
        assert_eq!(Pace::REAL.cost(second), second);
        assert_eq!(Pace::FAST.cost(second), Duration::ZERO);
        let faster = Pace::times_faster(20.0).unwrap();
        assert_eq!(faster.cost(second), Duration::from_millis(50));
        assert!((faster.passed(second) - 20.0).abs() < 1e-12);
        assert_eq!(Pace::FAST.passed(second), 0.0);
        assert_eq!(Pace::times_faster(0.0), None);
    }
}
