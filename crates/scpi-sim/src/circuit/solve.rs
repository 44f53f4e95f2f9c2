//! Nodal analysis of piecewise linear elements, after Katzenelson ("An algorithm for solving nonlinear
//! resistor networks", 1965): the equations are solved for the regions that the elements are assumed in;
//! on the way there the first element that would leave its region changes it, and so on, until none
//! does. Where Newton's method jumps to and fro between the flat ends of a current limit, this walks along.

use super::law::{Law, Region};
use super::matrix::System;

/// Changes of a region after which a circuit is taken as it is.
const MAX_CHANGES: usize = 200;

/// Halvings that find where on the way an element leaves its region.
const HALVINGS: usize = 90;

/// What leaks from every node to ground, in siemens, so that no node floats.
const LEAK: f64 = 1e-12;

/// The state of a circuit at rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rest {
    /// Of every node; ground, the first, is 0 V.
    pub(crate) voltages: Vec<f64>,
    /// Of every law.
    pub(crate) regions: Vec<Region>,
    /// Of every law.
    pub(crate) currents: Vec<f64>,
}

/// Solves a circuit, beginning at voltages from which it is not far.
pub(crate) fn solve(laws: &[Law], start: &[f64]) -> Rest {
    let mut voltages = start.to_vec();
    let mut regions: Vec<_> = laws.iter().map(|law| law.region(&voltages)).collect();
    for _ in 0..MAX_CHANGES {
        let target = linear(laws, &regions, voltages.len());
        let Some(crossing) = first_crossing(laws, &regions, &voltages, &target) else {
            voltages = target;
            break;
        };
        voltages = along(&voltages, &target, crossing.fraction);
        if let (Some(region), Some(law)) = (regions.get_mut(crossing.law), laws.get(crossing.law)) {
            *region = law.region(&voltages);
        }
    }
    let currents =
        laws.iter().zip(&regions).map(|(law, region)| law.current(*region, &voltages)).collect();
    Rest { voltages, regions, currents }
}

fn linear(laws: &[Law], regions: &[Region], nodes: usize) -> Vec<f64> {
    stamped(laws, regions, nodes).solve()
}

/// The equations of a circuit whose regions are known.
pub(super) fn stamped(laws: &[Law], regions: &[Region], nodes: usize) -> System {
    let mut system = System::new(nodes);
    for node in 1..nodes {
        system.add(node, node, LEAK);
    }
    for (law, region) in laws.iter().zip(regions) {
        law.stamp(*region, &mut system);
    }
    system
}

struct Crossing {
    law: usize,
    fraction: f64,
}

/// The element that leaves its region first on the way, and where it has just done so.
fn first_crossing(laws: &[Law], regions: &[Region], from: &[f64], to: &[f64]) -> Option<Crossing> {
    let leaving = laws.iter().zip(regions).enumerate().filter_map(|(index, (law, region))| {
        let stays = |fraction| law.region(&along(from, to, fraction)) == *region;
        (!stays(1.0)).then(|| Crossing { law: index, fraction: end_of(stays) })
    });
    leaving.min_by(|one, two| one.fraction.total_cmp(&two.fraction))
}

/// The first fraction at which something that held at 0 holds no longer.
fn end_of(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) { low = middle } else { high = middle }
    }
    high
}

fn along(from: &[f64], to: &[f64], fraction: f64) -> Vec<f64> {
    from.iter().zip(to).map(|(from, to)| from + (to - from) * fraction).collect()
}

#[cfg(test)]
mod tests {
    use super::super::law::Regulator;
    use super::*;

    fn resistor(nodes: [usize; 2], ohms: f64) -> Law {
        Law::Conductance { nodes, siemens: 1.0 / ohms }
    }

    fn supply(node: usize, volts: f64, most: f64) -> Law {
        let out = [node, 0];
        Law::Source { out, sense: out, volts, ohms: 3e-4, least: -1e-3, most }
    }

    fn sink(node: usize, most: f64) -> Law {
        Law::Sink { nodes: [node, 0], volts: 0.0, ohms: 0.03, most }
    }

    fn near(found: f64, wanted: f64, within: f64) {
        assert!((found - wanted).abs() < within, "{found} is not {wanted}");
    }

    #[test]
    fn divider() {
        let laws = [supply(1, 10.0, 3.0), resistor([1, 2], 3e3), resistor([2, 0], 1e3)];
        let rest = solve(&laws, &[0.0; 3]);
        near(rest.voltages[2], 2.5, 1e-5);
        near(rest.currents[0], 2.5e-3, 1e-6);
    }

