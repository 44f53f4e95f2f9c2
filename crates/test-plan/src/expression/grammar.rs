//! The grammar of expressions.

use nom::Parser;
use nom::character::complete::{char, one_of};
use nom::combinator::opt;
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};

use crate::bounds::MAX_DEPTH;
use crate::source::{Located, TextFault};
use crate::suggest;
use crate::text::{Grammar, Parsed, Wanted, broken, space, word};

use super::function::Function;
use super::term::{Operator, Term, TermKind};

const OPERAND: &str =
    "a quantity, $parameter, a result such as rail.vout, a function or ( is wanted here";

/// Reads an expression.
pub(crate) fn parse_expression(text: &str) -> Result<Term, TextFault> {
    let grammar = Grammar::of(text);
    grammar.whole(text, |input| grammar.sum(input, 0), "one of + - * / is wanted")
}

impl Grammar {
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
                let (rest, term) = self.sum(start.get(1..).unwrap_or_default(), depth + 1)?;
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
        let (rest, of) = self.sum(inside, depth + 1)?;
        let (rest, over) = opt(preceded((space, char(',')), |i| self.over(i))).parse(rest)?;
        let (rest, ()) = closed(rest)?;
        let over = over.unwrap_or_default();
        let kind = TermKind::Call { function, of: Box::new(of), over };
        Ok((rest, Term { kind, span: self.span(start, rest) }))
    }

    /// `over = il`, `over = (vi, il)`.
    fn over(self, input: &str) -> Parsed<'_, Vec<Located<String>>> {
        let (start, _) = space(input)?;
        let Ok((rest, "over")) = word(start) else {
            return broken(start, "over = AXIS is wanted here");
        };
        let (rest, _) =
            (space, char('='), space).parse(rest).map_err(|_: nom::Err<Wanted<'_>>| {
                nom::Err::Failure(Wanted { rest, message: "= is wanted behind over".into() })
            })?;
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
