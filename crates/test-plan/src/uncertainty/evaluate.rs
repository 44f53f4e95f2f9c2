//! Sources of uncertainty to u, U, k and the lines of a budget.

use bench_catalog::Range;
use bench_model::{Decimal, Quantity, StatedUncertainty, UncertaintyComponent, Unit};
use metrology::StatisticsError;
use metrology::decision::ResultUncertainty;
use metrology::uncertainty::{
    Budget, BudgetRow, Component, CoverageMethod, Expanded, Shape, SpecificationError, TypeA,
};

use super::corrected::CorrectedFrom;
use super::data_sheet::half_width;
use crate::expression::NotComputed;

use super::{BudgetInput, BudgetLine, KnownAccuracy, PlannedBudget, UncertaintySource};

/// The probability that an expanded uncertainty covers.
pub(super) const COVERAGE: f64 = 0.95;

/// The factor of an expanded uncertainty that a plan states.
const STATED_FACTOR: f64 = 2.0;

/// What is known of a reading when its uncertainty is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// What was read, in base units.
    pub reading: &'a Decimal,
    /// Its base unit.
    pub unit: &'a Unit,
    /// What it was corrected from, where it was.
    pub corrected: Option<&'a CorrectedFrom<'a>>,
    /// The range in force.
    pub range: Option<&'a Range>,
    /// What the instrument is accurate to.
    pub accuracy: Option<KnownAccuracy<'a>>,
    /// The temperature around it in °C; none: one at which the data sheet holds as it stands.
    pub celsius: Option<&'a Decimal>,
    /// The scatter of several readings.
    pub scatter: Option<&'a TypeA>,
    /// What it shares its type B errors with: those of one instrument in one range.
    pub source: Option<&'a str>,
}

/// An uncertainty that was evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// u and U in base units.
    pub result: ResultUncertainty,
    /// With all that it was made of.
    pub stated: StatedUncertainty,
}

/// Why it cannot be said how uncertain a reading is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UncertaintyError {
    /// Nothing is known of the instrument.
    #[error(
        "nothing is known of the instrument's accuracy for this; a bench file says it in its accuracy, or the plan \
         in a budget or as a value"
    )]
    NoDataSheet,
    /// The instrument chose its range.
    #[error("the range is \"auto\", and the data sheet goes by the range; a fixed range is wanted")]
    AutoRange,
    /// More digits than a decimal may have.
    #[error("the accuracy passes the bounds of a decimal")]
    Bounds,
    /// The data sheet does not hold for it.
    #[error(transparent)]
    Specification(#[from] SpecificationError),
    /// Something is computed from what nobody knows the uncertainty of.
    #[error(
        "{place} has no uncertainty; its measurement says it: uncertainty = \"data_sheet\", \"budget\" or U"
    )]
    NoUncertainty {
        /// Where.
        place: String,
    },
    /// More sources of error than are looked at one by one.
    #[error("{found} sources of error lie behind this value; at most {most} are taken")]
    TooManySources {
        /// How many there are.
        found: usize,
        /// How many are taken.
        most: usize,
    },
    /// A simulation would take too long.
    #[error("so many trials take too long here; at most {most} are made")]
    TooManyTrials {
        /// How many are made.
        most: usize,
    },
    /// What it is computed from has no value.
    #[error(transparent)]
    NotComputed(#[from] NotComputed),
    /// It has no value.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
}

pub(super) type Found<T> = Result<T, UncertaintyError>;

/// A component with the units that its numbers have.
pub(super) struct Line {
    pub(super) component: Component,
    pub(super) kind: &'static str,
    pub(super) unit: Unit,
    pub(super) sensitivity: Unit,
    pub(super) source: Option<String>,
}

impl UncertaintySource {
    /// How uncertain a reading is.
    ///
    /// # Errors
    /// When the data sheet says nothing of it, and when the components have no combined uncertainty.
    pub fn evaluate(&self, around: &Circumstances<'_>) -> Found<Evaluated> {
        let (mut lines, correlations) = match self {
            Self::Value(expanded) => return self.stated(expanded, around),
            Self::DataSheet => (vec![warranted(around, Shape::Rectangular)?], Vec::new()),
            Self::Budget(budget) => (listed(budget, around)?, budget.correlations.clone()),
        };
        if let Some(corrected) = around.corrected {
            lines.extend(corrections(corrected, around.unit)?);
        }
        if let Some(scatter) = around.scatter {
            let component = Component::from_readings("scatter of the readings", scatter)?;
            lines.push(Line::of_reading(component, "A", around.unit));
        }
        name_sources(&mut lines, around.source);
        let components = lines.iter().map(|line| line.component.clone()).collect();
        let budget = correlations.iter().try_fold(Budget::new(components)?, |budget, pair| {
            budget.correlated(pair.0, pair.1, pair.2.to_f64())
        })?;
        let expanded = budget.expanded(COVERAGE, CoverageMethod::Dominant)?;
        let components = lines.iter().zip(budget.rows()?).filter_map(|(line, row)| line.told(&row));
        let stated = stated_as(self.word(), &expanded, around.unit, components.collect())?;
        let result = ResultUncertainty::new(expanded.combined, expanded.expanded)?;
        Ok(Evaluated { result, stated })
    }

