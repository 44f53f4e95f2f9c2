//! Where in a plan something happened: the step's path and the sweep's point.

use std::fmt;

use crate::quantity::Quantity;

/// The value of one axis at a point.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Coordinate {
    /// The axis' name.
    pub axis: String,
    /// The setpoint, as sent.
    pub value: Quantity,
}

/// One combination of a sweep's setpoints, the outermost axis first; empty outside a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Point(pub Vec<Coordinate>);

impl Point {
    /// Whether it is outside a sweep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of an axis.
    #[must_use]
    pub fn get(&self, axis: &str) -> Option<&Quantity> {
        self.0.iter().find(|coordinate| coordinate.axis == axis).map(|found| &found.value)
    }

    /// The same without one axis, which is what is left when that axis is reduced.
    #[must_use]
    pub fn without(&self, axis: &str) -> Self {
        Self(self.0.iter().filter(|coordinate| coordinate.axis != axis).cloned().collect())
    }
}

/// `[vi=7 V, il=0 A]`; nothing outside a sweep.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return Ok(());
        }
        for (index, Coordinate { axis, value }) in self.0.iter().enumerate() {
            let before = if index == 0 { "[" } else { ", " };
            write!(f, "{before}{axis}={value}")?;
        }
        f.write_str("]")
    }
}

/// A judged leaf at one point: `rail/vout[vi=7 V, il=0 A]`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The leaf's path: ids joined by `/`.
    pub path: String,
    /// Where in its sweeps.
    #[serde(default, skip_serializing_if = "Point::is_empty")]
    pub point: Point,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.path, self.point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point() -> Point {
        let coordinate = |axis: &str, value: &str| Coordinate {
            axis: axis.to_owned(),
            value: value.parse().unwrap(),
        };
        Point(vec![coordinate("vi", "7 V"), coordinate("il", "0 A")])
    }

    #[test]
    fn a_place_is_shown_with_its_point() {
        let place = Place { path: "rail/vout".into(), point: point() };
        assert_eq!(place.to_string(), "rail/vout[vi=7 V, il=0 A]");
        assert_eq!(Place { path: "idle".into(), point: Point::default() }.to_string(), "idle");
    }

    #[test]
    fn reducing_an_axis_leaves_the_others() {
        assert_eq!(point().without("il").to_string(), "[vi=7 V]");
        assert_eq!(point().get("vi"), Some(&"7 V".parse().unwrap()));
        assert_eq!(point().get("x"), None);
    }
}
