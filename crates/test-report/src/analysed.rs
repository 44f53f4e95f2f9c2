//! Analyses of several values, in a line each for a screen.

use bench_model::{Analysis, Figure, StepResult};

use crate::text::clean;

/// Significant digits of a figure.
const DIGITS: u32 = 4;

/// Figures with an interval that are shown, at most.
const MAX_FIGURES: usize = 4;

/// Remarks and flags that are shown, at most; the report has all.
const MAX_REMARKS: usize = 2;

/// A line for each analysis of a result.
pub(crate) fn notes(result: &StepResult) -> Vec<String> {
    result.analyses.iter().filter_map(note).collect()
}

/// `Capability: Cp 1.6 (1.3 to 1.9); nothing speaks against normal values`.
pub(crate) fn note(own: &Analysis) -> Option<String> {
    let figures = own.figures.iter().filter_map(with_interval).take(MAX_FIGURES);
    let flagged = own.figures.iter().filter(|figure| is_outlier(figure)).map(said);
    let figures: Vec<_> = figures.chain(flagged.take(MAX_FIGURES)).collect();
    let remarks = own.remarks.iter().take(MAX_REMARKS).map(|remark| clean(remark));
    let left_out = own.remarks.len().saturating_sub(MAX_REMARKS);
    let more = (left_out > 0).then(|| format!("{left_out} more"));
    let figures = (!figures.is_empty()).then(|| figures.join(", "));
    let all: Vec<_> = figures.into_iter().chain(remarks).chain(more).collect();
    (!all.is_empty()).then(|| format!("{}: {}", clean(&own.title), all.join("; ")))
}

fn with_interval(own: &Figure) -> Option<String> {
    let (low, high) = (own.low.as_ref()?, own.high.as_ref()?);
    Some(format!("{} ({} to {})", said(own), low.for_display(DIGITS), high.for_display(DIGITS)))
}

fn said(own: &Figure) -> String {
    format!("{} {}", clean(&own.name), own.value.for_display(DIGITS))
}

fn is_outlier(own: &Figure) -> bool {
    own.remark.as_ref().is_some_and(|remark| remark.starts_with("outlier"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, value: &str, ends: Option<[&str; 2]>, remark: Option<&str>) -> Figure {
        let end = |at: usize| ends.map(|own| own[at].parse().unwrap());
        let (low, high) = (end(0), end(1));
        let remark = remark.map(str::to_owned);
        Figure { name: name.to_owned(), value: value.parse().unwrap(), low, high, remark }
    }

    #[test]
    fn what_has_an_interval_or_a_flag_is_said() {
        let figures = vec![
            figure("n", "20", None, None),
            figure("Cpk", "1.33", Some(["0.88", "1.78"]), None),
            figure("sample 7", "5.1 V", None, Some("outlier: 4.1 s from the mean")),
        ];
        let title = "Capability".to_owned();
        let own = Analysis { title, figures, ..Analysis::default() };
        assert_eq!(note(&own).unwrap(), "Capability: Cpk 1.33 (0.88 to 1.78), sample 7 5.1 V");
        let remarks = ["one", "two", "three"].map(str::to_owned).into();
        let own = Analysis { title: "Chart".to_owned(), remarks, ..Analysis::default() };
        assert_eq!(note(&own).unwrap(), "Chart: one; two; 1 more");
        assert_eq!(note(&Analysis::default()), None);
    }
}
