//! What is between the instruments: resistors, regulators, ripple.

use bench_model::Unit;

use super::fault::Faults;
use super::section::Section;
use super::{Nodes, pair};
use crate::circuit::{Form, Law, Regulator, Ripple, Wave};

/// The kinds of elements.
const KINDS: [&str; 3] = ["resistor", "regulator", "ripple"];

/// The words for the form of a ripple.
const SHAPES: [(&str, Form); 4] = [
    ("sine", Form::Sine),
    ("sawtooth", Form::Sawtooth),
    ("triangle", Form::Triangle),
    ("square", Form::Square { duty: 0.5 }),
];

/// By how much a regulator falls where the file does not say, in volts an ampere.
const LOAD_REGULATION: f64 = 1e-3;

/// Below this a resistor is a wire that the equations cannot tell from a short, in ohms.
const LEAST_OHMS: f64 = 1e-6;

/// Reads `[circuit]`.
pub(super) fn read(
    section: &mut Section<'_>,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> (Vec<Law>, Vec<Ripple>) {
    let (mut laws, mut ripples) = (Vec::new(), Vec::new());
    let Some(circuit) = section.table("circuit", faults) else { return (laws, ripples) };
    for (name, value) in circuit.into_entries() {
        let named = format!("the element '{}'", name.get_ref());
        let Some(mut element) = Section::of_value(named, value, faults) else { continue };
        let right = format!("kind = \"{}\" is wanted", KINDS.join("\" or \""));
        let Some(kind) = element.required("kind", &right, faults) else { continue };
        match kind.get_ref().as_str() {
            "resistor" => laws.extend(resistor(&mut element, nodes, faults)),
            "regulator" => laws.extend(regulator(&mut element, nodes, faults)),
            "ripple" => ripples.extend(ripple(&mut element, nodes, faults)),
            other => {
                let what = format!("{} is of the kind '{other}'", element.name());
                faults.add(&kind.span(), what, right);
                continue;
            }
        }
        element.finish(faults);
    }
    (laws, ripples)
}

fn resistor(element: &mut Section<'_>, nodes: &mut Nodes, faults: &mut Faults<'_>) -> Option<Law> {
    let between = between(element, nodes, faults);
    let ohms = element.required_positive("value", &Unit::ohm(), faults)?;
    Some(Law::Conductance { nodes: between?, siemens: 1.0 / ohms.max(LEAST_OHMS) })
}

/// The regulator itself, and what it takes for itself.
fn regulator(element: &mut Section<'_>, nodes: &mut Nodes, faults: &mut Faults<'_>) -> Vec<Law> {
    let mut node = |key: &'static str, faults: &mut Faults<'_>| {
        let name = element.required(key, "the name of a node is wanted", faults)?;
        Some(nodes.named(&name, false))
    };
    let (input, output, ground) =
        (node("input", faults), node("output", faults), node("ground", faults));
    let nominal = element.required_positive("nominal", &Unit::volt(), faults);
    let dropout = element.required_positive("dropout", &Unit::volt(), faults);
    let current_limit = element.required_positive("current_limit", &Unit::ampere(), faults);
    let load_regulation = element.positive("load_regulation", &Unit::ohm(), faults);
    let line_regulation = element.quantity("line_regulation", &Unit::none(), faults);
    let quiescent = element.positive("quiescent", &Unit::ampere(), faults);
    let (Some(input), Some(output), Some(ground)) = (input, output, ground) else {
        return Vec::new();
    };
    let (Some(nominal), Some(dropout), Some(current_limit)) = (nominal, dropout, current_limit)
    else {
        return Vec::new();
    };
    let load_regulation = load_regulation.unwrap_or(LOAD_REGULATION);
    let line_regulation = line_regulation.unwrap_or(0.0);
    let regulator = Law::Regulator(Regulator {
        input,
        output,
        ground,
        nominal,
        dropout,
        load_regulation,
        line_regulation,
        current_limit,
    });
    // It takes its own current from where its output could begin to rise.
    let own = quiescent.map(|most| Law::Sink {
        nodes: [input, ground],
        volts: 0.0,
        ohms: dropout / most,
        most,
    });
    std::iter::once(regulator).chain(own).collect()
}

fn ripple(element: &mut Section<'_>, nodes: &mut Nodes, faults: &mut Faults<'_>) -> Option<Ripple> {
    let between = between(element, nodes, faults);
    let peak_to_peak = element.required_positive("amplitude", &Unit::volt(), faults);
    let frequency = element.required_positive("frequency", &Unit::hertz(), faults);
    let shape = match element.text("shape", faults) {
        None => Some(Form::Sine),
        Some(word) => {
            let found = SHAPES.into_iter().find(|(name, _)| name == word.get_ref());
            if found.is_none() {
                let names = SHAPES.map(|(name, _)| name).join("\" or \"");
                let what = format!("the shape of {} is '{}'", element.name(), word.get_ref());
                faults.add(&word.span(), what, format!("\"{names}\" is wanted"));
            }
            found.map(|(_, shape)| shape)
        }
    };
    Some(Ripple { nodes: between?, wave: Wave::steady(shape?, peak_to_peak?, frequency?) })
}

fn between(
    element: &mut Section<'_>,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Option<crate::circuit::Pair> {
    match element.texts("nodes", faults) {
        Some(names) => pair(element.name(), &names, false, nodes, faults),
        None => {
            let what = format!("{} is connected to nothing", element.name());
            faults.add(element.place(), what, "nodes = [\"out\", \"gnd\"] or the like is wanted");
            None
        }
    }
}
