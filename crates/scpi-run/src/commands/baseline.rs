//! `scpi-run baseline`: named runs to compare with, in the database, in files of this machine, or beside the plan.

use std::path::{Path, PathBuf};

use bench_model::{RunRecord, Timestamp};
use test_report::Baseline;

use crate::args::{BaselineAction, CheckArguments, DatabaseArguments};
use crate::commands::print;
use crate::commands::table::{Column, table};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::past::{self, from_database};
use crate::runtime::block_on;

mod files;

/// Does what was asked for.
pub(crate) fn baseline(action: &BaselineAction) -> Result<Exit> {
    match action {
        BaselineAction::Set { name, runs, file, database } => {
            set(name, runs, file.as_deref(), database)
        }
        BaselineAction::List(database) => list(database),
        BaselineAction::Check(arguments) => check(arguments),
    }
}

fn set(
    name: &str,
    runs: &[String],
    file: Option<&Path>,
    database: &DatabaseArguments,
) -> Result<Exit> {
    let records = past::runs(runs, database)?;
    let by = environment::operator();
    let baseline = Baseline::of(name, &records, Timestamp::now(), by).map_err(Failure::usage)?;
    let place = match file {
        Some(file) => files::write(file, &baseline)?,
        None => keep(&baseline, database)?,
    };
    let runs = if baseline.runs.len() == 1 { "run" } else { "runs" };
    print(&format!(
        "baseline '{name}' of plan '{}': {} {runs}, {} places, in {place}\n",
        baseline.plan,
        baseline.runs.len(),
        baseline.places()
    ));
    Ok(Exit::Pass)
}

/// In the database, else in a file of this machine.
fn keep(baseline: &Baseline, database: &DatabaseArguments) -> Result<String> {
    let kept = from_database(database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            store.set_baseline(&stored(baseline)?).await.map_err(Failure::store)
        })?;
        Ok(open.config.place().to_owned())
    })?;
    match kept {
        Some(place) => Ok(place),
        None => files::write(&files::own(&baseline.plan, &baseline.name)?, baseline),
    }
}

fn stored(baseline: &Baseline) -> Result<result_store::StoredBaseline> {
    Ok(result_store::StoredBaseline {
        plan: baseline.plan.clone(),
        name: baseline.name.clone(),
        set_at: baseline.set_at,
        set_by: baseline.set_by.clone(),
        document: serde_json::to_value(baseline).map_err(Failure::internal)?,
    })
}

/// All that are kept, of one plan or of all.
pub(crate) fn all(plan: Option<&str>, database: &DatabaseArguments) -> Result<Vec<Baseline>> {
    let found = from_database(database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            store.baselines(plan).await.map_err(Failure::store)
        })
    })?;
    let Some(found) = found else { return files::all(plan) };
    let read = |stored: result_store::StoredBaseline| {
        serde_json::from_value(stored.document)
            .map_err(|error| Failure::store(format!("baseline '{}': {error}", stored.name)))
    };
    found.into_iter().map(read).collect()
}

fn list(database: &DatabaseArguments) -> Result<Exit> {
    let baselines = all(None, database)?;
    if baselines.is_empty() {
        print("no baseline yet; `scpi-run baseline set NAME RUN...` makes one\n");
        return Ok(Exit::Pass);
    }
    let columns = [
        Column::text("PLAN"),
        Column::text("NAME"),
        Column::number("RUNS"),
        Column::number("PLACES"),
        Column::text("SET"),
        Column::text("BY"),
        Column::text(""),
    ];
    let rows: Vec<Vec<String>> = baselines.iter().map(row).collect();
    print(&table(&columns, &rows));
    Ok(Exit::Pass)
}

fn row(baseline: &Baseline) -> Vec<String> {
    vec![
        baseline.plan.clone(),
        baseline.name.clone(),
        baseline.runs.len().to_string(),
        baseline.places().to_string(),
        baseline.set_at.strftime("%Y-%m-%d %H:%M").to_string(),
        baseline.set_by.clone().unwrap_or_else(|| "-".to_owned()),
        if baseline.simulated { "SIM".to_owned() } else { String::new() },
    ]
}

fn check(arguments: &CheckArguments) -> Result<Exit> {
    let runs = past::runs(std::slice::from_ref(&arguments.run), &arguments.database)?;
    let run = runs.first().ok_or_else(|| Failure::internal("a run was asked for, none came"))?;
    let baseline = match &arguments.file {
        Some(file) => files::read(file)?,
        None => choose(run, arguments)?,
    };
    let check = baseline.check(run).map_err(Failure::usage)?;
    let alpha = arguments.level.alpha;
    if arguments.json {
        print(&check.json().map_err(Failure::internal)?);
    } else {
        print(&check.text(alpha, environment::look()));
    }
    let moved = !check.moved(alpha).is_empty();
    Ok(if moved && arguments.fail_if_moved { Exit::Fail } else { Exit::Pass })
}

/// The one that was named, else the only one of the plan.
fn choose(run: &RunRecord, arguments: &CheckArguments) -> Result<Baseline> {
    let start = run.start.as_ref().ok_or_else(|| Failure::usage("the run has no start"))?;
    let plan = &start.plan.name;
    let mut of_plan = all(Some(plan), &arguments.database)?;
    let names: Vec<_> = of_plan.iter().map(|own| format!("'{}'", own.name)).collect();
    if let Some(name) = &arguments.name {
        of_plan.retain(|own| own.name == *name);
    } else {
        // A simulated run is never held against a real one.
        of_plan.retain(|own| own.simulated == start.simulated);
    }
    match (of_plan.len(), of_plan.pop()) {
        (1, Some(only)) => Ok(only),
        (0, _) if names.is_empty() => Err(Failure::usage(format!(
            "plan '{plan}' has no baseline; `scpi-run baseline set NAME RUN...` makes one"
        ))),
        _ => Err(Failure::usage(format!(
            "which baseline? Plan '{plan}' has {}: --name NAME says which",
            names.join(", ")
        ))),
    }
}

/// Where a file of this machine lies.
fn folder() -> Result<PathBuf> {
    Ok(environment::data_folder()?.join("baselines"))
}
