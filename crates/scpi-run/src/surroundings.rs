//! What a plan asks of the surroundings, such as the ambient temperature: asked for at the terminal.

use std::io::Write;

use bench_model::Quantity;
use test_plan::{EnvironmentSource, Plan};

use crate::args::TriggerWord;
use crate::failure::{Failure, Result};
use crate::operator::is_attended;
use crate::plan::PlanInputs;

/// Answers to one question that may be wrong before it is given up.
const MAX_WRONG_ANSWERS: usize = 20;

/// The inputs with what a person says of the surroundings. What --set gives is not asked for, nor what a simulated
/// bench knows; without a terminal nobody is asked, and the plan says what is missing.
pub(crate) fn stated(
    inputs: &PlanInputs,
    plan: &Plan,
    simulated: bool,
    trigger: TriggerWord,
) -> Result<PlanInputs> {
    let mut found = PlanInputs { set: inputs.set.clone(), selection: inputs.selection.clone() };
    if simulated || !is_attended(trigger) {
        return Ok(found);
    }
    for (name, spec) in &plan.environment {
        if let EnvironmentSource::Ask { question, sim } = &spec.from
            && !found.set.contains_key(name)
        {
            found.set.insert(name.clone(), ask(name, question, sim)?);
        }
    }
    Ok(found)
}

fn ask(name: &str, question: &str, such_as: &Quantity) -> Result<String> {
    let question = question.replace(char::is_control, " ");
    for _ in 0..MAX_WRONG_ANSWERS {
        eprint!("{question} (such as {such_as}): ");
        // A question that cannot be shown is still answered.
        let _ = std::io::stderr().flush();
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        if !matches!(read, Ok(bytes) if bytes > 0) {
            break;
        }
        match quantity(line.trim(), such_as) {
            Some(given) => return Ok(given.to_string()),
            None => say!("'{}' is none; {such_as} is such", line.trim().escape_debug()),
        }
    }
    Err(Failure::usage(format!("{name} was not stated: --set {name}=\"{such_as}\" does it too")))
}

/// A bare number is in the unit that the plan expects.
fn quantity(text: &str, such_as: &Quantity) -> Option<Quantity> {
    let given: Quantity = text.parse().ok()?;
    if given.unit.dimension() == such_as.unit.dimension() {
        return Some(given);
    }
    given.unit.symbol().is_empty().then(|| Quantity::new(given.value, such_as.unit.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_in_the_unit_that_is_wanted() {
        let such_as = "23 °C".parse().unwrap();
        for (text, wanted) in [
            ("21.5", Some("21.5 °C")),
            ("21.5 °C", Some("21.5 °C")),
            ("21 V", None),
            ("warm", None),
            ("", None),
        ] {
            let found = quantity(text, &such_as).map(|found| found.to_string());
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
    }
}
