//! Equivalent degrees of freedom.

use super::AllanKind;
use crate::numeric::{real, whole};

/// Terms of a sum beyond which it is taken in wider steps, as the integral that it stands for.
const MAX_TERMS: f64 = 100.0;

/// The degrees of freedom of a deviation with a noise of exponent `alpha`, at an averaging factor, of so many
/// phases.
pub(crate) fn of(kind: AllanKind, alpha: i32, factor: usize, phases: usize) -> f64 {
    let (m, n) = (real(factor), real(phases));
    match kind {
        AllanKind::Overlapping => of_overlapping(alpha, m, n),
        _ => Combined::new(kind, alpha, m).of(n),
    }
}

/// NIST SP 1065 (Howe, Allan and Barnes 1981): the overlapping Allan deviation.
fn of_overlapping(alpha: i32, m: f64, n: f64) -> f64 {
    match alpha {
        2 => (n + 1.0) * (n - 2.0 * m) / (2.0 * (n - m)),
        1 => {
            let logarithms =
                ((n - 1.0) / (2.0 * m)).ln() * ((2.0 * m + 1.0) * (n - 1.0) / 4.0).ln();
            logarithms.max(0.0).sqrt().exp()
        }
        0 => {
            let square = 4.0 * m * m;
            (3.0 * (n - 1.0) / (2.0 * m) - 2.0 * (n - 2.0) / n) * square / (square + 5.0)
        }
        -1 if m == 1.0 => 2.0 * (n - 2.0).powi(2) / (2.3 * n - 4.9),
        -1 => 5.0 * n * n / (4.0 * m * (n + 3.0 * m)),
        _ => {
            let left = (n - 1.0).powi(2) - 3.0 * m * (n - 1.0) + 4.0 * m * m;
            (n - 2.0) / m * left / (n - 3.0).powi(2)
        }
    }
}

/// The combined algorithm of Greenhall and Riley: the variance of a sum of squares from the generalised
/// autocovariance of its terms.
struct Combined {
    alpha: i32,
    order: usize,
    m: f64,
    /// The averaging filter F: 1 modified, m unmodified, infinite in the limit of many points.
    filter: f64,
    /// Terms for each averaging time, S.
    stride: f64,
    is_modified: bool,
}

impl Combined {
    fn new(kind: AllanKind, alpha: i32, m: f64) -> Self {
        let order = kind.order();
        let span = real(order) + 1.0;
        let is_modified = matches!(kind, AllanKind::Modified | AllanKind::Time);
        let overlaps = !matches!(kind, AllanKind::Allan | AllanKind::Hadamard);
        let filter = match m {
            _ if is_modified => 1.0,
            m if alpha <= 0 && m * span > MAX_TERMS => f64::INFINITY,
            m => m,
        };
        let stride = match filter == m && m > 1.0 {
            _ if !overlaps => 1.0,
            true => m,
            false => m.min((MAX_TERMS / span).floor()),
        };
        Self { alpha, order, m, filter, stride, is_modified }
    }

    fn of(&self, n: f64) -> f64 {
        let length = if self.is_modified { self.m } else { 1.0 } + self.m * real(self.order);
        let terms = 1.0 + (self.stride * (n - length) / self.m).floor();
        let reach = terms.min((real(self.order) + 1.0) * self.stride);
        let square = |index: usize| self.covariance(real(index) / self.stride).powi(2);
        let last = whole(reach);
        let inner = (1..last).map(|index| 2.0 * (1.0 - real(index) / terms) * square(index));
        let sum = square(0) + (1.0 - reach / terms) * square(last) + inner.sum::<f64>();
        square(0) * terms / sum
    }

    /// s_z: the differences of 2 d-th order of s_x.
    fn covariance(&self, t: f64) -> f64 {
        let coefficients: &[f64] =
            if self.order == 3 { &[20.0, -15.0, 6.0, -1.0] } else { &[6.0, -4.0, 1.0] };
        let term = |(step, coefficient): (usize, &f64)| {
            let step = real(step);
            let both = if step == 0.0 {
                self.filtered(t)
            } else {
                self.filtered(t - step) + self.filtered(t + step)
            };
            coefficient * both
        };
        coefficients.iter().enumerate().map(term).sum()
    }

