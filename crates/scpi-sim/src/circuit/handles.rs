//! What an instrument can do with the end of a circuit that it holds.

use std::sync::Arc;
use std::time::Duration;

use super::discharge::{Discharge, Taken};
use super::dynamics::Dynamic;
use super::law::{Pair, Region, between};
use super::port::{GeneratorSetting, LoadSetting, MeterInput, PortKind, SupplySetting};
use super::wave::Wave;
use super::{Circuit, PortId, at};

/// A supply's channel.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) circuit: Arc<Circuit>,
    pub(crate) port: PortId,
    /// As it is after a reset.
    pub(crate) initial: SupplySetting,
}

/// A load's input.
#[derive(Clone, Debug)]
pub(crate) struct Drain {
    pub(crate) circuit: Arc<Circuit>,
    pub(crate) port: PortId,
}

/// A multimeter's terminals.
#[derive(Clone, Debug)]
pub(crate) struct Terminals {
    pub(crate) circuit: Arc<Circuit>,
    /// For everything but current.
    pub(crate) port: PortId,
    /// For current, where they are wired.
    pub(crate) shunt: Option<PortId>,
}

/// A generator's channel.
#[derive(Clone, Debug)]
pub(crate) struct Outlet {
    pub(crate) circuit: Arc<Circuit>,
    pub(crate) port: PortId,
}

/// An oscilloscope's channel.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) circuit: Arc<Circuit>,
    /// Where its tip and its clip are; not connected otherwise.
    pub(crate) nodes: Option<Pair>,
}

/// What a supply holds constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regulation {
    /// Its voltage.
    Voltage,
    /// Its current.
    Current,
    /// Neither.
    None,
}

impl Feed {
    pub(crate) fn setting(&self) -> SupplySetting {
        match self.circuit.lock().netlist.ports.get(self.port).map(|port| &port.kind) {
            Some(PortKind::Supply(setting)) => *setting,
            _ => self.initial,
        }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut SupplySetting)) {
        self.circuit.change(self.port, |kind| {
            if let PortKind::Supply(setting) = kind {
                change(setting);
            }
        });
    }

    /// Volts at its terminals and amperes out of them, now.
    pub(crate) fn measured(&self) -> (f64, f64) {
        measured(&self.circuit, self.port)
    }

    pub(crate) fn regulation(&self) -> Regulation {
        match self.circuit.lock().rest.regions.get(self.port) {
            Some(Region::Active) => Regulation::Voltage,
            Some(Region::High) => Regulation::Current,
            _ => Regulation::None,
        }
    }
}

impl Drain {
    /// What a discharge has taken is kept until the next one begins.
    pub(crate) fn change(&self, setting: LoadSetting) {
        let taken = self.taken();
        self.circuit.change(self.port, |kind| {
            let begins = setting.on && !matches!(kind, PortKind::Load(now) if now.on);
            let taken = if begins { Taken::default() } else { taken };
            let discharge = setting.discharge.map(|own| Discharge { taken, ..own });
            *kind = PortKind::Load(LoadSetting { discharge, ..setting });
        });
    }

    /// Lets time pass that nobody waits for, where waiting costs nothing; else says how long it is to be waited for.
    pub(crate) fn wait(&self, time: Duration) -> Duration {
        self.circuit.spend_where_fast(time);
        self.circuit.pace().cost(time)
    }

    /// What the last discharge has taken.
    pub(crate) fn taken(&self) -> Taken {
        match self.circuit.lock().netlist.ports.get(self.port).map(|port| &port.kind) {
            Some(PortKind::Load(LoadSetting { discharge: Some(discharge), .. })) => discharge.taken,
            _ => Taken::default(),
        }
    }

    /// Whether its input is on: what is too much for it switches it off.
    pub(crate) fn is_on(&self) -> bool {
        self.circuit.is_on(self.port).unwrap_or(false)
    }

    /// Volts at its terminals and amperes into them, now.
    pub(crate) fn measured(&self) -> (f64, f64) {
        measured(&self.circuit, self.port)
    }
}

impl Outlet {
    pub(crate) fn change(&self, setting: GeneratorSetting) {
        self.circuit.change(self.port, |kind| *kind = PortKind::Generator(setting));
    }
}

