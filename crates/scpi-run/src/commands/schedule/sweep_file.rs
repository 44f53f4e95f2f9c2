//! A sweep file read, and its jobs as what a run is told: a job is the same as its command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_model::Timestamp;
use clap::Parser;
use night_shift::{BenchChoice, Job, Sweep, WhenInUse};

use super::night::span;
use crate::args::{Arguments, RunArguments};
use crate::commands::explain::shown;
use crate::commands::run::{self, Prepared};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::plan::PlanInputs;
use crate::time_zone;

/// The largest sweep file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A sweep and where it lies.
#[derive(Clone, Debug)]
pub(crate) struct SweepFile {
    pub(crate) sweep: Sweep,
    /// Its folder: what it names lies beside it.
    folder: PathBuf,
}

/// Whether a file says that it is a sweep: it has jobs and no steps. What cannot be read is none.
pub(crate) fn is_sweep(file: &Path) -> bool {
    let Ok(text) = text_of(file) else { return false };
    let jobs = text.lines().any(|line| line.trim_start().starts_with("[[jobs"));
    jobs && !text.lines().any(|line| line.trim_start().starts_with("[[steps"))
}

fn text_of(file: &Path) -> Result<String> {
    let fault = |error: std::io::Error| Failure::usage(format!("{}: {error}", file.display()));
    let size = fs::metadata(file).map_err(fault)?.len();
    if size > MAX_BYTES {
        let file = file.display();
        return Err(Failure::usage(format!(
            "{file}: {size} bytes are no sweep; it may have {MAX_BYTES}"
        )));
    }
    fs::read_to_string(file).map_err(fault)
}

/// Reads and checks one; the files that it names are looked at when their turn comes.
pub(crate) fn read(file: &Path) -> Result<SweepFile> {
    let text = text_of(file)?;
    let sweep = Sweep::parse(&file.display().to_string(), &text)
        .map_err(|error| Failure::new(Exit::PlanInvalid, error))?;
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    Ok(SweepFile { sweep, folder })
}

impl SweepFile {
    /// A file that the sweep names: beside it, else as it stands.
    fn file(&self, name: &str) -> String {
        let beside = self.folder.join(name);
        if beside.exists() || !Path::new(name).exists() {
            beside.display().to_string()
        } else {
            name.to_owned()
        }
    }

    /// What a run of it is told: the words behind `scpi-run`.
    pub(crate) fn words(&self, job: &Job) -> Vec<String> {
        let mut words = vec![self.file(&job.plan)];
        match &job.bench {
            BenchChoice::OwnSimulated => words.push("--sim".to_owned()),
            BenchChoice::Simulated(name) if name.ends_with(".toml") => {
                words.push(format!("--sim={}", self.file(name)));
            }
            BenchChoice::Simulated(name) => words.push(format!("--sim={name}")),
            BenchChoice::File(file) => words.push(format!("--bench={}", self.file(file))),
        }
        words.extend(job.dut.iter().map(|dut| format!("--dut={dut}")));
        words.extend(job.set.iter().map(|(name, value)| format!("--set={name}={value}")));
        words.extend(job.tags.iter().map(|tag| format!("--tag={tag}")));
        words.extend(job.skip.iter().map(|tag| format!("--skip={tag}")));
        words.extend(job.steps.iter().map(|step| format!("--step={step}")));
        words.push(format!("--repeat={}", job.repeat));
        if self.sweep.in_use == WhenInUse::Wait {
            words.push("--wait".to_owned());
        }
        words
    }

    /// The same as a run has it.
    pub(crate) fn arguments(&self, job: &Job) -> Result<RunArguments> {
        let words = std::iter::once("scpi-run".to_owned()).chain(self.words(job));
        let words = words.chain(["--trigger=scheduled".to_owned()]);
        Arguments::try_parse_from(words).map(|arguments| arguments.run).map_err(Failure::usage)
    }