    /// s_x: the second difference of s_w over the averaging filter.
    fn filtered(&self, t: f64) -> f64 {
        if self.filter.is_infinite() {
            return kernel(t, self.alpha + 2);
        }
        let step = 1.0 / self.filter;
        let difference = 2.0 * kernel(t, self.alpha)
            - kernel(t - step, self.alpha)
            - kernel(t + step, self.alpha);
        self.filter * self.filter * difference
    }
}

/// s_w: the generalised autocovariance of power-law noise (Greenhall and Riley).
fn kernel(t: f64, alpha: i32) -> f64 {
    let t = t.abs();
    let with_logarithm = |power: i32| if t == 0.0 { 0.0 } else { t.powi(power) * t.ln() };
    match alpha {
        2 => -t,
        1 => with_logarithm(2),
        0 => t.powi(3),
        -1 => -with_logarithm(4),
        -2 => -t.powi(5),
        -3 => with_logarithm(6),
        _ => t.powi(7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allan::PhaseSeries;
    use crate::numeric::random::Random;

    /// NIST SP 1065, table 32: 1001 phases, factor 10, white frequency noise: 146.177 and, modified, 94.620.
    #[test]
    fn they_are_those_of_the_test_suite() {
        let overlapping = of(AllanKind::Overlapping, 0, 10, 1_001);
        assert!((overlapping - 146.177).abs() < 5e-4, "{overlapping}");
        let modified = of(AllanKind::Modified, 0, 10, 1_001);
        assert!((modified / 94.620 - 1.0).abs() < 3e-4, "{modified}");
    }

    /// White phase noise side by side: second differences share points with two neighbours on each side.
    #[test]
    fn white_phase_noise_is_known_in_closed_form() {
        let terms = 500.0;
        let shared = 2.0 * ((1.0 - 1.0 / terms) * 16.0 + (1.0 - 2.0 / terms)) / 36.0;
        let wanted = terms / (1.0 + shared);
        let found = of(AllanKind::Allan, 2, 1, 502);
        assert!((found / wanted - 1.0).abs() < 1e-9, "{found} {wanted}");
    }

    /// Wider steps and the limit of many points say what the exact sum says.
    #[test]
    fn the_limits_meet_the_exact_sums() {
        for kind in [AllanKind::Modified, AllanKind::Hadamard, AllanKind::OverlappingHadamard] {
            for alpha in [-2, 0] {
                let [below, above] = [24, 26].map(|m| of(kind, alpha, m, 2_000) * real(m));
                assert!((above / below - 1.0).abs() < 0.06, "{kind:?} {alpha}: {below} {above}");
            }
        }
    }

    /// The scatter of many simulated deviations is the one that the degrees of freedom foretell.
    #[test]
    fn simulated_scatter_agrees() {
        let mut random = Random::seeded(11);
        for kind in
            [AllanKind::Allan, AllanKind::Overlapping, AllanKind::Modified, AllanKind::Hadamard]
        {
            let variances: Vec<f64> = (0..1_500)
                .map(|_| {
                    let values: Vec<f64> = (0..128).map(|_| random.normal()).collect();
                    let series = PhaseSeries::from_frequencies(&values, 1.0).unwrap();
                    series.deviation(kind, 8).unwrap().deviation.powi(2)
                })
                .collect();
            let moments = crate::summary::Moments::of(&variances).unwrap();
            let seen = 2.0 * moments.mean().unwrap().powi(2) / moments.variance().unwrap();
            let foretold = of(kind, 0, 8, 129);
            // Howe's formula is an approximation that is some 10 % too high for white frequency noise.
            assert!((seen / foretold - 1.0).abs() < 0.18, "{kind:?}: {seen} {foretold}");
        }
    }
}
