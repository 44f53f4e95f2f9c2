//! What else was different between two runs.

use std::collections::{BTreeMap, BTreeSet};

use bench_model::{InstrumentIdentity, RunRecord, SessionStart};

/// Characters of a plan's hash that are shown.
const SHORT_HASH_CHARS: usize = 12;

/// Something that was different, in words.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// `firmware of psu`.
    pub what: String,
    /// What it was; nothing where there was none.
    pub before: Option<String>,
    /// What it is; nothing where there is none.
    pub after: Option<String>,
}

/// Under what a run was made: what has to be the same for values to be comparable without a second thought.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Circumstances(BTreeMap<String, String>);

impl Circumstances {
    /// Those of a run; none of a run without a start.
    #[must_use]
    pub fn of(run: &RunRecord) -> Self {
        let mut all = BTreeMap::new();
        if let Some(start) = &run.start {
            of_start(start, &mut all);
        }
        run.instruments.iter().for_each(|instrument| of_instrument(instrument, &mut all));
        Self(all)
    }

    /// What differs from before to after.
    #[must_use]
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let names: BTreeSet<&String> = self.0.keys().chain(after.0.keys()).collect();
        let change = |name: &String| {
            let (before, after) = (self.0.get(name).cloned(), after.0.get(name).cloned());
            (before != after).then(|| Change { what: name.clone(), before, after })
        };
        names.into_iter().filter_map(change).collect()
    }
}

fn of_start(start: &SessionStart, all: &mut BTreeMap<String, String>) {
    let hash: String = start.plan.sha256.chars().take(SHORT_HASH_CHARS).collect();
    let known = [
        ("plan", Some(start.plan.name.clone())),
        ("plan's version", start.plan.version.clone()),
        ("plan's text", Some(format!("sha256 {hash}"))),
        ("DUT", start.dut.serial.clone()),
        ("DUT's model", start.dut.model.clone()),
        ("bench", Some(start.bench.clone())),
        ("simulated", Some(start.simulated.to_string())),
        ("partial", Some(start.partial.to_string())),
        ("software", Some(start.software.clone())),
        ("operator", start.operator.clone()),
        ("host", start.host.clone()),
    ];
    for (name, value) in known {
        all.extend(value.map(|value| (name.to_owned(), value)));
    }
    let parameters = start.parameters.iter();
    all.extend(parameters.map(|(name, value)| (format!("parameter {name}"), value.clone())));
    let environment = start.environment.iter();
    all.extend(environment.map(|(name, value)| (format!("environment {name}"), value.to_string())));
}

fn of_instrument(instrument: &InstrumentIdentity, all: &mut BTreeMap<String, String>) {
    let name = &instrument.instrument;
    let known = [
        ("model", Some(format!("{} {}", instrument.maker, instrument.model))),
        ("serial number", instrument.serial.clone()),
        ("firmware", instrument.firmware.clone()),
    ];
    for (what, value) in known {
        all.extend(value.map(|value| (format!("{what} of {name}"), value)));
    }
    let roles =
        instrument.roles.iter().map(|role| (format!("role {}", role.role), (name, role.channel)));
    all.extend(roles.map(|(role, (name, channel))| (role, format!("{name} channel {channel}"))));
}
