//! Results computed from earlier ones.

use bench_model::{Judgement, Measured};
use test_plan::{Compute, Computed, ComputedUncertainty};

use crate::decide::{Decided, Rule, stated};
use crate::execute::{Execution, Leaf};
use crate::halt::Halt;

impl Execution<'_> {
    pub(crate) async fn compute(&mut self, compute: &Compute) -> Result<(), Halt> {
        let mut leaf = Leaf::new(&compute.place, None, compute.limit.as_ref());
        leaf.on_error = compute.on_error;
        if let Some(judgement) = self.is_blocked(&compute.place.point) {
            return self.finish(leaf, &judgement, None).await;
        }
        match compute.expression.computed(&compute.place.point, &self.taken) {
            Ok(Computed { value, analyses }) => {
                leaf.analyses = analyses;
                let judgement = self.decide_computed(compute, &mut leaf, &value);
                self.finish(leaf, &judgement, Some(value)).await
            }
            Err(missing) => {
                self.finish(leaf, &Judgement::inconclusive(missing.to_string()), None).await
            }
        }
    }

    /// By its limit alone, or by its rule with the uncertainty of what it is computed from.
    fn decide_computed(&self, compute: &Compute, leaf: &mut Leaf, value: &Measured) -> Judgement {
        let evaluated = match &compute.decision.uncertainty {
            None => return leaf.judge(value),
            Some(ComputedUncertainty::Value(expanded)) => {
                stated(expanded, compute.expression.unit())
            }
            Some(ComputedUncertainty::Propagated(how)) => {
                let point = &compute.place.point;
                let found = compute.expression.uncertainty(point, &self.taken, how);
                found.map(|found| {
                    leaf.analyses.extend(found.analyses);
                    found.evaluated
                })
            }
        };
        let rule = Rule {
            rule: compute.decision.rule,
            process: compute.decision.process.as_ref(),
            limit: compute.limit.as_ref().map(|planned| &planned.limit),
        };
        let evaluated = evaluated.map_err(|error| error.to_string());
        let Decided { judgement, decision } = rule.decide(value, Some(evaluated));
        leaf.decision = decision;
        judgement
    }
}
