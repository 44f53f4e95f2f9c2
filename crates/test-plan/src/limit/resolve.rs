//! A limit's form to its bounds, in exact decimals.

use bench_catalog::Range;
use bench_model::{Bound, Decimal, Limit, Point, Quantity, Unit};

use crate::source::{Span, TextFault};
use crate::text::{Operand, Parameters};

use super::drift::{Drift, is_per_degree};
use super::form::{End, Form, Of, Part};

/// What a limit refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) parameters: &'a Parameters,
    /// Where in the sweep.
    pub(crate) point: &'a Point,
    /// The range in force, where a reading has one.
    pub(crate) range: Option<&'a Range>,
    /// The unit of what is judged; none where it is text.
    pub(crate) unit: Option<&'a Unit>,
    /// What makes it wider; none where nothing is known of the bench.
    pub(crate) drift: Option<&'a Drift>,
}

type Resolved<T> = Result<T, TextFault>;

/// Resolves a limit at a point.
pub(crate) fn resolve(form: &Form, around: &Surroundings<'_>) -> Resolved<Limit> {
    match (form, around.unit) {
        (Form::Words(_) | Form::Matches(_), Some(unit)) => {
            let message =
                format!("a number{} is judged here, and the limit is one of words", in_unit(unit));
            Err(TextFault::of_whole(message))
        }
        (Form::Matches(pattern), None) => Ok(Limit::Matches(pattern.clone())),
        (Form::Words(words), None) => {
            let words = words.iter().map(|word| word.fill(around.parameters));
            Ok(Limit::Text(words.collect::<Resolved<_>>()?))
        }
        (_, None) => Err(TextFault::of_whole(
            "text is judged here, and the limit is one of numbers; with a unit the answer is a number, \
             and words are quoted: \"ON\"",
        )),
        (Form::Overload, Some(_)) => Ok(Limit::Overload),
        (Form::Bits(_), Some(unit)) if !unit.symbol().is_empty() => Err(TextFault::of_whole(
            format!("bits are those of a plain number, and what is judged is in {unit}"),
        )),
        (Form::Bits(bits), Some(_)) => Ok(Limit::Bits(*bits)),
        (Form::OneOf(operands), Some(_)) => one_of(operands, around),
        (Form::Between { low, high }, Some(_)) => between(low.as_ref(), high.as_ref(), around),
        (Form::Around { nominal, above, below }, Some(_)) => {
            around_nominal(nominal, above, below, around)
        }
    }
}

fn fault(span: &Span, message: impl Into<String>) -> TextFault {
    TextFault::new(span, message)
}

fn in_unit(unit: &Unit) -> String {
    if unit.symbol().is_empty() { String::new() } else { format!(" in {unit}") }
}

/// What an operand stands for, in the dimension of what is judged.
fn quantity(operand: &Operand, around: &Surroundings<'_>) -> Resolved<Quantity> {
    let quantity = operand.resolve(around.parameters, around.point)?;
    match around.unit {
        Some(unit) if unit.dimension() != quantity.unit.dimension() => {
            Err(fault(&operand.span, wrong_unit(&quantity, unit)))
        }
        _ => Ok(quantity),
    }
}

fn wrong_unit(found: &Quantity, wanted: &Unit) -> String {
    match (found.unit.symbol(), wanted.symbol()) {
        ("", wanted) => {
            format!(
                "{found} has no unit, and what is judged is in {wanted}: write {found} {wanted}"
            )
        }
        (own, "") => format!("a limit in {own}, and what is judged has no unit"),
        (own, wanted) => format!("a limit in {own}, and what is judged is in {wanted}"),
    }
}

/// The unit of the bounds. Base units, so that a reading is exactly as far from a bound as it is; and what
/// has no dimension stays in its own % or ppm.
fn bound_unit(quantities: &[&Quantity]) -> Unit {
    match quantities {
        [first, others @ ..]
            if first.unit.is_dimensionless() && others.iter().all(|q| q.unit == first.unit) =>
        {
            first.unit.clone()
        }
        [first, ..] => Unit::base(first.unit.dimension()),
        [] => Unit::none(),
    }
}

