//! Waveforms as rows of `scpi_run.waveforms`: the codes as they came, not the samples, piece by piece in
//! `scpi_run.waveform_codes`.

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
    (id, session_id, result_id, equipment_id, place, role, channel, samples, codes_sha256, format, y_zero, y_increment,
     y_offset, unit, x_reference, x_increment, x_origin, preamble, captured_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT (id) DO NOTHING";
const INSERT_CODES: &str = "INSERT INTO scpi_run.waveform_codes
    (waveform_id, piece, first_sample, samples, codes, sha256) VALUES ($1, $2, $3, $4, $5, $6)";
/// Samples of one piece: as much as the server unpacks for one of them.
const PIECE_SAMPLES: usize = 131_072;

/// Writes one.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    session: SessionId,
    waveform: &Waveform,
    equipment: Option<Uuid>,
) -> Part<()> {
    let samples = i64::try_from(waveform.len()).unwrap_or(i64::MAX);
    let is_new = transaction
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
                &samples,
                &Sha256::digest(&waveform.codes).as_slice(),
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
    if is_new > 0 {
        insert_codes(transaction, waveform).await?;
    }
    Ok(())
}

/// One piece is on its way at a time: no more memory than that is taken beside the event's own.
async fn insert_codes(transaction: &Transaction<'_>, waveform: &Waveform) -> Part<()> {
    let statement = transaction.prepare(INSERT_CODES).await?;
    let (width, mut first) = (waveform.format.width(), 0_i64);
    for (piece, codes) in (0_i32..).zip(waveform.codes.chunks(PIECE_SAMPLES * width)) {
        let samples = small(codes.len() / width);
        let sha256 = Sha256::digest(codes);
        transaction
            .execute(
                &statement,
                &[&waveform.id.0, &piece, &first, &samples, &codes, &sha256.as_slice()],
            )
            .await?;
        first += i64::from(samples);
    }
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
        encode(CASE WHEN codes_dropped_at IS NOT NULL THEN codes_sha256 ELSE sha256(coalesce((
            SELECT string_agg(codes, ''::bytea ORDER BY piece) FROM scpi_run.waveform_codes WHERE waveform_id = id
        ), ''::bytea)) END, 'hex'), format, y_zero::text, y_increment::text, y_offset::text, unit,
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
