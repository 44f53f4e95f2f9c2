//! Sweeps: which plans run on which benches and DUTs, with which parameters, in one night.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::calendar::Calendar;
use crate::file::{JobFile, OneOrMany, Sim, SweepFile};
use crate::span::{DayTimes, duration};

/// Jobs of a sweep after its matrices are multiplied out, at most.
pub const MAX_JOBS: usize = 10_000;
/// Characters of a sweep's name, at most: it names files and units.
const MAX_NAME_CHARS: usize = 64;
/// How often a night in which nothing moved may be flagged, where the file does not say.
const DEFAULT_ALPHA: f64 = 0.01;
/// Days before the end of a calibration at which it is said, where the file does not say.
const DEFAULT_CALIBRATION_DAYS: u32 = 30;
/// Repetitions of a job, at most.
const MAX_REPEAT: u32 = 10_000;

/// A checked sweep.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sweep {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// What it is for.
    pub help: Option<String>,
    /// When it runs, where the file says so.
    pub on: Option<Calendar>,
    /// The time zone of `on` and of the quiet hours; else that of the machine.
    pub time_zone: Option<String>,
    /// Its beginning is held back by up to so much.
    pub jitter: Duration,
    /// All of it ends within this time.
    pub budget: Option<Duration>,
    /// No job is begun, or goes on, in these parts of a day.
    pub quiet_hours: Vec<DayTimes>,
    /// Which job is first.
    pub order: Order,
    /// What is done about instruments that another run uses.
    pub in_use: WhenInUse,
    /// How often a night in which nothing moved may be flagged, all jobs and places together.
    pub alpha: f64,
    /// The report names calibrations that end within so many days.
    pub calibration_within_days: u32,
    /// What is run.
    pub jobs: Vec<Job>,
}

/// One run of a plan, or several alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// The plan's file, beside the sweep's or from its folder on.
    pub plan: String,
    /// On which instruments.
    pub bench: BenchChoice,
    /// What is tested, by its serial number.
    pub dut: Option<String>,
    /// Parameters.
    pub set: BTreeMap<String, String>,
    /// Only steps with these tags.
    pub tags: Vec<String>,
    /// No steps with these tags.
    pub skip: Vec<String>,
    /// Only these steps.
    pub steps: Vec<String>,
    /// How often.
    pub repeat: u32,
    /// It is stopped after this time.
    pub budget: Option<Duration>,
    /// The baseline that it is held against, by name.
    pub baseline: Option<String>,
    /// What is done when it does not pass.
    pub on_failure: OnFailure,
}

/// On which instruments a job runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BenchChoice {
    /// The plan's own simulated bench.
    #[default]
    OwnSimulated,
    /// A simulated bench by name.
    Simulated(String),
    /// Those of a bench file, beside the sweep's file or from its folder on.
    File(String),
}

/// In which order jobs run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As the file has them.
    #[default]
    AsWritten,
    /// What did not pass the night before comes first.
    FailedFirst,
}

/// What is done when a job does not pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The next one runs.
    #[default]
    GoOn,
    /// The other jobs of the same DUT are left out.
    SkipDut,
    /// All others are left out.
    Stop,
}

/// What is done about instruments that another run uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenInUse {
    /// They are waited for, within the job's budget.
    #[default]
    Wait,
    /// The job is not begun.
    Refuse,
}

/// A file that is no sweep: all of its faults.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct SweepError(pub Vec<SweepFault>);

/// One fault of a sweep file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SweepFault {
    /// The file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub fault: String,
}

impl std::fmt::Display for SweepFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.fault)
    }
}

