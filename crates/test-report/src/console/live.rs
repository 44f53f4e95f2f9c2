//! The one line that changes in place.

use std::time::Duration;

use ::console::truncate_str;
use bench_model::{Place, Reading, Record, RunEvent, Timestamp, Verdict, VerdictCounts};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::phrase::{self, CALM_DIGITS};
use crate::text::{self, clean};

/// How often the spinner turns while nothing happens.
const TICK: Duration = Duration::from_millis(120);
/// Columns of the plan's name.
const NAME_COLUMNS: usize = 24;
/// Results after which a guess of the time left is worth showing.
const RESULTS_FOR_A_GUESS: u64 = 3;

const WITH_BAR: &str = "{spinner} {prefix} [{bar:20}] {pos}/{len} {wide_msg}";
const WITHOUT_BAR: &str = "{spinner} {prefix} {wide_msg}";

/// A progress line: plan, results of those planned, counts, time left, place, last reading.
pub(super) struct Live {
    bar: ProgressBar,
    planned: u64,
    started_at: Option<Timestamp>,
    now: Option<Timestamp>,
    counts: VerdictCounts,
    judged: u64,
    place: String,
    reading: String,
}

impl Live {
    pub(super) fn new(target: ProgressDrawTarget) -> Self {
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            planned: 0,
            started_at: None,
            now: None,
            counts: VerdictCounts::default(),
            judged: 0,
            place: String::new(),
            reading: String::new(),
        }
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
            RunEvent::Judged(result) => {
                self.counts.add(result.verdict);
                self.judged += 1;
            }
            _ => {}
        }
    }

    fn begin(&self, plan: &str) {
        let template = if self.planned > 0 { WITH_BAR } else { WITHOUT_BAR };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.set_length(self.planned);
        self.bar.set_prefix(truncate_str(plan, NAME_COLUMNS, "…").into_owned());
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

    pub(super) fn refresh(&self) {
        if self.bar.is_finished() {
            return;
        }
        self.bar.set_position(self.judged);
        self.bar.set_message(self.message());
    }

    /// `12 pass 1 fail · 3.2 s left · rail/vout[vi=7 V, il=0 A] 5.0012 V`.
    fn message(&self) -> String {
        let place = format!("{} {}", self.place, self.reading);
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

    /// As if the rest takes as long for each result as those before.
    fn time_left(&self) -> Option<String> {
        let took = text::between(self.started_at?, self.now?);
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