fn too_wide(span: &Span) -> TextFault {
    fault(span, "the bound needs more digits than a decimal may have")
}

fn value_in(quantity: &Quantity, unit: &Unit, span: &Span) -> Resolved<Decimal> {
    let value = quantity.to_unit(unit).map(|quantity| quantity.value);
    value.ok_or_else(|| too_wide(span))
}

fn one_of(operands: &[Operand], around: &Surroundings<'_>) -> Resolved<Limit> {
    let all =
        operands.iter().map(|operand| quantity(operand, around)).collect::<Resolved<Vec<_>>>()?;
    let unit = bound_unit(&all.iter().collect::<Vec<_>>());
    let values = all.iter().zip(operands).map(|(one, operand)| value_in(one, &unit, &operand.span));
    Ok(Limit::OneOf { values: values.collect::<Resolved<_>>()?, unit })
}

fn between(low: Option<&End>, high: Option<&End>, around: &Surroundings<'_>) -> Resolved<Limit> {
    let ends = [low, high].map(|end| end.map(|end| Ok((end, quantity(&end.at, around)?))));
    let [low, high] = ends.map(Option::transpose);
    let (low, high) = (low?, high?);
    let quantities: Vec<_> = low.iter().chain(&high).map(|(_, quantity)| quantity).collect();
    let unit = bound_unit(&quantities);
    let bound = |end: Option<(&End, Quantity)>| {
        let bound = end.map(|(end, at)| {
            let value = value_in(&at, &unit, &end.at.span)?;
            Ok(Bound { value, inclusive: end.inclusive })
        });
        bound.transpose()
    };
    let span = low.iter().chain(&high).map(|(end, _)| end.at.span.clone()).reduce(join);
    let (low, high) = (bound(low)?, bound(high)?);
    meetable(Limit::Range { low, high, unit }, &span.unwrap_or_default())
}

fn join(one: Span, two: Span) -> Span {
    one.start.min(two.start)..one.end.max(two.end)
}

/// Refuses a range that holds no number.
fn meetable(limit: Limit, span: &Span) -> Resolved<Limit> {
    if let Limit::Range { low: Some(low), high: Some(high), unit } = &limit {
        let shown = |bound: &Bound| {
            Quantity::new(bound.value.clone(), unit.clone()).in_engineering_prefix().to_string()
        };
        if low.value > high.value {
            return Err(fault(
                span,
                format!(
                    "nothing can meet this: the lower bound {} lies above the upper one, {}",
                    shown(low),
                    shown(high)
                ),
            ));
        }
        if low.value == high.value && !(low.inclusive && high.inclusive) {
            return Err(fault(
                span,
                format!(
                    "nothing can meet this: both bounds are {}, and one of them is itself outside",
                    shown(low)
                ),
            ));
        }
    }
    Ok(limit)
}

fn around_nominal(
    nominal: &Operand,
    above: &[Part],
    below: &[Part],
    around: &Surroundings<'_>,
) -> Resolved<Limit> {
    let centre = quantity(nominal, around)?;
    let base = centre.in_base().ok_or_else(|| too_wide(&nominal.span))?;
    let up = spread(above, &centre, &base, around)?;
    let down = spread(below, &centre, &base, around)?;
    let unit = bound_unit(&[&centre]);
    let bound = |at: Result<Decimal, _>| {
        let value = at.ok().and_then(|base| unit.from_base(&base));
        let value = value.ok_or_else(|| too_wide(&nominal.span))?;
        Ok(Some(Bound::inclusive(value.without_trailing_zeros())))
    };
    let low = bound(base.checked_sub(&down))?;
    let high = bound(base.checked_add(&up))?;
    Ok(Limit::Range { low, high, unit })
}

