//! The run's side: starts the guardian, tells it what is to be switched off, beats, releases it.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bench_instruments::Channel;
use bench_instruments::safe_state::Stage;
use rustix::process::{PidfdFlags, getpid, pidfd_open};
use test_runner::Guard;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::failure::{Failure, Result};
use crate::guardian::BEAT;
use crate::guardian::order::{InstrumentOrder, Order};
use crate::guardian::socket::{Socket, pair};

/// How long a guardian may take to say that it guards.
const ARM_WAIT: Duration = Duration::from_secs(5);

/// How long a guardian may take to go; then it is ended.
const RELEASE_WAIT: Duration = Duration::from_secs(1);

/// This program, also when its file has been replaced meanwhile.
const THIS_PROGRAM: &str = "/proc/self/exe";

const GONE: &str = "the guardian is gone";

/// A guardian and what it knows. Dropped without a release once it is armed, it acts.
pub(crate) struct Guardian {
    child: Child,
    socket: Socket,
    /// One for each site.
    reports: Vec<PathBuf>,
    heartbeat: Duration,
    locks: Vec<OwnedFd>,
    /// An instrument's channel, and the number of the connection that the guardian has.
    shared: BTreeMap<String, (Channel, u64)>,
    is_armed: bool,
}

impl Guardian {
    /// Starts a guardian that knows nothing yet. It takes part in nothing that is ours: neither environment nor
    /// standard output nor process group, and its orders are no arguments.
    ///
    /// It stays in our session, and is deaf to what a terminal that hangs up sends: for a session of its own, Linux
    /// makes a group of its own in the scheduler (autogroup), and on a machine whose processors were all busy
    /// with quick exchanges, a process alone in such a group was seen to wake up to 1.3 s late.
    pub(crate) fn start(
        reports: Vec<PathBuf>,
        heartbeat: Duration,
        locks: Vec<OwnedFd>,
    ) -> Result<Self> {
        let begin = || -> io::Result<(Child, Socket)> {
            let (own, its) = pair()?;
            let mut command = Command::new(THIS_PROGRAM);
            command.arg0("scpi-run").arg("guardian").env_clear().current_dir("/").process_group(0);
            let child = command.stdin(its).stdout(Stdio::null()).spawn()?;
            Ok((child, Socket::new(own)?))
        };
        let begun = begin();
        let (child, socket) = begun
            .map_err(|error| Failure::internal(format!("no guardian could be started: {error}")))?;
        let shared = BTreeMap::new();
        Ok(Self { child, socket, reports, heartbeat, locks, shared, is_armed: false })
    }

    async fn tell(&self, order: &Order, file: Option<BorrowedFd<'_>>) -> io::Result<()> {
        self.socket.send(&serde_json::to_vec(order)?, file).await
    }

    async fn tell_all(&mut self, sites: &[Vec<Stage>]) -> io::Result<()> {
        let own = pidfd_open(getpid(), PidfdFlags::empty())?;
        let bytes = |report: &PathBuf| report.as_os_str().as_bytes().to_vec();
        let mut reports = self.reports.iter().map(bytes);
        let heartbeat = self.heartbeat;
        let report = reports.next().unwrap_or_default();
        self.tell(&Order::Runner { report, heartbeat }, Some(own.as_fd())).await?;
        for report in reports {
            self.tell(&Order::Site { report }, None).await?;
        }
        for lock in &self.locks {
            self.tell(&Order::Lock, Some(lock.as_fd())).await?;
        }
        for channel in sites.iter().flatten().flat_map(|stage| &stage.0) {
            self.tell_instrument(channel).await?;
        }
        let most = sites.iter().map(Vec::len).max().unwrap_or_default();
        for stage in 0..most {
            for (site, stages) in sites.iter().enumerate() {
                for channel in stages.get(stage).into_iter().flat_map(|stage| &stage.0) {
                    let order = channel.off_order();
                    self.tell(&Order::Off { stage, site, order }, None).await?;
                }
            }
        }
        self.tell(&Order::Arm, None).await
    }

    async fn tell_instrument(&mut self, channel: &Channel) -> io::Result<()> {
        let instrument = channel.instrument();
        if self.shared.contains_key(instrument.name()) {
            return Ok(());
        }
        let connection = instrument.duplicate_newer(0);
        let number = connection.as_ref().map_or(0, |(number, _)| *number);
        let socket = connection.as_ref().map(|(_, socket)| socket.as_fd());
        self.tell(&Order::Instrument(InstrumentOrder::of(instrument)), socket).await?;
        self.shared.insert(instrument.name().to_owned(), (channel.clone(), number));
        Ok(())
    }

    /// Beats, and hands over what connections have been made since. What cannot be sent now is sent with the next
    /// beat: that the guardian hears nothing is seen by its silence.
    fn beat(&mut self) -> io::Result<()> {
        for (channel, number) in self.shared.values_mut() {
            let Some((newer, socket)) = channel.instrument().duplicate_newer(*number) else {
                continue;
            };
            if hand_over(&self.socket, channel.instrument().name(), &socket)? {
                *number = newer;
            }
        }
        let beat = serde_json::to_vec(&Order::Beat)?;
        unless_full(self.socket.send_now(&beat, None)).map(|_| ())
    }

    /// Waits for the guardian's answer, then ends it: it may be that it hears nothing.
    async fn end(&mut self) {
        while let Ok(Ok(Some(_))) = timeout(RELEASE_WAIT, self.socket.receive()).await {}
        self.reap();
    }

    fn reap(&mut self) {
        // It has gone, or is to go: nothing more is expected of it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Guard for Guardian {
    async fn arm(&mut self, sites: &[Vec<Stage>]) -> std::result::Result<(), String> {
        if sites.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let armed = timeout(ARM_WAIT, async {
            self.tell_all(sites).await?;
            Ok::<_, io::Error>(self.socket.receive().await?.is_some())
        });
        let fault = match armed.await {
            Ok(Ok(true)) => {
                self.is_armed = true;
                return Ok(());
            }
            Ok(Ok(false)) => "it has gone".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("it did not answer within {ARM_WAIT:?}"),
        };
        Err(format!("nothing was switched on, because the guardian cannot guard: {fault}"))
    }

    async fn keep(&mut self) -> String {
        if !self.is_armed {
            return pending().await;
        }
        let mut ticks = interval(BEAT);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                answer = self.socket.receive() => match answer {
                    Ok(Some(_)) => heard = Instant::now(),
                    Ok(None) | Err(_) => return GONE.to_owned(),
                },
                _ = ticks.tick() => {
                    if heard.elapsed() > self.heartbeat {
                        return format!("the guardian has not answered for {:?}", self.heartbeat);
                    }
                    if self.beat().is_err() {
                        return GONE.to_owned();
                    }
                }
            }
        }
    }

    async fn release(&mut self) {
        if let Ok(order) = serde_json::to_vec(&Order::Release) {
            let _ = timeout(RELEASE_WAIT, self.socket.send(&order, None)).await;
        }
        self.end().await;
        self.is_armed = false;
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        if !self.is_armed {
            self.reap();
        }
    }
}

/// Whether it was sent; a socket that is full is no fault.
fn hand_over(socket: &Socket, instrument: &str, connection: &OwnedFd) -> io::Result<bool> {
    let order = Order::Connection { instrument: instrument.to_owned() };
    unless_full(socket.send_now(&serde_json::to_vec(&order)?, Some(connection.as_fd())))
}

fn unless_full(sent: io::Result<()>) -> io::Result<bool> {
    match sent {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}
