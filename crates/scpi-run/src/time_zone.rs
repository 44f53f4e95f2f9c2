//! Time zones, from the files of the machine.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use jiff::tz::TimeZone;

use crate::environment;
use crate::failure::{Failure, Result};

/// Where the rules of all time zones are.
const ZONES: &str = "/usr/share/zoneinfo";
/// The machine's own.
const LOCAL: &str = "/etc/localtime";
/// Bytes of the rules of a zone, at most.
const MAX_BYTES: u64 = 1 << 20;

/// The zone that is named; else that of the machine.
pub(crate) fn zone(name: Option<&str>) -> Result<TimeZone> {
    match name {
        Some(name) => named(name),
        None => match environment::variable("TZ") {
            Some(text) if !text.is_empty() => of_variable(text.trim_start_matches(':')),
            _ => Ok(read("local", Path::new(LOCAL)).unwrap_or(TimeZone::UTC)),
        },
    }
}

fn of_variable(text: &str) -> Result<TimeZone> {
    named(text).or_else(|failure| TimeZone::posix(text).map_err(|_| failure))
}

fn named(name: &str) -> Result<TimeZone> {
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    let fault = |why: &str| {
        Failure::usage(format!("there is no time zone '{name}': {why}; as Europe/Berlin"))
    };
    let is_below = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !is_below {
        return Err(fault("it is no name"));
    }
    read(name, &PathBuf::from(ZONES).join(name))
        .ok_or_else(|| fault(&format!("{ZONES} has no such file")))
}

fn read(name: &str, file: &Path) -> Option<TimeZone> {
    let mut bytes = Vec::new();
    File::open(file).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    TimeZone::tzif(name, &bytes).ok()
}
