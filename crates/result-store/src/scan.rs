//! Instruments that were asked who they are: what is kept of it, and what differs from before.

use bench_model::{InstrumentIdentity, Presence, Timestamp};
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use crate::error::{Cause, Doing, StoreError};
use crate::moment::Moment;
use crate::recorder::{device_word, find_or_make, known_by_part};
use crate::store::Store;
use crate::text::storable;

/// The instruments of the inventory; what was only simulated, or is gone, is asked nothing.
const INSTRUMENTS: &str = "SELECT equipment_id, device_name, scpi_address FROM scpi.equipment
    JOIN infrastructure.devices ON device_id = equipment_id
    WHERE device_type <> 'simulated' AND coalesce(status, 'unknown') <> 'retired' ORDER BY device_name";
const KNOWN: &str = "SELECT serial_number, equipment.metadata ->> 'firmware', calibration_due_date::text,
    calibration_due_date - ($2::timestamptz AT TIME ZONE 'UTC')::date
    FROM scpi.equipment JOIN infrastructure.devices ON device_id = equipment_id WHERE equipment_id = $1
    FOR UPDATE OF equipment";
/// A row for a change alone, of the status or of what is wrong.
const LOG: &str = "INSERT INTO scpi.equipment_status_log
    (equipment_id, \"timestamp\", previous_status, new_status, trigger_source, error_message)
    SELECT $1, $2, before.new_status, $3::text, $4::text, $5::text
    FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
        SELECT new_status, error_message FROM scpi.equipment_status_log WHERE equipment_id = $1
        ORDER BY log_id DESC LIMIT 1
    ) AS before ON true
    WHERE (before.new_status, before.error_message) IS DISTINCT FROM ($3::text, $5::text)";
/// Its trigger writes the event.
const FOLLOW: &str = "UPDATE infrastructure.devices SET status = $2::text
    WHERE device_id = $1 AND status IS DISTINCT FROM $2::text AND status IS DISTINCT FROM 'maintenance'";
/// What it says of itself now; what nobody had entered is filled in.
const SAYS: &str = "UPDATE scpi.equipment SET idn_response = $2,
    metadata = coalesce(metadata, '{}') || jsonb_build_object('firmware', $3::text)
    WHERE equipment_id = $1
    AND (idn_response, metadata ->> 'firmware') IS DISTINCT FROM ($2, $3::text)";
const FILL: &str = "UPDATE infrastructure.devices SET serial_number = coalesce(serial_number, $2)
    WHERE device_id = $1 AND serial_number IS NULL AND $2::text IS NOT NULL";
const ALERT: &str = "INSERT INTO audit.system_events
    (\"timestamp\", event_type, severity, source, device_id, title, description)
    SELECT $2, 'alert', 'warning', 'scan', device_id, left($3 || device_name, 500), $4::text
    FROM infrastructure.devices WHERE device_id = $1";

/// An instrument of the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoriedInstrument {
    /// Its row.
    pub equipment: Uuid,
    /// Its device's name.
    pub name: String,
    /// Where it is.
    pub address: String,
}

/// Whose door an answer came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanTarget {
    /// An instrument of the inventory.
    Equipment(Uuid),
    /// An instrument of a bench, by both names.
    Bench {
        /// The bench.
        bench: String,
        /// The instrument.
        instrument: String,
    },
}

/// What came of asking one.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// Who was asked.
    pub target: ScanTarget,
    /// When.
    pub at: Timestamp,
    /// Whether it answered.
    pub presence: Presence,
    /// What is wrong.
    pub message: Option<String>,
    /// Who answered.
    pub identity: Option<InstrumentIdentity>,
}

/// Who began a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanSource {
    /// A timer or a program.
    Automated,
    /// A person.
    Manual,
}

impl ScanSource {
    fn word(self) -> &'static str {
        match self {
            Self::Automated => "automated_scan",
            Self::Manual => "manual_check",
        }
    }
}

/// What the database makes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanResult {
    /// Whether the status is another one than before, or what is wrong.
    pub has_changed: bool,
    /// The serial number that was known, where another one answered.
    pub other_serial: Option<String>,
    /// The firmware that was known, where another one answered.
    pub other_firmware: Option<String>,
    /// The day until which its calibration holds, and how many days that is from now.
    pub calibration_due: Option<(String, i32)>,
}

impl Store {
    /// The instruments of the inventory, by their names.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn instruments(&mut self) -> Result<Vec<InventoriedInstrument>, StoreError> {
        let rows = self.connection_mut().query(INSTRUMENTS, &[]).await;
        let rows = rows.and_then(|rows| rows.iter().map(instrument).collect());
        rows.doing(self.place(), "list the instruments")
    }

    /// Keeps what a scan found, in one transaction: a row of the status log for each change, the devices' status, and
    /// an alert where another serial number or firmware answered. One for each that was scanned, in their order.
    ///
    /// # Errors
    ///
    /// When this role may not.
    pub async fn record_scan(
        &mut self,
        scanned: &[Scanned],
        source: ScanSource,
    ) -> Result<Vec<ScanResult>, StoreError> {
        self.make_months(scanned.iter().map(|one| one.at)).await?;
        let place = self.place().to_owned();
        let recorded = async {
            let transaction = self.connection_mut().transaction().await?;
            let mut results = Vec::new();
            for one in scanned {
                results.push(record(&transaction, one, source).await?);
            }
            transaction.commit().await?;
            Ok::<_, Cause>(results)
        };
        recorded.await.doing(&place, "record a scan")
    }
}

