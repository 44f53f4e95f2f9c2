//! The circuit between the instruments of a bench.
//!
//! | file | holds |
//! | --- | --- |
//! | `law` | how current depends on voltage, element by element |
//! | `matrix`, `solve` | the circuit at rest |
//! | `port` | the ends that instruments hold |
//! | `wave`, `ripple`, `alternating` | what alternates beside the steady voltage, and where it reaches |
//! | `dynamics`, `history` | what remembers, step by step of time |
//! | `handles` | what an instrument does with its end |
//!
//! After a change every voltage and current goes to its new rest along one exponential, whose time constant
//! is that of the instrument that made the change. A change before that comes to rest begins where it is. With a
//! capacitor, a battery or anything else that remembers, only what the instruments set goes along exponentials, and
//! the circuit follows in steps of time.
//!
//! Time is that of the bench, in seconds: it goes as fast as the pace says, and is spent at once where waiting costs
//! nothing.

mod alternating;
mod discharge;
mod dynamics;
mod handles;
mod history;
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

use alternating::{Gains, Source, gains};
pub(crate) use discharge::Discharge;
pub(crate) use dynamics::Dynamic;
pub(crate) use handles::{Drain, Feed, Outlet, Probe, Regulation, Terminals};
use history::History;
pub(crate) use law::{Law, Pair, Regulator, between};
pub(crate) use port::{
    Errors, GeneratorSetting, Keeps, LoadSetting, MeterInput, Port, PortKind, Protection,
    SupplySetting, Transient,
};
pub(crate) use ripple::Ripple;
use solve::{Rest, solve};
pub(crate) use wave::{Course, Form, Wave};

/// Times that a load of constant power is brought closer to its voltage.
const POWER_STEPS: usize = 40;

/// How close it must come, in volts.
const POWER_CLOSE: f64 = 1e-9;

/// Below this voltage nothing is there that could ripple.
const RIPPLE_NEEDS_VOLTS: f64 = 0.1;

/// What reaches a node by less than this is not there.
const LEAST_GAIN: f64 = 1e-9;

/// The first step of time after a change, in seconds.
const FIRST_STEP: f64 = 1e-6;

/// Steps that are made at a time; what is left is made up later.
const MOST_STEPS: usize = 100_000;

/// After so many of its time constants a change is over.
const SETTLED: u32 = 10;

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
    /// What remembers.
    pub(crate) dynamics: Vec<Dynamic>,
    /// Switches by their names.
    pub(crate) switches: Vec<(String, PortId)>,
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
    since: f64,
    /// The time constant in seconds; 0 is at once.
    tau: f64,
    clock: Clock,
    moving: Moving,
    /// What every generator that is on does to every node, for each volt of its own.
    gains: Vec<(PortId, Gains)>,
}

/// The time of the bench.
#[derive(Debug)]
struct Clock {
    start: Instant,
    pace: Pace,
    /// Seconds that passed without being waited for.
    spent: f64,
}

/// What there is of time in a circuit that remembers.
#[derive(Debug, Default)]
struct Moving {
    /// What each of its elements remembers.
    states: Vec<f64>,
    /// How far it has come, in seconds.
    at: f64,
    /// How long the next step should be, in seconds.
    step: f64,
    /// What each port was set to when it was changed last, when, and its time constant.
    changes: Vec<Option<(PortKind, f64, f64)>>,
    history: History,
}

impl Clock {
    fn now(&self) -> f64 {
        self.pace.passed(self.start.elapsed()) + self.spent
    }
}

