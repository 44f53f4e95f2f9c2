//! The distribution of a sum of independent symmetric parts.

use super::Shape;
use super::budget::Part;
use crate::error::{Result, StatisticsError};
use crate::numeric::{real, root, whole};

/// Points of a table of probabilities, from the middle to one end.
const POINTS: usize = 4_000;

/// The end of the table, in standard deviations; heavy tails reach far.
const END: f64 = 1e5;

/// Points at which a part is added, from its middle to one end.
const NODES: usize = 96;

/// The half width of the symmetric interval that holds the sum with probability `coverage`.
pub(crate) fn half_width(parts: &[Part], coverage: f64) -> Result<f64> {
    let mut parts = without_twins(parts);
    parts.sort_by(|a, b| b.standard.total_cmp(&a.standard));
    let tail = (1.0 - coverage) / 2.0;
    match parts.as_slice() {
        [] => Err(StatisticsError::NoSpread { what: "parts of an uncertainty" }),
        [alone] => Ok(alone.standard * alone.shape.point_above(alone.freedom, tail)?),
        [widest, others @ ..] => {
            let mut table = Table::of(widest, &parts)?;
            for part in others {
                table = table.with(part)?;
            }
            table.point_above(tail)
        }
    }
}

/// Normal parts make one normal part.
fn without_twins(parts: &[Part]) -> Vec<Part> {
    let is_normal = |part: &&Part| part.shape == Shape::Normal && part.freedom.is_infinite();
    let normal: f64 = parts.iter().filter(is_normal).map(|part| part.standard.powi(2)).sum();
    let mut kept: Vec<Part> = parts.iter().filter(|part| !is_normal(part)).copied().collect();
    if normal > 0.0 {
        let [standard, freedom] = [normal.sqrt(), f64::INFINITY];
        kept.push(Part { standard, shape: Shape::Normal, freedom });
    }
    kept
}

/// The probability above each of the points scale * sinh(index * STEP): close together in the middle, in constant
/// ratio far out.
struct Table {
    scale: f64,
    above: Vec<f64>,
}

fn step() -> f64 {
    END.asinh() / real(POINTS)
}

impl Table {
    fn of(widest: &Part, all: &[Part]) -> Result<Self> {
        let scale = all.iter().map(|part| part.standard.powi(2)).sum::<f64>().sqrt();
        let above = |index: usize| {
            let point = scale * (real(index) * step()).sinh();
            widest.shape.above(widest.freedom, point / widest.standard)
        };
        Ok(Self { scale, above: (0..=POINTS).map(above).collect::<Result<_>>()? })
    }

    /// The probability above any point, by a straight line between two of the table.
    fn at(&self, point: f64) -> f64 {
        if point < 0.0 {
            return 1.0 - self.at(-point);
        }
        let position = (point / self.scale).asinh() / step();
        let index = whole(position);
        let pair = (self.above.get(index), self.above.get(index + 1));
        let (Some(low), Some(high)) = pair else { return 0.0 };
        low + (high - low) * (position - real(index))
    }

    /// With one part more: the mean of the table over where that part may lie.
    fn with(&self, part: &Part) -> Result<Self> {
        let nodes = nodes(part)?;
        let above = |index: usize| {
            let point = self.scale * (real(index) * step()).sinh();
            let term =
                |(at, weight): &(f64, f64)| weight * (self.at(point - at) + self.at(point + at));
            nodes.iter().map(term).sum()
        };
        Ok(Self { scale: self.scale, above: (0..=POINTS).map(above).collect() })
    }

    fn point_above(&self, tail: f64) -> Result<f64> {
        let apart = |point: f64| self.at(point) - tail;
        let found = root::above(apart, 0.0, self.scale / 4.0);
        found.ok_or(StatisticsError::Bounds { what: "an expanded uncertainty" })
    }
}

/// Where the upper half of a part lies, and with what weight: points of equal distance in v, where the probability
/// above is w(v) = v^3 (10 - 15 v + 6 v^2), so that they crowd at the end.
fn nodes(part: &Part) -> Result<Vec<(f64, f64)>> {
    let node = |index: usize| {
        let v = (real(index) + 0.5) / real(NODES) / 2.0;
        let tail = v.powi(3) * (10.0 - 15.0 * v + 6.0 * v * v);
        let weight = 30.0 * (v * (1.0 - v)).powi(2) / real(NODES) / 2.0;
        Ok((part.standard * part.shape.point_above(part.freedom, tail)?, weight))
    };
    (0..NODES).map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(standard: f64, shape: Shape) -> Part {
        Part { standard, shape, freedom: f64::INFINITY }
    }

    /// JCGM 101:2008, 9.2.3: four equal rectangles, 2 sqrt(3) (2 - (3/5)^(1/4)) = 3.88.
    #[test]
    fn four_rectangles_are_those_of_supplement_1() {
        let four = [part(1.0, Shape::Rectangular); 4];
        let found = half_width(&four, 0.95).unwrap();
        let wanted = 2.0 * 3_f64.sqrt() * (2.0 - 0.6_f64.powf(0.25));
        assert!((found - wanted).abs() < 2e-4, "{found} instead of {wanted}");
    }

    /// JCGM 101:2008, 9.2.4: three rectangles of 1 and one of 10: 17.0.
    #[test]
    fn a_dominant_rectangle_is_that_of_supplement_1() {
        let mut four = [part(1.0, Shape::Rectangular); 4];
        four[3].standard = 10.0;
        let found = half_width(&four, 0.95).unwrap();
        assert!((found - 17.0).abs() < 0.05, "{found}");
    }

    /// Two Cauchy parts make one twice as wide.
    #[test]
    fn heavy_tails_are_kept() {
        let cauchy = Part { standard: 1.0, shape: Shape::Normal, freedom: 1.0 };
        let found = half_width(&[cauchy, cauchy], 0.95).unwrap();
        assert!((found / (2.0 * 12.7062) - 1.0).abs() < 1e-3, "{found}");
    }
}
