//! Readings as rows of `scpi.measurements`, by COPY.

use std::pin::pin;

use bench_model::{Decimal, Reading, ReadingId, ResultId, SessionId, Unit};
use postgres_types::Type;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::stored::{Columns, Kind, Stored, shown};
use super::{Part, parents, small};
use crate::moment::Moment;
use crate::numeric::Numeric;
use crate::text::{Jsonb, escaped, fit};

const COPY: &str = "COPY scpi.measurements
    (\"timestamp\", equipment_id, test_session_id, measurement_type, channel, value, unit, range_setting,
     integration_time, metadata)
    FROM STDIN BINARY";
const TYPES: [Type; 10] = [
    Type::TIMESTAMPTZ,
    Type::UUID,
    Type::UUID,
    Type::VARCHAR,
    Type::INT4,
    Type::NUMERIC,
    Type::VARCHAR,
    Type::VARCHAR,
    Type::NUMERIC,
    Type::JSONB,
];

/// The rows of a session, as [`Measurement::read`] takes them.
const SELECT: &str = "SELECT \"timestamp\", equipment_id, measurement_type, channel, value, unit,
    range_setting, integration_time, metadata
    FROM scpi.measurements WHERE test_session_id = $1";

/// Words of `measurement_type` for the ends of our functions: `dc_voltage` is a `voltage`.
const KINDS: [(&str, &str); 18] = [
    ("voltage", "voltage"),
    ("current", "current"),
    ("resistance", "resistance"),
    ("continuity", "resistance"),
    ("frequency", "frequency"),
    ("power", "power"),
    ("temperature", "temperature"),
    ("capacitance", "capacitance"),
    ("inductance", "inductance"),
    ("impedance", "impedance"),
    ("diode", "voltage"),
    ("vpp", "voltage"),
    ("vrms", "voltage"),
    ("period", "time"),
    ("rise_time", "time"),
    ("fall_time", "time"),
    ("phase", "phase"),
    ("ratio", "ratio"),
];
/// The same for a unit, where the function does not say.
const KINDS_OF_UNITS: [(&str, &str); 8] = [
    ("V", "voltage"),
    ("A", "current"),
    ("Ω", "resistance"),
    ("Hz", "frequency"),
    ("W", "power"),
    ("s", "time"),
    ("°C", "temperature"),
    ("F", "capacitance"),
];

/// A row.
pub(crate) struct Measurement {
    at: Moment,
    equipment: Option<Uuid>,
    kind: String,
    channel: i32,
    value: Numeric,
    unit: String,
    range: Option<String>,
    integration_s: Option<Numeric>,
    metadata: Jsonb,
}

#[derive(serde::Serialize)]
struct Metadata<'a> {
    raw: &'a str,
    reading_id: ReadingId,
    result_id: ResultId,
    place: String,
    role: &'a str,
    function: &'a str,
    sample: u32,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    nplc: Option<&'a Decimal>,
    /// How it was made of another reading, where it is a corrected one.
    #[serde(skip_serializing_if = "Option::is_none")]
    correction: Option<&'a bench_model::Correction>,
    /// Who was asked, where nobody knows which equipment that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    instrument: Option<&'a str>,
    /// Why the value is NaN though the answer was a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    unstorable: Option<&'a str>,
}

impl Measurement {
    pub(crate) fn of(reading: &Reading, equipment: Option<Uuid>) -> Part<Self> {
        let value = Numeric::of(&reading.value);
        let metadata = Metadata {
            raw: &escaped(&reading.raw),
            reading_id: reading.id,
            result_id: reading.result,
            place: reading.place.to_string(),
            role: &reading.role,
            function: &reading.function,
            sample: reading.sample,
            attempt: reading.attempt,
            nplc: reading.nplc.as_ref(),
            correction: reading.correction.as_deref(),
            instrument: equipment.is_none().then_some(reading.instrument.as_str()),
            unstorable: value.is_none().then_some("beyond the bounds of NUMERIC"),
        };
        Ok(Self {
            at: reading.taken_at.into(),
            equipment,
            kind: fit(kind(&reading.function, &reading.unit), 100).into_owned(),
            channel: small(reading.channel),
            value: value.unwrap_or(Numeric::NAN),
            unit: fit(symbol(&reading.unit), 50).into_owned(),
            range: reading.range.as_deref().map(|range| fit(range, 50).into_owned()),
            integration_s: reading.integration_s.as_ref().and_then(Numeric::of_decimal),
            metadata: Jsonb::of(&metadata)?,
        })
    }
}

