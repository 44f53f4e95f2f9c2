//! The file.

use std::collections::BTreeSet;

use bench_model::{Quantity, Unit};
use serde::{Deserialize, Serialize};

use super::guests::{Container, FirewallRule, Model, Vm};

/// The inventory of a lab. No secret has a place in it.
///
/// ```
/// let text = r#"
///     [[networks]]
///     name = "Lab"
///     subnet = "10.0.50.0/24"
///     gateway = "10.0.50.1"
///
///     [[devices]]
///     name = "meter 1"
///     type = "physical"
///     equipment = { address = "TCPIP::10.0.50.11::5025::SOCKET", max_voltage = "1 kV" }
///     networks = [{ network = "Lab", ip = "10.0.50.11", primary = true }]
/// "#;
/// let inventory = result_store::Inventory::from_toml(text)?;
/// assert_eq!(inventory.devices[0].networks[0].network, "Lab");
/// # Ok::<(), result_store::InventoryError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inventory {
    /// Networks, by their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<Network>,
    /// Devices, by their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
    /// Rules of the firewall, by their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub firewall_rules: Vec<FirewallRule>,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// It is no TOML, or not of this form.
    #[error(transparent)]
    Form(#[from] toml::de::Error),
    /// The same thing is in it twice.
    #[error("{0} is in it twice")]
    Twice(String),
    /// A limit that is no quantity of its unit.
    #[error(
        "{device}: {name} = \"{text}\" is none: write a number and a unit, such as \"30 {unit}\""
    )]
    Limit {
        /// Of which device.
        device: String,
        /// Which limit.
        name: &'static str,
        /// What was written.
        text: String,
        /// The unit.
        unit: &'static str,
    },
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] toml::ser::Error),
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the column of its name in network.networks")]
pub struct Network {
    pub name: String,
    pub subnet: String,
    pub gateway: String,
    pub vlan: Option<u16>,
    pub dhcp_enabled: Option<bool>,
    pub dhcp_start: Option<String>,
    pub dhcp_end: Option<String>,
    pub domain_name: Option<String>,
    pub dns_servers: Option<Vec<String>>,
    pub purpose: Option<String>,
    pub security_zone: Option<String>,
    pub igmp_snooping: Option<bool>,
    pub notes: Option<String>,
}

/// A device, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the column of its name in infrastructure.devices")]
pub struct Device {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub category: Option<String>,
    pub model: Option<String>,
    pub manufacturer: Option<String>,
    pub serial_number: Option<String>,
    pub mac_address: Option<String>,
    pub primary_ip: Option<String>,
    pub location: Option<String>,
    pub rack_position: Option<String>,
    pub status: Option<String>,
    pub notes: Option<String>,
    /// What makes it an instrument.
    pub equipment: Option<Equipment>,
    /// The networks that it is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<Assignment>,
    /// What runs on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// What makes it a virtual machine.
    pub vm: Option<Vm>,
    /// The language models that it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<Model>,
}

/// An instrument: `scpi.equipment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the column of its name in scpi.equipment")]
pub struct Equipment {
    pub address: String,
    pub protocol: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub measurement_capabilities: Option<Vec<String>>,
    /// With its unit: `30 V`.
    pub max_voltage: Option<String>,
    /// With its unit: `3 A`.
    pub max_current: Option<String>,
    /// With its unit: `90 W`.
    pub max_power: Option<String>,
    pub channels: Option<u32>,
    /// A day: `2026-01-31`.
    pub last_calibration_date: Option<String>,
    /// A day: `2027-01-31`.
    pub calibration_due_date: Option<String>,
}

/// A service: `infrastructure.services`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the column of its name in infrastructure.services")]
pub struct Service {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub port: Option<u16>,
    pub protocol: Option<String>,
    pub endpoint: Option<String>,
    pub health_check_url: Option<String>,
    pub status: Option<String>,
    pub auto_start: Option<bool>,
    pub notes: Option<String>,
    /// The containers that it consists of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
}

/// An address in a network: `network.device_network_assignments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The network's name.
    pub network: String,
    /// The address in it.
    pub ip: String,
    /// Whether it is always this one.
    #[serde(rename = "static")]
    pub is_static: Option<bool>,
    /// Whether it is the one to try first; a device has one at most.
    #[serde(rename = "primary")]
    pub is_primary: Option<bool>,
}

impl Inventory {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it has another form, names something twice, or has a limit without its unit.
    pub fn from_toml(text: &str) -> Result<Self, InventoryError> {
        let inventory: Self = toml::from_str(text)?;
        inventory.check()?;
        Ok(inventory)
    }

    /// Writes a file.
    ///
    /// # Errors
    ///
    /// Never for what was read.
    pub fn to_toml(&self) -> Result<String, InventoryError> {
        Ok(toml::to_string(self)?)
    }

    fn check(&self) -> Result<(), InventoryError> {
        once("network", self.networks.iter().map(|network| network.name.clone()))?;
        once("device", self.devices.iter().map(|device| device.name.clone()))?;
        once("firewall rule", self.firewall_rules.iter().map(|rule| rule.name.clone()))?;
        for device in &self.devices {
            let Device { name, services, networks, equipment, models, .. } = device;
            once(&format!("{name}: model"), models.iter().map(Model::full_name))?;
            let containers = services.iter().flat_map(|service| {
                service
                    .containers
                    .iter()
                    .map(move |one| format!("{} of {}", one.name, service.name))
            });
            once(&format!("{name}: container"), containers)?;
            once(&format!("{name}: service"), services.iter().map(|one| one.name.clone()))?;
            let places = networks.iter().map(|place| format!("{} in {}", place.ip, place.network));
            once(&format!("{name}: address"), places)?;
            if networks.iter().filter(|place| place.is_primary == Some(true)).count() > 1 {
                return Err(InventoryError::Twice(format!("{name}: a primary address")));
            }
            if let Some(equipment) = equipment {
                equipment.limits(name)?;
            }
        }
        Ok(())
    }
}

impl Equipment {
    /// The limits as the columns have them, in volts, amperes and watts.
    pub(super) fn limits(
        &self,
        device: &str,
    ) -> Result<[(&'static str, Option<String>); 3], InventoryError> {
        Ok([
            limit(device, "max_voltage", &self.max_voltage, Unit::volt(), "V")?,
            limit(device, "max_current", &self.max_current, Unit::ampere(), "A")?,
            limit(device, "max_power", &self.max_power, Unit::watt(), "W")?,
        ])
    }
}

/// A limit in its unit.
fn limit(
    device: &str,
    name: &'static str,
    text: &Option<String>,
    unit: Unit,
    symbol: &'static str,
) -> Result<(&'static str, Option<String>), InventoryError> {
    let Some(text) = text else { return Ok((name, None)) };
    let read = text.parse::<Quantity>().ok().and_then(|quantity| quantity.to_unit(&unit));
    let read = read.ok_or_else(|| InventoryError::Limit {
        device: device.to_owned(),
        name,
        text: text.clone(),
        unit: symbol,
    })?;
    Ok((name, Some(read.value.to_string())))
}

fn once(what: &str, names: impl Iterator<Item = String>) -> Result<(), InventoryError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if let Some(twice) = seen.replace(name) {
            return Err(InventoryError::Twice(format!("{what} {twice}")));
        }
    }
    Ok(())
}