    fn stated(&self, expanded: &Quantity, around: &Circumstances<'_>) -> Found<Evaluated> {
        let component = Component::certified(
            "as the plan states",
            expanded.in_base().ok_or(UncertaintyError::Bounds)?.to_f64(),
            STATED_FACTOR,
        )?;
        let row = Budget::new(vec![component.clone()])?.rows()?;
        let mut lines = [Line::of_reading(component, "B", around.unit)];
        name_sources(&mut lines, around.source);
        let lines = lines.iter().zip(&row).filter_map(|(line, row)| line.told(row)).collect();
        let expanded = expanded.in_base().ok_or(UncertaintyError::Bounds)?;
        let expanded = expanded.to_f64();
        let result = ResultUncertainty::from_expanded(expanded)?;
        let told = Expanded {
            combined: result.standard(),
            coverage: COVERAGE,
            factor: STATED_FACTOR,
            expanded,
            freedom: f64::INFINITY,
            method: CoverageMethod::Dominant,
        };
        Ok(Evaluated { result, stated: stated_as(self.word(), &told, around.unit, lines)? })
    }
}

/// What is recorded.
pub(super) fn stated_as(
    source: &str,
    found: &Expanded,
    unit: &Unit,
    components: Vec<UncertaintyComponent>,
) -> Found<StatedUncertainty> {
    Ok(StatedUncertainty {
        source: source.to_owned(),
        standard: Quantity::new(decimal(found.combined)?, unit.clone()),
        expanded: Quantity::new(decimal(found.expanded)?, unit.clone()),
        factor: decimal(found.factor)?,
        coverage: decimal(found.coverage)?,
        freedom: Decimal::from_f64_shortest(found.freedom),
        components,
    })
}

/// Errors of type B are those of everything that is read by the same instrument in the same range.
fn name_sources(lines: &mut [Line], shared: Option<&str>) {
    let Some(shared) = shared else { return };
    for line in lines.iter_mut().filter(|line| line.kind == "B") {
        line.source = Some(format!("{shared}: {}", line.component.name()));
    }
}

pub(super) fn decimal(value: f64) -> Found<Decimal> {
    Decimal::from_f64_shortest(value).ok_or(UncertaintyError::Bounds)
}

/// The data sheet's ± as a component.
fn warranted(around: &Circumstances<'_>, shape: Shape) -> Found<Line> {
    let Some(from) = around.corrected else {
        let (half, name) = half_width(around)?;
        let component = Component::bounded(name, half.to_f64(), shape)?;
        return Ok(Line::of_reading(component, "B", around.unit));
    };
    let raw = Circumstances { reading: &from.raw, unit: &from.unit, corrected: None, ..*around };
    let line = warranted(&raw, shape)?;
    let component = line.component.with_sensitivity(from.value.by_reading.to_f64())?;
    let sensitivity = per(around.unit, &from.unit);
    Ok(Line { component, sensitivity, ..line })
}

/// A line for each correction whose number is uncertain and counts.
fn corrections(from: &CorrectedFrom<'_>, unit: &Unit) -> Found<Vec<Line>> {
    let mut lines = Vec::new();
    for (correction, change) in from.corrections.iter().zip(&from.value.by_input) {
        let Some(own) = correction.uncertainty.as_ref().filter(|_| !change.is_zero()) else {
            continue;
        };
        let half = own.in_base().ok_or(UncertaintyError::Bounds)?.to_f64();
        let component = Component::certified(correction.name.clone(), half, STATED_FACTOR)?;
        let component = component.with_sensitivity(change.to_f64())?;
        let sensitivity = per(unit, &own.unit);
        lines.push(Line {
            component,
            kind: "B",
            unit: Unit::base(own.unit.dimension()),
            sensitivity,
            source: None,
        });
    }
    Ok(lines)
}

fn per(unit: &Unit, other: &Unit) -> Unit {
    unit.dimension().per(other.dimension()).map_or_else(Unit::none, Unit::base)
}

fn listed(budget: &PlannedBudget, around: &Circumstances<'_>) -> Found<Vec<Line>> {
    budget.lines.iter().map(|line| one(line, around)).collect()
}

