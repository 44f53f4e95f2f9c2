//! Limits with their bounds resolved, and the one place where a reading passes.

use std::fmt;

use exact_decimal::Decimal;
use regex::Regex;

use crate::bits::Bits;
use crate::quantity::Quantity;
use crate::unit::Unit;
use crate::value::{Measured, Value};
use crate::verdict::{Judgement, Verdict};

/// The most bytes that a pattern may compile to.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// One end of a range.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bound {
    /// Where it lies, in the limit's unit.
    pub value: Decimal,
    /// Whether a reading that lies exactly on it is inside.
    pub inclusive: bool,
}

impl Bound {
    /// A bound that is itself inside.
    #[must_use]
    pub fn inclusive(value: Decimal) -> Self {
        Self { value, inclusive: true }
    }

    /// A bound that is itself outside.
    #[must_use]
    pub fn exclusive(value: Decimal) -> Self {
        Self { value, inclusive: false }
    }
}

/// What a reading must be, resolved: no parameter, no setpoint and no percentage is open any more.
///
/// ```
/// use bench_model::{Bound, Limit, Measured, Unit, Value, Verdict};
///
/// let limit = Limit::Range {
///     low: Some(Bound::inclusive("4.95".parse()?)),
///     high: Some(Bound::inclusive("5.05".parse()?)),
///     unit: Unit::volt(),
/// };
/// let reading = Measured::number("+5.05000000E+00".parse::<Value>()?, Unit::volt());
/// assert_eq!(limit.judge(&reading).verdict(), Verdict::Pass);
/// assert_eq!(limit.to_string(), "4.95 V .. 5.05 V");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Between two bounds, or on one side of one.
    Range {
        /// The lower.
        low: Option<Bound>,
        /// The upper.
        high: Option<Bound>,
        /// Of both.
        unit: Unit,
    },
    /// One of a few numbers, exactly.
    OneOf {
        /// These.
        values: Vec<Decimal>,
        /// Of all.
        unit: Unit,
    },
    /// The instrument's overload is what is wanted.
    Overload,
    /// Bits of a whole number, as status registers have them.
    Bits(Bits),
    /// Words: one of these.
    Text(Vec<String>),
    /// Words: all of the answer matches this pattern.
    Matches(Pattern),
}

/// A checked regular expression, anchored at both ends; its engine takes linear time.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Checks a pattern.
    ///
    /// # Errors
    ///
    /// When it is no regular expression or is too large.
    pub fn new(text: impl Into<String>) -> Result<Self, regex::Error> {
        let text = text.into();
        let anchored = format!("^(?:{text})$");
        let regex = regex::RegexBuilder::new(&anchored).size_limit(MAX_PATTERN_BYTES).build()?;
        Ok(Self { text, regex })
    }

    /// Whether all of the text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl serde::Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> serde::Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Limit {
    /// Whether it judges words, not numbers.
    #[must_use]
    pub fn is_for_words(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Matches(_))
    }

    /// For a screen: its bounds with not more than `digits` significant digits. Never for what is judged or stored.
    #[must_use]
    pub fn for_display(&self, digits: u32) -> String {
        let fewer = |bound: &Option<Bound>| {
            bound.as_ref().map(|Bound { value, inclusive }| Bound {
                value: value.round_to_digits(digits),
                inclusive: *inclusive,
            })
        };
        match self {
            Self::Range { low, high, unit } => {
                let (low, high, unit) = (fewer(low), fewer(high), unit.clone());
                Self::Range { low, high, unit }.to_string()
            }
            other => other.to_string(),
        }
    }

    /// Judges what was measured. Nothing else makes a [`Verdict::Pass`]. What is no finite number never
    /// passes a range, and a number of another dimension is the equipment's error, not the DUT's.
    #[must_use]
    pub fn judge(&self, measured: &Measured) -> Judgement {
        match (self, measured) {
            (Self::Range { low, high, unit }, Measured::Number { value, unit: own }) => {
                match in_unit(value, own, unit) {
                    Ok(value) => judge_range(low.as_ref(), high.as_ref(), unit, &value),
                    Err(judgement) => judgement,
                }
            }
            (Self::OneOf { values, unit }, Measured::Number { value, unit: own }) => {
                match in_unit(value, own, unit) {
                    Ok(Value::Finite(value)) => pass_if(values.contains(&value)),
                    Ok(value) => no_number(&value, false),
                    Err(judgement) => judgement,
                }
            }
            (Self::Overload, Measured::Number { value, .. }) => {
                pass_if(matches!(value, Value::Infinity | Value::NegativeInfinity))
            }
            (Self::Bits(bits), Measured::Number { value, unit }) => bits.judge(value, unit),
            (Self::Text(wanted), Measured::Text(text)) => pass_if(wanted.contains(text)),
            (Self::Matches(pattern), Measured::Text(text)) => pass_if(pattern.matches(text)),
            (_, Measured::Text(text)) => {
                Judgement::error(format!("{text:?} is no number, and the limit is {self}"))
            }
            (_, Measured::Number { .. }) => {
                Judgement::error(format!("a number came, and the limit is {self}"))
            }
        }
    }
}

