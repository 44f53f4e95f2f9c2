//! One line of an uncertainty budget.

use super::{Shape, TypeA};
use crate::error::{Result, freedom, not_negative, number, positive};

/// How uncertain one input is and how it acts on the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    name: String,
    standard: f64,
    shape: Shape,
    sensitivity: f64,
    freedom: f64,
}

impl Component {
    /// An input known with a standard uncertainty, in its own unit. It acts on the result one to one and has
    /// infinitely many degrees of freedom until told otherwise.
    ///
    /// # Errors
    /// When the uncertainty is negative or not finite.
    pub fn new(name: impl Into<String>, standard: f64, shape: Shape) -> Result<Self> {
        let standard = not_negative("a standard uncertainty", standard)?;
        let [sensitivity, freedom] = [1.0, f64::INFINITY];
        Ok(Self { name: name.into(), standard, shape, sensitivity, freedom })
    }

    /// An input known to lie within ± `half_width` (GUM 4.3.7 to 4.3.9).
    ///
    /// # Errors
    /// When the half width is negative or not finite, or the shape has no bounds.
    pub fn bounded(name: impl Into<String>, half_width: f64, shape: Shape) -> Result<Self> {
        Self::new(name, half_width / shape.half_width()?, shape)
    }

    /// An input whose certificate states an expanded uncertainty and its factor (GUM 4.3.3).
    ///
    /// # Errors
    /// When the uncertainty is negative, the factor not above 0, or one is not finite.
    pub fn certified(name: impl Into<String>, expanded: f64, factor: f64) -> Result<Self> {
        Self::new(name, expanded / positive("a coverage factor", factor)?, Shape::Normal)
    }

    /// An input known from readings.
    ///
    /// # Errors
    /// When their effective number is below two.
    pub fn from_readings(name: impl Into<String>, readings: &TypeA) -> Result<Self> {
        Self::new(name, readings.standard(), Shape::Normal)?.with_freedom(readings.freedom())
    }

    /// Acting on the result with a sensitivity: unit of the result per unit of the input (GUM 5.1.3).
    ///
    /// # Errors
    /// When it is not finite.
    pub fn with_sensitivity(self, sensitivity: f64) -> Result<Self> {
        Ok(Self { sensitivity: number("a sensitivity coefficient", sensitivity)?, ..self })
    }

    /// With as many degrees of freedom, 1 or more.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn with_freedom(self, degrees: f64) -> Result<Self> {
        Ok(Self { freedom: freedom("the degrees of freedom of a component", degrees)?, ..self })
    }

    /// With degrees of freedom from how far the uncertainty itself is trusted: (du / u)^-2 / 2 (GUM G.4.2).
    ///
    /// # Errors
    /// When the relative uncertainty is not above 0, or gives fewer than one degree.
    pub fn with_relative_doubt(self, doubt: f64) -> Result<Self> {
        let doubt = positive("the relative uncertainty of an uncertainty", doubt)?;
        self.with_freedom(0.5 / (doubt * doubt))
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its standard uncertainty, in its own unit.
    #[must_use]
    pub fn standard(&self) -> f64 {
        self.standard
    }

    /// Its distribution.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Unit of the result per unit of the input.
    #[must_use]
    pub fn sensitivity(&self) -> f64 {
        self.sensitivity
    }

    /// Its degrees of freedom.
    #[must_use]
    pub fn freedom(&self) -> f64 {
        self.freedom
    }

    /// Its part of the result's uncertainty with its sign, in the unit of the result.
    #[must_use]
    pub fn contribution(&self) -> f64 {
        self.sensitivity * self.standard
    }
}