fn lines(faults: &[SweepFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Sweep {
    /// Reads and checks a sweep file. Whether the files that it names are there is its caller's to see.
    ///
    /// # Errors
    ///
    /// When it is none: with all faults, each with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, SweepError> {
        let mut faults = Faults { file, text, all: Vec::new() };
        let read: SweepFile = match toml::from_str(text) {
            Ok(read) => read,
            Err(error) => {
                faults.add(error.span().unwrap_or_default(), error.message().to_owned());
                return Err(SweepError(faults.all));
            }
        };
        let sweep = checked(&read, &mut faults);
        faults.all.sort_by_key(|fault| fault.line);
        if faults.all.is_empty() { Ok(sweep) } else { Err(SweepError(faults.all)) }
    }

    /// Whether jobs may go on at a time of day.
    #[must_use]
    pub fn quiet_at(&self, time: jiff::civil::Time) -> Option<DayTimes> {
        self.quiet_hours.iter().copied().find(|hours| hours.contains(time))
    }
}

impl Job {
    /// `charger.toml, DUT A1, load = 1 A`.
    #[must_use]
    pub fn label(&self) -> String {
        let mut parts = vec![self.plan.clone()];
        match &self.bench {
            BenchChoice::OwnSimulated => {}
            BenchChoice::Simulated(name) => parts.push(format!("on {name}")),
            BenchChoice::File(file) => parts.push(format!("on {file}")),
        }
        parts.extend(self.dut.as_ref().map(|dut| format!("DUT {dut}")));
        parts.extend(self.set.iter().map(|(name, value)| format!("{name} = {value}")));
        let chosen = [("tags", &self.tags), ("without", &self.skip), ("steps", &self.steps)];
        let chosen = chosen.into_iter().filter(|(_, names)| !names.is_empty());
        parts.extend(chosen.map(|(what, names)| format!("{what} {}", names.join(" "))));
        parts.join(", ")
    }
}

/// What is wrong so far.
struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    all: Vec<SweepFault>,
}

impl Faults<'_> {
    fn add(&mut self, span: Range<usize>, fault: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        self.all.push(SweepFault { file: self.file.to_owned(), line, fault: fault.into() });
    }

    /// What a text says, or a fault at its place.
    fn read<T, E: std::fmt::Display>(
        &mut self,
        text: Option<&Spanned<String>>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = text?;
        read(text.get_ref()).map_err(|error| self.add(text.span(), error.to_string())).ok()
    }
}

fn checked(read: &SweepFile, faults: &mut Faults<'_>) -> Sweep {
    check_name(&read.name, faults);
    let alpha = read.alpha.as_ref().map_or(DEFAULT_ALPHA, |alpha| *alpha.get_ref());
    if let Some(given) = read.alpha.as_ref().filter(|_| !(alpha > 0.0 && alpha < 1.0)) {
        faults.add(given.span(), format!("alpha is {alpha}; a number between 0 and 1 is wanted"));
    }
    let mut quiet_hours = Vec::new();
    for text in &read.quiet_hours {
        quiet_hours.extend(faults.read(Some(text), str::parse::<DayTimes>));
    }
    if read.jobs.is_empty() {
        faults.add(0..0, "there is no job in it; [[jobs]] with plan = \"...\" is wanted");
    }
    if read.defaults.plan.is_some() {
        faults.add(0..0, "[defaults] names a plan; a job does that");
    }
    let mut jobs = Vec::new();
    for job in &read.jobs {
        expand(job, &read.defaults, faults, &mut jobs);
    }
    Sweep {
        name: read.name.get_ref().clone(),
        help: read.help.clone(),
        on: faults.read(read.on.as_ref(), str::parse),
        time_zone: read.time_zone.clone(),
        jitter: faults.read(read.jitter.as_ref(), duration).unwrap_or_default(),
        budget: faults.read(read.budget.as_ref(), duration),
        quiet_hours,
        order: read.order,
        in_use: read.in_use,
        alpha,
        calibration_within_days: read.calibration_within_days.unwrap_or(DEFAULT_CALIBRATION_DAYS),
        jobs,
    }
}

fn check_name(name: &Spanned<String>, faults: &mut Faults<'_>) {
    if let Some(fault) = name_fault(name.get_ref()) {
        faults.add(name.span(), fault);
    }
}

/// Why a text is no name of a sweep or schedule; none where it is one.
#[must_use]
pub fn name_fault(name: &str) -> Option<String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let is_name = !name.is_empty()
        && name.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && name.chars().all(is_plain)
        && name.len() <= MAX_NAME_CHARS;
    (!is_name).then(|| {
        format!(
            "'{name}' is no name: letters, digits, - and _ are wanted, at most {MAX_NAME_CHARS}"
        )
    })
}

