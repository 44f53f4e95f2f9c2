//! A notice on the live line where nothing has come for long.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressState;
use indicatif::style::ProgressTracker;

use crate::text::duration;

/// After which silence it is said.
const SLOW: Duration = Duration::from_secs(10);

/// When something was last heard, in milliseconds of the progress line's own clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Slow(Arc<AtomicU64>);

impl Slow {
    /// Something came when the line was so old.
    pub(super) fn heard(&self, age: Duration) {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        self.0.store(age, Ordering::Relaxed);
    }

    /// `SLOW: nothing new for 1 min 5 s · `, once it is.
    fn notice(&self, age: Duration) -> Option<String> {
        let heard = Duration::from_millis(self.0.load(Ordering::Relaxed));
        let silence = age.checked_sub(heard).filter(|silence| *silence >= SLOW)?;
        Some(format!("SLOW: nothing new for {} · ", duration(silence)))
    }
}

impl ProgressTracker for Slow {
    fn clone_box(&self) -> Box<dyn ProgressTracker> {
        Box::new(self.clone())
    }

    fn tick(&mut self, _: &ProgressState, _: Instant) {}

    fn reset(&mut self, _: &ProgressState, _: Instant) {}

    fn write(&self, state: &ProgressState, out: &mut dyn Write) {
        if let Some(notice) = self.notice(state.elapsed()) {
            // A line that cannot be drawn is drawn again at the next tick.
            let _ = out.write_str(&notice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_from_ten_seconds_on() {
        let (slow, second) = (Slow::default(), Duration::from_secs);
        slow.heard(second(5));
        let seen = slow.clone();
        for (age, wanted) in [
            (second(3), None),
            (second(14), None),
            (second(15), Some("SLOW: nothing new for 10.0 s · ")),
            (second(70), Some("SLOW: nothing new for 1 min 5 s · ")),
        ] {
            assert_eq!(seen.notice(age).as_deref(), wanted, "{age:?}");
        }
        slow.heard(second(70));
        assert_eq!(seen.notice(second(71)), None);
    }
}
