//! `--trace FILE`: every byte to and from the instruments, a line a piece.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use scpi_client::{Tape, TapeEntry, TapeEvent};
use scpi_protocol::Escaped;

use crate::failure::{Failure, Result};

/// Bytes of one piece that are shown.
const SHOWN_BYTES: usize = 4096;

struct FileTape {
    file: Mutex<BufWriter<File>>,
}

/// Opens a tape.
pub(crate) fn open(path: &Path) -> Result<Arc<dyn Tape>> {
    let file = File::create(path)
        .map_err(|error| Failure::usage(format!("--trace {}: {error}", path.display())))?;
    Ok(Arc::new(FileTape { file: Mutex::new(BufWriter::new(file)) }))
}

impl Tape for FileTape {
    fn record(&self, entry: &TapeEntry<'_>) {
        let shown = |bytes| Escaped { bytes, shown: SHOWN_BYTES }.to_string();
        let (sign, text) = match entry.event {
            TapeEvent::Sent(bytes) => (">", shown(bytes)),
            TapeEvent::Received(bytes) => ("<", shown(bytes)),
            TapeEvent::Note(text) => ("#", text.to_owned()),
            _ => return,
        };
        if let Ok(mut file) = self.file.lock() {
            let seconds = entry.at.as_secs_f64();
            // A tape that cannot be written must not stop a run; the journal has what counts.
            let _ = writeln!(file, "{seconds:.9} {} {sign} {text}", entry.address);
        }
    }
}

impl Drop for FileTape {
    fn drop(&mut self) {
        if let Ok(mut file) = self.file.lock() {
            let _ = file.flush();
        }
    }
}