/// All combinations of what a job lists, the last the fastest.
fn expand(
    job: &Spanned<JobFile>,
    defaults: &JobFile,
    faults: &mut Faults<'_>,
    jobs: &mut Vec<Job>,
) {
    let own = job.get_ref();
    let plans = own.plan.as_ref().map(OneOrMany::texts).unwrap_or_default();
    if plans.is_empty() {
        return faults.add(job.span(), "the job names no plan; plan = \"FILE\" is wanted");
    }
    let benches = benches(job, defaults, faults);
    let duts = own.dut.as_ref().or(defaults.dut.as_ref()).map(OneOrMany::texts);
    let duts = duts.map_or_else(|| vec![None], |duts| duts.into_iter().map(Some).collect());
    let mut set = defaults.set.clone();
    set.extend(own.set.clone());
    let sets = combinations(&set);
    if let Some(empty) = set.iter().find(|(_, values)| values.texts().is_empty()) {
        return faults.add(job.span(), format!("set: '{}' has no value", empty.0));
    }
    let count = plans.len().saturating_mul(benches.len()).saturating_mul(duts.len());
    let count = count.saturating_mul(sets.len());
    if count.saturating_add(jobs.len()) > MAX_JOBS {
        return faults
            .add(job.span(), format!("with this one there are more than {MAX_JOBS} jobs"));
    }
    let template = template(job, defaults, faults);
    for plan in &plans {
        for bench in &benches {
            for dut in &duts {
                let of = |set: &BTreeMap<String, String>| Job {
                    plan: plan.clone(),
                    bench: bench.clone(),
                    dut: dut.clone(),
                    set: set.clone(),
                    ..template.clone()
                };
                jobs.extend(sets.iter().map(of));
            }
        }
    }
}

/// What all combinations of a job have in common.
fn template(job: &Spanned<JobFile>, defaults: &JobFile, faults: &mut Faults<'_>) -> Job {
    let own = job.get_ref();
    let list = |own: &Option<Vec<String>>, other: &Option<Vec<String>>| {
        own.clone().or_else(|| other.clone()).unwrap_or_default()
    };
    let repeat = own.repeat.as_ref().or(defaults.repeat.as_ref());
    if let Some(wrong) = repeat.filter(|repeat| !(1..=MAX_REPEAT).contains(repeat.get_ref())) {
        faults.add(
            wrong.span(),
            format!("repeat is {}; 1 to {MAX_REPEAT} is wanted", wrong.get_ref()),
        );
    }
    let budget = own.budget.as_ref().or(defaults.budget.as_ref());
    Job {
        tags: list(&own.tags, &defaults.tags),
        skip: list(&own.skip, &defaults.skip),
        steps: list(&own.steps, &defaults.steps),
        repeat: repeat.map_or(1, |repeat| *repeat.get_ref()),
        budget: faults.read(budget, duration),
        baseline: own.baseline.clone().or_else(|| defaults.baseline.clone()),
        on_failure: own.on_failure.or(defaults.on_failure).unwrap_or_default(),
        ..Job::default()
    }
}

/// Its own, else the defaults'.
fn benches(
    job: &Spanned<JobFile>,
    defaults: &JobFile,
    faults: &mut Faults<'_>,
) -> Vec<BenchChoice> {
    let own = job.get_ref();
    let says = |one: &JobFile| one.bench.is_some() || one.sim.is_some();
    let chosen = if says(own) { own } else { defaults };
    match (&chosen.bench, &chosen.sim) {
        (Some(_), Some(_)) => {
            faults.add(job.span(), "bench and sim are both given; one of them is wanted");
            Vec::new()
        }
        (Some(files), None) => files.texts().into_iter().map(BenchChoice::File).collect(),
        (None, Some(Sim::Own(true))) => vec![BenchChoice::OwnSimulated],
        (None, Some(Sim::Named(names))) => {
            names.texts().into_iter().map(BenchChoice::Simulated).collect()
        }
        (None, None | Some(Sim::Own(false))) => {
            faults
                .add(job.span(), "on which instruments? bench = \"FILE\" or sim = true is wanted");
            Vec::new()
        }
    }
}

