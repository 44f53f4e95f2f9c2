//! Limits, wherever they stand: one for all points, or one for each setpoint of an axis.

use bench_catalog::Range;
use bench_model::{Point, Unit};

use crate::axes::AxisValues;
use crate::bounds::MAX_LIMIT_ROWS;
use crate::file::{Node, Value};
use crate::limit::parse_limit;
use crate::resolver::{Judged, is_same};
use crate::source::{Located, Span};
use crate::step::{Amount, LimitDraft, LimitTable, LimitText};
use crate::suggest;

use super::Checker;

impl Checker<'_> {
    /// The limit of a table.
    pub(super) fn limit_text(&mut self, node: &Node) -> Option<LimitDraft> {
        self.limit_text_under(node, "limit")
    }

    fn limit_text_under(&mut self, node: &Node, key: &str) -> Option<LimitDraft> {
        match node.node(key) {
            Some(table) => self.limit_table(table).map(LimitDraft::ByPoint),
            None => self.one_limit(node.text(key)?).map(LimitDraft::Same),
        }
    }

    fn one_limit(&mut self, text: Located<&str>) -> Option<LimitText> {
        match parse_limit(text.value) {
            Ok(form) => Some(LimitText { text: text.value.to_owned(), form, span: text.span }),
            Err(fault) => {
                self.faults.add(self.source.fault_inside(&text.span, &fault));
                None
            }
        }
    }

    fn limit_table(&mut self, node: &Node) -> Option<LimitTable> {
        let faults = self.faults.len();
        let count = node.items("at").len();
        if count > MAX_LIMIT_ROWS {
            let message = format!("{count} rows; at most {MAX_LIMIT_ROWS} make a table of limits");
            self.fault(&node.span_of("at"), message);
            return None;
        }
        let rows: Vec<_> = node.items("at").iter().filter_map(|row| self.row(row)).collect();
        let axis = node.text("over")?;
        if node.has("at") && node.items("at").is_empty() {
            self.fault(
                &node.span_of("at"),
                "no row; one at least is wanted: [\"100 mA\", \"<= 1.3 V\"]",
            );
        }
        if self.faults.len() > faults || rows.is_empty() {
            return None;
        }
        let axis = Located::new(axis.value.to_owned(), axis.span);
        Some(LimitTable { axis, rows, span: node.span.clone() })
    }

    fn row(&mut self, row: &Located<Value>) -> Option<(Amount, LimitText)> {
        let cells: Vec<_> = match &row.value {
            Value::List(cells) => cells.iter().filter_map(Located::as_text).collect(),
            _ => Vec::new(),
        };
        let [at, limit] = cells.as_slice() else {
            let message = "a row is a setpoint and its limit: [\"100 mA\", \"<= 1.3 V\"]";
            self.fault(&row.span, message);
            return None;
        };
        self.amount_of(at.clone()).zip(self.one_limit(limit.clone()))
    }

    /// The limit of a table, with the default parameters and at the first point of the axes, where they are
    /// known.
    pub(super) fn limit(
        &mut self,
        node: &Node,
        axes: Option<&[AxisValues]>,
        range: Option<&Range>,
        unit: Option<&Unit>,
    ) -> Option<LimitDraft> {
        let draft = self.limit_text(node)?;
        self.is_limit_right(&draft, axes, range, unit).then_some(draft)
    }

    /// A limit under another key, of what has no range.
    pub(super) fn limit_under(
        &mut self,
        node: &Node,
        key: &str,
        axes: Option<&[AxisValues]>,
        unit: Option<&Unit>,
    ) -> Option<LimitDraft> {
        let draft = self.limit_text_under(node, key)?;
        self.is_limit_right(&draft, axes, None, unit).then_some(draft)
    }

    fn is_limit_right(
        &mut self,
        draft: &LimitDraft,
        axes: Option<&[AxisValues]>,
        range: Option<&Range>,
        unit: Option<&Unit>,
    ) -> bool {
        match draft {
            LimitDraft::Same(limit) => {
                let point = &first_point(axes.unwrap_or_default());
                axes.is_none() && limit.form.has_setpoint()
                    || self
                        .resolved(|resolver| {
                            resolver.limit(limit, Judged { point, range, unit, drift: None })
                        })
                        .is_some()
            }
            LimitDraft::ByPoint(table) => {
                axes.is_none_or(|axes| self.is_table_right(table, axes, range, unit))
            }
        }
    }

    /// Whether every setpoint has its row, every row its setpoint, and every limit can be met.
    fn is_table_right(
        &mut self,
        table: &LimitTable,
        axes: &[AxisValues],
        range: Option<&Range>,
        unit: Option<&Unit>,
    ) -> bool {
        let faults = self.faults.len();
        let Some(axis) = axes.iter().find(|axis| axis.has(&table.axis)) else {
            let names: Vec<_> = axes.iter().flat_map(AxisValues::names).collect();
            let instead = suggest::instead(&table.axis, names.iter().copied());
            self.fault(
                &table.axis.span,
                format!("there is no axis '{}'{instead}", table.axis.value),
            );
            return false;
        };
        let values = axis.values_of(&table.axis);
        let mut seen = vec![false; values.len()];
        for (amount, limit) in &table.rows {
            let Some(at) = self.resolved(|resolver| resolver.any(amount)) else { continue };
            let Some(index) = values.iter().position(|value| is_same(value, &at)) else {
                let names: Vec<_> = values.iter().map(ToString::to_string).collect();
                let instead = suggest::instead(&at.to_string(), names.iter().map(String::as_str));
                let message = format!("{at} is no setpoint of '{}'{instead}", table.axis.value);
                self.fault(&amount.span, message);
                continue;
            };
            if seen.get_mut(index).is_some_and(|seen| std::mem::replace(seen, true)) {
                self.fault(&amount.span, format!("{at} has a row already"));
            }
            let point = &point_at(axes, &table.axis, index);
            self.resolved(|resolver| {
                resolver.limit(limit, Judged { point, range, unit, drift: None })
            });
        }
        self.fault_if_rowless(table, values, &seen);
        self.faults.len() == faults
    }

    fn fault_if_rowless(
        &mut self,
        table: &LimitTable,
        values: &[bench_model::Quantity],
        seen: &[bool],
    ) {
        let lost = values.iter().zip(seen).find(|(_, seen)| !**seen);
        if let Some((value, _)) = lost {
            let span: &Span = &table.span;
            self.fault(span, format!("there is no row for {}={value}", table.axis.value));
        }
    }
}

fn first_point(axes: &[AxisValues]) -> Point {
    Point(axes.iter().flat_map(|axis| axis.coordinates(0)).collect())
}

/// The first point at one of the setpoints of an axis.
fn point_at(axes: &[AxisValues], name: &str, index: usize) -> Point {
    let coordinates = |axis: &AxisValues| {
        let at = if axis.has(name) { index } else { 0 };
        axis.coordinates(at).collect::<Vec<_>>()
    };
    Point(axes.iter().flat_map(coordinates).collect())
}
