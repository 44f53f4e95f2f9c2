//! What there is in the lab, as a file: devices with their instruments, services and addresses, and networks.

mod export;
mod file;
mod guests;
mod import;
mod part;

pub use file::{Assignment, Device, Equipment, Inventory, InventoryError, Network, Service};
pub use guests::{Container, FirewallRule, Model, Vm};
pub use import::{Imported, ImportedPart};
