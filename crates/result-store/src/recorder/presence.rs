//! Instruments that come, go and fail: the status log, and the device's own status behind it.

use bench_model::Presence;
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::Part;
use crate::document::{Document, KnownInstrument, StatusAt};
use crate::moment::Moment;
use crate::text::storable;

/// A row for a change; a failure with a reason is worth one each time.
const LOG: &str = "INSERT INTO scpi.equipment_status_log
    (equipment_id, \"timestamp\", previous_status, new_status, trigger_source, error_message)
    SELECT $1, $2, before.status, $3::text, 'test_script', $4::text
    FROM (SELECT coalesce(
        (SELECT new_status FROM scpi.equipment_status_log WHERE equipment_id = $1
         ORDER BY log_id DESC LIMIT 1),
        (SELECT status FROM infrastructure.devices WHERE device_id = $1)
    ) AS status) AS before
    WHERE before.status IS DISTINCT FROM $3::text OR $4::text IS NOT NULL";
/// Its trigger writes the event.
const FOLLOW: &str = "UPDATE infrastructure.devices SET status = $2::text
    WHERE device_id = $1 AND status IS DISTINCT FROM $2::text";
/// Who played this part on this bench before.
const LAST_KNOWN: &str = "SELECT equipment_id FROM scpi.equipment JOIN infrastructure.devices
    ON device_id = equipment_id
    WHERE equipment.metadata ->> 'bench' = $1 AND equipment.metadata ->> 'instrument' = $2
    AND (device_type = 'simulated') = $3
    ORDER BY equipment.updated_at DESC, equipment_id LIMIT 1";

/// A device has no word for an error: what it is then is not known.
pub(crate) fn device_word(presence: Presence) -> &'static str {
    match presence {
        Presence::Online => "online",
        Presence::Offline => "offline",
        Presence::Error => "unknown",
    }
}

/// Takes a status. Whether the session's document changed: what cannot be laid at anybody's door yet is kept
/// there.
pub(super) async fn changed(
    transaction: &Transaction<'_>,
    document: &mut Document,
    status: StatusAt,
) -> Part<bool> {
    let instrument = &status.status.instrument;
    let known = match document.equipment(instrument) {
        Some(known) => Some(known),
        // Whoever is online will say who it is; of one that is not, the last one known is spoken of.
        None if status.status.presence == Presence::Online => None,
        None => last_known(transaction, document, instrument).await?,
    };
    match known {
        Some(equipment) => write(transaction, equipment, &status).await?,
        None => document.unidentified.push(status),
    }
    Ok(known.is_none())
}

/// An instrument has said who it is: what was said of it before is its own.
pub(super) async fn identified(
    transaction: &Transaction<'_>,
    document: &mut Document,
    known: &KnownInstrument,
) -> Part<()> {
    let (own, others) = std::mem::take(&mut document.unidentified)
        .into_iter()
        .partition(|status| status.status.instrument == known.identity.instrument);
    document.unidentified = others;
    let own: Vec<StatusAt> = own;
    for status in &own {
        write(transaction, known.equipment_id, status).await?;
    }
    Ok(())
}

async fn last_known(
    transaction: &Transaction<'_>,
    document: &Document,
    instrument: &str,
) -> Part<Option<Uuid>> {
    known_by_part(transaction, &document.start.bench, instrument, document.simulated).await
}

/// Who played a part on a bench last.
pub(crate) async fn known_by_part(
    transaction: &Transaction<'_>,
    bench: &str,
    instrument: &str,
    is_simulated: bool,
) -> Part<Option<Uuid>> {
    let (bench, instrument) = (storable(bench), storable(instrument));
    let found = transaction.query_opt(LAST_KNOWN, &[&bench, &instrument, &is_simulated]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

async fn write(transaction: &Transaction<'_>, equipment: Uuid, status: &StatusAt) -> Part<()> {
    let (at, presence) = (Moment::from(status.at), status.status.presence);
    let message = status.status.message.as_deref().map(storable);
    transaction.execute(LOG, &[&equipment, &at, &presence.word(), &message]).await?;
    transaction.execute(FOLLOW, &[&equipment, &device_word(presence)]).await?;
    Ok(())
}
