//! Noise that is the same every time for the same seed.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
//! OOPSLA 2014). A deviate is the sum of four uniform ones: near enough to normal, and bounded at 3.5
//! standard deviations, as the noise of an instrument that is in order.

/// A stream of noise.
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    state: u64,
}

/// What SplitMix64 adds at each step: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Noise {
    /// The stream of one instrument of a bench.
    pub(crate) fn of_instrument(seed: u64, name: &str) -> Self {
        // FNV-1a: every name has a stream of its own.
        let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Self { state: mixed(seed) ^ hash }
    }

    /// The stream of a part of an instrument, which leaves that of the instrument as it is.
    pub(crate) fn of_part(&self, part: u32) -> Self {
        Self { state: mixed(self.state ^ u64::from(part).wrapping_mul(STEP)) }
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mixed(self.state)
    }

    /// The next deviate with this standard deviation.
    pub(crate) fn deviate(&mut self, sigma: f64) -> f64 {
        sigma * standard(self.bits())
    }
}

/// The deviate number `index` of a stream that is never stored, of standard deviation 1.
pub(crate) fn deviate_at(stream: u64, index: u64) -> f64 {
    standard(mixed(stream.wrapping_add(index.wrapping_mul(STEP))))
}

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

fn standard(bits: u64) -> f64 {
    let [a, b, c, d, e, f, g, h] = bits.to_le_bytes();
    let parts = [[a, b], [c, d], [e, f], [g, h]];
    let sum: f64 = parts.map(|part| f64::from(u16::from_le_bytes(part)) / 65_536.0).iter().sum();
    // Four uniform deviates have the mean 2 and the variance 4/12.
    (sum - 2.0) * 3.0_f64.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_seeds_and_its_instruments_own() {
        let bits = |seed, name| Noise::of_instrument(seed, name).bits();
        assert_eq!(bits(7, "dmm"), bits(7, "dmm"));
        assert_ne!(bits(7, "dmm"), bits(8, "dmm"));
        assert_ne!(bits(7, "dmm"), bits(7, "psu"));
    }

    #[test]
    fn deviates_are_centred_and_bounded() {
        let mut noise = Noise::of_instrument(1, "x");
        let deviates: Vec<f64> = (0..20_000).map(|_| noise.deviate(2.0)).collect();
        let mean = deviates.iter().sum::<f64>() / 20_000.0;
        let variance = deviates.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.05, "{mean}");
        assert!((variance.sqrt() - 2.0).abs() < 0.05, "{variance}");
        assert!(deviates.iter().all(|deviate| deviate.abs() < 7.0));
    }
}
