//! `scpi-run sim`: a simulated bench, served until somebody ends it.

use std::path::Path;

use scpi_sim::{ReplayOptions, Tape, replay, serve};

use crate::bench;
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;
use crate::signals::Signals;

/// Serves a bench. Programs read what it prints: a line for each instrument, then `ready`.
pub(crate) fn sim(name: &str) -> Result<Exit> {
    if let Some(tape) = name.strip_prefix("tape:") {
        return again(tape);
    }
    let spec = bench::simulated(name, Path::new("."))?;
    block_on(async {
        let mut signals = Signals::listen()?;
        let served = serve(spec).await.map_err(Failure::usage)?;
        let mut text = String::new();
        for instrument in served.instruments() {
            for address in &instrument.addresses {
                text.push_str(&format!("{} {address}\n", instrument.name));
            }
        }
        text.push_str("ready\n");
        print(&text);
        signals.end().await;
        served.stop().await;
        Ok(Exit::Pass)
    })
}

/// Says a tape again; each instrument has the address under which it was recorded for its name.
fn again(asked: &str) -> Result<Exit> {
    let mut words = asked.split('?');
    let file = words.next().unwrap_or_default();
    let mut options = ReplayOptions::default();
    for word in words {
        match word {
            "exact" => options.exact = true,
            "timed" => options.original_timing = true,
            other => {
                let what =
                    format!("'?{other}' is nothing that a tape can be: ?exact or ?timed is wanted");
                return Err(Failure::usage(what));
            }
        }
    }
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("{file}: {error}")))?;
    let tape = Tape::parse(file, &text).map_err(Failure::usage)?;
    block_on(async {
        let mut signals = Signals::listen()?;
        let served = replay(tape, options).await.map_err(Failure::usage)?;
        let lines = served.instruments().iter().map(|(name, at)| format!("{name} tcp://{at}\n"));
        print(&format!("{}ready\n", lines.collect::<String>()));
        signals.end().await;
        served.stop().await;
        Ok(Exit::Pass)
    })
}
