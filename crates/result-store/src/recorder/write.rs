//! The events of a batch, one after another, as rows.

use bench_model::{
    InstrumentIdentity, Reading, Record, Resumed, RunEvent, SessionEnd, SessionId, SessionStart,
    StepResult, Timestamp, Verdict, Waveform,
};
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::ledger::Ledger;
use super::measurement::{self, Measurement};
use super::result::{self, ResultRow};
use super::{Part, equipment, presence, small, waveform};
use crate::document::{Document, Finished, KnownInstrument, StatusAt};
use crate::error::Cause;
use crate::moment::Moment;
use crate::text::{Jsonb, fit};

/// A transaction with what is to go into it at its end.
pub(super) struct Writing<'a> {
    transaction: &'a Transaction<'a>,
    session: SessionId,
    document: &'a mut Option<Document>,
    ledger: &'a mut Ledger,
    /// Whether the parents of measurements may be locked instead of looked up.
    pub(super) may_lock: bool,
    measurements: Vec<Measurement>,
    results: Vec<ResultRow>,
    /// Whether the session's metadata changed.
    document_changed: bool,
}

impl<'a> Writing<'a> {
    pub(super) fn new(
        transaction: &'a Transaction<'a>,
        session: SessionId,
        document: &'a mut Option<Document>,
        ledger: &'a mut Ledger,
    ) -> Self {
        Self {
            transaction,
            session,
            document,
            ledger,
            may_lock: false,
            measurements: Vec::new(),
            results: Vec::new(),
            document_changed: false,
        }
    }

    /// Takes one event. Parents are written at once, since what follows may refer to them.
    pub(super) async fn take(&mut self, record: Record) -> Part<()> {
        let Record { seq, at, event } = record;
        match event {
            RunEvent::SessionStarted(start) => self.begin(*start, at).await,
            RunEvent::InstrumentIdentified(identity) => self.identify(*identity).await,
            RunEvent::InstrumentStatus(status) => self.status(StatusAt { at, status }).await,
            RunEvent::Reading(reading) => self.reading(&reading),
            RunEvent::Waveform(waveform) => self.waveform(&waveform).await,
            RunEvent::Judged(result) => self.judged(&result, seq),
            RunEvent::SafeState(state) => self.note(|document| document.safe_state = Some(state)),
            RunEvent::Warning { message } => self.note(|document| document.warn(message)),
            RunEvent::SessionFinished(end) => self.end(end, at),
            RunEvent::Resumed(resumed) => self.resume(*resumed).await,
            // What was set and which step began has no row: the journal has it.
            _ => Ok(()),
        }
    }

    fn document(&mut self) -> Part<&mut Document> {
        self.document.as_mut().ok_or(Cause::NoSession)
    }

    fn note(&mut self, change: impl FnOnce(&mut Document)) -> Part<()> {
        change(self.document()?);
        self.document_changed = true;
        Ok(())
    }

    /// The row of an instrument of this session.
    fn equipment(&mut self, instrument: &str) -> Part<Option<Uuid>> {
        Ok(self.document()?.equipment(instrument))
    }

    async fn begin(&mut self, start: SessionStart, at: Timestamp) -> Part<()> {
        if self.document.is_some() {
            return Ok(());
        }
        let insert = "INSERT INTO testing.test_sessions
            (session_id, session_name, test_type, trigger_source, started_at, status, metadata, executed_by,
             total_tests, passed_tests, failed_tests, skipped_tests)
            VALUES ($1, $2, $7, $3, $4, 'running', $5, $6, 0, 0, 0, 0)
            ON CONFLICT (session_id) DO NOTHING";
        let name = fit(&start.plan.name, 255).into_owned();
        let trigger = start.trigger.word();
        let operator = start.operator.as_deref().map(|operator| fit(operator, 100).into_owned());
        let test_type = start.test_type.clone().unwrap_or_else(|| "scpi_automated".to_owned());
        let document = Document::new(start, at);
        let metadata = Jsonb::of(&document)?;
        let started_at = Moment::from(at);
        self.transaction
            .execute(
                insert,
                &[&self.session.0, &name, &trigger, &started_at, &metadata, &operator, &test_type],
            )
            .await?;
        *self.document = Some(document);
        Ok(())
    }

