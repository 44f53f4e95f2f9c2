//! Baselines as files: beside a plan, where they go with it, or in the data folder, where there is no database.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use test_report::Baseline;

use super::folder;
use crate::failure::{Failure, Result};

/// Bytes of a baseline, at most.
const MAX_BYTES: u64 = 64 << 20;
/// Bytes of the hash that names a file.
const NAME_BYTES: usize = 16;

/// The file of a baseline in the data folder: by a hash, for names may hold anything.
pub(super) fn own(plan: &str, name: &str) -> Result<PathBuf> {
    let hash = Sha256::new().chain_update(plan).chain_update([0]).chain_update(name).finalize();
    let hex: String = hash.iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect();
    Ok(folder()?.join(format!("{hex}.json")))
}

/// Writes one, whole or not at all, and says where.
pub(super) fn write(file: &Path, baseline: &Baseline) -> Result<String> {
    let fault = |error: &dyn std::fmt::Display| {
        Failure::store(format!("baseline {}: {error}", file.display()))
    };
    let text = serde_json::to_string_pretty(baseline).map_err(|error| fault(&error))? + "\n";
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| fault(&error))?;
    }
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    fs::write(&new, text).map_err(|error| fault(&error))?;
    fs::rename(&new, file).map_err(|error| fault(&error))?;
    Ok(file.display().to_string())
}

/// Reads one.
pub(super) fn read(file: &Path) -> Result<Baseline> {
    let fault = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("baseline {}: {error}", file.display()))
    };
    let bytes = fs::metadata(file).map_err(|error| fault(&error))?.len();
    if bytes > MAX_BYTES {
        return Err(fault(&format!("{bytes} bytes are too many; at most {MAX_BYTES}")));
    }
    let text = fs::read_to_string(file).map_err(|error| fault(&error))?;
    serde_json::from_str(&text).map_err(|error| fault(&error))
}

/// Those of the data folder, of one plan or of all.
pub(super) fn all(plan: Option<&str>) -> Result<Vec<Baseline>> {
    let folder = folder()?;
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => {
            entries.map_err(|error| Failure::store(format!("{}: {error}", folder.display())))?
        }
    };
    let mut found = Vec::new();
    for entry in entries {
        let file = entry.map_err(Failure::store)?.path();
        if file.extension() == Some(OsStr::new("json")) {
            found.push(read(&file)?);
        }
    }
    found.retain(|own| plan.is_none_or(|plan| own.plan == plan));
    found.sort_by(|one, other| (&one.plan, &one.name).cmp(&(&other.plan, &other.name)));
    Ok(found)
}