fn instrument(row: &Row) -> Result<InventoriedInstrument, tokio_postgres::Error> {
    Ok(InventoriedInstrument {
        equipment: row.try_get(0)?,
        name: row.try_get(1)?,
        address: row.try_get(2)?,
    })
}

async fn record(
    transaction: &Transaction<'_>,
    scanned: &Scanned,
    source: ScanSource,
) -> Result<ScanResult, Cause> {
    let Some((equipment, mut result)) = known(transaction, scanned).await? else {
        // Nobody has ever answered here: there is no row that it could be laid at.
        return Ok(ScanResult::default());
    };
    let at = Moment::from(scanned.at);
    result.has_changed = log(transaction, equipment, scanned, source, &result).await?;
    for (title, is_new, was, is) in [
        (
            "Another serial number: ",
            result.has_changed,
            &result.other_serial,
            says(scanned, |one| &one.serial),
        ),
        // The one that is known is brought up to date below, so that it differs once.
        ("Another firmware: ", true, &result.other_firmware, says(scanned, |one| &one.firmware)),
    ] {
        if let (true, Some(was), Some(is)) = (is_new, was, is) {
            let text = format!("It was {was}, and {is} answers now.");
            transaction.execute(ALERT, &[&equipment, &at, &title, &storable(&text)]).await?;
        }
    }
    if result.other_serial.is_none()
        && let Some(identity) = &scanned.identity
    {
        let firmware = identity.firmware.as_deref().map(storable);
        transaction.execute(SAYS, &[&equipment, &storable(&identity.idn), &firmware]).await?;
        let serial = identity.serial.as_deref().map(storable);
        transaction.execute(FILL, &[&equipment, &serial]).await?;
    }
    Ok(result)
}

fn says(scanned: &Scanned, part: fn(&InstrumentIdentity) -> &Option<String>) -> Option<&String> {
    scanned.identity.as_ref().and_then(|one| part(one).as_ref())
}

/// Whose row it is, and what differs from what was known.
async fn known(
    transaction: &Transaction<'_>,
    scanned: &Scanned,
) -> Result<Option<(Uuid, ScanResult)>, Cause> {
    let (before, equipment) = match (&scanned.target, &scanned.identity) {
        (ScanTarget::Equipment(id), _) => (Some(*id), *id),
        (ScanTarget::Bench { bench, instrument }, identity) => {
            let is_simulated = identity.as_ref().is_some_and(|one| one.simulated);
            let before = known_by_part(transaction, bench, instrument, is_simulated).await?;
            let compared = compared(transaction, before, scanned).await?;
            let now = match identity {
                Some(identity) => Some(find_or_make(transaction, identity, bench).await?),
                None => before,
            };
            return Ok(now.map(|id| (id, compared)));
        }
    };
    Ok(Some((equipment, compared(transaction, before, scanned).await?)))
}

async fn compared(
    transaction: &Transaction<'_>,
    equipment: Option<Uuid>,
    scanned: &Scanned,
) -> Result<ScanResult, Cause> {
    let Some(equipment) = equipment else { return Ok(ScanResult::default()) };
    let at = Moment::from(scanned.at);
    let Some(row) = transaction.query_opt(KNOWN, &[&equipment, &at]).await? else {
        return Ok(ScanResult::default());
    };
    let other = |was: Option<String>, is: Option<&String>| {
        was.filter(|was| is.is_some_and(|is| is.trim() != was.trim()))
    };
    let (due, days): (Option<String>, Option<i32>) = (row.try_get(2)?, row.try_get(3)?);
    let other_serial = other(row.try_get(0)?, says(scanned, |one| &one.serial));
    let other_firmware = other(row.try_get(1)?, says(scanned, |one| &one.firmware));
    Ok(ScanResult {
        has_changed: false,
        // Another instrument has its own.
        other_firmware: other_firmware.filter(|_| other_serial.is_none()),
        other_serial,
        calibration_due: due.zip(days),
    })
}

/// Whether there was something to log.
async fn log(
    transaction: &Transaction<'_>,
    equipment: Uuid,
    scanned: &Scanned,
    source: ScanSource,
    result: &ScanResult,
) -> Result<bool, Cause> {
    let is_another =
        result.other_serial.is_some() && matches!(scanned.target, ScanTarget::Equipment(_));
    let presence = if is_another { Presence::Error } else { scanned.presence };
    let message = match (&scanned.message, is_another) {
        (Some(message), _) => Some(message.clone()),
        (None, true) => Some("another serial number answers".to_owned()),
        (None, false) => None,
    };
    let message = message.as_deref().map(storable);
    let (at, status) = (Moment::from(scanned.at), presence.word());
    let rows =
        transaction.execute(LOG, &[&equipment, &at, &status, &source.word(), &message]).await?;
    transaction.execute(FOLLOW, &[&equipment, &device_word(presence)]).await?;
    Ok(rows > 0)
}
