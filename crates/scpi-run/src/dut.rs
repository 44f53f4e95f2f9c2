//! What is tested: by its serial number, from the command line, the simulation, or a person.

use std::io::Write;

use bench_model::Dut;
use test_plan::{DutSpec, SerialSpec};

use crate::environment;
use crate::failure::{Failure, Result};

/// The DUT of a run.
pub(crate) fn of_run(spec: &DutSpec, given: Option<&str>, simulated: bool) -> Result<Dut> {
    let serial = match (&spec.serial, given) {
        (Some(SerialSpec::Fixed(fixed)), Some(given)) if fixed != given => {
            return Err(Failure::usage(format!(
                "--dut {given}: the plan is for the DUT '{fixed}' alone"
            )));
        }
        (Some(SerialSpec::Fixed(fixed)), _) => Some(fixed.clone()),
        (Some(wanted @ SerialSpec::Pattern { .. }), Some(given)) => {
            Some(checked(wanted, given).map_err(Failure::usage)?)
        }
        (Some(SerialSpec::Pattern { sim: Some(sim), .. }), None) if simulated => Some(sim.clone()),
        (Some(wanted @ SerialSpec::Pattern { .. }), None) => Some(ask(wanted)?),
        (None, given) => given.map(str::to_owned),
    };
    Ok(Dut { model: spec.model.clone(), serial })
}

fn checked(spec: &SerialSpec, serial: &str) -> std::result::Result<String, String> {
    match spec {
        SerialSpec::Pattern { pattern, .. } if !spec.accepts(serial) => Err(format!(
            "'{serial}' is no serial number of this DUT: the plan wants {}",
            pattern.as_str()
        )),
        _ => Ok(serial.to_owned()),
    }
}

/// Asks the person; without a terminal nobody is asked.
fn ask(spec: &SerialSpec) -> Result<String> {
    if !environment::can_ask() {
        return Err(Failure::usage(
            "which DUT? The plan wants its serial number: --dut SERIAL gives it",
        ));
    }
    loop {
        eprint!("Serial number of the DUT: ");
        // A prompt that cannot be shown is still answered.
        let _ = std::io::stderr().flush();
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        if !matches!(read, Ok(bytes) if bytes > 0) {
            return Err(Failure::usage("no serial number was given"));
        }
        match checked(spec, line.trim()) {
            Ok(serial) => return Ok(serial),
            Err(fault) => say!("{fault}"),
        }
    }
}
