//! What options are when the command line does not say: from the environment, else from the settings file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command};

use crate::environment;
use crate::failure::Failure;

/// Before an option's name in capitals: `SCPI_RUN_BENCH`.
const PREFIX: &str = "SCPI_RUN_";

/// Bytes of a settings file, at most.
const MAX_BYTES: u64 = 1 << 20;

/// Options that are asked for at the moment, or not at all.
const NEVER: [&str; 2] = ["help", "version"];

/// The settings file, `~/.config/scpi-run/config.toml`.
#[derive(Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    /// The bench file that is used without `--bench` and `--sim`.
    bench: Option<PathBuf>,
    /// The database that is used without `--db`.
    database: Option<String>,
    /// Who runs plans.
    operator: Option<String>,
    /// The folder of reports of every run.
    report: Option<PathBuf>,
    /// HTML around reports.
    letterhead: Option<PathBuf>,
    /// Who tests, for reports.
    laboratory: Option<String>,
    /// Who answers for reports.
    authorised_by: Option<String>,
    /// The key of the credentials.
    key_file: Option<PathBuf>,
}

impl SettingsFile {
    /// By the names of the options; paths are seen from the file's folder.
    fn by_option(self, folder: &Path) -> BTreeMap<&'static str, String> {
        let path = |path: PathBuf| folder.join(path).display().to_string();
        let all = [
            ("bench", self.bench.map(path)),
            ("db", self.database),
            ("operator", self.operator),
            ("report", self.report.map(path)),
            ("letterhead", self.letterhead.map(path)),
            ("laboratory", self.laboratory),
            ("authorised-by", self.authorised_by),
            ("key-file", self.key_file.map(path)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// The values of options that the command line does not give.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    file: BTreeMap<&'static str, String>,
}

impl Settings {
    /// Reads the settings file, where there is one; says in words what is wrong with it.
    pub(crate) fn read() -> Result<Self, String> {
        let Some(file) = environment::settings_file() else { return Ok(Self::default()) };
        let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let bytes = match std::fs::metadata(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            metadata => metadata.map_err(|error| fault(&error))?.len(),
        };
        if bytes > MAX_BYTES {
            return Err(fault(&format!("{bytes} bytes are too many; at most {MAX_BYTES}")));
        }
        let text = std::fs::read_to_string(&file).map_err(|error| fault(&error))?;
        let settings: SettingsFile = toml::from_str(&text).map_err(|error| fault(&error))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Ok(Self { file: settings.by_option(folder) })
    }

    /// The command line with these values in it, in all of its commands. They are as good as none where two options
    /// exclude each other: what the command line says stands.
    pub(crate) fn applied_to(&self, command: Command) -> Command {
        let command = command.mut_args(|argument| self.with_value(argument));
        command.mut_subcommands(|below| self.applied_to(below))
    }

    fn with_value(&self, argument: Arg) -> Arg {
        let Some(name) = argument.get_long().filter(|name| !NEVER.contains(name)) else {
            return argument;
        };
        let given = environment::variable(&variable(name));
        let Some(value) = given.clone().or_else(|| self.file.get(name).cloned()) else {
            return argument;
        };
        // Our own name stands above one that others use too, and that above the file.
        let argument = if given.is_some() { argument.env(Resettable::Reset) } else { argument };
        let argument = argument.required(false);
        match argument.get_action() {
            ArgAction::SetTrue if is_false(&value) => argument,
            ArgAction::SetTrue => argument.default_value("true"),
            ArgAction::Append => {
                argument.default_values(value.lines().map(str::to_owned)).hide_default_value(true)
            }
            _ => argument.default_value(value).hide_default_value(true),
        }
    }
}

/// Names the database of every run from now on in the settings file, and leaves its other lines as they are. The file.
pub(crate) fn set_database(words: &str) -> Result<PathBuf, Failure> {
    let file = environment::settings_file()
        .ok_or_else(|| Failure::usage("HOME is not set, so there is no settings file"))?;
    let fault = |error: std::io::Error| Failure::usage(format!("{}: {error}", file.display()));
    let folder = file.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder).map_err(fault)?;
    let before = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(fault)?,
    };
    // Put there whole, so that a crash leaves the one or the other.
    let part = file.with_extension("toml.partial");
    std::fs::write(&part, with_database(&before, words)).map_err(fault)?;
    std::fs::File::open(&part).and_then(|written| written.sync_all()).map_err(fault)?;
    std::fs::rename(&part, &file).map_err(fault)?;
    Ok(file)
}

