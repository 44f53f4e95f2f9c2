//! The tree that an expression's text stands for.

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
    /// `max(x, over = il)`.
    Call { function: Function, of: Box<Term>, over: Vec<Located<String>> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Per,
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
            TermKind::Negated(of) | TermKind::Call { of, .. } => of.collect(found),
            TermKind::Chain { first, rest } => {
                first.collect(found);
                rest.iter().for_each(|(_, term)| term.collect(found));
            }
        }
    }
}
