//! One session at each site, side by side on one bench, with their records.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use bench_catalog::Bench;
use bench_instruments::OpenOptions;
use bench_model::{BenchOrigin, EVENT_FORMAT, Origin, Record, SessionId, SessionStart};
use run_journal::{JournalFolder, JournalThread, JournalWriter, Observer};
use test_plan::Selection;
use test_report::OutputFault;
use test_runner::{Outcome, Session, Stop, Stopper, Unguarded, run_sites, stop_channel};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::screen::observers;
use super::{Cut, Prepared, expected};
use crate::args::RunArguments;
use crate::bench::{ChosenBench, ReadyBench};
use crate::database::{Database, Recorder};
use crate::dialects::dialects;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian::{Guardian, HEARTBEAT, report_beside};
use crate::keys::Keys;
use crate::leases::Leases;
use crate::locks::{self, Locks, WhenTaken};
use crate::operator::{self, SiteOperator, TerminalOperator};
use crate::plan::PlanInputs;
#[cfg(debug_assertions)]
use crate::provoked::by_signal;
use crate::runtime::block_on;
use crate::signals::Signals;
use crate::{connection, environment, tape};

/// For a connection to an instrument.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// For an answer, beyond the integration time; a bench file may give another.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// A session that has ended, and who still works on its record.
pub(super) struct Ran {
    pub(super) outcome: Outcome,
    pub(super) site: Option<String>,
    pub(super) record: Recording,
}

/// Who works on the record of a session.
pub(super) struct Recording {
    pub(super) path: PathBuf,
    pub(super) thread: JournalThread,
    pub(super) recorder: Recorder,
    pub(super) json_fault: Option<OutputFault>,
}

/// A journal with its thread.
struct Journal {
    path: PathBuf,
    sender: mpsc::Sender<Record>,
    thread: JournalThread,
}

impl Journal {
    fn open(
        folder: &JournalFolder,
        session: SessionId,
        cut: Option<&Cut>,
        observers: Vec<Box<dyn Observer>>,
    ) -> Result<Self> {
        let writer = match cut {
            Some(cut) => JournalWriter::reopen(&cut.journal),
            None => JournalWriter::create(folder, session),
        };
        let writer = writer.map_err(Failure::store)?;
        let path = writer.path().to_owned();
        let (sender, thread) = JournalThread::spawn(writer, observers)
            .map_err(|error| Failure::store(format!("no thread for the journal: {error}")))?;
        Ok(Self { path, sender, thread })
    }
}

fn session_start(prepared: &Prepared, arguments: &RunArguments) -> SessionStart {
    let Prepared { loaded, schedule, chosen, dut, origin, cut, .. } = prepared;
    if let Some(cut) = cut {
        return cut.start.clone();
    }
    SessionStart {
        session: SessionId(Uuid::now_v7()),
        format: EVENT_FORMAT,
        software: environment::software(),
        plan: loaded.text.clone(),
        test_type: Some(loaded.plan.test_type.word().to_owned()),
        dut: dut.clone(),
        bench: chosen.name().to_owned(),
        simulated: chosen.is_simulated(),
        partial: schedule.partial,
        trigger: arguments.trigger.into(),
        operator: arguments.operator.clone().or_else(environment::operator),
        host: environment::host(),
        parameters: schedule.parameters.clone(),
        environment: schedule.environment.clone(),
        planned_results: schedule.planned_results,
        planned_readings: schedule.planned_readings,
        origin: Some(Box::new(origin.clone())),
    }
}

/// Where a session comes from.
pub(crate) fn origin_of(bench: BenchOrigin, site: Option<String>, inputs: &PlanInputs) -> Origin {
    let Selection { steps, tags, skip } = inputs.selection.clone();
    Origin {
        build: environment::build(),
        folder: environment::folder(),
        bench,
        site,
        set: inputs.set.clone(),
        steps,
        tags,
        skip,
    }
}

/// Runs the sessions on their bench, with signals heard all the while. Nothing is recorded before the bench is there.
pub(super) fn on_bench(
    prepared: &[Prepared],
    arguments: &RunArguments,
    inputs: &PlanInputs,
    database: &Database,
) -> Result<Vec<Ran>> {
    let Some(first) = prepared.first() else { return Ok(Vec::new()) };
    let tape = arguments.conduct.trace.as_deref().map(tape::open).transpose()?;
    let options = OpenOptions {
        connect_timeout: CONNECT_TIMEOUT,
        read_timeout: READ_TIMEOUT,
        tape,
        logins: first.chosen.logins(&arguments.conduct.database)?,
        ..OpenOptions::new(dialects()?)
    };
    block_on(async {
        #[cfg(debug_assertions)]
        let options = OpenOptions { tape: Some(by_signal(options.tape)?), ..options };
        let mut signals = Signals::listen_awake()?;
        let (locks, leases) = locked(prepared, arguments, database, &mut signals).await?;
        let ready = first.chosen.clone().ready().await?;
        let sides = Sides { prepared, arguments, inputs, ready: &ready, options: &options };
        let ran = sides.run(database, &locks, &mut signals).await?;
        ready.close().await;
        if let Some(leases) = leases {
            leases.close();
        }
        Ok(ran)
    })
}

/// What the sessions of all sites are begun with.
struct Sides<'s> {
    prepared: &'s [Prepared],
    arguments: &'s RunArguments,
    inputs: &'s PlanInputs,
    ready: &'s ReadyBench,
    options: &'s OpenOptions,
}

