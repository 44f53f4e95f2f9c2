//! The components of an uncertainty, together.

use super::{Component, Shape};
use crate::error::{Result, StatisticsError, at_least, at_most, domain, finite};

/// The most components of one budget.
pub const MAX_COMPONENTS: usize = 1_000;

/// An uncertainty budget: components and how they are correlated.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    components: Vec<Component>,
    correlations: Vec<(usize, usize, f64)>,
}

/// One line of the table of a budget.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetRow {
    /// What the component is called.
    pub name: String,
    /// Its standard uncertainty, in its own unit.
    pub standard: f64,
    /// Its distribution.
    pub shape: Shape,
    /// Unit of the result per unit of the input.
    pub sensitivity: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// |c u|, in the unit of the result.
    pub contribution: f64,
    /// Its part of the combined variance, 0 to 1; with correlated components, half of what they share counts for
    /// each, and a part may be negative.
    pub share: f64,
}

/// Components that act as one: alone, or correlated with each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) standard: f64,
    pub(crate) shape: Shape,
    pub(crate) freedom: f64,
}

impl Budget {
    /// Of components that are not correlated.
    ///
    /// # Errors
    /// Without components, and with more than [`MAX_COMPONENTS`].
    pub fn new(components: Vec<Component>) -> Result<Self> {
        at_least("components of a budget", components.len(), 1)?;
        at_most("components of a budget", components.len(), MAX_COMPONENTS)?;
        Ok(Self { components, correlations: Vec::new() })
    }

    /// With two components, by their index, correlated by `coefficient` (GUM 5.2.2).
    ///
    /// # Errors
    /// When there is no such pair, when it was given before, and when the coefficient is not within ±1.
    pub fn correlated(mut self, first: usize, second: usize, coefficient: f64) -> Result<Self> {
        let pair = (first.min(second), first.max(second));
        let known = self.correlations.iter().any(|(low, high, _)| (*low, *high) == pair);
        if known || first == second || pair.1 >= self.components.len() {
            let missing = "a pair of two components that is not correlated yet";
            return Err(StatisticsError::Missing { what: "a correlation", missing });
        }
        let within = coefficient.abs() <= 1.0;
        let coefficient = domain("a correlation", coefficient, within, "a number within ±1")?;
        self.correlations.push((pair.0, pair.1, coefficient));
        Ok(self)
    }

    /// The components in their order.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The combined standard uncertainty: the root of sum c_i c_j u_i u_j r_ij (GUM 5.1.2 and 5.2.2), in the unit of
    /// the result.
    ///
    /// # Errors
    /// When correlations contradict each other so far that the variance is negative, and beyond the bounds of
    /// floats.
    pub fn combined(&self) -> Result<f64> {
        Ok(self.variance()?.sqrt())
    }

    fn variance(&self) -> Result<f64> {
        let everything: Vec<usize> = (0..self.components.len()).collect();
        let variance = finite("the combined variance", self.variance_of(&everything))?;
        domain("the combined variance", variance, variance >= 0.0, "0 or above")
    }

    fn variance_of(&self, members: &[usize]) -> f64 {
        let own = members.iter().map(|index| self.contribution(*index).powi(2)).sum::<f64>();
        let inside = |pair: &&(usize, usize, f64)| members.contains(&pair.0);
        own + self.correlations.iter().filter(inside).map(|pair| self.shared(pair)).sum::<f64>()
    }

    fn contribution(&self, index: usize) -> f64 {
        self.components.get(index).map_or(0.0, Component::contribution)
    }

    fn shared(&self, (first, second, coefficient): &(usize, usize, f64)) -> f64 {
        2.0 * coefficient * self.contribution(*first) * self.contribution(*second)
    }

    /// The table, a row for each component.
    ///
    /// # Errors
    /// As [`combined`](Self::combined), and when nothing is uncertain.
    pub fn rows(&self) -> Result<Vec<BudgetRow>> {
        let variance = self.variance()?;
        domain("the combined variance", variance, variance > 0.0, "a number above 0")?;
        let row = |(index, component): (usize, &Component)| {
            let touching =
                self.correlations.iter().filter(|pair| pair.0 == index || pair.1 == index);
            let shared = touching.map(|pair| self.shared(pair) / 2.0).sum::<f64>();
            BudgetRow {
                name: component.name().to_owned(),
                standard: component.standard(),
                shape: component.shape(),
                sensitivity: component.sensitivity(),
                freedom: component.freedom(),
                contribution: component.contribution().abs(),
                share: (component.contribution().powi(2) + shared) / variance,
            }
        };
        Ok(self.components.iter().enumerate().map(row).collect())
    }

