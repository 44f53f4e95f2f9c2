//! The deviations themselves.

use super::{Noise, PhaseSeries, freedom};
use crate::distribution::chi_squared_quantile;
use crate::error::{Result, at_least, domain, finite, probability};
use crate::numeric::{real, twofold::Twofold};

/// Squares that are summed up before rounding is carried along.
const BLOCK: usize = 512;

/// Which deviation; in all of them tau = m times the interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AllanKind {
    /// ADEV, of second differences side by side (NIST SP 1065, 5.2).
    Allan,
    /// OADEV, of all second differences.
    Overlapping,
    /// MDEV, of means of m second differences: tells white from flicker phase noise.
    Modified,
    /// TDEV = tau MDEV / sqrt(3), in seconds for phases in seconds.
    Time,
    /// HDEV, of third differences side by side: a linear drift of frequency does not count.
    Hadamard,
    /// OHDEV, of all third differences.
    OverlappingHadamard,
}

/// One deviation at one averaging time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stability {
    /// Which deviation.
    pub kind: AllanKind,
    /// The averaging factor m.
    pub factor: usize,
    /// The averaging time m times the interval, seconds.
    pub tau: f64,
    /// The deviation.
    pub deviation: f64,
    /// How many differences went into it.
    pub terms: usize,
    phases: usize,
}

impl AllanKind {
    /// The order of its differences: 2, or 3 for Hadamard.
    pub(crate) fn order(self) -> usize {
        match self {
            Self::Hadamard | Self::OverlappingHadamard => 3,
            _ => 2,
        }
    }

    /// The fewest phases for an averaging factor.
    fn least(self, factor: usize) -> usize {
        match self {
            Self::Modified | Self::Time => factor.saturating_mul(3),
            _ => factor.saturating_mul(self.order()).saturating_add(1),
        }
    }
}

impl PhaseSeries {
    /// A deviation at an averaging factor of 1 or more.
    ///
    /// # Errors
    /// When the factor is 0 or leaves no difference, and beyond the bounds of floats.
    pub fn deviation(&self, kind: AllanKind, factor: usize) -> Result<Stability> {
        at_least("the averaging factor", factor, 1)?;
        at_least("phases for this averaging factor", self.phases().len(), kind.least(factor))?;
        let tau = self.interval() * real(factor);
        let (squares, terms) = match kind {
            AllanKind::Modified | AllanKind::Time => self.averaged(factor),
            AllanKind::Allan | AllanKind::Overlapping => self.second_differences(kind, factor),
            AllanKind::Hadamard | AllanKind::OverlappingHadamard => {
                self.third_differences(kind, factor)
            }
        };
        let weight = if kind.order() == 3 { 6.0 } else { 2.0 };
        let deviation = (squares / real(terms) / weight).sqrt() / tau;
        let deviation = match kind {
            AllanKind::Time => deviation * tau / 3_f64.sqrt(),
            _ => deviation,
        };
        let deviation = finite("an Allan deviation", deviation)?;
        Ok(Stability { kind, factor, tau, deviation, terms, phases: self.phases().len() })
    }

    /// A deviation at the factors 1, 2, 4 and so on, as far as there are differences.
    ///
    /// # Errors
    /// When there is none at all, and beyond the bounds of floats.
    pub fn octaves(&self, kind: AllanKind) -> Result<Vec<Stability>> {
        at_least("phases for a deviation", self.phases().len(), kind.least(1))?;
        let factors = std::iter::successors(Some(1_usize), |factor| factor.checked_mul(2));
        let possible = factors.take_while(|factor| kind.least(*factor) <= self.phases().len());
        possible.map(|factor| self.deviation(kind, factor)).collect()
    }

    /// Squares of x[i + 2m] - 2 x[i + m] + x[i], and how many.
    fn second_differences(&self, kind: AllanKind, factor: usize) -> (f64, usize) {
        let stride = if kind == AllanKind::Overlapping { 1 } else { factor };
        let [first, second, third] = [0, 1, 2].map(|times| self.shifted(times * factor));
        let triples = first.iter().zip(second).zip(third).step_by(stride);
        sum_of_squares(triples.map(|((a, b), c)| (c - b) - (b - a)))
    }

