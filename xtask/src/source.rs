//! A Rust file as the checks see it: code without comments and texts, the code of the product and that
//! of its tests apart, and the functions in it.

use crate::lexer::{self, Kind, is_word_char};

/// A piece of text that is no code, and the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fragment {
    pub(crate) line: usize,
    /// A literal without its quotes, or a comment.
    pub(crate) text: String,
    /// Whether it lies in the file's tests.
    pub(crate) in_tests: bool,
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// From `fn` to the closing brace.
    pub(crate) lines: usize,
}

/// One Rust file.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// All code; comments are blanks, and so are literals but for their first character.
    pub(crate) code: String,
    /// The same without tests.
    pub(crate) product: String,
    /// The tests alone.
    pub(crate) tests: String,
    pub(crate) literals: Vec<Fragment>,
    pub(crate) comments: Vec<Fragment>,
}

impl Source {
    /// Takes a file apart. All of it is tests when it lies among the tests.
    pub(crate) fn new(text: &str, is_test_file: bool) -> Self {
        let (code, mut literals, mut comments) = take_apart(text);
        let spans = if is_test_file { vec![(0, code.len())] } else { test_spans(&code) };
        let first_to_last = |(start, end)| line_of(&code, start)..=line_of(&code, end);
        let lines: Vec<_> = spans.iter().copied().map(first_to_last).collect();
        for fragment in literals.iter_mut().chain(&mut comments) {
            fragment.in_tests = lines.iter().any(|lines| lines.contains(&fragment.line));
        }
        let in_tests = |at: usize| spans.iter().any(|&(start, end)| (start..end).contains(&at));
        let product = blank_where(&code, in_tests);
        let tests = blank_where(&code, |at| !in_tests(at));
        Self { code, product, tests, literals, comments }
    }

    /// Lines of the product that hold more than blanks and comments.
    pub(crate) fn product_lines(&self) -> usize {
        self.product.lines().filter(|line| !line.trim().is_empty()).count()
    }

    /// The functions of the product.
    pub(crate) fn functions(&self) -> Vec<Function> {
        words(&self.product, "fn").filter_map(|at| function_at(&self.product, at)).collect()
    }
}

fn take_apart(text: &str) -> (String, Vec<Fragment>, Vec<Fragment>) {
    let mut code = String::with_capacity(text.len());
    let (mut literals, mut comments) = (Vec::new(), Vec::new());
    let mut line = 1;
    for (kind, piece) in lexer::pieces(text) {
        let fragment = |text: &str| Fragment { line, text: text.to_owned(), in_tests: false };
        match kind {
            Kind::Text => literals.push(fragment(between_quotes(piece))),
            Kind::Comment => comments.push(fragment(piece)),
            Kind::Code | Kind::Char => {}
        }
        match kind {
            Kind::Code => code.push_str(piece),
            Kind::Comment => code.push_str(&blank_where(piece, |_| true)),
            // A line that holds nothing but a literal is still a line of code.
            Kind::Text | Kind::Char => code.push_str(&blank_where(piece, |at| at > 0)),
        }
        line += piece.matches('\n').count();
    }
    (code, literals, comments)
}

fn between_quotes(literal: &str) -> &str {
    let inside = literal.split_once('"').map_or(literal, |(_, inside)| inside);
    inside.rsplit_once('"').map_or(inside, |(inside, _)| inside)
}

/// The same text with blanks for some of its characters; lines stay where they are.
fn blank_where(text: &str, blank: impl Fn(usize) -> bool) -> String {
    let keep = |(at, c): (usize, char)| if c == '\n' || !blank(at) { c } else { ' ' };
    text.char_indices().map(keep).collect()
}

/// The items under `#[cfg(test)]`, as byte offsets.
fn test_spans(code: &str) -> Vec<(usize, usize)> {
    let attributes = code.match_indices("#[cfg(").filter_map(|(start, opening)| {
        let from = start + opening.len();
        let end = from + code[from..].find(']')?;
        let condition = &code[from..end];
        let is_test = mentions_word(condition, "test") && !condition.contains("not(");
        is_test.then(|| (start, item_end(code, end + 1)))
    });
    attributes.collect()
}

/// Where the item that begins here ends: behind its semicolon or its block, whichever comes first.
fn item_end(code: &str, from: usize) -> usize {
    match body_start(code, from) {
        Some(open) => block_end(code, open),
        None => code[from..].find(';').map_or(code.len(), |semicolon| from + semicolon + 1),
    }
}

/// Where the body of an item begins, if it has one: its first brace outside of other brackets.
fn body_start(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, c) in code[from..].char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(from + at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + at + 1;
        }
    }
    code.len()
}

