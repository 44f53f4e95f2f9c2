//! Numbers as a report shows them.

use bench_model::{Limit, Measured, Quantity, StepResult, Value, Verdict};

use crate::decided::note;
use crate::phrase::{FULL_DIGITS, MARGIN_DIGITS, is_bad};

/// Significant digits of what was computed: means, and values of several readings.
pub(super) const COMPUTED_DIGITS: u32 = 8;

/// Powers of ten beyond which a number is written with an exponent: no line holds a million zeros.
const MOST_PLAIN_ORDER: i32 = 30;

/// What was judged: a reading with every digit, a computed value with some. Overload and the like by name.
pub(super) fn measured(result: &StepResult) -> Option<String> {
    let actual = result.actual.as_ref()?;
    Some(match actual {
        Measured::Text(text) => format!("“{text}”"),
        Measured::Number { value: Value::Finite(_), .. } => number(result, actual),
        Measured::Number { value, .. } => no_number(value).to_owned(),
    })
}

fn number(result: &StepResult, actual: &Measured) -> String {
    let digits = match result.readings.len() {
        1 => None,
        _ if is_bad(result.verdict) => Some(FULL_DIGITS),
        _ => Some(COMPUTED_DIGITS),
    };
    let actual = actual.quantity().map(|actual| in_unit_of_limit(actual, result));
    actual.map(|actual| quantity(&actual, digits)).unwrap_or_default()
}

/// A ratio is shown in percent where its limit is.
fn in_unit_of_limit(actual: Quantity, result: &StepResult) -> Quantity {
    match &result.limit {
        Some(Limit::Range { unit, .. } | Limit::OneOf { unit, .. }) if !unit.takes_prefixes() => {
            actual.to_unit(unit).unwrap_or(actual)
        }
        _ => actual,
    }
}

/// What stands in the place of a number.
pub(super) fn no_number(value: &Value) -> &'static str {
    match value {
        Value::Finite(_) => "",
        Value::Infinity => "overload",
        Value::NegativeInfinity => "negative overload",
        Value::NotANumber => "not a number",
    }
}

/// `mean of 5`, where one reading alone would be misleading.
pub(super) fn how_judged(result: &StepResult) -> Option<String> {
    result.actual.as_ref()?;
    match (result.readings.len(), result.judged_on.as_deref()) {
        (samples @ 2.., Some(of)) => Some(format!("{of} of {samples}")),
        (samples @ 2.., None) => Some(format!("of {samples}")),
        (_, Some(by)) => Some(format!("by {by}")),
        _ => None,
    }
}

/// The limit with its bounds resolved, else as the plan writes it.
pub(super) fn limit(result: &StepResult) -> Option<String> {
    match &result.limit {
        Some(Limit::Matches(pattern)) => Some(format!("matches /{}/", pattern.as_str())),
        Some(limit) => Some(limit.to_string()),
        None => result.limit_text.clone(),
    }
}

/// How far inside, below zero outside: some digits where all is well, else all.
pub(super) fn margin(result: &StepResult) -> Option<String> {
    let digits = if is_bad(result.verdict) { FULL_DIGITS } else { MARGIN_DIGITS };
    result.margin.as_ref().map(|margin| quantity(margin, Some(digits)))
}

/// Why, where the verdict alone does not say.
pub(super) fn remark(result: &StepResult) -> Option<String> {
    let on_bound = result.verdict == Verdict::Fail
        && result.margin.as_ref().is_some_and(|margin| margin.value.is_zero());
    let reason = result.reason.clone();
    let reason =
        reason.or_else(|| on_bound.then(|| "exactly on the bound, which is outside".into()));
    let retried = (result.attempts > 1).then(|| {
        let how = if result.verdict == Verdict::Pass { "passed at" } else { "this is" };
        format!("{how} attempt {}", result.attempts)
    });
    let remarks: Vec<_> = [reason, note(result), retried].into_iter().flatten().collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// In the engineer's prefix, with at most so many significant digits, or all of them.
pub(super) fn quantity(quantity: &Quantity, digits: Option<u32>) -> String {
    let Quantity { value, unit } = quantity;
    if value.order().abs() > MOST_PLAIN_ORDER {
        let value = digits.map_or_else(|| value.clone(), |digits| value.round_to_digits(digits));
        return format!("{value} {unit}");
    }
    match digits {
        Some(digits) => quantity.for_display(digits),
        // A zero of millivolts is no zero of volts with three decimals.
        None if value.is_zero() => quantity.to_string(),
        None => quantity.in_engineering_prefix().to_string(),
    }
}