    /// Squares of x[i + 3m] - 3 x[i + 2m] + 3 x[i + m] - x[i], and how many.
    fn third_differences(&self, kind: AllanKind, factor: usize) -> (f64, usize) {
        let stride = if kind == AllanKind::OverlappingHadamard { 1 } else { factor };
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|times| self.shifted(times * factor));
        let fours = first.iter().zip(second).zip(third).zip(fourth).step_by(stride);
        sum_of_squares(fours.map(|(((a, b), c), d)| (d - a) - 3.0 * (c - b)))
    }

    /// Squares of the mean of m second differences in a row, and how many: each sum from the one before it.
    fn averaged(&self, factor: usize) -> (f64, usize) {
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|times| self.shifted(times * factor));
        let triples = first.iter().zip(second).zip(third).take(factor);
        let start =
            triples.fold(Twofold::default(), |sum, ((a, b), c)| sum.plus((c - b) - (b - a)));
        let mut sum = start;
        let fours = first.iter().zip(second).zip(third).zip(fourth);
        let later = fours.map(|(((a, b), c), d)| {
            sum = sum.plus((d - a) - 3.0 * (c - b));
            sum.value()
        });
        let sums = std::iter::once(start.value()).chain(later);
        sum_of_squares(sums.map(|sum| sum / real(factor)))
    }

    fn shifted(&self, by: usize) -> &[f64] {
        self.phases().get(by..).unwrap_or_default()
    }
}

/// The sum of squares, its rounding errors carried from block to block, and how many there are.
fn sum_of_squares(differences: impl Iterator<Item = f64>) -> (f64, usize) {
    let (mut total, mut part, mut terms) = (Twofold::default(), 0.0, 0_usize);
    for difference in differences {
        part += difference * difference;
        terms += 1;
        if terms.is_multiple_of(BLOCK) {
            total = total.plus(part);
            part = 0.0;
        }
    }
    (total.plus(part).value(), terms)
}

impl Stability {
    /// The equivalent degrees of freedom of the deviation with a noise: for OADEV by NIST SP 1065, for the
    /// others by the combined algorithm of Greenhall and Riley (35th PTTI meeting, 2003; SP 1065, 5.4).
    ///
    /// # Errors
    /// For a noise that the deviation does not converge for.
    pub fn freedom(&self, noise: Noise) -> Result<f64> {
        let alpha = noise.exponent();
        let converges = alpha >= noise.lowest_of(self.kind);
        let wanted = "one for which the deviation converges";
        domain("the exponent of the noise", f64::from(alpha), converges, wanted)?;
        let freedom = freedom::of(self.kind, alpha, self.factor, self.phases);
        // With a single difference the formulas may pass below one degree.
        finite("the degrees of freedom", freedom).map(|freedom| freedom.max(0.5))
    }

    /// The interval that holds the true deviation with `confidence`: by chi squared with the equivalent degrees of
    /// freedom (NIST SP 1065, 5.3).
    ///
    /// # Errors
    /// As [`freedom`](Self::freedom), and when the confidence is not between 0 and 1.
    pub fn interval(&self, noise: Noise, confidence: f64) -> Result<(f64, f64)> {
        let tail = (1.0 - probability("the confidence", confidence)?) / 2.0;
        let freedom = self.freedom(noise)?;
        let end = |p: f64| {
            let chi = chi_squared_quantile(freedom, p)?;
            finite("the end of an interval", self.deviation * (freedom / chi).sqrt())
        };
        Ok((end(1.0 - tail)?, end(tail)?))
    }

    /// The slope from this deviation to one at another averaging time, in a plot of both logarithms.
    ///
    /// # Errors
    /// When both times are the same, and when a deviation is 0.
    pub fn slope_to(&self, other: &Self) -> Result<f64> {
        let times = (other.tau / self.tau).ln();
        domain("the ratio of the averaging times", times, times != 0.0, "one other than 1")?;
        let slope = (other.deviation / self.deviation).ln() / times;
        domain("a slope", slope, slope.is_finite(), "deviations above 0")
    }
}
