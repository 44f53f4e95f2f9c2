//! Waveforms as rows of `scpi_run.waveforms`: the codes as they came, not the samples.

use bench_model::{Decimal, SessionId, Waveform};
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::measurement::symbol;
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