    /// The effective degrees of freedom by Welch and Satterthwaite: u^4 / sum (u_i^4 / nu_i) (GUM G.4.1); infinite
    /// when no component's are finite. Components that are correlated count as one with the fewest degrees of
    /// freedom among them: the formula holds for independent ones.
    ///
    /// # Errors
    /// As [`combined`](Self::combined), and when nothing is uncertain.
    pub fn effective_freedom(&self) -> Result<f64> {
        let combined = self.combined()?;
        domain("the combined uncertainty", combined, combined > 0.0, "a number above 0")?;
        let doubt = |part: Part| (part.standard / combined).powi(4) / part.freedom;
        let doubts: f64 = self.parts().into_iter().map(doubt).sum();
        Ok(1.0 / doubts)
    }

    /// What acts independently: correlated components are taken together as one normal part.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let part = |members: Vec<usize>| match members.as_slice() {
            [alone] => self.components.get(*alone).map(|component| Part {
                standard: component.contribution().abs(),
                shape: component.shape(),
                freedom: component.freedom(),
            }),
            _ => Some(self.taken_together(&members)),
        };
        let parts = self.groups().into_iter().filter_map(part);
        parts.filter(|part| part.standard > 0.0).collect()
    }

    fn taken_together(&self, members: &[usize]) -> Part {
        let degrees = members.iter().filter_map(|index| self.components.get(*index));
        Part {
            standard: self.variance_of(members).max(0.0).sqrt(),
            shape: Shape::Normal,
            freedom: degrees.map(Component::freedom).fold(f64::INFINITY, f64::min),
        }
    }

    /// The components by who is correlated with whom, over however many others.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut labels: Vec<usize> = (0..self.components.len()).collect();
        for (first, second, _) in &self.correlations {
            let pair = [first, second].map(|index| labels.get(*index).copied().unwrap_or_default());
            let [from, to] = [pair[0].max(pair[1]), pair[0].min(pair[1])];
            labels.iter_mut().filter(|label| **label == from).for_each(|label| *label = to);
        }
        let members = |label: usize| {
            let pairs = labels.iter().enumerate().filter(move |(_, own)| **own == label);
            pairs.map(|(index, _)| index).collect::<Vec<_>>()
        };
        (0..labels.len()).map(members).filter(|group| !group.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(standard: f64) -> Component {
        Component::new("x", standard, Shape::Normal).unwrap()
    }

    #[test]
    fn correlation_adds_or_takes() {
        let pair = || Budget::new(vec![normal(3.0), normal(4.0)]).unwrap();
        assert_eq!(pair().combined(), Ok(5.0));
        assert_eq!(pair().correlated(0, 1, 1.0).unwrap().combined(), Ok(7.0));
        assert_eq!(pair().correlated(1, 0, -1.0).unwrap().combined(), Ok(1.0));
        for (first, second, coefficient) in
            [(0, 2, 0.1), (1, 1, 0.1), (0, 1, 1.1), (0, 1, f64::NAN)]
        {
            assert!(pair().correlated(first, second, coefficient).is_err());
        }
        assert!(pair().correlated(0, 1, 0.5).unwrap().correlated(1, 0, 0.5).is_err());
    }

    #[test]
    fn correlated_components_act_as_one() {
        let components = vec![
            normal(3.0).with_freedom(9.0).unwrap(),
            normal(1.0),
            normal(4.0).with_freedom(5.0).unwrap(),
        ];
        let budget = Budget::new(components).unwrap().correlated(0, 2, 1.0).unwrap();
        let parts = budget.parts();
        assert_eq!(parts.iter().map(|part| part.standard).collect::<Vec<_>>(), [7.0, 1.0]);
        assert_eq!(parts[0].freedom, 5.0);
        let rows = budget.rows().unwrap();
        let shares: f64 = rows.iter().map(|row| row.share).sum();
        assert!((shares - 1.0).abs() < 1e-15);
    }

    #[test]
    fn impossible_correlations_and_nothing_uncertain_are_errors() {
        let three = Budget::new(vec![normal(1.0), normal(1.0), normal(1.0)]).unwrap();
        let pairs = [(0, 1), (1, 2), (0, 2)];
        let impossible =
            pairs.iter().try_fold(three, |budget, (a, b)| budget.correlated(*a, *b, -1.0)).unwrap();
        assert!(matches!(impossible.combined(), Err(StatisticsError::OutOfDomain { .. })));
        let certain = Budget::new(vec![normal(0.0)]).unwrap();
        assert_eq!(certain.combined(), Ok(0.0));
        assert!(certain.rows().is_err() && certain.effective_freedom().is_err());
        assert!(Budget::new(vec![]).is_err());
    }
}
