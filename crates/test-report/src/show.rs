//! One past run, whole.

use bench_model::{InstrumentIdentity, OutputSafety, RunRecord, SafeState, SessionStart};

use crate::look::{Look, wrapped};
use crate::phrase;
use crate::summary;
use crate::table::{self, Row};
use crate::text::{self, clean};

/// Spaces before what stands under a heading.
const INDENT: usize = 2;

/// Everything that is known of a run: head, instruments, every result, safe state, warnings, how it ended.
#[must_use]
pub fn show_run(run: &RunRecord, look: Look) -> String {
    let mut lines = Vec::new();
    if let Some(start) = &run.start {
        lines.push(look.heading(&format!("session {}", start.session)));
        lines.extend(table::lines(&about(run, start, look), INDENT, look));
    }
    section(&mut lines, "instruments", run.instruments.iter().map(instrument).collect(), look);
    let results = run.results.iter().map(|result| phrase::full_row(result, look)).collect();
    section(&mut lines, "results", results, look);
    if let Some(state) = &run.safe_state {
        let heading = format!("safe state ({})", clean(&state.reason));
        section(&mut lines, &heading, outputs(state, look), look);
    }
    lines.extend(run.warnings.iter().map(|warning| summary::warning(warning, look)));
    lines.extend(summary::ending(run, look));
    wrapped(&lines, look).iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn section(lines: &mut Vec<String>, heading: &str, rows: Vec<Row>, look: Look) {
    if !rows.is_empty() {
        lines.push(look.heading(heading));
        lines.extend(table::lines(&rows, INDENT, look));
    }
}

fn named(name: &str, text: String) -> Row {
    Row { head: name.to_owned(), cells: vec![text], notes: Vec::new() }
}

fn about(run: &RunRecord, start: &SessionStart, look: Look) -> Vec<Row> {
    let plan = &start.plan;
    let mut rows = vec![
        Row {
            notes: vec![format!("sha256 {}", clean(&plan.sha256))],
            ..named("plan", format!("{} from {}", phrase::plan(start), clean(&plan.file)))
        },
        named("when", when(run)),
    ];
    rows.extend(dut(start).map(|dut| named("DUT", dut)));
    let marks = [(" (SIMULATED)", start.simulated), (" PARTIAL", start.partial)];
    let marks = marks.iter().filter(|(_, is)| *is).map(|(mark, _)| look.notable(mark));
    rows.push(named("bench", format!("{}{}", clean(&start.bench), marks.collect::<String>())));
    rows.push(named("run", made_by(start)));
    rows.extend(values("parameters", &start.parameters));
    rows.extend(values("environment", &start.environment));
    rows
}

/// All of them in one row; no row for none.
fn values<V: ToString>(name: &str, values: &std::collections::BTreeMap<String, V>) -> Option<Row> {
    let cells: Vec<_> = values
        .iter()
        .map(|(name, value)| format!("{} = {}", clean(name), clean(&value.to_string())))
        .collect();
    (!cells.is_empty()).then(|| named(name, cells.join(", ")))
}

fn when(run: &RunRecord) -> String {
    let start = run.started_at.map(text::utc).map(|start| format!("{start} UTC"));
    let parts = [start, phrase::took(run)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn dut(start: &SessionStart) -> Option<String> {
    match (&start.dut.serial, &start.dut.model) {
        (Some(serial), Some(model)) => Some(format!("{} ({})", clean(serial), clean(model))),
        _ => phrase::dut(&start.dut),
    }
}

fn made_by(start: &SessionStart) -> String {
    let by = start.operator.as_deref().map(|operator| format!(" by {}", clean(operator)));
    let on = start.host.as_deref().map(|host| format!(" on {}", clean(host)));
    let trigger = start.trigger.word();
    let (by, on) = (by.unwrap_or_default(), on.unwrap_or_default());
    format!("{trigger}{by}{on}, version {}", clean(&start.software))
}

fn instrument(identity: &InstrumentIdentity) -> Row {
    let part = |name: &str, text: &Option<String>| {
        text.as_deref().map(|text| format!(", {name} {}", clean(text))).unwrap_or_default()
    };
    let (serial, firmware) =
        (part("serial", &identity.serial), part("firmware", &identity.firmware));
    let maker = format!("{} {}{serial}{firmware}", clean(&identity.maker), clean(&identity.model));
    let roles = identity
        .roles
        .iter()
        .map(|role| format!("{} = channel {}", clean(&role.role), role.channel));
    let cells = vec![
        clean(&identity.class),
        maker,
        clean(&identity.address),
        roles.collect::<Vec<_>>().join(", "),
        if identity.simulated { "SIMULATED".to_owned() } else { String::new() },
    ];
    Row { head: clean(&identity.instrument), cells, notes: Vec::new() }
}

fn outputs(state: &SafeState, look: Look) -> Vec<Row> {
    let row = |output: &OutputSafety| {
        let detail = output.detail.as_deref().map(clean).unwrap_or_default();
        let off = if output.confirmed_off { "off".into() } else { look.loud("NOT CONFIRMED OFF") };
        let source = format!("{} channel {}", clean(&output.instrument), output.channel);
        Row { head: clean(&output.role), cells: vec![source, off, detail], notes: Vec::new() }
    };
    state.outputs.iter().map(row).collect()
}
