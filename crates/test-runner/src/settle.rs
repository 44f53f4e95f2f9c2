//! Settling: time that passes, and readings that come to rest.

use std::collections::VecDeque;
use std::time::Duration;

use bench_instruments::Channel;
use bench_model::{Decimal, Measured, Point, Quantity, Unit, Value};
use test_plan::Stability;

use crate::execute::Execution;
use crate::halt::Halt;
use crate::measure::in_base_units;
use crate::stop::BenchInstant;

/// At most so many readings are looked at in one window: between two of them its part of the time passes.
const READINGS_A_WINDOW: u32 = 20;

/// Digits of what is shown to people.
const SHOWN_DIGITS: u32 = 4;

/// Since when an axis is gone through, and how much of its time had passed by then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    since: BenchInstant,
    gone: Duration,
}

impl Execution<'_> {
    pub(crate) async fn settle(&mut self, point: &Point, time: Duration) -> Result<(), Halt> {
        if self.is_blocked(point).is_none() {
            self.last_settle = time;
            let mut left = self.deadlines.cut(time);
            let mut begun = self.stop.now();
            while self.stop.sleep_or_pause(left).await? {
                left = left.saturating_sub(self.stop.elapsed(begun));
                // What was off meanwhile settles anew.
                if self.pause().await? {
                    left = self.deadlines.cut(time);
                }
                begun = self.stop.now();
            }
        }
        Ok(())
    }

    /// Waits for a time since the first point of an axis. In a run that goes on in the middle of it, the time before
    /// counts as gone.
    pub(crate) async fn pace(
        &mut self,
        around: &Point,
        axis: &str,
        at: Duration,
    ) -> Result<(), Halt> {
        if self.is_blocked(around).is_some() {
            return Ok(());
        }
        let now = self.stop.now();
        let key = format!("{}{around} {axis}", self.step());
        if at.is_zero() {
            self.paces.insert(key, Pace { since: now, gone: at });
            return Ok(());
        }
        let pace = *self.paces.entry(key).or_insert(Pace { since: now, gone: at });
        let passed = self.stop.elapsed(pace.since).saturating_add(pace.gone);
        let left = at.saturating_sub(passed);
        let left = self.deadlines.cut(left);
        Ok(self.stop.sleep(left).await?)
    }

    /// Reads until the readings are at rest. Where they do not come to it, the point is an error of the equipment.
    pub(crate) async fn settle_until_stable(
        &mut self,
        point: &Point,
        until: &Stability,
    ) -> Result<(), Halt> {
        if self.is_blocked(point).is_some() {
            return Ok(());
        }
        let channel = match self.channel(&until.reading.role) {
            Ok(channel) => channel,
            Err(fault) => return self.setting_failed(point, fault).await,
        };
        if let Err(error) = self.configure(&channel, &until.reading).await? {
            self.note_loss(&channel, &error).await?;
            return self.setting_failed(point, error.to_string()).await;
        }
        match self.read_until_stable(&channel, until).await? {
            Ok(()) => Ok(()),
            Err(fault) => self.setting_failed(point, fault).await,
        }
    }

    async fn read_until_stable(
        &mut self,
        channel: &Channel,
        until: &Stability,
    ) -> Result<Result<(), String>, Halt> {
        let started = self.stop.now();
        let pace = until.window / READINGS_A_WINDOW;
        let mut window = Window::of(until);
        loop {
            let asked = self.stop.elapsed(started);
            match self.stop.guard(channel.read(&until.reading.settings)).await? {
                Ok(answer) => {
                    window.add(self.stop.elapsed(started), in_base_units(&answer));
                }
                Err(error) => {
                    self.note_loss(channel, &error).await?;
                    return Ok(Err(error.to_string()));
                }
            }
            if window.is_stable() {
                return Ok(Ok(()));
            }
            if self.stop.elapsed(started) >= until.within {
                return Ok(Err(window.unstable(until)));
            }
            let passed = self.stop.elapsed(started);
            self.stop.sleep((asked + pace).saturating_sub(passed)).await?;
        }
    }
}

