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

/// The lines, and below each other those that are too long: broken between words, as far in as they began.
pub(crate) fn wrapped(lines: &[String], look: Look) -> Vec<String> {
    lines.iter().flat_map(|line| broken(line, look.width)).collect()
}

fn broken(line: &str, width: usize) -> Vec<String> {
    if columns(line) <= width {
        return vec![line.to_owned()];
    }
    let indent: String = line.chars().take_while(|letter| *letter == ' ').collect();
    let mut lines = vec![indent.clone()];
    for word in line.trim_start_matches(' ').split_inclusive(' ') {
        let used = lines.last().map_or(0, |line| columns(line));
        if used > indent.len() && used + columns(word.trim_end()) > width {
            lines.push(indent.clone());
        }
        lines.last_mut().into_iter().for_each(|line| line.push_str(word));
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Columns that a text takes, colours left out.
pub(crate) fn columns(text: &str) -> usize {
    measure_text_width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words_and_loses_none() {
        let look = Look { colour: true, width: 20 };
        let line = format!("  {} to be read, and aWordThatIsLongerThanALineIs", look.loud("much"));
        let lines = wrapped(&["short".to_owned(), line], look);
        let shown: Vec<_> = lines.iter().map(|line| columns(line)).collect();
        assert_eq!((lines.len(), shown), (4, vec![5, 18, 5, 30]), "{lines:?}");
        assert_eq!(lines[2], "  and");
    }
}