/// The text of a settings file with another database. Its keys stand before any table, so the first line will do.
fn with_database(before: &str, words: &str) -> String {
    let is_it = |line: &&str| {
        line.trim_start()
            .strip_prefix("database")
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let others = before.lines().filter(|line| !is_it(line)).map(|line| format!("{line}\n"));
    let value = toml::Value::String(words.to_owned());
    std::iter::once(format!("database = {value}\n")).chain(others).collect()
}

/// `SCPI_RUN_NO_FETCH` of `no-fetch`.
fn variable(option: &str) -> String {
    format!("{PREFIX}{}", option.replace('-', "_").to_ascii_uppercase())
}

fn is_false(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::args::Arguments;

    fn settings(text: &str) -> Settings {
        let file: SettingsFile = toml::from_str(text).unwrap();
        Settings { file: file.by_option(Path::new("/etc/lab")) }
    }

    fn read(settings: &Settings, words: &[&str]) -> Arguments {
        let command = settings.applied_to(Arguments::command());
        let matches = command.try_get_matches_from(words).unwrap();
        Arguments::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let settings =
            settings("bench = 'b.toml'\ndatabase = 'none'\noperator = 'ada'\nreport = '/r'");
        let run = read(&settings, &["scpi-run", "a.toml"]).run;
        assert_eq!(run.bench.bench, Some("/etc/lab/b.toml".into()));
        assert_eq!(run.operator.as_deref(), Some("ada"));
        assert_eq!(run.conduct.report, Some("/r".into()));
        let run = read(&settings, &["scpi-run", "a.toml", "--bench", "c.toml"]).run;
        assert_eq!(run.bench.bench, Some("c.toml".into()));
        // A setting excludes nothing.
        let run = read(&settings, &["scpi-run", "a.toml", "--sim"]).run;
        assert_eq!(run.bench.sim.as_deref(), Some(""));
        // What a command must have may come from the file.
        assert!(read(&settings, &["scpi-run", "safe"]).command.is_some());
    }

    #[test]
    fn a_word_that_no_setting_has_is_refused_with_its_place() {
        let error = toml::from_str::<SettingsFile>("bench = 'a'\ncolour = 'red'").unwrap_err();
        let error = error.to_string();
        assert!(error.contains("line 2") && error.contains("colour"), "{error}");
    }

    #[test]
    fn another_database_leaves_the_other_lines() {
        let before = "# ours\nbench = 'b.toml'\n  database = 'none'\noperator = 'ada'\n";
        let after = with_database(before, r#"host='/a "b"' user=ann"#);
        let expected = "# ours\nbench = 'b.toml'\noperator = 'ada'\n";
        assert!(after.ends_with(expected), "{after}");
        let read: SettingsFile = toml::from_str(&after).unwrap();
        assert_eq!(read.database.as_deref(), Some(r#"host='/a "b"' user=ann"#));
    }

    #[test]
    fn variables_are_named_after_options() {
        for (option, name) in [("no-fetch", "SCPI_RUN_NO_FETCH"), ("db", "SCPI_RUN_DB")] {
            assert_eq!(variable(option), name);
        }
        for (value, wanted) in [("0", true), ("No", true), ("", true), ("1", false), ("yes", false)]
        {
            assert_eq!(is_false(value), wanted, "{value}");
        }
    }
}