pub(crate) fn pass_if(inside: bool) -> Judgement {
    Judgement::new(if inside { Verdict::Pass } else { Verdict::Fail }, None, None)
}

/// The value in the limit's unit.
fn in_unit(value: &Value, own: &Unit, wanted: &Unit) -> Result<Value, Judgement> {
    if own.dimension() != wanted.dimension() {
        return Err(Judgement::error(format!(
            "a reading in {own} cannot meet a limit in {wanted}"
        )));
    }
    match value {
        Value::Finite(number) if own != wanted => own
            .to_base(number)
            .and_then(|base| wanted.from_base(&base))
            .map(Value::Finite)
            .ok_or_else(|| Judgement::error("the reading passes the bounds of a decimal")),
        value => Ok(value.clone()),
    }
}

fn judge_range(low: Option<&Bound>, high: Option<&Bound>, unit: &Unit, value: &Value) -> Judgement {
    match value {
        Value::Finite(value) => judge_number(low, high, unit, value),
        Value::Infinity => no_number(value, high.is_some()),
        Value::NegativeInfinity => no_number(value, low.is_some()),
        Value::NotANumber => no_number(value, false),
    }
}

/// An overload lies beyond any bound on its side; else nothing can be said.
fn no_number(value: &Value, beyond: bool) -> Judgement {
    match (value, beyond) {
        (Value::NotANumber, _) => Judgement::inconclusive("the instrument answered not-a-number"),
        (_, true) => Judgement::new(Verdict::Fail, None, Some("overload".to_owned())),
        (_, false) => Judgement::inconclusive("overload: the range is too small to judge"),
    }
}

fn judge_number(
    low: Option<&Bound>,
    high: Option<&Bound>,
    unit: &Unit,
    value: &Decimal,
) -> Judgement {
    let below = low.and_then(|low| value.checked_sub(&low.value).ok().map(|room| (low, room)));
    let above = high.and_then(|high| high.value.checked_sub(value).ok().map(|room| (high, room)));
    let bounds = usize::from(low.is_some()) + usize::from(high.is_some());
    let rooms: Vec<_> = below.into_iter().chain(above).collect();
    if rooms.len() != bounds {
        return Judgement::error("the reading passes the bounds of a decimal");
    }
    let inside = rooms
        .iter()
        .all(|(bound, room)| if room.is_zero() { bound.inclusive } else { !room.is_negative() });
    let margin = rooms.into_iter().map(|(_, room)| room).min();
    let margin = margin.map(|room| Quantity::new(room, unit.clone()));
    Judgement::new(if inside { Verdict::Pass } else { Verdict::Fail }, margin, None)
}

/// `4.95 V .. 5.05 V`, `<= 0.4 %`, `overload`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range { low, high, unit } => show_range(f, low.as_ref(), high.as_ref(), unit),
            Self::OneOf { values, unit } => {
                let shown = values.iter().map(|value| shown(value, unit)).collect::<Vec<_>>();
                write!(f, "one of {}", shown.join(", "))
            }
            Self::Overload => f.write_str("overload"),
            Self::Bits(bits) => bits.fmt(f),
            Self::Text(wanted) => match wanted.as_slice() {
                [one] => write!(f, "{one:?}"),
                several => write!(f, "one of {several:?}"),
            },
            Self::Matches(pattern) => write!(f, "matches /{}/", pattern.as_str()),
        }
    }
}

fn shown(value: &Decimal, unit: &Unit) -> String {
    Quantity::new(value.clone(), unit.clone()).in_engineering_prefix().to_string()
}

