//! Simulated instruments on real ports, wired through a circuit.
