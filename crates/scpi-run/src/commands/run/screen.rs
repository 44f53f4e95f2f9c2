//! What a person, or a program, sees while a run goes on.

use std::io::{Write, stderr, stdout};
use std::time::Duration;

use bench_model::RunRecord;
use run_journal::Observer;
use test_report::{Console, JsonLines, OutputFault, Progress, ProgressDrawTarget};

use crate::args::{ProgressMode, RunArguments};
use crate::environment;

/// Who is told of the events, and what went wrong with standard output, if that is for a program.
pub(crate) fn observers(
    arguments: &RunArguments,
    asks: bool,
    before: Option<RunRecord>,
    site: Option<&str>,
    expected: impl FnOnce() -> Option<Duration>,
) -> (Vec<Box<dyn Observer>>, Option<OutputFault>) {
    let progress = match arguments.conduct.progress {
        ProgressMode::None => Progress::Silent,
        // What is drawn again and again would draw over a question, and over other sites.
        ProgressMode::Auto if environment::is_live() && !asks && site.is_none() => {
            Progress::Live(ProgressDrawTarget::stderr())
        }
        ProgressMode::Auto | ProgressMode::Plain => Progress::Plain,
    };
    // Earlier journals are read for somebody who looks on alone.
    let expected = if matches!(progress, Progress::Live(_)) { expected() } else { None };
    let look = environment::look();
    // Standard output is for one reader alone.
    let out: Box<dyn Write + Send> =
        if arguments.conduct.json { Box::new(stderr()) } else { Box::new(stdout()) };
    let out = match site {
        Some(site) => Box::new(SiteLines::new(out, format!("{site} | "), 0)),
        None => out,
    };
    let console = Console::new(look, progress, out).after(before.unwrap_or_default());
    let console = console.expecting(expected);
    if !arguments.conduct.json {
        return (vec![Box::new(console)], None);
    }
    let lines: Box<dyn Write + Send> = match site {
        Some(site) => {
            let first_key = format!("{{\"site\":\"{site}\",");
            Box::new(SiteLines::new(stdout(), first_key, 1))
        }
        None => Box::new(stdout()),
    };
    let lines = JsonLines::new(lines);
    let fault = lines.fault();
    (vec![Box::new(lines), Box::new(console)], Some(fault))
}

/// Whole lines of one of several sites, each with its name: lines of others may lie between them, never in them.
struct SiteLines<W> {
    to: W,
    beginning: String,
    /// Bytes of each line that the beginning stands for.
    replaced: usize,
    line: Vec<u8>,
}

impl<W: Write> SiteLines<W> {
    fn new(to: W, beginning: String, replaced: usize) -> Self {
        Self { to, beginning, replaced, line: Vec::new() }
    }
}

impl<W: Write> Write for SiteLines<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.line.extend_from_slice(bytes);
        let Some(end) = self.line.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(bytes.len());
        };
        let mut whole = Vec::new();
        for line in self.line.drain(..=end).as_slice().split_inclusive(|byte| *byte == b'\n') {
            whole.extend_from_slice(self.beginning.as_bytes());
            whole.extend_from_slice(line.get(self.replaced..).unwrap_or_default());
        }
        self.to.write_all(&whole)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_whose_it_is() {
        let mut out = Vec::new();
        let mut lines = SiteLines::new(&mut out, "left | ".to_owned(), 0);
        for part in ["one\ntw", "o\n", "", "half"] {
            lines.write_all(part.as_bytes()).unwrap();
        }
        assert_eq!(out, b"left | one\nleft | two\n");
        let mut out = Vec::new();
        SiteLines::new(&mut out, "{\"site\":\"a\",".to_owned(), 1)
            .write_all(b"{\"seq\":1}\n")
            .unwrap();
        assert_eq!(out, b"{\"site\":\"a\",\"seq\":1}\n");
    }
}
