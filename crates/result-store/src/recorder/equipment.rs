//! The rows of an instrument: found by who it is, made where they are missing.

use std::borrow::Cow;
use std::net::IpAddr;

use bench_model::{InstrumentIdentity, Quantity};
use sha2::{Digest, Sha256};
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::{Part, small};
use crate::error::Cause;
use crate::numeric::Numeric;
use crate::text::{Jsonb, fit, storable};

/// By maker, model and serial number. A simulated instrument is never the real one of the same number.
const BY_SERIAL: &str = "SELECT device_id FROM infrastructure.devices
    WHERE serial_number = $1 AND manufacturer = $2 AND model = $3 AND (device_type = 'simulated') = $4
    ORDER BY created_at, device_id LIMIT 1";
/// By where it is and what it says of itself.
const BY_ADDRESS: &str = "SELECT equipment_id FROM scpi.equipment JOIN infrastructure.devices
    ON device_id = equipment_id
    WHERE scpi_address = $1 AND idn_response = $2 AND device_type <> 'simulated'
    ORDER BY equipment.created_at, equipment_id LIMIT 1";
/// By its part in the bench: the address of a simulated instrument is another one in every run.
const BY_BENCH: &str = "SELECT equipment_id FROM scpi.equipment JOIN infrastructure.devices
    ON device_id = equipment_id
    WHERE equipment.metadata ->> 'bench' = $1 AND equipment.metadata ->> 'instrument' = $2
    AND idn_response = $3 AND device_type = 'simulated'
    ORDER BY equipment.created_at, equipment_id LIMIT 1";
const KNOWN: &str = "SELECT device_id, is_shared FROM scpi_run.equipment_keys WHERE equipment_key = $1 AND device_id IS NOT NULL";
/// Who is not the first waits here until the first has committed, and then finds its row.
const CLAIM: &str = "INSERT INTO scpi_run.equipment_keys (equipment_key) VALUES ($1)
    ON CONFLICT (equipment_key) DO NOTHING";
const ASSIGN: &str = "UPDATE scpi_run.equipment_keys SET device_id = $2 WHERE equipment_key = $1";
const SHARE: &str = "UPDATE scpi_run.equipment_keys SET is_shared = true WHERE equipment_key = $1 AND NOT is_shared";
/// Names that are tried for a new device, while other benches take them.
const MAX_NAMES: u32 = 100;
/// The name, or the name with the first free number.
const FREE_NAME: &str = "SELECT candidate FROM (
        SELECT $1::text AS candidate, 1 AS number
        UNION ALL
        SELECT left($1::text, 245) || ' #' || number, number FROM generate_series(2, 9999) AS number
    ) AS candidates
    WHERE NOT EXISTS (SELECT FROM infrastructure.devices WHERE device_name = candidate)
    ORDER BY number LIMIT 1";
const MAKE_DEVICE: &str = "INSERT INTO infrastructure.devices
    (device_name, device_type, category, model, manufacturer, serial_number, primary_ip, created_by, metadata)
    VALUES ($1, $2, 'scpi', $3, $4, $5, $6, 'scpi-run', $7)
    ON CONFLICT (device_name) DO NOTHING RETURNING device_id";
/// What the instrument says of itself now is taken; what a person may have entered is kept.
const KEEP_EQUIPMENT: &str = "INSERT INTO scpi.equipment AS known
    (equipment_id, scpi_address, scpi_protocol, instrument_type, idn_response, measurement_capabilities,
     max_voltage, max_current, max_power, channels, metadata)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (equipment_id) DO UPDATE SET
        scpi_address = excluded.scpi_address,
        scpi_protocol = excluded.scpi_protocol,
        idn_response = excluded.idn_response,
        measurement_capabilities = excluded.measurement_capabilities,
        channels = excluded.channels,
        instrument_type = coalesce(known.instrument_type, excluded.instrument_type),
        max_voltage = coalesce(known.max_voltage, excluded.max_voltage),
        max_current = coalesce(known.max_current, excluded.max_current),
        max_power = coalesce(known.max_power, excluded.max_power),
        metadata = coalesce(known.metadata, '{}') || excluded.metadata";

/// Words of `instrument_type` for our classes.
const TYPES: [(&str, &str); 7] = [
    ("multimeter", "DMM"),
    ("oscilloscope", "SCOPE"),
    ("power_supply", "PSU"),
    ("load", "LOAD"),
    ("generator", "AWG"),
    ("switch", "SWITCH"),
    ("manual", "MANUAL"),
];
/// Words of `scpi_protocol` for what an address has in it.
const PROTOCOLS: [(&str, &str); 7] = [
    ("tcp://", "SOCKET"),
    ("::SOCKET", "SOCKET"),
    ("::HISLIP", "HISLIP"),
    ("TCPIP", "VXI11"),
    ("USB", "USBTMC"),
    ("SERIAL", "SERIAL"),
    ("ASRL", "SERIAL"),
];

