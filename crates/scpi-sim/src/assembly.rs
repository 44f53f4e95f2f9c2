//! From a checked bench to its circuit and its instruments.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use scpi_protocol::program::{Header, units};

use crate::circuit::{
    Circuit, Drain, Errors, Feed, MeterInput, Netlist, Outlet, Pair, Port, PortId, PortKind, Probe,
    Terminals,
};
use crate::faults::Faults;
use crate::instrument::{Device, Model};
use crate::models::catalog::{METER_END, SHUNT_END};
use crate::models::dl3021::{self, Dl3021};
use crate::models::dp832::{self, Dp832};
use crate::models::generator;
use crate::models::generator::rigol::Dg1032z;
use crate::models::generator::siglent::Sdg2042x;
use crate::models::multimeter::Multimeter;
use crate::models::multimeter::scanner::{self, Scanner};
use crate::models::oscilloscope::Oscilloscope;
use crate::models::oscilloscope::keysight::Dsox3024t;
use crate::models::oscilloscope::siglent::Sds824x;
use crate::models::oscilloscope::tektronix::{Series, Tektronix};
use crate::noise::Noise;
use crate::quirks::Quirks;
use crate::spec::{BenchSpec, ChannelSpec, InstrumentSpec, ModelName, Switch};

/// Of a supply, unless the bench says it: a step is over within 50 ms, as the data sheet says.
const SUPPLY_SETTLING: Duration = Duration::from_millis(5);

/// Of a load, unless the bench says it.
const LOAD_SETTLING: Duration = Duration::from_micros(500);

/// By how much a supply falls under load, unless the bench says it: well below its data sheet's 0.01 % + 2 mV.
const SUPPLY_OHMS: f64 = 3e-4;

/// Of the readings of supplies and loads, in volts and amperes.
const READBACK_NOISE: (f64, f64) = (150e-6, 50e-6);

/// The input of a multimeter before it is set, in ohms.
const METER_OHMS: f64 = 10e6;

/// The header of text that is one command alone.
pub(crate) fn header_of(text: &str) -> Option<Header> {
    let mut units = units(text.as_bytes());
    let unit = units.next()?.ok()?;
    let is_alone = units.next().is_none() && unit.parameters.is_empty();
    is_alone.then_some(unit.header)
}

/// An instrument that is ready to be served.
pub(crate) struct Assembled {
    pub(crate) device: Device,
    pub(crate) faults: Arc<Faults>,
    pub(crate) quirks: Arc<Quirks>,
    /// The ports of the channels that can be switched.
    pub(crate) outputs: BTreeMap<u32, PortId>,
}

/// Builds the circuit and the instruments, in the order of the bench.
pub(crate) fn assemble(spec: &BenchSpec) -> (Arc<Circuit>, Vec<Assembled>) {
    let mut netlist = Netlist {
        nodes: spec.nodes.clone(),
        fixed: spec.elements.laws.clone(),
        ripples: spec.elements.ripples.clone(),
        dynamics: spec.elements.dynamics.clone(),
        ports: Vec::new(),
        switches: Vec::new(),
    };
    let ends: Vec<_> =
        spec.instruments.iter().map(|instrument| add_ports(instrument, &mut netlist)).collect();
    for switch in &spec.elements.switches {
        add_switch(switch, &mut netlist);
    }
    let circuit = Arc::new(Circuit::new(netlist, spec.pace));
    let instruments = spec.instruments.iter().zip(ends).map(|(instrument, ports)| {
        let model = model(instrument, &ports, &circuit, spec.seed);
        let faults = Arc::new(Faults::default());
        let quirks = Arc::new(Quirks::of(&instrument.quirks));
        let character = instrument.model.character(instrument, spec.pace);
        Assembled {
            device: Device::new(character, model, Arc::clone(&faults), Arc::clone(&quirks)),
            faults,
            quirks,
            outputs: if instrument.model.is_switched() { ports } else { BTreeMap::new() },
        }
    });
    let instruments = instruments.collect();
    (circuit, instruments)
}

/// Adds the ends of an instrument to the circuit; those that are not wired hang in the air.
fn add_ports(spec: &InstrumentSpec, netlist: &mut Netlist) -> BTreeMap<u32, PortId> {
    let mut ports = BTreeMap::new();
    for end in spec.model.ends() {
        let Some(kind) = kind(spec, end) else { continue };
        if spec.model == ModelName::Scanner34972a && !spec.channels.contains_key(&end) {
            continue;
        }
        let channel = spec.channels.get(&end).copied().unwrap_or_else(|| in_the_air(netlist));
        let settling = match spec.model {
            ModelName::Dp832 => Some(settling(spec, SUPPLY_SETTLING)),
            ModelName::Dl3021 => Some(settling(spec, LOAD_SETTLING)),
            ModelName::Sdg2042x | ModelName::Dg1032z => Some(Duration::ZERO),
            _ => None,
        };
        ports.insert(end, netlist.ports.len());
        let ChannelSpec { nodes, sense } = channel;
        netlist.ports.push(Port { nodes, sense, settling, errors: spec.errors, kind });
    }
    ports
}

