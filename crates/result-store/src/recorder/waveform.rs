//! Waveforms as rows of `scpi_run.waveforms`: the codes as they came, not the samples.

use bench_model::{Decimal, SessionId, Waveform};
use sha2::{Digest, Sha256};
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::measurement::symbol;
use super::stored::{Columns, Kind, Stored, shown};
use super::{Part, small};
use crate::moment::Moment;
use crate::numeric::Numeric;
use crate::text::{escaped, storable};

const INSERT: &str = "INSERT INTO scpi_run.waveforms
    (id, session_id, result_id, equipment_id, place, role, channel, codes, format, y_zero, y_increment,
     y_offset, unit, x_reference, x_increment, x_origin, preamble, captured_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    ON CONFLICT (id) DO NOTHING";

/// Writes one.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    session: SessionId,
    waveform: &Waveform,
    equipment: Option<Uuid>,
) -> Part<()> {
    transaction
        .execute(
            INSERT,
            &[
                &waveform.id.0,
                &session.0,
                &waveform.result.0,
                &equipment,
                &storable(&waveform.place.to_string()),
                &storable(&waveform.role),
                &small(waveform.channel),
                &waveform.codes,
                &waveform.format.word(),
                &number(&waveform.y_zero),
                &number(&waveform.y_increment),
                &number(&waveform.y_offset),
                &symbol(&waveform.y_unit),
                &number(&waveform.x_reference),
                &number(&waveform.x_increment),
                &number(&waveform.x_origin),
                &escaped(&waveform.preamble),
                &Moment::from(waveform.captured_at),
            ],
        )
        .await?;
    Ok(())
}

/// The preamble has the text of what NUMERIC cannot hold.
fn number(decimal: &Decimal) -> Numeric {
    Numeric::of_decimal(decimal).unwrap_or(Numeric::NAN)
}

/// The columns that are compared.
const NAMES: [&str; 14] = [
    "result_id",
    "equipment_id",
    "place",
    "channel",
    "codes (SHA-256)",
    "format",
    "y_zero",
    "y_increment",
    "y_offset",
    "unit",
    "x_reference",
    "x_increment",
    "x_origin",
    "preamble",
];

/// A waveform as far as it is compared: the codes by their hash, since they may be large.
pub(crate) struct WaveformRow {
    id: Uuid,
    columns: Columns,
}

impl WaveformRow {
    pub(crate) fn of(waveform: &Waveform, equipment: Option<Uuid>) -> Self {
        let hash = Sha256::digest(&waveform.codes);
        let codes = hash.iter().map(|byte| format!("{byte:02x}"));
        let texts = [
            waveform.result.0.to_string(),
            shown(equipment.as_ref()),
            storable(&waveform.place.to_string()).into_owned(),
            small(waveform.channel).to_string(),
            codes.collect(),
            waveform.format.word().to_owned(),
            number(&waveform.y_zero).to_string(),
            number(&waveform.y_increment).to_string(),
            number(&waveform.y_offset).to_string(),
            symbol(&waveform.y_unit).to_owned(),
            number(&waveform.x_reference).to_string(),
            number(&waveform.x_increment).to_string(),
            number(&waveform.x_origin).to_string(),
            escaped(&waveform.preamble).into_owned(),
        ];
        Self { id: waveform.id.0, columns: NAMES.into_iter().zip(texts).collect() }
    }
}

impl Stored for WaveformRow {
    const SELECT: &str =
        "SELECT id, result_id::text, coalesce(equipment_id::text, 'NULL'), place, channel::text,
        encode(sha256(codes), 'hex'), format, y_zero::text, y_increment::text, y_offset::text, unit,
        x_reference::text, x_increment::text, x_origin::text, preamble
        FROM scpi_run.waveforms WHERE session_id = $1";
    const KIND: Kind = Kind::Waveform;

    fn read(row: &Row) -> Part<Self> {
        let columns = NAMES.iter().zip(1..).map(|(name, at)| Ok((*name, row.try_get(at)?)));
        Ok(Self { id: row.try_get(0)?, columns: columns.collect::<Part<_>>()? })
    }

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn columns(&self) -> Columns {
        self.columns.clone()
    }
}
