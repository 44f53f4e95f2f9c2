//! What stops an axis: `4.75 V`, `99 % of first`.

use nom::Parser;
use nom::bytes::complete::tag;
use nom::combinator::opt;

use crate::source::TextFault;

use super::lexis::{Grammar, Parsed, space};
use super::operand::Operand;

/// An amount, or a part of the value at the first setpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) amount: Operand,
    pub(crate) of_first: bool,
}

impl Grammar {
    fn level(self, input: &str) -> Parsed<'_, Level> {
        let (rest, amount) = self.amount(input)?;
        let of_first = (space, tag("of"), space, tag("first"));
        let (rest, of_first) = opt(of_first).parse(rest)?;
        Ok((rest, Level { amount, of_first: of_first.is_some() }))
    }
}

/// A text that is one level.
pub(crate) fn parse_level(text: &str) -> Result<Level, TextFault> {
    let grammar = Grammar::of(text);
    let wanted = "a level is such as 4.75 V or 99 % of first";
    grammar.whole(text, |input| grammar.level(input), wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_an_amount_or_a_part_of_the_first() {
        for (text, of_first) in
            [("4.75 V", false), ("99 % of first", true), ("$x  of first ", true)]
        {
            assert_eq!(parse_level(text).unwrap().of_first, of_first, "{text}");
        }
        for text in ["", "of first", "99 % of last", "99 % first", "4 V of first of first"] {
            assert!(parse_level(text).is_err(), "{text}");
        }
    }
}