/// The readings of the last while, in base units, each with its time since the beginning.
struct Window {
    width: Duration,
    /// None where it passes the bounds of a decimal: then nothing is stable.
    tolerance: Option<Decimal>,
    unit: Unit,
    seen: VecDeque<(Duration, Decimal)>,
    last: Option<Measured>,
}

impl Window {
    fn of(until: &Stability) -> Self {
        Self {
            width: until.window,
            tolerance: until.tolerance.in_base(),
            unit: until.reading.raw_unit(),
            seen: VecDeque::new(),
            last: None,
        }
    }

    /// One reading more. What is no number is never at rest.
    fn add(&mut self, at: Duration, value: Value) {
        match &value {
            Value::Finite(number) => self.seen.push_back((at, number.clone())),
            _ => self.seen.clear(),
        }
        self.last = Some(Measured::number(value, self.unit.clone()));
        // One reading before the window is kept: without it not all of the window would be seen.
        while self.seen.get(1).is_some_and(|(second, _)| *second + self.width <= at) {
            self.seen.pop_front();
        }
    }

    fn is_stable(&self) -> bool {
        let (Some((first, _)), Some((last, _))) = (self.seen.front(), self.seen.back()) else {
            return false;
        };
        let is_close =
            self.spread().zip(self.tolerance.as_ref()).is_some_and(|(own, most)| own <= *most);
        *first + self.width <= *last && is_close
    }

    fn spread(&self) -> Option<Decimal> {
        let values = || self.seen.iter().map(|(_, value)| value);
        let (most, least) = values().max().zip(values().min())?;
        most.checked_sub(least).ok()
    }

    /// What was seen, for people.
    fn unstable(&self, until: &Stability) -> String {
        let name = &until.reading.name;
        let Stability { tolerance, window, within, .. } = until;
        let wanted = format!("{tolerance} over {window:?} is wanted within {within:?}");
        let last = self.last.as_ref().map_or("none".to_owned(), |it| it.for_display(SHOWN_DIGITS));
        match self.spread().filter(|_| self.seen.len() > 1) {
            Some(spread) => {
                let moved = Quantity::new(spread, self.unit.clone()).for_display(SHOWN_DIGITS);
                format!(
                    "{name} is not stable: the last readings lie {moved} apart, the last is {last}; {wanted}"
                )
            }
            None => format!("{name} is not stable: the last reading is {last}; {wanted}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(readings: &[(u64, &str)]) -> Window {
        let mut window = Window {
            width: Duration::from_millis(200),
            tolerance: "0.001".parse().ok(),
            unit: Unit::volt(),
            seen: VecDeque::new(),
            last: None,
        };
        for (at, value) in readings {
            window.add(Duration::from_millis(*at), value.parse().unwrap());
        }
        window
    }

    #[test]
    fn at_rest_is_what_lies_close_together_for_all_of_the_window() {
        for (readings, wanted) in [
            (&[][..], false),
            (&[(0, "5")], false),
            (&[(0, "5"), (199, "5.0005")], false),
            (&[(0, "5"), (200, "5.001")], true),
            (&[(0, "5"), (200, "5.0011")], false),
            // What lies before the window does not count.
            (&[(0, "9"), (100, "5"), (200, "5"), (300, "5.001")], true),
            (&[(0, "5"), (100, "9"), (200, "5")], false),
            // One slow reading after the other: two of them span the window.
            (&[(0, "9"), (500, "5"), (1000, "5")], true),
            (&[(0, "5"), (100, "9.9E37"), (200, "5"), (300, "5")], false),
            (&[(0, "5"), (100, "NaN"), (200, "5"), (400, "5")], true),
        ] {
            assert_eq!(window(readings).is_stable(), wanted, "{readings:?}");
        }
    }

    #[test]
    fn the_memory_of_a_long_wait_does_not_grow() {
        let readings: Vec<_> = (0..1000).map(|at| (at * 10, "5")).collect();
        assert!(window(&readings).seen.len() <= 22);
    }
}