/// The row of an instrument, in the state that it is in now.
pub(crate) async fn find_or_make(
    transaction: &Transaction<'_>,
    identity: &InstrumentIdentity,
    bench: &str,
) -> Part<Uuid> {
    let key = Key::of(identity, bench);
    let key = match known(transaction, &key).await? {
        Some((_, true)) => key.by_place(),
        _ => key,
    };
    let id = claim(transaction, &key).await?;
    keep_equipment(transaction, &key, id).await?;
    Ok(id)
}

/// Two instruments that are there at one time have said the same serial number: it tells them apart no more, and from now on
/// their places do.
pub(super) async fn share_serial(
    transaction: &Transaction<'_>,
    identity: &InstrumentIdentity,
    bench: &str,
) -> Part<()> {
    let key = Key::of(identity, bench);
    if key.serial.is_some() {
        transaction.execute(SHARE, &[&key.text()]).await?;
    }
    Ok(())
}

/// What the key's row says: which device, and whether others share the number.
async fn known(transaction: &Transaction<'_>, key: &Key<'_>) -> Part<Option<(Uuid, bool)>> {
    let row = transaction.query_opt(KNOWN, &[&key.text()]).await?;
    Ok(row
        .map(|row| Ok::<_, tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?)))
        .transpose()?)
}

/// The device of a key, by whoever comes first: found in the inventory, or made.
async fn claim(transaction: &Transaction<'_>, key: &Key<'_>) -> Part<Uuid> {
    if let Some((id, _)) = known(transaction, key).await? {
        return Ok(id);
    }
    transaction.execute(CLAIM, &[&key.text()]).await?;
    if let Some((id, _)) = known(transaction, key).await? {
        return Ok(id);
    }
    let id = match find(transaction, key).await? {
        Some(id) => id,
        None => make_device(transaction, key).await?,
    };
    transaction.execute(ASSIGN, &[&key.text(), &id]).await?;
    Ok(id)
}

/// Who an instrument is, as its columns can hold it.
struct Key<'a> {
    identity: &'a InstrumentIdentity,
    bench: Cow<'a, str>,
    instrument: Cow<'a, str>,
    maker: Cow<'a, str>,
    model: Cow<'a, str>,
    /// None where the instrument has none, or one that tells it from no other.
    serial: Option<Cow<'a, str>>,
    address: Cow<'a, str>,
    idn: Cow<'a, str>,
}

impl<'a> Key<'a> {
    fn of(identity: &'a InstrumentIdentity, bench: &'a str) -> Self {
        Self {
            bench: storable(bench),
            instrument: storable(&identity.instrument),
            maker: fit(identity.maker.trim(), 255),
            model: fit(identity.model.trim(), 255),
            serial: identity.serial.as_deref().and_then(telling).map(|serial| fit(serial, 255)),
            address: fit(&identity.address, 255),
            idn: storable(&identity.idn),
            identity,
        }
    }

    /// The same instrument where its serial number tells it from no other.
    fn by_place(self) -> Self {
        Self { serial: None, ..self }
    }

