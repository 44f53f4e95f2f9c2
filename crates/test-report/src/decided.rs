//! How results were decided on, in words.

use bench_model::{Conformity, Decision, StepResult, Verdict};
use metrology::decision::DecisionRule;

/// Significant digits of an uncertainty.
pub(crate) const UNCERTAIN_DIGITS: u32 = 2;

/// What the verdict alone does not say: a conditional statement, or a result within the limit that its guard band
/// refused.
pub(crate) fn note(result: &StepResult) -> Option<String> {
    let decision = result.decision.as_ref()?;
    let stated = decision.conformity?;
    let how = by(decision)?;
    if stated.is_conditional() {
        return Some(format!("{}: {how}", stated.words()));
    }
    let (limit, actual) = (result.limit.as_ref()?, result.actual.as_ref()?);
    let is_refused = stated == Conformity::Fail && limit.judge(actual).verdict() == Verdict::Pass;
    is_refused.then(|| format!("within the limit, but not by its guard band: {how}"))
}

/// `guard band 0.29 mV, U 0.29 mV (k 1.65), rule ilac_g8_w_u`; none where there is no guard band.
fn by(decision: &Decision) -> Option<String> {
    let band = decision.guard_band.as_ref()?.for_display(UNCERTAIN_DIGITS);
    let expanded = expanded(decision).map(|own| format!(", {own}")).unwrap_or_default();
    Some(format!("guard band {band}{expanded}, rule {}", decision.rule))
}

/// `U 0.29 mV (k 1.65)`.
pub(crate) fn expanded(decision: &Decision) -> Option<String> {
    let own = decision.uncertainty.as_ref()?;
    let expanded = own.expanded.for_display(UNCERTAIN_DIGITS);
    Some(format!("U {expanded} (k {})", own.factor.round_to_digits(3).to_plain_string()))
}

/// The rules by which results were decided, each once with what it means.
pub(crate) fn rules<'r>(
    results: impl Iterator<Item = &'r StepResult>,
) -> Vec<(&'static str, &'static str)> {
    let used: Vec<&str> =
        results.filter_map(|result| Some(result.decision.as_ref()?.rule.as_str())).collect();
    let all = DecisionRule::ALL.into_iter();
    all.filter(|(word, _)| used.contains(word))
        .map(|(word, rule)| (word, rule.sentence()))
        .collect()
}
