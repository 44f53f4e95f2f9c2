//! `keyword=value` words: blanks around `=`, quotes around a value with blanks, a backslash before a letter.

use std::iter::Peekable;
use std::str::Chars;

/// None where it is not built so.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut letters = text.chars().peekable();
    let mut pairs = Vec::new();
    skip_blanks(&mut letters);
    while letters.peek().is_some() {
        pairs.push(pair(&mut letters)?);
        skip_blanks(&mut letters);
    }
    Some(pairs).filter(|pairs| !pairs.is_empty())
}

fn pair(letters: &mut Peekable<Chars<'_>>) -> Option<(String, String)> {
    let mut keyword = String::new();
    while let Some(letter) = letters.next_if(|letter| letter.is_ascii_lowercase() || *letter == '_')
    {
        keyword.push(letter);
    }
    skip_blanks(letters);
    letters.next_if_eq(&'=')?;
    skip_blanks(letters);
    let value = if letters.next_if_eq(&'\'').is_some() { quoted(letters)? } else { bare(letters)? };
    (!keyword.is_empty()).then_some((keyword, value))
}

fn quoted(letters: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut value = String::new();
    loop {
        match letters.next()? {
            '\'' => return Some(value),
            '\\' => value.push(letters.next()?),
            letter => value.push(letter),
        }
    }
}

fn bare(letters: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut value = String::new();
    while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
        value.push(if letter == '\\' { letters.next()? } else { letter });
    }
    Some(value)
}

fn skip_blanks(letters: &mut Peekable<Chars<'_>>) {
    while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
}

/// One word with a blank behind it.
pub(super) fn word(keyword: &str, value: &str) -> String {
    format!("{keyword}='{}' ", value.replace('\\', "\\\\").replace('\'', "\\'"))
}