fn function_at(code: &str, at: usize) -> Option<Function> {
    let after = code[at + "fn".len()..].trim_start();
    let name: String = after.chars().take_while(|&c| is_word_char(c)).collect();
    let start = body_start(code, at).filter(|_| !name.is_empty())?;
    let lines = code[at..block_end(code, start)].lines().count();
    Some(Function { name, line: line_of(code, at), lines })
}

/// The line of a byte offset, counted from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
}

/// Where a word or phrase stands by itself, as byte offsets: `Instant` is not in `Instants`.
pub(crate) fn words<'a>(code: &'a str, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
    let joins = |own: Option<char>, next: Option<char>| {
        own.is_some_and(is_word_char) && next.is_some_and(is_word_char)
    };
    code.match_indices(phrase).map(|(at, _)| at).filter(move |&at| {
        let (before, after) = (code[..at].chars().next_back(), code[at + phrase.len()..].chars());
        let (first, last) = (phrase.chars().next(), phrase.chars().next_back());
        !joins(first, before) && !joins(last, after.clone().next())
    })
}

/// Whether a word stands in a text by itself.
pub(crate) fn mentions_word(text: &str, word: &str) -> bool {
    words(text, word).next().is_some()
}

/// The lines on which a path is named, as `std::fs` or within `std::{env, fs}`.
pub(crate) fn lines_naming(code: &str, path: &str) -> Vec<usize> {
    let mut lines: Vec<_> = words(code, path).map(|at| line_of(code, at)).collect();
    if let Some((parent, name)) = path.rsplit_once("::") {
        let group = format!("{parent}::{{");
        lines.extend(words(code, &group).filter_map(|at| {
            let open = at + group.len() - 1;
            let inside = &code[open..block_end(code, open)];
            mentions_word(inside, name).then(|| line_of(code, at))
        }));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
//! About fs.
use std::{env, fs};
/// Says `fn no() {}`.
pub fn one(x: [u8; 2]) -> &'static str {
    \"fn two() {\" // }
}
trait T { fn three(&self); }
#[cfg(test)]
mod tests {
    #[test]
    fn four() { let text = \"SELECT 1\"; }
}
fn five() {
    /* } */
    let brace = '{';
}
";

    #[test]
    fn functions_are_measured_outside_tests_comments_and_texts() {
        let functions = Source::new(FILE, false).functions();
        let found: Vec<_> = functions.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
        assert_eq!(found, [("one", 4, 3), ("five", 13, 4)]);
    }

    #[test]
    fn tests_are_told_from_the_product() {
        let source = Source::new(FILE, false);
        assert!(source.tests.contains("four") && !source.product.contains("four"));
        assert!(source.product.contains("five") && !source.tests.contains("five"));
        let literals: Vec<_> =
            source.literals.iter().map(|l| (l.line, l.text.as_str(), l.in_tests)).collect();
        assert_eq!(literals, [(5, "fn two() {", false), (11, "SELECT 1", true)]);
        assert_eq!(source.product_lines(), 8);
        assert!(Source::new(FILE, true).functions().is_empty());
    }

    #[test]
    fn only_what_is_for_tests_alone_is_a_test() {
        for (text, is_test) in [
            ("#[cfg(test)] use a::b;", true),
            ("#[cfg(all(test, unix))] fn b() {}", true),
            ("#[cfg(not(test))] fn b() {}", false),
            ("#[cfg(feature = \"test\")] fn b() {}", false),
        ] {
            let source = Source::new(&format!("{text}\nfn c() {{}}"), false);
            assert_eq!(!mentions_word(&source.product, "b"), is_test, "{text}");
            assert!(mentions_word(&source.product, "c"), "{text}");
        }
    }

    #[test]
    fn a_name_is_found_by_itself_and_within_a_group() {
        for (code, path, lines) in [
            ("std::fs::read(p)", "std::fs", vec![1]),
            ("\nuse std::{\n env, fs};", "std::fs", vec![2]),
            ("use std::{fmt, io};", "std::fs", vec![]),
            ("Instants, an_Instant", "Instant", vec![]),
            ("a.unwrap() b.unwrap_or(c)", ".unwrap()", vec![1]),
            ("xtokio::time::sleep", "tokio::time::sleep", vec![]),
        ] {
            assert_eq!(lines_naming(code, path), lines, "{code}");
        }
    }

    #[test]
    fn a_body_is_behind_every_bracket_of_the_signature() {
        let text = "fn f(a: [u8; { 1 }]) -> u8\nwhere\n    u8: Copy,\n{\n    0\n}\nfn(u8)";
        let functions = Source::new(text, false).functions();
        assert_eq!(functions, [Function { name: "f".into(), line: 1, lines: 6 }]);
    }
}