impl Circuit {
    /// A circuit at rest, with its instruments as they are set.
    pub(crate) fn new(netlist: Netlist, pace: Pace) -> Self {
        let zero = vec![0.0; netlist.nodes.len()];
        let rest = Rest { voltages: zero, ..Rest::default() };
        let moving = Moving {
            states: netlist.dynamics.iter().map(Dynamic::initial).collect(),
            changes: vec![None; netlist.ports.len()],
            ..Moving::default()
        };
        let mut state = State {
            netlist,
            from: rest.clone(),
            rest,
            since: 0.0,
            tau: 0.0,
            clock: Clock { start: Instant::now(), pace, spent: 0.0 },
            moving,
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

    /// Closes or opens a switch; `false` when there is none of this name.
    pub(crate) fn switch(&self, name: &str, close: bool) -> bool {
        let found = {
            let state = self.lock();
            state.netlist.switches.iter().find(|(own, _)| own == name).map(|(_, port)| *port)
        };
        if let Some(port) = found {
            self.change(port, |kind| {
                if let PortKind::Switch { closed, .. } = kind {
                    *closed = close;
                }
            });
        }
        found.is_some()
    }

    /// How fast its time goes.
    pub(crate) fn pace(&self) -> Pace {
        self.pace
    }

    /// Lets so much time of the bench pass at once.
    pub(crate) fn spend(&self, time: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock.spent += time.as_secs_f64();
        state.catch_up();
    }

    /// Lets time pass that nobody waits for, where waiting costs nothing.
    pub(crate) fn spend_where_fast(&self, time: Duration) {
        if self.pace.is_fast() {
            self.spend(time);
        }
    }

    /// The circuit as it is now.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up();
        state
    }

    /// Changes what holds a port, and lets the circuit follow.
    fn change(&self, port: PortId, change: impl FnOnce(&mut PortKind)) {
        let mut state = self.lock();
        let Some(changed) = state.netlist.ports.get_mut(port) else { return };
        let before = changed.kind.clone();
        change(&mut changed.kind);
        let settling = changed.settling;
        if state.is_moving() {
            state.changed(port, before, settling);
            drop(state);
            self.spend_where_fast(settling.unwrap_or_default() * SETTLED);
            return;
        }
        let tau =
            settling.map(|settling| if self.pace.is_fast() { Duration::ZERO } else { settling });
        state.begin(tau);
        state.come_to_rest();
    }
}

impl State {
    /// Whether anything remembers, so that the circuit goes in steps of time.
    fn is_moving(&self) -> bool {
        !self.netlist.dynamics.is_empty()
    }

    /// A part of the state now.
    fn now(&self, part: impl Fn(&Rest) -> f64) -> f64 {
        if self.is_moving() {
            return part(&self.rest);
        }
        let passed = self.clock.now() - self.since;
        let left = if self.tau > 0.0 { (-passed / self.tau).exp() } else { 0.0 };
        part(&self.rest) + (part(&self.from) - part(&self.rest)) * left
    }

    /// Its mean over the time that has just passed, or over what of it passed since the last change.
    fn mean(&self, over: Duration, part: impl Fn(&Rest) -> f64) -> f64 {
        let now = self.clock.now();
        if self.is_moving() {
            let begin = now - over.as_secs_f64();
            return self.moving.history.mean(begin, now, &part).unwrap_or_else(|| part(&self.rest));
        }
        let end = now - self.since;
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
        self.since = self.clock.now();
        self.tau = tau.map_or(self.tau, |tau| tau.as_secs_f64());
    }

    /// A port of a circuit that remembers has been changed.
    fn changed(&mut self, port: PortId, before: PortKind, settling: Option<Duration>) {
        let tau = settling.unwrap_or_default().as_secs_f64();
        if let Some(change) = self.moving.changes.get_mut(port).filter(|_| tau > 0.0) {
            *change = Some((before, self.clock.now(), tau));
        }
        self.moving.step = FIRST_STEP;
        // What jumps is seen at once.
        self.advance(FIRST_STEP);
    }

    /// Brings a circuit that remembers up to now.
    fn catch_up(&mut self) {
        if !self.is_moving() {
            return;
        }
        let mut steps = 0;
        // Where time is real it goes on meanwhile, and is not run after.
        let now = self.clock.now();
        while self.moving.at < now && steps < MOST_STEPS {
            let left = now - self.moving.at;
            self.advance(left);
            steps += 1;
        }
    }

