//! Every quirk of `fixtures/quirks.toml`: it is survived, or its error explains itself; never a wrong number.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod peer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{Bench, Dialects, LAST_QUIRK, SettingValue, WireWords};
use bench_instruments::{Channel, OpenOptions, open, quantity_of};
use bench_model::Unit;
use peer::{Peer, unescaped};
use scpi_client::{ClientConfig, Instrument};
use scpi_protocol::preamble::Preamble;
use scpi_protocol::response::Response;

const ROWS: &str = include_str!("../../../../fixtures/quirks.toml");

/// A deadline that no row waits for, even on a busy machine.
const LONG: Duration = Duration::from_secs(30);

#[derive(serde::Deserialize)]
struct Table {
    row: Vec<Row>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    quirk: String,
    seen: String,
    #[serde(default)]
    timeout_ms: Option<u64>,
    #[serde(default)]
    wire: WireWords,
    #[serde(default)]
    dialect: Option<String>,
    #[serde(default)]
    peer: Vec<String>,
    #[serde(default)]
    ask: Vec<(String, String, String)>,
}

fn rows() -> Vec<Row> {
    toml::from_str::<Table>(ROWS).unwrap().row
}

#[test]
fn no_quirk_is_left_out() {
    let found: BTreeSet<String> = rows().into_iter().map(|row| row.quirk).collect();
    let wanted: BTreeSet<String> = (1..=LAST_QUIRK).map(|number| format!("Q{number}")).collect();
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn every_quirk_is_survived_or_explained() {
    let rows = rows().into_iter().filter(|row| !row.peer.is_empty()).map(play);
    futures_util::future::join_all(rows).await;
}

async fn play(row: Row) {
    let mut script = row.peer.clone();
    if let Some(dialect) = &row.dialect {
        let greeting = ["> *IDN?".to_owned(), format!(r"< {}\n", identity(dialect))];
        let queue = ["> SYST:ERR?".to_owned(), r#"< 0,"No error"\n"#.to_owned()];
        script.splice(..0, greeting.into_iter().chain(queue));
    }
    let peer = Peer::play(script).await;
    let patience = row.timeout_ms.map_or(LONG, Duration::from_millis);
    let subject = Subject::open(&row, &peer, patience).await;
    for (how, message, wanted) in &row.ask {
        let found = subject.ask(how, message).await;
        let case = format!("{}, {}: {how} {message}", row.quirk, row.seen);
        match (wanted.strip_prefix("! "), found) {
            (Some(text), Err(error)) => {
                assert!(error.contains(text), "{case}: {error}");
                peer.give_up();
            }
            (None, Err(_)) if wanted.starts_with("? ") => {}
            (None, Ok(found)) => {
                assert_eq!(found, wanted.trim_start_matches("? "), "{case}");
            }
            (_, other) => panic!("{case}: {other:?} instead of {wanted}"),
        }
    }
    drop(subject);
    peer.end().await;
}

fn identity(dialect: &str) -> &'static str {
    match dialect {
        "rigol_dp800" => "RIGOL TECHNOLOGIES,DP832,DP8C194205678,00.01.14",
        "rigol_mso5000" => "RIGOL TECHNOLOGIES,MSO5074,MS5A221301338,00.01.03.00.01",
        other => unreachable!("{other} has no identity here"),
    }
}

/// A connection alone, or a channel of a bench.
enum Subject {
    Client(Instrument),
    Channel(Box<Channel>),
}

impl Subject {
    async fn open(row: &Row, peer: &Peer, patience: Duration) -> Self {
        match &row.dialect {
            Some(_) => Self::Channel(Box::new(channel(peer, patience).await)),
            None => Self::Client(client(row, peer, patience).await),
        }
    }

    async fn ask(&self, how: &str, message: &str) -> Result<String, String> {
        match self {
            Self::Client(client) => ask(client, how, message).await,
            Self::Channel(channel) => ask_channel(channel, how, message).await,
        }
    }
}

async fn client(row: &Row, peer: &Peer, patience: Duration) -> Instrument {
    let config = ClientConfig {
        connect_timeout: LONG,
        read_timeout: patience,
        probe_timeout: if row.timeout_ms.is_some() { 4 * patience } else { LONG },
        write_terminator: row.wire.write_terminator(),
        framing: row.wire.framing(),
        ..ClientConfig::default()
    };
    let address = format!("tcp://{}", peer.address).parse().unwrap();
    Instrument::connect(&address, config).await.unwrap()
}

async fn channel(peer: &Peer, patience: Duration) -> Channel {
    let text = format!("name='lab'\n[instruments.box]\naddress='tcp://{}'", peer.address);
    let bench = Bench::parse("lab.toml", &text).unwrap();
    let dialects = Arc::new(Dialects::built_in().unwrap());
    let options =
        OpenOptions { connect_timeout: LONG, read_timeout: patience, ..OpenOptions::new(dialects) };
    let mut opened = open(&bench, &BTreeSet::from(["box".to_owned()]), &options).await;
    assert!(opened.failed.is_empty(), "{:?}", opened.failed);
    opened.instruments.pop_first().unwrap().1.channel("it", 1).unwrap()
}

async fn ask(client: &Instrument, how: &str, message: &str) -> Result<String, String> {
    let explained = |error: scpi_client::ClientError| error.explanation();
    match how {
        "identity" => client.identify().await.map(|it| it.to_string()).map_err(explained),
        "errors" => client.drain_errors(8).await.map(|it| it.to_string()).map_err(explained),
        "write" => client.write(message).await.map(|()| String::new()).map_err(explained),
        "block" => {
            let mut data = Vec::new();
            client.query_block_into(message, &mut data).await.map_err(explained)?;
            Ok(data.escape_ascii().to_string().replace(r"\x00", r"\0"))
        }
        _ => {
            let answer = client.query(message).await.map_err(explained)?;
            read(how, &answer)
        }
    }
}

fn read(how: &str, answer: &Response) -> Result<String, String> {
    let said = |error: scpi_protocol::response::ResponseError| error.to_string();
    match how {
        "number" => answer.number().map(|it| it.text.to_owned()).map_err(said),
        "integer" => answer.integer().map(|it| it.to_string()).map_err(said),
        "text" => answer.text().map(str::to_owned).map_err(said),
        "list" => {
            let texts = answer.numbers().map_err(said)?;
            Ok(texts.iter().map(|it| it.text).collect::<Vec<_>>().join(" "))
        }
        "volts" => {
            let quantity = quantity_of(answer.text().map_err(said)?, &Unit::volt());
            quantity.map(|(value, unit)| format!("{value} {unit}")).ok_or("no voltage".to_owned())
        }
        "tektronix" => preamble(Preamble::tektronix(answer)),
        "preamble" => preamble(Preamble::rigol(answer)),
        other => unreachable!("{other} is no way to ask"),
    }
}

fn preamble(
    read: Result<Preamble, scpi_protocol::preamble::PreambleError>,
) -> Result<String, String> {
    read.map(|it| it.samples.to_string()).map_err(|error| error.to_string())
}

async fn ask_channel(channel: &Channel, how: &str, message: &str) -> Result<String, String> {
    let explained = |error: bench_instruments::InstrumentError| error.explanation();
    match how {
        "set" => {
            let (setting, value) = message.split_once(' ').unwrap();
            let value = SettingValue::Quantity(value.parse().unwrap());
            let applied = channel.set(setting.parse().unwrap(), &value).await.map_err(explained)?;
            Ok(applied.programmed.unwrap())
        }
        "preamble" => {
            let answer = channel.raw_query(message).await.map_err(explained)?;
            read("preamble", &Response::new(answer.into_bytes()))
        }
        _ => channel.raw_query(message).await.map_err(explained),
    }
}

#[test]
fn escapes_of_the_table() {
    assert_eq!(unescaped(r"a\n\0\xff\\"), b"a\n\0\xff\\");
}
