//! `scpi-run report`: files made of one run's journal, after the run or at its end.

use std::cmp::Ordering::Equal;
use std::path::{Path, PathBuf};

use bench_model::{Quantity, Record, RunEvent, SessionStart, Timestamp, without_cuts};
use run_journal::Observer as _;
use run_journal::{read_all, verify};
use test_report::{Amendment, HtmlOptions, JsonLines, REPORT_PLACE};

use crate::args::{DatabaseArguments, ReportFiles, RunReportArguments};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian;
use crate::past::{self, from_database};
use crate::runtime::block_on;

/// Characters of a plan's name in a file's name.
const MAX_NAME_CHARS: usize = 40;

/// Writes what was asked for of one past run.
pub(crate) fn report(arguments: &RunReportArguments) -> Result<Exit> {
    let RunReportArguments { run, files, json, database, .. } = arguments;
    check(files)?;
    if files.wanted().next().is_none() && !json {
        return Err(Failure::usage(
            "nothing to write: give --html FILE, --csv FILE, --parquet FILE, --junit FILE or --json, or several of \
             them",
        ));
    }
    let journals = environment::journal_folder()?;
    let mut material = match past::journal_of(&journals, run)? {
        Some(file) => Material::read(files, &file.path)?,
        None => Material::of_rows(files, run, database)?,
    };
    material.options.amendment = amendment(arguments);
    if *json {
        material.print_lines()?;
    }
    Ok(Exit::worst(material.write_all(files.wanted())))
}

fn amendment(arguments: &RunReportArguments) -> Option<Amendment> {
    let (number, reason) = arguments.amendment.zip(arguments.reason.clone())?;
    Some(Amendment { number, reason })
}

/// Whether the letterhead can be used: asked before a run, so that the run is not in vain.
pub(crate) fn check(files: &ReportFiles) -> Result<()> {
    match letterhead(files)? {
        Some(text) if !text.contains(REPORT_PLACE) => Err(Failure::usage(format!(
            "the letterhead has no {REPORT_PLACE}, which is where the report goes"
        ))),
        _ => Ok(()),
    }
}

/// Writes every file that is wanted, and all kinds into the folder; says what cannot be written, and how that ends.
pub(crate) fn write(files: &ReportFiles, folder: Option<&Path>, journal: &Path) -> Vec<Exit> {
    if files.wanted().next().is_none() && folder.is_none() {
        return Vec::new();
    }
    let material = match Material::read(files, journal) {
        Ok(material) => material,
        Err(failure) => return vec![failure.tell()],
    };
    let mut exits = material.write_all(files.wanted());
    if let Some(folder) = folder {
        if let Err(error) = std::fs::create_dir_all(folder) {
            let failure = Failure::store(format!("--report {}: {error}", folder.display()));
            exits.push(failure.tell());
            return exits;
        }
        let name = material.name();
        let all = Kind::ALL.map(|kind| (kind, folder.join(format!("{name}.{}", kind.ending()))));
        exits.extend(material.write_all(all.iter().map(|(kind, file)| (*kind, file.as_path()))));
    }
    exits
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Html,
    Csv,
    Parquet,
    Junit,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Html, Self::Csv, Self::Parquet, Self::Junit];

    fn option(self) -> &'static str {
        match self {
            Self::Html => "--html",
            Self::Csv => "--csv",
            Self::Parquet => "--parquet",
            Self::Junit => "--junit",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Junit => "junit.xml",
        }
    }
}

impl ReportFiles {
    fn wanted(&self) -> impl Iterator<Item = (Kind, &Path)> {
        let all = [
            (Kind::Html, &self.html),
            (Kind::Csv, &self.csv),
            (Kind::Parquet, &self.parquet),
            (Kind::Junit, &self.junit),
        ];
        all.into_iter().filter_map(|(kind, file)| Some((kind, file.as_deref()?)))
    }
}

/// What a report is made of.
struct Material {
    records: Vec<Record>,
    options: HtmlOptions,
}

