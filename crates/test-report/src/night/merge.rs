//! The parts of a sweep that ran on several machines as one.

use super::morning::Morning;

impl Morning {
    /// Parts as one, in their order; none of nothing. `exit` is the code that all of them come to.
    #[must_use]
    pub fn merged(parts: Vec<Self>, exit: u8) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut whole = parts.next()?;
        whole.exit = exit;
        for part in parts {
            whole.add(part);
        }
        whole.calibration.sort();
        whole.calibration.dedup();
        Some(whole)
    }

    fn add(&mut self, part: Self) {
        if part.sweep != self.sweep {
            self.notes.push(format!("a part is of another sweep: '{}'", part.sweep));
        }
        self.started_at = self.started_at.min(part.started_at);
        self.ended_at = self.ended_at.zip(part.ended_at).map(|(own, other)| own.max(other));
        self.shards.extend(part.shards);
        for note in part.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        self.jobs.extend(part.jobs);
        self.failed.extend(part.failed);
        self.moved.extend(part.moved);
        self.slower.extend(part.slower);
        self.new.extend(part.new);
        self.gone.extend(part.gone);
        self.flaky.extend(part.flaky);
        self.changed.extend(part.changed);
        self.calibration.extend(part.calibration);
        if self.nights.is_empty() {
            self.nights = part.nights;
        }
    }
}
