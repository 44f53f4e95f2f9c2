//! A session's events out of its rows, for where its journal is not: what a report and an export are made of.

use std::collections::HashMap;

use bench_model::{
    CodeFormat, Coordinate, Decimal, Place, Point, Reading, Record, ResultId, RunEvent, StepResult,
    Timestamp, Unit, Value, Waveform, WaveformId,
};
use postgres_types::Json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::document::Document;
use crate::error::{Cause, Doing, StoreError, described};
use crate::moment::Moment;
use crate::store::Store;
use crate::text::unescaped;

const MEASUREMENTS: &str = "scpi.measurements";
const WAVEFORMS: &str = "scpi_run.waveforms";

/// Readings of one session, at most: more than that is for the archive.
pub const MAX_READINGS: i64 = 2_000_000;

/// What the rows do not say.
const NOT_IN_THE_ROWS: &str = "made from the database, for the run's journal is not on this machine: settings that \
    were sent, and results of steps without a limit, are not in it; their readings are";

const READINGS: &str =
    "SELECT m.metadata, m.value::text, m.unit, m.equipment_id, m.channel, m.range_setting,
        m.integration_time::text, m.\"timestamp\"
    FROM scpi.measurements m WHERE m.test_session_id = $1 ORDER BY m.measurement_id LIMIT $2";

const CAPTURED: &str = "SELECT id, result_id, equipment_id, place, role, channel, coalesce((
            SELECT string_agg(codes, ''::bytea ORDER BY piece) FROM scpi_run.waveform_codes WHERE waveform_id = id
        ), ''::bytea), format, y_zero::text,
        y_increment::text, y_offset::text, unit, x_reference::text, x_increment::text, x_origin::text, preamble,
        captured_at
    FROM scpi_run.waveforms WHERE session_id = $1 AND codes_dropped_at IS NULL ORDER BY captured_at, id";

/// What the recorder wrote beside a measurement.
#[derive(serde::Deserialize)]
struct Beside {
    raw: String,
    reading_id: bench_model::ReadingId,
    result_id: ResultId,
    place: String,
    role: String,
    function: String,
    sample: u32,
    attempt: u32,
    nplc: Option<Decimal>,
    instrument: Option<String>,
    correction: Option<Box<bench_model::Correction>>,
}

impl Store {
    /// The events of a session as far as its rows tell, numbered anew: start, instruments, readings, waveforms,
    /// results, warnings, safe state and end, in the order of their times. None where there is no such session.
    ///
    /// A warning says what the rows have not: settings, and results of steps without a limit.
    ///
    /// # Errors
    ///
    /// As for [`Store::run`].
    pub async fn records(&mut self, id_prefix: &str) -> Result<Option<Vec<Record>>, StoreError> {
        let Some(run) = self.run(id_prefix).await? else { return Ok(None) };
        let Some(start) = run.start else { return Ok(None) };
        let session = start.session.0;
        let rebuilt = self.rebuild(session, run.results).await;
        rebuilt.doing(self.place(), "read the run").map(Some)
    }

    async fn rebuild(
        &mut self,
        session: Uuid,
        results: Vec<StepResult>,
    ) -> Result<Vec<Record>, Cause> {
        let query = "SELECT session_id, metadata FROM testing.test_sessions WHERE session_id = $1";
        let row = self.connection_mut().query_one(query, &[&session]).await?;
        let document: Document = match row.try_get::<_, Json<Document>>(1) {
            Ok(Json(document)) => document,
            Err(error) => {
                let why = described(&error);
                return Err(Cause::ChangedRow {
                    table: "testing.test_sessions",
                    row: session,
                    why,
                });
            }
        };
        let names = Names::of(&document, &results);
        let mut middle = Vec::new();
        let rows = self.connection_mut().query(READINGS, &[&session, &MAX_READINGS]).await?;
        for row in &rows {
            middle.push(reading(row, session, &names)?);
        }
        for row in &self.connection_mut().query(CAPTURED, &[&session]).await? {
            middle.push(waveform(row, &names)?);
        }
        middle.extend(
            results
                .into_iter()
                .map(|result| (result.finished_at, RunEvent::Judged(Box::new(result)))),
        );
        // Stable: of one moment, readings stay before what was judged from them.
        middle.sort_by_key(|(at, _)| *at);
        Ok(numbered(document, middle))
    }
}

