//! Decision rules and what is said of a reading's uncertainty.

use bench_catalog::Class;
use bench_model::{Decimal, Quantity, Unit};
use metrology::uncertainty::Shape;

use crate::bounds::MAX_BUDGET_LINES;
use crate::file::Node;
use crate::reading::{BudgetLineDraft, InputDraft, RangeText, ReadingDraft};
use crate::source::Located;
use crate::step::{DecisionDraft, LimitDraft, UncertaintyDraft};
use crate::suggest;

use super::Checker;
use super::readings::takes_range;

/// What says how uncertain an input is; one of them.
const INPUTS: [&str; 4] = ["data_sheet", "standard", "within", "expanded"];

impl Checker<'_> {
    /// How a measurement is decided on.
    pub(super) fn decision(
        &mut self,
        node: &Node,
        reading: &ReadingDraft,
        limit: Option<&LimitDraft>,
    ) -> Option<DecisionDraft> {
        let uncertainty = self.uncertainty(node, reading);
        let rule = self.rule(node);
        let needs = rule.value.needs_uncertainty();
        if needs && !node.has("uncertainty") {
            let message = format!(
                "the rule '{}' goes by how uncertain the result is: add uncertainty = \"data_sheet\", \"budget\" \
                 or U itself, such as \"75 µV\"",
                rule.value.word()
            );
            self.fault(&rule.span, message);
        }
        if needs {
            self.fault_unless_bounded(node, &rule, limit);
        }
        let process = self.process(node, &reading.unit);
        Some(DecisionDraft { rule: *rule, uncertainty, process, span: rule.span })
    }

    fn uncertainty(&mut self, node: &Node, reading: &ReadingDraft) -> Option<UncertaintyDraft> {
        let text = node.text("uncertainty")?;
        match text.value {
            "data_sheet" => {
                self.fault_if_range_unknown(reading, &text);
                Some(UncertaintyDraft::DataSheet(text.span))
            }
            "budget" => {
                if reading.budget.is_empty() {
                    let message = format!("the reading '{}' has no budget", reading.name);
                    self.fault(&text.span, message);
                    return None;
                }
                let goes_by_sheet =
                    |line: &BudgetLineDraft| matches!(line.input, InputDraft::DataSheet);
                if reading.budget.iter().any(goes_by_sheet) {
                    self.fault_if_range_unknown(reading, &text);
                }
                Some(UncertaintyDraft::Budget(text.span))
            }
            _ => self.positive(node, "uncertainty", &reading.unit).map(UncertaintyDraft::Value),
        }
    }

    /// A data sheet goes by the range.
    fn fault_if_range_unknown(&mut self, reading: &ReadingDraft, text: &Located<&str>) {
        let is_auto = matches!(reading.range, Some(RangeText::Auto(_)));
        let role = self.roles.get(&reading.role).cloned().flatten();
        let is_meter = role.is_some_and(|role| role.class == Class::Multimeter);
        if is_auto && is_meter && takes_range(*reading.function) {
            let message = format!(
                "the data sheet goes by the range, and that of '{}' is \"auto\"; a fixed range is wanted",
                reading.name
            );
            self.fault(&text.span, message);
        }
    }

    /// The budget of a reading.
    pub(super) fn budget(&mut self, node: &Node, unit: &Unit) -> Vec<BudgetLineDraft> {
        if node.items("budget").len() > MAX_BUDGET_LINES {
            let message = format!("at most {MAX_BUDGET_LINES} lines make a budget");
            self.fault(&node.span_of("budget"), message);
            return Vec::new();
        }
        let nodes: Vec<_> = node.nodes("budget").collect();
        let names: Vec<_> = nodes.iter().filter_map(|line| line.owned("name")).collect();
        let lines: Vec<_> =
            nodes.iter().filter_map(|line| self.budget_line(line, unit, &names)).collect();
        if lines.len() == nodes.len() { lines } else { Vec::new() }
    }

    fn budget_line(
        &mut self,
        node: &Node,
        unit: &Unit,
        names: &[String],
    ) -> Option<BudgetLineDraft> {
        let name = node.text("name")?;
        let is_new = names.iter().filter(|own| own.as_str() == name.value).count() == 1;
        self.fault_if_twice(is_new, "line of this budget", name.value, &name.span);
        let sensitivity = match node.has("sensitivity") {
            true => self.fixed_quantity(node, "sensitivity")?,
            false => Quantity::new(Decimal::from(1), Unit::none()),
        };
        let Some(own) = unit.dimension().per(sensitivity.unit.dimension()) else {
            self.fault(&node.span_of("sensitivity"), "this sensitivity has no unit of an input");
            return None;
        };
        let input = self.input(node, &Unit::base(own))?;
        let shape = node.text("shape").and_then(|text| shape_named(text.value));
        let shape = shape.unwrap_or_else(|| input.usual_shape());
        if shape == Shape::Normal && matches!(input, InputDraft::Within(_) | InputDraft::DataSheet)
        {
            self.fault(
                &node.span_of("shape"),
                "bounds have no normal distribution; rectangular, triangular or arcsine is wanted",
            );
            return None;
        }
        let correlated = self.correlated(node, name.value, names);
        let freedom = self.at_least_one(node, "freedom");
        Some(BudgetLineDraft {
            name: name.value.to_owned(),
            input,
            shape,
            sensitivity,
            freedom,
            correlated,
        })
    }

    fn input(&mut self, node: &Node, unit: &Unit) -> Option<InputDraft> {
        let given: Vec<_> = INPUTS.into_iter().filter(|key| node.has(key)).collect();
        let [only] = given.as_slice() else {
            let all = suggest::listed(INPUTS).unwrap_or_default();
            self.fault(&node.span, format!("a line of a budget has one of {all}"));
            return None;
        };
        match *only {
            "data_sheet" => Some(InputDraft::DataSheet),
            "standard" => self.positive(node, "standard", unit).map(InputDraft::Standard),
            "within" => self.positive(node, "within", unit).map(InputDraft::Within),
            _ => {
                let expanded = self.positive(node, "expanded", unit)?;
                let factor = self.at_least_one(node, "factor");
                Some(InputDraft::Expanded(expanded, factor.unwrap_or_else(|| Decimal::from(2))))
            }
        }
    }

    fn at_least_one(&mut self, node: &Node, key: &'static str) -> Option<Decimal> {
        let Located { value, span } = node.number(key)?;
        if *value < Decimal::from(1) {
            self.fault(&span, format!("{key} is {value}; 1 or more is wanted"));
            return None;
        }
        Some(value.clone())
    }

    fn correlated(
        &mut self,
        node: &Node,
        own: &str,
        names: &[String],
    ) -> Option<(String, Decimal)> {
        let node = node.node("correlated")?;
        let with = node.text("with")?;
        let coefficient = node.number("coefficient")?;
        let known = names.iter().filter(|name| *name != own).map(String::as_str);
        if !known.clone().any(|name| name == with.value) {
            let instead = suggest::instead(with.value, known);
            self.fault(&with.span, format!("there is no other line '{}'{instead}", with.value));
            return None;
        }
        if coefficient.value.abs() > Decimal::from(1) {
            let message = format!("a coefficient of {}; within ±1 is wanted", coefficient.value);
            self.fault(&coefficient.span, message);
            return None;
        }
        Some((with.value.to_owned(), coefficient.value.clone()))
    }
}

fn shape_named(word: &str) -> Option<Shape> {
    let all = [Shape::Normal, Shape::Rectangular, Shape::Triangular, Shape::Arcsine];
    all.into_iter().find(|shape| shape.name() == word)
}
