//! Elements that remember: capacitors, batteries, resistors that warm up; and the steps of time that they need.
//!
//! A step is backward Euler: for the time of a step every such element is a source behind a resistance, so that the
//! circuit stays one of piecewise linear laws. Every step is made whole and in two halves; their difference says
//! whether it was short enough, and takes the first error away (Hairer, Nørsett and Wanner, "Solving Ordinary
//! Differential Equations I", section II.4).

use super::law::{Law, Pair, between};
use super::solve::{Rest, solve};

/// The shortest step, in seconds.
const SHORTEST: f64 = 1e-7;

/// By how much the whole step and its halves may differ, in volts.
const TOLERANCE: f64 = 5e-5;

/// No source ends here, in amperes.
const ENDLESS: f64 = 1e6;

/// An element that remembers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Dynamic {
    /// A capacitor; it remembers its voltage.
    Capacitor {
        /// Between these.
        nodes: Pair,
        /// In farads.
        farads: f64,
        /// In series with it.
        ohms: f64,
        /// At the beginning.
        volts: f64,
    },
    /// A battery; it remembers how full it is, from 0 to 1.
    Battery {
        /// Positive and negative.
        nodes: Pair,
        /// When full, in coulombs.
        coulombs: f64,
        /// Inside it.
        ohms: f64,
        /// Voltage without load when empty and when full.
        volts: [f64; 2],
        /// How full it is at the beginning.
        charge: f64,
    },
    /// A resistor that its own power warms; it remembers how much, in kelvins.
    Warming {
        /// Between these.
        nodes: Pair,
        /// When cold.
        ohms: f64,
        /// For each kelvin, of its value.
        coefficient: f64,
        /// For each watt.
        kelvins: f64,
        /// Its time constant, in seconds.
        tau: f64,
    },
}

impl Dynamic {
    /// What it remembers at the beginning.
    pub(super) fn initial(&self) -> f64 {
        match self {
            Self::Capacitor { volts, .. } => *volts,
            Self::Battery { charge, .. } => *charge,
            Self::Warming { .. } => 0.0,
        }
    }

    /// Between which nodes it is, and its admittance at an angular frequency: real and imaginary part, in siemens.
    pub(super) fn admittance(&self, omega: f64) -> (Pair, f64, f64) {
        match self {
            Self::Capacitor { nodes, farads, ohms, .. } => {
                let reactance = 1.0 / (omega * farads);
                let square = ohms * ohms + reactance * reactance;
                (*nodes, ohms / square, reactance / square)
            }
            Self::Battery { nodes, ohms, .. } | Self::Warming { nodes, ohms, .. } => {
                (*nodes, 1.0 / ohms, 0.0)
            }
        }
    }

    /// What it is for a step of so many seconds.
    fn law(&self, state: f64, step: f64) -> Law {
        let source = |nodes: Pair, volts: f64, ohms: f64| Law::Source {
            out: nodes,
            sense: nodes,
            volts,
            ohms,
            least: -ENDLESS,
            most: ENDLESS,
        };
        match self {
            Self::Capacitor { nodes, farads, ohms, .. } => {
                source(*nodes, state, ohms + step / farads)
            }
            Self::Battery { nodes, ohms, volts: [empty, full], coulombs, .. } => {
                let slope = (full - empty) / coulombs;
                source(*nodes, empty + (full - empty) * state, ohms + slope * step)
            }
            Self::Warming { nodes, ohms, coefficient, .. } => {
                let siemens = 1.0 / (ohms * (1.0 + coefficient * state));
                Law::Conductance { nodes: *nodes, siemens }
            }
        }
    }

    /// What it remembers after a step, at the end of which these voltages and this current are there.
    fn after(&self, state: f64, step: f64, voltages: &[f64], amperes: f64) -> f64 {
        match self {
            Self::Capacitor { farads, .. } => state - amperes * step / farads,
            Self::Battery { coulombs, .. } => (state - amperes * step / coulombs).clamp(0.0, 1.0),
            Self::Warming { nodes, kelvins, tau, .. } => {
                let power = between(voltages, *nodes) * amperes;
                (state + step / tau * power * kelvins) / (1.0 + step / tau)
            }
        }
    }
}

/// One step done.
struct Stepped {
    rest: Rest,
    states: Vec<f64>,
}

/// Goes on for at most so many seconds, and says for how many; `step` is how long the next one should be.
pub(super) fn go_on(
    laws: impl Fn(f64) -> Vec<Law>,
    dynamics: &[Dynamic],
    rest: &mut Rest,
    states: &mut Vec<f64>,
    step: &mut f64,
    most: f64,
) -> f64 {
    loop {
        let time = step.clamp(SHORTEST, most.max(SHORTEST)).min(most);
        let whole = one(&laws(time), dynamics, rest, states, time);
        let half = one(&laws(time / 2.0), dynamics, rest, states, time / 2.0);
        let second = one(&laws(time), dynamics, &half.rest, &half.states, time / 2.0);
        let pairs = second.rest.voltages.iter().zip(&whole.rest.voltages);
        let apart = pairs.map(|(two, one)| (two - one).abs()).fold(0.0, f64::max);
        if apart > TOLERANCE && time > SHORTEST {
            *step = time / 2.0;
            continue;
        }
        // Twice the halves less the whole is right to the second order.
        *states =
            second.states.iter().zip(&whole.states).map(|(two, one)| 2.0 * two - one).collect();
        *rest = second.rest;
        *step = if apart < TOLERANCE / 4.0 { time * 2.0 } else { time };
        return time;
    }
}

