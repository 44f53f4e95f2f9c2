//! The circuit between the instruments of a bench.
//!
//! | file | holds |
//! | --- | --- |
//! | `law` | how current depends on voltage, element by element |
//! | `matrix`, `solve` | the circuit at rest |
//! | `port` | the ends that instruments hold |
//! | `wave`, `ripple` | what alternates beside the steady voltage |
//! | `handles` | what an instrument does with its end |
//!
//! After a change every voltage and current goes to its new rest along one exponential, whose time constant
//! is that of the instrument that made the change. A change before that comes to rest begins where it is.

mod handles;
mod law;
mod matrix;
mod port;
mod ripple;
mod solve;
#[cfg(test)]
mod tests;
mod wave;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::pace::Pace;

pub(crate) use handles::{Drain, Feed, Outlet, Probe, Regulation, Terminals};
pub(crate) use law::{Law, Pair, Regulator, between};
pub(crate) use port::{
    Errors, GeneratorSetting, Keeps, LoadSetting, MeterInput, Port, PortKind, Protection,
    SupplySetting,
};
pub(crate) use ripple::Ripple;
use solve::{Rest, gains, solve};
pub(crate) use wave::{Course, Form, Wave};

/// Times that a load of constant power is brought closer to its voltage.
const POWER_STEPS: usize = 40;

/// How close it must come, in volts.
const POWER_CLOSE: f64 = 1e-9;

/// Below this voltage nothing is there that could ripple.
const RIPPLE_NEEDS_VOLTS: f64 = 0.1;

/// What reaches a node by less than this is not there.
const LEAST_GAIN: f64 = 1e-9;

/// A port by its place in the circuit.
pub(crate) type PortId = usize;

/// What a circuit is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Netlist {
    /// Names; the first is ground.
    pub(crate) nodes: Vec<String>,
    /// What is there whatever the instruments do.
    pub(crate) fixed: Vec<Law>,
    /// What moves.
    pub(crate) ripples: Vec<Ripple>,
    /// What instruments hold.
    pub(crate) ports: Vec<Port>,
}

/// A circuit that several instruments hold.
#[derive(Debug)]
pub(crate) struct Circuit {
    state: Mutex<State>,
    pace: Pace,
}

#[derive(Debug)]
struct State {
    netlist: Netlist,
    /// Where it goes.
    rest: Rest,
    /// Where it was when it began to.
    from: Rest,
    since: Instant,
    /// The time constant in seconds; 0 is at once.
    tau: f64,
    /// What every generator that is on does to every node, for each volt of its own.
    gains: Vec<(PortId, Vec<f64>)>,
}

impl Circuit {
    /// A circuit at rest, with its instruments as they are set.
    pub(crate) fn new(netlist: Netlist, pace: Pace) -> Self {
        let zero = vec![0.0; netlist.nodes.len()];
        let rest = Rest { voltages: zero, ..Rest::default() };
        let mut state = State {
            netlist,
            from: rest.clone(),
            rest,
            since: Instant::now(),
            tau: 0.0,
            gains: Vec::new(),
        };
        state.come_to_rest();
        Self { state: Mutex::new(state), pace }
    }

    /// The voltage of a node now, in volts; `None` without such a node.
    pub(crate) fn voltage(&self, node: &str) -> Option<f64> {
        let state = self.lock();
        let node = state.netlist.nodes.iter().position(|name| name == node)?;
        Some(state.now(|rest| between(&rest.voltages, [node, 0])))
    }

    /// Whether a supply's output or a load's input is on; `None` for what has neither.
    pub(crate) fn is_on(&self, port: PortId) -> Option<bool> {
        match self.lock().netlist.ports.get(port)?.kind {
            PortKind::Supply(setting) => Some(setting.on),
            PortKind::Load(setting) => Some(setting.on),
            PortKind::Generator(ref setting) => Some(setting.on),
            _ => None,
        }
    }

    /// How fast its time goes.
    pub(crate) fn pace(&self) -> Pace {
        self.pace
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what holds a port, and lets the circuit follow.
    fn change(&self, port: PortId, change: impl FnOnce(&mut PortKind)) {
        let mut state = self.lock();
        let Some(changed) = state.netlist.ports.get_mut(port) else { return };
        change(&mut changed.kind);
        let tau = changed.settling.map(|settling| self.pace.cost(settling));
        state.begin(tau);
        state.come_to_rest();
    }
}

impl State {
    /// A part of the state now.
    fn now(&self, part: impl Fn(&Rest) -> f64) -> f64 {
        let passed = self.since.elapsed().as_secs_f64();
        let left = if self.tau > 0.0 { (-passed / self.tau).exp() } else { 0.0 };
        part(&self.rest) + (part(&self.from) - part(&self.rest)) * left
    }

