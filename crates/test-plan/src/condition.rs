//! Conditions on earlier results: `rail.vout passed and not burn_in failed`, `idle.vout > 4.5 V`.

use nom::Parser;
use nom::character::complete::char;
use nom::sequence::preceded;

use crate::decision::State;
use crate::expression::{Term, parse_expression};
use crate::source::{Span, TextFault};
use crate::suggest;
use crate::text::{Grammar, Parsed, broken, space, word};

/// What a condition looks like, for who wrote something else.
const FORMS: &str = "a condition is such as 'rail.vout passed', 'not rail failed' or 'rail.vout > 4.5 V', several \
                     with 'and' or 'or' between them";

/// A condition before its results are known.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) clauses: Vec<Clause>,
    /// Whether one clause is enough.
    pub(crate) is_any: bool,
}

/// One part of a condition, and where it stands in its text.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) text: String,
    pub(crate) kind: ClauseKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum ClauseKind {
    /// How all results came out that lie on a path.
    Came { path: String, state: State, negated: bool },
    /// A comparison.
    Holds(Term),
}

impl Condition {
    /// The paths that it refers to.
    pub(crate) fn references(&self) -> Vec<&str> {
        self.clauses.iter().flat_map(Clause::references).collect()
    }
}

impl Clause {
    fn references(&self) -> Vec<&str> {
        match &self.kind {
            ClauseKind::Came { path, .. } => vec![path.as_str()],
            ClauseKind::Holds(term) => term.references(),
        }
    }
}

/// Reads a condition.
pub(crate) fn parse_condition(text: &str) -> Result<Condition, TextFault> {
    let mut clauses = Vec::new();
    let mut joints = Vec::new();
    let mut at = 0;
    for (piece, joint) in pieces(text) {
        let start = at + piece.len() - piece.trim_start().len();
        clauses.push(clause(piece.trim(), start)?);
        at += piece.len();
        if let Some(joint) = joint {
            joints.push((joint, at..at + joint.len()));
            at += joint.len();
        }
    }
    if let [(first, _), others @ ..] = joints.as_slice()
        && let Some((other, span)) = others.iter().find(|(other, _)| other != first)
    {
        let message = format!(
            "'{other}' stands behind '{first}': which goes first? one of them alone is wanted"
        );
        return Err(TextFault::new(span, message));
    }
    let is_any = joints.first().is_some_and(|(joint, _)| *joint == "or");
    Ok(Condition { clauses, is_any })
}

/// The text cut at its `and` and `or`, each piece with the joint behind it.
fn pieces(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((piece, joint, behind)) = cut(rest) {
        found.push((piece, Some(joint)));
        rest = behind;
    }
    found.push((rest, None));
    found
}

fn cut(text: &str) -> Option<(&str, &str, &str)> {
    let is_inside = |c: char| c.is_alphanumeric() || "_.".contains(c);
    let mut from = 0;
    while let Some(word) = text.get(from..)?.split(|c| !is_inside(c)).next() {
        let behind = text.get(from + word.len()..)?;
        if matches!(word, "and" | "or") {
            return Some((text.get(..from)?, word, behind));
        }
        from += word.len() + behind.chars().next()?.len_utf8();
    }
    None
}

fn clause(text: &str, start: usize) -> Result<Clause, TextFault> {
    let moved = |fault: TextFault| {
        let end = fault.span.end.saturating_add(start);
        TextFault { span: fault.span.start.saturating_add(start)..end, ..fault }
    };
    let kind = if text.contains(['<', '>', '=', '≤', '≥', '≠']) {
        parse_expression(text).map(ClauseKind::Holds)
    } else {
        let grammar = Grammar::of(text);
        grammar.whole(text, |input| grammar.came(input), FORMS)
    };
    let span = start..start + text.len();
    kind.map(|kind| Clause { text: text.to_owned(), kind, span }).map_err(moved)
}

impl Grammar {
    /// `rail.vout passed`, `not rail failed`.
    fn came(self, input: &str) -> Parsed<'_, ClauseKind> {
        let Ok((rest, first)) = word(input) else { return broken(input, FORMS) };
        let (rest, first, negated) = match (first, preceded(space, word).parse(rest)) {
            ("not", Ok((rest, first))) => (rest, first, true),
            _ => (rest, first, false),
        };
        let mut path = first.to_owned();
        let mut rest = rest;
        while let Ok((after, part)) = preceded(char('.'), word).parse(rest) {
            path = format!("{path}/{part}");
            rest = after;
        }
        let (start, _) = space(rest)?;
        let Ok((rest, name)) = word(start) else {
            return broken(start, format!("how did it come out? one of {} is wanted", states()));
        };
        match State::ALL.into_iter().find(|state| state.word() == name) {
            Some(state) => Ok((rest, ClauseKind::Came { path, state, negated })),
            None => {
                let words = State::ALL.map(State::word);
                let instead = suggest::wanted(name, words);
                broken(start, format!("'{name}' is no way to come out; {instead}"))
            }
        }
    }
}

fn states() -> String {
    State::ALL.map(State::word).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, String> {
        let condition = parse_condition(text)
            .map_err(|fault| format!("{}: {}", fault.span.start, fault.message))?;
        let clauses = condition.clauses.iter().map(|clause| match &clause.kind {
            ClauseKind::Came { path, state, negated } => {
                format!("{}{path} {}", if *negated { "!" } else { "" }, state.word())
            }
            ClauseKind::Holds(_) => format!("{}..{}", clause.span.start, clause.span.end),
        });
        let joint = if condition.is_any { " | " } else { " & " };
        Ok(clauses.collect::<Vec<_>>().join(joint))
    }

    #[test]
    fn conditions_are_states_and_comparisons() {
        for (text, wanted) in [
            ("rail.vout passed", "rail/vout passed"),
            (" not rail failed ", "!rail failed"),
            ("a.b.c errored and d ran", "a/b/c errored & d ran"),
            ("a passed or b failed or c inconclusive", "a passed | b failed | c inconclusive"),
            ("rail.vout > 4.5 V and band.and failed", "0..17 & band/and failed"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_says_where() {
        for (text, wanted) in [
            ("", "0: a condition is such as"),
            ("rail", "4: how did it come out?"),
            ("rail pased", "5: 'pased' is no way to come out; did you mean 'passed'?"),
            ("a passed and", "12: a condition"),
            ("a passed and b failed or c ran", "22: 'or' stands behind 'and'"),
            ("a passed and b > 5 volts", "19: 'volts' is no unit"),
            ("a passed b", "9: 'b' is too much here"),
        ] {
            let found = shown(text).unwrap_err();
            assert!(found.starts_with(wanted), "{text}: {found}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_stops_the_reader(text in "[a-z .<>=±]{0,40}") {
            let _ = parse_condition(&text);
        }
    }
}
