//! The grammar of expressions.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, one_of};
use nom::combinator::value;
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};

use crate::bounds::MAX_DEPTH;
use crate::source::{Located, TextFault};
use crate::suggest;
use crate::text::{Grammar, Parsed, Wanted, broken, space, word};

use super::function::Function;
use super::term::{Call, Comparison, Operator, Term, TermKind};

const OPERAND: &str =
    "a quantity, $parameter, a result such as rail.vout, a function or ( is wanted here";

/// Reads an expression.
pub(crate) fn parse_expression(text: &str) -> Result<Term, TextFault> {
    let grammar = Grammar::of(text);
    grammar.whole(text, |input| grammar.comparison(input, 0), "one of + - * / < > is wanted")
}

impl Grammar {
    /// A sum, or two of them compared.
    fn comparison(self, input: &str, depth: usize) -> Parsed<'_, Term> {
        let (start, _) = space(input)?;
        let (rest, left) = self.sum(start, depth)?;
        let Ok((rest, by)) = compared(rest) else { return Ok((rest, left)) };
        let (rest, right) = self.sum(rest, depth)?;
        let kind = TermKind::Compared { sides: Box::new([left, right]), by };
        Ok((rest, Term { kind, span: self.span(start, rest) }))
    }

    fn sum(self, input: &str, depth: usize) -> Parsed<'_, Term> {
        if depth > MAX_DEPTH {
            return broken(input, format!("more than {MAX_DEPTH} things inside each other"));
        }
        self.chain(input, "+-", |input| self.chain(input, "*/·×", |i| self.factor(i, depth)))
    }

    /// Operands with operators between them.
    fn chain<'i>(
        self,
        input: &'i str,
        operators: &'static str,
        mut operand: impl FnMut(&'i str) -> Parsed<'i, Term>,
    ) -> Parsed<'i, Term> {
        let (start, _) = space(input)?;
        let (mut rest, first) = operand(start)?;
        let mut others = Vec::new();
        while let Ok((after, sign)) = sign(rest, operators) {
            let (after, term) = operand(after)?;
            others.push((operator(sign), term));
            rest = after;
        }
        if others.is_empty() {
            return Ok((rest, first));
        }
        let kind = TermKind::Chain { first: Box::new(first), rest: others };
        Ok((rest, Term { kind, span: self.span(start, rest) }))
    }

    fn factor(self, input: &str, depth: usize) -> Parsed<'_, Term> {
        let (start, _) = space(input)?;
        match start.chars().next() {
            Some('-') if depth > MAX_DEPTH => self.sum(start, depth),
            Some('-') => {
                let (rest, of) = self.factor(start.get(1..).unwrap_or_default(), depth + 1)?;
                let kind = TermKind::Negated(Box::new(of));
                Ok((rest, Term { kind, span: self.span(start, rest) }))
            }
            Some('(') => {
                let inside = start.get(1..).unwrap_or_default();
                let (rest, term) = self.comparison(inside, depth + 1)?;
                closed(rest).map(|(rest, ())| (rest, term))
            }
            Some(first) if first.is_ascii_alphabetic() => self.call_or_reference(start, depth),
            Some(first) if first.is_ascii_digit() || first == '.' || first == '$' => {
                let (rest, operand) = self.amount(start)?;
                let span = operand.span.clone();
                Ok((rest, Term { kind: TermKind::Operand(operand), span }))
            }
            _ => broken(start, OPERAND),
        }
    }

    /// A function, or a reference to a result.
    fn call_or_reference(self, input: &str, depth: usize) -> Parsed<'_, Term> {
        let (after, name) = word(input)?;
        if let Ok((inside, _)) = opening(after) {
            return match Function::named(name) {
                Some(function) => self.call(input, inside, function, depth),
                None => {
                    let instead = suggest::instead(name, Function::names());
                    broken(input, format!("there is no function '{name}'{instead}"))
                }
            };
        }
        let mut path = name.to_owned();
        let mut rest = after;
        while let Ok((after, part)) = preceded(char('.'), word).parse(rest) {
            path = format!("{path}/{part}");
            rest = after;
        }
        Ok((rest, Term { kind: TermKind::Reference(path), span: self.span(input, rest) }))
    }

    fn call<'i>(
        self,
        start: &'i str,
        inside: &'i str,
        function: Function,
        depth: usize,
    ) -> Parsed<'i, Term> {
        let (mut rest, of) = self.comparison(inside, depth + 1)?;
        let (mut over, mut at, mut options) = (Vec::new(), None, Vec::new());
        while let Ok((after, _)) = comma(rest) {
            let (start, _) = space(after)?;
            match word(start) {
                Ok((after, "over")) if over.is_empty() => {
                    (rest, over) = self.over(equals(after, "= is wanted behind over")?)?;
                }
                Ok((after, "at")) if at.is_none() => {
                    let level = equals(after, "= is wanted behind at")?;
                    let (after, term) = self.sum(level, depth + 1)?;
                    (rest, at) = (after, Some(term));
                }
                Ok((after, name)) if function.takes(name) => {
                    let own = Located::new(name.to_owned(), self.span(start, after));
                    let level = equals(after, "= is wanted behind the name of an option")?;
                    let (after, term) = self.sum(level, depth + 1)?;
                    options.push((own, term));
                    rest = after;
                }
                _ => return broken(start, function.wanted_behind_comma()),
            }
        }
        let (rest, ()) = closed(rest)?;
        let kind = TermKind::Call(Box::new(Call { function, of, over, at, options }));
        Ok((rest, Term { kind, span: self.span(start, rest) }))
    }

    /// `il`, `(vi, il)`.
    fn over(self, rest: &str) -> Parsed<'_, Vec<Located<String>>> {
        let axis = |i| self.axis(i);
        let comma = || delimited(space, char(','), space);
        match rest.chars().next() {
            Some(open @ ('(' | '[')) => {
                let close = if open == '(' { ')' } else { ']' };
                let axes = separated_list1(comma(), axis);
                delimited((char(open), space), axes, (space, char(close))).parse(rest)
            }
            _ => axis(rest).map(|(rest, axis)| (rest, vec![axis])),
        }
    }

    fn axis(self, input: &str) -> Parsed<'_, Located<String>> {
        match word(input) {
            Ok((rest, name)) => Ok((rest, Located::new(name.to_owned(), self.span(input, rest)))),
            Err(_) => broken(input, "the name of an axis is wanted here"),
        }
    }
}

