//! Masks for waveforms.

use std::sync::Arc;

use bench_catalog::WaveformMeasure;
use bench_model::Unit;
use metrology::MaskPoint;

use crate::bounds::MAX_MASK_POINTS;
use crate::file::{Node, Value};
use crate::source::Located;

use super::Checker;

impl Checker<'_> {
    /// The mask of a measurement, which is that of a mask or has none.
    pub(super) fn mask(
        &mut self,
        node: &Node,
        quantity: WaveformMeasure,
    ) -> Option<Arc<[MaskPoint]>> {
        let is_wanted = quantity == WaveformMeasure::MaskViolations;
        match (is_wanted, node.has("mask")) {
            (false, true) => {
                let message = "'mask' belongs to quantity = \"mask_violations\"";
                self.fault(&node.span_of("mask"), message);
            }
            (true, false) => {
                let message =
                    "mask_violations lack their 'mask': [[\"0 s\", \"4.9 V\", \"5.1 V\"], ..]";
                self.fault(&node.span, message);
            }
            (true, true) => return self.corners(node),
            (false, false) => {}
        }
        None
    }

    fn corners(&mut self, node: &Node) -> Option<Arc<[MaskPoint]>> {
        if node.text("by").is_some_and(|by| by.value == "scope") {
            let message = "a mask is held against the samples: by = \"samples\"";
            self.fault(&node.span_of("by"), message);
        }
        let items = node.items("mask");
        if !(2..=MAX_MASK_POINTS).contains(&items.len()) {
            let count = items.len();
            let message = format!("{count} corners; a mask has from 2 to {MAX_MASK_POINTS}");
            self.fault(&node.span_of("mask"), message);
            return None;
        }
        let corners: Vec<_> = items.iter().filter_map(|item| self.corner(item)).collect();
        for (pair, item) in corners.windows(2).zip(items.iter().skip(1)) {
            if let [before, after] = pair
                && before.time_s > after.time_s
            {
                self.fault(&item.span, "this corner lies before the one that stands before it");
            }
        }
        (corners.len() == items.len()).then(|| corners.into())
    }

    fn corner(&mut self, item: &Located<Value>) -> Option<MaskPoint> {
        let texts: Vec<_> = match &item.value {
            Value::List(cells) => cells.iter().filter_map(Located::as_text).collect(),
            _ => Vec::new(),
        };
        let [time, low, high] = texts.as_slice() else {
            let message = "a corner is a time, the lowest and the highest level: [\"0 s\", \"4.9 V\", \"5.1 V\"]";
            self.fault(&item.span, message);
            return None;
        };
        let time_s = self.number_in(time, &Unit::second());
        let low = self.number_in(low, &Unit::volt());
        let high = self.number_in(high, &Unit::volt());
        let corner = MaskPoint { time_s: time_s?, low: low?, high: high? };
        if corner.low > corner.high {
            self.fault(
                &item.span,
                "nothing can meet this: the lowest level lies above the highest",
            );
            return None;
        }
        Some(corner)
    }

    /// In base units.
    fn number_in(&mut self, text: &Located<&str>, unit: &Unit) -> Option<f64> {
        let amount = self.amount_of(text.clone())?;
        let quantity = self.resolved(|resolver| resolver.quantity(&amount, unit))?;
        quantity.in_base().map(|base| base.to_f64())
    }
}
