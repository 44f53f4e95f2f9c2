//! Plans read, checked and expanded; all their faults shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bench_model::PlanText;
use sha2::{Digest, Sha256};
use test_plan::{Fault, Inputs, Plan, Schedule, Selection, check};

use crate::args::InputArguments;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::plan_files::PlanFiles;

/// A checked plan with the text that it came from.
pub(crate) struct LoadedPlan {
    pub(crate) plan: Plan,
    pub(crate) text: PlanText,
}

/// What the command line gives to a plan.
pub(crate) struct PlanInputs {
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) selection: Selection,
}

impl PlanInputs {
    pub(crate) fn of(arguments: &InputArguments) -> Self {
        Self {
            set: arguments.set.iter().cloned().collect(),
            selection: Selection {
                steps: arguments.step.clone(),
                tags: arguments.tag.clone(),
                skip: arguments.skip.clone(),
            },
        }
    }

    /// With nothing known of dialects yet.
    pub(crate) fn inputs(&self, simulated: bool) -> Inputs<'_> {
        Inputs { selection: self.selection.clone(), ..Inputs::of(&self.set, simulated) }
    }
}

/// Reads and checks a plan.
pub(crate) fn load(file: &Path) -> Result<LoadedPlan> {
    let shown = file.display().to_string();
    let bytes = fs::read(file).map_err(|error| Failure::usage(format!("{shown}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(
            Exit::PlanInvalid,
            format!("{shown}: byte {at} is no UTF-8, and a plan is text"),
        )
    })?;
    let plan =
        check(&shown, &text, &PlanFiles::of(file)).map_err(|faults| refusal(&shown, &faults))?;
    let sha256 = hash(&text, &plan.files);
    let text = PlanText {
        name: plan.name.clone(),
        version: plan.version.clone(),
        file: shown,
        sha256,
        text,
        files: plan.files.clone(),
    };
    Ok(LoadedPlan { plan, text })
}

/// Of all that a plan is made of, in hexadecimal.
fn hash(text: &str, files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new_with_prefix(text);
    for (name, text) in files {
        hash.update(format!("\0{name}\0{text}"));
    }
    in_hexadecimal(&hash.finalize())
}

/// A hash in hexadecimal.
pub(crate) fn sha256_of(bytes: &[u8]) -> String {
    in_hexadecimal(&Sha256::digest(bytes))
}

fn in_hexadecimal(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Expands a plan.
pub(crate) fn expand(loaded: &LoadedPlan, inputs: &Inputs<'_>) -> Result<Schedule> {
    loaded.plan.expand(inputs).map_err(|faults| refusal(&loaded.text.file, &faults))
}

/// All faults, each with its line and the text underlined.
fn refusal(file: &str, faults: &[Fault]) -> Failure {
    let lines = faults.iter().map(|fault| format!("\n{}", fault.underlined()));
    let lines = lines.collect::<String>();
    let count = match faults.len() {
        1 => "1 fault".to_owned(),
        more => format!("{more} faults"),
    };
    Failure::new(Exit::PlanInvalid, format!("{file}: the plan is not run, {count}:{lines}"))
}
