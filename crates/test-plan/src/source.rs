//! The text of a plan, and the way from a byte of it to a place that people find.

use std::ops::{Deref, Range};

use crate::fault::Fault;

/// Bytes of a text.
pub(crate) type Span = Range<usize>;

/// A value and the bytes that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

impl<T> Located<T> {
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A fault inside a text that a plan quotes, such as a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextFault {
    /// Bytes of that text.
    pub(crate) span: Span,
    pub(crate) message: String,
}

impl TextFault {
    pub(crate) fn new(span: &Span, message: impl Into<String>) -> Self {
        Self { span: span.clone(), message: message.into() }
    }

    /// Of all of the text.
    pub(crate) fn of_whole(message: impl Into<String>) -> Self {
        Self { span: 0..usize::MAX, message: message.into() }
    }
}

/// The text of a plan and of the files of steps that it includes, one behind the other: a byte of all of it is one
/// byte of one of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    files: Vec<SourceFile>,
    text: String,
    line_starts: Vec<usize>,
}

/// One of the files, and where in the text it begins.
#[derive(Clone, Debug)]
struct SourceFile {
    name: String,
    base: usize,
    /// How many lines stand before it.
    lines_before: usize,
}

impl Source {
    #[cfg(test)]
    pub(crate) fn new(file: &str, text: &str) -> Self {
        let mut source = Self::default();
        source.add(file, text);
        source
    }

    /// One more file; where its text begins.
    pub(crate) fn add(&mut self, file: &str, text: &str) -> usize {
        if !self.files.is_empty() {
            self.text.push('\n');
        }
        let base = self.text.len();
        let lines_before = self.line_starts.len();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        self.line_starts.extend(std::iter::once(base).chain(ends.map(|(at, _)| base + at + 1)));
        self.text.push_str(text);
        self.files.push(SourceFile { name: file.to_owned(), base, lines_before });
        base
    }

    /// The plan's own file.
    pub(crate) fn file(&self) -> &str {
        self.files.first().map_or("", |file| file.name.as_str())
    }

    /// The file of a place.
    pub(crate) fn file_of(&self, span: &Span) -> String {
        self.file_at(span.start).map_or_else(String::new, |file| file.name.clone())
    }

    fn file_at(&self, byte: usize) -> Option<&SourceFile> {
        let behind = self.files.partition_point(|file| file.base <= byte);
        self.files.get(behind.saturating_sub(1))
    }

    /// Whether `$name` or `${name}` stands anywhere.
    pub(crate) fn mentions_parameter(&self, name: &str) -> bool {
        self.text.split('$').skip(1).any(|behind| {
            let inside = behind.strip_prefix('{').unwrap_or(behind);
            let rest = inside.strip_prefix(name);
            rest.is_some_and(|rest| {
                !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            })
        })
    }

    /// A fault of these bytes.
    pub(crate) fn fault(&self, span: &Span, message: impl Into<String>) -> Fault {
        let line = self.line_starts.partition_point(|start| *start <= span.start).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or_default();
        let source = self.slice(start..self.text.len()).lines().next().unwrap_or_default();
        let end = span.end.min(start + source.len());
        let file = self.file_at(span.start);
        Fault {
            file: file.map_or_else(String::new, |file| file.name.clone()),
            line: line - file.map_or(0, |file| file.lines_before),
            column: self.slice(start..span.start).chars().count() + 1,
            length: self.slice(span.start..end).chars().count(),
            source: source.to_owned(),
            message: message.into(),
        }
    }

    /// A fault inside the text that a string of the plan holds.
    pub(crate) fn fault_inside(&self, token: &Span, fault: &TextFault) -> Fault {
        let written = self.slice(token.clone());
        let at = |byte| token.start + written_at(written, byte);
        self.fault(&(at(fault.span.start)..at(fault.span.end)), fault.message.as_str())
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span).unwrap_or_default()
    }
}

/// Where in a string as written, quotes and escapes included, a byte of its value stands.
fn written_at(token: &str, wanted: usize) -> usize {
    let quotes = if token.starts_with("\"\"\"") || token.starts_with("'''") { 3 } else { 1 };
    let escapes = token.starts_with('"');
    let body = token.get(quotes..).unwrap_or_default();
    // The newline right after an opening triple quote is no part of the value.
    let skipped = usize::from(quotes == 3 && body.starts_with('\n'));
    let (mut at, mut value_bytes) = (skipped, 0);
    while value_bytes < wanted {
        let Some((written, means)) = next_character(body.get(at..).unwrap_or_default(), escapes)
        else {
            break;
        };
        at += written;
        value_bytes += means;
    }
    (quotes + at).min(token.len().saturating_sub(quotes)).max(quotes)
}

/// Bytes that the next character takes in the file, and bytes of it in the value.
fn next_character(rest: &str, escapes: bool) -> Option<(usize, usize)> {
    let mut characters = rest.chars();
    let first = characters.next()?;
    if first != '\\' || !escapes {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let digits = match characters.next()? {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return Some((1 + other.len_utf8(), 1)),
    };
    let code = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let means = code.and_then(char::from_u32).map_or(1, char::len_utf8);
    Some((2 + digits, means))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_lines_and_columns() {
        let source = Source::new("p.toml", "a = 1\nµ = \"Ω x\"\n");
        for (span, line, column, length) in [
            (0..1, 1, 1, 1),
            (4..5, 1, 5, 1),
            (6..8, 2, 1, 1),
            (11..17, 2, 5, 5),
            (18..18, 3, 1, 0),
        ] {
            let fault = source.fault(&span, "no");
            assert_eq!(
                (fault.line, fault.column, fault.length),
                (line, column, length),
                "{span:?}"
            );
        }
    }

    #[test]
    fn a_place_in_a_second_file_is_that_of_this_file() {
        let mut source = Source::new("p.toml", "a = 1\nb = 2");
        let base = source.add("steps.toml", "c = 3\nd = 4\n");
        for (span, file, line, column) in [
            (6..7, "p.toml", 2, 1),
            (11..12, "p.toml", 2, 6),
            (base..base + 1, "steps.toml", 1, 1),
            (base + 10..base + 11, "steps.toml", 2, 5),
        ] {
            let fault = source.fault(&span, "no");
            assert_eq!((fault.file.as_str(), fault.line, fault.column), (file, line, column));
        }
        assert_eq!(source.file(), "p.toml");
    }

    #[test]
    fn a_place_inside_a_string_is_found_behind_escapes() {
        for (token, value_byte, column) in [
            ("\"5 V ± x\"", 7, 8),
            ("'5 V ± x'", 7, 8),
            (r#""5 V \u00b1 x""#, 7, 13),
            (r#""\tx""#, 1, 4),
            ("'''\n5 V'''", 2, 3),
            ("\"\"\"5 V\"\"\"", 2, 6),
            ("\"\"", 5, 2),
        ] {
            let source = Source::new("p", token);
            let fault = TextFault::new(&(value_byte..value_byte + 1), "no");
            let fault = source.fault_inside(&(0..token.len()), &fault);
            assert_eq!(fault.column, column, "{token}");
        }
    }
}