    /// Its mean over the time that has just passed, or over what of it passed since the last change.
    fn mean(&self, over: Duration, part: impl Fn(&Rest) -> f64) -> f64 {
        let end = self.since.elapsed().as_secs_f64();
        let begin = (end - over.as_secs_f64()).max(0.0);
        if self.tau <= 0.0 || end <= begin {
            return self.now(part);
        }
        let area = (-begin / self.tau).exp() - (-end / self.tau).exp();
        let left = self.tau * area / (end - begin);
        part(&self.rest) + (part(&self.from) - part(&self.rest)) * left
    }

    /// Lets a change begin from where the circuit is; without a time constant of its own it goes along with
    /// what is under way.
    fn begin(&mut self, tau: Option<Duration>) {
        let mut from = self.rest.clone();
        for (index, volts) in from.voltages.iter_mut().enumerate() {
            *volts = self.now(|rest| at(&rest.voltages, index));
        }
        for (index, amperes) in from.currents.iter_mut().enumerate() {
            *amperes = self.now(|rest| at(&rest.currents, index));
        }
        self.from = from;
        self.since = Instant::now();
        self.tau = tau.map_or(self.tau, |tau| tau.as_secs_f64());
    }

    /// Finds where the circuit goes, protections that act on the way included.
    fn come_to_rest(&mut self) {
        loop {
            self.rest = self.solved();
            if !self.trip() {
                break;
            }
        }
        self.gains = self.generators();
    }

    /// What every generator that is on does to every node.
    fn generators(&self) -> Vec<(PortId, Vec<f64>)> {
        let laws = std::cell::OnceCell::new();
        let ports = self.netlist.ports.iter().enumerate();
        let gains = ports.filter_map(|(index, port)| match &port.kind {
            PortKind::Generator(setting) if setting.on && setting.wave.is_some() => {
                let laws = laws.get_or_init(|| self.laws(Some(&self.rest.voltages)));
                Some((index, gains(laws, &self.rest, port.nodes, setting.ohms)))
            }
            _ => None,
        });
        gains.collect()
    }

    /// A load of constant power begins with the voltage that is there without it: of the two voltages at
    /// which it could have its power, the upper one is found.
    fn solved(&self) -> Rest {
        let mut rest = solve(&self.laws(None), &self.rest.voltages);
        for _ in 0..POWER_STEPS {
            let next = solve(&self.laws(Some(&rest.voltages)), &rest.voltages);
            let moved =
                next.voltages.iter().zip(&rest.voltages).map(|(new, old)| (new - old).abs());
            let is_close = moved.fold(0.0, f64::max) < POWER_CLOSE;
            rest = next;
            if is_close {
                break;
            }
        }
        rest
    }

    /// Those of the ports, then what is fixed.
    fn laws(&self, voltages: Option<&[f64]>) -> Vec<Law> {
        let ports = self.netlist.ports.iter().map(|port| port.law(voltages));
        ports.chain(self.netlist.fixed.iter().copied()).collect()
    }

    fn trip(&mut self) -> bool {
        let mut any = false;
        for (index, port) in self.netlist.ports.iter_mut().enumerate() {
            let volts = between(&self.rest.voltages, port.sense);
            any |= port.trip(volts, at(&self.rest.currents, index));
        }
        any
    }

    /// What alternates between the nodes of a port.
    fn waves_at(&self, port: PortId) -> Vec<Wave> {
        let nodes = self.netlist.ports.get(port).map(|port| port.nodes);
        nodes.map_or_else(Vec::new, |nodes| self.waves(nodes))
    }

    /// What alternates between two nodes, each with the size and the sign that it has there.
    fn waves(&self, nodes: Pair) -> Vec<Wave> {
        self.ripples(nodes).chain(self.generated(nodes)).collect()
    }

    fn ripples(&self, [positive, negative]: Pair) -> impl Iterator<Item = Wave> {
        let fed = self.netlist.ripples.iter().filter(|ripple| {
            self.now(|rest| between(&rest.voltages, ripple.nodes)).abs() > RIPPLE_NEEDS_VOLTS
        });
        fed.filter_map(move |ripple| match ripple.nodes[0] {
            0 => None,
            own if own == positive => Some(ripple.wave.clone()),
            own if own == negative => Some(ripple.wave.times(-1.0)),
            _ => None,
        })
    }

    fn generated(&self, nodes: Pair) -> impl Iterator<Item = Wave> {
        self.gains.iter().filter_map(move |(port, gains)| {
            let PortKind::Generator(setting) = &self.netlist.ports.get(*port)?.kind else {
                return None;
            };
            let gain = between(gains, nodes);
            let wave = setting.wave.as_ref().filter(|_| gain.abs() > LEAST_GAIN)?;
            Some(wave.times(gain))
        })
    }
}

fn at(values: &[f64], index: usize) -> f64 {
    values.get(index).copied().unwrap_or(0.0)
}
