//! Two runs never share an instrument: each takes a lock for every address that it uses.
//!
//! A lock is the name of a socket in Linux's abstract namespace, made from the address. A name has one owner at a
//! time, on all of the host and for every user; it goes when its last owner does, however that ends, so that
//! there are no stale ones; there is no file to be left behind, or to be hidden by a private `/tmp`. A guardian gets
//! duplicates, so that an instrument stays locked until it has been switched off. One instrument that is reached by
//! two addresses has two locks.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

use bench_catalog::Bench;
use rustix::net::sockopt::socket_peercred;

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::plan::sha256_of;

/// What is done about an instrument that somebody else uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenTaken {
    Refuse,
    Wait,
}

/// The locks of a run. They go when this and all duplicates have gone.
#[derive(Debug, Default)]
pub(crate) struct Locks(Vec<UnixListener>);

impl Locks {
    /// Takes the locks of all instruments that play these roles, of each site with its bench. Everybody takes them in
    /// the same order, so that no two wait for each other.
    pub(crate) async fn take<'b>(
        sites: impl IntoIterator<Item = (&'b Bench, &'b BTreeSet<String>)>,
        when_taken: WhenTaken,
    ) -> Result<Self> {
        let entries = sites.into_iter().flat_map(|(bench, roles)| used(bench, roles));
        let mut held = Vec::new();
        for (address, instrument) in entries.collect::<BTreeSet<_>>() {
            held.push(lock(&instrument, &address, when_taken).await?);
        }
        Ok(Self(held))
    }

    /// Duplicates for another process.
    pub(crate) fn duplicates(&self) -> Result<Vec<OwnedFd>> {
        let duplicate = |lock: &UnixListener| lock.try_clone().map(OwnedFd::from);
        self.0.iter().map(duplicate).collect::<io::Result<_>>().map_err(Failure::internal)
    }
}

/// The instruments that play these roles: their addresses and names, in the order in which everybody takes them.
pub(crate) fn used(bench: &Bench, roles: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let targets = roles.iter().filter_map(|role| bench.target(role));
    let entries = targets.filter_map(|target| {
        let address = bench.instruments.get(&target.instrument)?.address.to_string();
        Some((address, target.instrument))
    });
    entries.collect()
}

/// A lock of something that is no instrument.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: UnixListener,
}

impl Lock {
    /// Takes the lock of this name, unless somebody has it; `what` is told then.
    pub(crate) fn take(name: &str, what: &str) -> Result<Self> {
        let fault =
            |error: io::Error| Failure::internal(format!("{what} cannot be locked: {error}"));
        let name = name_of(name).map_err(fault)?;
        match UnixListener::bind_addr(&name) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let owner = UnixStream::connect_addr(&name).ok();
                let who = owner.map(|owner| who(&owner)).unwrap_or_default();
                Err(Failure::instrument(format!("{what} runs already{who}")))
            }
            bound => Ok(Self { _held: bound.map_err(fault)? }),
        }
    }
}

async fn lock(instrument: &str, address: &str, when_taken: WhenTaken) -> Result<UnixListener> {
    let fault = |error: io::Error| {
        Failure::internal(format!("{instrument} at {address} cannot be locked: {error}"))
    };
    let name = name_of(address).map_err(fault)?;
    let mut is_told = false;
    loop {
        match UnixListener::bind_addr(&name) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            bound => return bound.map_err(fault),
        }
        // Who owned it may have gone meanwhile.
        let Ok(owner) = UnixStream::connect_addr(&name) else { continue };
        let who = who(&owner);
        if when_taken == WhenTaken::Refuse {
            return Err(Failure::new(
                Exit::Instrument,
                format!(
                    "{instrument} at {address} is in use by another run{who}; --wait waits for it"
                ),
            ));
        }
        if !is_told {
            say!("scpi-run: waiting for {instrument} at {address}, in use by another run{who}");
            is_told = true;
        }
        gone(owner).await.map_err(fault)?;
    }
}

/// Returns when the owner of a lock has gone: it never says anything.
async fn gone(owner: UnixStream) -> io::Result<()> {
    owner.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(owner)?.readable().await
}

fn who(owner: &UnixStream) -> String {
    let owner = socket_peercred(owner).ok();
    owner.map(|owner| format!(" (process {})", owner.pid.as_raw_nonzero())).unwrap_or_default()
}

/// An address may be longer than a name.
fn name_of(address: &str) -> io::Result<SocketAddr> {
    let hash = sha256_of(address.to_ascii_lowercase().as_bytes());
    SocketAddr::from_abstract_name(format!("scpi-run/lock/{hash}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use super::*;

    /// Nobody else has these addresses: nothing listens on them, and the process id is in them.
    fn bench(first: &str, second: &str) -> Bench {
        let id = std::process::id();
        let text = format!(
            "name = 'b'\n[instruments.one]\naddress = 'tcp://{first}-{id}.test:1'\n\
             [instruments.two]\naddress = 'tcp://{second}-{id}.test:1'\n"
        );
        Bench::parse("b.toml", &text).unwrap()
    }

    fn roles(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn who_comes_second_is_refused_or_waits_until_the_last_duplicate_is_gone() {
        let (bench, both) = (bench("a", "b"), roles(&["one", "two"]));
        let held = Locks::take([(&bench, &both)], WhenTaken::Refuse).await.unwrap();
        let two = roles(&["two"]);
        let refused =
            Locks::take([(&bench, &two)], WhenTaken::Refuse).await.unwrap_err().to_string();
        assert!(refused.starts_with("two at tcp://b-"), "{refused}");
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        let kept = held.duplicates().unwrap();
        drop(held);
        let mut waiting = Box::pin(Locks::take([(&bench, &two)], WhenTaken::Wait));
        tokio::select! {
            biased;
            _ = &mut waiting => unreachable!("a duplicate holds the lock"),
            () = tokio::task::yield_now() => {}
        }
        drop(kept);
        let held = waiting.await.unwrap();
        assert!(Locks::take([(&bench, &both)], WhenTaken::Refuse).await.is_err());
        drop(held);
        Locks::take([(&bench, &both)], WhenTaken::Refuse).await.unwrap();
    }

    #[tokio::test]
    async fn an_instrument_in_two_roles_has_one_lock() {
        let bench = bench("c", "d");
        let held = Locks::take([(&bench, &roles(&["one", "nobody"]))], WhenTaken::Refuse).await;
        assert_eq!(held.unwrap().0.len(), 1);
    }
}
