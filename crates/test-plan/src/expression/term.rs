//! The tree that an expression's text stands for.

use std::cmp::Ordering;

use crate::source::{Located, Span};
use crate::text::Operand;

use super::function::Function;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    pub(super) kind: TermKind,
    pub(super) span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TermKind {
    /// `5 V`, `$load_max`.
    Operand(Operand),
    /// `rail.vout`, as the path `rail/vout`.
    Reference(String),
    /// `-x`.
    Negated(Box<Term>),
    /// `a + b - c` or `a * b / c`, so that a long one is not a deep one.
    Chain { first: Box<Term>, rest: Vec<(Operator, Term)> },
    /// `max(x, over = il)`, `crossing(x, over = il, at = 4 V)`.
    Call(Box<Call>),
    /// `a < b`.
    Compared { sides: Box<[Term; 2]>, by: Comparison },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Per,
}

/// A function and what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) of: Term,
    pub(super) over: Vec<Located<String>>,
    pub(super) at: Option<Term>,
    /// What a statistic goes by: `low = 4.9 V`.
    pub(super) options: Vec<(Located<String>, Term)>,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Unequal,
}

impl Comparison {
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
        }
    }
}

impl Term {
    /// The paths that it refers to, each as often as it stands there.
    pub(crate) fn references(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'t>(&'t self, found: &mut Vec<&'t str>) {
        match &self.kind {
            TermKind::Operand(_) => {}
            TermKind::Reference(path) => found.push(path),
            TermKind::Negated(of) => of.collect(found),
            TermKind::Call(call) => {
                let options = call.options.iter().map(|(_, term)| term);
                let all = std::iter::once(&call.of).chain(&call.at).chain(options);
                all.for_each(|term| term.collect(found));
            }
            TermKind::Compared { sides, .. } => sides.iter().for_each(|side| side.collect(found)),
            TermKind::Chain { first, rest } => {
                first.collect(found);
                rest.iter().for_each(|(_, term)| term.collect(found));
            }
        }
    }
}