fn one(line: &BudgetLine, around: &Circumstances<'_>) -> Found<Line> {
    let base = |own: &Quantity| own.in_base().ok_or(UncertaintyError::Bounds);
    let name = line.name.clone();
    let (component, unit) = match &line.input {
        BudgetInput::DataSheet => return warranted(around, line.shape),
        BudgetInput::Standard(own) => {
            (Component::new(name, base(own)?.to_f64(), line.shape)?, &own.unit)
        }
        BudgetInput::Within(own) => {
            (Component::bounded(name, base(own)?.to_f64(), line.shape)?, &own.unit)
        }
        BudgetInput::Expanded(own, factor) => {
            (Component::certified(name, base(own)?.to_f64(), factor.to_f64())?, &own.unit)
        }
    };
    let component = component.with_sensitivity(base(&line.sensitivity)?.to_f64())?;
    let component = match &line.freedom {
        Some(freedom) => component.with_freedom(freedom.to_f64())?,
        None => component,
    };
    let sensitivity = Unit::base(line.sensitivity.unit.dimension());
    let unit = Unit::base(unit.dimension());
    Ok(Line { component, kind: "B", unit, sensitivity, source: None })
}

impl Line {
    /// A component in the unit of the reading.
    fn of_reading(component: Component, kind: &'static str, unit: &Unit) -> Self {
        Self { component, kind, unit: unit.clone(), sensitivity: Unit::none(), source: None }
    }

    pub(super) fn told(&self, row: &BudgetRow) -> Option<UncertaintyComponent> {
        let number = Decimal::from_f64_shortest;
        Some(UncertaintyComponent {
            name: row.name.clone(),
            kind: self.kind.to_owned(),
            distribution: row.shape.name().to_owned(),
            standard: Quantity::new(number(row.standard)?, self.unit.clone()),
            sensitivity: Quantity::new(number(row.sensitivity)?, self.sensitivity.clone()),
            source: self.source.clone(),
            freedom: number(row.freedom),
            share: number(row.share)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_catalog::Dialects;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn evaluated(
        source: &UncertaintySource,
        days: Option<u32>,
        scatter: Option<&TypeA>,
    ) -> Found<Evaluated> {
        let identity = "Keysight Technologies,34461A,MY1,1".parse().unwrap();
        let dialects = Dialects::built_in().unwrap();
        let meter = dialects.for_identity(&identity).unwrap().of_model(&identity);
        let words = meter.function(bench_catalog::Function::DcVoltage).unwrap();
        source.evaluate(&Circumstances {
            reading: &number("10"),
            unit: &Unit::volt(),
            corrected: None,
            range: Some(&Range::Fixed("10 V".parse().unwrap())),
            accuracy: Some(KnownAccuracy { tables: &words.accuracy, days }),
            celsius: None,
            scatter,
            source: Some("dmm dc_voltage 10 V"),
        })
    }

    /// ± 400 uV a year after calibration, as a rectangle: u 231 uV, k 1.65, U 380 uV.
    #[test]
    fn a_data_sheet_is_a_rectangle() {
        let own = evaluated(&UncertaintySource::DataSheet, Some(200), None).unwrap();
        assert!((own.result.standard() - 400e-6 / 3_f64.sqrt()).abs() < 1e-12);
        assert!((own.result.expanded() - 0.95 * 400e-6).abs() < 1e-12);
        assert_eq!(own.stated.factor.round_to_digits(3), number("1.65"));
        let [line] = own.stated.components.as_slice() else { panic!() };
        assert_eq!(line.name, "data sheet, 200 days after calibration");
        assert_eq!((line.kind.as_str(), line.distribution.as_str()), ("B", "rectangular"));
        assert_eq!(line.share, number("1"));
    }

    #[test]
    fn age_counts_and_scatter_is_added() {
        let quarter = evaluated(&UncertaintySource::DataSheet, Some(90), None).unwrap();
        assert!((quarter.result.standard() - 250e-6 / 3_f64.sqrt()).abs() < 1e-12);
        let longest = evaluated(&UncertaintySource::DataSheet, None, None).unwrap();
        assert!((longest.result.standard() - 550e-6 / 3_f64.sqrt()).abs() < 1e-12);
        let old = evaluated(&UncertaintySource::DataSheet, Some(731), None).unwrap_err();
        assert!(old.to_string().contains("calibrated 731 days ago"), "{old}");
        let scatter = TypeA::independent(&[10.0, 10.001, 10.002]).unwrap();
        let both = evaluated(&UncertaintySource::DataSheet, Some(1), Some(&scatter)).unwrap();
        assert_eq!(both.stated.components[1].kind, "A");
        assert_eq!(both.stated.components[1].freedom, Some(number("2")));
        assert!(both.stated.freedom.is_some());
    }

    #[test]
    fn a_stated_value_is_the_whole() {
        let source = UncertaintySource::Value("75 µV".parse().unwrap());
        let own = evaluated(&source, None, None).unwrap();
        assert_eq!(own.stated.expanded.for_display(3), "75 µV");
        assert_eq!((own.stated.factor, own.stated.freedom), (number("2"), None));
    }
}
