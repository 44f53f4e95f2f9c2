//! Past sessions, read back from their rows.

use std::collections::HashMap;

use bench_model::{RunRecord, SessionId, StepResult, VerdictCounts};
use postgres_types::{Json, ToSql};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::document::Document;
use crate::error::{Cause, Doing, StoreError, described};
use crate::history_filter::HistoryFilter;
use crate::moment::Moment;
use crate::recorder::from_sql;
use crate::store::Store;

const SESSIONS: &str = "testing.test_sessions";
const RESULTS: &str = "testing.test_results";

/// What a record is made of, but for its results.
const COLUMNS: &str = "session_id, counts, readings, waveforms";
/// The plan's text is long, and of no use in a list.
const SHORT_METADATA: &str = r#"jsonb_set(metadata, '{start,plan,text}', '""')"#;

impl Store {
    /// Past sessions, the newest first, with their counts; without their results and the text of their plans.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked, or a row was changed by hand.
    pub async fn history(
        &mut self,
        limit: u32,
        filter: &HistoryFilter,
    ) -> Result<Vec<RunRecord>, StoreError> {
        let (since, until) = (filter.since.map(Moment::from), filter.until.map(Moment::from));
        let (verdict, status) = (filter.verdict(), filter.status());
        let query = format!(
            "SELECT {COLUMNS}, {SHORT_METADATA} FROM testing.test_sessions
             JOIN scpi_run.journal_position USING (session_id)
             WHERE ($1::text IS NULL OR plan_name = $1)
             AND ($2::text IS NULL OR dut_serial = $2)
             AND ($3::boolean IS NULL OR is_simulated = $3)
             AND ($4::boolean IS NULL OR is_partial = $4)
             AND ($5::text IS NULL OR verdict = $5)
             AND ($6::text IS NULL OR status = $6)
             AND ($7::timestamptz IS NULL OR started_at >= $7)
             AND ($8::timestamptz IS NULL OR started_at < $8)
             ORDER BY started_at DESC, session_id DESC LIMIT $9"
        );
        let limit = i64::from(limit);
        let parameters: [&(dyn ToSql + Sync); 9] = [
            &filter.plan,
            &filter.dut,
            &filter.simulated,
            &filter.partial,
            &verdict,
            &status,
            &since,
            &until,
            &limit,
        ];
        let rows = self.rows(&query, &parameters).await?;
        let records: Result<Vec<_>, Cause> = rows.iter().map(record).collect();
        records.doing(self.place(), "read the history")
    }

    /// Past sessions with the results of one step, at all its points, the newest first; as [`Store::history`] else.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked, or a row was changed by hand.
    pub async fn history_of_step(
        &mut self,
        step: &str,
        limit: u32,
        filter: &HistoryFilter,
    ) -> Result<Vec<RunRecord>, StoreError> {
        let mut runs = self.history(limit, filter).await?;
        let ids: Vec<Uuid> =
            runs.iter().filter_map(|run| run.start.as_ref()).map(|start| start.session.0).collect();
        let query = "SELECT session_id, metadata FROM testing.test_results
            WHERE session_id = ANY($1) AND metadata -> 'place' ->> 'path' = $2
            ORDER BY session_id, (metadata ->> 'seq')::bigint";
        let rows = self.rows(query, &[&ids, &step]).await?;
        let results: Result<Vec<(Uuid, StepResult)>, Cause> =
            rows.iter().map(|row| Ok((id(row)?, json(row, 1, RESULTS)?))).collect();
        let mut by_session: HashMap<Uuid, Vec<StepResult>> = HashMap::new();
        for (session, result) in results.doing(self.place(), "read the step's results")? {
            by_session.entry(session).or_default().push(result);
        }
        for run in &mut runs {
            let own = run.start.as_ref().and_then(|start| by_session.remove(&start.session.0));
            run.results = own.unwrap_or_default();
        }
        Ok(runs)
    }

