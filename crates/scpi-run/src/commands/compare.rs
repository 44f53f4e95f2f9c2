//! `scpi-run compare`: two runs, place by place.

use test_report::Comparison;

use crate::args::CompareArguments;
use crate::commands::print;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::past;

/// Says what moved from one run to the other, and what else was different.
pub(crate) fn compare(arguments: &CompareArguments) -> Result<Exit> {
    let names = [arguments.before.clone(), arguments.after.clone()];
    let runs = past::runs(&names, &arguments.database)?;
    let [before, after] = runs.as_slice() else {
        return Err(Failure::internal("two runs were asked for, and others came"));
    };
    let comparison = Comparison::of(before, after);
    if arguments.json {
        print(&comparison.json().map_err(Failure::internal)?);
    } else {
        print(&comparison.text(arguments.level.alpha, arguments.all, environment::look()));
    }
    Ok(Exit::Pass)
}
