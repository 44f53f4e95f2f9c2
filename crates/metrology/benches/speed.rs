//! The speeds that are asked of the statistics, beside what they are compared with.
//!
//! Once, on two cores: the summary at 0.69 of the plain sum's bandwidth (0.5 is asked for), the overlapping octaves of a
//! million phases in 46 ms (below 500 ms), a million trials of five inputs in 83 ms (below 1 s).

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use metrology::Result;
use metrology::allan::{AllanKind, PhaseSeries};
use metrology::summary::Moments;
use metrology::uncertainty::{Input, Plan, Shape, simulate};

/// Values without a pattern that a processor could foresee, and without a generator's cost.
fn values(count: u32) -> Vec<f64> {
    (0..count)
        .map(|index| f64::from(index.wrapping_mul(2_654_435_761) >> 8) / 16_777_216.0)
        .collect()
}

/// Ten million floats: at least half as fast as the plain sum of the same run.
fn summary(criterion: &mut Criterion) {
    let values = values(10_000_000);
    let mut group = criterion.benchmark_group("summary_of_10_million");
    group.sample_size(20).throughput(Throughput::Bytes(80_000_000));
    group.bench_function("plain_sum", |bencher| {
        bencher.iter(|| black_box(&values).iter().sum::<f64>());
    });
    group.bench_function("moments", |bencher| bencher.iter(|| Moments::of(black_box(&values))));
    group.finish();
}

/// A million phases over all octaves: below half a second.
fn allan(criterion: &mut Criterion) {
    let Ok(series) = PhaseSeries::from_frequencies(&values(1_000_000), 1.0) else { return };
    let mut group = criterion.benchmark_group("octaves_of_a_million");
    group.sample_size(10);
    for (name, kind) in [("overlapping", AllanKind::Overlapping), ("modified", AllanKind::Modified)]
    {
        group.bench_function(name, |bencher| bencher.iter(|| black_box(&series).octaves(kind)));
    }
    group.finish();
}

/// A million trials of a model of five inputs: below a second.
fn monte_carlo(criterion: &mut Criterion) {
    let shapes =
        [Shape::Normal, Shape::Rectangular, Shape::Triangular, Shape::Arcsine, Shape::Normal];
    let inputs =
        shapes.map(|shape| Input { estimate: 10.0, standard: 0.1, shape, freedom: f64::INFINITY });
    let model = |x: &[f64]| match x {
        [a, b, c, d, e] => a * b / c + d - e,
        _ => f64::NAN,
    };
    let plan = Plan { trials: 1_000_000, seed: 1, coverage: 0.95 };
    let run = || -> Result<f64> { Ok(simulate(&inputs, &[], model, plan)?.standard) };
    let mut group = criterion.benchmark_group("monte_carlo");
    group.sample_size(10);
    group.bench_function("million_trials_of_five_inputs", |bencher| bencher.iter(run));
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    summary(&mut criterion);
    allan(&mut criterion);
    monte_carlo(&mut criterion);
    criterion.final_summary();
}