fn add_switch(switch: &Switch, netlist: &mut Netlist) {
    netlist.switches.push((switch.name.clone(), netlist.ports.len()));
    netlist.ports.push(Port {
        nodes: switch.nodes,
        sense: switch.nodes,
        settling: Some(Duration::ZERO),
        errors: Errors::default(),
        kind: PortKind::Switch { closed: switch.closed, ohms: switch.ohms },
    });
}

/// How an end is set at first; an oscilloscope only looks and is no end.
fn kind(spec: &InstrumentSpec, end: u32) -> Option<PortKind> {
    match spec.model {
        ModelName::Dp832 => {
            let index = usize::try_from(end).unwrap_or(1) - 1;
            let ohms = spec.source_resistance.unwrap_or(SUPPLY_OHMS);
            Some(PortKind::Supply(dp832::initial(index, ohms)))
        }
        ModelName::Dl3021 => Some(PortKind::Load(dl3021::initial())),
        ModelName::Multimeter34461a if end == SHUNT_END => Some(PortKind::Shunt(None)),
        ModelName::Scanner34972a if *scanner::CURRENTS.start() <= end => {
            Some(PortKind::Shunt(None))
        }
        ModelName::Multimeter34461a | ModelName::Scanner34972a => {
            Some(PortKind::Meter(MeterInput::Resistance(METER_OHMS)))
        }
        ModelName::Sdg2042x | ModelName::Dg1032z => Some(PortKind::Generator(generator::initial())),
        _ => None,
    }
}

fn settling(spec: &InstrumentSpec, otherwise: Duration) -> Duration {
    let said = spec.settling.map(Duration::try_from_secs_f64);
    said.and_then(Result::ok).unwrap_or(otherwise)
}

fn in_the_air(netlist: &mut Netlist) -> ChannelSpec {
    // No bench file can name it: its names are not empty.
    netlist.nodes.push(String::new());
    let nodes = [netlist.nodes.len() - 1, 0];
    ChannelSpec { nodes, sense: nodes }
}

fn model(
    spec: &InstrumentSpec,
    ports: &BTreeMap<u32, PortId>,
    circuit: &Arc<Circuit>,
    seed: u64,
) -> Box<dyn Model> {
    let noise = Noise::of_instrument(seed, &spec.name);
    let readback = (
        spec.volts_noise.unwrap_or(READBACK_NOISE.0),
        spec.amperes_noise.unwrap_or(READBACK_NOISE.1),
    );
    let port = |end: u32| ports.get(&end).copied().unwrap_or_default();
    let circuit = || Arc::clone(circuit);
    let probes = || [1, 2, 3, 4].map(|end| Probe { circuit: circuit(), nodes: wired(spec, end) });
    match spec.model {
        ModelName::Dp832 => {
            let ohms = spec.source_resistance.unwrap_or(SUPPLY_OHMS);
            let feeds = [(0, 1), (1, 2), (2, 3)].map(|(index, end)| Feed {
                circuit: circuit(),
                port: port(end),
                initial: dp832::initial(index, ohms),
            });
            Box::new(Dp832::new(feeds, noise, readback))
        }
        ModelName::Dl3021 => {
            let drain = Drain { circuit: circuit(), port: port(1) };
            Box::new(Dl3021::new(drain, noise, spec.errors, readback))
        }
        ModelName::Multimeter34461a => {
            let terminals = Terminals {
                circuit: circuit(),
                port: port(METER_END),
                shunt: spec.channels.contains_key(&SHUNT_END).then(|| port(SHUNT_END)),
            };
            let noises = (spec.volts_noise, spec.amperes_noise);
            Box::new(Multimeter::new(terminals, noise, spec.errors, noises))
        }
        ModelName::Sdg2042x => {
            let outlets = [1, 2].map(|end| Outlet { circuit: circuit(), port: port(end) });
            Box::new(Sdg2042x::new(outlets, noise, spec.errors))
        }
        ModelName::Dg1032z => {
            let outlets = [1, 2].map(|end| Outlet { circuit: circuit(), port: port(end) });
            Box::new(Dg1032z::new(outlets, noise, spec.errors))
        }
        ModelName::Scanner34972a => {
            let terminals = |(end, port): (&u32, &PortId)| {
                let shunt = scanner::CURRENTS.contains(end).then_some(*port);
                (*end, Terminals { circuit: circuit(), port: *port, shunt })
            };
            Box::new(Scanner::new(ports.iter().map(terminals).collect(), &noise, spec.errors))
        }
        ModelName::Mso5074 => Box::new(Oscilloscope::new(probes(), noise, spec.errors)),
        ModelName::Dsox3024t => Box::new(Dsox3024t::new(probes(), noise, spec.errors)),
        ModelName::Mdo3104 => {
            Box::new(Tektronix::new(Series::Mdo3000, probes(), noise, spec.errors))
        }
        ModelName::Mso54 => Box::new(Tektronix::new(Series::Mso5, probes(), noise, spec.errors)),
        ModelName::Sds824x => Box::new(Sds824x::new(probes(), noise, spec.errors)),
    }
}

fn wired(spec: &InstrumentSpec, end: u32) -> Option<Pair> {
    spec.channels.get(&end).map(|channel| channel.nodes)
}
