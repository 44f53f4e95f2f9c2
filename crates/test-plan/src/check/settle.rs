//! What is waited for before something is read.

use crate::file::Node;
use crate::step::{Settle, StableDraft};

use super::Checker;

impl Checker<'_> {
    /// A time, or readings that come to rest.
    pub(super) fn settle(&mut self, node: &Node) -> Option<Settle> {
        match node.node("settle") {
            Some(stable) => self.stable(stable).map(Box::new).map(Settle::UntilStable),
            None => self.time(node, "settle").map(Settle::For),
        }
    }

    fn stable(&mut self, node: &Node) -> Option<StableDraft> {
        let window = self.time_above_zero(node, "window");
        let within = self.time_above_zero(node, "within");
        let name = node.text("reading")?;
        self.fault_if_by_hand(&name);
        let reading = self.reading_named(name)?;
        let tolerance = self.positive(node, "until_stable", &reading.raw_unit);
        let (window, within) = (window?, within?);
        let long = self.resolved(|resolver| resolver.duration(&window));
        let most = self.resolved(|resolver| resolver.duration(&within));
        if most < long {
            let message = "'within' is shorter than 'window', so that nothing is ever stable";
            self.fault(&node.span_of("within"), message);
        }
        let (reading, span) = (reading.name.clone(), node.span.clone());
        Some(StableDraft { reading, tolerance: tolerance?, window, within, span })
    }

    pub(super) fn time_above_zero(
        &mut self,
        node: &Node,
        key: &str,
    ) -> Option<crate::step::Amount> {
        let amount = self.time(node, key)?;
        self.positive(node, key, &bench_model::Unit::second()).map(|_| amount)
    }
}
