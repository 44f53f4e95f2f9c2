//! The factor that makes an expanded uncertainty.

use super::budget::Part;
use super::{Budget, Shape, convolution};
use crate::distribution::student_quantile;
use crate::error::{Result, domain, positive, probability};

/// Below this part of the dominant ones, all others together are left out of the shape (EA-4/02, example S9).
const DOMINANCE: f64 = 0.3;

/// How the coverage factor is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CoverageMethod {
    /// What EA-4/02 M:2022 does: one dominant rectangle gives p sqrt(3) (S9), two give the factor of their
    /// trapezoid (S10), otherwise Student's t with the effective degrees of freedom (annex E).
    #[default]
    Dominant,
    /// Student's t with the effective degrees of freedom, cut to a whole number (GUM G.4.1 and table G.2).
    Student,
    /// The quantile of the convolution of all distributions, those with finite degrees of freedom as scaled t
    /// (JCGM 101:2008, 6.4.9), to some four digits.
    Convolved,
}

/// An expanded uncertainty, with all that was supposed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expanded {
    /// The combined standard uncertainty, in the unit of the result.
    pub combined: f64,
    /// The probability covered, 0 to 1.
    pub coverage: f64,
    /// The coverage factor k.
    pub factor: f64,
    /// U = k u, in the unit of the result.
    pub expanded: f64,
    /// The effective degrees of freedom.
    pub freedom: f64,
    /// How the factor was found.
    pub method: CoverageMethod,
}

impl Budget {
    /// The expanded uncertainty that covers the probability `coverage`.
    ///
    /// # Errors
    /// When the coverage is not between 0 and 1, when nothing is uncertain, when correlations contradict each
    /// other, and when there is less than one effective degree of freedom.
    pub fn expanded(&self, coverage: f64, method: CoverageMethod) -> Result<Expanded> {
        let coverage = probability("the coverage", coverage)?;
        let combined = positive("the combined uncertainty", self.combined()?)?;
        let freedom = self.effective_freedom()?;
        let factor = match method {
            CoverageMethod::Dominant => {
                let dominant = of_dominant(&self.parts(), coverage);
                dominant.map_or_else(|| of_student(freedom, coverage), Ok)?
            }
            CoverageMethod::Student => of_student(freedom, coverage)?,
            CoverageMethod::Convolved => {
                convolution::half_width(&self.parts(), coverage)? / combined
            }
        };
        Ok(Expanded { combined, coverage, factor, expanded: factor * combined, freedom, method })
    }
}

fn of_student(freedom: f64, coverage: f64) -> Result<f64> {
    let whole = freedom.floor();
    let wanted = "1 or more effective degrees of freedom";
    let whole = domain("the effective degrees of freedom", whole, whole >= 1.0, wanted)?;
    Ok(-student_quantile(whole, (1.0 - coverage) / 2.0)?)
}

/// The factor of one or two dominant rectangles. None when nothing dominates.
fn of_dominant(parts: &[Part], coverage: f64) -> Option<f64> {
    let mut sorted = parts.to_vec();
    sorted.sort_by(|a, b| b.standard.total_cmp(&a.standard));
    let rectangular = |part: &&Part| part.shape == Shape::Rectangular;
    let size = |parts: &[Part]| parts.iter().map(|part| part.standard.powi(2)).sum::<f64>().sqrt();
    let dominant = (1..=2).find(|count| {
        let (first, rest) = sorted.split_at_checked(*count).unwrap_or((&[], &sorted));
        let all = first.iter().filter(rectangular).count() == *count;
        all && size(rest) <= DOMINANCE * size(first)
    })?;
    let wide = sorted.first()?.standard;
    match sorted.get(1).filter(|_| dominant == 2) {
        None => Some(coverage * 3_f64.sqrt()),
        Some(second) => Some(of_trapezoid(wide, second.standard, coverage)),
    }
}

/// The factor of the sum of two rectangles (EA-4/02, example S10).
fn of_trapezoid(wide: f64, narrow: f64, coverage: f64) -> f64 {
    let top = (wide - narrow) / (wide + narrow);
    let deviation = ((1.0 + top * top) / 6.0).sqrt();
    let within_top = coverage * (1.0 + top) / 2.0;
    let part = if within_top <= top {
        within_top
    } else {
        1.0 - ((1.0 - coverage) * (1.0 - top * top)).sqrt()
    };
    part / deviation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uncertainty::Component;

    fn budget(parts: &[(f64, Shape)]) -> Budget {
        let component = |(standard, shape): &(f64, Shape)| Component::new("x", *standard, *shape);
        Budget::new(parts.iter().map(|part| component(part).unwrap()).collect()).unwrap()
    }

    fn factor(parts: &[(f64, Shape)], coverage: f64, method: CoverageMethod) -> f64 {
        budget(parts).expanded(coverage, method).unwrap().factor
    }

    #[test]
    fn the_trapezoid_of_two_rectangles_is_its_convolution() {
        for narrow in [0.05, 0.35, 0.8, 1.0] {
            let parts = [(1.0, Shape::Rectangular), (narrow, Shape::Rectangular)];
            for coverage in [0.3, 0.95, 0.99] {
                let closed = of_trapezoid(1.0, narrow, coverage);
                let convolved = factor(&parts, coverage, CoverageMethod::Convolved);
                assert!(
                    (closed - convolved).abs() < 2e-4,
                    "{narrow} {coverage}: {closed} {convolved}"
                );
            }
        }
    }

    #[test]
    fn what_is_normal_has_the_normal_factor() {
        let parts = [(3.0, Shape::Normal), (4.0, Shape::Normal), (1e-9, Shape::Rectangular)];
        for method in [CoverageMethod::Dominant, CoverageMethod::Student, CoverageMethod::Convolved]
        {
            let found = factor(&parts, 0.9545, method);
            assert!((found - 2.0).abs() < 1e-4, "{method:?}: {found}");
        }
    }

    #[test]
    fn the_domain_is_kept() {
        let one = budget(&[(1.0, Shape::Normal)]);
        assert!(one.expanded(1.0, CoverageMethod::Student).is_err());
        assert!(one.expanded(f64::NAN, CoverageMethod::Student).is_err());
        assert!(budget(&[(0.0, Shape::Normal)]).expanded(0.95, CoverageMethod::Student).is_err());
    }
}
