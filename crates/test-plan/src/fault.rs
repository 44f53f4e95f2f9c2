//! What is wrong with a plan, and where.

use std::fmt;

use crate::bounds::MAX_FAULTS;

/// One fault of a plan: its place, what is wrong there, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 where it lies in no line of the file.
    pub line: usize,
    /// The character in it, from 1.
    pub column: usize,
    /// How many characters are meant; 0 where it is a place and not a text.
    pub length: usize,
    /// The whole line.
    pub source: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault that lies in no line of a file: in an argument, or in the file as a whole.
    #[must_use]
    pub fn of_whole(file: &str, message: impl Into<String>) -> Self {
        let (file, message) = (file.to_owned(), message.into());
        Self { file, line: 0, column: 0, length: 0, source: String::new(), message }
    }

    /// In several lines: the message, then the line of the plan with the text underlined.
    #[must_use]
    pub fn underlined(&self) -> String {
        if self.source.is_empty() {
            return self.to_string();
        }
        let room = self.source.chars().count().saturating_sub(self.column - 1);
        let (number, marks) = (self.line.to_string(), "^".repeat(self.length.min(room).max(1)));
        // Tabs stay tabs, so that the marks stand below what they mean.
        let before = self.source.chars().take(self.column - 1);
        let before: String = before.map(|c| if c == '\t' { c } else { ' ' }).collect();
        let gap = " ".repeat(number.len());
        format!("{self}\n {number} | {}\n {gap} | {before}{marks}", self.source)
    }
}

/// `plan.toml:12:9: what is wrong`; `--set: what is wrong` where it lies in no line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, .. } = self;
        match line {
            0 => write!(f, "{file}: {message}"),
            line => write!(f, "{file}:{line}:{column}: {message}"),
        }
    }
}

impl std::error::Error for Fault {}

/// The faults found so far. Checking goes on after each, so that all show at once.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<Fault>,
    more: usize,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if self.found.contains(&fault) {
            return;
        }
        if self.found.len() < MAX_FAULTS {
            self.found.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// The value, or none with its fault noted.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.add(fault)).ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.found.len() + self.more
    }

    /// All of them in the order of the file; nothing when there are none.
    pub(crate) fn into_result(self) -> Result<(), Vec<Fault>> {
        let Self { mut found, more } = self;
        found.sort_by(|one, two| {
            let place = |fault: &Fault| (fault.line, fault.column);
            one.file.cmp(&two.file).then(place(one).cmp(&place(two)))
        });
        if let (Some(last), 1..) = (found.last(), more) {
            let file = last.file.clone();
            found.push(Fault::of_whole(&file, format!("and {more} more faults")));
        }
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_that_is_meant_is_underlined() {
        let fault = Fault {
            file: "p.toml".into(),
            line: 12,
            column: 10,
            length: 3,
            source: "range = \"5 mΩ\"".into(),
            message: "no".into(),
        };
        assert_eq!(
            fault.underlined(),
            "p.toml:12:10: no\n 12 | range = \"5 mΩ\"\n    |          ^^^"
        );
        assert_eq!(Fault::of_whole("p.toml", "too large").underlined(), "p.toml: too large");
    }

    #[test]
    fn faults_are_sorted_counted_and_bounded() {
        let mut faults = Faults::default();
        for line in (1..=MAX_FAULTS + 5).rev().chain([1]) {
            faults.add(Fault { line, ..Fault::of_whole("p", "no") });
        }
        // The second fault of line 1 came after the bound, as did the four before it.
        let all = faults.into_result().unwrap_err();
        assert_eq!(all.len(), MAX_FAULTS + 1);
        assert_eq!(all[0].line, 6);
        assert_eq!(all[MAX_FAULTS].message, "and 6 more faults");
    }
}
