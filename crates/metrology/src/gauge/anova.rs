//! The analysis of variance of a crossed study.

use super::interval::{self, MeanSquare};
use super::{Study, VarianceInterval, Variation};
use crate::distribution::fisher_upper_tail;
use crate::error::{Result, StatisticsError, finite, probability};
use crate::numeric::{real, twofold};

/// One source of variation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnovaRow {
    /// Its sum of squares.
    pub squares: f64,
    /// Its degrees of freedom.
    pub freedom: f64,
}

impl AnovaRow {
    /// The mean square.
    #[must_use]
    pub fn mean_square(&self) -> f64 {
        self.squares / self.freedom
    }

    fn with(&self, other: &Self) -> Self {
        Self { squares: self.squares + other.squares, freedom: self.freedom + other.freedom }
    }
}

/// What was made of the interaction of parts and operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PooledOrNot {
    /// It is a source of its own.
    Kept,
    /// It was not significant and counts as repeatability.
    Pooled,
}

/// The analysis of variance of a crossed study, both factors random.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeAnova {
    /// Between parts.
    pub parts: AnovaRow,
    /// Between operators.
    pub operators: AnovaRow,
    /// Of parts with operators.
    pub interaction: AnovaRow,
    /// Within cells.
    pub repeatability: AnovaRow,
    /// The probability of an interaction as large by chance.
    pub interaction_p: f64,
    /// What was made of the interaction.
    pub pooling: PooledOrNot,
    counts: [f64; 3],
}

impl Study {
    /// The analysis of variance with its pooling rule: the interaction is pooled with the repeatability unless it
    /// is significant at `alpha` (AIAG, Measurement Systems Analysis, 4th edition, chapter III, section B and
    /// appendix A; alpha is customarily 0.25, with AIAG 0.05).
    ///
    /// # Errors
    /// When alpha is not between 0 and 1, when nothing scatters within cells, and beyond the bounds of floats.
    pub fn anova(&self, alpha: f64) -> Result<GaugeAnova> {
        let alpha = probability("the significance", alpha)?;
        let [p, o, r] = [self.parts, self.operators, self.trials].map(real);
        let (part_means, operator_means) = (self.part_means(), self.operator_means());
        let centre = twofold::mean(&part_means);
        let parts = o * r * twofold::squares_about(&part_means, centre);
        let operators = p * r * twofold::squares_about(&operator_means, centre);
        let interaction = r * self.interaction_squares(&part_means, &operator_means, centre);
        let within = self.cells().map(|cell| twofold::squares_about(cell, twofold::mean(cell)));
        let row = |squares: f64, freedom: f64| {
            Ok(AnovaRow { squares: finite("a sum of squares", squares)?, freedom })
        };
        let repeatability = row(twofold::sum(within), p * o * (r - 1.0))?;
        let interaction = row(interaction, (p - 1.0) * (o - 1.0))?;
        if repeatability.squares == 0.0 {
            return Err(StatisticsError::NoSpread { what: "readings within cells" });
        }
        let f = interaction.mean_square() / repeatability.mean_square();
        let interaction_p = fisher_upper_tail(interaction.freedom, repeatability.freedom, f)?;
        Ok(GaugeAnova {
            parts: row(parts, p - 1.0)?,
            operators: row(operators, o - 1.0)?,
            interaction,
            repeatability,
            interaction_p,
            pooling: if interaction_p < alpha { PooledOrNot::Kept } else { PooledOrNot::Pooled },
            counts: [p, o, r],
        })
    }

    fn interaction_squares(&self, parts: &[f64], operators: &[f64], centre: f64) -> f64 {
        let cells = self.cell_means();
        let rest = cells.iter().zip(parts).flat_map(|(row, part)| {
            let cells = row.iter().zip(operators);
            cells.map(move |(cell, operator)| ((cell - part) - (operator - centre)).powi(2))
        });
        twofold::sum(rest)
    }
}

