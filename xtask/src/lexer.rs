//! Rust text in pieces: code, comments, texts and characters. Just enough of the language to know
//! which of them a word stands in.

/// What a piece of Rust text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Code,
    Comment,
    /// Any string literal, quotes and prefix included.
    Text,
    /// A character or byte literal.
    Char,
}

/// The pieces of a file, in order; together they are all of it.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (Kind, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (kind, length) = first_piece(rest)?;
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some((kind, piece))
    })
}

fn first_piece(rest: &str) -> Option<(Kind, usize)> {
    let first = rest.chars().next()?;
    Some(match first {
        _ if rest.starts_with("//") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        _ if rest.starts_with("/*") => (Kind::Comment, block_comment(rest)),
        '"' => (Kind::Text, quoted(rest, '"')),
        '\'' => char_or_lifetime(rest),
        _ if is_word_char(first) => word_or_prefix(rest),
        other => (Kind::Code, other.len_utf8()),
    })
}

/// Whether a character may stand in a name.
pub(crate) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = rest[at..].find(['/', '*']).map(|next| at + next) {
        let here = &rest[found..];
        at = found + if here.starts_with("/*") || here.starts_with("*/") { 2 } else { 1 };
        if here.starts_with("/*") {
            depth += 1;
        } else if here.starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    rest.len()
}

/// The length of a literal from its opening quote to its closing one; a backslash guards what follows it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut guarded = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if guarded => guarded = false,
            '\\' => guarded = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn char_or_lifetime(rest: &str) -> (Kind, usize) {
    let mut inside = rest.chars().skip(1);
    match (inside.next(), inside.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => (Kind::Char, quoted(rest, '\'')),
        _ => (Kind::Code, 1),
    }
}

/// A name or number, unless it is the prefix of a literal: `b"`, `r#"`, `b'`.
fn word_or_prefix(rest: &str) -> (Kind, usize) {
    let length = rest.find(|c| !is_word_char(c)).unwrap_or(rest.len());
    let (word, after) = rest.split_at(length);
    let hashes = after.len() - after.trim_start_matches('#').len();
    let opens = after[hashes..].starts_with('"');
    match word {
        "r" | "br" | "cr" if opens => (Kind::Text, length + raw(after, hashes)),
        "b" | "c" if opens && hashes == 0 => (Kind::Text, length + quoted(after, '"')),
        "b" if after.starts_with('\'') => (Kind::Char, length + quoted(after, '\'')),
        _ => (Kind::Code, length),
    }
}

/// From the first hash to the last: nothing guards anything in a raw string.
fn raw(rest: &str, hashes: usize) -> usize {
    let inside = hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    rest[inside..].find(&close).map_or(rest.len(), |end| inside + end + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(kind: Kind, text: &str) -> Vec<&str> {
        pieces(text).filter(|(found, _)| *found == kind).map(|(_, piece)| piece).collect()
    }

    #[test]
    fn the_pieces_are_all_of_the_text() {
        for text in ["", "fn é() { \"ü\" }", "\"open", "/* open", "r#\"open\"", "'", "b'", "a/b"]
        {
            assert_eq!(pieces(text).map(|(_, piece)| piece).collect::<String>(), text);
        }
    }

    #[test]
    fn texts_are_found_whatever_they_hold() {
        for (text, texts) in [
            (r#"f("a // b", "c\"d", "")"#, vec![r#""a // b""#, r#""c\"d""#, r#""""#]),
            (
                r###"r#"a "b" c"# r"\" br"x" b"y\"" c"z""###,
                vec![r###"r#"a "b" c"#"###, r#"r"\""#, r#"br"x""#, r#"b"y\"""#, r#"c"z""#],
            ),
            ("'\"' \"a\" b'\"'", vec!["\"a\""]),
            ("r#type \"a\"", vec!["\"a\""]),
            ("// \"a\"\n/* \"b\" */", vec![]),
        ] {
            assert_eq!(of_kind(Kind::Text, text), texts, "{text}");
        }
    }

    #[test]
    fn comments_end_where_they_end() {
        let text = "a // b\nc /* d /* e */ f */ g /// h";
        assert_eq!(of_kind(Kind::Comment, text), ["// b", "/* d /* e */ f */", "/// h"]);
        assert_eq!(of_kind(Kind::Comment, "/*/ a */ b"), ["/*/ a */"]);
    }

    #[test]
    fn a_lifetime_opens_no_character() {
        let text = "fn f<'a>(x: &'a str) -> char { 'x' } '\\'' '\\u{1F600}' b'\\\\' 'ü'";
        assert_eq!(of_kind(Kind::Char, text), ["'x'", "'\\''", "'\\u{1F600}'", "b'\\\\'", "'ü'"]);
    }
}
