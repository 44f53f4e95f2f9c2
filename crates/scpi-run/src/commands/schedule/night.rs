//! A sweep that is run: its jobs one after the other, each in its time, and whatever happens to one of them, the others go
//! on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bench_model::Timestamp;
use jiff::tz::TimeZone;
use night_shift::{Due, Job, OnFailure, Order};
use test_report::{JobState, NIGHT_FORMAT, Night, NightJob};

use super::job::{self, JobEnd, Stopped, until};
use super::nights::Nights;
use super::sweep_file::{self, SweepFile};
use super::{morning, registry};
use crate::args::{ScheduleRunArguments, TriggerWord};
use crate::database::{self, Database, OpenDatabase};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian;
use crate::locks::Lock;
use crate::runtime::block_on;
use crate::signals::Signals;
use crate::time_zone;

/// What a job may take where nothing says how long.
const LONGEST_JOB: Duration = Duration::from_secs(24 * 3600);
/// For a guardian to end a run that was killed.
const GUARDIAN_PATIENCE: Duration = Duration::from_secs(30);

/// A sweep with all that running it needs.
pub(super) struct Shift {
    pub(super) file: SweepFile,
    pub(super) jobs: Vec<Job>,
    pub(super) nights: Nights,
    pub(super) night: Night,
    zone: TimeZone,
    /// By when all of it ends.
    until: Timestamp,
}

/// Runs the sweep that was asked for, and shows its morning report.
pub(super) fn run(arguments: &ScheduleRunArguments) -> Result<Exit> {
    let asked = arguments.sweep.as_deref().unwrap_or(Path::new(""));
    let schedule = registry::find(asked)?;
    let file = schedule.as_ref().map_or_else(|| asked.to_owned(), |own| PathBuf::from(&own.sweep));
    let sweep = sweep_file::read(&file)?;
    let database = database::choose(&arguments.database)?;
    let name = format!("sweep/{}/{}", environment::data_folder()?.display(), sweep.sweep.name);
    let _only_one = Lock::take(&name, &format!("the sweep '{}'", sweep.sweep.name))?;
    let mut shift = Shift::new(sweep, schedule.as_ref(), arguments)?;
    let exit = block_on(async {
        let mut signals = Signals::listen()?;
        // Our own server is held for all jobs, so that it is not started for each. One that cannot be had holds up none.
        let held = hold(&database, &mut shift.night);
        shift.nights.keep(&shift.night);
        let exit = shift.run_jobs(arguments, &mut signals).await;
        Ok((exit?, held))
    });
    let (exit, held) = exit?;
    held.map_or(Ok(()), OpenDatabase::close)?;
    let arguments = schedule.as_ref().map_or_else(|| arguments.clone(), |own| own.over(arguments));
    morning::make(shift, exit, &database, &arguments)
}

fn hold(database: &Database, night: &mut Night) -> Option<OpenDatabase> {
    if !matches!(database, Database::Own(_)) {
        return None;
    }
    let opened = std::thread::scope(|scope| scope.spawn(|| database.open()).join());
    match opened {
        Ok(Ok(open)) => open,
        Ok(Err(failure)) => {
            night.notes.push(format!("the database: {failure}"));
            None
        }
        Err(_) => None,
    }
}

impl Shift {
    fn new(
        file: SweepFile,
        schedule: Option<&registry::Schedule>,
        arguments: &ScheduleRunArguments,
    ) -> Result<Self> {
        let sweep = &file.sweep;
        let zone = time_zone::zone(sweep.time_zone.as_deref())?;
        let nights = Nights::of(&sweep.name)?;
        let now = Timestamp::now();
        let mut jobs = sweep.jobs.clone();
        if let Some(shard) = arguments.shard {
            jobs = shard.of(jobs);
        }
        if sweep.order == Order::FailedFirst {
            failed_first(&mut jobs, &nights);
        }
        let mut notes = Vec::new();
        if arguments.trigger == TriggerWord::Scheduled {
            notes.extend(lateness(&file, schedule, &nights, &zone, now));
        }
        let night = Night {
            format: NIGHT_FORMAT,
            sweep: sweep.name.clone(),
            trigger: bench_model::Trigger::from(arguments.trigger).word().to_owned(),
            host: environment::host(),
            shard: arguments.shard.map(|shard| shard.to_string()),
            started_at: now,
            ended_at: None,
            jobs: jobs.iter().map(waiting).collect(),
            notes,
        };
        let longest = sweep.budget.unwrap_or(Duration::from_secs(366 * 86_400));
        let until = now.checked_add(longest).unwrap_or(Timestamp::MAX);
        Ok(Self { file, jobs, nights, night, zone, until })
    }