impl Material {
    fn read(files: &ReportFiles, journal: &Path) -> Result<Self> {
        let options = HtmlOptions {
            chain_head: Some(verify(journal).map_err(Failure::store)?.chain_head),
            guardian: guardian::told(journal),
            ..options(files)?
        };
        let records = read_all(journal).map_err(Failure::store)?;
        Ok(Self { records: without_cuts(records), options }.with_plan())
    }

    /// Of a run whose journal is elsewhere.
    fn of_rows(files: &ReportFiles, run: &str, database: &DatabaseArguments) -> Result<Self> {
        let found = from_database(database, |open| {
            block_on(async {
                let mut store = open.connect().await.map_err(Failure::store)?;
                let Some(record) = past::of_store(&mut store, run).await? else { return Ok(None) };
                let id = record.start.map(|start| start.session.to_string()).unwrap_or_default();
                store.records(&id).await.map_err(Failure::store)
            })
        })?;
        let records = found.flatten().ok_or_else(|| {
            Failure::usage(format!("no run begins with '{run}'; `scpi-run history` lists them"))
        })?;
        Ok(Self { records: without_cuts(records), options: options(files)? }.with_plan())
    }

    /// Writes files; says what cannot be written.
    fn write_all<'f>(&self, wanted: impl Iterator<Item = (Kind, &'f Path)>) -> Vec<Exit> {
        let written = wanted.map(|(kind, file)| self.write(kind, file));
        written.filter_map(|written| written.err().map(Failure::tell)).collect()
    }

    /// Every event as `run --json` gives it, to standard output.
    fn print_lines(&self) -> Result<()> {
        let mut lines = JsonLines::new(std::io::stdout());
        let fault = lines.fault();
        lines.synced(&self.records);
        fault.get().map_or(Ok(()), |error| Err(Failure::store(format!("standard output: {error}"))))
    }

    /// With what the plan's own text says of its parameters and of calibration.
    fn with_plan(mut self) -> Self {
        let plan = self.start().and_then(|start| Some((start, start.plan.text.parse().ok()?)));
        let changed = plan.as_ref().map(|(start, plan)| changed_parameters(start, plan));
        let waived = plan.as_ref().map(|(_, plan)| waived_calibration(plan)).unwrap_or_default();
        let files = plan.iter().flat_map(|(start, _)| start.plan.files.values());
        let included = files.filter_map(|text| text.parse::<toml::Table>().ok());
        let own = plan.iter().flat_map(|(_, plan)| raw_steps(plan));
        let raw = own.chain(included.flat_map(|file| raw_steps(&file))).collect();
        self.options.changed_parameters = changed;
        self.options.waived_calibration = waived;
        self.options.raw_steps = raw;
        self
    }

    fn start(&self) -> Option<&SessionStart> {
        self.records.iter().find_map(|record| match &record.event {
            RunEvent::SessionStarted(start) => Some(&**start),
            _ => None,
        })
    }

    /// `quickstart-0199c0de-...`: of the plan, and of no other run.
    fn name(&self) -> String {
        match self.start() {
            Some(start) => format!("{}-{}", in_a_file_name(&start.plan.name), start.session),
            None => "run".to_owned(),
        }
    }

    fn write(&self, kind: Kind, file: &Path) -> Result<()> {
        let fault = |error: &dyn std::fmt::Display| {
            Failure::store(format!("{} {}: {error}", kind.option(), file.display()))
        };
        let records = &self.records;
        let bytes = match kind {
            Kind::Html => test_report::html(records, &self.options)
                .map(String::into_bytes)
                .map_err(|error| fault(&error)),
            Kind::Csv => test_report::csv(records).map(String::into_bytes).map_err(|e| fault(&e)),
            Kind::Parquet => test_report::parquet(records).map_err(|error| fault(&error)),
            Kind::Junit => {
                test_report::junit(records).map(String::into_bytes).map_err(|e| fault(&e))
            }
        }?;
        std::fs::write(file, bytes).map_err(|error| fault(&error))
    }
}

