//! Several sessions at the same time, each on a DUT of its own: what they share of a run.
//!
//! Instruments are opened once. One guard is armed with the outputs of all sites before the first is set, and released
//! when the last site is safe. Everything is off before the first preset, and every preset made before the first setting.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bench_catalog::site;
use bench_instruments::Opened;
use bench_instruments::safe_state::Stage;
use bench_model::Record;
use futures_util::future::join_all;
use tokio::sync::{mpsc, watch};

use crate::bind::open_all;
use crate::gate::{Gate, Ticket};
use crate::guard::{Guard, Unguarded, guarded};
use crate::prepare::free_panels;
use crate::session::{Outcome, Session, run_at};
use crate::stop::Stop;
use crate::turns::{SiteTurns, Turns, turns};

/// Runs a session that nobody guards: for a bench that ends with this process. See [`run_guarded`].
pub async fn run(session: Session<'_>, journal: mpsc::Sender<Record>, stop: Stop) -> Outcome {
    run_guarded(session, journal, stop, &mut Unguarded).await
}

/// Runs a session. Its events go to the journal; when nobody takes them any more, it ends with all outputs
/// off. It always comes back, with all outputs off or named; the guard is for when it cannot come back. Where the
/// guard cannot be armed or is lost, nothing is switched on or nothing stays on.
pub async fn run_guarded(
    session: Session<'_>,
    journal: mpsc::Sender<Record>,
    stop: Stop,
    guard: &mut impl Guard,
) -> Outcome {
    let party = Arc::new(Party::of(1));
    let alone = run_at(&session, journal, stop.clone(), AtSite::new(0, &party));
    let sessions = [&session];
    tokio::join!(conduct(&party, &sessions, &stop, guard), alone).1
}

