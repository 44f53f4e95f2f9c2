//! `scpi-run db verify`: whether the database is what the migrations give.

use std::fmt::Write;

use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Prints a line for each thing that is not as it should be; with any, the exit code is that of the store.
pub(super) fn verify(arguments: &DatabaseArguments) -> Result<Exit> {
    let open = super::open(arguments)?;
    let findings =
        block_on(async { result_store::verify(&open.config).await.map_err(Failure::store) });
    let place = open.config.place().to_owned();
    open.close()?;
    let findings = findings?;
    if findings.is_empty() {
        print(&format!("{place}: as the migrations give it\n"));
        return Ok(Exit::Pass);
    }
    let mut text = String::new();
    for finding in &findings {
        // Writing into a string does not fail.
        let _ = writeln!(text, "{finding}");
    }
    print(&text);
    let advice = "`scpi-run db migrate` mends rights and months";
    Err(Failure::store(format!("{place}: {} findings; {advice}", findings.len())))
}