impl Sides<'_> {
    async fn run(
        &self,
        database: &Database,
        locks: &Locks,
        signals: &mut Signals,
    ) -> Result<Vec<Ran>> {
        let operator = TerminalOperator::of_run(self.arguments.trigger);
        let names: Vec<Option<String>> =
            self.prepared.iter().map(|own| own.origin.site.clone()).collect();
        let operators: Vec<_> = names
            .iter()
            .map(|site| SiteOperator { operator: &operator, site: site.as_deref() })
            .collect();
        let benches: Vec<_> =
            self.prepared.iter().map(|own| self.ready.with_roles_of(&own.chosen)).collect();
        let (mut sessions, mut records) = (Vec::new(), Vec::new());
        for ((own, bench), operator) in self.prepared.iter().zip(&benches).zip(&operators) {
            let start = session_start(own, self.arguments);
            let (sender, recording) = self.record(own, &start, database)?;
            records.push(recording);
            sessions.push((self.session(own, start, bench, operator), sender));
        }
        let guardian = self.guardian(&records, locks)?;
        let (stopper, stop) = stop_channel();
        let _keys = self.keys(&stopper);
        let outcomes = tokio::select! {
            outcomes = guarded(sessions, self.ready.timed(stop), guardian) => outcomes,
            () = signals.stop(&stopper) => return Err(Failure::internal("signals ended")),
        };
        let ran = outcomes.into_iter().zip(names.clone()).zip(records);
        let ran = ran.map(|((outcome, site), record)| Ran { outcome, site, record });
        Ok(ran.collect())
    }

    /// Keys, where somebody is there and no question reads whole lines.
    fn keys(&self, stopper: &Stopper) -> Option<Keys> {
        let asks = |own: &Prepared| operator::asks(&own.schedule, own.chosen.is_simulated());
        let may_look =
            operator::is_attended(self.arguments.trigger) && !self.prepared.iter().any(asks);
        may_look.then(|| Keys::watch(stopper.clone())).flatten()
    }

    fn session<'o>(
        &'o self,
        own: &'o Prepared,
        start: SessionStart,
        bench: &'o Bench,
        operator: &'o SiteOperator<'o>,
    ) -> Session<'o> {
        Session {
            start,
            plan: &own.loaded.plan,
            set: &own.set,
            selection: &self.inputs.selection,
            roles: own.schedule.roles_used.clone(),
            bench,
            options: self.options,
            operator,
            lockout: self.arguments.conduct.lockout,
            authorities: connection::authorities(),
            resume: own.cut.as_ref().map(|cut| cut.continuation.clone()),
        }
    }

    /// Opens the journal of a session, and everything that follows it.
    fn record(
        &self,
        own: &Prepared,
        start: &SessionStart,
        database: &Database,
    ) -> Result<(mpsc::Sender<Record>, Recording)> {
        let asks = operator::asks(&own.schedule, own.chosen.is_simulated());
        let before = own.cut.as_ref().map(|cut| cut.run.clone());
        let site = own.origin.site.as_deref();
        let expected = || expected::time(start, own.cut.is_some(), &own.schedule);
        let (watchers, json_fault) = observers(self.arguments, asks, before, site, expected);
        let folder = environment::journal_folder()?;
        let journal = Journal::open(&folder, start.session, own.cut.as_ref(), watchers)?;
        let Journal { path, sender, thread } = journal;
        let recorder = Recorder::spawn(database.clone(), path.clone(), thread.synced())?;
        Ok((sender, Recording { path, thread, recorder, json_fault }))
    }

    /// One for all sites, where instruments are still there when this process is not.
    fn guardian(&self, records: &[Recording], locks: &Locks) -> Result<Option<Guardian>> {
        let Some(first) = self.prepared.first().filter(|it| it.chosen.outlives_us()) else {
            return Ok(None);
        };
        let heartbeat = first.loaded.plan.safe_state.heartbeat.unwrap_or(HEARTBEAT);
        let reports = records.iter().map(|record| report_beside(&record.path)).collect();
        Guardian::start(reports, heartbeat, locks.duplicates()?).map(Some)
    }
}

/// The locks of the instruments that they use, and their leases where hosts share a database; those in this process
/// are nobody else's.
async fn locked(
    prepared: &[Prepared],
    arguments: &RunArguments,
    database: &Database,
    signals: &mut Signals,
) -> Result<(Locks, Option<Leases>)> {
    let sites: Vec<_> = prepared.iter().filter_map(real_roles).collect();
    if sites.is_empty() {
        return Ok((Locks::default(), None));
    }
    let when_taken = if arguments.conduct.wait { WhenTaken::Wait } else { WhenTaken::Refuse };
    let taking = async {
        let locks = Locks::take(sites.iter().copied(), when_taken).await?;
        let used = sites.iter().flat_map(|(bench, roles)| locks::used(bench, roles)).collect();
        let leases = Leases::take(database, &used, when_taken).await?;
        Ok((locks, leases))
    };
    tokio::select! {
        taken = taking => taken,
        name = signals.end() => {
            Err(Failure::new(Exit::Aborted, format!("{name}: nothing was begun")))
        }
    }
}

fn real_roles(own: &Prepared) -> Option<(&Bench, &BTreeSet<String>)> {
    match &own.chosen {
        ChosenBench::Real(bench) => Some((bench, &own.schedule.roles_used)),
        ChosenBench::Simulated(_) => None,
    }
}

async fn guarded(
    sessions: Vec<(Session<'_>, mpsc::Sender<Record>)>,
    stop: Stop,
    guardian: Option<Guardian>,
) -> Vec<Outcome> {
    match guardian {
        Some(mut guardian) => run_sites(sessions, stop, &mut guardian).await,
        None => run_sites(sessions, stop, &mut Unguarded).await,
    }
}
