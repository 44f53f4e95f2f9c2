//! Results computed from earlier ones.

use bench_model::Judgement;
use test_plan::Compute;

use crate::execute::{Execution, Leaf};
use crate::halt::Halt;

impl Execution<'_> {
    pub(crate) async fn compute(&mut self, compute: &Compute) -> Result<(), Halt> {
        let mut leaf = Leaf::new(&compute.place, None, compute.limit.as_ref());
        leaf.on_error = compute.on_error;
        if let Some(judgement) = self.is_blocked(&compute.place.point) {
            return self.finish(leaf, &judgement, None).await;
        }
        match compute.expression.evaluate(&compute.place.point, &self.taken) {
            Ok(actual) => {
                let judgement = leaf.judge(&actual);
                self.finish(leaf, &judgement, Some(actual)).await
            }
            Err(missing) => {
                self.finish(leaf, &Judgement::inconclusive(missing.to_string()), None).await
            }
        }
    }
}
