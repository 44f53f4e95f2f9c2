//! Runs on several hosts never share an instrument by accident: each takes a lease in the database that they share, and
//! renews it while it lasts. On one host `locks` does it; a lease is taken behind that, so that one that is left of a
//! process of this host is known to be dead. A database that is away holds up nothing: then it is said that nobody
//! watches.

use std::collections::BTreeSet;
use std::thread::JoinHandle;
use std::time::Duration;

use result_store::{LeaseHolder, Leased, Store, StoreConfig};
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use crate::database::Database;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::locks::WhenTaken;
use crate::runtime::block_on;

/// How long a lease lasts that nobody renews: a host that died gives its instruments back after this.
const LASTS: Duration = Duration::from_secs(90);
/// From one renewal to the next: two may be lost.
const RENEWED_EACH: Duration = Duration::from_secs(30);
/// For the database, before a run goes on without: it never waits longer.
const PATIENCE: Duration = Duration::from_secs(3);
/// From one look at a lease that is waited for to the next.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The leases of a run, which are renewed until this is closed.
pub(crate) struct Leases {
    end: oneshot::Sender<()>,
    worker: JoinHandle<()>,
}

impl Leases {
    /// Takes those of all these instruments, by address and name. None where there is no database that hosts share, or
    /// where it is away.
    pub(crate) async fn take(
        database: &Database,
        instruments: &BTreeSet<(String, String)>,
        when_taken: WhenTaken,
    ) -> Result<Option<Self>> {
        let Database::Given { config, .. } = database else { return Ok(None) };
        if instruments.is_empty() {
            return Ok(None);
        }
        let own = LeaseHolder {
            holder: Uuid::now_v7(),
            host: environment::lock_space(),
            process: rustix::process::getpid().as_raw_nonzero().get(),
        };
        let taken = take_all(config, instruments, &own, when_taken).await;
        match taken {
            Ok(true) => Self::renewed(config.as_ref().clone(), own.holder).map(Some),
            Ok(false) => Ok(None),
            Err(failure) => {
                let _ = timeout(PATIENCE, release(config, own.holder)).await;
                Err(failure)
            }
        }
    }

    fn renewed(config: StoreConfig, holder: Uuid) -> Result<Self> {
        let (end, ended) = oneshot::channel();
        let worker = std::thread::Builder::new()
            .name("leases".to_owned())
            .spawn(move || renew(&config, holder, ended))
            .map_err(|error| Failure::internal(format!("no thread for the leases: {error}")))?;
        Ok(Self { end, worker })
    }

    /// Gives them back.
    pub(crate) fn close(self) {
        // Who has ended already is told nothing; what it could not give back ends by itself.
        let _ = self.end.send(());
        let _ = self.worker.join();
    }
}

/// Whether they are taken; false where the database is away.
async fn take_all(
    config: &StoreConfig,
    instruments: &BTreeSet<(String, String)>,
    own: &LeaseHolder,
    when_taken: WhenTaken,
) -> Result<bool> {
    let Some(mut store) = connected(config).await else { return Ok(false) };
    for (address, name) in instruments {
        let key = key(address, &own.host);
        let mut is_told = false;
        loop {
            let leased = match timeout(PATIENCE, store.take_lease(&key, own, LASTS)).await {
                Ok(Ok(None)) => break,
                Ok(Ok(Some(leased))) => leased,
                Ok(Err(error)) => return Ok(away(&error)),
                Err(_) => return Ok(away(&"it did not answer in time")),
            };
            let who = who(&leased);
            if when_taken == WhenTaken::Refuse {
                let text = format!(
                    "{name} at {address} is in use by another run{who}; --wait waits for it"
                );
                return Err(Failure::new(Exit::Instrument, text));
            }
            if !is_told {
                say!("scpi-run: waiting for {name} at {address}, in use by another run{who}");
                is_told = true;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
    Ok(true)
}

async fn connected(config: &StoreConfig) -> Option<Store> {
    match timeout(PATIENCE, Store::connect(config)).await {
        Ok(Ok(store)) => Some(store),
        Ok(Err(error)) => {
            away(&error);
            None
        }
        Err(_) => {
            away(&"it did not answer in time");
            None
        }
    }
}

/// Says that nobody watches. It is false, for who asks whether the leases are taken.
fn away(why: &dyn std::fmt::Display) -> bool {
    say!("scpi-run: whether a run on another host uses these instruments cannot be seen: {why}");
    false
}

/// ` on lab-3 (process 4711), for 80 s unless it goes on`.
fn who(leased: &Leased) -> String {
    let Leased { host, process, ends_in_s } = leased;
    let host = host.split(' ').next().unwrap_or_default().escape_debug();
    format!(" on {host} (process {process}; its lease ends in {ends_in_s} s unless it is renewed)")
}

/// An address that another host knows as another instrument has its host before it.
fn key(address: &str, host: &str) -> String {
    let address = address.to_ascii_lowercase();
    let is_of_host =
        ["serial:", "usbtmc:", "usb", "asrl"].iter().any(|kind| address.starts_with(kind))
            || ["//127.", "//localhost", "//[::1]", "::127.", "::localhost", "::[::1]"]
                .iter()
                .any(|place| address.contains(place));
    if is_of_host { format!("{host} {address}") } else { address }
}

/// Renews until it is told to end, and gives them back then.
fn renew(config: &StoreConfig, holder: Uuid, mut ended: oneshot::Receiver<()>) {
    let renewing = block_on(async {
        while timeout(RENEWED_EACH, &mut ended).await.is_err() {
            let renewed = timeout(PATIENCE, async {
                Store::connect(config).await?.renew_leases(holder, LASTS).await
            });
            if let Ok(Err(error)) = renewed.await {
                away(&error);
            }
        }
        let _ = timeout(PATIENCE, release(config, holder)).await;
        Ok(())
    });
    if let Err(failure) = renewing {
        say!("scpi-run: leases: {failure}");
    }
}

async fn release(
    config: &StoreConfig,
    holder: Uuid,
) -> std::result::Result<(), result_store::StoreError> {
    Store::connect(config).await?.release_leases(holder).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_on_one_host_alone_has_that_before_it() {
        for (address, is_of_host) in [
            ("tcp://192.168.1.20:5025", false),
            ("tcp://psu.lab:5025", false),
            ("hislip://10.0.0.7:4880/hislip0", false),
            ("tcp://127.0.0.1:5025", true),
            ("tcp://[::1]:5025", true),
            ("tcp://localhost:5025", true),
            ("serial:///dev/ttyUSB0?baud=9600", true),
            ("usbtmc:///dev/usbtmc0", true),
            ("USB0::0x1AB1::0x0588::DS1K::INSTR", true),
        ] {
            assert_eq!(key(address, "lab-3").starts_with("lab-3 "), is_of_host, "{address}");
        }
    }
}
