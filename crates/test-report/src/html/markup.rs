//! Text and numbers into HTML that is XML as well: harmless, and cut honestly where it is too long.

use std::fmt::{self, Display, Formatter, Write};

/// The most characters of a name or a message.
const MAX_LINE_CHARS: usize = 300;
/// The most characters of a text of several lines.
const MAX_BLOCK_CHARS: usize = 200_000;

/// Text from outside. What is no printable character is escaped, so that it moves nothing and hides nothing;
/// what is cut says so.
pub(super) struct Text<'t> {
    text: &'t str,
    most: usize,
    keeps_lines: bool,
}

/// A name, a message, an answer: one line.
pub(super) fn text(text: &str) -> Text<'_> {
    Text { text, most: MAX_LINE_CHARS, keeps_lines: false }
}

/// A text whose lines are to be kept.
pub(super) fn block(text: &str) -> Text<'_> {
    Text { text, most: MAX_BLOCK_CHARS, keeps_lines: true }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut characters = self.text.chars();
        for character in characters.by_ref().take(self.most) {
            put(f, character, self.keeps_lines)?;
        }
        match characters.count() {
            0 => Ok(()),
            more => write!(f, "… (cut: {more} more characters)"),
        }
    }
}

fn put(f: &mut Formatter<'_>, character: char, keeps_lines: bool) -> fmt::Result {
    match character {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        '\\' | ' '..='~' => f.write_char(character),
        '\n' | '\t' if keeps_lines => f.write_char(character),
        '\r' if keeps_lines => Ok(()),
        other => other.escape_debug().try_for_each(|part| f.write_char(part)),
    }
}

/// A part of the report under a heading, to which the contents lead.
pub(super) fn section(
    f: &mut Formatter<'_>,
    id: &str,
    title: &str,
    body: impl FnOnce(&mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    write!(f, "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">")?;
    writeln!(f, "{}</h2>", text(title))?;
    body(f)?;
    f.write_str("</section>\n")
}

/// The head of a column, and how its cells stand.
#[derive(Clone)]
pub(super) struct Column {
    head: String,
    is_number: bool,
}

impl Column {
    pub(super) fn words(head: &str) -> Self {
        Self { head: head.to_owned(), is_number: false }
    }

    /// To the right.
    pub(super) fn number(head: &str) -> Self {
        Self { head: head.to_owned(), is_number: true }
    }
}

/// A table that can be scrolled sideways, with the keyboard too.
pub(super) fn table(
    f: &mut Formatter<'_>,
    caption: &str,
    columns: &[Column],
    rows: impl FnOnce(&mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    let caption = text(caption);
    write!(f, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">")?;
    write!(f, "<table><caption>{caption}</caption>\n<thead><tr>")?;
    for Column { head, is_number } in columns {
        let class = if *is_number { " class=\"n\"" } else { "" };
        write!(f, "<th scope=\"col\"{class}>{}</th>", text(head))?;
    }
    f.write_str("</tr></thead>\n<tbody>\n")?;
    rows(f)?;
    f.write_str("</tbody></table></div>\n")
}

/// A row across the whole table.
pub(super) fn wide_row(f: &mut Formatter<'_>, columns: usize, words: &str) -> fmt::Result {
    writeln!(f, "<tr class=\"gap\"><td colspan=\"{columns}\">{}</td></tr>", text(words))
}

/// Names and what they stand for; what is not known is left out.
pub(super) fn facts(
    f: &mut Formatter<'_>,
    class: &str,
    facts: &[(&str, Option<String>)],
) -> fmt::Result {
    writeln!(f, "<dl class=\"{class}\">")?;
    for (name, value) in facts {
        if let Some(value) = value {
            writeln!(f, "<div><dt>{}</dt><dd>{}</dd></div>", text(name), text(value))?;
        }
    }
    f.write_str("</dl>\n")
}

/// A line of a list for each, as many as are wanted; then how many more there are.
pub(super) fn list<'t>(
    f: &mut Formatter<'_>,
    lines: impl ExactSizeIterator<Item = &'t str>,
    most: usize,
) -> fmt::Result {
    let more = lines.len().saturating_sub(most);
    f.write_str("<ul>\n")?;
    for line in lines.take(most) {
        writeln!(f, "<li>{}</li>", text(line))?;
    }
    if more > 0 {
        writeln!(f, "<li>and {more} more, which are left out here</li>")?;
    }
    f.write_str("</ul>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup_or_moves_anything() {
        for (raw, shown) in [
            ("5.0 µV ± 1 Ω", "5.0 µV ± 1 Ω"),
            ("<b a=\"1\" c='2'>&amp;", "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;"),
            ("a\\b", "a\\b"),
            (
                "\u{202e}abc\u{2028}\u{0}\u{ffff}\r\n\t",
                "\\u{202e}abc\\u{2028}\\0\\u{ffff}\\r\\n\\t",
            ),
        ] {
            assert_eq!(text(raw).to_string(), shown);
        }
        assert_eq!(block("a\r\n\tb\u{1b}").to_string(), "a\n\tb\\u{1b}");
    }

    #[test]
    fn what_is_cut_says_so() {
        let shown = text(&"x".repeat(10_000)).to_string();
        assert!(shown.ends_with("x… (cut: 9700 more characters)"), "{shown}");
        assert!(!text(&"x".repeat(MAX_LINE_CHARS)).to_string().contains("cut"));
    }
}
