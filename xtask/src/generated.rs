//! `cargo xtask generated`: files that are made from code, compared with what the code gives now.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Checked, picture, reference};

/// What to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Say where it differs.
    Compare,
    /// Write it anew.
    Write,
}

/// Columns to which help is set: the same on every screen.
const HELP_COLUMNS: &str = "100";

/// How a line about a difference is cut, in characters.
const SHOWN_CHARACTERS: usize = 100;

/// How deep commands have commands of their own.
const MAX_COMMAND_DEPTH: usize = 4;

/// Variables that programs of ours read and whose values help would show, by how they begin.
const OWN_VARIABLES: &[&str] = &["DATABASE_URL", "PG", "SCPI_RUN_", "XDG_CONFIG_HOME"];

type Made = Result<String, Box<dyn Error>>;

/// A file and what makes it.
struct Generated {
    path: &'static str,
    make: fn(&Path) -> Made,
}

const FILES: &[Generated] = &[
    Generated {
        path: "testplans/plan.schema.json",
        make: |root| scpi_run(root, &["schema", "plan"]),
    },
    Generated {
        path: "testplans/bench.schema.json",
        make: |root| scpi_run(root, &["schema", "bench"]),
    },
    Generated { path: "docs/plan-reference.md", make: plan_reference },
    Generated { path: "docs/picture.svg", make: picture::picture },
    Generated {
        path: "testplans/sweep.schema.json",
        make: |root| scpi_run(root, &["schema", "sweep"]),
    },
    Generated { path: "fixtures/help.txt", make: |root| help(root, &[]) },
    Generated { path: "fixtures/schema.sql", make: dumped_schema },
    Generated { path: "fixtures/schema/catalogue.txt", make: dumped_catalogue },
];

/// Compares or writes every file, or only those that are named, and says whether all are as they should be.
pub(crate) fn run(root: &Path, mode: Mode, only: &[&str]) -> Checked {
    if let Some(name) = only.iter().find(|name| FILES.iter().all(|file| file.path != **name)) {
        return Err(format!("no code makes '{name}'").into());
    }
    let meant = FILES.iter().filter(|file| only.is_empty() || only.contains(&file.path));
    let well: Vec<bool> = meant.map(|file| is_well(root, mode, file)).collect();
    let all_is_well = well.iter().all(|&well| well);
    if !all_is_well && mode == Mode::Compare {
        eprintln!("write them anew with: cargo xtask generated --write");
    }
    Ok(all_is_well)
}

/// A file that cannot be made or written is told, and hides no other.
fn is_well(root: &Path, mode: Mode, file: &Generated) -> bool {
    let made = (file.make)(root).and_then(|made| match mode {
        Mode::Compare => Ok(compare(root, file.path, &made)),
        Mode::Write => write(root, file.path, &made).map(|()| true),
    });
    made.unwrap_or_else(|error| {
        eprintln!("{}: {error}", file.path);
        false
    })
}

fn compare(root: &Path, path: &str, made: &str) -> bool {
    let difference = match fs::read_to_string(root.join(path)) {
        Ok(found) => first_difference(&found, made),
        Err(error) => Some(error.to_string()),
    };
    match &difference {
        Some(difference) => eprintln!("{path}: {difference}"),
        None => println!("{path}: as the code makes it"),
    }
    difference.is_none()
}

fn write(root: &Path, path: &str, made: &str) -> Result<(), Box<dyn Error>> {
    let file = root.join(path);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, made)?;
    println!("{path}: written");
    Ok(())
}

/// The first line that is not the same in both.
fn first_difference(found: &str, made: &str) -> Option<String> {
    if found == made {
        return None;
    }
    let (mut found, mut made) = (found.split('\n'), made.split('\n'));
    for number in 1.. {
        let (old, new) = (found.next(), made.next());
        if old != new {
            let (old, new) = (shown(old), shown(new));
            return Some(format!("line {number} is {old}, but the code makes {new}"));
        }
        if old.is_none() {
            break;
        }
    }
    None
}

fn shown(line: Option<&str>) -> String {
    let cut = |line: &str| line.chars().take(SHOWN_CHARACTERS).collect::<String>();
    line.map_or_else(|| "missing".to_owned(), |line| format!("`{}`", cut(line)))
}

/// What a program of ours prints, without a terminal and without the caller's own settings.
fn cargo_run(root: &Path, arguments: &[&str]) -> Made {
    let own = |name: &OsString| {
        let name = name.to_string_lossy();
        OWN_VARIABLES.iter().any(|own| name.starts_with(own))
    };
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet"]).args(arguments).current_dir(root);
    command.stdin(Stdio::null()).env("COLUMNS", HELP_COLUMNS).env("NO_COLOR", "1");
    std::env::vars_os().map(|(name, _)| name).filter(own).for_each(|name| {
        command.env_remove(name);
    });
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo run {} gave no answer: {said}", arguments.join(" ")).into());
    }
    if output.stdout.is_empty() {
        return Err(format!("cargo run {} printed nothing", arguments.join(" ")).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn scpi_run(root: &Path, arguments: &[&str]) -> Made {
    cargo_run(root, &[&["--package", "scpi-run", "--"], arguments].concat())
}

fn plan_reference(root: &Path) -> Made {
    reference::reference(&scpi_run(root, &["schema", "plan"])?)
}

fn dumped_schema(root: &Path) -> Made {
    cargo_run(root, &["--package", "result-store", "--example", "dump_schema"])
}

fn dumped_catalogue(root: &Path) -> Made {
    cargo_run(root, &["--package", "result-store", "--example", "dump_catalogue"])
}

/// The help of a command and of all commands below it.
fn help(root: &Path, command: &[&str]) -> Made {
    let own = scpi_run(root, &[command, &["--help"]].concat())?;
    let title = [&["scpi-run"], command, &["--help"]].concat().join(" ");
    let mut whole = format!("$ {title}\n{}\n\n", own.trim_end());
    for below in commands(&own).filter(|_| command.len() < MAX_COMMAND_DEPTH) {
        whole += &help(root, &[command, &[below]].concat())?;
    }
    Ok(whole)
}

/// The names under `Commands:` in a help text, `help` itself left out.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let entries = listed.take_while(|line| !line.is_empty());
    // A name is set in by two; what is said of it, where it goes on, by more.
    let named =
        entries.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    named.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_by_its_first_line() {
        for (found, made, wanted) in [
            ("a\nb\n", "a\nb\n", None),
            ("a\nb\n", "a\nc\n", Some("line 2 is `b`, but the code makes `c`")),
            ("a\n", "a", Some("line 2 is ``, but the code makes missing")),
            ("a\n", "a\nb\n", Some("line 2 is ``, but the code makes `b`")),
        ] {
            assert_eq!(first_difference(found, made).as_deref(), wanted, "{found:?} {made:?}");
        }
    }

    #[test]
    fn commands_are_read_from_help() {
        let help = "Runs plans\n\nUsage: x\n\nCommands:\n  check    All faults\n  db       The database,\n           \
                    and more\n  help     This\n\nOptions:\n  -h  no command\n";
        assert_eq!(commands(help).collect::<Vec<_>>(), ["check", "db"]);
        assert_eq!(commands("Usage: x\n").count(), 0);
    }

    #[test]
    fn a_file_is_compared_and_written() {
        let folder = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        assert!(!compare(&folder, "made/a.txt", "a\n"));
        write(&folder, "made/a.txt", "a\n").unwrap();
        assert!(compare(&folder, "made/a.txt", "a\n"));
        assert!(!compare(&folder, "made/a.txt", "b\n"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
