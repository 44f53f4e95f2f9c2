//! The grammar of limits.

use bench_model::Pattern;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::char;
use nom::combinator::{opt, value};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};

use crate::source::TextFault;
use crate::text::{Grammar, Operand, Parsed, Template, Wanted, broken, other, space, word};

use super::bits;
use super::form::{End, Form, Of, Part};

/// What a limit looks like, for who wrote something else.
const FORMS: &str =
    "a limit is such as 4.75 V .. 5.25 V, >= 1 V, 5 V ± 1 %, == 3, \"ON\" or overload";

/// Reads a limit.
pub(crate) fn parse_limit(text: &str) -> Result<Form, TextFault> {
    let grammar = Grammar::of(text);
    grammar.whole(text, |input| grammar.limit(input), FORMS)
}

impl Grammar {
    fn limit(self, input: &str) -> Parsed<'_, Form> {
        let (start, _) = space(input)?;
        match start.chars().next() {
            None => broken(start, FORMS),
            Some('"' | '\'') => self.words(start),
            Some('/') => pattern(start),
            Some('=') => self.equal(start),
            Some('>' | '<' | '≥' | '≤') => self.compared(start),
            Some('±') => broken(start, "the nominal is wanted before ±: 5 V ± 1 %"),
            Some(first) if first.is_ascii_alphabetic() => self.named(start),
            Some(_) => self.around_or_between(start),
        }
    }

    /// What begins with a word: `overload`, `one of`, `setpoint`.
    fn named<'i>(self, input: &'i str) -> Parsed<'i, Form> {
        match word(input)? {
            (rest, "overload") => Ok((rest, Form::Overload)),
            (rest, "bits" | "bit") => bits::bits(rest),
            (rest, "one") => {
                let (rest, _) =
                    preceded(space, tag("of")).parse(rest).map_err(|_: nom::Err<Wanted<'i>>| {
                        wanted(rest, "of is wanted behind one: one of 1, 2")
                    })?;
                self.one_of(rest)
            }
            (_, "setpoint") => self.around_or_between(input),
            (_, name) => broken(
                input,
                format!("'{name}' is no limit; words are quoted: \"{name}\"; {FORMS}"),
            ),
        }
    }

    fn one_of(self, input: &str) -> Parsed<'_, Form> {
        let (start, _) = space(input)?;
        let comma = || delimited(space, char(','), space);
        if start.starts_with(['"', '\'']) {
            let (rest, words) = separated_list1(comma(), |i| self.quoted(i)).parse(start)?;
            return Ok((rest, Form::Words(words)));
        }
        let (rest, numbers) = separated_list1(comma(), |i| self.operand(i)).parse(start)?;
        Ok((rest, Form::OneOf(numbers)))
    }

    fn words(self, input: &str) -> Parsed<'_, Form> {
        let (rest, word) = self.quoted(input)?;
        Ok((rest, Form::Words(vec![word])))
    }

    fn quoted(self, input: &str) -> Parsed<'_, Template> {
        let quote = match input.chars().next() {
            Some(quote @ ('"' | '\'')) => quote,
            _ => return other(input, "a quoted word is wanted here: \"ON\""),
        };
        let Some((text, rest)) = input.get(1..).and_then(|inside| inside.split_once(quote)) else {
            return broken(input, format!("the closing {quote} is missing"));
        };
        match Template::parse(text) {
            Ok(template) => Ok((rest, template)),
            Err(fault) => broken(input, fault.message),
        }
    }

    /// `== 3`, `== "ON"`; one `=` is understood.
    fn equal(self, input: &str) -> Parsed<'_, Form> {
        let (start, _) = (alt((tag("=="), tag("="))), space).parse(input)?;
        if start.starts_with(['"', '\'']) {
            return self.words(start);
        }
        let (rest, at) = self.operand(start)?;
        let end = Some(End { at, inclusive: true });
        Ok((rest, Form::Between { low: end.clone(), high: end }))
    }

    /// `>= 1 V`, `< 5 mV`, `> 1 V .. < 2 V`.
    fn compared(self, input: &str) -> Parsed<'_, Form> {
        let (after, (is_lower, inclusive)) = comparison(input)?;
        let (rest, at) = self.operand(after)?;
        let end = Some(End { at, inclusive });
        match (is_lower, dots(rest)) {
            (true, Ok((rest, ()))) => self.to_high(rest, end),
            (true, Err(_)) => Ok((rest, Form::Between { low: end, high: None })),
            (false, Ok(_)) => broken(input, "the lower bound stands first: > 1 V .. < 2 V"),
            (false, Err(_)) => Ok((rest, Form::Between { low: None, high: end })),
        }
    }

    fn to_high(self, input: &str, low: Option<End>) -> Parsed<'_, Form> {
        let (after, sign) = preceded(space, opt(comparison)).parse(input)?;
        let inclusive = match sign {
            None => true,
            Some((false, inclusive)) => inclusive,
            Some((true, _)) => return broken(input, "< or <= is wanted before the upper bound"),
        };
        let (rest, at) = self.operand(after)?;
        Ok((rest, Form::Between { low, high: Some(End { at, inclusive }) }))
    }

    /// What begins with an operand.
    fn around_or_between(self, input: &str) -> Parsed<'_, Form> {
        let (rest, operand) = self.operand(input)?;
        if let Ok((rest, ())) = dots(rest) {
            return self.to_high(rest, Some(End { at: operand, inclusive: true }));
        }
        let (start, _) = space(rest)?;
        match plus_minus(start) {
            Ok((rest, ())) => {
                let (rest, parts) = self.parts(rest)?;
                Ok((rest, Form::Around { nominal: operand, above: parts.clone(), below: parts }))
            }
            Err(_) => self.lopsided(start, operand),
        }
    }

    /// `+2 % -1 %` behind a nominal, in either order.
    fn lopsided(self, input: &str, nominal: Operand) -> Parsed<'_, Form> {
        let up = |i| preceded((space, char('+')), |i| self.parts(i)).parse(i);
        let down = |i| preceded((space, char('-')), |i| self.parts(i)).parse(i);
        match input.chars().next() {
            Some('+') => {
                let (rest, (above, below)) = (up, down).parse(input)?;
                Ok((rest, Form::Around { nominal, above, below }))
            }
            Some('-') => {
                let (rest, (below, above)) = (down, up).parse(input)?;
                Ok((rest, Form::Around { nominal, above, below }))
            }
            None => broken(input, "how far from it? == 5 V, 5 V ± 1 %, 5 V .. 6 V"),
            Some(_) => broken(input, "one of .., ±, +/- is wanted here, as in 5 V ± 1 %"),
        }
    }

    /// One part, or several in parentheses.
    fn parts(self, input: &str) -> Parsed<'_, Vec<Part>> {
        let (start, _) = space(input)?;
        let Some(inside) = start.strip_prefix('(') else {
            let (rest, part) = self.part(start)?;
            return Ok((rest, vec![part]));
        };
        let plus = || delimited(space, char('+'), space);
        let (rest, parts) = separated_list1(plus(), |i| self.part(i)).parse(inside)?;
        match preceded(space, char(')')).parse(rest) {
            Ok((rest, _)) => Ok((rest, parts)),
            Err(nom::Err::Error(Wanted { rest, .. })) => broken(rest, "+ or ) is wanted here"),
            Err(error) => Err(error),
        }
    }

    fn part(self, input: &str) -> Parsed<'_, Part> {
        let (start, _) = space(input)?;
        let (after, amount) = self.amount(start)?;
        let (after, per_year) = opt((space, char('/'), space, tag("year"))).parse(after)?;
        let of = alt((value(Of::Nominal, tag("rdg")), value(Of::Range, tag("range"))));
        let (rest, of) = opt(preceded((space, opt((tag("of"), space))), of)).parse(after)?;
        let span = self.span(start, rest);
        let (of, per_year) = (of.unwrap_or(Of::Itself), per_year.is_some());
        Ok((rest, Part { amount, of, per_year, span }))
    }
}

