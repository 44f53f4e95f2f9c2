//! The one line that changes in place.

use std::time::Duration;

use ::console::truncate_str;
use bench_model::{
    Place, Reading, Record, RunEvent, StepResult, Timestamp, Verdict, VerdictCounts,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::limit_bar::limit_bar;
use super::slow::Slow;
use crate::phrase::{self, CALM_DIGITS};
use crate::text::{self, clean};

/// How often the spinner turns while nothing happens.
const TICK: Duration = Duration::from_millis(120);
/// Columns of the plan's name, on a screen that is wide and on one that is not.
const NAME_COLUMNS: (usize, usize) = (24, 12);
/// Columns from which on a screen is wide.
const WIDE: usize = 90;
/// Results after which a guess of the time left is worth showing.
const RESULTS_FOR_A_GUESS: u64 = 3;

const WITH_BAR: &str = "{spinner} {prefix} [{bar:20}] {pos}/{len} {slow}{wide_msg}";
const WITHOUT_BAR: &str = "{spinner} {prefix} {pos}/{len} {slow}{wide_msg}";
const WITHOUT_COUNT: &str = "{spinner} {prefix} {slow}{wide_msg}";

/// A progress line: plan, results of those planned, a notice where nothing comes for long, counts, time left, place,
/// last reading, and where that lies in its limit.
pub(super) struct Live {
    bar: ProgressBar,
    slow: Slow,
    width: usize,
    expected: Option<Duration>,
    planned: u64,
    started_at: Option<Timestamp>,
    now: Option<Timestamp>,
    counts: VerdictCounts,
    judged: u64,
    place: String,
    reading: String,
}

impl Live {
    pub(super) fn new(target: ProgressDrawTarget, width: usize) -> Self {
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            slow: Slow::default(),
            width,
            expected: None,
            planned: 0,
            started_at: None,
            now: None,
            counts: VerdictCounts::default(),
            judged: 0,
            place: String::new(),
            reading: String::new(),
        }
    }

    /// How long the run will take, as far as somebody knows.
    pub(super) fn will_take(&mut self, expected: Option<Duration>) {
        self.expected = expected;
    }

    /// Takes in what happened; nothing is drawn before [`refresh`](Self::refresh).
    pub(super) fn take(&mut self, record: &Record) {
        self.now = Some(record.at);
        match &record.event {
            RunEvent::SessionStarted(start) => {
                self.started_at = Some(record.at);
                self.planned = start.planned_results;
                self.begin(&phrase::plan(start));
            }
            RunEvent::StepStarted { step } => self.go_to(clean(step)),
            RunEvent::SettingApplied(setting) => {
                let place = Place { path: setting.step.clone(), point: setting.point.clone() };
                self.go_to(clean(&place.to_string()));
            }
            RunEvent::Reading(reading) => self.read(reading),
            RunEvent::Judged(result) => self.judge(result),
            _ => {}
        }
    }

    fn begin(&self, plan: &str) {
        let is_wide = self.width >= WIDE;
        let template = match (self.planned, is_wide) {
            (0, _) => WITHOUT_COUNT,
            (_, true) => WITH_BAR,
            (_, false) => WITHOUT_BAR,
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let style = style.with_key("slow", self.slow.clone());
            self.bar.set_style(style.progress_chars("=> "));
        }
        let columns = if is_wide { NAME_COLUMNS.0 } else { NAME_COLUMNS.1 };
        self.bar.set_length(self.planned);
        self.bar.set_prefix(truncate_str(plan, columns, "…").into_owned());
        self.bar.enable_steady_tick(TICK);
    }

    fn go_to(&mut self, place: String) {
        self.place = place;
        self.reading.clear();
    }

    fn read(&mut self, reading: &Reading) {
        self.place = clean(&reading.place.to_string());
        self.reading = clean(&reading.measured().for_display(CALM_DIGITS));
    }

    fn judge(&mut self, result: &StepResult) {
        self.counts.add(result.verdict);
        self.judged += 1;
        if let (Some(bar), Some(actual)) = (limit_bar(result), &result.actual) {
            self.place = clean(&result.place.to_string());
            self.reading = format!("{} {bar}", clean(&actual.for_display(CALM_DIGITS)));
        }
    }

    pub(super) fn refresh(&self) {
        if self.bar.is_finished() {
            return;
        }
        self.slow.heard(self.bar.elapsed());
        self.bar.set_position(self.judged);
        self.bar.set_message(self.message());
    }

    /// `12 pass 1 fail · 3.2 s left · 5.0012 V |----o----| rail/vout[vi=7 V, il=0 A]`: what is longest, last.
    fn message(&self) -> String {
        let place = format!("{} {}", self.reading, self.place);
        let parts = [self.tally(), self.time_left(), Some(place.trim().to_owned())];
        let parts: Vec<_> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    }

    fn tally(&self) -> Option<String> {
        let shown = |verdict: Verdict| {
            let count = self.counts.of(verdict);
            (count > 0).then(|| format!("{count} {}", verdict.word().to_lowercase()))
        };
        let order = [Verdict::Pass, Verdict::Fail, Verdict::Error, Verdict::Inconclusive];
        let parts: Vec<_> = order.into_iter().filter_map(shown).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// As long as was expected; where nothing was or that is over, as if the rest takes as long for each result as
    /// those before.
    fn time_left(&self) -> Option<String> {
        let took = text::between(self.started_at?, self.now?);
        if let Some(left) = self.expected.and_then(|expected| expected.checked_sub(took)) {
            return Some(format!("{} left", text::duration(left)));
        }
        let left = u32::try_from(self.planned.checked_sub(self.judged)?).ok()?;
        let judged = u32::try_from(self.judged).ok()?;
        if self.judged < RESULTS_FOR_A_GUESS || left == 0 {
            return None;
        }
        let guess = took.checked_mul(left)?.checked_div(judged)?;
        Some(format!("{} left", text::duration(guess)))
    }

    /// A line above.
    pub(super) fn print(&self, line: &str) {
        self.bar.println(line);
    }

    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
