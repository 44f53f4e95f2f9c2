use bench_model::{
    Decimal, Measured, Place, Point, Quantity, StatedUncertainty, UncertaintyComponent, Unit, Value,
};

use super::evaluate::{Found, decimal};
use super::sources::Sources;
use super::*;
use crate::axes::AxisValues;
use crate::expression::{Leaf, Results, bind, parse_expression};
use crate::text::Parameters;

const PROPAGATION: Propagation = Propagation { correlation: 1.0, monte_carlo: None };

/// Results with how uncertain they are.
#[derive(Default)]
struct Bench(Vec<(Place, Measured, StatedUncertainty)>);

impl Results for Bench {
    fn of(&self, path: &str) -> Vec<(Point, Measured)> {
        let of_path = self.0.iter().filter(|(place, ..)| place.path == path);
        of_path.map(|(place, value, _)| (place.point.clone(), value.clone())).collect()
    }

    fn uncertainty(&self, place: &Place) -> Option<Vec<ErrorSource>> {
        let own = self.0.iter().find(|(own, ..)| own == place)?;
        Some(ErrorSource::of(place, &own.2))
    }
}

/// A component of a standard uncertainty: its type, distribution, standard uncertainty, source and freedom.
type Part = (&'static str, &'static str, f64, Option<&'static str>, Option<u32>);

impl Bench {
    fn with(mut self, path: &str, value: &str, unit: &Unit, parts: &[Part]) -> Self {
        let quantity = |value: f64| Quantity::new(decimal(value).unwrap(), unit.clone());
        let component =
            |(kind, distribution, standard, source, freedom): &Part| UncertaintyComponent {
                name: "own".to_owned(),
                kind: (*kind).to_owned(),
                distribution: (*distribution).to_owned(),
                standard: quantity(*standard),
                sensitivity: "1".parse().unwrap(),
                source: source.map(str::to_owned),
                freedom: freedom.map(Decimal::from),
                share: Decimal::zero(),
            };
        let whole = parts.iter().map(|part| part.2 * part.2).sum::<f64>().sqrt();
        let stated = StatedUncertainty {
            source: "data_sheet".to_owned(),
            standard: quantity(whole),
            expanded: quantity(2.0 * whole),
            factor: Decimal::from(2),
            coverage: "0.95".parse().unwrap(),
            freedom: None,
            components: parts.iter().map(component).collect(),
        };
        let place = Place { path: path.to_owned(), point: Point::default() };
        let value: Decimal = value.parse().unwrap();
        self.0.push((place, Measured::number(Value::Finite(value), unit.clone()), stated));
        self
    }

    /// A computed value as an input of others.
    fn and(mut self, path: &str, found: &Propagated, value: &str, unit: &Unit) -> Self {
        let place = Place { path: path.to_owned(), point: Point::default() };
        let value: Decimal = value.parse().unwrap();
        let measured = Measured::number(Value::Finite(value), unit.clone());
        self.0.push((place, measured, found.evaluated.stated.clone()));
        self
    }

    fn found(&self, text: &str, how: &Propagation) -> Found<Propagated> {
        let leaf = |unit: Unit| {
            let axes: Vec<AxisValues> = Vec::new();
            Some(Leaf { unit: Some(unit), axes, uncertain: true, ..Leaf::default() })
        };
        let unit = |measured: &Measured| measured.quantity().unwrap().unit;
        let leaves = self.0.iter().map(|(place, value, _)| (place.path.clone(), leaf(unit(value))));
        let term = parse_expression(text).unwrap();
        let bound = bind(text, &term, &leaves.collect(), &Parameters::default()).unwrap().unwrap();
        bound.uncertainty(&Point::default(), self, how)
    }

    fn standard(&self, text: &str) -> f64 {
        self.found(text, &PROPAGATION).unwrap().evaluated.result.standard()
    }
}

fn near(found: f64, wanted: f64, within: f64) {
    assert!((found / wanted - 1.0).abs() <= within, "{found}, not {wanted}");
}

const SHEET: Option<&str> = Some("dmm dc_voltage 10 V: data sheet");

/// The power of 10 V across and 2 A through a load: relative uncertainties add by their squares (GUM, 5.1.6).
#[test]
fn a_product_of_independent_readings_has_the_root_of_the_squares() {
    let bench = Bench::default()
        .with("v", "10", &Unit::volt(), &[("B", "normal", 0.01, Some("dmm: a"), None)])
        .with("i", "2", &Unit::ampere(), &[("A", "normal", 0.004, None, Some(9))]);
    near(bench.standard("v * i"), 20.0 * (0.001_f64.powi(2) + 0.002_f64.powi(2)).sqrt(), 1e-9);
    let found = bench.found("v / i", &PROPAGATION).unwrap().evaluated;
    // Welch and Satterthwaite: of the parts 0.005 and 0.01 the second has nine degrees.
    let freedom = (0.005_f64.powi(2) + 0.01_f64.powi(2)).powi(2) / (0.01_f64.powi(4) / 9.0);
    near(found.stated.freedom.unwrap().to_f64(), freedom, 1e-4);
    let lines = &found.stated.components;
    let sensitivity = |at: usize| lines[at].sensitivity.to_string();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().any(|line| line.name == "i: own" && line.kind == "A"), "{lines:?}");
    assert!([sensitivity(0), sensitivity(1)].contains(&"0.5 1/A".to_owned()), "{lines:?}");
}

