//! What the guardian did: JSON Lines in a file beside the journal, `SESSION.guardian`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bench_model::{SafeState, Timestamp};

/// The longest report that is read, in bytes.
const MAX_REPORT_BYTES: u64 = 1 << 20;

/// One thing that the guardian did.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Deed {
    /// When.
    pub(super) at: Timestamp,
    /// What.
    pub(super) event: DeedEvent,
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum DeedEvent {
    /// It noticed that the run no longer could.
    Noticed {
        /// What it noticed.
        reason: String,
    },
    /// The run is dead.
    Fenced {
        /// How it ended.
        run: String,
    },
    /// Every off command has gone out, or could not.
    OffSent,
    /// Everything was asked whether it is off.
    SafeState(SafeState),
}

/// The report that belongs to a journal.
pub(crate) fn report_beside(journal: &Path) -> PathBuf {
    journal.with_extension("guardian")
}

/// Writes a report so that it outlives a power cut.
pub(super) fn write<'d>(file: &Path, deeds: impl IntoIterator<Item = &'d Deed>) -> io::Result<()> {
    let mut text = Vec::new();
    for deed in deeds {
        serde_json::to_writer(&mut text, deed)?;
        text.push(b'\n');
    }
    let mut report = File::create(file)?;
    report.write_all(&text)?;
    report.sync_all()?;
    match file.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The deeds beside a journal; a line that was torn is passed over.
pub(super) fn read(journal: &Path) -> Vec<Deed> {
    let Ok(file) = File::open(report_beside(journal)) else { return Vec::new() };
    let mut text = Vec::new();
    if file.take(MAX_REPORT_BYTES).read_to_end(&mut text).is_err() {
        return Vec::new();
    }
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// What a person wants to know of the report beside a journal, line by line; none where there is no report.
pub(crate) fn told(journal: &Path) -> Option<String> {
    let lines: String = read(journal).iter().map(in_words).collect();
    (!lines.is_empty()).then_some(lines)
}

fn in_words(Deed { at, event }: &Deed) -> String {
    match event {
        DeedEvent::Noticed { reason } => format!("guardian: {at} {reason}\n"),
        DeedEvent::Fenced { run } => format!("guardian: {at} {run}\n"),
        DeedEvent::OffSent => format!("guardian: {at} every off command sent\n"),
        DeedEvent::SafeState(state) => {
            format!("guardian: {at} {}\n{}", what_is_off(state), what_is_not(state))
        }
    }
}

/// The outputs that are off, in one line.
pub(super) fn what_is_off(state: &SafeState) -> String {
    let off = state.outputs.iter().filter(|output| output.confirmed_off);
    let off: Vec<_> = off.map(|output| output.role.as_str()).collect();
    match off.as_slice() {
        [] => "no output confirmed off".to_owned(),
        off => format!("confirmed off: {}", off.join(", ")),
    }
}

/// The outputs that are not, a line each.
pub(super) fn what_is_not(state: &SafeState) -> String {
    let line = |output: &bench_model::OutputSafety| {
        let detail = output.detail.as_deref().unwrap_or("it did not say that it is off");
        let (role, instrument, channel) = (&output.role, &output.instrument, output.channel);
        format!("NOT CONFIRMED OFF: {role} ({instrument} channel {channel}): {detail}\n")
    };
    state.unconfirmed().map(line).collect()
}

#[cfg(test)]
mod tests {
    use bench_model::OutputSafety;

    use super::*;

    fn output(role: &str, detail: Option<&str>) -> OutputSafety {
        OutputSafety {
            role: role.to_owned(),
            instrument: "psu".to_owned(),
            channel: 1,
            confirmed_off: detail.is_none(),
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn a_report_is_read_back_and_a_torn_line_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("run.journal");
        assert_eq!(told(&journal), None);
        let outputs = vec![output("vin", None), output("load", Some("no answer"))];
        let at = Timestamp::UNIX_EPOCH;
        let deeds = [
            Deed { at, event: DeedEvent::Noticed { reason: "no beat".to_owned() } },
            Deed { at, event: DeedEvent::OffSent },
            Deed {
                at,
                event: DeedEvent::SafeState(SafeState { reason: "no beat".to_owned(), outputs }),
            },
        ];
        let report = report_beside(&journal);
        write(&report, &deeds).unwrap();
        let mut text = std::fs::read(&report).unwrap();
        text.extend_from_slice(b"{\"at\":");
        std::fs::write(&report, text).unwrap();
        assert_eq!(
            told(&journal).unwrap(),
            "guardian: 1970-01-01T00:00:00Z no beat\n\
             guardian: 1970-01-01T00:00:00Z every off command sent\n\
             guardian: 1970-01-01T00:00:00Z confirmed off: vin\n\
             NOT CONFIRMED OFF: load (psu channel 1): no answer\n"
        );
    }
}