    /// What its row among the keys is called. Lengths stand before the parts, so that no two keys have one text.
    fn text(&self) -> String {
        let Self { maker, model, serial, bench, instrument, address, identity, .. } = self;
        let kind = if identity.simulated { "simulated" } else { "physical" };
        let parts: &[&str] = match serial {
            Some(serial) => &["serial", kind, maker, model, serial],
            // The port of a simulated instrument is another one in every run.
            None if identity.simulated => &["place", kind, bench, instrument, maker, model],
            None => &["place", kind, bench, instrument, address, maker, model],
        };
        let hash = Sha256::digest(
            parts.iter().map(|part| format!("{}:{part}", part.len())).collect::<String>(),
        );
        let kind = parts.first().copied().unwrap_or_default();
        format!("{kind} {}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// For people, and not yet taken in most cases.
    fn name(&self) -> String {
        let Self { maker, model, serial, bench, instrument, .. } = self;
        let own = match serial {
            Some(serial) => format!("{maker} {model} {serial}"),
            None => format!("{maker} {model}, {instrument} of {bench}"),
        };
        let simulated = if self.identity.simulated { " (simulated)" } else { "" };
        fit(&format!("{own}{simulated}"), 255).into_owned()
    }

    fn metadata(&self) -> Part<Jsonb> {
        let identity = self.identity;
        Ok(Jsonb::of(&serde_json::json!({
            "bench": self.bench,
            "instrument": self.instrument,
            "class": identity.class,
            "dialect": identity.dialect,
            "firmware": identity.firmware,
            "simulated": identity.simulated,
        }))?)
    }
}

/// Many makers leave the serial number empty or at zero.
fn telling(serial: &str) -> Option<&str> {
    let serial = serial.trim();
    let says_something = serial.chars().any(|letter| letter.is_alphanumeric() && letter != '0');
    says_something.then_some(serial)
}

async fn find(transaction: &Transaction<'_>, key: &Key<'_>) -> Part<Option<Uuid>> {
    let Key { identity, serial, maker, model, address, idn, bench, instrument, .. } = key;
    let row = match serial {
        Some(serial) => {
            transaction.query_opt(BY_SERIAL, &[serial, maker, model, &identity.simulated]).await?
        }
        None if identity.simulated => {
            transaction.query_opt(BY_BENCH, &[bench, instrument, idn]).await?
        }
        None => transaction.query_opt(BY_ADDRESS, &[address, idn]).await?,
    };
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

async fn make_device(transaction: &Transaction<'_>, key: &Key<'_>) -> Part<Uuid> {
    let kind = if key.identity.simulated { "simulated" } else { "physical" };
    let ip = if key.identity.simulated { None } else { ip_of(&key.address) };
    let metadata = key.metadata()?;
    for _ in 0..MAX_NAMES {
        let name: String = transaction.query_one(FREE_NAME, &[&key.name()]).await?.try_get(0)?;
        // Another bench may have taken the name since, for an instrument that is called alike.
        let made = transaction
            .query_opt(
                MAKE_DEVICE,
                &[&name, &kind, &key.model, &key.maker, &key.serial, &ip, &metadata],
            )
            .await?;
        if let Some(row) = made {
            return Ok(row.try_get(0)?);
        }
    }
    Err(Cause::Unfit(format!("no name like '{}' is free for a new device", key.name())))
}

async fn keep_equipment(transaction: &Transaction<'_>, key: &Key<'_>, id: Uuid) -> Part<()> {
    let identity = key.identity;
    let capabilities: Vec<Cow<'_, str>> =
        identity.capabilities.iter().map(|capability| storable(capability)).collect();
    transaction
        .execute(
            KEEP_EQUIPMENT,
            &[
                &id,
                &key.address,
                &protocol(&identity.address),
                &instrument_type(&identity.class),
                &key.idn,
                &capabilities,
                &in_base(identity.max_voltage.as_ref()),
                &in_base(identity.max_current.as_ref()),
                &in_base(identity.max_power.as_ref()),
                &small(identity.channels.max(1)),
                &key.metadata()?,
            ],
        )
        .await?;
    Ok(())
}

fn in_base(quantity: Option<&Quantity>) -> Option<Numeric> {
    Numeric::of_decimal(&quantity?.in_base()?)
}

fn instrument_type(class: &str) -> &'static str {
    TYPES.iter().find(|(own, _)| *own == class).map_or("OTHER", |(_, word)| word)
}

fn protocol(address: &str) -> Option<&'static str> {
    let has = |part: &str| address.to_ascii_uppercase().contains(&part.to_ascii_uppercase());
    PROTOCOLS.iter().find(|(part, _)| has(part)).map(|(_, word)| *word)
}

/// Whether two instruments of one bench are two, though they say the same of themselves.
pub(super) fn are_two(one: &InstrumentIdentity, other: &InstrumentIdentity) -> bool {
    let who = |it: &InstrumentIdentity| (it.maker.clone(), it.model.clone(), it.serial.clone());
    let is_one_host = ip_of(&one.address).is_some_and(|ip| ip_of(&other.address) == Some(ip));
    one.instrument != other.instrument
        && who(one) == who(other)
        && one.simulated == other.simulated
        && one.address != other.address
        // Every simulated one is on this host.
        && (one.simulated || !is_one_host)
}

/// The address of the network, where it is written as one.
fn ip_of(address: &str) -> Option<IpAddr> {
    let host = match address.strip_prefix("tcp://") {
        Some(rest) => rest.rsplit_once(':').map_or(rest, |(host, _)| host),
        None => address.split("::").nth(1)?,
    };
    host.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_that_tells_nothing_is_none() {
        for (serial, telling_one) in [
            ("DM3O1", true),
            (" 0 ", false),
            ("000000", false),
            ("", false),
            ("0-0", false),
            ("10", true),
        ] {
            assert_eq!(telling(serial).is_some(), telling_one, "{serial:?}");
        }
    }

    #[test]
    fn addresses_have_a_protocol_and_perhaps_an_ip() {
        for (address, word, ip) in [
            ("tcp://192.168.1.20:5025", Some("SOCKET"), Some("192.168.1.20")),
            ("tcp://[::1]:5025", Some("SOCKET"), Some("::1")),
            ("tcp://psu.lab:5025", Some("SOCKET"), None),
            ("TCPIP::10.0.1.5::hislip0::INSTR", Some("HISLIP"), Some("10.0.1.5")),
            ("TCPIP::10.0.1.5::inst0::INSTR", Some("VXI11"), Some("10.0.1.5")),
            ("USB::0x1AB1::0x0588::DM3O1::INSTR", Some("USBTMC"), None),
            ("manual", None, None),
        ] {
            assert_eq!(protocol(address), word, "{address}");
            assert_eq!(ip_of(address), ip.map(|ip| ip.parse().unwrap()), "{address}");
        }
    }
}
