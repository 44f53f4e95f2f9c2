//! `scpi-run check`: all faults of plans.

use std::path::Path;

use crate::args::PlanArguments;
use crate::bench_knowledge::BenchKnowledge;
use crate::commands::print;
use crate::commands::schedule::sweep_file::{self, is_sweep};
use crate::exit::Exit;
use crate::failure::Result;
use crate::plan::{PlanInputs, expand, load};

/// Checks each plan, and goes on after one with faults.
pub(crate) fn check(arguments: &PlanArguments) -> Result<Exit> {
    let inputs = PlanInputs::of(&arguments.inputs);
    let bench = arguments.bench.as_deref().map(BenchKnowledge::read).transpose()?;
    let checked = arguments.plans.iter().map(|file| match said(file, &inputs, bench.as_ref()) {
        Ok(said) => {
            print(&said);
            Exit::Pass
        }
        Err(failure) => failure.tell(),
    });
    Ok(Exit::worst(checked.collect::<Vec<_>>()))
}

fn said(file: &Path, inputs: &PlanInputs, bench: Option<&BenchKnowledge>) -> Result<String> {
    if is_sweep(file) { sweep_file::check(file) } else { one(file, inputs, bench) }
}

/// What is said of a plan without faults.
fn one(file: &Path, inputs: &PlanInputs, bench: Option<&BenchKnowledge>) -> Result<String> {
    let loaded = load(file)?;
    let schedule = match bench {
        Some(bench) => bench.expand(&loaded, &inputs.inputs(true))?,
        None => expand(&loaded, &inputs.inputs(true))?,
    };
    let (results, readings) = (schedule.planned_results, schedule.planned_readings);
    let mut said =
        format!("{}: no fault; {results} results, {readings} readings\n", file.display());
    for warning in &loaded.plan.warnings {
        said.push_str(&format!("warning: {}\n", warning.underlined()));
    }
    for warning in &schedule.warnings {
        said.push_str(&format!("warning: {warning}\n"));
    }
    Ok(said)
}
