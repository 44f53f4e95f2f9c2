//! Questions to the operator.

use super::super::keys::{Kind, Table, key, needed};
use super::{LIMIT, table};
use crate::prompt::{AnswerKind, Unanswered};

pub(super) static PROMPT: Table = table(
    "prompt",
    "a question",
    "Asks the operator. Every output is switched off before and on again behind the answer, unless 'energised' \
     says otherwise. Without a terminal, and in CI, a plan that asks is refused unless it gives the answer itself.",
    &[
        needed("ask", Kind::Text, "What is asked; $parameters stand for their values."),
        needed(
            "answer",
            Kind::Words(|| AnswerKind::WORDS.to_vec()),
            "What an answer may be. \"done\": Enter, when it is done.",
        ),
        key("unit", Kind::Text, "Of a number: an answer without a unit is in this one."),
        key("choices", Kind::List(&Kind::Text), "What can be chosen."),
        key("picture", Kind::Text, "A picture that shows it: a path inside of the project."),
        key(
            "limit",
            LIMIT,
            "What the answer must be: \"4.9 V .. 5.1 V\", '\"yes\"'; recorded only where there is none.",
        ),
        key("timeout", Kind::Quantity, "How long an answer is waited for; for ever without it."),
        key(
            "on_timeout",
            Kind::Words(|| Unanswered::WORDS.to_vec()),
            "How it comes out without an answer in time; \"inconclusive\" by itself. Outputs that were switched \
             off stay off then, and the rest is skipped.",
        ),
        key("default", Kind::Text, "The answer where nobody can be asked."),
        key("sim", Kind::Text, "The answer on a simulated bench."),
        key("energised", Kind::Switch, "Whether outputs may stay on while somebody is asked."),
    ],
);
