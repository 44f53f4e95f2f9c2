//! Every record as one line of JSON, for programs.

use std::io::Write;

use bench_model::Record;
use run_journal::Observer;

use crate::fault::OutputFault;

/// Writes each record as one line of JSON, in the versioned schema of [`Record`], flushed after every batch.
pub struct JsonLines<W> {
    to: W,
    lines: Vec<u8>,
    fault: OutputFault,
}

/// Memory that is kept between batches.
const KEPT_BYTES: usize = 64 << 10;

impl<W: Write> JsonLines<W> {
    /// Writes there.
    pub fn new(to: W) -> Self {
        Self { to, lines: Vec::new(), fault: OutputFault::default() }
    }

    /// The first error; after it nothing more is written.
    pub fn fault(&self) -> OutputFault {
        self.fault.clone()
    }
}

impl<W: Write + Send> Observer for JsonLines<W> {
    fn synced(&mut self, records: &[Record]) {
        let Self { to, lines, fault } = self;
        fault.attempt(|| {
            for record in records {
                serde_json::to_writer(&mut *lines, record)?;
                lines.push(b'\n');
            }
            to.write_all(lines)?;
            to.flush()
        });
        lines.clear();
        lines.shrink_to(KEPT_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use bench_model::{RunEvent, Timestamp};

    use super::*;

    fn records() -> Vec<Record> {
        let event = |text: &str| RunEvent::Warning { message: text.to_owned() };
        let record = |seq, text| Record { seq, at: Timestamp::UNIX_EPOCH, event: event(text) };
        vec![record(1, "cold\nmeter"), record(2, "µ")]
    }

    #[test]
    fn a_record_is_a_line() {
        let mut to = Vec::new();
        JsonLines::new(&mut to).synced(&records());
        let lines: Vec<Record> = String::from_utf8(to)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines, records());
    }

    /// Takes a few bytes and is gone.
    struct Pipe(usize);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_remembered() {
        let mut lines = JsonLines::new(Pipe(10));
        let fault = lines.fault();
        assert!(fault.get().is_none());
        for _ in 0..2 {
            lines.synced(&records());
            assert_eq!(fault.get().unwrap().kind(), io::ErrorKind::BrokenPipe);
        }
    }
}
