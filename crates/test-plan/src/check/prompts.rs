//! Questions to the operator.

use bench_model::{Measured, Point, Unit};

use crate::axes::AxisValues;
use crate::bounds::MAX_CHOICES;
use crate::file::Node;
use crate::prompt::{AnswerKind, PromptDraft, Unanswered};
use crate::source::Located;
use crate::text::Template;

use super::Checker;

impl Checker<'_> {
    pub(super) fn prompt(
        &mut self,
        node: &Node,
        path: &str,
        axes: Option<&[AxisValues]>,
    ) -> Option<PromptDraft> {
        let question = self.question(node, axes);
        let picture = self.picture(node);
        let timeout = self.time_above_zero(node, "timeout");
        if node.has("on_timeout") && !node.has("timeout") {
            let message = "there is no 'timeout', so that an answer is waited for for ever";
            self.fault(&node.span_of("on_timeout"), message);
        }
        let kind = self.answer_kind(node)?;
        self.leaf(path, axes, Some(kind.unit().cloned()));
        let limit = self.limit(node, axes, None, kind.unit());
        let [default, sim] = ["default", "sim"].map(|key| self.given_answer(node, key, &kind));
        Some(PromptDraft {
            question: question?,
            picture,
            kind,
            limit,
            timeout,
            on_timeout: node
                .text("on_timeout")
                .map_or_else(Unanswered::default, |word| Unanswered::of(word.value)),
            default,
            sim,
            energised: node.switch("energised").unwrap_or_default(),
        })
    }

    fn question(&mut self, node: &Node, axes: Option<&[AxisValues]>) -> Option<Located<Template>> {
        let question = self.template(node.text("ask")?)?;
        let Some(axes) = axes else { return Some(question) };
        // At the first setpoints, to see that every name is one.
        let first = axes.iter().flat_map(|axis| axis.coordinates(0));
        let point = Point(first.collect());
        self.resolved(|resolver| resolver.fill_at(&question, &point))?;
        Some(question)
    }

    fn picture(&mut self, node: &Node) -> Option<String> {
        let text = node.text("picture")?;
        match self.sources.find(text.value) {
            Ok(()) => Some(text.value.to_owned()),
            Err(fault) => {
                self.fault(&text.span, fault);
                None
            }
        }
    }

    fn answer_kind(&mut self, node: &Node) -> Option<AnswerKind> {
        let word = node.text("answer")?.value;
        for (key, of) in [("unit", "number"), ("choices", "choice")] {
            if node.has(key) && word != of {
                let message = format!("'{key}' belongs to answer = \"{of}\"");
                self.fault(&node.span_of(key), message);
            }
        }
        Some(match word {
            "text" => AnswerKind::Text,
            "yes_no" => AnswerKind::YesNo,
            "number" => AnswerKind::Number(self.unit_of_answer(node)?),
            "choice" => AnswerKind::Choice(self.choices(node)?),
            _ => AnswerKind::Done,
        })
    }

    fn unit_of_answer(&mut self, node: &Node) -> Option<Unit> {
        match node.text("unit") {
            Some(text) => self.unit(&text),
            None if node.has("unit") => None,
            None => {
                self.fault(&node.span, "a number lacks its 'unit': \"V\"; \"\" where it has none");
                None
            }
        }
    }

    fn choices(&mut self, node: &Node) -> Option<Vec<String>> {
        let choices: Vec<_> = node.texts("choices").map(|text| text.value.to_owned()).collect();
        if (2..=MAX_CHOICES).contains(&choices.len()) {
            return Some(choices);
        }
        let message = format!("a choice is one of 2 to {MAX_CHOICES} 'choices'");
        self.fault(&node.span_of("choices"), message);
        None
    }

    fn given_answer(&mut self, node: &Node, key: &str, kind: &AnswerKind) -> Option<Measured> {
        let text = node.text(key)?;
        match kind.read(text.value) {
            Ok(answer) => Some(answer),
            Err(fault) => {
                self.fault(&text.span, format!("{fault}; {} is wanted", kind.wanted()));
                None
            }
        }
    }
}
