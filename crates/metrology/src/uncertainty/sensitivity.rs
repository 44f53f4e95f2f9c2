//! How an input acts on the result, by trying.

use crate::error::{Result, all_finite, finite, paired};

/// The sensitivity coefficients of a model: half the change of the result when an input moves by ± its standard
/// uncertainty, over that uncertainty (GUM, JCGM 100:2008, 5.1.3, note 2). An input without uncertainty moves by a
/// millionth.
///
/// # Errors
/// When there are not as many uncertainties as estimates, when one is not finite, and when the model is not finite
/// about an estimate.
pub fn sensitivities(
    model: impl Fn(&[f64]) -> f64,
    estimates: &[f64],
    standards: &[f64],
) -> Result<Vec<f64>> {
    paired("estimates and their uncertainties", estimates.len(), standards.len())?;
    all_finite("estimates", estimates)?;
    all_finite("standard uncertainties", standards)?;
    let moved = |index: usize, by: f64| {
        let mut inputs = estimates.to_vec();
        if let Some(input) = inputs.get_mut(index) {
            *input += by;
        }
        model(&inputs)
    };
    let pairs = estimates.iter().zip(standards).enumerate();
    let coefficient = |(index, (estimate, standard)): (usize, (&f64, &f64))| {
        let step = if *standard == 0.0 { estimate.abs().max(1.0) * 1e-6 } else { standard.abs() };
        let change = moved(index, step) - moved(index, -step);
        finite("a sensitivity coefficient", change / (2.0 * step))
    };
    pairs.map(coefficient).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_known_by_hand() {
        let power = |x: &[f64]| x[0] * x[0] / x[1];
        let found = sensitivities(power, &[10.0, 50.0], &[0.01, 0.0]).unwrap();
        assert!((found[0] - 0.4).abs() < 1e-9 && (found[1] + 0.04).abs() < 1e-9, "{found:?}");
        assert!(sensitivities(power, &[10.0], &[0.01, 0.0]).is_err());
        assert!(sensitivities(|x| 1.0 / x[0] / 0.0, &[1.0], &[0.1]).is_err());
    }
}
