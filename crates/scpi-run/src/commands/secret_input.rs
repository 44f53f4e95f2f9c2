//! Secrets from a person or a program: never from the command line, which every process may read.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};

use result_store::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::failure::{Failure, Result};

/// The most bytes of a secret: a private key has some thousands.
const MAX_BYTES: u64 = 1 << 16;
const TERMINAL: &str = "/dev/tty";

/// A line: asked for twice where a person sits at a terminal, else what standard input holds, less its line end.
pub(crate) fn read_new(what: &str) -> Result<Secret> {
    let secret = if std::io::stdin().is_terminal() { ask_twice(what)? } else { first_line()? };
    if secret.is_empty() {
        return Err(Failure::usage(format!("no {what} was given: it comes from standard input")));
    }
    Ok(secret)
}

/// All of standard input, line ends included: a private key has many.
pub(crate) fn read_whole(what: &str) -> Result<Secret> {
    if std::io::stdin().is_terminal() {
        let advice = "give its file to standard input: < FILE";
        return Err(Failure::usage(format!("the {what} has many lines: {advice}")));
    }
    let secret = Secret::new(bounded(std::io::stdin().lock())?);
    if secret.is_empty() {
        return Err(Failure::usage(format!("no {what} came from standard input")));
    }
    Ok(secret)
}

fn first_line() -> Result<Secret> {
    let mut text = bounded(std::io::stdin().lock())?;
    without_line_end(&mut text);
    if text.contains('\n') {
        return Err(Failure::usage("standard input has more than one line"));
    }
    Ok(Secret::new(text))
}

fn bounded(input: impl Read) -> Result<String> {
    let mut text = String::new();
    let read = input.take(MAX_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(Failure::usage(format!("a secret has at most {MAX_BYTES} bytes")));
    }
    Ok(text)
}

fn without_line_end(text: &mut String) {
    if text.ends_with('\n') {
        text.pop();
    }
    if text.ends_with('\r') {
        text.pop();
    }
}

fn ask_twice(what: &str) -> Result<Secret> {
    let mut terminal = Terminal::open()?;
    let one = terminal.ask(&format!("{what}: "))?;
    let two = terminal.ask("again: ")?;
    if one == two { Ok(one) } else { Err(Failure::usage("the two are not the same")) }
}

/// The terminal, which does not show what is typed until this is dropped.
struct Terminal {
    input: BufReader<File>,
    output: File,
    before: Termios,
}

impl Terminal {
    fn open() -> Result<Self> {
        let failed = |error: std::io::Error| Failure::usage(format!("{TERMINAL}: {error}"));
        let output = File::options().read(true).write(true).open(TERMINAL).map_err(failed)?;
        let input = BufReader::new(output.try_clone().map_err(failed)?);
        let before = tcgetattr(&output).map_err(|error| failed(error.into()))?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&output, OptionalActions::Flush, &silent)
            .map_err(|error| failed(error.into()))?;
        Ok(Self { input, output, before })
    }

    fn ask(&mut self, question: &str) -> Result<Secret> {
        let mut line = String::new();
        let asked = self.output.write_all(question.as_bytes());
        let read = asked.and_then(|()| self.input.by_ref().take(MAX_BYTES).read_line(&mut line));
        // The line's end was not shown either.
        let ended = read.and_then(|_| self.output.write_all(b"\n"));
        ended.map_err(|error| Failure::usage(format!("{TERMINAL}: {error}")))?;
        without_line_end(&mut line);
        Ok(Secret::new(line))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // There is nothing to be done for a terminal that went away.
        let _ = tcsetattr(&self.output, OptionalActions::Flush, &self.before);
    }
}
