//! `scpi-run scan`: is every instrument there, the same as before, and calibrated?

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{Bench, BenchInstrument, Dialects};
use bench_model::{InstrumentIdentity, Presence, Timestamp};
use jiff::civil::Date;
use result_store::{ScanResult, ScanSource, ScanTarget, Scanned, Store};
use scpi_client::{ClientConfig, Instrument, Login};
use scpi_protocol::identity::Identity;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::args::{ScanArguments, TriggerWord};
use crate::commands::print;
use crate::commands::table::{Column, table};
use crate::database::{self, OpenDatabase};
use crate::dialects::dialects;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;
use crate::{bench, logins};

/// For a connection and for the answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Instruments that are asked at the same time.
const AT_ONCE: usize = 16;

const COLUMNS: [Column; 6] = [
    Column::text("instrument"),
    Column::text("is"),
    Column::text("serial"),
    Column::text("firmware"),
    Column::text("calibrated until"),
    Column::text("what there is to say"),
];

/// One that is to be asked.
struct Wanted {
    name: String,
    entry: BenchInstrument,
    target: ScanTarget,
    login: Option<Login>,
}

/// What came of it.
struct Asked {
    wanted: Wanted,
    scanned: Scanned,
}

/// Asks everybody, keeps what changed, and says how things are.
pub(crate) fn scan(arguments: &ScanArguments) -> Result<Exit> {
    let open = database::choose(&arguments.database)?.open()?;
    let done = scan_with(arguments, open.as_ref());
    open.map_or(Ok(()), OpenDatabase::close)?;
    done
}

fn scan_with(arguments: &ScanArguments, open: Option<&OpenDatabase>) -> Result<Exit> {
    let bench = arguments.bench.as_deref().map(bench::real).transpose()?;
    let logins = match &bench {
        Some(bench) => logins::of_bench(bench, &arguments.database)?,
        None => BTreeMap::new(),
    };
    let dialects = dialects()?;
    let now = Timestamp::now();
    block_on(async {
        let mut store = match open {
            Some(open) => Some(open.connect_to_record().await.map_err(Failure::store)?),
            None => None,
        };
        let wanted = match (&bench, &mut store) {
            (Some(bench), _) => of_bench(bench, logins),
            (None, Some(store)) => of_inventory(store).await?,
            (None, None) => return Err(Failure::usage("whom? --bench names a bench file")),
        };
        let asked = ask_all(wanted, dialects).await;
        let scanned: Vec<_> = asked.iter().map(|one| one.scanned.clone()).collect();
        let results = match &mut store {
            Some(store) => {
                store.record_scan(&scanned, source(arguments)).await.map_err(Failure::store)?
            }
            None => vec![ScanResult::default(); asked.len()],
        };
        Ok(tell(&asked, &results, arguments.due_within, now))
    })
}

fn source(arguments: &ScanArguments) -> ScanSource {
    match arguments.trigger {
        TriggerWord::Manual => ScanSource::Manual,
        TriggerWord::Automated | TriggerWord::Scheduled | TriggerWord::CiCd => {
            ScanSource::Automated
        }
    }
}

fn of_bench(bench: &Bench, mut logins: logins::Logins) -> Vec<Wanted> {
    let one = |(name, entry): (&String, &BenchInstrument)| Wanted {
        name: name.clone(),
        entry: entry.clone(),
        target: ScanTarget::Bench { bench: bench.name.clone(), instrument: name.clone() },
        login: logins.remove(name),
    };
    bench.instruments.iter().map(one).collect()
}

async fn of_inventory(store: &mut Store) -> Result<Vec<Wanted>> {
    let mut wanted = Vec::new();
    for one in store.instruments().await.map_err(Failure::store)? {
        let address = one.address.parse();
        let address = address.map_err(|error| Failure::usage(format!("{}: {error}", one.name)))?;
        let (entry, target) = (BenchInstrument::at(address), ScanTarget::Equipment(one.equipment));
        wanted.push(Wanted { name: one.name, entry, target, login: None });
    }
    Ok(wanted)
}

async fn ask_all(wanted: Vec<Wanted>, dialects: Arc<Dialects>) -> Vec<Asked> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut asking = JoinSet::new();
    for (at, one) in wanted.into_iter().enumerate() {
        let (turns, dialects) = (Arc::clone(&turns), Arc::clone(&dialects));
        asking.spawn(async move {
            // It is closed by nobody.
            let _turn = turns.acquire().await;
            (at, ask(one, &dialects).await)
        });
    }
    let mut asked = asking.join_all().await;
    asked.sort_by_key(|(at, _)| *at);
    asked.into_iter().map(|(_, one)| one).collect()
}

