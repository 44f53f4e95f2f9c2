//! What is between the instruments: resistors, regulators, capacitors, batteries, diodes, switches, ripple.

use bench_model::Unit;

use super::fault::Faults;
use super::section::Section;
use super::{Nodes, Switch, pair};
use crate::circuit::{Dynamic, Form, Law, Regulator, Ripple, Wave};

/// The kinds of elements.
const KINDS: [&str; 8] =
    ["resistor", "regulator", "ripple", "capacitor", "battery", "diode", "led", "switch"];

/// The words for the form of a ripple.
const SHAPES: [(&str, Form); 4] = [
    ("sine", Form::Sine),
    ("sawtooth", Form::Sawtooth),
    ("triangle", Form::Triangle),
    ("square", Form::Square { duty: 0.5 }),
];

/// By how much a regulator falls where the file does not say, in volts an ampere.
const LOAD_REGULATION: f64 = 1e-3;

/// What diodes and light emitting ones begin to conduct at, unless the file says it, in volts, and how they go on.
const DIODE_VOLTS: f64 = 0.65;
const LED_VOLTS: f64 = 1.9;
const DIODE_OHMS: f64 = 0.05;
const DIODE_AMPERES: f64 = 1e3;

/// In series with a capacitor, unless the file says it, in ohms.
const CAPACITOR_OHMS: f64 = 1e-3;

/// Of a switch that is closed, unless the file says it, in ohms.
const SWITCH_OHMS: f64 = 1e-2;

/// Below this a resistor is a wire that the equations cannot tell from a short, in ohms.
const LEAST_OHMS: f64 = 1e-6;

/// What a circuit is made of, beside the instruments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elements {
    pub(crate) laws: Vec<Law>,
    pub(crate) ripples: Vec<Ripple>,
    pub(crate) dynamics: Vec<Dynamic>,
    pub(crate) switches: Vec<Switch>,
}

/// Reads `[circuit]`.
pub(super) fn read(
    section: &mut Section<'_>,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Elements {
    let mut found = Elements::default();
    let Some(circuit) = section.table("circuit", faults) else { return found };
    for (name, value) in circuit.into_entries() {
        let named = format!("the element '{}'", name.get_ref());
        let Some(mut element) = Section::of_value(named, value, faults) else { continue };
        let right = format!("kind = \"{}\" is wanted", KINDS.join("\" or \""));
        let Some(kind) = element.required("kind", &right, faults) else { continue };
        match kind.get_ref().as_str() {
            "resistor" => resistor(&mut element, nodes, &mut found, faults),
            "regulator" => found.laws.extend(regulator(&mut element, nodes, faults)),
            "ripple" => found.ripples.extend(ripple(&mut element, nodes, faults)),
            "capacitor" => found.dynamics.extend(capacitor(&mut element, nodes, faults)),
            "battery" => found.dynamics.extend(battery(&mut element, nodes, faults)),
            "diode" => found.laws.extend(diode(&mut element, DIODE_VOLTS, nodes, faults)),
            "led" => found.laws.extend(diode(&mut element, LED_VOLTS, nodes, faults)),
            "switch" => {
                let switch = switch(name.get_ref(), &mut element, nodes, faults);
                found.switches.extend(switch);
            }
            other => {
                let what = format!("{} is of the kind '{other}'", element.name());
                faults.add(&kind.span(), what, right);
                continue;
            }
        }
        element.finish(faults);
    }
    found
}

/// A resistor, which its own power warms where the file says how much.
fn resistor(
    element: &mut Section<'_>,
    known: &mut Nodes,
    found: &mut Elements,
    faults: &mut Faults<'_>,
) {
    let between = between(element, known, faults);
    let ohms = element.required_positive("value", &Unit::ohm(), faults);
    let coefficient = element.number("ppm_per_kelvin", faults);
    let kelvins = element.number("kelvin_per_watt", faults);
    let tau = element.positive("warm_up", &Unit::second(), faults);
    let (Some(nodes), Some(ohms)) = (between, ohms.map(|ohms| ohms.max(LEAST_OHMS))) else {
        return;
    };
    match (coefficient, kelvins, tau) {
        (Some(ppm), Some(kelvins), Some(tau)) => {
            let coefficient = ppm * 1e-6;
            found.dynamics.push(Dynamic::Warming { nodes, ohms, coefficient, kelvins, tau });
        }
        (None, None, None) => {
            known.shorts.bridged(nodes, ohms, element.name(), element.place());
            found.laws.push(Law::Conductance { nodes, siemens: 1.0 / ohms });
        }
        _ => {
            let what = format!("{} warms up only in part", element.name());
            let right = "ppm_per_kelvin, kelvin_per_watt and warm_up are wanted together";
            faults.add(element.place(), what, right);
        }
    }
}

fn capacitor(
    element: &mut Section<'_>,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Option<Dynamic> {
    let between = between(element, nodes, faults);
    let farads = element.required_positive("value", &Unit::farad(), faults);
    let ohms = element.positive("resistance", &Unit::ohm(), faults).unwrap_or(CAPACITOR_OHMS);
    let volts = element.quantity("voltage", &Unit::volt(), faults).unwrap_or(0.0);
    Some(Dynamic::Capacitor { nodes: between?, farads: farads?, ohms, volts })
}

fn battery(
    element: &mut Section<'_>,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Option<Dynamic> {
    let between = between(element, nodes, faults);
    let unit = "Ah".parse().unwrap_or_else(|_| Unit::none());
    let coulombs = element.required_positive("capacity", &unit, faults);
    let ohms = element.required_positive("resistance", &Unit::ohm(), faults);
    let empty = element.required_positive("empty", &Unit::volt(), faults);
    let full = element.required_positive("full", &Unit::volt(), faults);
    let charge = element.number("charge", faults).unwrap_or(1.0);
    if !(0.0..=1.0).contains(&charge) {
        let what = format!("'charge' of {} is {charge}", element.name());
        faults.add(element.place(), what, "a number from 0 (empty) to 1 (full) is wanted");
    }
    let volts = [empty?, full?];
    nodes.shorts.fed(between?, element.name());
    Some(Dynamic::Battery { nodes: between?, coulombs: coulombs?, ohms: ohms?, volts, charge })
}

/// From the anode to the cathode, one straight line from where it begins to conduct.
fn diode(
    element: &mut Section<'_>,
    usual: f64,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Option<Law> {
    let between = between(element, nodes, faults);
    let volts = element.positive("forward", &Unit::volt(), faults).unwrap_or(usual);
    let ohms = element.positive("resistance", &Unit::ohm(), faults).unwrap_or(DIODE_OHMS);
    Some(Law::Sink { nodes: between?, volts, ohms, most: DIODE_AMPERES })
}

fn switch(
    name: &str,
    element: &mut Section<'_>,
    nodes: &mut Nodes,
    faults: &mut Faults<'_>,
) -> Option<Switch> {
    let between = between(element, nodes, faults);
    let ohms = element.positive("resistance", &Unit::ohm(), faults).unwrap_or(SWITCH_OHMS);
    let closed = element.boolean("closed", faults).unwrap_or(false);
    if closed {
        nodes.shorts.bridged(between?, ohms, element.name(), element.place());
    }
    Some(Switch { name: name.to_owned(), nodes: between?, ohms, closed })
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
    nodes.shorts.fed([output, ground], element.name());
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
