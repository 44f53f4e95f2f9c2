//! The worked examples of the GUM, its Supplement 1 and EA-4/02.

use metrology::summary::{correlation, effective_count, lag1_autocorrelation};
use metrology::uncertainty::{
    Budget, Component, CoverageMethod, Input, Plan, Shape, Simulated, TypeA, sensitivities,
    simulate,
};

use crate::fixture::{Published, agree, rounds_to};

fn component(standard: f64, shape: Shape, freedom: f64) -> Component {
    Component::new("", standard, shape).unwrap().with_freedom(freedom).unwrap()
}

/// JCGM 100:2008, H.1.6 and table H.1: end gauge, nanometres; uc 32, 16 degrees of freedom (16.7), k 2.92, U 93.
#[test]
fn gum_h1_end_gauge() {
    let budget = Budget::new(vec![
        component(25.0, Shape::Normal, 18.0),
        component(9.7, Shape::Normal, 25.6),
        component(2.9, Shape::Rectangular, 50.0),
        component(16.6, Shape::Rectangular, 2.0),
    ])
    .unwrap();
    let found = budget.expanded(0.99, CoverageMethod::Student).unwrap();
    rounds_to(found.combined, "32");
    assert!((16.65..16.8).contains(&found.freedom), "{}", found.freedom);
    rounds_to(found.factor, "2.92");
    assert!((92.0..=93.5).contains(&found.expanded), "{}", found.expanded);
}

/// JCGM 100:2008, H.1 from its model: l = ls + d - ls (da t + as dt), in nanometres; contributions 25, 9.7, 0, 0, 2.9
/// and 16.7 (16.6 unrounded), u 32 (31.71), 16.66 degrees of freedom, at 99 % U 92.1 with all of them, 93 with 16.
#[test]
fn gum_h1_from_its_model() {
    let model = |x: &[f64]| x[0] + x[1] - x[0] * (x[4] * x[3] + x[2] * x[5]);
    let estimates = [50_000_623.0, 215.0, 11.5e-6, -0.1, 0.0, 0.0];
    let standards = [25.0, 9.7, 1.2e-6, 0.41, 0.58e-6, 0.029];
    let freedoms = [18.0, 25.6, f64::INFINITY, f64::INFINITY, 50.0, 2.0];
    let coefficients = sensitivities(model, &estimates, &standards).unwrap();
    let parts = coefficients.iter().zip(standards).zip(freedoms);
    let parts = parts.map(|((coefficient, standard), freedom)| {
        component(standard, Shape::Normal, freedom).with_sensitivity(*coefficient).unwrap()
    });
    let budget = Budget::new(parts.collect()).unwrap();
    let published = [25.0, 9.7, 0.0, 0.0, 2.9, 16.7];
    for (row, wanted) in budget.rows().unwrap().iter().zip(published) {
        assert!((row.contribution - wanted).abs() < 0.05, "{row:?}, not {wanted}");
    }
    rounds_to(budget.combined().unwrap(), "31.71");
    assert!((budget.effective_freedom().unwrap() - 16.66).abs() < 0.05);
    let expanded = budget.expanded(0.99, CoverageMethod::Student).unwrap().expanded;
    assert!((92.0..93.0).contains(&expanded), "{expanded}");
}

/// JCGM 100:2008, H.1.3.2 and H.1.6: 13 / sqrt(5), 10 / 2.57 and 20 / 3 nm with 24, 5 and 8 degrees of freedom make
/// 9.7 nm with 25.6.
#[test]
fn gum_h1_difference_of_lengths() {
    let parts = [(13.0 / 5_f64.sqrt(), 24.0), (10.0 / 2.57, 5.0), (20.0 / 3.0, 8.0)];
    let parts = parts.map(|(standard, freedom)| component(standard, Shape::Normal, freedom));
    let budget = Budget::new(parts.to_vec()).unwrap();
    rounds_to(budget.combined().unwrap(), "9.7");
    rounds_to(budget.effective_freedom().unwrap(), "25.6");
}

