//! The guardian's side: takes orders, waits for the worst, and acts once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use bench_instruments::safe_state::{read_back, switch_off};
use bench_instruments::{OffOrder, Switch};
use bench_model::{SafeState, Timestamp};
use rustix::process::Signal;
use scpi_client::Instrument;
use scpi_protocol::address::Address;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian::fence::fence;
use crate::guardian::order::{InstrumentOrder, Order};
use crate::guardian::report::{Deed, DeedEvent, what_is_not, what_is_off, write};
use crate::guardian::socket::{Received, Socket};
use crate::runtime::block_on;

/// What asks a process to end or to sleep: a guardian does neither.
const UNHEARD: [Signal; 9] = [
    Signal::HUP,
    Signal::INT,
    Signal::TERM,
    Signal::QUIT,
    Signal::TSTP,
    Signal::TTIN,
    Signal::TTOU,
    Signal::USR1,
    Signal::USR2,
];

/// How long a run whose socket has closed may take to end by itself: most often it is about to.
const END_GRACE: Duration = Duration::from_millis(50);

/// How long the last words may take on a screen that takes none.
const LAST_WORDS_WAIT: Duration = Duration::from_secs(1);

/// How the kernel is asked to spare this process when memory runs out.
const OOM_SCORE: &str = "-900";

/// Guards whoever is at the other end of standard input.
pub(crate) fn watch() -> Result<Exit> {
    // Only some may: best effort.
    let _ = std::fs::write("/proc/self/oom_score_adj", OOM_SCORE);
    block_on(async {
        for unheard in UNHEARD {
            // Once it has been listened to, it ends nobody any more.
            drop(signal(SignalKind::from_raw(unheard.as_raw())).map_err(Failure::internal)?);
        }
        let end = io::stdin().as_fd().try_clone_to_owned();
        let socket = end.and_then(Socket::new).map_err(|_| {
            Failure::usage("a guardian is started by a run, which guards its outputs by it")
        })?;
        guard(&socket).await
    })
}

async fn guard(socket: &Socket) -> Result<Exit> {
    let mut charge = Charge::default();
    let noticed = loop {
        let wait = if charge.is_armed { charge.heartbeat } else { Duration::MAX };
        // What has come is looked at before the time is.
        match timeout(wait, socket.receive()).await {
            Ok(Ok(Some(received))) => match charge.take(received)? {
                Next::Listen => {}
                Next::Answer => {
                    // A run that hears nothing any more is noticed by its own silence.
                    let _ = socket.send_now(b"yes", None);
                }
                Next::Go => return Ok(Exit::Pass),
            },
            Ok(Ok(None) | Err(_)) => break Noticed::End,
            Err(_) => break Noticed::Silence,
        }
    };
    match charge.runner.take() {
        Some(runner) if charge.is_armed => act(&charge, runner, noticed).await,
        _ => Ok(Exit::Pass),
    }
}

/// What the guardian noticed.
#[derive(Clone, Copy)]
enum Noticed {
    /// The socket has closed, and no word came before.
    End,
    /// The socket is open, and no beat comes.
    Silence,
}

impl Noticed {
    fn reason(self, heartbeat: Duration) -> String {
        match self {
            Self::End => "the run ended without its safe state".to_owned(),
            Self::Silence => format!("the run gave no sign of life for {heartbeat:?}"),
        }
    }

    /// What the run may take to end by itself.
    fn grace(self) -> Duration {
        match self {
            Self::End => END_GRACE,
            Self::Silence => Duration::ZERO,
        }
    }
}

/// What is guarded.
#[derive(Default)]
struct Charge {
    runner: Option<OwnedFd>,
    /// One for each site.
    reports: Vec<PathBuf>,
    heartbeat: Duration,
    /// Held until the end of this process.
    locks: Vec<OwnedFd>,
    instruments: BTreeMap<String, Reached>,
    /// What is switched off, with the number of its site.
    stages: Vec<Vec<(usize, OffOrder)>>,
    is_armed: bool,
}

/// An instrument, and the newest of the run's connections to it.
struct Reached {
    address: Address,
    order: InstrumentOrder,
    connection: Option<OwnedFd>,
}

/// What follows an order.
enum Next {
    Listen,
    Answer,
    Go,
}

