//! Looks at the infrastructure: what does not answer is a FAIL, and no error of the equipment.
//!
//! | file | holds |
//! | --- | --- |
//! | `network` | connections, one GET, names |
//! | `secure` | the same GET over TLS |

mod network;
mod secure;

use std::time::Duration;

use bench_model::{Decimal, Judgement, Measured, Quantity, Unit, Value};
use test_plan::{CONNECTED, Inspection, InspectionTarget};
use tokio::time::{Instant, timeout};

use crate::execute::{Execution, Leaf};
use crate::halt::Halt;
use secure::Authorities;

/// What came, and how long it took.
type Seen = Result<(Measured, Duration), String>;

impl Execution<'_> {
    pub(crate) async fn inspection(&mut self, inspection: &Inspection) -> Result<(), Halt> {
        let (leaf, latency) = leaves(inspection);
        if let Some(judgement) = self.is_blocked(&inspection.place.point) {
            self.finish(leaf, &judgement, None).await?;
            return self.finish_latency(latency, &judgement, None).await;
        }
        let seen = match &inspection.target {
            InspectionTarget::Identity(role) => match self.identity_of(role).await? {
                Ok(seen) => Ok(seen),
                Err(fault) => {
                    let judgement = Judgement::error(fault);
                    self.finish(leaf, &judgement, None).await?;
                    return self.finish_latency(latency, &judgement, None).await;
                }
            },
            target => {
                let authorities = Authorities {
                    system: self.authorities.as_deref(),
                    own: inspection.ca.as_deref(),
                };
                self.stop.guard(seen(target, inspection.timeout, authorities)).await?
            }
        };
        self.inspected(leaf, latency, seen).await
    }

    async fn inspected(
        &mut self,
        mut leaf: Leaf,
        latency: Option<Leaf>,
        seen: Seen,
    ) -> Result<(), Halt> {
        match seen {
            Ok((actual, time)) => {
                let time = in_seconds(time);
                leaf.statistics.insert("latency".to_owned(), time.clone());
                let judgement = leaf.judge(&actual);
                self.finish(leaf, &judgement, Some(actual)).await?;
                let taken = Measured::number(Value::Finite(time.value), time.unit);
                let judgement = latency.as_ref().map(|leaf| leaf.judge(&taken));
                match judgement {
                    Some(judgement) => self.finish_latency(latency, &judgement, Some(taken)).await,
                    None => Ok(()),
                }
            }
            Err(fault) => {
                self.finish(leaf, &Judgement::failed(fault.clone()), None).await?;
                self.finish_latency(latency, &Judgement::inconclusive(fault), None).await
            }
        }
    }

    async fn finish_latency(
        &mut self,
        leaf: Option<Leaf>,
        judgement: &Judgement,
        actual: Option<Measured>,
    ) -> Result<(), Halt> {
        match leaf {
            Some(leaf) => self.finish(leaf, judgement, actual).await,
            None => Ok(()),
        }
    }

    async fn identity_of(&mut self, role: &str) -> Result<Seen, Halt> {
        let channel = match self.channel(role) {
            Ok(channel) => channel,
            Err(fault) => return Ok(Err(fault)),
        };
        let started = Instant::now();
        match self.stop.guard(channel.raw_query("*IDN?")).await? {
            Ok(identity) => Ok(Ok((Measured::Text(identity), started.elapsed()))),
            Err(error) => {
                self.note_loss(&channel, &error).await?;
                Ok(Err(error.to_string()))
            }
        }
    }
}

fn leaves(inspection: &Inspection) -> (Leaf, Option<Leaf>) {
    let role = match &inspection.target {
        InspectionTarget::Identity(role) => Some(role.as_str()),
        _ => None,
    };
    let leaf = |place, limit| {
        let mut leaf = Leaf::new(place, role, Some(limit));
        leaf.on_error = inspection.on_error;
        leaf.device.clone_from(&inspection.owner.device);
        leaf.service.clone_from(&inspection.owner.service);
        leaf
    };
    let latency = inspection.latency.as_ref();
    let latency = latency.map(|latency| leaf(&latency.place, &latency.limit));
    (leaf(&inspection.place, &inspection.limit), latency)
}

/// Asks, within a time.
async fn seen(target: &InspectionTarget, within: Duration, authorities: Authorities<'_>) -> Seen {
    let started = Instant::now();
    let asking = timeout(within, asked(target, authorities));
    match asking.await {
        Ok(answer) => answer.map(|answer| (answer, started.elapsed())),
        Err(_) => Err(format!("{target}: no answer within {within:?}")),
    }
}

async fn asked(
    target: &InspectionTarget,
    authorities: Authorities<'_>,
) -> Result<Measured, String> {
    let words = |text: &str| Measured::Text(text.to_owned());
    let found = match target {
        InspectionTarget::Tcp(to) => network::connect(to).await.map(|_| words(CONNECTED)),
        InspectionTarget::Http(address) => {
            network::status(address, authorities).await.map(|status| {
                Measured::number(Value::Finite(Decimal::from(u32::from(status))), Unit::none())
            })
        }
        InspectionTarget::Lookup(name) => network::addresses(name).await.map(Measured::Text),
        InspectionTarget::Identity(role) => Err(format!("{role} was not asked")),
    };
    found.map_err(|fault| format!("{target}: {fault}"))
}

/// To the microsecond.
fn in_seconds(time: Duration) -> Quantity {
    let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let seconds = Decimal::from(microseconds).scale_by_power_of_ten(-6);
    Quantity::new(seconds.unwrap_or_else(Decimal::zero), Unit::second())
}
