//! Propagation of distributions by trying, as a cross-check of a budget.

use super::Shape;
use crate::error::{
    Result, StatisticsError, at_least, at_most, domain, freedom, not_negative, number, probability,
};
use crate::numeric::{random::Random, real, whole};
use crate::summary::Moments;

/// The most trials of one simulation: 80 MB.
pub const MAX_TRIALS: usize = 10_000_000;

/// The most inputs of a model.
const MAX_INPUTS: usize = 1_000;

/// One input quantity of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// Its best estimate.
    pub estimate: f64,
    /// Its standard uncertainty, in the same unit.
    pub standard: f64,
    /// Its distribution.
    pub shape: Shape,
    /// Degrees of freedom of a normal one, which then is Student's t scaled by the standard uncertainty
    /// (JCGM 101:2008, 6.4.9); others do not use it.
    pub freedom: f64,
}

/// How a simulation is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How many trials: a million is good for one or two digits of an interval's length (JCGM 101, 7.2).
    pub trials: usize,
    /// The same seed gives the same result.
    pub seed: u64,
    /// The probability that the intervals cover, 0 to 1.
    pub coverage: f64,
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulated {
    /// The mean of the trials (JCGM 101, 7.6).
    pub mean: f64,
    /// Their standard deviation: the standard uncertainty (7.6).
    pub standard: f64,
    /// The interval with as much above as below (7.7.2, note).
    pub symmetric: (f64, f64),
    /// The shortest interval (7.7.2, note).
    pub shortest: (f64, f64),
}

/// Draws the inputs, computes the model, and sums up. Pairs of normal inputs, by their index, may be correlated
/// (JCGM 101:2008, 6.4.8).
///
/// # Errors
/// When an input or the plan is out of its domain, when correlated inputs are not normal with infinitely many
/// degrees of freedom, when the correlations contradict each other, and when the model is not finite in some trial.
pub fn simulate(
    inputs: &[Input],
    correlations: &[(usize, usize, f64)],
    model: impl Fn(&[f64]) -> f64,
    plan: Plan,
) -> Result<Simulated> {
    check(inputs, plan)?;
    let mixing = Mixing::new(inputs, correlations)?;
    let mut random = Random::seeded(plan.seed);
    let (mut drawn, mut values) = (vec![0.0; inputs.len()], vec![0.0; inputs.len()]);
    let mut results = Vec::with_capacity(plan.trials);
    for _ in 0..plan.trials {
        for (drawn, input) in drawn.iter_mut().zip(inputs) {
            *drawn = draw(input, &mut random);
        }
        mixing.mix(&drawn, &mut values);
        for (value, input) in values.iter_mut().zip(inputs) {
            *value = input.estimate + input.standard * *value;
        }
        results.push(model(&values));
    }
    summed_up(results, plan.coverage)
}

fn check(inputs: &[Input], plan: Plan) -> Result<()> {
    at_least("inputs of a model", inputs.len(), 1)?;
    at_most("inputs of a model", inputs.len(), MAX_INPUTS)?;
    at_most("trials", plan.trials, MAX_TRIALS)?;
    let coverage = probability("the coverage", plan.coverage)?;
    // Below that the ends of the interval are single trials.
    at_least("trials", plan.trials, whole((10.0 / (1.0 - coverage)).ceil()).max(100))?;
    inputs.iter().try_for_each(|input| {
        number("an estimate", input.estimate)?;
        not_negative("a standard uncertainty", input.standard)?;
        freedom("the degrees of freedom of an input", input.freedom)?;
        if input.shape != Shape::Normal {
            input.shape.half_width()?;
        }
        Ok(())
    })
}

/// A value about zero with a standard deviation of one.
fn draw(input: &Input, random: &mut Random) -> f64 {
    let centred = |random: &mut Random| 2.0 * random.uniform() - 1.0;
    match input.shape {
        Shape::Normal if input.freedom.is_finite() => random.student(input.freedom),
        Shape::Normal => random.normal(),
        Shape::Rectangular => centred(random) * 3_f64.sqrt(),
        Shape::Triangular => (centred(random) + centred(random)) * 1.5_f64.sqrt(),
        Shape::Arcsine => (std::f64::consts::PI * centred(random)).sin() * 2_f64.sqrt(),
        Shape::Trapezoidal { top } => {
            let sum = (1.0 + top) * centred(random) + (1.0 - top) * centred(random);
            sum * (1.5 / (1.0 + top * top)).sqrt()
        }
    }
}

/// The lower triangle that makes correlated values of independent ones (Cholesky); none without correlations.
struct Mixing {
    rows: Vec<Vec<f64>>,
}

impl Mixing {
    fn new(inputs: &[Input], correlations: &[(usize, usize, f64)]) -> Result<Self> {
        if correlations.is_empty() {
            return Ok(Self { rows: Vec::new() });
        }
        let mut matrix = unit_matrix(inputs.len());
        for (first, second, coefficient) in correlations {
            check_pair(inputs, *first, *second)?;
            let within = coefficient.abs() <= 1.0;
            domain("a correlation", *coefficient, within, "a number within ±1")?;
            for (row, column) in [(*first, *second), (*second, *first)] {
                if let Some(cell) = matrix.get_mut(row).and_then(|row| row.get_mut(column)) {
                    *cell = *coefficient;
                }
            }
        }
        Ok(Self { rows: lower_triangle(&matrix)? })
    }