fn one(laws: &[Law], dynamics: &[Dynamic], rest: &Rest, states: &[f64], time: f64) -> Stepped {
    let mut all = laws.to_vec();
    all.extend(dynamics.iter().zip(states).map(|(element, state)| element.law(*state, time)));
    let mut solved = solve(&all, &rest.voltages);
    let currents = solved.currents.get(laws.len()..).unwrap_or_default();
    let states = dynamics.iter().zip(states).zip(currents);
    let states = states
        .map(|((element, state), amperes)| element.after(*state, time, &solved.voltages, *amperes));
    let states = states.collect();
    solved.currents.truncate(laws.len());
    Stepped { rest: solved, states }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes on for so long, and gives the voltage of node 1.
    fn after(laws: &[Law], dynamics: &[Dynamic], seconds: f64) -> (f64, Vec<f64>) {
        let mut states: Vec<f64> = dynamics.iter().map(Dynamic::initial).collect();
        let mut rest = Rest { voltages: vec![0.0; 3], ..Rest::default() };
        let (mut step, mut left) = (1e-6, seconds);
        while left > 0.0 {
            left -= go_on(|_| laws.to_vec(), dynamics, &mut rest, &mut states, &mut step, left);
        }
        (rest.voltages[1], states)
    }

    fn source(volts: f64, ohms: f64, most: f64) -> Law {
        Law::Source { out: [1, 0], sense: [1, 0], volts, ohms, least: -most, most }
    }

    /// 10 V through 1 kΩ into 1 µF: 1 - e^(-t/RC) of it, over three decades.
    #[test]
    fn a_capacitor_charges_along_an_exponential() {
        let laws = [source(10.0, 1e3, 1.0)];
        let capacitor = Dynamic::Capacitor { nodes: [1, 0], farads: 1e-6, ohms: 1e-3, volts: 0.0 };
        for taus in [0.1, 1.0, 3.0, 10.0] {
            let (found, _) = after(&laws, std::slice::from_ref(&capacitor), taus * 1e-3);
            let wanted = 10.0 * (1.0 - f64::exp(-taus));
            assert!((found - wanted).abs() < 5e-3, "{taus} tau: {found} is not {wanted}");
        }
    }

    /// 0.5 A into 100 mF: 5 V a second, until the source's voltage is there.
    #[test]
    fn a_limited_current_charges_along_a_line() {
        let laws = [source(5.0, 1e-3, 0.5)];
        let capacitor = Dynamic::Capacitor { nodes: [1, 0], farads: 0.1, ohms: 1e-6, volts: 0.0 };
        let found = |seconds| after(&laws, std::slice::from_ref(&capacitor), seconds).0;
        assert!((found(0.5) - 2.5).abs() < 1e-3, "{}", found(0.5));
        assert!((found(2.0) - 5.0).abs() < 1e-3, "{}", found(2.0));
    }

    /// 1 A out of 3600 C for half an hour: half of it is left, and the voltage is in the middle less 0.1 V inside.
    #[test]
    fn a_battery_gives_what_it_has() {
        let sink = Law::Sink { nodes: [1, 0], volts: 0.0, ohms: 0.03, most: 1.0 };
        let battery = Dynamic::Battery {
            nodes: [1, 0],
            coulombs: 3600.0,
            ohms: 0.1,
            volts: [3.0, 4.2],
            charge: 1.0,
        };
        let (volts, states) = after(&[sink], &[battery], 1800.0);
        assert!((states[0] - 0.5).abs() < 1e-4, "{states:?}");
        assert!((volts - 3.5).abs() < 1e-3, "{volts}");
    }

    /// 1 W for each 100 K, 1000 ppm a kelvin: 10 V across 100 Ω end where R = 100 (1 + 0.1 * 100/R).
    #[test]
    fn a_resistor_warms_up() {
        let warming = Dynamic::Warming {
            nodes: [1, 0],
            ohms: 100.0,
            coefficient: 1e-3,
            kelvins: 100.0,
            tau: 10.0,
        };
        let (_, states) = after(&[source(10.0, 1e-3, 1.0)], &[warming], 200.0);
        let ohms = 50.0 + f64::sqrt(2500.0 + 1000.0);
        let wanted = (ohms / 100.0 - 1.0) / 1e-3;
        assert!((states[0] - wanted).abs() < 0.1, "{states:?} is not {wanted}");
    }
}
