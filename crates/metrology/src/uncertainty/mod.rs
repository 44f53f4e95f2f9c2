//! Measurement uncertainty, after the GUM (JCGM 100:2008) and its Supplement 1 (JCGM 101:2008).
//!
//! A [`Component`] says how uncertain one input is ([`TypeA`] from readings, [`Specification`] from a data sheet),
//! a [`Budget`] combines them, [`Budget::expanded`] gives U with the factor that belongs to its distribution, and
//! [`simulate`] checks all of it by Monte Carlo.

mod budget;
mod component;
mod convolution;
mod coverage;
mod monte_carlo;
mod sensitivity;
mod shape;
mod specification;
mod type_a;

pub use budget::{Budget, BudgetRow, MAX_COMPONENTS};
pub use component::Component;
pub use coverage::{CoverageMethod, Expanded};
pub use monte_carlo::{Input, MAX_TRIALS, Plan, Simulated, simulate};
pub use sensitivity::sensitivities;
pub use shape::Shape;
pub use specification::{
    AccuracyRow, MAX_ROWS, Specification, SpecificationError, TemperatureCoefficient, Terms,
};
pub use type_a::TypeA;
