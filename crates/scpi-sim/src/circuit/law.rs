//! How current depends on voltage: every element of a circuit is one of a few piecewise linear laws.
//!
//! In each [`Region`] a law is linear, so that a circuit whose regions are known is a system of linear
//! equations. `solve` finds the regions.

use super::matrix::System;

/// A node by its place in the list of nodes; 0 is ground.
pub(crate) type Node = usize;

/// A pair of nodes: positive and negative.
pub(crate) type Pair = [Node; 2];

/// Which of its straight lines a law is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// Below where it begins: no current, or the least.
    Low,
    /// Where it does what it is for.
    Active,
    /// A regulator whose input is too low to regulate.
    Dropout,
    /// At its greatest current.
    High,
}

/// A current as a function of the voltages of nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Law {
    /// Ohm's.
    Conductance {
        /// Between these.
        nodes: Pair,
        /// In siemens.
        siemens: f64,
    },
    /// A source that holds a voltage at its sense nodes while its current lies between two bounds.
    Source {
        /// It feeds the first and drains the second.
        out: Pair,
        /// Where it looks.
        sense: Pair,
        /// What it holds without current.
        volts: f64,
        /// By how much that falls, in ohms.
        ohms: f64,
        /// The least current.
        least: f64,
        /// The greatest current.
        most: f64,
    },
    /// A sink: nothing below a voltage, from there on a resistance, up to a current.
    Sink {
        /// It drains the first and feeds the second.
        nodes: Pair,
        /// Where it begins.
        volts: f64,
        /// Its resistance.
        ohms: f64,
        /// The greatest current.
        most: f64,
    },
    /// A linear regulator.
    Regulator(Regulator),
}

/// A linear regulator; its own supply current is a sink beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Regulator {
    /// What feeds it.
    pub(crate) input: Node,
    /// What it feeds.
    pub(crate) output: Node,
    /// What it measures against.
    pub(crate) ground: Node,
    /// In volts, without load, at an input of nominal and dropout.
    pub(crate) nominal: f64,
    /// The least difference between input and output, in volts.
    pub(crate) dropout: f64,
    /// By how much the output falls, in volts an ampere.
    pub(crate) load_regulation: f64,
    /// By how much it rises, in volts a volt of input.
    pub(crate) line_regulation: f64,
    /// In amperes.
    pub(crate) current_limit: f64,
}

impl Law {
    /// Which region the voltages are in.
    pub(crate) fn region(&self, voltages: &[f64]) -> Region {
        match *self {
            Self::Conductance { .. } => Region::Active,
            Self::Source { sense, volts, ohms, least, most, .. } => {
                by_bounds((volts - between(voltages, sense)) / ohms, least, most)
            }
            Self::Sink { nodes, volts, ohms, most } => {
                by_bounds((between(voltages, nodes) - volts) / ohms, 0.0, most)
            }
            Self::Regulator(regulator) => regulator.region(voltages),
        }
    }

    /// The current out of the first node of a source, or into that of a sink.
    pub(crate) fn current(&self, region: Region, voltages: &[f64]) -> f64 {
        match (*self, region) {
            (Self::Conductance { nodes, siemens }, _) => between(voltages, nodes) * siemens,
            (Self::Source { least, .. }, Region::Low) => least,
            (Self::Source { most, .. } | Self::Sink { most, .. }, Region::High) => most,
            (Self::Source { sense, volts, ohms, .. }, _) => {
                (volts - between(voltages, sense)) / ohms
            }
            (Self::Sink { .. }, Region::Low) => 0.0,
            (Self::Sink { nodes, volts, ohms, .. }, _) => (between(voltages, nodes) - volts) / ohms,
            (Self::Regulator(regulator), _) => regulator.current(region, voltages),
        }
    }

    /// Adds its straight line to the equations.
    pub(crate) fn stamp(&self, region: Region, system: &mut System) {
        match (*self, region) {
            (Self::Conductance { nodes, siemens }, _) => {
                controlled(system, nodes, [(nodes[0], siemens), (nodes[1], -siemens)], 0.0);
            }
            (Self::Source { out, least, .. }, Region::Low) => constant(system, out, -least),
            (Self::Source { out, most, .. }, Region::High) => constant(system, out, -most),
            (Self::Source { out, sense, volts, ohms, .. }, _) => {
                controlled(
                    system,
                    out,
                    [(sense[0], 1.0 / ohms), (sense[1], -1.0 / ohms)],
                    -volts / ohms,
                );
            }
            (Self::Sink { .. }, Region::Low) => {}
            (Self::Sink { nodes, most, .. }, Region::High) => constant(system, nodes, most),
            (Self::Sink { nodes, volts, ohms, .. }, _) => {
                controlled(
                    system,
                    nodes,
                    [(nodes[0], 1.0 / ohms), (nodes[1], -1.0 / ohms)],
                    -volts / ohms,
                );
            }
            (Self::Regulator(regulator), _) => regulator.stamp(region, system),
        }
    }
}

impl Regulator {
    fn region(&self, voltages: &[f64]) -> Region {
        let regulated = self.current(Region::Active, voltages);
        let dropped = self.current(Region::Dropout, voltages);
        match by_bounds(regulated.min(dropped), 0.0, self.current_limit) {
            Region::Active if dropped < regulated => Region::Dropout,
            other => other,
        }
    }

    fn current(&self, region: Region, voltages: &[f64]) -> f64 {
        let input = between(voltages, [self.input, self.ground]);
        let output = between(voltages, [self.output, self.ground]);
        match region {
            Region::Low => 0.0,
            Region::High => self.current_limit,
            Region::Dropout => (input - self.dropout - output) / self.load_regulation,
            Region::Active => {
                (self.at_no_input() + self.line_regulation * input - output) / self.load_regulation
            }
        }
    }

    /// Where the line of the line regulation would begin.
    fn at_no_input(&self) -> f64 {
        self.nominal - self.line_regulation * (self.nominal + self.dropout)
    }

    fn stamp(&self, region: Region, system: &mut System) {
        let through = [self.input, self.output];
        let (slope, volts) = match region {
            Region::Low => return,
            Region::High => return constant(system, through, self.current_limit),
            Region::Dropout => (1.0, -self.dropout),
            Region::Active => (self.line_regulation, self.at_no_input()),
        };
        let siemens = 1.0 / self.load_regulation;
        let control = [
            (self.input, slope * siemens),
            (self.output, -siemens),
            (self.ground, (1.0 - slope) * siemens),
        ];
        controlled(system, through, control, volts * siemens);
    }
}

fn by_bounds(current: f64, least: f64, most: f64) -> Region {
    if current < least {
        Region::Low
    } else if current > most {
        Region::High
    } else {
        Region::Active
    }
}

/// The voltage of a pair.
pub(crate) fn between(voltages: &[f64], [positive, negative]: Pair) -> f64 {
    let at = |node: Node| voltages.get(node).copied().unwrap_or(0.0);
    at(positive) - at(negative)
}

/// A current from the first node to the second.
fn constant(system: &mut System, [from, to]: Pair, amperes: f64) {
    system.feed(from, -amperes);
    system.feed(to, amperes);
}

/// A current from the first node to the second that depends on voltages.
fn controlled<const N: usize>(
    system: &mut System,
    [from, to]: Pair,
    control: [(Node, f64); N],
    amperes: f64,
) {
    for (node, siemens) in control {
        system.add(from, node, siemens);
        system.add(to, node, -siemens);
    }
    constant(system, [from, to], amperes);
}
