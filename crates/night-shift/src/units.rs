//! A service and a timer for systemd, as texts.

use std::fmt::Write;
use std::time::Duration;

use crate::calendar::Calendar;

/// Before the name of a schedule, in the names of its units.
const PREFIX: &str = "scpi-run-";
/// Beyond a sweep's budget, until systemd itself ends it.
const BEYOND_BUDGET: Duration = Duration::from_secs(10 * 60);

/// Whose units they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One user's: `systemctl --user`.
    User,
    /// The machine's.
    System,
}

/// What units are made of.
#[derive(Clone, Debug)]
pub struct UnitSpec<'a> {
    /// The schedule's name.
    pub name: &'a str,
    /// When.
    pub on: &'a Calendar,
    /// Held back by up to so much.
    pub jitter: Duration,
    /// All of it ends within this time.
    pub budget: Option<Duration>,
    /// Our own program, by its whole path.
    pub program: &'a str,
    /// What it is given to run the sweep.
    pub arguments: &'a [String],
    /// The bench files whose outputs are switched off afterwards, by their whole paths.
    pub benches: &'a [String],
    /// Where it runs, by its whole path.
    pub folder: &'a str,
    /// What its environment holds besides: where journals are. No secrets.
    pub environment: &'a [(String, String)],
    /// Whose they are.
    pub scope: Scope,
}

/// The texts, and the names of their files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Units {
    /// `scpi-run-nightly.service`.
    pub service_name: String,
    /// What is in it.
    pub service: String,
    /// `scpi-run-nightly.timer`.
    pub timer_name: String,
    /// What is in it.
    pub timer: String,
}

impl Units {
    /// Writes them.
    #[must_use]
    pub fn of(spec: &UnitSpec<'_>) -> Self {
        Self {
            service_name: format!("{PREFIX}{}.service", spec.name),
            service: service(spec),
            timer_name: format!("{PREFIX}{}.timer", spec.name),
            timer: timer(spec),
        }
    }
}

fn service(spec: &UnitSpec<'_>) -> String {
    let mut text = format!(
        "# Written by `scpi-run schedule add`; `scpi-run schedule remove {0}` takes it away.\n\
         [Unit]\nDescription=Regression sweep {0} of scpi-run\n",
        spec.name
    );
    if spec.scope == Scope::System {
        text.push_str("Wants=network-online.target\nAfter=network-online.target\n");
    }
    // A folder is no argument: spaces in it are its own.
    let folder = spec.folder.replace('%', "%%");
    let _ = write!(text, "\n[Service]\nType=oneshot\nWorkingDirectory={folder}\n");
    for (name, value) in spec.environment {
        let _ = writeln!(text, "Environment={}", quoted(&format!("{name}={value}"), false));
    }
    let _ = writeln!(text, "ExecStart={}", command(spec.program, spec.arguments));
    text.push_str(
        "# The exit code of a test is no fault of the service.\nSuccessExitStatus=10 11\n",
    );
    text.push_str(
        "# Only the sweep is asked to stop, and asks its runs: their guardians must outlive them.\n\
         KillMode=process\nOOMPolicy=continue\nTimeoutStopSec=120s\n",
    );
    match spec.budget {
        Some(budget) => {
            let seconds = (budget + spec.jitter + BEYOND_BUDGET).as_secs();
            let _ = writeln!(text, "TimeoutStartSec={seconds}s");
        }
        None => text.push_str("TimeoutStartSec=infinity\n"),
    }
    if !spec.benches.is_empty() {
        text.push_str("# However it ended: every output off, and asked whether it is.\n");
    }
    for bench in spec.benches {
        let words = ["safe", "--bench", bench].map(str::to_owned);
        let _ = writeln!(text, "ExecStopPost=-{}", command(spec.program, &words));
    }
    text
}

fn timer(spec: &UnitSpec<'_>) -> String {
    let jitter = match spec.jitter.as_secs() {
        0 => String::new(),
        seconds => format!("RandomizedDelaySec={seconds}s\n"),
    };
    format!(
        "# Written by `scpi-run schedule add`; `scpi-run schedule remove {0}` takes it away.\n\
         [Unit]\nDescription=Regression sweep {0} of scpi-run, by the clock\n\n\
         [Timer]\nOnCalendar={1}\n# A machine that slept makes it up, once.\nPersistent=true\n{jitter}AccuracySec=1s\n\n\
         [Install]\nWantedBy=timers.target\n",
        spec.name, spec.on
    )
}

fn command(program: &str, arguments: &[String]) -> String {
    let words = std::iter::once(quoted(program, false));
    let words = words.chain(arguments.iter().map(|word| quoted(word, true)));
    words.collect::<Vec<_>>().join(" ")
}

/// A word as systemd reads it (systemd.syntax(7), "Quoting"): specifiers and variables are no more than their letters.
fn quoted(word: &str, has_variables: bool) -> String {
    let mut text = String::new();
    for letter in word.chars() {
        match letter {
            '%' => text.push_str("%%"),
            '$' if has_variables => text.push_str("$$"),
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,+@%$".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use super::*;

    fn units(scope: Scope, program: &str) -> Units {
        let arguments = ["schedule", "run", "/lab/night 100%.toml", "--trigger", "scheduled"];
        Units::of(&UnitSpec {
            name: "nightly",
            on: &"Mon..Fri 22:00 Europe/Berlin".parse().unwrap(),
            jitter: Duration::from_secs(300),
            budget: Some(Duration::from_secs(8 * 3600)),
            program,
            arguments: &arguments.map(str::to_owned),
            benches: &["/lab/lab.toml".to_owned()],
            folder: "/",
            environment: &[("XDG_DATA_HOME".to_owned(), "/var/lib".to_owned())],
            scope,
        })
    }

    #[test]
    fn the_units_say_when_what_and_that_the_bench_is_left_off() {
        let units = units(Scope::System, "/usr/bin/scpi-run");
        assert_eq!(units.service_name, "scpi-run-nightly.service");
        for line in [
            "WorkingDirectory=/",
            "Environment=XDG_DATA_HOME=/var/lib",
            "ExecStart=/usr/bin/scpi-run schedule run \"/lab/night 100%%.toml\" --trigger scheduled",
            "ExecStopPost=-/usr/bin/scpi-run safe --bench /lab/lab.toml",
            "TimeoutStartSec=29700s",
            "KillMode=process",
        ] {
            assert!(units.service.lines().any(|own| own == line), "{line}: {}", units.service);
        }
        for line in [
            "OnCalendar=Mon..Fri 22:00 Europe/Berlin",
            "Persistent=true",
            "RandomizedDelaySec=300s",
        ] {
            assert!(units.timer.lines().any(|own| own == line), "{line}: {}", units.timer);
        }
        assert_eq!(quoted("a\"b$c d\\", true), "\"a\\\"b$$c d\\\\\"");
    }
}