fn comma(input: &str) -> Parsed<'_, char> {
    preceded(space, char(',')).parse(input)
}

/// What stands behind `=`.
fn equals<'i>(input: &'i str, message: &'static str) -> Result<&'i str, nom::Err<Wanted<'i>>> {
    match (space, char::<&str, Wanted<'i>>('='), space).parse(input) {
        Ok((rest, _)) => Ok(rest),
        Err(_) => Err(nom::Err::Failure(Wanted { rest: input, message: message.into() })),
    }
}

fn compared(input: &str) -> Parsed<'_, Comparison> {
    let by = alt((
        value(Comparison::LessOrEqual, alt((tag("<="), tag("≤")))),
        value(Comparison::GreaterOrEqual, alt((tag(">="), tag("≥")))),
        value(Comparison::Equal, tag("==")),
        value(Comparison::Unequal, alt((tag("!="), tag("≠")))),
        value(Comparison::Less, tag("<")),
        value(Comparison::Greater, tag(">")),
    ));
    preceded(space, by).parse(input)
}

fn opening(input: &str) -> Parsed<'_, char> {
    preceded(space, char('(')).parse(input)
}

fn closed(input: &str) -> Parsed<'_, ()> {
    let (start, _) = space(input)?;
    match start.strip_prefix(')') {
        Some(rest) => Ok((rest, ())),
        None => broken(start, "one of + - * / or ) is wanted here"),
    }
}

fn sign<'i>(input: &'i str, operators: &'static str) -> Parsed<'i, char> {
    preceded(space, one_of(operators)).parse(input)
}

fn operator(sign: char) -> Operator {
    match sign {
        '+' => Operator::Plus,
        '-' => Operator::Minus,
        '/' => Operator::Per,
        _ => Operator::Times,
    }
}