    async fn identify(&mut self, identity: InstrumentIdentity) -> Part<()> {
        let transaction = self.transaction;
        let document = self.document()?;
        let bench = &document.start.bench;
        if document.instruments.iter().any(|known| equipment::are_two(&known.identity, &identity)) {
            equipment::share_serial(transaction, &identity, bench).await?;
        }
        let equipment_id = equipment::find_or_make(transaction, &identity, bench).await?;
        let known = KnownInstrument { equipment_id, identity };
        presence::identified(transaction, document, &known).await?;
        self.note(|document| document.instruments.push(known))
    }

    async fn status(&mut self, status: StatusAt) -> Part<()> {
        let transaction = self.transaction;
        let changed = presence::changed(transaction, self.document()?, status).await?;
        self.document_changed |= changed;
        Ok(())
    }

    fn reading(&mut self, reading: &Reading) -> Part<()> {
        let equipment = self.equipment(&reading.instrument)?;
        self.measurements.push(Measurement::of(reading, equipment)?);
        self.ledger.readings += 1;
        Ok(())
    }

    async fn waveform(&mut self, waveform: &Waveform) -> Part<()> {
        let equipment = self.equipment(&waveform.instrument)?;
        self.ledger.waveforms += 1;
        waveform::insert(self.transaction, self.session, waveform, equipment).await
    }

    fn judged(&mut self, result: &StepResult, seq: u64) -> Part<()> {
        self.ledger.count(result.verdict);
        // What has no limit has its readings, and no verdict to store.
        if result.verdict == Verdict::Recorded {
            return Ok(());
        }
        let device = match &result.instrument {
            Some(instrument) => self.equipment(instrument)?,
            None => None,
        };
        self.results.push(ResultRow::of(result, device, seq)?);
        Ok(())
    }

    /// What is judged anew counts no more. Its readings stay.
    async fn resume(&mut self, resumed: Resumed) -> Part<()> {
        let waiting = std::mem::take(&mut self.results);
        result::insert(self.transaction, self.session, &waiting).await?;
        let superseded: Vec<Uuid> = resumed.superseded.iter().map(|result| result.0).collect();
        result::supersede(self.transaction, self.session, &superseded).await?;
        self.ledger.counts = resumed.counts;
        self.update_totals().await?;
        self.note(|document| (document.finished, document.safe_state) = (None, None))
    }

    fn end(&mut self, end: SessionEnd, at: Timestamp) -> Part<()> {
        let Ledger { counts, readings, waveforms, .. } = *self.ledger;
        self.note(|document| {
            let duration_s = at.duration_since(document.started_at).as_secs_f64();
            document.finished = Some(Finished { at, end, counts, readings, waveforms, duration_s });
        })
    }

    /// Writes what was gathered, and the session's own row.
    pub(super) async fn finish(self) -> Part<()> {
        measurement::copy(self.transaction, self.session, &self.measurements, self.may_lock)
            .await?;
        result::insert(self.transaction, self.session, &self.results).await?;
        if !self.results.is_empty() {
            self.update_totals().await?;
        }
        if self.document_changed {
            self.update_document().await?;
        }
        Ok(())
    }

    async fn update_totals(&self) -> Part<()> {
        let update = "UPDATE testing.test_sessions
            SET total_tests = $2, passed_tests = $3, failed_tests = $4, skipped_tests = $5
            WHERE session_id = $1";
        let counts = &self.ledger.counts;
        let (total, passed) = (small(counts.judged()), small(counts.pass));
        let (failed, skipped) = (small(counts.fail), small(counts.skip));
        self.transaction
            .execute(update, &[&self.session.0, &total, &passed, &failed, &skipped])
            .await?;
        Ok(())
    }

    async fn update_document(&self) -> Part<()> {
        let Some(document) = self.document.as_ref() else { return Ok(()) };
        let update = "UPDATE testing.test_sessions
            SET metadata = $2, status = $3, duration_seconds = $5,
                completed_at = CASE WHEN $4::timestamptz IS NOT NULL THEN greatest($4, started_at) END
            WHERE session_id = $1";
        let metadata = Jsonb::of(document)?;
        let finished = document.finished.as_ref();
        let status = finished.map_or("running", |finished| finished.end.status.word());
        let completed_at = finished.map(|finished| Moment::from(finished.at));
        // A clock that was set back makes it 0, and `duration_s` says by how much.
        let seconds = finished.map(|finished| {
            small(finished.at.duration_since(document.started_at).as_secs().max(0))
        });
        self.transaction
            .execute(update, &[&self.session.0, &metadata, &status, &completed_at, &seconds])
            .await?;
        Ok(())
    }
}
