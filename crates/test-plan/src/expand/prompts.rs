//! Questions to the operator, with the parameters in force.

use bench_model::Place;

use crate::operation::{OnError, Operation};
use crate::prompt::{Prompt, PromptDraft};

use super::Expander;

impl Expander<'_, '_> {
    pub(super) fn prompt(&mut self, draft: &PromptDraft, place: Place, on_error: OnError) {
        let Some(question) =
            self.resolved(|resolver| resolver.fill_at(&draft.question, &place.point))
        else {
            return;
        };
        let limit = self.limit(draft.limit.as_ref(), &place.point, None, draft.kind.unit());
        let timeout = draft.timeout.as_ref();
        let timeout = timeout.and_then(|time| self.resolved(|resolver| resolver.duration(time)));
        self.count_result(limit.as_ref());
        self.push(Operation::Prompt(Box::new(Prompt {
            place,
            question,
            picture: draft.picture.clone(),
            kind: draft.kind.clone(),
            limit,
            timeout,
            on_timeout: draft.on_timeout,
            default: draft.default.clone(),
            sim: draft.sim.clone(),
            energised: draft.energised,
            on_error,
        })));
    }
}