    /// All jobs; the worst of their codes.
    async fn run_jobs(
        &mut self,
        arguments: &ScheduleRunArguments,
        signals: &mut Signals,
    ) -> Result<Exit> {
        let mut exits = Vec::new();
        let mut left_out = LeftOut::default();
        for at in 0..self.jobs.len() {
            let Some(job) = self.jobs.get(at).cloned() else { continue };
            let why = match left_out.why(&job) {
                Some(why) => Some(why),
                None => self.wait_for_turn(signals).await,
            };
            let ended = match why {
                Some(why) => {
                    if !left_out.is_by_failure(&job) {
                        exits.push(Exit::Aborted);
                    }
                    self.entry(at).state = JobState::NotBegun { why };
                    None
                }
                None => Some(self.one(at, &job, arguments, signals).await?),
            };
            if let Some(exit) = ended {
                exits.push(exit);
                left_out.note(&job, exit, &self.entry(at).state);
            }
            self.nights.keep(&self.night);
        }
        self.night.ended_at = Some(Timestamp::now());
        self.nights.keep(&self.night);
        Ok(Exit::worst(exits))
    }

    /// Its entry; one aside where there is none, which never is.
    fn entry(&mut self, at: usize) -> &mut NightJob {
        if at >= self.night.jobs.len() {
            self.night.jobs.push(waiting(&Job::default()));
        }
        let last = self.night.jobs.len() - 1;
        &mut self.night.jobs[at.min(last)]
    }

    /// Waits where no job may begin; why the next one cannot.
    async fn wait_for_turn(&self, signals: &mut Signals) -> Option<String> {
        let now = Timestamp::now();
        if now >= self.until {
            return Some(self.budget_is_over());
        }
        let quiet = self.file.sweep.quiet_at(self.zone.to_datetime(now).time())?;
        let end = next_at(quiet.until(), now, &self.zone)?;
        if end >= self.until {
            return Some(format!("the quiet hours {quiet} last until the night's budget is over"));
        }
        say!("scpi-run: waiting until {end}: the quiet hours {quiet}");
        tokio::select! {
            () = until(end) => None,
            name = signals.end() => Some(format!("{name}: the sweep was stopped")),
        }
    }

    fn budget_is_over(&self) -> String {
        let budget = self.file.sweep.budget.unwrap_or_default();
        format!("the night's budget of {} is over", span(budget))
    }

    /// When a job must be over, and why then.
    fn deadline(&self, job: &Job) -> (Timestamp, String) {
        let now = Timestamp::now();
        let budget = job.budget.unwrap_or(LONGEST_JOB);
        let own = now.checked_add(budget).unwrap_or(Timestamp::MAX);
        let mut all = vec![
            (own, format!("it was past its budget of {}", span(budget))),
            (self.until, self.budget_is_over()),
        ];
        all.extend(self.file.sweep.quiet_hours.iter().filter_map(|quiet| {
            Some((
                next_at(quiet.from(), now, &self.zone)?,
                format!("the quiet hours {quiet} began"),
            ))
        }));
        all.into_iter().min_by_key(|(at, _)| *at).unwrap_or((own, String::new()))
    }

    /// Runs one job, and writes down how it came out.
    async fn one(
        &mut self,
        at: usize,
        job: &Job,
        arguments: &ScheduleRunArguments,
        signals: &mut Signals,
    ) -> Result<Exit> {
        let label = job.label();
        say!("scpi-run: {} of {}: {label}", at + 1, self.jobs.len());
        let (deadline, late) = self.deadline(job);
        let entry = self.entry(at);
        (entry.state, entry.started_at) = (JobState::Running, Some(Timestamp::now()));
        self.nights.keep(&self.night);
        let command = command(&self.file.words(job), arguments)?;
        let end = job::run(command, deadline, signals).await?;
        wait_for_guardians(&end).await;
        let exit = exit_of(&end);
        let entry = self.entry(at);
        entry.ended_at = Some(Timestamp::now());
        entry.state = match end.stopped {
            Some(Stopped::Late) => JobState::Stopped { why: late },
            Some(Stopped::Asked(name)) => {
                JobState::Stopped { why: format!("{name}: the sweep was stopped") }
            }
            None if end.exit.is_none() => {
                JobState::Stopped { why: "its process was killed".to_owned() }
            }
            None => JobState::Ended,
        };
        (entry.exit, entry.sessions, entry.said) = (Some(exit.code()), end.sessions, end.said);
        Ok(exit)
    }
}

/// What a job comes to. One that was stopped before it could hear of it says nothing.
fn exit_of(end: &JobEnd) -> Exit {
    match (end.exit, end.stopped) {
        (Some(code), None) => Exit::of_code(code),
        (None, None) => Exit::Internal,
        (code, Some(_)) => Exit::worst(code.map(Exit::of_code).into_iter().chain([Exit::Aborted])),
    }
}

/// What is left out after a failure.
#[derive(Default)]
struct LeftOut {
    all: Option<String>,
    by_failure: bool,
    duts: BTreeSet<String>,
}

