//! What the inventory of the lab says of a bench's instruments: what they may be set to at most.

use std::path::Path;

use bench_catalog::{Bench, Maxima};
use bench_model::Quantity;
use result_store::{Equipment, Inventory};
use scpi_protocol::address::{Address, default_port};
use test_plan::Sources;

use crate::failure::{Failure, Result};
use crate::plan_files::PlanFiles;

/// Gives each instrument of a bench its maxima, where the bench file names an inventory. One that is not in it is a
/// fault: its maxima would be believed to hold.
pub(crate) fn add_maxima(bench: &mut Bench, file: &Path) -> Result<()> {
    let Some(name) = bench.inventory.clone() else { return Ok(()) };
    let shown = file.display();
    let fault = |why: &dyn std::fmt::Display| Failure::usage(format!("{shown}: inventory: {why}"));
    let text = PlanFiles::of(file).read(&name).map_err(|why| fault(&why))?;
    let inventory = Inventory::from_toml(&text);
    let inventory = inventory.map_err(|why| fault(&format!("{name}: {why}")))?;
    for (own, instrument) in &mut bench.instruments {
        let equipment = at(&inventory, &instrument.address).ok_or_else(|| {
            let address = &instrument.address;
            fault(&format!("{name} has no equipment at {address}, where '{own}' is"))
        })?;
        instrument.maxima = maxima(equipment);
    }
    Ok(())
}

fn at<'i>(inventory: &'i Inventory, address: &Address) -> Option<&'i Equipment> {
    let is_there = |maker: &str, equipment: &&Equipment| {
        let own = Address::parse_with_port(&equipment.address, default_port(maker));
        own.is_ok_and(|own| own == *address)
    };
    inventory.devices.iter().find_map(|device| {
        let maker = device.manufacturer.as_deref().unwrap_or("");
        device.equipment.as_ref().filter(|equipment| is_there(maker, equipment))
    })
}

/// The file's units were looked at when it was read.
fn maxima(equipment: &Equipment) -> Maxima {
    let quantity =
        |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Quantity>().ok());
    Maxima {
        voltage: quantity(&equipment.max_voltage),
        current: quantity(&equipment.max_current),
        power: quantity(&equipment.max_power),
    }
}