/// JCGM 100:2008, H.2, tables H.2 to H.4: resistance, reactance and impedance from five sets of readings.
#[test]
fn gum_h2_correlated_inputs() {
    let volts = [5.007, 4.994, 5.005, 4.990, 4.999];
    let amperes = [19.663, 19.639, 19.640, 19.685, 19.678].map(|milli: f64| milli / 1e3);
    let radians = [1.0456, 1.0438, 1.0468, 1.0428, 1.0433];
    let readings = [volts, amperes, radians];
    let means = readings.map(|own| own.iter().sum::<f64>() / 5.0);
    let evaluated = readings.map(|own| TypeA::independent(&own).unwrap());
    rounds_to(evaluated[0].standard(), "0.0032");
    rounds_to(evaluated[1].standard() * 1e3, "0.0095");
    rounds_to(evaluated[2].standard(), "0.00075");
    let pairs = [(0, 1, "-0.36"), (0, 2, "0.86"), (1, 2, "-0.65")];
    let standards = evaluated.map(|own| own.standard());
    type Model = fn(&[f64]) -> f64;
    let models: [(Model, &str, f64); 3] = [
        (|x| x[0] / x[1] * x[2].cos(), "127.732", 0.071),
        (|x| x[0] / x[1] * x[2].sin(), "219.847", 0.295),
        (|x| x[0] / x[1], "254.260", 0.236),
    ];
    for (model, value, uncertainty) in models {
        rounds_to(model(&means), value);
        let coefficients = sensitivities(model, &means, &standards).unwrap();
        let parts = evaluated.iter().zip(coefficients).map(|(own, coefficient)| {
            Component::from_readings("", own).unwrap().with_sensitivity(coefficient).unwrap()
        });
        let mut budget = Budget::new(parts.collect()).unwrap();
        for (first, second, published) in pairs {
            let coefficient = correlation(&readings[first], &readings[second]).unwrap();
            rounds_to(coefficient, published);
            budget = budget.correlated(first, second, coefficient).unwrap();
        }
        // The GUM rounds on its way: unrounded, the second is 0.2956.
        assert!((budget.combined().unwrap() - uncertainty).abs() < 7e-4);
    }
}

/// EA-4/02 M:2022, S9: a hand-held multimeter at 100 V: u 0.030 V, k 1.65, U 0.05 V.
#[test]
fn ea_s9_dominant_rectangle() {
    let budget = Budget::new(vec![
        component(0.001, Shape::Normal, f64::INFINITY),
        Component::bounded("resolution", 0.05, Shape::Rectangular).unwrap(),
        Component::bounded("calibrator", 0.011, Shape::Rectangular).unwrap(),
    ])
    .unwrap();
    let found = budget.expanded(0.95, CoverageMethod::default()).unwrap();
    rounds_to(found.combined, "0.030");
    rounds_to(found.factor, "1.65");
    rounds_to(found.expanded, "0.05");
    assert_eq!(found.freedom, f64::INFINITY);
    let convolved = budget.expanded(0.95, CoverageMethod::Convolved).unwrap();
    rounds_to(convolved.expanded, "0.05");
    assert!(convolved.factor < 1.72, "the other parts round the edges: {}", convolved.factor);
    let student = budget.expanded(0.95, CoverageMethod::Student).unwrap();
    rounds_to(student.factor, "1.96");
}

/// EA-4/02 M:2022, S10: a vernier caliper, micrometres: u 33, two rectangles, k 1.83, U 0.06 mm.
#[test]
fn ea_s10_two_dominant_rectangles() {
    let rectangles = [0.8, 2.0 * 3_f64.sqrt(), 25.0, 50.0];
    let parts = rectangles.map(|half| Component::bounded("", half, Shape::Rectangular).unwrap());
    let budget = Budget::new(parts.to_vec()).unwrap();
    let found = budget.expanded(0.95, CoverageMethod::Dominant).unwrap();
    assert!((32.3..33.5).contains(&found.combined), "{}", found.combined);
    rounds_to(found.factor, "1.83");
    rounds_to(found.expanded / 1e3, "0.06");
    let convolved = budget.expanded(0.95, CoverageMethod::Convolved).unwrap();
    agree(convolved.factor, found.factor, 5e-3);
}

/// A rectangle alone: GUM G.2.2, note: 1.65 for 95 %, 1.71 for 99 %.
#[test]
fn a_rectangle_alone() {
    let budget =
        Budget::new(vec![Component::bounded("", 1.0, Shape::Rectangular).unwrap()]).unwrap();
    for (coverage, factor) in [(0.95, "1.65"), (0.99, "1.71")] {
        for method in [CoverageMethod::Dominant, CoverageMethod::Convolved] {
            rounds_to(budget.expanded(coverage, method).unwrap().factor, factor);
        }
    }
}

/// Michelson's hundred readings are worth thirty: their mean is 1.8 times less certain than s / sqrt(n) says.
#[test]
fn correlated_readings_are_evaluated_as_such() {
    let readings = Published::read("strd-michelso.txt").floats();
    let own = TypeA::correlated(&readings).unwrap();
    let worth = effective_count(100, lag1_autocorrelation(&readings).unwrap()).unwrap();
    agree(own.effective_count(), worth, 1e-15);
    agree(own.standard(), 0.0790105478190518 / worth.sqrt(), 1e-12);
    agree(own.freedom(), worth - 1.0, 1e-15);
}

