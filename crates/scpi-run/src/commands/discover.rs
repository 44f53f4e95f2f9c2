//! `scpi-run discover`: which instruments are there, as a table or a bench file.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bench_catalog::Class;
use scpi_client::{ClientConfig, DiscoverConfig, Found, Instrument};
use scpi_protocol::address::Address;
use scpi_protocol::identity::Identity;

use crate::commands::print;
use crate::commands::table::{Column, table};
use crate::dialects::dialects;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

const COLUMNS: [Column; 4] = [
    Column::text("address"),
    Column::text("instrument"),
    Column::text("dialect"),
    Column::text("note"),
];

/// An instrument that was found, and what it says of itself.
struct Met {
    found: Found,
    identity: std::result::Result<Identity, String>,
    dialect: Option<(String, Class)>,
}

/// Lists instruments, each once, by the address that costs least; writes a bench file where one is wanted.
pub(crate) fn discover(
    interface: Option<String>,
    save: Option<&Path>,
    timeout_ms: u64,
) -> Result<Exit> {
    let wait = Duration::from_millis(timeout_ms);
    let config = DiscoverConfig { wait, ..DiscoverConfig::new(interface) };
    let met = block_on(async {
        let all = scpi_client::discover(&config).await;
        for fault in &all.faults {
            say!("scpi-run: {fault}");
        }
        meet(all.found, wait).await
    })?;
    let met = each_once(met);
    let rows: Vec<_> = met.iter().map(row).collect();
    print(&table(&COLUMNS, &rows));
    if let Some(file) = save {
        std::fs::write(file, bench_file(&met))
            .map_err(|error| Failure::usage(format!("--save {}: {error}", file.display())))?;
    }
    Ok(Exit::Pass)
}

/// Asks each who it is, all at the same time.
async fn meet(found: Vec<Found>, wait: Duration) -> Result<Vec<Met>> {
    let dialects = dialects()?;
    let mut asking = tokio::task::JoinSet::new();
    for found in found {
        asking.spawn(async move {
            let identity = identity(&found.address, wait).await;
            (found, identity)
        });
    }
    let mut met = Vec::new();
    while let Some(Ok((found, identity))) = asking.join_next().await {
        let known = identity.as_ref().ok().and_then(|identity| dialects.for_identity(identity));
        let dialect = known.map(|dialect| (dialect.name.clone(), dialect.class));
        met.push(Met { found, identity, dialect });
    }
    met.sort_by_key(|met| (rank(&met.found.address), met.found.address.to_string()));
    Ok(met)
}

async fn identity(address: &Address, wait: Duration) -> std::result::Result<Identity, String> {
    let config =
        ClientConfig { connect_timeout: wait, read_timeout: wait, ..ClientConfig::default() };
    let instrument = Instrument::connect(address, config).await;
    let instrument = instrument.map_err(|error| error.cause().to_string())?;
    let identity = instrument.identify().await.map_err(|error| error.cause().to_string());
    instrument.disconnect().await;
    identity
}

/// A raw socket costs least; HiSLIP and VXI-11 can clear.
fn rank(address: &Address) -> u8 {
    match address {
        Address::Tcp { .. } => 0,
        Address::Hislip { .. } => 1,
        Address::Vxi11 { .. } => 2,
        _ => 3,
    }
}

/// An instrument that has several addresses is listed by the first of them.
fn each_once(all: Vec<Met>) -> Vec<Met> {
    let mut kept: Vec<Met> = Vec::new();
    for met in all {
        let is_known = |other: &Met| match (&met.identity, &other.identity) {
            (Ok(one), Ok(two)) => one.serial.is_some() && one.is_same_equipment(two),
            _ => false,
        };
        if !kept.iter().any(is_known) {
            kept.push(met);
        }
    }
    kept
}

fn row(met: &Met) -> Vec<String> {
    let (instrument, note) = match &met.identity {
        Ok(identity) => (identity.to_string(), String::new()),
        Err(why) => (met.found.name.clone().unwrap_or_default(), why.clone()),
    };
    let dialect = met.dialect.as_ref().map(|(name, _)| name.clone());
    vec![met.found.address.to_string(), instrument, dialect.unwrap_or_else(|| "-".to_owned()), note]
}

/// Names are those of classes, with a number from the second on.
fn bench_file(all: &[Met]) -> String {
    let mut text = "name = \"lab\"\n".to_owned();
    let mut counts = BTreeMap::new();
    for met in all {
        let class = met.dialect.as_ref().map_or("instrument", |(_, class)| class.word());
        let count = counts.entry(class).and_modify(|count| *count += 1).or_insert(1_u32);
        let name = if *count == 1 { class.to_owned() } else { format!("{class}_{count}") };
        match &met.identity {
            Ok(identity) => {
                text += &format!("\n[instruments.{name}] # {identity}\n");
                text += &format!("address = {}\n", quoted(&met.found.address.to_string()));
                if let Some(serial) = &identity.serial {
                    text += &format!("serial = {}\n", quoted(serial));
                }
            }
            Err(why) => text += &format!("\n# {}: {}\n", met.found.address, one_line(why)),
        }
    }
    text
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use bench_catalog::Bench;

    use super::*;

    fn met(address: &str, identity: std::result::Result<&str, &str>, class: Option<Class>) -> Met {
        Met {
            found: Found { address: address.parse().unwrap(), name: None },
            identity: identity.map(|it| it.parse().unwrap()).map_err(str::to_owned),
            dialect: class.map(|class| ("some".to_owned(), class)),
        }
    }

    #[test]
    fn a_bench_file_with_each_instrument_once() {
        let meter = Ok("ACME,X \"1\",S\\1,1");
        let all = each_once(vec![
            met("tcp://127.0.0.1:1", meter, Some(Class::Multimeter)),
            met("TCPIP::127.0.0.1::hislip0::INSTR", meter, Some(Class::Multimeter)),
            met("tcp://127.0.0.1:2", Ok("ACME,X,2,1"), Some(Class::Multimeter)),
            met("tcp://127.0.0.1:3", Ok("ACME,Y,0,1"), None),
            met("tcp://127.0.0.1:4", Err("no\nanswer"), None),
        ]);
        assert_eq!(all.len(), 4);
        let bench = Bench::parse("lab.toml", &bench_file(&all)).unwrap();
        let names: Vec<_> = bench.instruments.keys().map(String::as_str).collect();
        assert_eq!(names, ["instrument", "multimeter", "multimeter_2"]);
        assert_eq!(bench.instruments["multimeter"].serial.as_deref(), Some("S\\1"));
        assert_eq!(row(&all[3])[3], "no\nanswer");
    }
}
