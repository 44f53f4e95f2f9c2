//! The database's inventory as a file.

use std::collections::BTreeMap;

use postgres_types::Json;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::file::{Device, Inventory};
use super::part::{
    ASSIGNMENTS, CONTAINERS, DEVICES, EQUIPMENT, FIREWALL_RULES, MODELS, NETWORKS, Part, SERVICES,
    VMS,
};
use crate::error::{Cause, Doing, StoreError};
use crate::store::Store;

/// The limits, and the unit of each.
const LIMITS: [(&str, &str); 3] = [("max_voltage", "V"), ("max_current", "A"), ("max_power", "W")];

impl Store {
    /// The inventory, sorted by names; without what was only simulated, and without services of no device.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn export_inventory(&mut self) -> Result<Inventory, StoreError> {
        self.exported().await.doing(self.place(), "export the inventory")
    }

    async fn exported(&mut self) -> Result<Inventory, Cause> {
        let mut inventory = Inventory {
            networks: as_file(self.objects(&NETWORKS).await?)?,
            devices: as_file(self.objects(&DEVICES).await?)?,
            firewall_rules: as_file(self.objects(&FIREWALL_RULES).await?)?,
        };
        let devices = &mut inventory.devices;
        let at: BTreeMap<String, usize> =
            devices.iter().enumerate().map(|(at, device)| (device.name.clone(), at)).collect();
        for (part, add) in ADDED {
            for object in self.objects(part).await? {
                let Value::Object(mut members) = object else { continue };
                let Some(Value::String(name)) = members.remove("device") else { continue };
                let device = at.get(&name).and_then(|at| devices.get_mut(*at));
                // What is left are devices that are not exported.
                let Some(device) = device else { continue };
                add(device, members.into())?;
            }
        }
        devices.sort_by(|one, two| one.name.cmp(&two.name));
        Ok(inventory)
    }

    async fn objects(&mut self, part: &Part) -> Result<Vec<Value>, Cause> {
        let rows = self.connection_mut().query(&part.export(), &[]).await?;
        let value = |row: &tokio_postgres::Row| Ok(row.try_get::<_, Json<Value>>(0)?.0);
        rows.iter().map(value).collect()
    }
}

type Add = fn(&mut Device, Value) -> Result<(), Cause>;

/// What is added to a device, and how.
const ADDED: [(&Part, Add); 6] = [
    (&EQUIPMENT, |device, value| {
        device.equipment = Some(serde_json::from_value(with_units(value))?);
        Ok(())
    }),
    (&SERVICES, |device, value| {
        device.services.push(serde_json::from_value(value)?);
        Ok(())
    }),
    (&ASSIGNMENTS, |device, value| {
        device.networks.push(serde_json::from_value(value)?);
        Ok(())
    }),
    (&VMS, |device, value| {
        device.vm = Some(serde_json::from_value(value)?);
        Ok(())
    }),
    // After the services that they are of.
    (&CONTAINERS, |device, mut value| {
        let name = value.as_object_mut().and_then(|members| members.remove("service"));
        let service = device.services.iter_mut().find(|one| name == Some(one.name.clone().into()));
        if let Some(service) = service {
            service.containers.push(serde_json::from_value(value)?);
        }
        Ok(())
    }),
    (&MODELS, |device, value| {
        device.models.push(serde_json::from_value(value)?);
        Ok(())
    }),
];

fn with_units(mut equipment: Value) -> Value {
    for (name, unit) in LIMITS {
        if let Some(Value::String(text)) = equipment.get_mut(name) {
            text.push(' ');
            text.push_str(unit);
        }
    }
    equipment
}

fn as_file<T: DeserializeOwned>(objects: Vec<Value>) -> Result<Vec<T>, Cause> {
    Ok(serde_json::from_value(Value::Array(objects))?)
}
