//! Instruments that several sites use, one site at a time.
//!
//! A hold covers everything from the first setting to the last reading that belong together. It is taken whole, in the
//! order of the names, by sites that hold nothing: no two can wait for each other. Who asks first comes first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bench_model::Point;
use test_plan::{Operation, held_by_step};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

use crate::execute::Execution;
use crate::halt::Halt;

/// How long other sites may hold what is shared, before that is an error of the equipment.
const TURN_WAIT: Duration = Duration::from_secs(3600);

/// Who had it last.
type Holder = Option<usize>;

/// Whose turn it is, by the names of the shared instruments.
pub(crate) type Turns = BTreeMap<String, Arc<Mutex<Holder>>>;

/// What one site has of them.
pub(crate) struct SiteTurns {
    site: usize,
    has_others: bool,
    turns: Arc<Turns>,
}

/// Instruments that are one site's for as long as this lives.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    /// For as long as it lives.
    _held: Vec<OwnedMutexGuard<Holder>>,
    /// Those that another site has had meanwhile: what they were configured to is not known.
    pub(crate) strange: Vec<String>,
}

/// For instruments that none holds yet.
pub(crate) fn turns(shared: BTreeSet<String>) -> Turns {
    shared.into_iter().map(|name| (name, Arc::default())).collect()
}

impl SiteTurns {
    pub(crate) fn new(site: usize, has_others: bool, turns: Arc<Turns>) -> Self {
        Self { site, has_others, turns }
    }

    /// Whether there are other sites.
    pub(crate) fn has_others(&self) -> bool {
        self.has_others
    }

    /// Whether there is nothing that others use too.
    pub(crate) fn is_alone(&self) -> bool {
        self.turns.is_empty()
    }

    /// Whether others use an instrument too.
    pub(crate) fn is_shared(&self, instrument: &str) -> bool {
        self.turns.contains_key(instrument)
    }

    /// Takes all of these that are shared, once they are free. Whoever calls it holds none.
    pub(crate) async fn take(&self, instruments: &BTreeSet<&str>) -> Hold {
        let mut hold = Hold::default();
        for name in instruments {
            let Some(turn) = self.turns.get(*name) else { continue };
            let mut holder = Arc::clone(turn).lock_owned().await;
            if *holder != Some(self.site) {
                *holder = Some(self.site);
                hold.strange.push((*name).to_owned());
            }
            hold._held.push(holder);
        }
        hold
    }
}

impl Execution<'_> {
    /// Runs one operation with what it needs of what other sites use too; a step that sets something of it has all of it
    /// until its end. `from_here` are the operations from this one on.
    pub(crate) async fn one_in_turn(
        &mut self,
        operation: &Operation,
        from_here: &[Operation],
    ) -> Result<(), Halt> {
        if let Operation::StepStarted { .. } = operation {
            self.one(operation).await?;
            let channels = self.channels;
            let turns = &self.turns;
            let is_shared = |role: &str| {
                channels.get(role).is_some_and(|it| turns.is_shared(it.instrument().name()))
            };
            self.held = self.hold(&held_by_step(from_here, &is_shared)).await?;
            return Ok(());
        }
        let roles = match &self.held {
            Some(_) => BTreeSet::new(),
            None => operation.role().into_iter().collect(),
        };
        let _hold = self.hold(&roles).await?;
        self.one(operation).await
    }

    /// Waits for its turn. What others have had meanwhile is configured anew.
    async fn hold(&mut self, roles: &BTreeSet<&str>) -> Result<Option<Hold>, Halt> {
        let channels = self.channels;
        let names = roles.iter().filter_map(|role| Some(channels.get(*role)?.instrument().name()));
        let names: BTreeSet<_> = names.filter(|name| self.turns.is_shared(name)).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let hold = self.stop.guard(timeout(TURN_WAIT, self.turns.take(&names))).await?;
        let Ok(hold) = hold else {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let fault = format!("other sites held {names} for more than {TURN_WAIT:?}");
            self.setting_failed(&Point::default(), fault).await?;
            return Ok(None);
        };
        self.configured.retain(|(name, _), _| !hold.strange.contains(name));
        Ok(Some(hold))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::future::join_all;

    use super::*;

    fn sites(count: usize, names: &[&str]) -> Vec<SiteTurns> {
        let shared = Arc::new(turns(names.iter().map(|name| (*name).to_owned()).collect()));
        (0..count).map(|site| SiteTurns::new(site, true, Arc::clone(&shared))).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_sites_want_at_the_same_time_all_of_them_come_to_their_end() {
        let names = ["a", "b", "c", "d"];
        let mut seed = 42_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed >> 33
        };
        let held = RefCell::new(BTreeSet::new());
        let sites = sites(16, &names);
        let wants: Vec<Vec<u64>> =
            sites.iter().map(|_| (0..50).map(|_| random() % 15 + 1).collect()).collect();
        join_all(sites.iter().zip(&wants).map(|(site, wants)| {
            let held = &held;
            async move {
                for want in wants {
                    let of_bits = |(bit, name): (usize, &&'static str)| {
                        (want >> bit & 1 == 1).then_some(*name)
                    };
                    let wanted: BTreeSet<_> =
                        names.iter().enumerate().filter_map(of_bits).collect();
                    let _hold = site.take(&wanted).await;
                    for name in &wanted {
                        assert!(held.borrow_mut().insert(*name), "{name} has two holders");
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    held.borrow_mut().retain(|name| !wanted.contains(name));
                }
            }
        }))
        .await;
    }

    #[tokio::test]
    async fn sites_take_turns_and_know_when_another_was_there() {
        let sites = sites(3, &["dmm"]);
        let order = RefCell::new(Vec::new());
        let wanted = BTreeSet::from(["dmm", "own"]);
        join_all(sites.iter().enumerate().map(|(number, site)| {
            let (order, wanted) = (&order, &wanted);
            async move {
                for _ in 0..10 {
                    let hold = site.take(wanted).await;
                    order.borrow_mut().push(number);
                    assert_eq!(hold.strange, ["dmm"]);
                    tokio::task::yield_now().await;
                }
            }
        }))
        .await;
        let fair: Vec<_> = (0..30).map(|turn| turn % 3).collect();
        assert_eq!(*order.borrow(), fair);
        assert!(sites[2].take(&wanted).await.strange.is_empty(), "it had it last");
        assert!(!sites[0].is_shared("own"));
    }
}