/// What two readings share cancels in their difference and doubles in their sum (GUM, 5.2.2); what each has of its
/// own does not.
#[test]
fn shared_errors_move_together() {
    let parts: [Part; 2] =
        [("B", "rectangular", 0.003, SHEET, None), ("A", "normal", 0.001, None, Some(4))];
    let bench = Bench::default().with("a", "5", &Unit::volt(), &parts).with(
        "b",
        "4",
        &Unit::volt(),
        &parts,
    );
    near(bench.standard("a - b"), 0.001 * 2_f64.sqrt(), 1e-9);
    near(bench.standard("a + b"), (0.006_f64.powi(2) + 2.0 * 0.001_f64.powi(2)).sqrt(), 1e-9);
    let half = Propagation { correlation: 0.25, monte_carlo: None };
    let apart = bench.found("a - b", &half).unwrap().evaluated;
    let wanted = 2.0 * 0.003_f64.powi(2) * (1.0 - 0.25) + 2.0 * 0.001_f64.powi(2);
    near(apart.result.standard(), wanted.sqrt(), 1e-9);
    let sum = bench.found("a + b", &PROPAGATION).unwrap().evaluated;
    let line = sum.stated.components.iter().find(|line| line.kind == "B").unwrap();
    assert_eq!(line.distribution, "rectangular", "a sum of one rectangle is one");
    assert_eq!(line.name, "dmm dc_voltage 10 V: data sheet (shared by 2 results)");
    assert!(sum.stated.factor.to_f64() < 1.8, "k of what dominates: {}", sum.stated.factor);
}

/// A computed value keeps the sources of what it is computed from.
#[test]
fn what_is_computed_further_stays_correlated() {
    let parts: [Part; 1] = [("B", "rectangular", 0.003, SHEET, None)];
    let own: [Part; 1] = [("A", "normal", 0.001, None, None)];
    let bench =
        Bench::default().with("a", "5", &Unit::volt(), &parts).with("b", "4", &Unit::volt(), &own);
    let half = bench.found("(a + b) / 2", &PROPAGATION).unwrap();
    let bench = bench.and("half", &half, "4.5", &Unit::volt());
    near(bench.standard("2 * half - a"), 0.001, 1e-9);
}

/// JCGM 101:2008, 9.2.3: four rectangles of equal width; the budget has k 1.94 and so has the simulation.
#[test]
fn the_simulation_is_that_of_the_supplement() {
    let sources = ["a", "b", "c", "d"];
    let part = |name: &'static str| [("B", "rectangular", 1.0, Some(name), None)];
    let bench = sources
        .iter()
        .fold(Bench::default(), |bench, name| bench.with(name, "0", &Unit::volt(), &part(name)));
    let monte_carlo = Some(MonteCarlo { trials: 10_000, seed: 7 });
    let how = Propagation { correlation: 1.0, monte_carlo };
    let found = bench.found("a + b + c + d", &how).unwrap();
    near(found.evaluated.result.standard(), 2.0, 1e-9);
    let [check] = found.analyses.as_slice() else { panic!("one check") };
    let value = check.figure("value").unwrap();
    for (end, wanted) in [(&value.low, -3.88), (&value.high, 3.88)] {
        near(end.as_ref().unwrap().value.to_f64(), wanted, 0.03);
    }
    near(check.figure("u").unwrap().value.value.to_f64(), 2.0, 0.02);
    assert!(check.remarks[0].starts_with("the budget agrees"), "{check:?}");
    let seeded = |seed| {
        let monte_carlo = Some(MonteCarlo { trials: 1_000, seed });
        bench.found("a + b", &Propagation { correlation: 1.0, monte_carlo }).unwrap()
    };
    assert_eq!(seeded(3), seeded(3));
    assert_ne!(seeded(3), seeded(4));
}

#[test]
fn what_cannot_be_said_is_refused() {
    let bench = Bench::default()
        .with("a", "5", &Unit::volt(), &[("B", "rectangular", 0.003, SHEET, None)])
        .with("b", "4", &Unit::volt(), &[("B", "rectangular", 0.003, SHEET, None)]);
    assert!(bench.found("a - b", &PROPAGATION).is_err(), "everything cancels");
    let monte_carlo = Some(MonteCarlo { trials: 10_000_000, seed: 1 });
    let refused = bench.found("a + b", &Propagation { correlation: 0.5, monte_carlo });
    assert!(matches!(refused, Err(UncertaintyError::TooManyTrials { .. })), "{refused:?}");
    struct Nothing(Bench);
    impl Results for Nothing {
        fn of(&self, path: &str) -> Vec<(Point, Measured)> {
            self.0.of(path)
        }
    }
    let place = Place { path: "a".to_owned(), point: Point::default() };
    let refused = Sources::of([place].iter(), &Nothing(bench), 1.0);
    assert!(matches!(refused.err(), Some(UncertaintyError::NoUncertainty { .. })));
}