    /// The bench files of all jobs, each once.
    pub(crate) fn benches(&self) -> Vec<String> {
        let benches = self.sweep.jobs.iter().filter_map(|job| match &job.bench {
            BenchChoice::File(file) => Some(self.file(file)),
            BenchChoice::OwnSimulated | BenchChoice::Simulated(_) => None,
        });
        let all: std::collections::BTreeSet<String> = benches.collect();
        all.into_iter().collect()
    }
}

/// What is said of a sweep file: every fault of it and of what it names, or what a night of it is.
pub(crate) fn check(file: &Path) -> Result<String> {
    let own = read(file)?;
    let mut faults = Vec::new();
    let mut results = 0_u64;
    for job in &own.sweep.jobs {
        match prepared(&own, job) {
            Ok(sites) => {
                let planned = sites.iter().map(|site| site.schedule.planned_results);
                results += planned.sum::<u64>() * u64::from(job.repeat);
            }
            Err(failure) => faults.push(format!("{}: {failure}", job.label())),
        }
    }
    let next = match next(&own) {
        Ok(next) => next.map(|next| format!("; next due at {next}")).unwrap_or_default(),
        Err(failure) => {
            faults.push(failure.to_string());
            String::new()
        }
    };
    if !faults.is_empty() {
        faults.dedup();
        let text = faults.join("\n");
        return Err(Failure::new(
            Exit::PlanInvalid,
            format!("{}: faults of the sweep:\n{text}", file.display()),
        ));
    }
    let jobs = own.sweep.jobs.len();
    Ok(format!("{}: no fault; {jobs} jobs, {results} results{next}\n", file.display()))
}

/// For each site of its bench.
fn prepared(own: &SweepFile, job: &Job) -> Result<Vec<Prepared>> {
    let arguments = own.arguments(job)?;
    let plan = arguments.plans.first().cloned().unwrap_or_default();
    run::prepare(&plan, &arguments, &PlanInputs::of(&arguments.inputs))
}

/// When it is next due, where it says when.
fn next(own: &SweepFile) -> Result<Option<Timestamp>> {
    let zone = time_zone::zone(own.sweep.time_zone.as_deref())?;
    let Some(on) = &own.sweep.on else { return Ok(None) };
    let zone = on.zone().map_or(Ok(zone), |name| time_zone::zone(Some(name)))?;
    on.next_after(Timestamp::now(), &zone).map(Some).map_err(Failure::usage)
}

/// The jobs of a night, and how long it takes.
pub(crate) fn explain(file: &Path) -> Result<String> {
    let own = read(file)?;
    let (mut text, mut total, mut is_open) = (String::new(), Duration::ZERO, false);
    for job in &own.sweep.jobs {
        // Sites run side by side: the first tells how long all of them take.
        let Some(prepared) = prepared(&own, job)?.into_iter().next() else { continue };
        let estimate = prepared.schedule.estimate(prepared.chosen.line_frequency_hz());
        let time = estimate.total() * job.repeat;
        total += job.budget.map_or(time, |budget| time.min(budget));
        is_open |= estimate.is_open;
        let budget =
            job.budget.map(|budget| format!(", at most {}", span(budget))).unwrap_or_default();
        let times = if job.repeat > 1 { format!(", {} times", job.repeat) } else { String::new() };
        text.push_str(&format!("  {}{times}: {}{budget}\n", job.label(), shown(time)));
    }
    let least = if is_open { "at least" } else { "about" };
    let jobs = own.sweep.jobs.len();
    let budget = own.sweep.budget;
    let over = budget.filter(|budget| total > *budget);
    let over = over.map(|budget| format!("; that is more than its budget of {}", span(budget)));
    Ok(format!(
        "{}: {jobs} jobs, {least} {} beside opening benches{}\n{text}",
        file.display(),
        shown(total),
        over.unwrap_or_default()
    ))
}
