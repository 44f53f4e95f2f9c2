//! `scpi-run console`: an instrument, line by line.

use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::time::Duration;

use bench_catalog::Dialect;
use bench_instruments::spoken;
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use scpi_client::{ClientConfig, ClientError, Instrument, Resynchronised};
use scpi_protocol::address::Address;

use crate::commands::print;
use crate::commands::query::{EXPLANATION_WAIT, shown};
use crate::dialects::dialects;
use crate::environment::data_folder;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;
use crate::tape;

/// Entries of the error queue that are shown after a line.
const SHOWN_ERRORS: usize = 32;

/// Lines that are kept for the arrow keys.
const KEPT_LINES: usize = 1000;

const HELP: &str = "\
A line with a query is answered; any other line is sent. Then the error queue is shown.
  .status      the status byte
  .clear       device clear, or another way back into step
  .errors      show the error queue after each line, or do not
  .timeout MS  how long an answer is waited for
  .quit        as Ctrl-D
";

/// Talks to an instrument until the end of the input. What fails is told, and does not end it.
pub(crate) fn console(address: &str, timeout_ms: u64, trace: Option<&Path>) -> Result<Exit> {
    let address: Address = address.parse().map_err(Failure::usage)?;
    let tape = trace.map(tape::open).transpose()?;
    block_on(async {
        let mut console = Console::open(&address, Duration::from_millis(timeout_ms), tape).await?;
        let mut lines = Lines::open()?;
        while let Some(line) = lines.next()? {
            if !console.obey(line.trim()).await {
                break;
            }
        }
        lines.keep();
        Ok(Exit::Pass)
    })
}

struct Console {
    instrument: Instrument,
    timeout: Duration,
    /// The query for the next entry; none where the instrument has no queue.
    error_query: Option<String>,
    shows_errors: bool,
}

impl Console {
    async fn open(
        address: &Address,
        timeout: Duration,
        tape: Option<std::sync::Arc<dyn scpi_client::Tape>>,
    ) -> Result<Self> {
        let config = ClientConfig { read_timeout: timeout, ..ClientConfig::default() };
        let dialects = dialects()?;
        let connect = |config| Instrument::connect_taped(address, config, tape.clone());
        let mut instrument = connect(config.clone()).await.map_err(Failure::instrument)?;
        let mut dialect = dialects.plain();
        match instrument.identify().await {
            Ok(identity) => {
                print(&format!("{identity}\n"));
                dialect = dialects.for_identity(&identity).or(dialect);
                let own = dialect.map_or(config.clone(), |dialect| spoken(dialect, config.clone()));
                if (own.min_gap, own.framing) != (config.min_gap, config.framing) {
                    instrument.disconnect().await;
                    instrument = connect(own).await.map_err(Failure::instrument)?;
                }
            }
            Err(error) => tell(&error),
        }
        Ok(Self { instrument, timeout, error_query: error_query(dialect), shows_errors: true })
    }

    /// `false` ends it.
    async fn obey(&mut self, line: &str) -> bool {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("", _) => {}
            (".quit" | "quit" | "exit", _) => return false,
            (".help", _) => print(HELP),
            (".status", _) => match self.instrument.status_byte().await {
                Ok(byte) => print(&format!("{} ({:#010b})\n", byte.0, byte.0)),
                Err(error) => tell(&error),
            },
            (".clear", _) => match self.instrument.resynchronise().await {
                Ok(how) => print(&format!("{}\n", said(&how))),
                Err(error) => tell(&error),
            },
            (".errors", _) => self.shows_errors = !self.shows_errors,
            (".timeout", ms) => match ms.trim().parse() {
                Ok(ms) => self.timeout = Duration::from_millis(ms),
                Err(_) => say!("a number of milliseconds is wanted, such as .timeout 10000"),
            },
            (word, _) if word.starts_with('.') => say!("there is no {word}; .help lists all"),
            _ => self.exchange(line).await,
        }
        true
    }

    async fn exchange(&mut self, line: &str) {
        let done = if line.contains('?') {
            let answer = self.instrument.query_within(line, self.timeout).await;
            answer.map(|answer| print(&format!("{}\n", shown(&answer))))
        } else {
            self.instrument.write(line).await
        };
        let timed_out = match done {
            Ok(()) => false,
            Err(error) => {
                tell(&error);
                error.is_timeout()
            }
        };
        if self.shows_errors {
            self.show_errors(timed_out).await;
        }
    }

    /// An instrument that does not answer the query for its errors has no queue, and is not asked again.
    async fn show_errors(&mut self, timed_out: bool) {
        let Some(query) = &self.error_query else { return };
        let drained = self.instrument.drain_errors_by(query, SHOWN_ERRORS);
        match tokio::time::timeout(EXPLANATION_WAIT, drained).await {
            Ok(Ok(drained)) => {
                for entry in drained.entries {
                    say!("! {entry}");
                }
            }
            _ if timed_out => say!("! its error queue does not answer either"),
            _ => {
                say!("! {query} is not answered; it is not asked any more");
                self.error_query = None;
            }
        }
    }
}

fn error_query(dialect: Option<&Dialect>) -> Option<String> {
    dialect.and_then(|dialect| dialect.error_query.clone()).filter(|query| !query.is_empty())
}

fn tell(error: &ClientError) {
    say!("{}", error.explanation());
}

fn said(how: &Resynchronised) -> String {
    match how {
        Resynchronised::WasInStep => "it was in step".to_owned(),
        Resynchronised::ByProbe { thrown_away } => {
            format!("in step again by *IDN?; older answers thrown away: {thrown_away}")
        }
        Resynchronised::ByDeviceClear => "in step again by a device clear".to_owned(),
        Resynchronised::ByControlPort { thrown_away } => format!(
            "in step again by a device clear on the control port; older answers thrown away: {thrown_away}"
        ),
        _ => "in step again on a new connection".to_owned(),
    }
}

/// Lines of a person, or of a file.
enum Lines {
    Terminal(Box<DefaultEditor>),
    Input,
}

impl Lines {
    fn open() -> Result<Self> {
        if !std::io::stdin().is_terminal() {
            return Ok(Self::Input);
        }
        let config = rustyline::Config::builder().max_history_size(KEPT_LINES);
        let config = config.map_err(Failure::internal)?.auto_add_history(true).build();
        let mut editor = DefaultEditor::with_config(config).map_err(Failure::internal)?;
        if let Ok(folder) = data_folder() {
            // The first time there is none.
            let _ = editor.load_history(&folder.join(HISTORY_FILE));
        }
        print(".help lists what else than SCPI is understood\n");
        Ok(Self::Terminal(Box::new(editor)))
    }

    fn next(&mut self) -> Result<Option<String>> {
        match self {
            Self::Terminal(editor) => match editor.readline("> ") {
                Ok(line) => Ok(Some(line)),
                Err(ReadlineError::Interrupted | ReadlineError::Eof) => Ok(None),
                Err(error) => Err(Failure::internal(error)),
            },
            Self::Input => {
                let line = std::io::stdin().lock().lines().next().transpose();
                line.map_err(|error| Failure::usage(format!("standard input: {error}")))
            }
        }
    }

    fn keep(&mut self) {
        if let Self::Terminal(editor) = self
            && let Ok(folder) = data_folder()
            && std::fs::create_dir_all(&folder).is_ok()
        {
            // Lines that cannot be kept are no reason to fail.
            let _ = editor.save_history(&folder.join(HISTORY_FILE));
        }
    }
}

/// In the folder of all that we keep.
const HISTORY_FILE: &str = "console-history";
