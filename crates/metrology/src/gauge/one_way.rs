//! Whether groups differ more than their values scatter.

use crate::distribution::fisher_upper_tail;
use crate::error::{Result, StatisticsError, at_least, finite};
use crate::numeric::{real, twofold};
use crate::summary::Moments;

/// A one-way analysis of variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneWay {
    /// The sum of squares between groups.
    pub between_squares: f64,
    /// Groups less one.
    pub between_freedom: f64,
    /// The sum of squares within groups.
    pub within_squares: f64,
    /// Values less groups.
    pub within_freedom: f64,
}

impl OneWay {
    /// The mean square between groups.
    #[must_use]
    pub fn between(&self) -> f64 {
        self.between_squares / self.between_freedom
    }

    /// The mean square within groups; its root is the pooled standard deviation.
    #[must_use]
    pub fn within(&self) -> f64 {
        self.within_squares / self.within_freedom
    }

    /// F: the mean square between over the one within.
    ///
    /// # Errors
    /// When nothing scatters within groups.
    pub fn f(&self) -> Result<f64> {
        if self.within_squares == 0.0 {
            return Err(StatisticsError::NoSpread { what: "values within groups" });
        }
        finite("F", self.between() / self.within())
    }

    /// The probability of an F as large when groups do not differ.
    ///
    /// # Errors
    /// When nothing scatters within groups.
    pub fn p_value(&self) -> Result<f64> {
        fisher_upper_tail(self.between_freedom, self.within_freedom, self.f()?)
    }
}

/// The one-way analysis of variance of groups, of one size or not (NIST/SEMATECH e-Handbook, 7.4.3; GUM,
/// JCGM 100:2008, H.5). Readings with many equal leading digits keep them all when the groups hold their exact
/// differences ([`offsets_from_first`](crate::summary::offsets_from_first)).
///
/// # Errors
/// With fewer than two groups, when one is empty, when none has two values, and when a value is not finite.
pub fn one_way(groups: &[Vec<f64>]) -> Result<OneWay> {
    at_least("groups", groups.len(), 2)?;
    let moments: Vec<Moments> = groups.iter().map(|own| Moments::of(own)).collect::<Result<_>>()?;
    let smallest = groups.iter().map(Vec::len).min().unwrap_or_default();
    at_least("values of a group", smallest, 1)?;
    let count = groups.iter().map(Vec::len).sum::<usize>();
    at_least("values of all groups", count, groups.len() + 1)?;
    let means: Vec<f64> = moments.iter().map(Moments::mean).collect::<Result<_>>()?;
    let weighted = groups.iter().zip(&means).map(|(group, mean)| real(group.len()) * mean);
    let centre = twofold::sum(weighted) / real(count);
    let between = groups.iter().zip(&means);
    let between = between.map(|(group, mean)| real(group.len()) * (mean - centre).powi(2));
    let within = groups.iter().zip(&means);
    let within = within.map(|(group, mean)| twofold::squares_about(group, *mean));
    Ok(OneWay {
        between_squares: finite("the squares between groups", twofold::sum(between))?,
        between_freedom: real(groups.len() - 1),
        within_squares: finite("the squares within groups", twofold::sum(within))?,
        within_freedom: real(count - groups.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_kept() {
        assert!(one_way(&[vec![1.0, 2.0]]).is_err());
        assert!(one_way(&[vec![1.0, 2.0], vec![]]).is_err());
        assert!(one_way(&[vec![1.0], vec![2.0]]).is_err());
        assert!(one_way(&[vec![1.0, 2.0], vec![f64::NAN]]).is_err());
        let still = one_way(&[vec![1.0, 1.0], vec![2.0, 2.0]]).unwrap();
        assert_eq!((still.between(), still.within()), (1.0, 0.0));
        assert!(still.f().is_err() && still.p_value().is_err());
    }
}