/// Who is there? Nothing else is said to it.
async fn ask(wanted: Wanted, dialects: &Dialects) -> Asked {
    let config = ClientConfig {
        connect_timeout: PATIENCE,
        read_timeout: PATIENCE,
        probe_timeout: PATIENCE,
        write_timeout: PATIENCE,
        login: wanted.login.clone(),
        ..ClientConfig::default()
    };
    let found = async {
        let instrument = Instrument::connect(&wanted.entry.address, config).await;
        let instrument = instrument.map_err(|error| (Presence::Offline, error.to_string()))?;
        let identity = instrument.identify().await;
        instrument.disconnect().await;
        identity.map_err(|error| (Presence::Error, error.to_string()))
    };
    let (presence, message, identity) = match found.await {
        Ok(identity) => match wrong(&wanted.entry, &identity) {
            Some(why) => (Presence::Error, Some(why), None),
            None => (Presence::Online, None, Some(described(&wanted, &identity, dialects))),
        },
        Err((presence, why)) => (presence, Some(why), None),
    };
    let target = wanted.target.clone();
    let scanned = Scanned { target, at: Timestamp::now(), presence, message, identity };
    Asked { wanted, scanned }
}

/// What the bench file wants that does not answer.
fn wrong(entry: &BenchInstrument, found: &Identity) -> Option<String> {
    let serial = entry.serial.as_deref().map(str::trim);
    let is_other = serial.is_some_and(|serial| found.serial.as_deref() != Some(serial));
    is_other.then(|| {
        let raw = found.raw.escape_debug();
        format!(
            "'{raw}' answers, and the bench file wants the serial number '{}'",
            serial.unwrap_or("")
        )
    })
}

fn described(wanted: &Wanted, found: &Identity, dialects: &Dialects) -> InstrumentIdentity {
    let named = wanted.entry.dialect.as_deref().and_then(|name| dialects.named(name));
    let dialect = named.or_else(|| dialects.for_identity(found));
    InstrumentIdentity {
        instrument: wanted.name.clone(),
        address: wanted.entry.address.to_string(),
        class: dialect.map_or("", |dialect| dialect.class.word()).to_owned(),
        dialect: dialect.map_or("", |dialect| dialect.name.as_str()).to_owned(),
        dialect_sha256: dialect.map(|dialect| dialect.sha256.clone()),
        calibration: None,
        idn: found.raw.clone(),
        maker: found.maker.clone(),
        model: found.model.clone(),
        serial: found.serial.clone(),
        firmware: found.firmware.clone(),
        simulated: wanted.entry.simulated,
        channels: dialect.map_or(1, |dialect| dialect.channel_count()),
        capabilities: dialect.map(|dialect| dialect.capabilities()).unwrap_or_default(),
        max_voltage: None,
        max_current: None,
        max_power: None,
        roles: Vec::new(),
    }
}

/// A line for each, and what it all comes to.
fn tell(asked: &[Asked], results: &[ScanResult], due_within: u32, now: Timestamp) -> Exit {
    let mut exits = vec![Exit::Pass];
    let mut rows = Vec::new();
    for (one, result) in asked.iter().zip(results) {
        let due = due(&one.wanted.entry, result, now);
        let words = words(one, result, due.as_ref(), due_within);
        if one.scanned.presence != Presence::Online || result.other_serial.is_some() {
            exits.push(Exit::Instrument);
        }
        if due.as_ref().is_some_and(|(_, days)| *days < 0) {
            exits.push(Exit::Fail);
        }
        let says = |part: fn(&InstrumentIdentity) -> &Option<String>| {
            let found = one.scanned.identity.as_ref().and_then(|identity| part(identity).clone());
            found.unwrap_or_else(|| "-".to_owned()).escape_debug().to_string()
        };
        rows.push(vec![
            one.wanted.name.clone(),
            one.scanned.presence.word().to_owned(),
            says(|identity| &identity.serial),
            says(|identity| &identity.firmware),
            due.map_or("-".to_owned(), |(day, _)| day),
            words.join("; "),
        ]);
    }
    print(&table(&COLUMNS, &rows));
    let there = asked.iter().filter(|one| one.scanned.presence == Presence::Online).count();
    print(&format!("{there} of {} instruments answer\n", asked.len()));
    Exit::worst(exits)
}

/// Until when its calibration holds, and how many days that is: as the bench file says, else the database.
fn due(entry: &BenchInstrument, result: &ScanResult, now: Timestamp) -> Option<(String, i32)> {
    let of_bench = entry.calibration.as_ref().and_then(|calibration| calibration.due.clone());
    let Some(day) = of_bench else { return result.calibration_due.clone() };
    let until: Date = day.parse().ok()?;
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let days = today.until(until).ok()?.get_days();
    Some((day, days))
}

fn words(
    one: &Asked,
    result: &ScanResult,
    due: Option<&(String, i32)>,
    due_within: u32,
) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(one.scanned.message.clone());
    let other = |what: &str, was: &String| format!("{what} was {}", was.escape_debug());
    words.extend(result.other_serial.as_ref().map(|was| other("its serial number", was)));
    words.extend(result.other_firmware.as_ref().map(|was| other("its firmware", was)));
    match due {
        Some((_, days)) if *days < 0 => words.push("its calibration is overdue".to_owned()),
        Some((_, days)) if i64::from(*days) <= i64::from(due_within) => {
            words.push(format!("its calibration is due in {days} days"));
        }
        _ => {}
    }
    if result.has_changed && one.scanned.presence == Presence::Online {
        words.push("it came".to_owned());
    }
    words
}
