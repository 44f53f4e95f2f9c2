//! A place whose value is compared: how far it is from where it was, and whether that says anything.

use bench_model::{Quantity, Unit, Verdict};
use metrology::comparison::{Significance, for_so_many};

use super::level::Level;

/// One place, before and after.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Moved {
    /// `rail/vout[vi=7 V]`.
    pub place: String,
    /// The value that is compared with, in base units; of several runs their mean.
    pub before: Quantity,
    /// The value that is compared, in base units.
    pub after: Quantity,
    /// The one less the other, exact.
    pub shift: Quantity,
    /// The unit in which people are shown it.
    #[serde(skip)]
    pub(super) shown_in: Unit,
    /// The standard deviation that the shift is held against, in base units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// How many values gave the standard deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Half of the interval that holds the true shift with 95 %, in base units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_width_95: Option<f64>,
    /// How often chance alone would show a shift as large at this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The same, of all places together (Holm).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_of_all: Option<f64>,
    /// The shift as a part of the limit's width.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_limit: Option<f64>,
    /// How it came out before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict_before: Option<Verdict>,
    /// How it came out.
    pub verdict_after: Verdict,
}

impl Moved {
    /// The bare difference. None where the units differ.
    pub(super) fn of(before: Quantity, after: &Level) -> Option<Self> {
        if before.unit.dimension() != after.value.unit.dimension() {
            return None;
        }
        let shift = after.value.value.checked_sub(&before.value).ok()?;
        let width = after.limit_width().map(|width| width.to_f64());
        let of_limit = width.filter(|width| *width > 0.0).map(|width| shift.to_f64().abs() / width);
        Some(Self {
            place: after.place.clone(),
            shift: Quantity::new(shift, after.value.unit.clone()),
            before,
            after: after.value.clone(),
            shown_in: after.shown_in.clone(),
            deviation: None,
            count: None,
            half_width_95: None,
            p: None,
            p_of_all: None,
            of_limit,
            verdict_before: None,
            verdict_after: after.verdict,
        })
    }

    /// With what its scatter says.
    pub(super) fn held_against(
        mut self,
        deviation: f64,
        count: u32,
        significance: Option<Significance>,
    ) -> Self {
        self.deviation = Some(deviation);
        self.count = Some(count);
        self.half_width_95 = significance.map(|own| own.half_width_95);
        self.p = significance.map(|own| own.p);
        self
    }

    /// How many standard deviations it moved.
    #[must_use]
    pub fn deviations(&self) -> Option<f64> {
        let deviation = self.deviation.filter(|own| *own > 0.0)?;
        Some(self.shift.value.to_f64().abs() / deviation)
    }

    /// Whether it moved, if one run in `1 / alpha` that has not moved may be flagged.
    #[must_use]
    pub fn is_beyond(&self, alpha: f64) -> bool {
        self.p_of_all.is_some_and(|p| p < alpha)
    }

    /// Whether it passed before and does not any more, or the other way round.
    #[must_use]
    pub fn changed_verdict(&self) -> bool {
        self.verdict_before.is_some_and(|before| before != self.verdict_after)
    }
}

/// Of so many places, one or the other seems to move by chance: each counts less.
pub(super) fn weigh_all(all: &mut [Moved]) {
    let probabilities: Vec<f64> = all.iter().filter_map(|one| one.p).collect();
    let mut adjusted = for_so_many(&probabilities).into_iter();
    for one in all.iter_mut().filter(|one| one.p.is_some()) {
        one.p_of_all = adjusted.next();
    }
}
