//! Leases of instruments, so that runs on several hosts do not share one by accident. A lease is a row that ends by itself:
//! one of a host that died is over after its time.

use std::time::Duration;

use uuid::Uuid;

use crate::error::{Cause, Doing, StoreError};
use crate::store::Store;
use crate::text::storable;

/// Free, over, or of this host, on which its caller has proved that nobody has it: a lock, which dies with its process.
const TAKE: &str =
    "INSERT INTO scpi_run.instrument_leases AS own (instrument, holder, host, process, expires_at)
    VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
    ON CONFLICT (instrument) DO UPDATE SET holder = excluded.holder, host = excluded.host,
        process = excluded.process, taken_at = now(), expires_at = excluded.expires_at
    WHERE own.expires_at <= now() OR own.host = excluded.host";
const WHO: &str = "SELECT host, process, ceil(extract(epoch FROM expires_at - now()))::bigint
    FROM scpi_run.instrument_leases WHERE instrument = $1";
const RENEW: &str = "UPDATE scpi_run.instrument_leases SET expires_at = now() + make_interval(secs => $2) WHERE holder = $1";
const RELEASE: &str = "DELETE FROM scpi_run.instrument_leases WHERE holder = $1";

/// Who wants a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHolder {
    /// The run; it renews and releases all that it has at once.
    pub holder: Uuid,
    /// Its host, for people and to know its own again.
    pub host: String,
    /// Its process, for people.
    pub process: i32,
}

/// Who has the lease that somebody else wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// On which host.
    pub host: String,
    /// Which process there.
    pub process: i32,
    /// Seconds until it ends, unless it is renewed.
    pub ends_in_s: i64,
}

impl Store {
    /// Takes the lease of an instrument for so long, unless another host has it: then says who.
    ///
    /// # Errors
    ///
    /// When the database refuses, or is away.
    pub async fn take_lease(
        &mut self,
        instrument: &str,
        own: &LeaseHolder,
        time: Duration,
    ) -> Result<Option<Leased>, StoreError> {
        let taken = self.take(instrument, own, time).await;
        taken.doing(self.place(), "take the lease of an instrument")
    }

    async fn take(
        &mut self,
        instrument: &str,
        own: &LeaseHolder,
        time: Duration,
    ) -> Result<Option<Leased>, Cause> {
        let (instrument, host) = (storable(instrument), storable(&own.host));
        let seconds = time.as_secs_f64();
        let parameters: [&(dyn postgres_types::ToSql + Sync); 5] =
            [&instrument, &own.holder, &host, &own.process, &seconds];
        if self.connection_mut().execute(TAKE, &parameters).await? > 0 {
            return Ok(None);
        }
        // It may have been released since: then the next attempt takes it.
        let row = self.connection_mut().query_opt(WHO, &[&instrument]).await?;
        let Some(row) = row else {
            return Ok(Some(Leased { host: String::new(), process: 0, ends_in_s: 0 }));
        };
        let (host, process, ends_in_s) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(Some(Leased { host, process, ends_in_s }))
    }

    /// Lets the leases of a run last so long from now on. How many there are: fewer than it took where others took them.
    ///
    /// # Errors
    ///
    /// When the database refuses, or is away.
    pub async fn renew_leases(&mut self, holder: Uuid, time: Duration) -> Result<u64, StoreError> {
        let seconds = time.as_secs_f64();
        let renewed = self.connection_mut().execute(RENEW, &[&holder, &seconds]).await;
        renewed.doing(self.place(), "renew leases of instruments")
    }

    /// Ends the leases of a run.
    ///
    /// # Errors
    ///
    /// When the database refuses, or is away.
    pub async fn release_leases(&mut self, holder: Uuid) -> Result<(), StoreError> {
        let released = self.connection_mut().execute(RELEASE, &[&holder]).await;
        released.map(|_| ()).doing(self.place(), "release leases of instruments")
    }
}