/// Runs sessions at the same time on the instruments of one bench, each with its own journal and verdicts: one that
/// fails stops no other, a stop stops all. An instrument without outputs that several use is used in turns.
pub async fn run_sites(
    sites: Vec<(Session<'_>, mpsc::Sender<Record>)>,
    stop: Stop,
    guard: &mut impl Guard,
) -> Vec<Outcome> {
    let (sessions, journals): (Vec<_>, Vec<_>) = sites.into_iter().unzip();
    let party = Arc::new(Party::of(sessions.len()));
    let places: Vec<_> = (0..sessions.len()).map(|site| AtSite::new(site, &party)).collect();
    let sessions: Vec<&Session<'_>> = sessions.iter().collect();
    let all = sessions.iter().zip(journals).zip(places);
    let all = all.map(|((session, journal), place)| run_at(session, journal, stop.clone(), place));
    let conducted = conduct(&party, &sessions, &stop, guard);
    tokio::join!(conducted, join_all(all)).1
}

/// What belongs to all sites together.
async fn conduct(party: &Party, sessions: &[&Session<'_>], stop: &Stop, guard: &mut impl Guard) {
    party.begun.all().await;
    let begun = own(&party.wanting).clone();
    let sessions: Vec<_> = begun.iter().filter_map(|site| sessions.get(*site).copied()).collect();
    let opened = Arc::new(open_all(&sessions).await);
    let shared = Arc::new(turns(shared(&sessions, &opened)));
    party.shared.send_replace(Some((Arc::clone(&opened), shared)));
    party.bound.all().await;
    let stages = std::mem::take(&mut *own(&party.stages));
    let armed = guard.arm(&stages).await;
    let is_armed = armed.is_ok();
    party.armed.send_replace(Some(armed));
    if is_armed {
        guarded(guard, stop, party.safe.all()).await;
        guard.release().await;
    }
    let lost = own(&party.lost).clone();
    let left = opened.instruments.iter().filter(|(name, _)| !lost.contains(*name));
    free_panels(left.map(|(_, instrument)| instrument)).await;
    party.over.send_replace(true);
}

/// Instruments that play a part at several sites and have no outputs, which are each site's own.
fn shared(sessions: &[&Session<'_>], opened: &Opened) -> BTreeSet<String> {
    let targets: Vec<Vec<_>> = sessions
        .iter()
        .map(|session| session.roles.iter().filter_map(|role| session.bench.target(role)).collect())
        .collect();
    let mut shared = site::shared(targets.iter().map(|own| own.iter().collect()));
    let has_outputs = |name: &String| {
        opened.instruments.get(name).is_some_and(|it| it.dialect().class.has_outputs())
    };
    shared.retain(|name| !has_outputs(name));
    shared
}

/// What the sites of a run do together.
pub(crate) struct Party {
    sites: usize,
    begun: Gate,
    bound: Gate,
    off: Gate,
    preset: Gate,
    safe: Gate,
    /// Sites whose sessions could be begun.
    wanting: Mutex<Vec<usize>>,
    /// Who has answered, and what of it is used in turns.
    shared: watch::Sender<Option<(Arc<Opened>, Arc<Turns>)>>,
    /// What each site switches off.
    stages: Mutex<Vec<Vec<Stage>>>,
    armed: watch::Sender<Option<Result<(), String>>>,
    lost: Mutex<BTreeSet<String>>,
    /// Everything is off, and nobody guards any more.
    over: watch::Sender<bool>,
}

impl Party {
    fn of(sites: usize) -> Self {
        Self {
            sites,
            begun: Gate::new(),
            bound: Gate::new(),
            off: Gate::new(),
            preset: Gate::new(),
            safe: Gate::new(),
            wanting: Mutex::default(),
            shared: watch::Sender::new(None),
            stages: Mutex::new(vec![Vec::new(); sites]),
            armed: watch::Sender::new(None),
            lost: Mutex::default(),
            over: watch::Sender::new(false),
        }
    }
}

/// One site's part in it. Dropped, it holds up nobody.
pub(crate) struct AtSite {
    site: usize,
    party: Arc<Party>,
    begun: Option<Ticket>,
    bound: Option<Ticket>,
    gates: Gates,
    safe: Option<Ticket>,
}

/// What a site passes together with the others before it begins.
#[derive(Default)]
pub(crate) struct Gates {
    /// All outputs are off.
    pub(crate) off: Option<Ticket>,
    /// All presets are made.
    pub(crate) preset: Option<Ticket>,
}

impl AtSite {
    fn new(site: usize, party: &Arc<Party>) -> Self {
        Self {
            site,
            begun: Some(party.begun.ticket()),
            bound: Some(party.bound.ticket()),
            gates: Gates { off: Some(party.off.ticket()), preset: Some(party.preset.ticket()) },
            safe: Some(party.safe.ticket()),
            party: Arc::clone(party),
        }
    }

    /// The instruments, once those of all sites have been asked who they are.
    pub(crate) async fn opened(&mut self) -> Arc<Opened> {
        own(&self.party.wanting).push(self.site);
        self.begun = None;
        told(&self.party.shared).await.map(|(opened, _)| opened).unwrap_or_default()
    }

    /// Arms the guard together with the others.
    pub(crate) async fn arm(&mut self, stages: &[Stage]) -> Result<(), String> {
        if let Some(own) = own(&self.party.stages).get_mut(self.site) {
            *own = stages.to_vec();
        }
        self.bound = None;
        told(&self.party.armed).await.unwrap_or_else(|| Err("nobody guards".to_owned()))
    }

    /// Its turns with what others use too.
    pub(crate) fn turns(&self) -> SiteTurns {
        let shared = self.party.shared.borrow().as_ref().map(|(_, turns)| Arc::clone(turns));
        let has_others = self.party.sites > 1;
        SiteTurns::new(self.site, has_others, shared.unwrap_or_default())
    }

    /// What it passes before it begins, once.
    pub(crate) fn gates(&mut self) -> Gates {
        std::mem::take(&mut self.gates)
    }

    /// It is safe; it waits until nobody guards any more.
    pub(crate) async fn leave(&mut self, lost: &BTreeSet<String>) {
        own(&self.party.lost).extend(lost.iter().cloned());
        self.safe = None;
        // Whoever says so is there as long as the party is.
        let _ = self.party.over.subscribe().wait_for(|over| *over).await;
    }
}

/// A lock is never held over a panic.
fn own<T>(of_all: &Mutex<T>) -> MutexGuard<'_, T> {
    of_all.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is said once, for all.
async fn told<T: Clone>(saying: &watch::Sender<Option<T>>) -> Option<T> {
    let mut said = saying.subscribe();
    said.wait_for(Option::is_some).await.ok().and_then(|said| said.clone())
}