impl Stored for Measurement {
    const SELECT: &str = SELECT;
    const KIND: Kind = Kind::Reading;

    fn read(row: &Row) -> Part<Self> {
        Ok(Self {
            at: row.try_get(0)?,
            equipment: row.try_get(1)?,
            kind: row.try_get(2)?,
            channel: row.try_get(3)?,
            value: row.try_get(4)?,
            unit: row.try_get(5)?,
            range: row.try_get(6)?,
            integration_s: row.try_get(7)?,
            metadata: row.try_get(8)?,
        })
    }

    /// Another program may write rows of the same session, without our ids.
    fn id(&self) -> Option<Uuid> {
        self.metadata.member("reading_id")?.parse().ok()
    }

    fn columns(&self) -> Columns {
        vec![
            ("timestamp", self.at.to_string()),
            ("equipment_id", shown(self.equipment.as_ref())),
            ("measurement_type", self.kind.clone()),
            ("channel", self.channel.to_string()),
            ("value", self.value.to_string()),
            ("unit", self.unit.clone()),
            ("range_setting", shown(self.range.as_ref())),
            ("integration_time", shown(self.integration_s.as_ref())),
            ("metadata", self.metadata.to_string()),
        ]
    }
}

/// A pure number has the unit 1.
pub(super) fn symbol(unit: &Unit) -> &str {
    match unit.symbol() {
        "" => "1",
        symbol => symbol,
    }
}

fn kind<'a>(function: &'a str, unit: &Unit) -> &'a str {
    let ends = |end: &str| match function.strip_suffix(end) {
        Some(before) => before.is_empty() || before.ends_with('_'),
        None => false,
    };
    let by_function = KINDS.iter().find(|(end, _)| ends(end));
    let base = unit.dimension().to_string();
    let by_unit = || KINDS_OF_UNITS.iter().find(|(symbol, _)| *symbol == base);
    by_function.or_else(by_unit).map_or(function, |(_, word)| word)
}

/// Writes rows; where it may, with their parents locked once.
pub(super) async fn copy(
    transaction: &Transaction<'_>,
    session: SessionId,
    rows: &[Measurement],
    may_lock: bool,
) -> Part<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let equipment = rows.iter().filter_map(|row| row.equipment).collect();
    if may_lock && parents::lock(transaction, session, &equipment).await? {
        write(transaction, session, rows).await?;
        return parents::trust_nobody(transaction).await;
    }
    write(transaction, session, rows).await
}

async fn write(
    transaction: &Transaction<'_>,
    session: SessionId,
    rows: &[Measurement],
) -> Part<()> {
    let sink = transaction.copy_in(COPY).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    for row in rows {
        writer
            .as_mut()
            .write(&[
                &row.at,
                &row.equipment,
                &session.0,
                &row.kind,
                &row.channel,
                &row.value,
                &row.unit,
                &row.range,
                &row.integration_s,
                &row.metadata,
            ])
            .await?;
    }
    writer.finish().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_a_word_of_the_vocabulary() {
        for (function, unit, word) in [
            ("dc_voltage", "V", "voltage"),
            ("voltage", "V", "voltage"),
            ("four_wire_resistance", "kΩ", "resistance"),
            ("ac_current", "A", "current"),
            ("rms", "mV", "voltage"),
            ("rise_time", "s", "time"),
            ("overvoltage", "V/s", "overvoltage"),
            ("duty_cycle", "%", "duty_cycle"),
        ] {
            let unit = unit.parse().unwrap_or_else(|_| Unit::none());
            assert_eq!(kind(function, &unit), word, "{function}");
        }
        assert_eq!(symbol(&Unit::none()), "1");
    }
}
