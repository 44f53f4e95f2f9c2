//! A file into the database: what is missing is made, what differs is changed, what the file does not name stays.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use tokio_postgres::Transaction;

use super::file::{Device, Inventory};
use super::part::{
    ASSIGNMENTS, CONTAINERS, DEVICES, EQUIPMENT, FIREWALL_RULES, MODELS, NETWORKS, Part, SERVICES,
    VMS,
};
use crate::error::{Cause, Doing, StoreError};
use crate::store::Store;
use crate::text::Jsonb;

/// Two imports at once would make the same rows; and the changes say what they came from.
const BEGIN: &str = "SELECT pg_advisory_xact_lock(hashtext('scpi_run.inventory'))::text,
    set_config('scpi_run.change_reason', 'inventory import', true)";
const UNKNOWN_NETWORK: &str = "SELECT one.network FROM jsonb_to_recordset($1) AS one (network text)
    WHERE NOT EXISTS (SELECT FROM network.networks WHERE network_name = one.network) LIMIT 1";
/// A device has one primary address: the old one goes before the new one comes.
const NO_LONGER_PRIMARY: &str =
    "UPDATE network.device_network_assignments AS known SET is_primary = false
    FROM jsonb_to_recordset($1) AS one (device text, network text, ip inet, \"primary\" boolean)
    JOIN infrastructure.devices AS device ON device.device_name = one.device
    JOIN network.networks AS place ON place.network_name = one.network
    WHERE one.\"primary\" AND known.device_id = device.device_id AND known.is_primary
    AND (known.network_id, known.ip_address) IS DISTINCT FROM (place.network_id, one.ip)";

/// What came of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportedPart {
    /// The table.
    pub table: &'static str,
    /// Rows of the file.
    pub rows: u64,
    /// Those that were made.
    pub made: u64,
    /// Those that were changed.
    pub changed: u64,
}

/// `infrastructure.devices: 12, of which 3 new and 1 changed`.
impl fmt::Display for ImportedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, rows, made, changed } = self;
        write!(f, "{table}: {rows}, of which {made} new and {changed} changed")
    }
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Table by table.
    pub parts: Vec<ImportedPart>,
}

impl Store {
    /// Brings the database's inventory to what a file says. What the file does not name stays as it is, so that the
    /// same file twice changes nothing. All or nothing.
    ///
    /// # Errors
    ///
    /// When a device is in a network that is nowhere, something is no address or no word of its list, or this role
    /// may not.
    pub async fn import_inventory(
        &mut self,
        inventory: &Inventory,
    ) -> Result<Imported, StoreError> {
        let place = self.place().to_owned();
        let imported = async {
            let rows = Rows::of(inventory)?;
            let transaction = self.connection_mut().transaction().await?;
            let parts = rows.import(&transaction).await?;
            transaction.commit().await?;
            Ok::<_, Cause>(Imported { parts })
        };
        imported.await.doing(&place, "import the inventory")
    }
}

/// The file, table by table.
#[derive(Default)]
struct Rows {
    networks: Vec<Value>,
    devices: Vec<Value>,
    equipment: Vec<Value>,
    services: Vec<Value>,
    assignments: Vec<Value>,
    vms: Vec<Value>,
    containers: Vec<Value>,
    models: Vec<Value>,
    firewall_rules: Vec<Value>,
}

impl Rows {
    fn of(inventory: &Inventory) -> Result<Self, Cause> {
        let networks = inventory.networks.iter().map(|network| Ok(object(network)?.into()));
        let rules = inventory.firewall_rules.iter().map(|rule| Ok(object(rule)?.into()));
        let mut rows = Self {
            networks: networks.collect::<Result<_, Cause>>()?,
            firewall_rules: rules.collect::<Result<_, Cause>>()?,
            ..Self::default()
        };
        for device in &inventory.devices {
            rows.add(device)?;
        }
        Ok(rows)
    }

    fn add(&mut self, device: &Device) -> Result<(), Cause> {
        let mut own = object(device)?;
        for others in ["equipment", "networks", "services", "vm", "models"] {
            own.remove(others);
        }
        self.devices.push(own.into());
        let of_device = |part: Map<String, Value>| {
            let mut part = part;
            part.insert("device".to_owned(), device.name.clone().into());
            Value::Object(part)
        };
        if let Some(equipment) = &device.equipment {
            let mut row = object(equipment)?;
            let limits = equipment.limits(&device.name);
            for (name, limit) in limits.map_err(|error| Cause::Unfit(error.to_string()))? {
                row.insert(name.to_owned(), limit.into());
            }
            self.equipment.push(of_device(row));
        }
        for service in &device.services {
            let mut own = object(service)?;
            own.remove("containers");
            self.services.push(of_device(own));
            for container in &service.containers {
                let mut row = object(container)?;
                row.insert("service".to_owned(), service.name.clone().into());
                self.containers.push(of_device(row));
            }
        }
        if let Some(vm) = &device.vm {
            self.vms.push(of_device(object(vm)?));
        }
        for model in &device.models {
            self.models.push(of_device(object(model)?));
        }
        for assignment in &device.networks {
            self.assignments.push(of_device(object(assignment)?));
        }
        Ok(())
    }

    async fn import(&self, transaction: &Transaction<'_>) -> Result<Vec<ImportedPart>, Cause> {
        transaction.query_one(BEGIN, &[]).await?;
        let mut parts = vec![
            bring(transaction, &NETWORKS, &self.networks).await?,
            bring(transaction, &DEVICES, &self.devices).await?,
            bring(transaction, &EQUIPMENT, &self.equipment).await?,
            bring(transaction, &SERVICES, &self.services).await?,
        ];
        let assignments = Jsonb::of(&self.assignments)?;
        if let Some(row) = transaction.query_opt(UNKNOWN_NETWORK, &[&assignments]).await? {
            let name: &str = row.try_get(0)?;
            return Err(Cause::Unfit(format!("there is no network '{name}', here or in the file")));
        }
        transaction.execute(NO_LONGER_PRIMARY, &[&assignments]).await?;
        for (part, rows) in [
            (&ASSIGNMENTS, &self.assignments),
            (&VMS, &self.vms),
            (&CONTAINERS, &self.containers),
            (&MODELS, &self.models),
            (&FIREWALL_RULES, &self.firewall_rules),
        ] {
            parts.push(bring(transaction, part, rows).await?);
        }
        Ok(parts)
    }
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>, Cause> {
    match serde_json::to_value(value)? {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

async fn bring(
    transaction: &Transaction<'_>,
    part: &Part,
    rows: &[Value],
) -> Result<ImportedPart, Cause> {
    let file = Jsonb::of(&rows)?;
    let changed = transaction.execute(&part.update(), &[&file]).await?;
    let made = transaction.execute(&part.insert(), &[&file]).await?;
    let rows = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    Ok(ImportedPart { table: part.table, rows, made, changed })
}