impl LeftOut {
    fn note(&mut self, job: &Job, exit: Exit, state: &JobState) {
        if let JobState::Stopped { why } = state
            && why.ends_with("the sweep was stopped")
        {
            self.all = Some(why.clone());
        } else if exit != Exit::Pass {
            match job.on_failure {
                OnFailure::GoOn => {}
                OnFailure::SkipDut => self.duts.extend(job.dut.clone()),
                OnFailure::Stop => {
                    self.all =
                        Some(format!("on_failure = \"stop\", and {} did not pass", job.label()));
                    self.by_failure = true;
                }
            }
        }
    }

    fn why(&self, job: &Job) -> Option<String> {
        let of_dut = job.dut.as_ref().filter(|dut| self.duts.contains(*dut));
        let of_dut =
            of_dut.map(|dut| format!("on_failure = \"skip_dut\", and DUT {dut} did not pass"));
        self.all.clone().or(of_dut)
    }

    fn is_by_failure(&self, job: &Job) -> bool {
        self.by_failure || job.dut.as_ref().is_some_and(|dut| self.duts.contains(dut))
    }
}

fn waiting(job: &Job) -> NightJob {
    NightJob {
        label: job.label(),
        state: JobState::Waiting,
        exit: None,
        sessions: Vec::new(),
        started_at: None,
        ended_at: None,
        said: Vec::new(),
    }
}

/// What did not pass the night before comes first, else as written.
fn failed_first(jobs: &mut [Job], nights: &Nights) {
    let Some(last) = nights.before(Timestamp::MAX).into_iter().next() else { return };
    let passed: BTreeSet<String> =
        last.jobs.into_iter().filter(|job| job.exit == Some(0)).map(|job| job.label).collect();
    jobs.sort_by_key(|job| passed.contains(&job.label()));
}

/// What is to be said of a night that did not begin when it was due.
fn lateness(
    file: &SweepFile,
    schedule: Option<&registry::Schedule>,
    nights: &Nights,
    zone: &TimeZone,
    now: Timestamp,
) -> Option<String> {
    let sweep = &file.sweep;
    let own = schedule.and_then(|schedule| schedule.on.parse().ok());
    let calendar: night_shift::Calendar = own.or_else(|| sweep.on.clone())?;
    let before = nights.before(now).first().map(|night| night.started_at);
    let since = before.into_iter().chain(schedule.map(|schedule| schedule.added_at)).max()?;
    let zone = match calendar.zone() {
        Some(name) => time_zone::zone(Some(name)).ok()?,
        None => zone.clone(),
    };
    let jitter = schedule.map_or(sweep.jitter, |schedule| Duration::from_secs(schedule.jitter_s));
    match Due::of(&calendar, since, now, &zone) {
        Err(error) => Some(format!("the calendar: {error}")),
        Ok(due) => due?.lateness(now, jitter).map(|late| late.to_string()),
    }
}

/// The next time that a clock shows a time of day.
fn next_at(time: jiff::civil::Time, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = zone.to_datetime(now).date();
    let of = |day: jiff::civil::Date| zone.to_timestamp(day.to_datetime(time)).ok();
    of(today).filter(|at| *at > now).or_else(|| of(today.tomorrow().ok()?))
}

/// The run's process: this same program. The database's URL goes by the environment, for it may hold a password.
fn command(words: &[String], arguments: &ScheduleRunArguments) -> Result<Command> {
    let program = std::env::current_exe().map_err(Failure::internal)?;
    let mut command = Command::new(program);
    command.args(words).args(["--progress=none", "--json"]);
    command.arg(format!("--trigger={}", bench_model::Trigger::from(arguments.trigger).word()));
    if let Some(folder) = &arguments.report {
        command.arg("--report").arg(folder);
    }
    let database = &arguments.database;
    if let Some(url) = &database.db {
        command.env("DATABASE_URL", url);
    }
    for (is_given, option) in
        [(database.no_fetch, "--no-fetch"), (database.allow_superuser, "--allow-superuser")]
    {
        command.args(is_given.then_some(option));
    }
    Ok(command)
}

/// A run that was killed is ended by its guardian, whose report becomes a part of its record.
async fn wait_for_guardians(end: &JobEnd) {
    let Ok(folder) = environment::journal_folder() else { return };
    let over = tokio::time::Instant::now() + GUARDIAN_PATIENCE;
    for session in &end.sessions {
        let path = folder.path_of(*session);
        loop {
            let is_ended = run_journal::read_run(&path).is_ok_and(|run| run.end.is_some());
            let is_joined = is_ended || matches!(guardian::join(&path), Ok(true));
            // A run without energy has no guardian, and one that walked its way out needs none.
            if is_joined || end.exit.is_some() || tokio::time::Instant::now() >= over {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// `1 h 30 min`.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let text: Vec<String> = parts.map(|(count, unit)| format!("{count} {unit}")).collect();
    if text.is_empty() { "0 s".to_owned() } else { text.join(" ") }
}
