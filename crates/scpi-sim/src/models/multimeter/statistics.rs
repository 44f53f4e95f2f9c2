//! `CALCulate:AVERage`: statistics over the readings since they were switched on or cleared.

/// What is known of the readings; nothing is kept of each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Statistics {
    pub(super) on: bool,
    count: f64,
    mean: f64,
    /// The sum of squares about the mean (Welford, Technometrics 4, 1962).
    squares: f64,
    least: f64,
    most: f64,
}

impl Statistics {
    /// Takes a reading; what is no measurement is left out.
    pub(super) fn note(&mut self, value: f64) {
        if !self.on || value.abs() >= super::sensor::OVERLOAD {
            return;
        }
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
        let is_first = self.count == 1.0;
        self.least = if is_first { value } else { self.least.min(value) };
        self.most = if is_first { value } else { self.most.max(value) };
    }

    pub(super) fn clear(&mut self) {
        *self = Self { on: self.on, ..Self::default() };
    }

    /// Mean, standard deviation, least, greatest; as many are in `:ALL?`.
    pub(super) fn all(&self) -> [f64; 4] {
        let deviation =
            if self.count > 1.0 { (self.squares / (self.count - 1.0)).sqrt() } else { 0.0 };
        [self.mean, deviation, self.least, self.most]
    }

    pub(super) fn count(&self) -> f64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_four_readings() {
        let mut statistics = Statistics { on: true, ..Statistics::default() };
        for value in [2.0, 4.0, 4.0, 6.0, 9.9e37] {
            statistics.note(value);
        }
        let [mean, deviation, least, most] = statistics.all();
        assert_eq!((mean, least, most, statistics.count()), (4.0, 2.0, 6.0, 4.0));
        assert!((deviation - (8.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        statistics.clear();
        assert_eq!(statistics.count(), 0.0);
    }
}
