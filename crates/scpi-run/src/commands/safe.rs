//! `scpi-run safe`: the panic button. It asks nobody anything but who is there.

use std::path::Path;
use std::time::Duration;

use bench_catalog::Bench;
use bench_instruments::safe_state::{default_stages, make_safe};
use bench_instruments::{BenchedInstrument, Channel, OpenOptions, Opened, open};
use bench_model::OutputSafety;

use crate::bench;
use crate::commands::print;
use crate::dialects::dialects;
use crate::exit::Exit;
use crate::failure::Result;
use crate::logins;
use crate::runtime::block_on;

/// For a connection and for each answer: who is slower must not hold up the others.
const PATIENCE: Duration = Duration::from_secs(1);

/// Puts every output of a bench into the safe state, and says which are off.
pub(crate) fn safe(file: &Path) -> Result<Exit> {
    let bench = bench::real(file)?;
    let dialects = dialects()?;
    let options = OpenOptions {
        connect_timeout: PATIENCE,
        read_timeout: PATIENCE,
        logins: logins::known(&bench),
        ..OpenOptions::new(dialects)
    };
    block_on(async {
        let wanted = bench.instruments.keys().cloned().collect();
        let opened = open(&bench, &wanted, &options).await;
        let outputs = make_safe(&default_stages(&channels(&bench, &opened))).await;
        Ok(tell(&opened, &outputs))
    })
}

/// Every channel of everybody who answered.
fn channels(bench: &Bench, opened: &Opened) -> Vec<Channel> {
    let of = |instrument: &std::sync::Arc<BenchedInstrument>| {
        let numbers = 1..=instrument.dialect().channel_count();
        let role = |number| role_of(bench, instrument.name(), number);
        let channel = |number| instrument.channel(&role(number), number).ok();
        numbers.filter_map(channel).collect::<Vec<_>>()
    };
    opened.instruments.values().flat_map(of).collect()
}

/// The part that a channel plays on this bench, else its instrument's name.
fn role_of(bench: &Bench, instrument: &str, channel: u32) -> String {
    let role = bench.roles.keys().find(|role| {
        let target = bench.target(role);
        target.is_some_and(|it| it.instrument == instrument && it.channel == channel)
    });
    role.map_or(instrument, String::as_str).to_owned()
}

fn tell(opened: &Opened, outputs: &[OutputSafety]) -> Exit {
    for output in outputs {
        let OutputSafety { role, instrument, channel, .. } = output;
        let place = format!("{role} ({instrument} channel {channel})");
        match &output.detail {
            None => print(&format!("off: {place}\n")),
            Some(detail) => say!("scpi-run: NOT CONFIRMED OFF: {place}: {detail}"),
        }
    }
    for (name, error) in &opened.failed {
        say!("scpi-run: NOT REACHED: {name}: {error}");
    }
    let confirmed = outputs.iter().filter(|output| output.confirmed_off).count();
    print(&format!("{confirmed} of {} outputs confirmed off\n", outputs.len()));
    Exit::worst([
        if confirmed < outputs.len() { Exit::OutputsOn } else { Exit::Pass },
        if opened.failed.is_empty() { Exit::Pass } else { Exit::Instrument },
    ])
}
