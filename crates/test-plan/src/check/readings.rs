//! Readings and captures.

use std::sync::Arc;

use bench_catalog::{Class, Function};
use bench_model::{Decimal, Unit};

use crate::bounds::LEAST_SAMPLES;
use crate::file::Node;
use crate::operation::Judge;
use crate::plan::Role;
use crate::reading::{CaptureDraft, PreciseDraft, RangeText, ReadingDraft, TriggerDraft};
use crate::source::Located;
use crate::suggest;

use super::{Checker, Known};

impl Checker<'_> {
    pub(super) fn readings(&mut self, root: &Node) -> Known<ReadingDraft> {
        let named = root.named("readings");
        named
            .map(|(name, node)| (name.value.clone(), self.reading(name, node).map(Arc::new)))
            .collect()
    }

    fn reading(&mut self, name: &str, node: &Node) -> Option<ReadingDraft> {
        let role = node.text("role").and_then(|role| self.role_named(role));
        let function = node.text("function");
        let function: Option<Located<Function>> =
            function.and_then(|text| Some(Located::new(text.value.parse().ok()?, text.span)));
        let nplc = self.nplc(node);
        let input_impedance = self.input_impedance(node);
        let function = function?;
        let range = self.range(node, *function);
        let role = role?;
        let raw_unit = self.raw_unit(node, &role, &function)?;
        let entry = self.entry(node, &role, &raw_unit);
        let (corrections, unit) = self.corrections_of(node, &raw_unit);
        let budget = self.budget(node, &unit);
        let until = self.until(node, &raw_unit);
        self.is_measurable(name, &role, &function, node).then_some(())?;
        let auto_zero = node.switch("auto_zero");
        Some(ReadingDraft {
            name: name.to_owned(),
            role: role.name.clone(),
            function,
            range,
            nplc,
            auto_zero: auto_zero.map(|on| Located::new(on, node.span_of("auto_zero"))),
            input_impedance,
            samples: node.whole("samples").map_or(1, |samples| *samples),
            judge: judge(node).unwrap_or_default(),
            until,
            budget,
            corrections,
            raw_unit,
            unit,
            entry,
        })
    }

    /// When the mean is precise enough, before all samples are taken.
    fn until(&mut self, node: &Node, unit: &Unit) -> Option<PreciseDraft> {
        let until = node.node("until")?;
        let half_width = self.positive(until, "half_width", unit)?;
        let at_least = until.whole("at_least").map_or(LEAST_SAMPLES, |least| *least);
        let most = node.whole("samples").map_or(1, |samples| *samples);
        if most < at_least {
            let message = format!(
                "at least {at_least} readings are taken, and at most samples = {most}; more samples are wanted"
            );
            self.fault(&until.span, message);
            return None;
        }
        if judge(node).unwrap_or_default() != Judge::Mean {
            self.fault(
                &node.span_of("judge"),
                "'until' asks how precise the mean is; judge = \"mean\" is wanted",
            );
            return None;
        }
        Some(PreciseDraft { half_width, at_least })
    }

    fn is_measurable(
        &mut self,
        name: &str,
        role: &Role,
        function: &Located<Function>,
        node: &Node,
    ) -> bool {
        let class = role.class;
        if !function.measurable_by(class) {
            let can = Function::ALL.iter().filter(|function| function.measurable_by(class));
            let can = suggest::listed(can.map(|function| function.word()));
            let can =
                can.map_or("it measures nothing".to_owned(), |all| format!("it measures {all}"));
            let (function_word, role) = (function.word(), &role.name);
            let message = format!("the {class} '{role}' does not measure {function_word}; {can}");
            self.fault(&function.span, message);
            return false;
        }
        let has_ranges = class == Class::Multimeter && takes_range(**function);
        match (has_ranges, node.has("range")) {
            (true, false) => self.fault(&node.span, format!(
                "the reading '{name}' lacks 'range': one such as \"10 V\", or \"auto\"; nothing is inherited \
                 from the front panel"
            )),
            (false, true) => {
                let function = function.word();
                let message = format!("{function} of a {class} has no range that could be chosen");
                self.fault(&node.span_of("range"), message);
            }
            _ => {}
        }
        true
    }

    fn range(&mut self, node: &Node, function: Function) -> Option<RangeText> {
        let text = node.text("range")?;
        if text.value == "auto" {
            return Some(RangeText::Auto(text.span));
        }
        if !takes_range(function) {
            return None;
        }
        self.positive(node, "range", &function.unit()).map(RangeText::Fixed)
    }

    fn nplc(&mut self, node: &Node) -> Option<Located<Decimal>> {
        let Located { value, span } = node.number("nplc")?;
        if value.is_negative() || value.is_zero() {
            self.fault(&span, format!("{value} power line cycles; more than 0 are wanted"));
            return None;
        }
        Some(Located::new(value.clone(), span))
    }

    /// `10 MΩ` in one spelling, or a word.
    fn input_impedance(&mut self, node: &Node) -> Option<Located<String>> {
        let Located { value, span } = node.text("input_impedance")?;
        if value.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Some(Located::new(value.to_owned(), span));
        }
        let quantity = self.fixed_positive(node, "input_impedance", &Unit::ohm())?;
        Some(Located::new(quantity.to_string(), span))
    }

    pub(super) fn captures(&mut self, root: &Node) -> Known<CaptureDraft> {
        let named = root.named("captures");
        named
            .map(|(name, node)| (name.value.clone(), self.capture(name, node).map(Arc::new)))
            .collect()
    }

    fn capture(&mut self, name: &str, node: &Node) -> Option<CaptureDraft> {
        let role = self.scope(node);
        let probe = self.probe(node);
        let bandwidth = self.bandwidth(node);
        let scale = self.positive(node, "scale", &Unit::volt());
        let offset = self.quantity(node, "offset", &Unit::volt());
        let time_base = self.positive(node, "time_base", &Unit::second());
        let trigger = node.node("trigger").and_then(|node| self.trigger(node));
        Some(CaptureDraft {
            name: name.to_owned(),
            role: role?,
            probe: probe?,
            coupling: owned(node, "coupling")?,
            bandwidth: bandwidth?,
            scale: scale?,
            offset,
            time_base: time_base?,
            acquisition: owned(node, "acquisition")?,
            trigger: trigger?,
            span: node.span_of("role"),
        })
    }

    fn scope(&mut self, node: &Node) -> Option<String> {
        let name = node.text("role")?;
        let role = self.role_named(name.clone())?;
        if role.class != Class::Oscilloscope {
            let message = format!("'{}' is a {}; an oscilloscope is wanted", role.name, role.class);
            self.fault(&name.span, message);
            return None;
        }
        Some(role.name.clone())
    }

    /// `10x`.
    fn probe(&mut self, node: &Node) -> Option<Decimal> {
        let Located { value, span } = node.text("probe")?;
        let factor = value.trim().strip_suffix(['x', 'X']).map(str::trim).map(str::parse);
        match factor {
            Some(Ok(factor)) if factor > Decimal::zero() => Some(factor),
            _ => {
                self.fault(
                    &span,
                    format!("'{value}' is no attenuation; \"1x\" or \"10x\" is such"),
                );
                None
            }
        }
    }

    fn bandwidth(&mut self, node: &Node) -> Option<Located<String>> {
        let Located { value, span } = node.text("bandwidth")?;
        if value == "full" {
            return Some(Located::new(value.to_owned(), span));
        }
        let quantity = self.fixed_positive(node, "bandwidth", &Unit::hertz())?;
        Some(Located::new(quantity.to_string(), span))
    }

    fn trigger(&mut self, node: &Node) -> Option<TriggerDraft> {
        let is_auto = node.text("mode").is_some_and(|mode| mode.value == "auto");
        let level = self.quantity(node, "level", &Unit::volt());
        let timeout = self.time(node, "timeout");
        if !is_auto && !node.has("level") {
            let message = "the trigger lacks 'level': a voltage, or mode = \"auto\" is wanted";
            self.fault(&node.span, message);
        }
        let slope = owned(node, "slope");
        let slope = slope.unwrap_or_else(|| Located::new("rising".to_owned(), node.span.clone()));
        Some(TriggerDraft { level, slope, timeout: timeout?, is_auto })
    }
}

/// Whether a meter's range can be chosen for it.
pub(super) fn takes_range(function: Function) -> bool {
    !matches!(
        function,
        Function::Frequency | Function::Period | Function::Diode | Function::Temperature
    )
}

fn owned(node: &Node, key: &str) -> Option<Located<String>> {
    node.text(key).map(|text| Located::new(text.value.to_owned(), text.span))
}

/// Which of several readings is judged, where the table says.
pub(super) fn judge(node: &Node) -> Option<Judge> {
    Some(match node.text("judge")?.value {
        "each" => Judge::Each,
        "min" => Judge::Min,
        "max" => Judge::Max,
        "last" => Judge::Last,
        _ => Judge::Mean,
    })
}
