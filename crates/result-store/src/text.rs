//! Text as the database can hold it: bounded, without NUL, and JSON likewise.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::{BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Letters of the hash that tells cut texts apart, with the sign before it.
const TAIL_LETTERS: usize = 9;
/// What stands where NUL stood, which PostgreSQL has in no text.
const SHOWN_NUL: &str = "\u{2400}";

/// Text without NUL.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', SHOWN_NUL).into() } else { text.into() }
}

/// Text of at most so many letters. What is longer is cut, and ends with a hash of the whole, so that two
/// long names that begin alike stay two.
pub(crate) fn fit(text: &str, letters: usize) -> Cow<'_, str> {
    let text = storable(text);
    if text.chars().count() <= letters {
        return text;
    }
    let mut cut: String = text.chars().take(letters.saturating_sub(TAIL_LETTERS)).collect();
    cut.push('~');
    for byte in Sha256::digest(text.as_bytes()).iter().take(4) {
        let _ = write!(cut, "{byte:02x}");
    }
    cut.into()
}

/// An instrument's answer in printable letters: a control character is `\x07`, a backslash `\\`, and so each
/// text has one spelling that leads back to it.
pub(crate) fn escaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains(|letter: char| letter == '\\' || letter.is_ascii_control()) {
        return raw.into();
    }
    let mut out = String::with_capacity(raw.len() + 8);
    for letter in raw.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            letter if letter.is_ascii_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.into()
}

/// What [`escaped`] had; what is no escape of ours stays as it is.
pub(crate) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let code = escape.get(2..4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match (escape.get(..2), code) {
            (Some("\\\\"), _) => {
                out.push('\\');
                escape.get(2..).unwrap_or_default()
            }
            (Some("\\x"), Some(code)) => {
                out.push(char::from(code));
                escape.get(4..).unwrap_or_default()
            }
            _ => {
                out.push('\\');
                escape.get(1..).unwrap_or_default()
            }
        };
    }
    out.push_str(rest);
    out
}

/// JSON as JSONB takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Jsonb(String);

impl Jsonb {
    pub(crate) fn of(value: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(value)?;
        if !text.contains("\\u0000") {
            return Ok(Self(text));
        }
        let mut value = serde_json::from_str(&text)?;
        without_nul(&mut value);
        serde_json::to_string(&value).map(Self)
    }
}

impl Jsonb {
    /// The text under a key of the outermost object.
    pub(crate) fn member(&self, key: &str) -> Option<String> {
        let value: Value = serde_json::from_str(&self.0).ok()?;
        value.get(key)?.as_str().map(str::to_owned)
    }
}

/// With its keys in order: the server has an order of its own.
impl std::fmt::Display for Jsonb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match serde_json::from_str::<Value>(&self.0) {
            Ok(value) => value.fmt(f),
            Err(_) => f.write_str(&self.0),
        }
    }
}

impl<'a> FromSql<'a> for Jsonb {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match raw.split_first() {
            Some((1, text)) => Ok(Self(std::str::from_utf8(text)?.to_owned())),
            _ => Err("another version of JSONB".into()),
        }
    }

    accepts!(JSONB);
}

fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(replaced) = storable(text) {
                *text = replaced;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_nul),
        Value::Object(members) => {
            for (key, mut value) in std::mem::take(members) {
                without_nul(&mut value);
                members.insert(storable(&key).into_owned(), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl ToSql for Jsonb {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        // The version of the format.
        out.put_u8(1);
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    accepts!(JSONB);
    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_escaped_comes_back() {
        for text in ["+1.2E+05", "a\\b", "\\x07", "\u{7}\r\n\\\\", "µV \u{0}", "\\"] {
            assert_eq!(unescaped(&escaped(text)), text);
        }
        assert_eq!(unescaped("\\q\\x4\\"), "\\q\\x4\\");
    }

    #[test]
    fn long_texts_that_begin_alike_stay_two() {
        let long = |last: &str| "Ω".repeat(300) + last;
        let (one, two) = (long("1"), long("2"));
        assert_eq!(fit(&one, 255).chars().count(), 255);
        assert_ne!(fit(&one, 255), fit(&two, 255));
        assert_eq!(fit("rail/vout[vi=7 V]", 255), "rail/vout[vi=7 V]");
    }

    #[test]
    fn an_answer_has_one_spelling() {
        for (raw, shown) in [
            ("+1.00000000E+00", "+1.00000000E+00"),
            ("\"A\",\"µ\"", "\"A\",\"µ\""),
            ("a\0b\n", "a\\x00b\\x0a"),
            ("\\x00", "\\\\x00"),
        ] {
            assert_eq!(escaped(raw), shown);
        }
    }

    #[test]
    fn json_without_nul_anywhere() {
        let json = Jsonb::of(&serde_json::json!({"a\0": ["x\0", 1, {"b": "\0"}], "c": "\\u0000"}));
        let expected = serde_json::json!({"a␀": ["x␀", 1, {"b": "␀"}], "c": "\\u0000"});
        assert_eq!(serde_json::from_str::<Value>(&json.unwrap().0).unwrap(), expected);
    }
}