    fn mix(&self, drawn: &[f64], values: &mut [f64]) {
        if self.rows.is_empty() {
            values.copy_from_slice(drawn);
        }
        for (value, row) in values.iter_mut().zip(&self.rows) {
            *value = row.iter().zip(drawn).map(|(weight, drawn)| weight * drawn).sum();
        }
    }
}

fn check_pair(inputs: &[Input], first: usize, second: usize) -> Result<()> {
    let normal = |index: usize| {
        let found = inputs.get(index);
        found.is_some_and(|own| own.shape == Shape::Normal && own.freedom.is_infinite())
    };
    if first != second && normal(first) && normal(second) {
        return Ok(());
    }
    let missing = "a pair of two normal inputs with infinitely many degrees of freedom";
    Err(StatisticsError::Missing { what: "a correlation", missing })
}

fn unit_matrix(size: usize) -> Vec<Vec<f64>> {
    let row = |row: usize| (0..size).map(|column| if row == column { 1.0 } else { 0.0 }).collect();
    (0..size).map(row).collect()
}

/// Each row of the triangle from those above it. A variance that is negative beyond rounding is a contradiction.
fn lower_triangle(matrix: &[Vec<f64>]) -> Result<Vec<Vec<f64>>> {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (index, wanted) in matrix.iter().enumerate() {
        let mut row: Vec<f64> = Vec::with_capacity(index + 1);
        for (other, cell) in rows.iter().zip(wanted) {
            let known: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
            let pivot = other.last().copied().unwrap_or_default();
            row.push(if pivot == 0.0 { 0.0 } else { (cell - known) / pivot });
        }
        let left = 1.0 - row.iter().map(|cell| cell * cell).sum::<f64>();
        domain("what correlations leave of a variance", left, left > -1e-9, "0 or above")?;
        row.push(left.max(0.0).sqrt());
        rows.push(row);
    }
    Ok(rows)
}

fn summed_up(mut results: Vec<f64>, coverage: f64) -> Result<Simulated> {
    let moments = Moments::of(&results)?;
    results.sort_unstable_by(f64::total_cmp);
    let trials = results.len();
    let inside = whole((coverage * real(trials)).round()).clamp(1, trials.saturating_sub(1));
    let first = (trials - inside) / 2;
    let ends = |from: usize| {
        let pair = (results.get(from), results.get(from + inside));
        pair.0.zip(pair.1).map(|(low, high)| (*low, *high))
    };
    let width = |(low, high): &(f64, f64)| high - low;
    let all = (0..trials - inside).filter_map(ends);
    let shortest = all.min_by(|a, b| width(a).total_cmp(&width(b)));
    let what = "the ends of an interval";
    Ok(Simulated {
        mean: moments.mean()?,
        standard: moments.standard_deviation()?,
        symmetric: ends(first).ok_or(StatisticsError::Bounds { what })?,
        shortest: shortest.ok_or(StatisticsError::Bounds { what })?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan { trials: 40_000, seed: 1, coverage: 0.95 };

    fn normal(estimate: f64, standard: f64) -> Input {
        Input { estimate, standard, shape: Shape::Normal, freedom: f64::INFINITY }
    }

    #[test]
    fn the_seed_makes_the_result() {
        let inputs = [normal(1.0, 0.1), normal(2.0, 0.2)];
        let sum = |x: &[f64]| x[0] * x[1];
        let run = |seed| simulate(&inputs, &[], sum, Plan { seed, ..PLAN }).unwrap();
        assert_eq!(run(5), run(5));
        assert_ne!(run(5), run(6));
    }

    #[test]
    fn correlated_inputs_add_or_cancel() {
        let inputs = [normal(0.0, 3.0), normal(0.0, 4.0), normal(0.0, 1.0)];
        let sum = |x: &[f64]| x[0] + x[1];
        for (coefficient, wanted) in [(1.0, 7.0), (-1.0, 1.0), (0.5, 37_f64.sqrt())] {
            let found = simulate(&inputs, &[(1, 0, coefficient)], sum, PLAN).unwrap();
            assert!((found.standard / wanted - 1.0).abs() < 0.02, "{coefficient}: {found:?}");
        }
        let impossible = [(0, 1, -0.9), (1, 2, -0.9), (0, 2, -0.9)];
        assert!(simulate(&inputs, &impossible, sum, PLAN).is_err());
    }

    #[test]
    fn the_domain_is_kept() {
        let one = [normal(1.0, 0.1)];
        let same = |x: &[f64]| x[0];
        assert!(simulate(&[], &[], same, PLAN).is_err());
        assert!(simulate(&one, &[], same, Plan { trials: 10, ..PLAN }).is_err());
        assert!(simulate(&one, &[], same, Plan { trials: MAX_TRIALS + 1, ..PLAN }).is_err());
        assert!(simulate(&one, &[], same, Plan { coverage: 1.0, ..PLAN }).is_err());
        assert!(simulate(&one, &[(0, 0, 0.5)], same, PLAN).is_err());
        assert!(simulate(&[normal(f64::NAN, 0.1)], &[], same, PLAN).is_err());
        let root = |x: &[f64]| (x[0] - 1.0).sqrt();
        assert!(matches!(simulate(&one, &[], root, PLAN), Err(StatisticsError::NotFinite { .. })));
    }
}