    /// 5 V and 1 A into a load that takes 0.5 A, then 2 A: constant voltage, then constant current.
    #[test]
    fn crossover_to_constant_current() {
        let light = solve(&[supply(1, 5.0, 1.0), sink(1, 0.5)], &[0.0; 2]);
        near(light.voltages[1], 5.0 - 0.5 * 3e-4, 1e-6);
        assert_eq!(light.regions[0], Region::Active);
        let heavy = solve(&[supply(1, 5.0, 1.0), sink(1, 2.0)], &light.voltages);
        near(heavy.currents[0], 1.0, 1e-9);
        near(heavy.voltages[1], 0.03, 1e-6);
        assert_eq!(heavy.regions[0], Region::High);
        let resistive = solve(&[supply(1, 5.0, 1.0), resistor([1, 0], 2.0)], &[0.0; 2]);
        near(resistive.voltages[1], 2.0, 1e-6);
    }

    fn regulated(input: f64, load: f64) -> Rest {
        let regulator = Law::Regulator(Regulator {
            input: 1,
            output: 2,
            ground: 0,
            nominal: 5.0,
            dropout: 1.1,
            load_regulation: 4e-3,
            line_regulation: 1e-3,
            current_limit: 1.2,
        });
        solve(&[supply(1, input, 3.0), regulator, sink(2, load)], &[0.0; 3])
    }

    /// By hand: 5 V + 1 mV/V * (9 - 6.1) V - 4 mV/A * 0.5 A = 5.0009 V.
    #[test]
    fn regulator() {
        near(regulated(9.0, 0.5).voltages[2], 5.0009, 1e-6);
        near(regulated(9.0, 0.5).currents[0], 0.5, 1e-6);
        near(regulated(5.5, 0.5).voltages[2], 5.5 - 0.5 * 3e-4 - 1.1 - 0.5 * 4e-3, 1e-6);
        let limited = regulated(9.0, 2.0);
        near(limited.currents[1], 1.2, 1e-9);
        near(limited.voltages[2], 1.2 * 0.03, 1e-6);
        near(regulated(0.0, 0.5).voltages[2], 0.0, 1e-6);
    }

    /// A source that looks at the load's end of a lead lifts its own end.
    #[test]
    fn remote_sense() {
        let source = Law::Source {
            out: [1, 0],
            sense: [2, 0],
            volts: 5.0,
            ohms: 3e-4,
            least: 0.0,
            most: 3.0,
        };
        let rest = solve(&[source, resistor([1, 2], 0.1), sink(2, 1.0)], &[0.0; 3]);
        near(rest.voltages[2], 5.0 - 3e-4, 1e-6);
        near(rest.voltages[1], 5.1 - 3e-4, 1e-6);
    }

    /// Whatever is set, and from wherever it begins: every law is in the region that its voltages say.
    #[test]
    fn every_setting_comes_to_rest() {
        let mut noise = crate::noise::Noise::of_instrument(5, "solver");
        let mut between = |least: f64, most: f64| {
            least + (most - least) * ((noise.deviate(1.0) / 7.0 + 0.5).clamp(0.0, 1.0))
        };
        let mut start = vec![0.0; 5];
        for round in 0..3000 {
            let laws = [
                supply(1, between(-5.0, 32.0).max(0.0), between(-0.5, 3.0).max(0.0)),
                Law::Regulator(Regulator {
                    input: 1,
                    output: 2,
                    ground: 0,
                    nominal: 5.0,
                    dropout: 1.1,
                    load_regulation: 4e-3,
                    line_regulation: 1e-3,
                    current_limit: 1.2,
                }),
                Law::Sink { nodes: [1, 0], volts: 0.0, ohms: 220.0, most: 5e-3 },
                resistor([2, 3], 3e-3),
                sink(3, between(-0.5, 3.0).max(0.0)),
                Law::Sink { nodes: [2, 0], volts: between(0.0, 9.0), ohms: 0.03, most: 40.0 },
                supply(4, between(0.0, 10.0), between(0.0, 3.0)),
                resistor([4, 3], between(0.01, 1e3)),
            ];
            let rest = solve(&laws, &start);
            for (law, region) in laws.iter().zip(&rest.regions) {
                assert_eq!(law.region(&rest.voltages), *region, "{round}: {laws:?} {rest:?}");
            }
            start = if round % 3 == 0 { vec![0.0; 5] } else { rest.voltages };
        }
    }

    #[test]
    fn a_large_circuit_takes_well_below_a_millisecond() {
        let mut laws = vec![supply(1, 12.0, 3.0)];
        for node in 1..20 {
            laws.push(resistor([node, node + 1], 0.5));
            laws.push(sink(node + 1, 0.02));
        }
        let start = std::time::Instant::now();
        let rest = (0..20).map(|_| solve(&laws, &[0.0; 21])).next_back().unwrap();
        near(rest.currents[0], 19.0 * 0.02, 1e-6);
        // Unoptimised and on a busy machine; the bound only catches a change of order.
        assert!(start.elapsed().as_millis() < 20 * 100);
    }
}