impl Terminals {
    /// Makes the terminals for everything but current what they shall be, and puts a shunt of so many ohms
    /// between those for current, or opens them. What is so already is left alone.
    pub(crate) fn connect(&self, input: MeterInput, shunt: Option<f64>) {
        let same = |kind: &PortKind| matches!(kind, PortKind::Meter(now) if *now == input);
        self.set_shunt(shunt);
        // Terminals for current alone have no others.
        if self.shunt != Some(self.port) && !self.is(self.port, same) {
            self.circuit.change(self.port, |kind| *kind = PortKind::Meter(input));
        }
    }

    fn set_shunt(&self, ohms: Option<f64>) {
        let Some(port) = self.shunt else { return };
        if !self.is(port, |kind| matches!(kind, PortKind::Shunt(now) if *now == ohms)) {
            self.circuit.change(port, |kind| *kind = PortKind::Shunt(ohms));
        }
    }

    fn is(&self, port: PortId, same: impl Fn(&PortKind) -> bool) -> bool {
        self.circuit.lock().netlist.ports.get(port).is_some_and(|port| same(&port.kind))
    }

    /// The mean of the voltage over the time that has just passed.
    pub(crate) fn volts(&self, over: Duration) -> f64 {
        let state = self.circuit.lock();
        let Some(sense) = state.netlist.ports.get(self.port).map(|port| port.sense) else {
            return 0.0;
        };
        state.mean(over, |rest| between(&rest.voltages, sense))
    }

    /// The voltage that the circuit goes to, with its test current flowing.
    pub(crate) fn settled_volts(&self) -> f64 {
        let state = self.circuit.lock();
        let sense = state.netlist.ports.get(self.port).map(|port| port.sense);
        sense.map_or(0.0, |sense| between(&state.rest.voltages, sense))
    }

    /// The mean of the current over the time that has just passed.
    pub(crate) fn amperes(&self, over: Duration) -> f64 {
        let Some(port) = self.shunt else { return 0.0 };
        self.circuit.lock().mean(over, |rest| at(&rest.currents, port))
    }

    /// The current that the circuit goes to, through the shunt that is there now.
    pub(crate) fn settled_amperes(&self) -> f64 {
        self.shunt.map_or(0.0, |port| at(&self.circuit.lock().rest.currents, port))
    }

    /// The capacitance between its terminals, in farads: what lies there directly.
    pub(crate) fn farads(&self) -> f64 {
        let state = self.circuit.lock();
        let nodes = state.netlist.ports.get(self.port).map(|port| port.nodes);
        let farads = state.netlist.dynamics.iter().map(|element| match element {
            Dynamic::Capacitor { nodes: own, farads, .. }
                if nodes.is_some_and(|it| same(*own, it)) =>
            {
                *farads
            }
            _ => 0.0,
        });
        farads.sum()
    }

    /// What alternates at its terminals, in volts.
    pub(crate) fn waves(&self) -> Vec<Wave> {
        self.circuit.lock().waves_at(self.port)
    }

    /// What alternates through its shunt, in amperes.
    pub(crate) fn current_waves(&self) -> Vec<Wave> {
        let Some(port) = self.shunt else { return Vec::new() };
        let state = self.circuit.lock();
        let ohms = match state.netlist.ports.get(port).map(|port| &port.kind) {
            Some(PortKind::Shunt(Some(ohms))) => *ohms,
            _ => return Vec::new(),
        };
        state.waves_at(port).iter().map(|wave| wave.times(1.0 / ohms)).collect()
    }
}

impl Probe {
    /// The steady voltage now.
    pub(crate) fn volts(&self) -> f64 {
        let Some(nodes) = self.nodes else { return 0.0 };
        self.circuit.lock().now(|rest| between(&rest.voltages, nodes))
    }

    /// What alternates there.
    pub(crate) fn waves(&self) -> Vec<Wave> {
        self.nodes.map_or_else(Vec::new, |nodes| self.circuit.lock().waves(nodes))
    }
}

/// The same two nodes, either way round.
fn same([one, two]: Pair, nodes: Pair) -> bool {
    nodes == [one, two] || nodes == [two, one]
}

fn measured(circuit: &Circuit, port: PortId) -> (f64, f64) {
    let state = circuit.lock();
    let Some(sense) = state.netlist.ports.get(port).map(|port| port.sense) else {
        return (0.0, 0.0);
    };
    let volts = state.now(|rest| between(&rest.voltages, sense));
    (volts, state.now(|rest| at(&rest.currents, port)))
}