/// Every value of one with every value of the others. Stops growing above [`MAX_JOBS`], which its caller refuses.
fn combinations(set: &BTreeMap<String, OneOrMany>) -> Vec<BTreeMap<String, String>> {
    let mut all = vec![BTreeMap::new()];
    for (name, values) in set {
        let values = values.texts();
        let with = |before: &BTreeMap<String, String>, value: &String| {
            let mut one = before.clone();
            one.insert(name.clone(), value.clone());
            one
        };
        let next =
            all.iter().flat_map(|before| values.iter().map(move |value| with(before, value)));
        all = next.take(MAX_JOBS + 1).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use super::*;

    const WHOLE: &str = r#"
name = "nightly"
help = "all of the lab"
on = "Mon..Fri 22:00"
time_zone = "Europe/Berlin"
jitter = "5 min"
budget = "8 h"
quiet_hours = ["06:30..08:00"]
order = "failed_first"
in_use = "refuse"
alpha = 0.001
calibration_within_days = 14

[defaults]
bench = "lab.toml"
budget = "30 min"
baseline = "good"

[[jobs]]
plan = ["charger.toml", "regulator.toml"]
dut = ["A1", "A2"]
set = { load = ["500 mA", "1 A"], fast = true }
on_failure = "skip_dut"

[[jobs]]
plan = "quickstart.toml"
sim = "quickstart"
repeat = 3
tags = ["smoke"]
budget = "2 min"
"#;

    #[test]
    fn a_whole_file_is_read_and_its_matrix_multiplied_out() {
        let sweep = Sweep::parse("nightly.toml", WHOLE).unwrap();
        assert_eq!(
            (sweep.jobs.len(), sweep.order, sweep.in_use),
            (9, Order::FailedFirst, WhenInUse::Refuse)
        );
        let labels: Vec<String> = sweep.jobs.iter().map(Job::label).collect();
        assert_eq!(
            labels.first().unwrap(),
            "charger.toml, on lab.toml, DUT A1, fast = true, load = 500 mA"
        );
        assert_eq!(
            labels.get(7).unwrap(),
            "regulator.toml, on lab.toml, DUT A2, fast = true, load = 1 A"
        );
        let last = sweep.jobs.last().unwrap();
        assert_eq!(last.label(), "quickstart.toml, on quickstart, tags smoke");
        assert_eq!((last.repeat, last.budget), (3, Some(Duration::from_secs(120))));
        assert_eq!(last.baseline.as_deref(), Some("good"));
        let six = jiff::civil::time(7, 0, 0, 0);
        assert_eq!(sweep.quiet_at(six).unwrap().to_string(), "06:30..08:00");
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "name = \"a b\"\non = \"25:00\"\nbudget = \"soon\"\nquiet_hours = [\n  \"6\",\n]\nalpha = 2.0\n\
                    [[jobs]]\nplan = \"a.toml\"\n[[jobs]]\nsim = true\n[[jobs]]\nplan = \"a.toml\"\nsim = true\n\
                    bench = \"b.toml\"\n[[jobs]]\nplan = \"a.toml\"\nsim = true\nrepeat = 0\n";
        let faults = Sweep::parse("s.toml", text).unwrap_err().to_string();
        for wanted in [
            "s.toml:1: 'a b' is no name",
            "s.toml:2: '25:00' is no calendar expression",
            "s.toml:3: 'soon' is no length of time",
            "s.toml:5: '6' is no part of a day",
            "s.toml:7: alpha is 2",
            "s.toml:8: on which instruments?",
            "s.toml:10: the job names no plan",
            "s.toml:12: bench and sim are both given",
            "s.toml:19: repeat is 0",
        ] {
            assert!(faults.contains(wanted), "{wanted} is missing:\n{faults}");
        }
    }

    #[test]
    fn what_is_no_sweep_is_refused() {
        let many = (0..200).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
        for (text, wanted) in [
            ("name = 1", "s.toml:1: "),
            ("name = 'a'\ncolour = 1\n", "s.toml:2: unknown field `colour`"),
            ("name = 'a'\n", "there is no job in it"),
            (
                "name = 'a'\n[defaults]\nplan = 'x'\nsim = true\n[[jobs]]\nplan = 'y'",
                "[defaults] names a plan",
            ),
            (
                &format!(
                    "name = 'a'\n[[jobs]]\nplan = 'p'\nsim = true\nset = {{ a = [{many}], b = [{many}] }}"
                ),
                "more than 10000 jobs",
            ),
            ("name = 'a'\n[[jobs]]\nplan = 'p'\nsim = true\nset = { a = [] }", "'a' has no value"),
            ("name = 'a'\n[[jobs]]\nplan = 'p'\nsim = false", "on which instruments?"),
        ] {
            let fault = Sweep::parse("s.toml", text).unwrap_err().to_string();
            assert!(fault.contains(wanted), "{wanted} is missing: {fault}");
        }
    }
}