impl GaugeAnova {
    /// What parts and operators are compared with.
    fn error(&self) -> AnovaRow {
        match self.pooling {
            PooledOrNot::Kept => self.interaction,
            PooledOrNot::Pooled => self.interaction.with(&self.repeatability),
        }
    }

    /// F of the parts and of the operators.
    ///
    /// # Errors
    /// When what they are compared with does not scatter.
    pub fn f(&self) -> Result<(f64, f64)> {
        let error = self.error().mean_square();
        let over = |row: &AnovaRow| finite("F", row.mean_square() / error);
        Ok((over(&self.parts)?, over(&self.operators)?))
    }

    /// The standard deviations; a variance that comes out negative is 0 (AIAG, appendix A).
    #[must_use]
    pub fn variation(&self) -> Variation {
        let [p, o, r] = self.counts;
        let (error, deviation) = (self.error().mean_square(), |square: f64| square.max(0.0).sqrt());
        let (repeatability, interaction) = match self.pooling {
            PooledOrNot::Kept => {
                let own = self.repeatability.mean_square();
                (own, (error - own) / r)
            }
            PooledOrNot::Pooled => (error, 0.0),
        };
        Variation {
            repeatability: deviation(repeatability),
            operators: deviation((self.operators.mean_square() - error) / (p * r)),
            interaction: deviation(interaction),
            parts: deviation((self.parts.mean_square() - error) / (o * r)),
        }
    }

    /// The interval of the variance of repeatability, by chi squared.
    ///
    /// # Errors
    /// When the confidence is not between 0 and 1.
    pub fn repeatability_interval(&self, confidence: f64) -> Result<VarianceInterval> {
        let row = match self.pooling {
            PooledOrNot::Kept => self.repeatability,
            PooledOrNot::Pooled => self.error(),
        };
        interval::of_sum(&[MeanSquare::of(&row, 1.0)], confidence)
    }

    /// The interval of the variance of the gauge, by modified large samples (Burdick, Borror and Montgomery,
    /// Journal of Quality Technology 35 (2003) 342).
    ///
    /// # Errors
    /// When the confidence is not between 0 and 1.
    pub fn gauge_interval(&self, confidence: f64) -> Result<VarianceInterval> {
        let [p, _, r] = self.counts;
        let operators = MeanSquare::of(&self.operators, 1.0 / (p * r));
        match self.pooling {
            PooledOrNot::Kept => {
                let interaction = MeanSquare::of(&self.interaction, (p - 1.0) / (p * r));
                let own = MeanSquare::of(&self.repeatability, (r - 1.0) / r);
                interval::of_sum(&[operators, interaction, own], confidence)
            }
            PooledOrNot::Pooled => {
                let own = MeanSquare::of(&self.error(), (p * r - 1.0) / (p * r));
                interval::of_sum(&[operators, own], confidence)
            }
        }
    }

    /// The interval of the gauge's part of the total variation, a ratio of standard deviations, 0 to 1: that of the
    /// parts' variance over the gauge's, its ends from the ends of the two intervals (conservative: it holds with the
    /// confidence at least).
    ///
    /// # Errors
    /// When the confidence is not between 0 and 1.
    pub fn share_interval(&self, confidence: f64) -> Result<(f64, f64)> {
        let sure = (1.0 + probability("the confidence", confidence)?) / 2.0;
        let (gauge, parts) = (self.gauge_interval(sure)?, self.part_interval(sure)?);
        let share = |own: f64, other: f64| finite("a share", (own / (own + other)).sqrt());
        Ok((share(gauge.low, parts.high)?, share(gauge.high, parts.low)?))
    }

    /// The interval of the variance between parts, by modified large samples (as
    /// [`gauge_interval`](Self::gauge_interval)); its lower end is never below 0.
    ///
    /// # Errors
    /// When the confidence is not between 0 and 1.
    pub fn part_interval(&self, confidence: f64) -> Result<VarianceInterval> {
        let [_, o, r] = self.counts;
        let parts = MeanSquare::of(&self.parts, 1.0 / (o * r));
        interval::of_difference(&parts, &MeanSquare::of(&self.error(), 1.0 / (o * r)), confidence)
    }
}
