//! `scpi-run trend`: one step over past runs.

use std::path::Path;

use bench_model::RunRecord;
use result_store::HistoryFilter;
use test_report::Trend;

use crate::args::TrendArguments;
use crate::commands::print;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::past::{from_database, from_journals};
use crate::plan::load;
use crate::runtime::block_on;

/// Shows it on the screen, and writes what else was asked for.
pub(crate) fn trend(arguments: &TrendArguments) -> Result<Exit> {
    let plan = plan_name(&arguments.plan)?;
    let filter = HistoryFilter {
        plan: Some(plan.clone()),
        dut: arguments.dut.clone(),
        simulated: Some(arguments.simulated),
        ..HistoryFilter::default()
    };
    let trend = Trend::of(&plan, &arguments.step, &runs(arguments, &filter)?);
    if trend.places.is_empty() {
        let what = if arguments.simulated {
            "simulated runs"
        } else {
            "runs (--simulated asks for simulated ones)"
        };
        return Err(Failure::usage(format!(
            "no number of step '{}' in the {what} of plan '{plan}'",
            arguments.step
        )));
    }
    if let Some(file) = &arguments.html {
        write("--html", file, &trend.html())?;
    }
    if let Some(file) = &arguments.svg {
        write("--svg", file, &picture(&trend)?)?;
    }
    if arguments.json {
        print(&trend.json().map_err(Failure::internal)?);
    } else {
        print(&trend.text(environment::look()));
    }
    Ok(Exit::Pass)
}

/// A file's plan is asked for its name.
fn plan_name(plan: &str) -> Result<String> {
    if plan.ends_with(".toml") { Ok(load(Path::new(plan))?.text.name) } else { Ok(plan.to_owned()) }
}

fn runs(arguments: &TrendArguments, filter: &HistoryFilter) -> Result<Vec<RunRecord>> {
    let path = arguments.step.split_once('[').map_or(arguments.step.as_str(), |(path, _)| path);
    let found = from_database(&arguments.database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            store.history_of_step(path, arguments.limit, filter).await.map_err(Failure::store)
        })
    })?;
    match found {
        Some(runs) => Ok(runs),
        None => from_journals(arguments.limit, filter),
    }
}

fn picture(trend: &Trend) -> Result<String> {
    trend.svg().ok_or_else(|| {
        let places: Vec<_> = trend.places.iter().map(|own| format!("'{}'", own.place)).collect();
        Failure::usage(format!("--svg is of one place: say which of {}", places.join(", ")))
    })
}

fn write(option: &str, file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text)
        .map_err(|error| Failure::store(format!("{option} {}: {error}", file.display())))
}
