//! A new cluster: made beside its place and put there whole, so that a half-made one is never used.

use std::fs::{self, File};
use std::process::Command;
use std::time::Instant;

use crate::config::{Durability, MAKE_LIMIT, SUPERUSER};
use crate::error::{ClusterError, Doing, Result};
use crate::folder;
use crate::kit::Kit;
use crate::notice::Notice;
use crate::place::Place;
use crate::program::run;
use crate::settings;

/// The first major version with a locale of its own, the same on every system.
const BUILTIN_LOCALE_SINCE: u32 = 17;

/// Makes the cluster; with the start lock held.
pub(crate) fn make(place: &Place, kit: &Kit, durability: Durability) -> Result<Notice> {
    let start = Instant::now();
    let major = kit.binaries.major;
    if major >= BUILTIN_LOCALE_SINCE {
        let builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
        initialise(place, kit, durability, &builtin)?;
    } else {
        match initialise(place, kit, durability, &["--lc-ctype=C.UTF-8"]) {
            Err(ClusterError::Program(failed)) if says(&failed.last_lines, "locale") => {
                initialise(place, kit, durability, &[])?;
            }
            made => made?,
        }
    }
    settings::include(&place.unfinished())?;
    let (unfinished, data) = (place.unfinished(), place.data());
    fs::rename(&unfinished, &data).doing("put into its place", &unfinished)?;
    let base = File::open(place.base()).and_then(|base| base.sync_all());
    base.doing("write to the disk", place.base())?;
    Ok(Notice::Made { folder: place.base().to_owned(), major, took: start.elapsed() })
}

fn initialise(place: &Place, kit: &Kit, durability: Durability, more: &[&str]) -> Result<()> {
    let folder = place.unfinished();
    folder::remove(&folder)?;
    folder::make_private(&folder, place.user.ids)?;
    let mut command = initdb(place, kit, durability);
    command.args(more);
    run(&mut command, "make a cluster", &place.log(), place.user.ids, MAKE_LIMIT)
}

fn initdb(place: &Place, kit: &Kit, durability: Durability) -> Command {
    let mut command = kit.command("initdb", place);
    command.arg("-D").arg(place.unfinished());
    // Sorting by code point is the same everywhere and for ever; letters are known as letters.
    command.args(["--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"]);
    command.args(["--username", SUPERUSER, "--auth-local=peer", "--auth-host=reject"]);
    if durability != Durability::Synced {
        command.arg("--no-sync");
    }
    command
}

fn says(lines: &[String], word: &str) -> bool {
    lines.iter().any(|line| line.contains(word))
}