impl Charge {
    fn take(&mut self, Received { bytes, file }: Received) -> Result<Next> {
        let order = serde_json::from_slice(&bytes).map_err(Failure::internal)?;
        match order {
            Order::Runner { report, heartbeat } => {
                self.runner = file;
                self.heartbeat = heartbeat;
                self.reports = vec![OsString::from_vec(report).into()];
            }
            Order::Site { report } => self.reports.push(OsString::from_vec(report).into()),
            Order::Lock => self.locks.extend(file),
            Order::Instrument(order) => {
                let address = order.address.parse().map_err(Failure::internal)?;
                let name = order.name.clone();
                self.instruments.insert(name, Reached { address, order, connection: file });
            }
            Order::Connection { instrument } => {
                if let Some(reached) = self.instruments.get_mut(&instrument) {
                    reached.connection = file;
                }
            }
            Order::Off { stage, site, order } => self.add(stage, (site, order)),
            Order::Arm => {
                self.is_armed = true;
                return Ok(Next::Answer);
            }
            Order::Beat => return Ok(Next::Answer),
            Order::Release => return Ok(Next::Go),
        }
        Ok(Next::Listen)
    }

    /// Stages come in their order.
    fn add(&mut self, stage: usize, order: (usize, OffOrder)) {
        match self.stages.get_mut(stage) {
            Some(orders) => orders.push(order),
            None => self.stages.push(vec![order]),
        }
    }

    /// The orders with the connections over which they go, and the site of each of them.
    fn switches(&self) -> (Vec<Vec<Switch>>, Vec<usize>) {
        let clients: BTreeMap<_, _> =
            self.instruments.iter().map(|(name, reached)| (name, reached.client())).collect();
        let mut sites = Vec::new();
        let mut switch = |(site, order): &(usize, OffOrder)| {
            let client = clients.get(&order.instrument)?.clone();
            sites.push(*site);
            Some(Switch { order: order.clone(), client })
        };
        let stages = self.stages.iter();
        let stages = stages.map(|stage| stage.iter().filter_map(&mut switch).collect()).collect();
        (stages, sites)
    }
}

impl Reached {
    fn client(&self) -> Instrument {
        let connection = self.connection.as_ref();
        let connection = connection.and_then(|connection| connection.try_clone().ok());
        let known = self.order.identity.parse().ok();
        Instrument::taken_over(&self.address, self.order.config(), connection, known)
    }
}

/// Makes sure that the run is dead, switches everything off, asks whether it is, and tells.
async fn act(charge: &Charge, runner: OwnedFd, noticed: Noticed) -> Result<Exit> {
    let deed = |event| Deed { at: Timestamp::now(), event };
    let reason = noticed.reason(charge.heartbeat);
    let mut deeds = vec![deed(DeedEvent::Noticed { reason: reason.clone() })];
    let run = fence(&runner, noticed.grace());
    deeds.push(deed(DeedEvent::Fenced { run: run.clone() }));
    let (switches, sites) = charge.switches();
    let told = switch_off(&switches).await;
    deeds.push(deed(DeedEvent::OffSent));
    let state = SafeState { reason, outputs: read_back(told).await };
    let words = format!(
        "scpi-run: guardian: {}; {run}; {}\n{}",
        state.reason,
        what_is_off(&state),
        what_is_not(&state)
    );
    let said = say(words);
    let written: Vec<io::Result<()>> = charge
        .reports
        .iter()
        .enumerate()
        .map(|(site, report)| {
            let own = deed(DeedEvent::SafeState(of_site(&state, site, &sites)));
            write(report, deeds.iter().chain([&own]))
        })
        .collect();
    let _ = said.recv_timeout(LAST_WORDS_WAIT);
    written.into_iter().collect::<io::Result<()>>().map_err(Failure::store)?;
    Ok(Exit::Pass)
}

/// The outputs of one site; `sites` has the site of each.
fn of_site(state: &SafeState, site: usize, sites: &[usize]) -> SafeState {
    let outputs = state.outputs.iter().zip(sites);
    let own = outputs.filter(|(_, of)| **of == site).map(|(output, _)| output.clone());
    SafeState { reason: state.reason.clone(), outputs: own.collect() }
}

/// On the run's screen, if that takes words; a screen that takes none holds nothing up.
fn say(words: String) -> mpsc::Receiver<()> {
    let (done, said) = mpsc::channel();
    std::thread::spawn(move || {
        use std::io::Write;
        let _ = io::stderr().write_all(words.as_bytes());
        let _ = done.send(());
    });
    said
}