fn numbered(document: Document, middle: Vec<(Timestamp, RunEvent)>) -> Vec<Record> {
    let began = document.started_at;
    let last = middle.last().map_or(began, |(at, _)| *at);
    let ended = document.finished.as_ref().map_or(last, |finished| finished.at);
    let known = document.instruments.into_iter();
    let identified = known.map(|known| RunEvent::InstrumentIdentified(Box::new(known.identity)));
    let warned = document.warnings.into_iter().map(|message| RunEvent::Warning { message });
    let own = RunEvent::Warning { message: NOT_IN_THE_ROWS.to_owned() };
    let first = std::iter::once(RunEvent::SessionStarted(Box::new(document.start)));
    let safe = document.safe_state.map(RunEvent::SafeState);
    let end = document.finished.map(|finished| RunEvent::SessionFinished(finished.end));
    let all = first
        .chain(identified)
        .map(|event| (began, event))
        .chain(middle)
        .chain(warned.chain([own]).chain(safe).chain(end).map(|event| (ended, event)));
    (1..).zip(all).map(|(seq, (at, event))| Record { seq, at, event }).collect()
}

/// What ids in rows stand for.
struct Names {
    instruments: HashMap<Uuid, String>,
    places: HashMap<ResultId, Place>,
}

impl Names {
    fn of(document: &Document, results: &[StepResult]) -> Self {
        let known = document.instruments.iter();
        Self {
            instruments: known
                .map(|known| (known.equipment_id, known.identity.instrument.clone()))
                .collect(),
            places: results.iter().map(|result| (result.id, result.place.clone())).collect(),
        }
    }

    fn instrument(&self, id: Option<Uuid>) -> Option<String> {
        self.instruments.get(&id?).cloned()
    }

    /// The result's own place where its text is the same, else what the text says.
    fn place(&self, result: ResultId, text: &str) -> Place {
        let own = self.places.get(&result).filter(|own| own.to_string() == text);
        own.cloned().unwrap_or_else(|| place(text))
    }
}

/// `rail/vout[vi=7 V, il=0 A]`; what cannot be read so is all path.
fn place(text: &str) -> Place {
    let whole = || Place { path: text.to_owned(), point: Point::default() };
    let Some((path, point)) = text.split_once('[') else { return whole() };
    let Some(point) = point.strip_suffix(']') else { return whole() };
    let coordinate = |text: &str| {
        let (axis, value) = text.split_once('=')?;
        Some(Coordinate { axis: axis.to_owned(), value: value.parse().ok()? })
    };
    match point.split(", ").map(coordinate).collect::<Option<Vec<_>>>() {
        Some(point) => Place { path: path.to_owned(), point: Point(point) },
        None => whole(),
    }
}

fn reading(row: &Row, session: Uuid, names: &Names) -> Result<(Timestamp, RunEvent), Cause> {
    let changed = |why: String| Cause::ChangedRow { table: MEASUREMENTS, row: session, why };
    let beside: Json<Beside> = row.try_get(0).map_err(|error| changed(described(&error)))?;
    let Json(beside) = beside;
    let stored: &str = row.try_get(1)?;
    let stored = stored.parse::<Value>().map_err(|error| changed(error.to_string()))?;
    let raw = unescaped(&beside.raw);
    let taken_at = time(row.try_get(7)?);
    let integration_s: Option<&str> = row.try_get(6)?;
    let instrument = names.instrument(row.try_get(3)?).or(beside.instrument);
    let channel: i32 = row.try_get(4)?;
    let reading = Reading {
        id: beside.reading_id,
        result: beside.result_id,
        place: names.place(beside.result_id, &beside.place),
        role: beside.role,
        instrument: instrument.unwrap_or_default(),
        channel: u32::try_from(channel).unwrap_or_default(),
        function: beside.function,
        value: as_it_came(stored, &raw),
        raw,
        unit: unit(row.try_get(2)?).map_err(changed)?,
        range: row.try_get(5)?,
        nplc: beside.nplc,
        integration_s: integration_s.and_then(|text| text.parse().ok()),
        sample: beside.sample,
        attempt: beside.attempt,
        correction: beside.correction,
        taken_at,
    };
    Ok((taken_at, RunEvent::Reading(Box::new(reading))))
}

