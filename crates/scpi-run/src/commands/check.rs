//! `scpi-run check`: all faults of plans.

use crate::args::PlanArguments;
use crate::commands::print;
use crate::exit::Exit;
use crate::plan::{PlanInputs, expand, load};

/// Checks each plan, and goes on after one with faults.
pub(crate) fn check(arguments: &PlanArguments) -> Exit {
    let inputs = PlanInputs::of(&arguments.inputs);
    let checked = arguments.plans.iter().map(|file| {
        let expanded = load(file).and_then(|loaded| expand(&loaded, &inputs.inputs(true)));
        match expanded {
            Ok(schedule) => {
                let (results, readings) = (schedule.planned_results, schedule.planned_readings);
                print(&format!(
                    "{}: no fault; {results} results, {readings} readings\n",
                    file.display()
                ));
                Exit::Pass
            }
            Err(failure) => failure.tell(),
        }
    });
    Exit::worst(checked.collect::<Vec<_>>())
}
