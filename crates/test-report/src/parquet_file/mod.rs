//! A session's readings as Apache Parquet, for programs that read columns: exact decimals, one row for each reading.

mod column;

use std::collections::HashMap;
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError as WriteError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use bench_model::{Quantity, Reading, Record, ResultId, RunEvent, SessionStart, StepResult};

use crate::axes::{Axis, axes};
use column::{Cells, Column, schema};

/// Who wrote a file, in its own words.
const WRITTEN_BY: &str = concat!("scpi-run ", env!("CARGO_PKG_VERSION"));
/// What a table of readings cannot carry.
const LEFT_OUT: &str = "computed results and those without readings, margins, waveforms, answers that are words, \
    statistics, settings, instruments' identities, warnings, the safe state and the plan: the journal, JSON Lines and \
    the HTML report have them";

/// A run that cannot be written as Parquet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParquetError {
    /// The first event is missing.
    #[error("the run has no start, so that its session is not known")]
    NoStart,
    /// The file cannot be made.
    #[error("the Parquet file cannot be made: {0}")]
    Write(#[from] WriteError),
}

/// The bytes of a file with one row for each reading, in the order in which they were taken.
///
/// - `value` is a DECIMAL of 38 digits with as many decimals as the run's readings have, in `unit`; it is null where
///   the instrument gave no finite number, or one that 38 digits cannot hold. `value_text` always has every digit, or
///   `Infinity`, `-Infinity`, `NaN`; `raw` is the answer as it came.
/// - Each axis is a DECIMAL column `axis NAME [UNIT]`: its setpoint, exact, in base units; null where a step has no
///   such axis.
/// - `verdict` and `limit` are those of the result that the reading was taken for; null where none was made.
/// - `taken_at` is in nanoseconds since 1970, UTC.
///
/// The file's own metadata names the session, the plan, its hash and the DUT (`scpi_run.session`, ...), and under
/// `scpi_run.left_out` what a table of readings cannot carry.
///
/// # Errors
///
/// When the records have no start, or the file cannot be made.
pub fn parquet(records: &[Record]) -> Result<Vec<u8>, ParquetError> {
    let start = records.iter().find_map(start_of).ok_or(ParquetError::NoStart)?;
    let columns = columns(records, start);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(WRITTEN_BY.to_owned())
        .set_key_value_metadata(Some(about(start)))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema(&columns)?, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for column in &columns {
        if let Some(mut writer) = group.next_column()? {
            column.write(&mut writer)?;
            writer.close()?;
        }
    }
    group.close()?;
    Ok(file.into_inner()?)
}

fn start_of(record: &Record) -> Option<&SessionStart> {
    match &record.event {
        RunEvent::SessionStarted(start) => Some(start),
        _ => None,
    }
}

fn about(start: &SessionStart) -> Vec<KeyValue> {
    let plan = &start.plan;
    let all = [
        ("session", Some(start.session.to_string())),
        ("plan", Some(plan.name.clone())),
        ("plan_version", plan.version.clone()),
        ("plan_sha256", Some(plan.sha256.clone())),
        ("dut", start.dut.serial.clone()),
        ("bench", Some(start.bench.clone())),
        ("simulated", Some(start.simulated.to_string())),
        ("left_out", Some(LEFT_OUT.to_owned())),
    ];
    let entry = |(key, value)| KeyValue::new(format!("scpi_run.{key}"), value);
    all.into_iter().filter(|(_, value)| value.is_some()).map(entry).collect()
}

fn columns(records: &[Record], start: &SessionStart) -> Vec<Column> {
    let readings: Vec<&Reading> = records.iter().filter_map(reading_of).collect();
    let results: HashMap<ResultId, &StepResult> = records.iter().filter_map(result_of).collect();
    let text = |name: &str, of: &dyn Fn(&Reading) -> Option<String>| {
        Column::new(name, Cells::Text(readings.iter().map(|reading| of(reading)).collect()))
    };
    let whole = |name: &str, of: &dyn Fn(&Reading) -> Option<i64>| {
        Column::new(name, Cells::Whole(readings.iter().map(|reading| of(reading)).collect()))
    };
    let result = |reading: &Reading| results.get(&reading.result).copied();
    let mut columns = vec![
        text("session", &|_| Some(start.session.to_string())),
        text("place", &|own| Some(own.place.to_string())),
        text("path", &|own| Some(own.place.path.clone())),
    ];
    columns.extend(axes(readings.iter().copied()).iter().map(|axis| setpoints(&readings, axis)));
    columns.extend([
        text("role", &|own| Some(own.role.clone())),
        text("instrument", &|own| Some(own.instrument.clone())),
        whole("channel", &|own| Some(own.channel.into())),
        text("function", &|own| Some(own.function.clone())),
        values(&readings),
        text("value_text", &|own| Some(own.value.to_string())),
        text("unit", &|own| Some(own.unit.symbol().to_owned())),
        text("raw", &|own| Some(own.raw.clone())),
        text("range", &|own| own.range.clone()),
        whole("sample", &|own| Some(own.sample.into())),
        whole("attempt", &|own| Some(own.attempt.into())),
        text("verdict", &|own| result(own).map(|result| result.verdict.word().to_owned())),
        text("limit", &|own| result(own)?.limit.as_ref().map(ToString::to_string)),
        Column::new("taken_at", Cells::Time(readings.iter().map(|own| taken_at(own)).collect())),
    ]);
    columns
}

fn values(readings: &[&Reading]) -> Column {
    let values = readings.iter().map(|reading| reading.value.finite().cloned());
    Column::new("value", Cells::Decimal(values.collect()))
}

fn setpoints(readings: &[&Reading], axis: &Axis) -> Column {
    let setpoint = |reading: &&Reading| axis.of_reading(reading).and_then(Quantity::in_base);
    Column::new(&axis.to_string(), Cells::Decimal(readings.iter().map(setpoint).collect()))
}

/// None beyond the year 2262, which 64 bits of nanoseconds cannot hold.
fn taken_at(reading: &Reading) -> Option<i64> {
    i64::try_from(reading.taken_at.as_nanosecond()).ok()
}

fn reading_of(record: &Record) -> Option<&Reading> {
    match &record.event {
        RunEvent::Reading(reading) => Some(reading),
        _ => None,
    }
}

fn result_of(record: &Record) -> Option<(ResultId, &StepResult)> {
    match &record.event {
        RunEvent::Judged(result) => Some((result.id, result)),
        _ => None,
    }
}
