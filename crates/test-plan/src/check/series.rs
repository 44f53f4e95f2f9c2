//! Where the setpoints of an axis come from.

use bench_model::{Quantity, Unit};

use crate::csv;
use crate::file::Node;
use crate::source::{Located, Span};
use crate::step::{Amount, Axis, Series};
use crate::suggest;
use crate::text::{Operand, OperandKind};

use super::Checker;

impl Checker<'_> {
    pub(super) fn series(&mut self, node: &Node) -> Option<Series> {
        let has = |key: &str| node.has(key);
        if has("count") || has("every") || has("for") {
            return self.repeated(node);
        }
        let ends = has("from") || has("to") || has("spacing");
        match (has("list"), has("csv"), has("from") && has("to"), has("points"), has("step")) {
            (true, false, false, false, false) if !ends => self.listed(node),
            (false, true, false, false, false) if !ends => self.read_csv(node),
            (false, false, true, true, false) => self.points(node),
            (false, false, true, false, true) if !has("spacing") => self.stepped(node),
            _ => {
                let message = "an axis is a 'list', or 'from', 'to' and 'points', or 'from', 'to' and 'step', \
                               or a 'csv' ('spacing' goes with 'points'), or a 'count', or 'every' and 'for'";
                self.fault(&node.span, message);
                None
            }
        }
    }

    /// How often, or for how long: an axis that sets nothing.
    fn repeated(&mut self, node: &Node) -> Option<Series> {
        let others = [
            "role",
            "setting",
            "list",
            "csv",
            "from",
            "to",
            "points",
            "step",
            "spacing",
            "expect_mode",
            "zip",
            "direction",
            "shuffle",
        ];
        let is_timed = node.has("every") && node.has("for") && !node.has("count");
        let is_counted = node.has("count") && !node.has("every") && !node.has("for");
        let other = others.into_iter().find(|key| node.has(key));
        if let (Some(key), true) = (other, is_timed || is_counted) {
            let message = format!("'{key}' does not go with an axis that repeats");
            self.fault(&node.span_of(key), message);
            return None;
        }
        match (is_counted, is_timed) {
            (true, _) => Some(Series::Count(*node.whole("count")?)),
            (_, true) => {
                let [every, during] = ["every", "for"].map(|key| self.time_above_zero(node, key));
                Some(Series::Every { every: every?, during: during? })
            }
            _ => {
                let message = "an axis that repeats has a 'count', or 'every' and 'for'";
                self.fault(&node.span, message);
                None
            }
        }
    }

    fn listed(&mut self, node: &Node) -> Option<Series> {
        if node.items("list").is_empty() {
            self.fault(&node.span_of("list"), "an empty list; one setpoint at least is wanted");
            return None;
        }
        let texts: Vec<_> = node.texts("list").collect();
        Some(Series::List(texts.into_iter().filter_map(|text| self.amount_of(text)).collect()))
    }

    fn points(&mut self, node: &Node) -> Option<Series> {
        let [from, to] = ["from", "to"].map(|key| self.amount(node, key));
        let logarithmic = node.text("spacing").is_some_and(|spacing| spacing.value == "log");
        let points = *node.whole("points")?;
        Some(Series::Points { from: from?, to: to?, points, logarithmic })
    }

    fn stepped(&mut self, node: &Node) -> Option<Series> {
        let [from, to, step] = ["from", "to", "step"].map(|key| self.amount(node, key));
        Some(Series::Step { from: from?, to: to?, step: step? })
    }

    fn read_csv(&mut self, node: &Node) -> Option<Series> {
        let node = node.node("csv")?;
        let unit = match node.text("unit") {
            Some(text) => Some(self.unit(&text)?),
            None => None,
        };
        let (file, name) = (node.text("file")?, node.text("column")?);
        let text = match self.sources.read(file.value) {
            Ok(text) => text,
            Err(message) => {
                self.fault(&file.span, message);
                return None;
            }
        };
        let cells = match csv::column(&text, name.value) {
            Ok(cells) => cells,
            Err(message) => {
                self.fault(&name.span, format!("{}: {message}", file.value));
                return None;
            }
        };
        let mut amounts = Vec::new();
        for (line, cell) in cells {
            match quantity_of(&cell, unit.as_ref()) {
                Ok(quantity) => amounts.push(amount(quantity, &node.span)),
                Err(message) => {
                    self.fault(&node.span, format!("{}, line {line}: {message}", file.value));
                }
            }
        }
        Some(Series::List(amounts))
    }

    pub(super) fn unit(&mut self, text: &Located<&str>) -> Option<Unit> {
        match text.value.parse() {
            Ok(unit) => Some(unit),
            Err(error) => {
                let instead = suggest::unit_instead(text.value);
                self.fault(&text.span, format!("{error}{instead}"));
                None
            }
        }
    }
}

/// A cell as a number of a unit, or as a number with its own.
fn quantity_of(cell: &str, unit: Option<&Unit>) -> Result<Quantity, String> {
    // Foreign text, cut for a message.
    let shown: String = cell.chars().take(24).collect();
    match unit {
        Some(unit) => match cell.parse() {
            Ok(value) => Ok(Quantity::new(value, unit.clone())),
            Err(_) => Err(format!("'{shown}' is no number; those of this column are in {unit}")),
        },
        None => cell.parse().map_err(|_| format!("'{shown}' is no quantity; 500 mA is such")),
    }
}

fn amount(quantity: Quantity, span: &Span) -> Amount {
    let operand = Operand { kind: OperandKind::Quantity(quantity), span: 0..usize::MAX };
    Amount { operand, span: span.clone() }
}

/// Where a setpoint of an axis comes from.
pub(super) fn place(axis: &Axis, index: usize, node: &Node) -> Span {
    match &axis.series {
        Series::List(amounts) => amounts.get(index).map(|amount| amount.span.clone()),
        Series::Points { from, .. } | Series::Step { from, .. } if index == 0 => {
            Some(from.span.clone())
        }
        Series::Points { to, .. } | Series::Step { to, .. } => Some(to.span.clone()),
        Series::Every { every, .. } => Some(every.span.clone()),
        Series::Count(_) => None,
    }
    .unwrap_or_else(|| node.span.clone())
}