    /// One step of at most so many seconds, protections that act at its end included.
    fn advance(&mut self, most: f64) {
        let is_watched = self.netlist.ports.iter().any(Port::discharges);
        let most = if is_watched { most.min(Discharge::STEP) } else { most };
        let (mut rest, mut states) = (self.rest.clone(), self.moving.states.clone());
        let mut step = self.moving.step.max(FIRST_STEP);
        let begin = self.moving.at;
        let laws = |after: f64| self.laws_at(begin + after, &self.rest.voltages);
        let time =
            dynamics::go_on(laws, &self.netlist.dynamics, &mut rest, &mut states, &mut step, most);
        self.rest = rest;
        self.moving.states = states;
        self.moving.step = step;
        self.moving.at = begin + time;
        if self.trip(time) {
            self.moving.step = FIRST_STEP;
        }
        self.moving.history.note(self.moving.at, &self.rest);
        self.gains = self.generators();
    }

    /// The laws at a time, with what the instruments set on its way to where it goes.
    fn laws_at(&self, time: f64, voltages: &[f64]) -> Vec<Law> {
        let ports = self.netlist.ports.iter().zip(&self.moving.changes);
        let ports = ports.map(|(port, change)| match change {
            Some((before, since, tau)) => {
                let left = (-(time - since).max(0.0) / tau).exp();
                Port { kind: port.kind.on_the_way(before, left), ..port.clone() }
                    .law(Some(voltages))
            }
            None => port.law(Some(voltages)),
        });
        ports.chain(self.netlist.fixed.iter().copied()).collect()
    }

    /// Finds where the circuit goes, protections that act on the way included.
    fn come_to_rest(&mut self) {
        if self.is_moving() {
            return;
        }
        loop {
            self.rest = self.solved();
            if !self.trip(0.0) {
                break;
            }
        }
        self.gains = self.generators();
    }

    /// What every generator and load that alternates does to every node.
    fn generators(&self) -> Vec<(PortId, Gains)> {
        let laws = std::cell::OnceCell::new();
        let ports = self.netlist.ports.iter().enumerate();
        let gains = ports.filter_map(|(index, port)| {
            let source = alternating_source(port)?;
            let laws = laws.get_or_init(|| self.laws(Some(&self.rest.voltages)));
            Some((index, gains(laws, &self.netlist.dynamics, &self.rest, source)))
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

    fn trip(&mut self, seconds: f64) -> bool {
        let mut any = false;
        for (index, port) in self.netlist.ports.iter_mut().enumerate() {
            let volts = between(&self.rest.voltages, port.sense);
            any |= port.trip(volts, at(&self.rest.currents, index), seconds);
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
            let (gain, turns) = gains.between(nodes);
            let wave = match &self.netlist.ports.get(*port)?.kind {
                PortKind::Generator(setting) => setting.wave.clone(),
                PortKind::Load(setting) => setting.transient.map(|transient| transient.wave()),
                _ => None,
            };
            Some(wave.filter(|_| gain.abs() > LEAST_GAIN)?.times(gain).ahead(turns))
        })
    }
}

/// What of a port alternates: a generator's voltage behind its resistance, or a load's current, which is that of a volt
/// behind an ohm that is not there, the other way round.
fn alternating_source(port: &Port) -> Option<Source> {
    let [positive, negative] = port.nodes;
    match &port.kind {
        PortKind::Generator(setting) if setting.on => {
            let frequency = setting.wave.as_ref()?.frequency;
            Some(Source { nodes: port.nodes, ohms: setting.ohms, frequency })
        }
        PortKind::Load(setting) if setting.on => {
            let frequency = setting.transient?.wave().frequency;
            Some(Source { nodes: [negative, positive], ohms: 1.0, frequency })
        }
        _ => None,
    }
}

fn at(values: &[f64], index: usize) -> f64 {
    values.get(index).copied().unwrap_or(0.0)
}
