//! A plan is untrusted: whatever it is, it is refused or checked, and nothing stops.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod common;

use proptest::prelude::*;

/// Between them they have every key of the language.
const PLANS: [&str; 8] = [
    include_str!("../../../fixtures/plans/valid/everything.toml"),
    include_str!("../../../fixtures/plans/valid/sweeps.toml"),
    include_str!("../../../fixtures/plans/valid/dropout.toml"),
    include_str!("../../../fixtures/plans/valid/conditions.toml"),
    include_str!("../../../fixtures/plans/valid/prompts.toml"),
    include_str!("../../../fixtures/plans/valid/infrastructure.toml"),
    include_str!("../../../fixtures/plans/valid/includes.toml"),
    include_str!("../../../fixtures/plans/valid/drift.toml"),
];

/// Every fault lies in the file and can be shown.
fn survives(text: &str) {
    if let Err(faults) = common::check_beside("plan.toml", text) {
        assert!(!faults.is_empty());
        for fault in faults {
            assert!(fault.line <= text.lines().count() + 1, "{fault}");
            assert!(!fault.underlined().is_empty());
        }
    }
}

fn plan() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&PLANS[..])
}

fn at_boundary(text: &str, part: f64) -> usize {
    let starts: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a part of a short text"
    )]
    let index = (part * starts.len() as f64) as usize;
    starts[index.min(starts.len() - 1)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_line_less(plan in plan(), part in 0.0_f64..1.0) {
        let line = plan[..at_boundary(plan, part)].lines().count();
        let lines: Vec<_> = plan.lines().enumerate().filter(|(at, _)| *at != line).collect();
        survives(&lines.iter().map(|(_, line)| format!("{line}\n")).collect::<String>());
    }

    #[test]
    fn some_characters_others(plan in plan(), part in 0.0_f64..1.0, length in 0_usize..12, by in "[ -~±µ\"{}\\[\\]$]{0,6}") {
        let start = at_boundary(plan, part);
        let rest: String = plan[start..].chars().skip(length).collect();
        survives(&format!("{}{by}{rest}", &plan[..start]));
    }

    #[test]
    fn a_text_in_the_place_of_another(
        plan in plan(),
        at in 0_usize..60,
        by in "[0-9a-zA-Z .$%±()+\\-*/<>=]{0,24}",
    ) {
        // Every second piece between quotes is a text of the plan.
        let pieces: Vec<_> = plan.split('"').collect();
        let wanted = (2 * at + 1) % pieces.len();
        let text: Vec<_> = pieces
            .iter()
            .enumerate()
            .map(|(index, piece)| if index == wanted { by.as_str() } else { piece })
            .collect();
        survives(&text.join("\""));
    }

    #[test]
    fn anything_at_all(text in "\\PC{0,200}") {
        survives(&text);
    }
}

/// A thousand steps are checked while somebody waits; the bound is far above what it takes, so that a busy machine does
/// not fail it, and far below what anything but linear would take.
#[test]
fn a_thousand_steps_are_checked_at_once() {
    let head = "name = \"long\"\n[instruments]\ndmm = { class = \"multimeter\" }\n[readings.v]\nrole = \"dmm\"\n\
                function = \"dc_voltage\"\nrange = \"10 V\"\n";
    let steps = (0..1_000).map(|at| {
        format!("[[steps]]\nid = \"s{at}\"\nmeasure = {{ reading = \"v\", limit = \"5 V ± (1 % + {at} µV)\" }}\n")
    });
    let text = head.to_owned() + &steps.collect::<String>();
    let started = std::time::Instant::now();
    let plan = common::checked(&text);
    assert!(started.elapsed() < std::time::Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(common::expanded(&plan).planned_results, 1_000);
}