/// `full_load = 1.5 A, not 1 A`, for each that `--set` gave.
fn changed_parameters(start: &SessionStart, plan: &toml::Table) -> Vec<String> {
    let stated = plan.get("parameters").and_then(toml::Value::as_table);
    let own = |name: &String| stated?.get(name)?.get("default")?.as_str();
    let changed = start.parameters.iter().filter_map(|(name, value)| {
        let own = own(name).filter(|own| !is_the_same(own, value))?;
        Some(format!("{name} = {value}, not {own}"))
    });
    changed.collect()
}

/// The roles of which the plan says so.
fn waived_calibration(plan: &toml::Table) -> Vec<String> {
    let roles = plan.get("instruments").and_then(toml::Value::as_table);
    let is_waived = |role: &toml::Value| {
        role.get("calibration").and_then(toml::Value::as_str) == Some("waived")
    };
    let waived = roles.into_iter().flatten().filter(|(_, role)| is_waived(role));
    waived.map(|(name, _)| name.clone()).collect()
}

/// `500mA` is `500 mA`.
fn is_the_same(one: &str, other: &str) -> bool {
    let quantities = one.parse::<Quantity>().ok().zip(other.parse::<Quantity>().ok());
    one == other || quantities.is_some_and(|(one, other)| one.partial_cmp(&other) == Some(Equal))
}

/// What the command line says of a report.
fn options(files: &ReportFiles) -> Result<HtmlOptions> {
    Ok(HtmlOptions {
        letterhead: letterhead(files)?,
        laboratory: files.laboratory.clone(),
        customer: files.customer.clone(),
        authorised_by: files.authorised_by.clone(),
        issued_at: Some(Timestamp::now()),
        ..HtmlOptions::default()
    })
}

fn letterhead(files: &ReportFiles) -> Result<Option<String>> {
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("--letterhead {}: {error}", file.display())))
    };
    files.letterhead.as_ref().map(read).transpose()
}

/// Lower case, with nothing that a shell, a URL or another system's files would mind.
fn in_a_file_name(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().take(MAX_NAME_CHARS).map(kept).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "plan".to_owned() } else { name.to_owned() }
}

/// The steps of a plan, or of a file that it includes, that send SCPI of their own.
fn raw_steps(plan: &toml::Table) -> Vec<String> {
    let id = |step: &toml::Value| step.get("id").and_then(toml::Value::as_str).map(str::to_owned);
    let list = |table: Option<&toml::Value>| table.and_then(toml::Value::as_array).cloned();
    let parts = ["setup", "steps", "cleanup"].into_iter().filter_map(|part| list(plan.get(part)));
    let mut found = Vec::new();
    for step in parts.flatten() {
        let name = id(&step).unwrap_or_default();
        found.extend(step.get("scpi").map(|_| name.clone()));
        let each = list(step.get("each")).into_iter().flatten();
        let raw = each.filter(|own| own.get("scpi").is_some());
        found.extend(raw.filter_map(|own| Some(format!("{name}/{}", id(&own)?))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_send_their_own_scpi_are_found_wherever_they_are() {
        let plan = "[[setup]]\nid = 'a'\nscpi = { command = 'X' }\n[[steps]]\nid = 'b'\n\
            [[steps.each]]\nid = 'c'\nscpi = { query = 'Y?' }\n[[steps.each]]\nid = 'd'\n\
            [[cleanup]]\ninclude = 'x.toml'";
        assert_eq!(raw_steps(&plan.parse().unwrap()), ["a", "b/c"]);
    }

    #[test]
    fn a_plan_gives_a_name_that_is_harmless() {
        for (name, shown) in [
            ("scope ripple", "scope-ripple"),
            ("../../etc/passwd", "etc-passwd"),
            ("5 V µ", "5-v"),
            ("...", "plan"),
            ("CON:\0\n", "con"),
        ] {
            assert_eq!(in_a_file_name(name), shown);
        }
        assert_eq!(in_a_file_name(&"x".repeat(1000)).len(), MAX_NAME_CHARS);
    }
}