/// The sum of a tolerance's parts, in base units.
fn spread(
    parts: &[Part],
    centre: &Quantity,
    base: &Decimal,
    around: &Surroundings<'_>,
) -> Resolved<Decimal> {
    let mut sum = Decimal::zero();
    for part in parts {
        let own = width(part, centre, base, around)?;
        let own = match part.per_year {
            false => own,
            true => times(&own, &drift(around).years, &part.span)?,
        };
        if own.is_negative() && !own.is_zero() {
            return Err(fault(&part.span, "a tolerance is not below zero"));
        }
        sum = sum.checked_add(&own).map_err(|_| too_wide(&part.span))?;
    }
    Ok(sum)
}

fn width(
    part: &Part,
    centre: &Quantity,
    base: &Decimal,
    around: &Surroundings<'_>,
) -> Resolved<Decimal> {
    let amount = part.amount.resolve(around.parameters, &Point::default())?;
    if is_per_degree(&amount.unit) {
        let whole =
            if part.of == Of::Range { range_in_force(part, centre, around)? } else { base.abs() };
        let each = amount.in_base().ok_or_else(|| too_wide(&part.span))?;
        let each = whole.checked_mul(&each).map_err(|_| too_wide(&part.span))?;
        return times(&each, &drift(around).degrees, &part.span);
    }
    let is_part = amount.unit.is_dimensionless() && !amount.unit.symbol().is_empty();
    let whole = match part.of {
        Of::Range => range_in_force(part, centre, around)?,
        Of::Nominal => base.abs(),
        Of::Itself if is_part && is_ambiguous(centre) => {
            return Err(fault(
                &part.span,
                format!(
                    "a part of {centre}, or as much as {amount} itself? write {amount} rdg for the part, or \
                 both bounds with .."
                ),
            ));
        }
        Of::Itself if is_part => base.abs(),
        Of::Itself => return absolute(part, &amount, centre),
    };
    if !is_part {
        return Err(fault(
            &part.span,
            format!("{amount} is wanted as a part here: in %, ppm or the like"),
        ));
    }
    let factor = amount.in_base().ok_or_else(|| too_wide(&part.span))?;
    whole.checked_mul(&factor).map_err(|_| too_wide(&part.span))
}

fn drift<'a>(around: &Surroundings<'a>) -> std::borrow::Cow<'a, Drift> {
    around
        .drift
        .map_or_else(|| std::borrow::Cow::Owned(Drift::default()), std::borrow::Cow::Borrowed)
}

fn times(one: &Decimal, other: &Result<Decimal, String>, span: &Span) -> Resolved<Decimal> {
    let other = other.as_ref().map_err(|message| fault(span, message.clone()))?;
    one.checked_mul(other).map_err(|_| too_wide(span))
}

/// Whether the nominal is itself written in % or the like.
fn is_ambiguous(centre: &Quantity) -> bool {
    centre.unit.is_dimensionless() && !centre.unit.symbol().is_empty()
}

fn absolute(part: &Part, amount: &Quantity, centre: &Quantity) -> Resolved<Decimal> {
    if amount.unit.dimension() != centre.unit.dimension() {
        let message = match amount.unit.symbol() {
            "" => format!("{amount} has no unit: write {amount} {} or {amount} %", centre.unit),
            own => format!("a tolerance in {own} around a nominal of {centre}"),
        };
        return Err(fault(&part.span, message));
    }
    amount.in_base().ok_or_else(|| too_wide(&part.span))
}

fn range_in_force(part: &Part, centre: &Quantity, around: &Surroundings<'_>) -> Resolved<Decimal> {
    match around.range {
        Some(Range::Fixed(range)) if range.unit.dimension() == centre.unit.dimension() => {
            range.in_base().map(|range| range.abs()).ok_or_else(|| too_wide(&part.span))
        }
        Some(Range::Fixed(range)) => {
            Err(fault(&part.span, format!("the range is {range}, which is no range for {centre}")))
        }
        Some(Range::Auto) => Err(fault(
            &part.span,
            "the range is \"auto\", so that nothing is known of it; a fixed range is wanted",
        )),
        None => Err(fault(&part.span, "there is no range here of which this could be a part")),
    }
}
