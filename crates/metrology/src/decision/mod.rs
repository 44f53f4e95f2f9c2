//! Whether a result conforms to its limits, its uncertainty considered.
//!
//! A [`DecisionRule`] makes [`AcceptanceLimits`] of [`ToleranceLimits`] and an uncertainty; they are exact numbers,
//! and so is the comparison. [`DecisionRule::decision`] does it for a plan's limit, [`state`] for a result. What may still go wrong are [`specific_risk`] and [`global_risk`].

mod conformity;
mod decide;
mod limits;
mod risk;
mod rule;

pub use conformity::{AcceptanceLimits, Conformity};
pub use decide::{state, state_global};
pub use limits::ToleranceLimits;
pub use risk::{GlobalRisk, Process, global_risk, specific_risk};
pub use rule::{
    DecisionRule, ResultUncertainty, TUR_REFUSED_BELOW, TUR_WARNED_BELOW, method_6_multiplier,
    root_difference_factor,
};