/// NUMERIC keeps no exponent; the answer has it, where it is the number alone.
fn as_it_came(stored: Value, raw: &str) -> Value {
    let came = raw.trim().parse::<Decimal>().ok();
    match (stored.finite(), came) {
        (Some(stored), Some(came)) if *stored == came => Value::Finite(came),
        _ => stored,
    }
}

/// A pure number is stored with the unit 1.
fn unit(symbol: &str) -> Result<Unit, String> {
    if symbol == "1" {
        return Ok(Unit::none());
    }
    symbol.parse::<Unit>().map_err(|error| error.to_string())
}

fn waveform(row: &Row, names: &Names) -> Result<(Timestamp, RunEvent), Cause> {
    let id: Uuid = row.try_get(0)?;
    let changed = |why: String| Cause::ChangedRow { table: WAVEFORMS, row: id, why };
    let number = |column: usize| {
        let text: &str = row.try_get(column)?;
        text.parse::<Decimal>().map_err(|error| changed(error.to_string()))
    };
    let result = ResultId(row.try_get(1)?);
    let format: &str = row.try_get(7)?;
    let format = format_of(format).ok_or_else(|| changed(format!("no format '{format}'")))?;
    let captured_at = time(row.try_get(16)?);
    let channel: i32 = row.try_get(5)?;
    let preamble: String = row.try_get(15)?;
    let waveform = Waveform {
        id: WaveformId(id),
        result,
        place: names.place(result, row.try_get(3)?),
        role: row.try_get(4)?,
        instrument: names.instrument(row.try_get(2)?).unwrap_or_default(),
        channel: u32::try_from(channel).unwrap_or_default(),
        codes: row.try_get(6)?,
        format,
        y_zero: number(8)?,
        y_increment: number(9)?,
        y_offset: number(10)?,
        y_unit: unit(row.try_get(11)?).map_err(changed)?,
        x_reference: number(12)?,
        x_increment: number(13)?,
        x_origin: number(14)?,
        preamble: unescaped(&preamble),
        captured_at,
    };
    Ok((captured_at, RunEvent::Waveform(Box::new(waveform))))
}

fn format_of(word: &str) -> Option<CodeFormat> {
    use CodeFormat::{I8, I16Be, I16Le, U8, U16Be, U16Le};
    [I8, U8, I16Le, I16Be, U16Le, U16Be].into_iter().find(|format| format.word() == word)
}

fn time(moment: Moment) -> Timestamp {
    moment.timestamp().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_from_its_text() {
        for text in ["rail/vout[vi=7 V, il=0 A]", "idle", "odd[x]", "odd[a=1 V", "a]b[", ""] {
            assert_eq!(place(text).to_string(), text);
        }
        assert_eq!(place("rail/vout[vi=7 V, il=0 A]").point.0.len(), 2);
        assert_eq!(place("odd[x=1 parsec]").path, "odd[x=1 parsec]");
    }

    #[test]
    fn digits_are_those_of_the_answer() {
        let value = |text: &str| text.parse::<Value>().unwrap();
        for (stored, raw, wanted) in [
            ("123000", "+1.2300E+05", "123000"),
            ("123000", "1,2,3", "123000"),
            ("5", "6", "5"),
            ("NaN", "9.91E37", "NaN"),
        ] {
            assert_eq!(as_it_came(value(stored), raw), value(wanted), "{stored} {raw}");
        }
        let exponent = |value: Value| value.finite().map(Decimal::exponent);
        assert_eq!(exponent(as_it_came(value("123000"), "1.2300E+05")), Some(1));
    }
}
