//! Steps that are run only if earlier results are as they must be.

use std::collections::BTreeMap;

use bench_model::{Decimal, Measured, Point, Value, VerdictCounts};
use test_plan::{OnlyIf, PremiseClause, PremiseKind, Results};

use crate::execute::Execution;
use crate::halt::Halt;

/// How the leaves came out so far, by their paths.
#[derive(Debug, Default)]
pub(crate) struct Verdicts(BTreeMap<String, VerdictCounts>);

impl Verdicts {
    pub(crate) fn of_leaf(&mut self, path: &str) -> &mut VerdictCounts {
        self.0.entry(path.to_owned()).or_default()
    }

    /// Of a leaf, or of all within a step.
    fn of(&self, path: &str) -> VerdictCounts {
        let inside = format!("{path}/");
        let within = self.0.range(inside.clone()..).take_while(|(own, _)| own.starts_with(&inside));
        let mut sum = self.0.get(path).copied().unwrap_or_default();
        for (_, counts) in within {
            sum.pass += counts.pass;
            sum.fail += counts.fail;
            sum.error += counts.error;
            sum.inconclusive += counts.inconclusive;
            sum.skip += counts.skip;
            sum.recorded += counts.recorded;
        }
        sum
    }
}

impl Execution<'_> {
    /// Leaves out the rest of the step, unless its condition is as it must be.
    pub(crate) async fn only_if(&mut self, only: &OnlyIf) -> Result<(), Halt> {
        let everywhere = Point::default();
        if self.is_blocked(&everywhere).is_some() {
            return Ok(());
        }
        let Some(reason) = refusal(only, &self.verdicts, &self.taken) else { return Ok(()) };
        if !only.has_results {
            self.emitter.warn(format!("{} is skipped: {reason}", only.step)).await?;
        }
        self.skip_points(&everywhere, reason);
        Ok(())
    }
}

/// Why the step is not run, where it is not.
fn refusal(only: &OnlyIf, verdicts: &Verdicts, results: &dyn Results) -> Option<String> {
    let found: Vec<_> =
        only.clauses.iter().map(|clause| (clause, decide(clause, verdicts, results))).collect();
    let is_true = |decided: &Decided| decided.holds == Some(true);
    let holds = if only.is_any {
        found.iter().any(|(_, decided)| is_true(decided))
    } else {
        found.iter().all(|(_, decided)| is_true(decided))
    };
    // What cannot be decided runs nothing, whichever way it is asked.
    let is_open = !holds && found.iter().any(|(_, decided)| decided.holds.is_none());
    if holds == only.wanted && !is_open {
        return None;
    }
    let decisive = found.iter().find(|(_, decided)| is_open && decided.holds.is_none());
    let decisive = decisive.or_else(|| found.iter().find(|(_, it)| is_true(it) == holds))?;
    let word = if only.wanted { "only" } else { "not" };
    let (text, (_, Decided { seen, .. })) = (&only.text, decisive);
    Some(format!("to be run {word} if {text}, and {seen}"))
}

struct Decided {
    /// None where nothing can be said.
    holds: Option<bool>,
    /// What was found, in words.
    seen: String,
}

fn decide(clause: &PremiseClause, verdicts: &Verdicts, results: &dyn Results) -> Decided {
    match &clause.kind {
        PremiseKind::Came { path, state, negated } => {
            let counts = verdicts.of(path);
            let worst =
                counts.worst().or((counts.recorded > 0).then_some(bench_model::Verdict::Recorded));
            let name = path.replace('/', ".");
            let seen = match worst {
                Some(worst) => format!("{name} is {worst}"),
                None => format!("{name} has no result"),
            };
            Decided { holds: Some(state.is_of(&counts) != *negated), seen }
        }
        PremiseKind::Holds(expression) => match expression.evaluate(&Point::default(), results) {
            Ok(Measured::Number { value: Value::Finite(value), .. }) => {
                let holds = value == Decimal::from(1_u32);
                let seen = format!("{} is {}", clause.text, if holds { "true" } else { "false" });
                Decided { holds: Some(holds), seen }
            }
            Ok(other) => Decided { holds: None, seen: format!("{} is {other}", clause.text) },
            Err(missing) => Decided { holds: None, seen: missing.to_string() },
        },
    }
}

#[cfg(test)]
mod tests {
    use bench_model::Verdict;
    use test_plan::State;

    use super::*;
    use crate::taken::Taken;

    fn verdicts(all: &[(&str, Verdict)]) -> Verdicts {
        let mut verdicts = Verdicts::default();
        all.iter().for_each(|(path, verdict)| verdicts.of_leaf(path).add(*verdict));
        verdicts
    }

    fn only(clauses: &[(&str, State, bool)], is_any: bool, wanted: bool) -> OnlyIf {
        let clause = |(path, state, negated): &(&str, State, bool)| PremiseClause {
            text: String::new(),
            kind: PremiseKind::Came { path: (*path).to_owned(), state: *state, negated: *negated },
        };
        let clauses = clauses.iter().map(clause).collect();
        let (step, text) = ("later".to_owned(), "so".to_owned());
        OnlyIf { step, text, wanted, clauses, is_any, has_results: true }
    }

    #[test]
    fn a_step_counts_all_of_its_leaves_and_no_others() {
        use Verdict::{Error, Fail, Pass, Skip};
        let found =
            verdicts(&[("a/x", Pass), ("a/y", Fail), ("a/y", Skip), ("ab", Error), ("a", Pass)]);
        let counts = found.of("a");
        assert_eq!((counts.pass, counts.fail, counts.skip, counts.error), (2, 1, 1, 0));
        assert_eq!(found.of("a/x").judged(), 1);
        assert_eq!(found.of("b"), VerdictCounts::default());
    }

    #[test]
    fn a_step_is_run_or_the_reason_is_said() {
        use State::{Errored, Failed, Passed, Ran, Skipped};
        let found = verdicts(&[
            ("good/x", Verdict::Pass),
            ("good/y", Verdict::Skip),
            ("bad", Verdict::Fail),
            ("only", Verdict::Recorded),
        ]);
        for (clauses, is_any, wanted, reason) in [
            (&[("good", Passed, false)][..], false, true, None),
            (&[("bad", Passed, false)], false, true, Some("only if so, and bad is FAIL")),
            (&[("bad", Failed, false)], false, false, Some("not if so, and bad is FAIL")),
            (&[("bad", Failed, true)], false, false, None),
            (&[("none", Ran, false)], false, true, Some("none has no result")),
            (&[("only", Ran, false)], false, true, None),
            (&[("only", Passed, false)], false, true, Some("only is RECORDED")),
            (&[("good.y", Skipped, true), ("good", Errored, true)], false, true, None),
            (&[("bad", Passed, false), ("good", Passed, false)], true, true, None),
            (
                &[("good", Passed, false), ("bad", Passed, false)],
                false,
                true,
                Some("and bad is FAIL"),
            ),
        ] {
            let only = only(clauses, is_any, wanted);
            let said = refusal(&only, &found, &Taken::default());
            match reason {
                None => assert_eq!(said, None, "{clauses:?}"),
                Some(part) => {
                    assert!(said.as_ref().is_some_and(|it| it.contains(part)), "{said:?}")
                }
            }
        }
    }
}
