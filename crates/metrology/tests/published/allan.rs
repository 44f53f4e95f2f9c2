//! Riley's test suite: W. J. Riley, Handbook of Frequency Stability Analysis, NIST SP 1065 (2008), section 12.

use metrology::allan::{AllanKind, Noise, PhaseSeries};

use crate::fixture::agree;

/// Ten points of NBS Monograph 140, annex 8.E.
const PHASES: [f64; 10] = [
    0.00000, 103.11111, 123.22222, 157.33333, 166.44444, 48.55555, -96.33333, -2.22222, 111.88889,
    0.00000,
];
const FREQUENCIES: [f64; 9] = [892.0, 809.0, 823.0, 798.0, 671.0, 644.0, 883.0, 903.0, 677.0];

#[test]
fn ten_points() {
    let by_phase = PhaseSeries::from_phases(PHASES.to_vec(), 1.0).unwrap();
    let by_frequency = PhaseSeries::from_frequencies(&FREQUENCIES, 1.0).unwrap();
    for (kind, published) in [
        (AllanKind::Allan, [91.22945, 115.8082]),
        (AllanKind::Overlapping, [91.22945, 85.95287]),
        (AllanKind::Modified, [91.22945, 74.78849]),
        (AllanKind::Time, [52.67135, 86.35831]),
        (AllanKind::Hadamard, [70.80608, 116.7980]),
        (AllanKind::OverlappingHadamard, [70.80607, 85.61487]),
    ] {
        for (factor, wanted) in [1, 2].into_iter().zip(published) {
            // The phases are printed to five decimals, the deviations to seven digits.
            agree(by_phase.deviation(kind, factor).unwrap().deviation, wanted, 3e-7);
            agree(by_frequency.deviation(kind, factor).unwrap().deviation, wanted, 3e-7);
        }
    }
}

/// The thousand points are those of Park and Miller's generator, from 1234567890 on.
fn thousand() -> Vec<f64> {
    let next = |last: &u64| Some(16_807 * last % 2_147_483_647);
    let numbers: Vec<u64> = std::iter::successors(Some(1_234_567_890), next).take(1_000).collect();
    assert_eq!(numbers[1..4], [395_529_916, 1_209_410_747, 633_705_974]);
    numbers.iter().map(|number| *number as f64 / 2_147_483_647.0).collect()
}

/// Table 31.
#[test]
fn thousand_points() {
    let series = PhaseSeries::from_frequencies(&thousand(), 1.0).unwrap();
    for (kind, published) in [
        (AllanKind::Allan, [2.922319e-1, 9.965736e-2, 3.897804e-2]),
        (AllanKind::Overlapping, [2.922319e-1, 9.159953e-2, 3.241343e-2]),
        (AllanKind::Modified, [2.922319e-1, 6.172376e-2, 2.170921e-2]),
        (AllanKind::Time, [1.687202e-1, 3.563623e-1, 1.253382e0]),
        (AllanKind::Hadamard, [2.943883e-1, 1.052754e-1, 3.910860e-2]),
        (AllanKind::OverlappingHadamard, [2.943883e-1, 9.581083e-2, 3.237638e-2]),
    ] {
        for (factor, wanted) in [1, 10, 100].into_iter().zip(published) {
            let found = series.deviation(kind, factor).unwrap().deviation;
            // Half a unit of the seventh digit, and what Stable32 rounds otherwise.
            agree(found, wanted, 3e-7);
        }
    }
}

/// Table 32: factor 10, 981 overlapping differences, white frequency noise, 146.177 degrees of freedom, 95 %
/// between 8.223942e-2 and 1.035201e-1. Its chi squared is an approximation, good to a thousandth.
#[test]
fn thousand_points_with_their_interval() {
    let series = PhaseSeries::from_frequencies(&thousand(), 1.0).unwrap();
    let own = series.deviation(AllanKind::Overlapping, 10).unwrap();
    assert_eq!((own.terms, own.tau), (981, 10.0));
    let noise = series.noise(AllanKind::Overlapping, 10).unwrap();
    assert_eq!(noise, Noise::WhiteFrequency);
    agree(own.freedom(noise).unwrap(), 146.177, 3e-6);
    let (low, high) = own.interval(noise, 0.95).unwrap();
    agree(low, 8.223942e-2, 1e-3);
    agree(high, 1.035201e-1, 1e-3);
    let modified = series.deviation(AllanKind::Modified, 10).unwrap();
    assert_eq!(modified.terms, 972);
}

#[test]
fn octaves_end_where_differences_end() {
    let series = PhaseSeries::from_frequencies(&thousand(), 0.5).unwrap();
    let octaves = series.octaves(AllanKind::Overlapping).unwrap();
    let factors: Vec<usize> = octaves.iter().map(|own| own.factor).collect();
    assert_eq!(factors, [1, 2, 4, 8, 16, 32, 64, 128, 256]);
    assert_eq!(octaves[1].tau, 1.0);
    for (kind, most) in
        [(AllanKind::Allan, 500), (AllanKind::Modified, 333), (AllanKind::Hadamard, 333)]
    {
        assert!(series.deviation(kind, most).is_ok(), "{kind:?}");
        assert!(series.deviation(kind, most + 1).is_err(), "{kind:?}");
        assert!(series.deviation(kind, 0).is_err() && series.deviation(kind, usize::MAX).is_err());
    }
    assert!(octaves[0].freedom(Noise::RandomRunFrequency).is_err());
    assert!(octaves[0].interval(Noise::WhiteFrequency, 1.0).is_err());
    assert!(octaves[0].slope_to(&octaves[0]).is_err());
}

#[test]
fn what_is_no_series_is_an_error() {
    assert!(PhaseSeries::from_phases(vec![1.0, 2.0], 1.0).is_err());
    assert!(PhaseSeries::from_phases(vec![1.0, 2.0, f64::NAN], 1.0).is_err());
    assert!(PhaseSeries::from_phases(vec![1.0, 2.0, 3.0], 0.0).is_err());
    assert!(PhaseSeries::from_frequencies(&[1.0], 1.0).is_err());
    assert!(PhaseSeries::from_frequencies(&[-1e308, 1e308, 1e308, 1e308], 1.0).is_err());
    let still = PhaseSeries::from_frequencies(&[5.0; 100], 1.0).unwrap();
    let own = still.deviation(AllanKind::Overlapping, 4).unwrap();
    assert_eq!((own.deviation, own.interval(Noise::WhiteFrequency, 0.9)), (0.0, Ok((0.0, 0.0))));
    assert!(own.slope_to(&still.deviation(AllanKind::Overlapping, 8).unwrap()).is_err());
}