fn show_range(
    f: &mut fmt::Formatter<'_>,
    low: Option<&Bound>,
    high: Option<&Bound>,
    unit: &Unit,
) -> fmt::Result {
    let sign = |bound: &Bound, sign: &'static str| if bound.inclusive { "=" } else { sign };
    match (low, high) {
        (Some(low), Some(high)) if low == high => write!(f, "== {}", shown(&low.value, unit)),
        (Some(low), Some(high)) => {
            let open = if low.inclusive { "" } else { "> " };
            let close = if high.inclusive { "" } else { "< " };
            write!(f, "{open}{} .. {close}{}", shown(&low.value, unit), shown(&high.value, unit))
        }
        (Some(low), None) => write!(f, ">{} {}", sign(low, ""), shown(&low.value, unit)),
        (None, Some(high)) => write!(f, "<{} {}", sign(high, ""), shown(&high.value, unit)),
        (None, None) => f.write_str("any number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: Option<&str>, high: Option<&str>, inclusive: bool) -> Limit {
        let bound = |text: &str| Bound { value: text.parse().unwrap(), inclusive };
        Limit::Range { low: low.map(bound), high: high.map(bound), unit: Unit::volt() }
    }

    fn volts(text: &str) -> Measured {
        Measured::number(text.parse().unwrap(), Unit::volt())
    }

    #[test]
    fn a_reading_on_the_bound_is_inside_unless_the_bound_is_exclusive() {
        for (value, inclusive, verdict) in [
            ("4.950", true, Verdict::Pass),
            ("5.05000000E+00", true, Verdict::Pass),
            ("4.950", false, Verdict::Fail),
            ("4.9500000001", false, Verdict::Pass),
            ("5.0500000001", true, Verdict::Fail),
            ("-5", true, Verdict::Fail),
        ] {
            let limit = range(Some("4.95"), Some("5.05"), inclusive);
            assert_eq!(limit.judge(&volts(value)).verdict(), verdict, "{value} {inclusive}");
        }
    }

    #[test]
    fn the_margin_is_exact_and_negative_outside() {
        let limit = range(Some("4.95"), Some("5.05"), true);
        let margin = |value: &str| limit.judge(&volts(value)).margin().map(ToString::to_string);
        assert_eq!(margin("5.049").as_deref(), Some("0.001 V"));
        assert_eq!(margin("5.052").as_deref(), Some("-0.002 V"));
    }

    #[test]
    fn what_is_no_number_never_passes_a_range() {
        for (value, low, high, verdict) in [
            ("Infinity", Some("4"), Some("5"), Verdict::Fail),
            ("Infinity", Some("4"), None, Verdict::Inconclusive),
            ("-Infinity", Some("4"), None, Verdict::Fail),
            ("NaN", Some("4"), Some("5"), Verdict::Inconclusive),
            ("Infinity", None, None, Verdict::Inconclusive),
        ] {
            let judged = range(low, high, true).judge(&volts(value)).verdict();
            assert_eq!(judged, verdict, "{value} {low:?} {high:?}");
        }
        assert_eq!(Limit::Overload.judge(&volts("Infinity")).verdict(), Verdict::Pass);
        assert_eq!(Limit::Overload.judge(&volts("9.9E36")).verdict(), Verdict::Fail);
    }

    #[test]
    fn units_are_brought_together_or_refused() {
        let limit = range(Some("0.5"), None, true);
        let millivolts = Measured::number("500".parse().unwrap(), "mV".parse().unwrap());
        assert_eq!(limit.judge(&millivolts).verdict(), Verdict::Pass);
        let amperes = Measured::number("1".parse().unwrap(), Unit::ampere());
        assert_eq!(limit.judge(&amperes).verdict(), Verdict::Error);
        assert_eq!(limit.judge(&Measured::Text("ON".into())).verdict(), Verdict::Error);
    }

    #[test]
    fn words_are_judged_as_a_whole() {
        let pattern = Limit::Matches(Pattern::new("CV|CC").unwrap());
        for (text, verdict) in [("CV", Verdict::Pass), ("CVX", Verdict::Fail), ("", Verdict::Fail)]
        {
            assert_eq!(pattern.judge(&Measured::Text(text.into())).verdict(), verdict);
        }
        let one = Limit::Text(vec!["ON".into(), "1".into()]);
        assert_eq!(one.judge(&Measured::Text("1".into())).verdict(), Verdict::Pass);
        assert!(Pattern::new("(").is_err());
    }

    #[test]
    fn a_limit_is_shown_as_engineers_write_it() {
        for (limit, shown) in [
            (range(Some("4.95"), Some("5.05"), true), "4.95 V .. 5.05 V"),
            (range(None, Some("0.004"), true), "<= 4 mV"),
            (range(Some("1"), None, false), "> 1 V"),
            (range(Some("1"), Some("2"), false), "> 1 V .. < 2 V"),
            (range(Some("1"), Some("1"), true), "== 1 V"),
        ] {
            assert_eq!(limit.to_string(), shown);
        }
    }

    #[test]
    fn a_limit_survives_json() {
        for limit in [
            range(Some("4.95"), None, true),
            Limit::Overload,
            Limit::Bits(Bits { set: 1 << 63, clear: 3 }),
            Limit::Matches(Pattern::new("a.*").unwrap()),
            Limit::OneOf { values: vec!["1.0".parse().unwrap()], unit: Unit::none() },
        ] {
            let json = serde_json::to_string(&limit).unwrap();
            assert_eq!(serde_json::from_str::<Limit>(&json).unwrap(), limit, "{json}");
        }
    }
}
