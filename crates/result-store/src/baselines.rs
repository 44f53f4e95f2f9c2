//! Named runs to compare with, as documents: what is in them is their writer's.

use bench_model::Timestamp;
use postgres_types::Json;
use serde_json::Value;
use tokio_postgres::Row;

use crate::error::{Cause, Doing, StoreError};
use crate::moment::Moment;
use crate::store::Store;
use crate::text::{Jsonb, storable};

/// Baselines that are read at once, at most.
const MAX_BASELINES: i64 = 10_000;

/// A baseline and what it is found by.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredBaseline {
    /// The plan's name.
    pub plan: String,
    /// Its name, unique among those of its plan.
    pub name: String,
    /// When it was set.
    pub set_at: Timestamp,
    /// By whom.
    pub set_by: Option<String>,
    /// All of it.
    pub document: Value,
}

impl Store {
    /// Keeps a baseline. One of the same plan and name is replaced.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn set_baseline(&mut self, baseline: &StoredBaseline) -> Result<(), StoreError> {
        let kept = self.keep(baseline).await;
        kept.doing(self.place(), "keep the baseline")
    }

    async fn keep(&mut self, baseline: &StoredBaseline) -> Result<(), Cause> {
        let statement = "INSERT INTO scpi_run.baselines (plan, name, set_at, set_by, document)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (plan, name) DO UPDATE
            SET set_at = excluded.set_at, set_by = excluded.set_by, document = excluded.document";
        let document = Jsonb::of(&baseline.document)?;
        let (plan, name) = (storable(&baseline.plan), storable(&baseline.name));
        let by = baseline.set_by.as_deref().map(storable);
        let set_at = Moment::from(baseline.set_at);
        let parameters: [&(dyn postgres_types::ToSql + Sync); 5] =
            [&plan, &name, &set_at, &by, &document];
        self.connection_mut().execute(statement, &parameters).await?;
        Ok(())
    }

    /// The baselines of a plan, or all, by plan and name.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked, or a row was changed by hand.
    pub async fn baselines(
        &mut self,
        plan: Option<&str>,
    ) -> Result<Vec<StoredBaseline>, StoreError> {
        let query = "SELECT plan, name, set_at, set_by, document FROM scpi_run.baselines
            WHERE $1::text IS NULL OR plan = $1 ORDER BY plan, name LIMIT $2";
        let plan = plan.map(storable);
        let rows = self.connection_mut().query(query, &[&plan, &MAX_BASELINES]).await;
        let rows = rows.doing(self.place(), "read the baselines")?;
        let read: Result<Vec<_>, Cause> = rows.iter().map(baseline).collect();
        read.doing(self.place(), "read the baselines")
    }
}

fn baseline(row: &Row) -> Result<StoredBaseline, Cause> {
    let set_at: Moment = row.try_get(2)?;
    let Json(document) = row.try_get(4)?;
    Ok(StoredBaseline {
        plan: row.try_get(0)?,
        name: row.try_get(1)?,
        set_at: set_at.timestamp().unwrap_or_default(),
        set_by: row.try_get(3)?,
        document,
    })
}
