//! `scpi-run sim`: a simulated bench, served until somebody ends it.

use std::path::Path;

use scpi_sim::serve;

use crate::bench;
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;
use crate::signals::Signals;

/// Serves a bench. Programs read what it prints: a line for each instrument, then `ready`.
pub(crate) fn sim(name: &str) -> Result<Exit> {
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