    /// The one session whose id begins so, whole; none where there is none. Hyphens do not matter.
    ///
    /// # Errors
    ///
    /// When several begin so, the text is no beginning of an id, the database cannot be asked, or a row was
    /// changed by hand.
    pub async fn run(&mut self, id_prefix: &str) -> Result<Option<RunRecord>, StoreError> {
        let range = range(id_prefix).ok_or_else(|| Cause::NoId(id_prefix.to_owned()));
        let (first, last) = range.doing(self.place(), "find the run")?;
        let query = format!(
            "SELECT {COLUMNS}, metadata FROM testing.test_sessions
             JOIN scpi_run.journal_position USING (session_id)
             WHERE session_id BETWEEN $1 AND $2 ORDER BY session_id LIMIT 2"
        );
        let rows = self.rows(&query, &[&first, &last]).await?;
        match rows.as_slice() {
            [] => Ok(None),
            [row] => {
                let mut whole = record(row).doing(self.place(), "read the run")?;
                whole.results = self.results(row).await?;
                Ok(Some(whole))
            }
            [one, two, ..] => {
                let ids = id(one).and_then(|one| Ok((SessionId(one), SessionId(id(two)?))));
                let runs = ids.doing(self.place(), "find the run")?;
                let cause = Cause::SeveralRuns { prefix: id_prefix.to_owned(), runs };
                Err(StoreError::new(self.place(), "find the run", cause))
            }
        }
    }

    /// The results of a session in the order in which they were judged.
    async fn results(&mut self, session: &Row) -> Result<Vec<StepResult>, StoreError> {
        let session = id(session).doing(self.place(), "read the run")?;
        let query = "SELECT result_id, metadata FROM testing.test_results
            WHERE session_id = $1 AND NOT metadata ? 'superseded'
            ORDER BY (metadata ->> 'seq')::bigint";
        let rows = self.rows(query, &[&session]).await?;
        let results: Result<Vec<_>, Cause> = rows.iter().map(|row| json(row, 1, RESULTS)).collect();
        results.doing(self.place(), "read the run")
    }

    async fn rows(
        &mut self,
        query: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        self.connection_mut().query(query, parameters).await.doing(self.place(), "read past runs")
    }
}

fn id(row: &Row) -> Result<Uuid, Cause> {
    Ok(row.try_get(0)?)
}

/// A column of JSON as what was written.
fn json<T>(row: &Row, column: usize, table: &'static str) -> Result<T, Cause>
where
    T: for<'de> serde::Deserialize<'de>,
{
    match row.try_get::<_, Json<T>>(column) {
        Ok(Json(value)) => Ok(value),
        Err(error) => Err(Cause::ChangedRow { table, row: id(row)?, why: described(&error) }),
    }
}

fn record(row: &Row) -> Result<RunRecord, Cause> {
    let counts: VerdictCounts = json(row, 1, "scpi_run.journal_position")?;
    let document: Document = json(row, 4, SESSIONS)?;
    let finished = document.finished;
    Ok(RunRecord {
        start: Some(document.start),
        started_at: Some(document.started_at),
        instruments: document.instruments.into_iter().map(|known| known.identity).collect(),
        results: Vec::new(),
        counts,
        readings: from_sql(row.try_get(2)?),
        waveforms: from_sql(row.try_get(3)?),
        warnings: document.warnings,
        safe_state: document.safe_state,
        ended_at: finished.as_ref().map(|finished| finished.at),
        end: finished.map(|finished| finished.end),
    })
}

/// The first and the last id that begin so.
fn range(prefix: &str) -> Option<(Uuid, Uuid)> {
    let digits: String = prefix.chars().filter(|letter| *letter != '-').collect();
    let is_beginning = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    let filled = |digit: &str| {
        let rest = 32_usize.checked_sub(digits.len())?;
        Uuid::try_parse(&format!("{digits}{}", digit.repeat(rest))).ok()
    };
    if is_beginning { filled("0").zip(filled("f")) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_a_range_of_ids() {
        let (first, last) = range("0199-C0de-1").unwrap();
        assert_eq!(first.to_string(), "0199c0de-1000-0000-0000-000000000000");
        assert_eq!(last.to_string(), "0199c0de-1fff-ffff-ffff-ffffffffffff");
        let whole = "0199c0de-1000-7000-8000-000000000001";
        assert_eq!(range(whole).map(|(first, last)| first == last), Some(true));
        for wrong in ["", "-", "xyz", "0199 ", "' OR 1=1", &format!("{whole}0")] {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }
}
