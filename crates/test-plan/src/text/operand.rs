//! A quantity, a parameter or a setpoint, and what it stands for at a point.

use bench_model::{Point, Quantity};
use nom::Parser;
use nom::character::complete::{char, one_of};
use nom::combinator::opt;
use nom::sequence::preceded;

use crate::source::{Span, TextFault};
use crate::suggest;

use super::lexis::{Grammar, Parsed, number, other, space, unit, word};
use super::parameters::Parameters;

/// What stands for a quantity in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operand {
    pub(crate) kind: OperandKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OperandKind {
    /// The quantity itself.
    Quantity(Quantity),
    /// `$name`, with a minus sign before it.
    Parameter { name: String, negative: bool },
    /// `setpoint` or `setpoint.axis`.
    Setpoint(Option<String>),
}

/// Words that stand behind a number and are no units.
const NO_UNITS: [&str; 2] = ["rdg", "range"];

impl Operand {
    /// What it stands for.
    pub(crate) fn resolve(
        &self,
        parameters: &Parameters,
        point: &Point,
    ) -> Result<Quantity, TextFault> {
        let fault = |message: String| TextFault::new(&self.span, message);
        match &self.kind {
            OperandKind::Quantity(quantity) => Ok(quantity.clone()),
            OperandKind::Parameter { name, negative } => {
                let Quantity { value, unit } = parameters.quantity(name).map_err(fault)?.clone();
                Ok(Quantity::new(if *negative { -value } else { value }, unit))
            }
            OperandKind::Setpoint(axis) => setpoint(axis.as_deref(), point).map_err(fault),
        }
    }
}

fn setpoint(axis: Option<&str>, point: &Point) -> Result<Quantity, String> {
    let axes = || point.0.iter().map(|coordinate| coordinate.axis.as_str());
    match (axis, point.0.as_slice()) {
        (_, []) => Err("there is no setpoint outside of a sweep".to_owned()),
        (Some(axis), _) => point
            .get(axis)
            .cloned()
            .ok_or_else(|| format!("there is no axis '{axis}'{}", suggest::instead(axis, axes()))),
        (None, [only]) => Ok(only.value.clone()),
        (None, _) => {
            let all = suggest::listed(axes()).unwrap_or_default();
            Err(format!("which setpoint? there are several axes: setpoint.AXIS of {all}"))
        }
    }
}

impl Grammar {
    /// A quantity or `$parameter`, with a sign.
    pub(crate) fn amount(self, input: &str) -> Parsed<'_, Operand> {
        let (start, _) = space(input)?;
        let (after, sign) = opt(one_of("+-")).parse(start)?;
        let negative = sign == Some('-');
        let (rest, kind) = match preceded(char('$'), word).parse(after) {
            Ok((rest, name)) => (rest, OperandKind::Parameter { name: name.to_owned(), negative }),
            Err(_) => quantity(after, negative)?,
        };
        Ok((rest, Operand { kind, span: self.span(start, rest) }))
    }

    /// An amount, or `setpoint`.
    pub(crate) fn operand(self, input: &str) -> Parsed<'_, Operand> {
        let (start, _) = space(input)?;
        match word(start) {
            Ok((after, "setpoint")) => {
                let (rest, axis) = opt(preceded(char('.'), word)).parse(after)?;
                let kind = OperandKind::Setpoint(axis.map(str::to_owned));
                Ok((rest, Operand { kind, span: self.span(start, rest) }))
            }
            _ => self.amount(input),
        }
    }
}

fn quantity(input: &str, negative: bool) -> Parsed<'_, OperandKind> {
    let Ok((after, value)) = number(input) else {
        return other(input, "a quantity is wanted here, such as 5 V, 500 mA or $parameter");
    };
    let (rest, unit) = unit(after, &NO_UNITS)?;
    let value = if negative { -value } else { value };
    Ok((rest, OperandKind::Quantity(Quantity::new(value, unit))))
}

/// A text that is one amount.
pub(crate) fn parse_operand(text: &str) -> Result<Operand, TextFault> {
    let grammar = Grammar::of(text);
    grammar.whole(text, |input| grammar.amount(input), "one quantity is wanted, such as 500 mA")
}

#[cfg(test)]
mod tests {
    use bench_model::Coordinate;

    use super::super::parameters::Given;
    use super::*;

    fn parameters() -> Parameters {
        let mut parameters = Parameters::default();
        parameters.set("load", Given::of("500 mA"));
        parameters.set("word", Given::of("fast"));
        parameters
    }

    fn point(axes: &[(&str, &str)]) -> Point {
        let coordinate = |(axis, value): &(&str, &str)| Coordinate {
            axis: (*axis).to_owned(),
            value: value.parse().unwrap(),
        };
        Point(axes.iter().map(coordinate).collect())
    }

    #[test]
    fn an_amount_is_a_quantity_or_a_parameter() {
        for (text, value) in [
            ("5 V", "5 V"),
            (" -3.2e-7A ", "-0.00000032 A"),
            ("10 MOhm", "10 MΩ"),
            ("$load", "500 mA"),
            ("-$load", "-500 mA"),
            ("7", "7"),
        ] {
            let found = parse_operand(text).unwrap().resolve(&parameters(), &Point::default());
            assert_eq!(found.unwrap().to_string(), value, "{text}");
        }
        for (text, at) in [("five V", 0), ("5 V 3", 4), ("5 volts", 2), ("", 0), ("--5 V", 1)] {
            assert_eq!(parse_operand(text).unwrap_err().span.start, at, "{text}");
        }
    }

    #[test]
    fn an_amount_that_stands_for_nothing_says_why() {
        for (text, wanted) in [("$lead", "did you mean 'load'?"), ("$word", "the text 'fast'")] {
            let found = parse_operand(text).unwrap().resolve(&parameters(), &Point::default());
            let message = found.unwrap_err().message;
            assert!(message.contains(wanted), "{message}");
        }
    }

    #[test]
    fn a_setpoint_is_that_of_its_axis() {
        let one = point(&[("vi", "7 V")]);
        let two = point(&[("vi", "7 V"), ("il", "0 A")]);
        for (text, point, value) in [
            ("setpoint", &one, Some("7 V")),
            ("setpoint.vi", &one, Some("7 V")),
            ("setpoint.il", &two, Some("0 A")),
            ("setpoint", &two, None),
            ("setpoint.x", &two, None),
            ("setpoint", &Point::default(), None),
        ] {
            let (_, operand) = Grammar::of(text).operand(text).unwrap();
            let found = operand.resolve(&Parameters::default(), point).ok();
            assert_eq!(found.map(|found| found.to_string()).as_deref(), value, "{text}");
        }
    }
}
