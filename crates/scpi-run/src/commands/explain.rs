//! `scpi-run explain`: the operations that a run would do.

use test_plan::Operation;

use crate::args::PlanArguments;
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::Result;
use crate::plan::{PlanInputs, expand, load};

/// Shows the operations of each plan, in order.
pub(crate) fn explain(arguments: &PlanArguments) -> Result<Exit> {
    let inputs = PlanInputs::of(&arguments.inputs);
    for file in &arguments.plans {
        let loaded = load(file)?;
        let schedule = expand(&loaded, &inputs.inputs(true))?;
        let (results, readings) = (schedule.planned_results, schedule.planned_readings);
        let mut text = format!("{}: {results} results, {readings} readings\n", file.display());
        for (name, operations) in
            [("setup", &schedule.setup), ("steps", &schedule.steps), ("cleanup", &schedule.cleanup)]
        {
            text.push_str(&section(name, operations));
        }
        print(&text);
    }
    Ok(Exit::Pass)
}

fn section(name: &str, operations: &[Operation]) -> String {
    if operations.is_empty() {
        return String::new();
    }
    let lines: String = operations.iter().map(|operation| format!("  {operation}\n")).collect();
    format!("{name}\n{lines}")
}
