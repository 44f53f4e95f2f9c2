//! How text is to look on its screen.

use ::console::{Style, measure_text_width};
use bench_model::Verdict;

/// What a screen or a file can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether colours are wanted.
    pub colour: bool,
    /// Columns of a line; lines are broken between their parts to fit.
    pub width: usize,
}

/// Without colours, and no line is broken: for files and pipes.
impl Default for Look {
    fn default() -> Self {
        Self { colour: false, width: usize::MAX }
    }
}

impl Look {
    /// The word of a verdict in its colour.
    pub(crate) fn verdict(self, verdict: Verdict) -> String {
        self.as_verdict(verdict, verdict.word())
    }

    /// Any text in the colour of a verdict.
    pub(crate) fn as_verdict(self, verdict: Verdict, text: &str) -> String {
        let style = match verdict {
            Verdict::Pass => Style::new().green(),
            Verdict::Fail | Verdict::Error => Style::new().red().bold(),
            Verdict::Inconclusive => Style::new().yellow().bold(),
            Verdict::Skip | Verdict::Recorded => Style::new().dim(),
        };
        self.paint(style, text)
    }

    /// What nobody may overlook.
    pub(crate) fn loud(self, text: &str) -> String {
        self.paint(Style::new().red().bold(), text)
    }

    /// What should be seen.
    pub(crate) fn notable(self, text: &str) -> String {
        self.paint(Style::new().yellow(), text)
    }

    /// What stands above others.
    pub(crate) fn heading(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    fn paint(self, style: Style, text: &str) -> String {
        // Forced, because `console` would ask the process' own terminal.
        style.force_styling(self.colour).apply_to(text).to_string()
    }
}

/// Columns that a text takes, colours left out.
pub(crate) fn columns(text: &str) -> usize {
    measure_text_width(text)
}
