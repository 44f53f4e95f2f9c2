//! Random numbers that come again with their seed.

use std::f64::consts::TAU;

/// xoshiro256++ 1.0 of Blackman and Vigna (ACM Transactions on Mathematical Software 47 (2021), 36), its state
/// filled by SplitMix64. Its period is 2^256 - 1.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: [u64; 4],
    second_normal: Option<f64>,
}

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        let mut sequence = seed;
        let state = [(); 4].map(|()| split_mix(&mut sequence));
        Self { state, second_normal: None }
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// Uniform between 0 and 1, neither of which comes.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exactly what a float holds")]
    pub(crate) fn uniform(&mut self) -> f64 {
        const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.next() >> 11) as f64 + 0.5) * UNIT
    }

    /// Standard normal (Box and Muller, Annals of Mathematical Statistics 29 (1958) 610).
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(kept) = self.second_normal.take() {
            return kept;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sine, cosine) = (TAU * self.uniform()).sin_cos();
        self.second_normal = Some(radius * sine);
        radius * cosine
    }

    /// Student's t (Bailey, Mathematics of Computation 62 (1994) 779).
    pub(crate) fn student(&mut self, freedom: f64) -> f64 {
        let scale = freedom * ((-2.0 / freedom * self.uniform().ln()).exp_m1());
        scale.sqrt() * (TAU * self.uniform()).cos()
    }
}

fn split_mix(sequence: &mut u64) -> u64 {
    *sequence = sequence.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*sequence ^ (*sequence >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The state 1, 2, 3, 4 and what the authors' own C program makes of it.
    #[test]
    fn it_is_the_published_generator() {
        let mut random = Random { state: [1, 2, 3, 4], second_normal: None };
        let first = [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386];
        assert_eq!(first.map(|_| random.next()), first);
    }

    /// SplitMix64 from 1234567, as published beside the generator.
    #[test]
    fn its_seed_is_the_published_one() {
        let mut sequence = 1_234_567;
        let first =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(first.map(|_| split_mix(&mut sequence)), first);
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut random = Random::seeded(7);
        let n = 200_000;
        let squares = |draw: &mut dyn FnMut() -> f64| {
            (0..n).map(|_| draw().powi(2)).sum::<f64>() / f64::from(n)
        };
        assert!((squares(&mut || random.normal()) - 1.0).abs() < 0.02);
        assert!((squares(&mut || random.student(10.0)) - 1.25).abs() < 0.03);
        assert!((squares(&mut || random.uniform()) - 1.0 / 3.0).abs() < 0.01);
    }
}