const PLAN: Plan = Plan { trials: 1_000_000, seed: 20_081_001, coverage: 0.95 };

fn input(estimate: f64, standard: f64, shape: Shape) -> Input {
    Input { estimate, standard, shape, freedom: f64::INFINITY }
}

fn within(low: f64, high: f64, shape: Shape) -> Input {
    let half = (high - low) / 2.0;
    input(low + half, half / shape.half_width().unwrap(), shape)
}

fn intervals_agree(found: &Simulated, ends: (f64, f64), tolerance: f64) {
    for (low, high) in [found.symmetric, found.shortest] {
        assert!((low - ends.0).abs() <= tolerance, "{found:?}");
        assert!((high - ends.1).abs() <= tolerance, "{found:?}");
    }
}

/// JCGM 101:2008, 9.2.2 to 9.2.4, tables 2 to 4: sums of four.
#[test]
fn supplement_1_additive_models() {
    let sum = |x: &[f64]| x.iter().sum::<f64>();
    let unit = |shape| input(0.0, 1.0, shape);
    let normal = simulate(&[unit(Shape::Normal); 4], &[], sum, PLAN).unwrap();
    assert!((normal.standard - 2.0).abs() < 0.01);
    intervals_agree(&normal, (-3.92, 3.92), 0.04);
    let rectangular = simulate(&[unit(Shape::Rectangular); 4], &[], sum, PLAN).unwrap();
    intervals_agree(&rectangular, (-3.88, 3.88), 0.04);
    let mut wide = [unit(Shape::Rectangular); 4];
    wide[3].standard = 10.0;
    let wide = simulate(&wide, &[], sum, PLAN).unwrap();
    agree(wide.standard, 103_f64.sqrt(), 2e-3);
    intervals_agree(&wide, (-17.0, 17.0), 0.15);
}

/// JCGM 101:2008, 9.3, table 6: calibration of a mass standard, mg: 1.2341, u 0.0754, 1.0834 to 1.3825; the GUM's
/// own way gives 0.0539, 1.1285 to 1.3395.
#[test]
fn supplement_1_mass_calibration() {
    let inputs = [
        input(100_000.0, 0.050, Shape::Normal),
        input(1.234, 0.020, Shape::Normal),
        within(1.10, 1.30, Shape::Rectangular),
        within(7.0e3, 9.0e3, Shape::Rectangular),
        within(7.95e3, 8.05e3, Shape::Rectangular),
    ];
    let model = |x: &[f64]| {
        let [reference, added, air, weight, standard] = [x[0], x[1], x[2], x[3], x[4]];
        (reference + added) * (1.0 + (air - 1.2) * (1.0 / weight - 1.0 / standard)) - 100_000.0
    };
    let found = simulate(&inputs, &[], model, PLAN).unwrap();
    assert!((found.mean - 1.2341).abs() < 0.001, "{found:?}");
    assert!((found.standard - 0.0754).abs() < 0.0006, "{found:?}");
    intervals_agree(&found, (1.0834, 1.3825), 0.003);
    let [estimates, standards] = [inputs.map(|own| own.estimate), inputs.map(|own| own.standard)];
    let coefficients = sensitivities(model, &estimates, &standards).unwrap();
    let parts = inputs.iter().zip(coefficients).map(|(own, coefficient)| {
        let part = Component::new("", own.standard, own.shape).unwrap();
        part.with_sensitivity(coefficient).unwrap()
    });
    let budget = Budget::new(parts.collect()).unwrap();
    rounds_to(budget.combined().unwrap(), "0.0539");
}

/// A budget's convolved factor and a simulation of the same inputs say the same.
#[test]
fn convolution_and_simulation_agree() {
    let inputs = [
        Input { freedom: 3.0, ..input(0.0, 1.0, Shape::Normal) },
        input(0.0, 1.5, Shape::Arcsine),
        input(0.0, 0.7, Shape::Triangular),
        input(0.0, 1.0, Shape::Trapezoidal { top: 0.5 }),
    ];
    let parts = inputs.map(|own| component(own.standard, own.shape, own.freedom));
    let budget = Budget::new(parts.to_vec()).unwrap();
    let convolved = budget.expanded(0.95, CoverageMethod::Convolved).unwrap().expanded;
    let simulated = simulate(&inputs, &[], |x| x.iter().sum(), PLAN).unwrap();
    agree(simulated.symmetric.1, convolved, 0.01);
    agree(-simulated.symmetric.0, convolved, 0.01);
}