fn wanted<'i>(rest: &'i str, message: &'static str) -> nom::Err<Wanted<'i>> {
    nom::Err::Failure(Wanted { rest, message: message.into() })
}

/// The rest is a pattern, between slashes; it may hold slashes itself.
fn pattern(input: &str) -> Parsed<'_, Form> {
    let inside = input.trim_end().strip_prefix('/').and_then(|inside| inside.strip_suffix('/'));
    let Some(text) = inside else { return broken(input, "the closing / is missing") };
    match Pattern::new(text) {
        Ok(pattern) => Ok(("", Form::Matches(pattern))),
        Err(error) => broken(input, crate::text::pattern_fault(&error.to_string())),
    }
}

/// Whether it bounds from below, and whether the bound itself is inside.
fn comparison(input: &str) -> Parsed<'_, (bool, bool)> {
    alt((
        value((true, true), alt((tag(">="), tag("≥")))),
        value((false, true), alt((tag("<="), tag("≤")))),
        value((true, false), tag(">")),
        value((false, false), tag("<")),
    ))
    .parse(input)
}

fn dots(input: &str) -> Parsed<'_, ()> {
    value((), (space, tag(".."))).parse(input)
}

fn plus_minus(input: &str) -> Parsed<'_, ()> {
    value((), alt((tag("±"), tag("+/-"), tag("+-")))).parse(input)
}
