//! What past nights were: a file for each night and one for its summary, in a folder for each sweep.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bench_model::Timestamp;
use test_report::{Morning, Night, NightLine};

use crate::environment;
use crate::failure::{Failure, Result};

/// Nights that are looked at, the newest first.
pub(super) const MAX_NIGHTS: usize = 60;
/// The largest file of a night, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// How the files of summaries end.
const MORNING: &str = ".morning.json";
/// How the files of nights end.
const NIGHT: &str = ".night.json";

/// The nights of one sweep.
pub(super) struct Nights {
    folder: PathBuf,
}

impl Nights {
    /// Those of the sweep with this name.
    pub(super) fn of(sweep: &str) -> Result<Self> {
        Ok(Self { folder: environment::data_folder()?.join("nights").join(sweep) })
    }

    /// Writes one, whole or not at all. What cannot be written is said, and holds up nothing.
    pub(super) fn keep(&self, night: &Night) {
        let text = serde_json::to_vec_pretty(night).map_err(|error| error.to_string());
        self.write(night.started_at, NIGHT, text);
    }

    /// Writes its summary.
    pub(super) fn keep_morning(&self, morning: &Morning) {
        let text = morning.json().map(String::into_bytes).map_err(|error| error.to_string());
        self.write(morning.started_at, MORNING, text);
    }

    fn write(&self, at: Timestamp, ending: &str, text: std::result::Result<Vec<u8>, String>) {
        let file = self.folder.join(format!("{}{ending}", stamp(at)));
        let written =
            text.and_then(|text| write_whole(&file, &text).map_err(|error| error.to_string()));
        if let Err(error) = written {
            say!("scpi-run: {}: {error}", file.display());
        }
    }

    /// The newest before a time, the newest first.
    pub(super) fn before(&self, at: Timestamp) -> Vec<Night> {
        self.files(NIGHT, at).iter().filter_map(|file| read(file)).collect()
    }

    /// The newest summary.
    pub(super) fn last_morning(&self) -> Option<Morning> {
        self.files(MORNING, Timestamp::MAX).iter().find_map(|file| read(file))
    }

    /// Nights before a time as lines, the newest first; one without a summary was cut.
    pub(super) fn lines_before(&self, at: Timestamp) -> Vec<NightLine> {
        let nights = self.files(NIGHT, at).into_iter().filter_map(|file| {
            let name = file.file_name()?.to_str()?.strip_suffix(NIGHT)?.to_owned();
            let morning: Option<Morning> = read(&self.folder.join(format!("{name}{MORNING}")));
            match morning {
                Some(morning) => Some(morning.line()),
                None => read::<Night>(&file).map(|night| cut(&night)),
            }
        });
        nights.collect()
    }

    fn files(&self, ending: &str, before: Timestamp) -> Vec<PathBuf> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                say!("scpi-run: {}: {error}", self.folder.display());
                return Vec::new();
            }
        };
        let limit = stamp(before);
        let is_wanted = |name: &str| name.strip_suffix(ending).is_some_and(|stamp| *stamp < *limit);
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| is_wanted(name))
            .collect();
        names.sort_by(|one, other| other.cmp(one));
        names.truncate(MAX_NIGHTS);
        names.into_iter().map(|name| self.folder.join(name)).collect()
    }
}

/// It sorts by time.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H-%M-%S%.6fZ").to_string()
}

fn cut(night: &Night) -> NightLine {
    NightLine {
        started_at: night.started_at,
        exit: None,
        jobs: u64::try_from(night.jobs.len()).unwrap_or(u64::MAX),
        passed: 0,
        failed: 0,
        moved: 0,
    }
}

/// Reads a file of JSON; what cannot be read is not there.
pub(super) fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Option<T> {
    if fs::metadata(file).ok()?.len() > MAX_BYTES {
        return None;
    }
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Writes a file whole or not at all, and its folder before it.
pub(super) fn write_whole(file: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    fs::write(&new, text)?;
    fs::rename(&new, file)
}

/// The same, for what a person asked for.
pub(super) fn write_asked(option: &str, file: &Path, text: &str) -> Result<()> {
    write_whole(file, text.as_bytes())
        .map_err(|error| Failure::store(format!("{option} {}: {error}", file.display())))
}
