//! What reaches where of what alternates: the circuit about its rest, every element staying in its region.
//!
//! Voltages are complex numbers, solved for as twice as many real ones.

use std::f64::consts::TAU;

use super::dynamics::Dynamic;
use super::law::{Law, Pair};
use super::matrix::System;
use super::solve::{Rest, stamped};

/// By how much the voltage of every node moves for each volt of a source: the part in step with it, and the part that
/// is a quarter of a turn ahead.
#[derive(Clone, Debug, Default)]
pub(super) struct Gains(Vec<(f64, f64)>);

/// A source behind a resistance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) nodes: Pair,
    pub(super) ohms: f64,
    /// In hertz.
    pub(super) frequency: f64,
}

/// What a source does to every node.
pub(super) fn gains(laws: &[Law], dynamics: &[Dynamic], rest: &Rest, source: Source) -> Gains {
    let nodes = rest.voltages.len();
    let direct = stamped(laws, &rest.regions, nodes);
    let mut system = System::new(2 * nodes);
    for (row, column, siemens) in direct.cells() {
        system.add(row, column, siemens);
        system.add(row + nodes, column + nodes, siemens);
    }
    for element in dynamics {
        let (pair, real, imaginary) = element.admittance(TAU * source.frequency);
        admit(&mut system, pair, real, imaginary, nodes);
    }
    // Ground's own second row is never stamped, and never asked for.
    system.add(nodes, nodes, 1.0);
    let [positive, negative] = source.nodes;
    system.feed(positive, 1.0 / source.ohms);
    system.feed(negative, -1.0 / source.ohms);
    let solved = system.solve();
    let (real, imaginary) = solved.split_at_checked(nodes).unwrap_or_default();
    let pairs = real.iter().zip(imaginary).enumerate();
    Gains(pairs.map(|(node, (re, im))| if node == 0 { (0.0, 0.0) } else { (*re, *im) }).collect())
}

/// Adds an admittance between two nodes to the equations of both parts.
fn admit(system: &mut System, [one, two]: Pair, real: f64, imaginary: f64, nodes: usize) {
    for (row, column, sign) in
        [(one, one, 1.0), (two, two, 1.0), (one, two, -1.0), (two, one, -1.0)]
    {
        if row == 0 || column == 0 {
            continue;
        }
        system.add(row, column, sign * real);
        system.add(row + nodes, column + nodes, sign * real);
        system.add(row, column + nodes, -sign * imaginary);
        system.add(row + nodes, column, sign * imaginary);
    }
}

impl Gains {
    /// The size with its sign, and the turns by which it is ahead, of what is between two nodes.
    pub(super) fn between(&self, [positive, negative]: Pair) -> (f64, f64) {
        let at = |node: usize| self.0.get(node).copied().unwrap_or_default();
        let (re, im) = (at(positive).0 - at(negative).0, at(positive).1 - at(negative).1);
        if im == 0.0 { (re, 0.0) } else { (re.hypot(im), im.atan2(re) / TAU) }
    }
}
