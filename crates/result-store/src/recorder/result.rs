//! Verdicts as rows of `testing.test_results`.

use bench_model::{Measured, SessionId, StepResult, Timestamp};
use futures_util::future::try_join_all;
use tokio_postgres::{Row, Statement, Transaction};
use uuid::Uuid;

use super::stored::{Columns, Kind, Stored, shown};
use super::{Part, small};
use crate::moment::Moment;
use crate::text::{Jsonb, fit, storable};

const INSERT: &str = "INSERT INTO testing.test_results
    (result_id, session_id, test_name, test_category, device_id, status, started_at, completed_at,
     duration_ms, expected_result, actual_result, error_message, metadata, service_id)
    VALUES ($1, $2, $3, $15,
     coalesce($4, (SELECT device_id FROM infrastructure.devices WHERE device_name = $13
        ORDER BY created_at, device_id LIMIT 1)),
     $5, $6, $7, $8, $9, $10, $11, $12,
     (SELECT service_id FROM infrastructure.services LEFT JOIN infrastructure.devices USING (device_id)
        WHERE service_name = $14 AND coalesce(device_name = $13, $13 IS NULL)
        ORDER BY services.created_at, service_id LIMIT 1))
    ON CONFLICT (result_id) DO NOTHING";

/// The rows of a session, as [`ResultRow::read`] takes them. What of the inventory a name meant, its row alone knows.
const SELECT: &str =
    "SELECT result_id, test_name, CASE WHEN test_category = 'scpi' THEN device_id END, status, started_at, completed_at, duration_ms,
    expected_result, actual_result, error_message, metadata, test_category
    FROM testing.test_results WHERE session_id = $1";

/// A result that was judged anew after a cut counts no more; its own verdict stays in `metadata`.
const SUPERSEDE: &str = r#"UPDATE testing.test_results
    SET status = 'SKIP', error_message = $3, metadata = metadata || '{"superseded": true}'
    WHERE session_id = $1 AND result_id = ANY($2)"#;
/// The category of what instruments measured.
const INSTRUMENTS: &str = "scpi";
/// What such a row says.
const SUPERSEDED: &str = "the run was cut, and this was judged anew when it went on";

/// What was looked at in the network, as its history of health.
const HEALTH: &str = "INSERT INTO network.health_history
    (\"timestamp\", subsystem, status, metric_name, metric_value, metadata)
    SELECT $2, 'lan', $3::text, left($4::text, 100), $5::text::numeric, jsonb_strip_nulls(jsonb_build_object(
        'session_id', session_id, 'result_id', result_id, 'device_id', device_id, 'service_id', service_id))
    FROM testing.test_results WHERE result_id = $1";
/// How a service was when it was looked at last.
const SERVICE: &str = "UPDATE infrastructure.services SET status = $2::text, last_checked_at = $3
    WHERE service_id = (SELECT service_id FROM testing.test_results WHERE result_id = $1)
    AND coalesce(last_checked_at <= $3, true)";

/// A row.
pub(crate) struct ResultRow {
    id: Uuid,
    name: String,
    device: Option<Uuid>,
    status: String,
    started_at: Moment,
    completed_at: Moment,
    duration_ms: i32,
    expected: Option<String>,
    actual: Option<String>,
    error: Option<String>,
    metadata: Jsonb,
    device_name: Option<String>,
    service_name: Option<String>,
    category: String,
    /// What was judged, as a number.
    number: Option<String>,
}

/// The event with its number, so that the order of judging is not lost.
#[derive(serde::Serialize)]
struct Metadata<'a> {
    seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded: Option<bool>,
    #[serde(flatten)]
    result: &'a StepResult,
}

/// Results that are judged anew.
pub(super) async fn supersede(
    transaction: &Transaction<'_>,
    session: SessionId,
    results: &[Uuid],
) -> Part<()> {
    transaction.execute(SUPERSEDE, &[&session.0, &results, &SUPERSEDED]).await?;
    Ok(())
}

impl ResultRow {
    pub(crate) fn of(result: &StepResult, device: Option<Uuid>, seq: u64) -> Part<Self> {
        let limit = result.limit.as_ref().map(ToString::to_string);
        let expected = limit.or_else(|| result.limit_text.clone());
        let started_at = Moment::from(result.started_at);
        Ok(Self {
            id: result.id.0,
            name: fit(&result.place.to_string(), 255).into_owned(),
            device,
            status: result.verdict.word().to_owned(),
            started_at,
            completed_at: Moment::from(result.finished_at).max(started_at),
            duration_ms: duration_ms(result.started_at, result.finished_at),
            expected: expected.map(|text| storable(&text).into_owned()),
            actual: result.actual.as_ref().map(|actual| storable(&actual.to_string()).into_owned()),
            error: result.reason.as_deref().map(|reason| storable(reason).into_owned()),
            metadata: Jsonb::of(&Metadata { seq, superseded: None, result })?,
            device_name: result.device.clone(),
            service_name: result.service.clone(),
            category: category(result).to_owned(),
            number: result.actual.as_ref().and_then(number),
        })
    }

