//! How uncertain a computed value is: by what each source of error does to it.

use std::collections::{BTreeMap, HashMap};

use bench_model::{Analysis, Decimal, Figure, Place, Point, Quantity, StatedUncertainty, Unit};
use metrology::decision::ResultUncertainty;
use metrology::uncertainty::{Budget, Component, CoverageMethod, Expanded, Input, Plan, simulate};

use super::evaluate::{COVERAGE, Evaluated, Found, Line, UncertaintyError, decimal, stated_as};
use super::sources::{ErrorSource, Sources};
use crate::expression::{Expression, Known, Results};

/// The word of plans and records.
const PROPAGATED: &str = "propagated";

/// Trials of a Monte Carlo simulation times the moved values of each, at most: about a second.
const MAX_MOVES: usize = 1_000_000;

/// How the uncertainty of a computed value follows from those of what it is computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Propagation {
    /// How results of one instrument in one range share their type B errors, 0 to 1.
    pub correlation: f64,
    /// The cross-check.
    pub monte_carlo: Option<MonteCarlo>,
}

/// A simulation as a cross-check (JCGM 101:2008).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonteCarlo {
    /// How often.
    pub trials: usize,
    /// The same seed gives the same numbers.
    pub seed: u64,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Propagated {
    /// u and U in base units, with the budget.
    pub evaluated: Evaluated,
    /// The cross-check, where one is asked for.
    pub analyses: Vec<Analysis>,
}

/// An expression at a point, whose inputs can be moved.
struct Model<'a> {
    known: Known<'a>,
    point: &'a Point,
    unit: Unit,
}

impl Expression {
    /// How uncertain the value at a point is (GUM, JCGM 100:2008, clause 5). Each source of error moves all results
    /// that have it together; half of what ± its standard uncertainty does to the value is its contribution (5.1.3,
    /// note 2), so that what results share counts as fully correlated (5.2.2), or as far as the plan says.
    ///
    /// # Errors
    /// When an input has no uncertainty or no value, when nothing is uncertain in the end, and beyond the bounds of
    /// numbers.
    pub fn uncertainty(
        &self,
        point: &Point,
        results: &dyn Results,
        how: &Propagation,
    ) -> Result<Propagated, UncertaintyError> {
        let known = Known::of(self, results);
        let places = known.inputs_at(point)?;
        let sources = Sources::of(places.values(), results, how.correlation)?;
        let unit = Unit::base(self.unit().dimension());
        let model = Model { known, point, unit };
        let evaluated = model.budget(&sources)?;
        let check = how.monte_carlo.map(|own| model.monte_carlo(own, &sources, &evaluated));
        let analyses = check.transpose()?.into_iter().collect();
        Ok(Propagated { evaluated, analyses })
    }
}