    /// The same once it is judged anew.
    pub(crate) fn superseded(self, result: &StepResult, seq: u64) -> Part<Self> {
        let metadata = Jsonb::of(&Metadata { seq, superseded: Some(true), result })?;
        let (status, error) = ("SKIP".to_owned(), Some(SUPERSEDED.to_owned()));
        Ok(Self { status, error, metadata, ..self })
    }

    async fn insert(
        &self,
        transaction: &Transaction<'_>,
        statement: &Statement,
        session: SessionId,
    ) -> Result<u64, tokio_postgres::Error> {
        let written = transaction
            .execute(
                statement,
                &[
                    &self.id,
                    &session.0,
                    &self.name,
                    &self.device,
                    &self.status,
                    &self.started_at,
                    &self.completed_at,
                    &self.duration_ms,
                    &self.expected,
                    &self.actual,
                    &self.error,
                    &self.metadata,
                    &self.device_name,
                    &self.service_name,
                    &self.category,
                ],
            )
            .await?;
        // A row that was there already has told of its health then.
        if written > 0 && self.category != INSTRUMENTS {
            self.insert_health(transaction).await?;
        }
        Ok(written)
    }

    /// What it says of the network and of a service: nothing where it was not looked at.
    async fn insert_health(
        &self,
        transaction: &Transaction<'_>,
    ) -> Result<(), tokio_postgres::Error> {
        let (health, service) = match self.status.as_str() {
            "PASS" => ("ok", Some("running")),
            "FAIL" | "ERROR" => ("error", Some("error")),
            // As the time of an answer that never came: the answer itself has said how the service is.
            "INCONCLUSIVE" => ("warning", None),
            _ => return Ok(()),
        };
        let at = &self.completed_at;
        transaction.execute(HEALTH, &[&self.id, at, &health, &self.name, &self.number]).await?;
        if let Some(service) = service {
            transaction.execute(SERVICE, &[&self.id, &service, at]).await?;
        }
        Ok(())
    }
}

/// What is no number, or is not finite, has none.
fn number(actual: &Measured) -> Option<String> {
    actual.quantity().map(|quantity| quantity.value.to_plain_string())
}

impl Stored for ResultRow {
    const SELECT: &str = SELECT;
    const KIND: Kind = Kind::Result;

    fn read(row: &Row) -> Part<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            device: row.try_get(2)?,
            status: row.try_get(3)?,
            started_at: row.try_get(4)?,
            completed_at: row.try_get(5)?,
            duration_ms: row.try_get(6)?,
            expected: row.try_get(7)?,
            actual: row.try_get(8)?,
            error: row.try_get(9)?,
            metadata: row.try_get(10)?,
            device_name: None,
            service_name: None,
            category: row.try_get(11)?,
            number: None,
        })
    }

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn columns(&self) -> Columns {
        vec![
            ("test_name", self.name.clone()),
            ("device_id", shown(self.device.as_ref())),
            ("status", self.status.clone()),
            ("started_at", self.started_at.to_string()),
            ("completed_at", self.completed_at.to_string()),
            ("duration_ms", self.duration_ms.to_string()),
            ("expected_result", shown(self.expected.as_ref())),
            ("actual_result", shown(self.actual.as_ref())),
            ("error_message", shown(self.error.as_ref())),
            ("metadata", self.metadata.to_string()),
            ("test_category", self.category.clone()),
        ]
    }
}

/// A word of the schema: by what of the inventory was looked at.
fn category(result: &StepResult) -> &'static str {
    match (&result.service, &result.device) {
        (Some(_), _) => "service",
        (None, Some(_)) => "network",
        (None, None) => INSTRUMENTS,
    }
}

/// Whole milliseconds; a clock that was set back makes it 0.
fn duration_ms(from: Timestamp, to: Timestamp) -> i32 {
    small(to.duration_since(from).as_millis().max(0))
}

/// Writes rows, all on their way at once.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    session: SessionId,
    rows: &[ResultRow],
) -> Part<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let statement = transaction.prepare(INSERT).await?;
    let inserted = rows.iter().map(|row| row.insert(transaction, &statement, session));
    try_join_all(inserted).await?;
    Ok(())
}