impl Model<'_> {
    fn budget(&self, sources: &Sources) -> Found<Evaluated> {
        let lines = sources.iter().map(|source| self.line(source)).collect::<Found<Vec<_>>>()?;
        let components = lines.iter().map(|line| line.component.clone()).collect();
        let budget = Budget::new(components)?;
        let expanded: Expanded = budget.expanded(COVERAGE, CoverageMethod::Dominant)?;
        let rows = budget.rows()?;
        let told = lines.iter().zip(&rows).filter_map(|(line, row)| line.told(row)).collect();
        let told = super::sources::largest(told, &self.unit);
        let stated: StatedUncertainty = stated_as(PROPAGATED, &expanded, &self.unit, told)?;
        let result = ResultUncertainty::new(expanded.combined, expanded.expanded)?;
        Ok(Evaluated { result, stated })
    }

    /// What a source does to the value, as a line of the budget.
    fn line(&self, source: &ErrorSource) -> Found<Line> {
        let [up, down] = [1.0, -1.0].map(|sign| self.at(&[(source, sign)]));
        let change = up?.checked_sub(&down?).map_err(|_| UncertaintyError::Bounds)?;
        let change = change.to_f64() / 2.0;
        let (standard, sensitivity, unit) = match source.alone() {
            Some((own, unit)) => (own.abs(), change / own.abs(), unit),
            None => (change.abs(), change.signum(), self.unit.clone()),
        };
        let component = Component::new(source.title(), standard, source.shape)?;
        let component = component.with_sensitivity(sensitivity)?.with_freedom(source.freedom)?;
        let per = self.unit.dimension().per(unit.dimension()).map(Unit::base);
        Ok(Line {
            component,
            kind: source.kind,
            sensitivity: per.unwrap_or_else(Unit::none),
            unit,
            source: Some(source.key.clone()),
        })
    }

    /// The value with sources off by so many of their standard uncertainties.
    fn at(&self, off: &[(&ErrorSource, f64)]) -> Found<Decimal> {
        let mut moved: HashMap<String, f64> = HashMap::new();
        for (source, times) in off {
            for (place, standard) in &source.parts {
                *moved.entry(place.clone()).or_default() += standard * times;
            }
        }
        let moved = moved.into_iter().map(|(place, by)| Ok((place, decimal(by)?)));
        Ok(self.known.moved(self.point, moved.collect::<Found<_>>()?)?)
    }

    /// Propagation of distributions, held against the budget (JCGM 101:2008, clause 8).
    fn monte_carlo(
        &self,
        how: MonteCarlo,
        sources: &Sources,
        budget: &Evaluated,
    ) -> Found<Analysis> {
        let parts: usize = sources.iter().map(|source| source.parts.len()).sum();
        if how.trials.saturating_mul(parts) > MAX_MOVES {
            return Err(UncertaintyError::TooManyTrials { most: MAX_MOVES / parts.max(1) });
        }
        let best = self.known.moved(self.point, HashMap::new())?;
        let all: Vec<&ErrorSource> = sources.iter().collect();
        let inputs: Vec<Input> = all.iter().map(|source| source.input()).collect();
        let model = |drawn: &[f64]| {
            let off: Vec<_> = all.iter().copied().zip(drawn.iter().copied()).collect();
            let apart = self.at(&off).ok().and_then(|value| value.checked_sub(&best).ok());
            apart.map_or(f64::NAN, |apart| apart.to_f64())
        };
        let plan = Plan { trials: how.trials, seed: how.seed, coverage: COVERAGE };
        let found = simulate(&inputs, &[], model, plan)?;
        let amount = |apart: f64| {
            let value = best.checked_add(&decimal(apart)?).map_err(|_| UncertaintyError::Bounds)?;
            Ok::<_, UncertaintyError>(Quantity::new(value, self.unit.clone()))
        };
        let (low, high) = found.symmetric;
        let interval = Figure {
            name: "value".to_owned(),
            value: amount(found.mean)?,
            low: Some(amount(low)?),
            high: Some(amount(high)?),
            remark: None,
        };
        let standard = Quantity::new(decimal(found.standard)?, self.unit.clone());
        let expanded = budget.result.expanded();
        let remark = agreement(low + expanded, high - expanded, budget.result.standard());
        Ok(Analysis {
            title: "Monte Carlo".to_owned(),
            method: format!(
                "propagation of distributions (JCGM 101:2008), {} trials, seed {}",
                how.trials, how.seed
            ),
            confidence: Some(decimal(COVERAGE)?),
            figures: vec![
                interval,
                Figure {
                    name: "u".to_owned(),
                    value: standard,
                    low: None,
                    high: None,
                    remark: None,
                },
            ],
            remarks: vec![remark],
        })
    }
}

/// Whether the ends of the two intervals differ by no more than the last digit of u counts, of which one is
/// significant (JCGM 101:2008, 7.9.2 and 8.1).
fn agreement(at_low: f64, at_high: f64, standard: f64) -> String {
    let tolerance = 0.5 * 10_f64.powf(standard.log10().floor());
    let apart = at_low.abs().max(at_high.abs());
    let (said, relation) = if apart <= tolerance {
        ("the budget agrees", "within")
    } else {
        ("the budget does not agree: the simulated interval is the better one", "beyond")
    };
    format!(
        "{said}; the ends are {apart:.2e} apart, {relation} the {tolerance:.0e} of one digit of u"
    )
}

/// What results share: the errors behind them, as far as they are known.
pub(super) fn unknown(place: &Place) -> UncertaintyError {
    UncertaintyError::NoUncertainty { place: place.to_string() }
}

/// Sources by their key.
pub(super) type ByKey = BTreeMap<String, ErrorSource>;
